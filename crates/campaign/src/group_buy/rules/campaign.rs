//! When a campaign sells.
//!
//! ```text
//!           publish                 starts_at               ends_at, end
//!  DRAFT ────────────▶ SCHEDULED ────────────▶ RUNNING ────────────────▶ ENDED
//!    │                   │ ▲  │                 │   ▲                      ▲
//!    │ publish, already  │ │  │ end       pause │   │ resume               │
//!    │ begun: RUNNING    │ │  └─────────────────┼───┼──────────────────────┤
//!    └──────────────▶    │ └── resume, early ─┐ ▼   │                      │
//!                        └─ pause ──────────▶ PAUSED ──── ends_at, end ────┘
//! ```
//!
//! A pause is the emergency brake: no new team and no new seat. It stops no clock and touches no money: who holds a seat
//! may pay for it, teams form and fail as they were promised. The end is softer: no new team, but whoever gathers goes on
//! to the team's own deadline, because the leader was promised that time.

use kernel::{Refusal, Timestamp};

use crate::console::rules::StepRefused;
pub use crate::console::rules::{Step, Window};

/// Where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CampaignState {
    /// Being written; nobody sees it.
    Draft,
    /// Published; begins at its start.
    Scheduled,
    /// Selling.
    Running,
    /// Stopped by staff for now.
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
}

impl Refusal for CampaignRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongState => "GROUP_BUY_STATE_INVALID",
            Self::Window => "GROUP_BUY_WINDOW_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::WrongState => None,
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

/// Where `step` leads from `state`. A step that was taken already leads where the campaign stands.
pub fn step(state: CampaignState, step: Step, window: Window, now: Timestamp) -> Result<CampaignState, CampaignRefused> {
    use CampaignState::{Draft, Ended, Paused, Running, Scheduled};
    let published = || window.checked(now).map(|window| if window.starts_at <= now { Running } else { Scheduled });
    match (step, state) {
        (Step::Publish, Draft) | (Step::Resume, Paused) => Ok(published()?),
        (Step::Publish | Step::Resume, Scheduled | Running) => Ok(state),
        (Step::Pause, Scheduled | Running | Paused) => Ok(Paused),
        (Step::End, Scheduled | Running | Paused | Ended) => Ok(Ended),
        _ => Err(CampaignRefused::WrongState),
    }
}

/// Where the clock alone leads; `state` itself when nothing is due.
pub fn tick(state: CampaignState, window: Window, now: Timestamp) -> CampaignState {
    match state {
        CampaignState::Scheduled | CampaignState::Running | CampaignState::Paused if window.ends_at <= now => CampaignState::Ended,
        CampaignState::Scheduled if window.starts_at <= now => CampaignState::Running,
        _ => state,
    }
}

/// Where it stands for a buyer at `now`, even if the clock's sweep has not come by yet.
pub fn selling(state: CampaignState, window: Window, now: Timestamp) -> bool {
    tick(state, window, now) == CampaignState::Running
}

#[cfg(test)]
mod tests {
    use super::*;
    use CampaignState::{Draft, Ended, Paused, Running, Scheduled};

    const WINDOW: Window = Window { starts_at: Timestamp(100), ends_at: Timestamp(200) };

    #[test]
    fn every_step_from_every_state() {
        let now = Timestamp(150);
        for (taken, state, leads) in [
            (Step::Publish, Draft, Ok(Running)),
            (Step::Publish, Scheduled, Ok(Scheduled)),
            (Step::Publish, Running, Ok(Running)),
            (Step::Publish, Paused, Err(CampaignRefused::WrongState)),
            (Step::Publish, Ended, Err(CampaignRefused::WrongState)),
            (Step::Pause, Draft, Err(CampaignRefused::WrongState)),
            (Step::Pause, Scheduled, Ok(Paused)),
            (Step::Pause, Running, Ok(Paused)),
            (Step::Pause, Paused, Ok(Paused)),
            (Step::Pause, Ended, Err(CampaignRefused::WrongState)),
            (Step::Resume, Draft, Err(CampaignRefused::WrongState)),
            (Step::Resume, Scheduled, Ok(Scheduled)),
            (Step::Resume, Running, Ok(Running)),
            (Step::Resume, Paused, Ok(Running)),
            (Step::Resume, Ended, Err(CampaignRefused::WrongState)),
            (Step::End, Draft, Err(CampaignRefused::WrongState)),
            (Step::End, Scheduled, Ok(Ended)),
            (Step::End, Running, Ok(Ended)),
            (Step::End, Paused, Ok(Ended)),
            (Step::End, Ended, Ok(Ended)),
        ] {
            assert_eq!(step(state, taken, WINDOW, now), leads, "{taken:?} from {state:?}");
        }
    }

    #[test]
    fn a_campaign_published_early_waits_and_one_published_late_is_refused() {
        assert_eq!(step(Draft, Step::Publish, WINDOW, Timestamp(99)), Ok(Scheduled));
        assert_eq!(step(Draft, Step::Publish, WINDOW, Timestamp(200)), Err(CampaignRefused::Window));
        assert_eq!(step(Paused, Step::Resume, WINDOW, Timestamp(200)), Err(CampaignRefused::Window));
        assert_eq!(step(Paused, Step::Resume, WINDOW, Timestamp(99)), Ok(Scheduled), "what was stopped before it began waits again");
    }

    #[test]
    fn the_clock_begins_and_ends_it() {
        for (state, now, leads) in [
            (Draft, 150, Draft),
            (Scheduled, 99, Scheduled),
            (Scheduled, 100, Running),
            (Scheduled, 200, Ended),
            (Running, 199, Running),
            (Running, 200, Ended),
            (Paused, 150, Paused),
            (Paused, 200, Ended),
            (Ended, 300, Ended),
        ] {
            assert_eq!(tick(state, WINDOW, Timestamp(now)), leads, "{state:?} at {now}");
        }
        assert!(!selling(Running, WINDOW, Timestamp(200)), "the window closes on the millisecond, sweep or not");
        assert!(selling(Scheduled, WINDOW, Timestamp(100)));
    }
}
