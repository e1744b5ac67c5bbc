//! Where a discount stands, and which step leads where.

pub mod limits;

use kernel::Timestamp;

/// Where a discount stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// Being written; nobody sees it.
    Draft,
    /// Offered within its window.
    Active,
    /// Paused: the usual prices hold.
    Stopped,
    /// Over.
    Ended,
}

/// What staff do with a discount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Offer it, or let it go on.
    Activate,
    /// Pause it.
    Stop,
    /// End it for good.
    End,
}

/// Why a discount does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepRefused {
    /// There is no way from where it stands.
    #[error("the discount is not in a state that allows this")]
    WrongState,
    /// Its time is over before it began.
    #[error("the discount's time is over")]
    Over,
}

/// Where `step` leads. A step that was taken already leads where the discount stands.
pub fn step(stand: Stand, step: Step, (ends_at, now): (Timestamp, Timestamp)) -> Result<Stand, StepRefused> {
    use Stand::{Active, Draft, Ended, Stopped};
    match (step, stand) {
        (Step::Activate, Draft | Stopped) if now >= ends_at => Err(StepRefused::Over),
        (Step::Activate, Draft | Stopped | Active) => Ok(Active),
        (Step::Stop, Active | Stopped) => Ok(Stopped),
        (Step::End, Active | Stopped | Ended) => Ok(Ended),
        (Step::Activate | Step::Stop, Ended) | (Step::Stop | Step::End, Draft) => Err(StepRefused::WrongState),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_from_every_state() {
        use Stand::{Active, Draft, Ended, Stopped};
        let wrong = Err(StepRefused::WrongState);
        let ends_at = Timestamp(200);
        for (taken, leads) in [
            (Step::Activate, [Ok(Active), Ok(Active), Ok(Active), wrong]),
            (Step::Stop, [wrong, Ok(Stopped), Ok(Stopped), wrong]),
            (Step::End, [wrong, Ok(Ended), Ok(Ended), Ok(Ended)]),
        ] {
            for (from, leads) in [Draft, Active, Stopped, Ended].into_iter().zip(leads) {
                assert_eq!(step(from, taken, (ends_at, Timestamp(150))), leads, "{taken:?} from {from:?}");
            }
        }
        assert_eq!(step(Draft, Step::Activate, (ends_at, Timestamp(200))), Err(StepRefused::Over));
    }
}
