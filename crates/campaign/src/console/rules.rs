//! Where a play stands, and which step leads where.
//!
//! ```text
//!  DRAFT ─publish─▶ PUBLISHED ⇄ PAUSED ─end, or the clock─▶ ENDED
//! ```
//!
//! Whether a published play runs follows from its window and the clock: nothing has to be written for it to begin.

use kernel::Timestamp;

/// Where a play stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// Being written; no shopper sees it.
    Draft,
    /// Shown; it runs within its window.
    Published,
    /// Stopped for now: nobody new comes in.
    Paused,
    /// Over.
    Ended,
}

/// What staff do with a play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Shows it.
    Publish,
    /// Lets nobody new in.
    Pause,
    /// Lets it go on.
    Resume,
    /// Ends it before its time.
    End,
}

/// From when to when a play runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first instant.
    pub starts_at: Timestamp,
    /// The first instant after it.
    pub ends_at: Timestamp,
}

/// Why a play does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepRefused {
    /// There is no way from where it stands.
    #[error("the play is not in a state that allows this")]
    WrongState,
    /// Its time is over before it began.
    #[error("the play's window lies in the past or is empty")]
    Window,
}

impl Window {
    /// The same window, if there is something of it left.
    pub fn checked(self, now: Timestamp) -> Result<Self, StepRefused> {
        if self.starts_at < self.ends_at && now < self.ends_at { Ok(self) } else { Err(StepRefused::Window) }
    }

    /// A window of the same length that begins now, or when this one does if that is later.
    #[must_use]
    pub fn again(self, now: Timestamp) -> Self {
        let starts_at = self.starts_at.max(now);
        Self { starts_at, ends_at: starts_at + self.ends_at.since(self.starts_at) }
    }

    /// Whether the instant is in it.
    pub fn holds(self, at: Timestamp) -> bool {
        self.starts_at <= at && at < self.ends_at
    }
}

/// Where `step` leads. A step that was taken already leads where the play stands.
pub fn step(stand: Stand, step: Step, (window, now): (Window, Timestamp)) -> Result<Stand, StepRefused> {
    use Stand::{Draft, Ended, Paused, Published};
    match (step, stand) {
        (Step::Publish, Draft) | (Step::Resume, Paused) => window.checked(now).map(|_| Published),
        (Step::Publish | Step::Resume, Published) => Ok(Published),
        (Step::Pause, Published | Paused) => Ok(Paused),
        (Step::End, Published | Paused | Ended) => Ok(Ended),
        _ => Err(StepRefused::WrongState),
    }
}

/// Whether somebody new may come in.
pub fn runs(stand: Stand, window: Window, now: Timestamp) -> bool {
    stand == Stand::Published && window.holds(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { starts_at: Timestamp(100), ends_at: Timestamp(200) };

    #[test]
    fn every_step_from_every_state() {
        use Stand::{Draft, Ended, Paused, Published};
        let wrong = Err(StepRefused::WrongState);
        for (taken, from, leads) in [
            (Step::Publish, Draft, Ok(Published)),
            (Step::Publish, Published, Ok(Published)),
            (Step::Publish, Paused, wrong),
            (Step::Publish, Ended, wrong),
            (Step::Pause, Draft, wrong),
            (Step::Pause, Published, Ok(Paused)),
            (Step::Pause, Paused, Ok(Paused)),
            (Step::Pause, Ended, wrong),
            (Step::Resume, Draft, wrong),
            (Step::Resume, Published, Ok(Published)),
            (Step::Resume, Paused, Ok(Published)),
            (Step::Resume, Ended, wrong),
            (Step::End, Draft, wrong),
            (Step::End, Published, Ok(Ended)),
            (Step::End, Paused, Ok(Ended)),
            (Step::End, Ended, Ok(Ended)),
        ] {
            assert_eq!(step(from, taken, (WINDOW, Timestamp(150))), leads, "{taken:?} from {from:?}");
        }
        assert_eq!(step(Draft, Step::Publish, (WINDOW, Timestamp(200))), Err(StepRefused::Window));
        assert_eq!(step(Paused, Step::Resume, (WINDOW, Timestamp(200))), Err(StepRefused::Window));
    }

    #[test]
    fn it_runs_within_its_window_only() {
        for (stand, now, runs_then) in [
            (Stand::Draft, 150, false),
            (Stand::Published, 99, false),
            (Stand::Published, 100, true),
            (Stand::Published, 199, true),
            (Stand::Published, 200, false),
            (Stand::Paused, 150, false),
            (Stand::Ended, 150, false),
        ] {
            assert_eq!(runs(stand, WINDOW, Timestamp(now)), runs_then, "{stand:?} at {now}");
        }
    }

    #[test]
    fn a_copy_runs_as_long_as_the_original() {
        let again = |now| WINDOW.again(Timestamp(now));
        assert_eq!(again(150), Window { starts_at: Timestamp(150), ends_at: Timestamp(250) });
        assert_eq!(again(50), WINDOW);
    }
}
