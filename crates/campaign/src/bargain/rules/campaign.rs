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

/// Where staff put a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CampaignState {
    /// Being written; nobody sees it.
    Draft,
    /// Shown; its window says when it runs.
    Published,
    /// Stopped for now.
    Paused,
    /// Over before its time.
    Ended,
}

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

/// From when to when customers may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first instant.
    pub starts_at: Timestamp,
    /// The first instant after it.
    pub ends_at: Timestamp,
}

/// What staff do with a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Shows it; from now on its rules are fixed.
    Publish,
    /// Stops new records and new cuts.
    Pause,
    /// Lets it go on.
    Resume,
    /// Ends it before its time.
    EndEarly,
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

impl Window {
    /// The same window, if there is something of it left.
    pub fn checked(self, now: Timestamp) -> Result<Self, CampaignRefused> {
        if self.starts_at < self.ends_at && now < self.ends_at { Ok(self) } else { Err(CampaignRefused::Window) }
    }

    /// A window of the same length that begins now, or when this one does if that is later.
    #[must_use]
    pub fn again(self, now: Timestamp) -> Self {
        let starts_at = self.starts_at.max(now);
        Self { starts_at, ends_at: starts_at + self.ends_at.since(self.starts_at) }
    }
}

/// Where `step` leads from `state`. A step that was taken already leads where the campaign stands.
pub fn step(state: CampaignState, step: Step, window: Window, now: Timestamp) -> Result<CampaignState, CampaignRefused> {
    use CampaignState::{Draft, Ended, Paused, Published};
    match (step, state) {
        (Step::Publish, Draft) => window.checked(now).map(|_| Published),
        (Step::Publish | Step::Resume, Published) => Ok(Published),
        (Step::Pause, Published) => window.checked(now).map(|_| Paused),
        (Step::Pause, Paused) => Ok(Paused),
        (Step::Resume, Paused) => window.checked(now).map(|_| Published),
        (Step::EndEarly, Published | Paused | Ended) => Ok(Ended),
        _ => Err(CampaignRefused::WrongState),
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
    fn every_step_from_every_state() {
        for (taken, leads) in [
            (Step::Publish, [Ok(Published), Ok(Published), Err(()), Err(())]),
            (Step::Pause, [Err(()), Ok(Paused), Ok(Paused), Err(())]),
            (Step::Resume, [Err(()), Ok(Published), Ok(Published), Err(())]),
            (Step::EndEarly, [Err(()), Ok(Ended), Ok(Ended), Ok(Ended)]),
        ] {
            for (state, leads) in [Draft, Published, Paused, Ended].into_iter().zip(leads) {
                let leads = leads.map_err(|()| CampaignRefused::WrongState);
                assert_eq!(step(state, taken, WINDOW, Timestamp(150)), leads, "{taken:?} from {state:?}");
            }
        }
        for (taken, state) in [(Step::Publish, Draft), (Step::Pause, Published), (Step::Resume, Paused)] {
            assert_eq!(step(state, taken, WINDOW, Timestamp(200)), Err(CampaignRefused::Window), "too late to {taken:?}");
        }
    }

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

    #[test]
    fn a_copy_runs_as_long_as_the_original() {
        let again = |now| WINDOW.again(Timestamp(now));
        assert_eq!(again(150), Window { starts_at: Timestamp(150), ends_at: Timestamp(250) });
        assert_eq!(again(50), WINDOW);
    }
}
