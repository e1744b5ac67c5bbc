//! When a campaign lets customers begin.
//!
//! ```text
//!  DRAFT ──publish──▶ PUBLISHED ⇄ PAUSED ──end──▶ ENDED
//!                         └─────────────end────────▲
//! ```
//!
//! Whether a published campaign waits, runs or is over follows from its window and the clock ([`Phase`]); nothing has to
//! happen for it. A pause is the emergency brake: no new record and no new cut. It stops no clock: a floor that was reached
//! can be bought until its own deadline. The end is softer: no new record, but whoever bargains goes on to the record's own
//! deadline, because that time was promised.

use kernel::{Refusal, Timestamp};

use crate::console::rules::StepRefused;
pub use crate::console::rules::{Stand as CampaignState, Step, Window};

/// Where a campaign stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Being written; nobody sees it.
    Draft,
    /// Published; begins at its start.
    Scheduled,
    /// Customers may begin.
    Running,
    /// Stopped for now.
    Paused,
    /// Over.
    Ended,
}

/// Why a campaign does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CampaignRefused {
    /// There is no way from where it stands.
    #[error("the campaign is not in a state that allows this")]
    WrongState,
    /// Its time is over before it began.
    #[error("the campaign's window lies in the past or is empty")]
    Window,
    /// It is published: its rules are fixed.
    #[error("a published campaign keeps its rules; copy it to change them")]
    Frozen,
}

impl Refusal for CampaignRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongState => "BARGAIN_STATE_INVALID",
            Self::Window => "BARGAIN_WINDOW_INVALID",
            Self::Frozen => "BARGAIN_RULES_FROZEN",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::WrongState | Self::Frozen => Some("id"),
            Self::Window => Some("endsAt"),
        }
    }
}

impl From<StepRefused> for CampaignRefused {
    fn from(refused: StepRefused) -> Self {
        match refused {
            StepRefused::WrongState => Self::WrongState,
            StepRefused::Window => Self::Window,
        }
    }
}

/// Where it stands at `now`.
pub fn phase(state: CampaignState, window: Window, now: Timestamp) -> Phase {
    match state {
        CampaignState::Draft => Phase::Draft,
        CampaignState::Ended => Phase::Ended,
        _ if window.ends_at <= now => Phase::Ended,
        CampaignState::Paused => Phase::Paused,
        CampaignState::Published if now < window.starts_at => Phase::Scheduled,
        CampaignState::Published => Phase::Running,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CampaignState::{Draft, Ended, Paused, Published};

    const WINDOW: Window = Window { starts_at: Timestamp(100), ends_at: Timestamp(200) };

    #[test]
    fn the_clock_begins_and_ends_it() {
        for (state, now, stands) in [
            (Draft, 150, Phase::Draft),
            (Published, 99, Phase::Scheduled),
            (Published, 100, Phase::Running),
            (Published, 199, Phase::Running),
            (Published, 200, Phase::Ended),
            (Paused, 150, Phase::Paused),
            (Paused, 200, Phase::Ended),
            (Ended, 150, Phase::Ended),
        ] {
            assert_eq!(phase(state, WINDOW, Timestamp(now)), stands, "{state:?} at {now}");
        }
    }
}
