//! Where a discount stands, and which step leads where.

use kernel::Timestamp;

use crate::{EditRefused, offer::Window};

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

impl From<crate::offer::Step> for Step {
    fn from(step: crate::offer::Step) -> Self {
        match step {
            crate::offer::Step::Activate => Self::Activate,
            crate::offer::Step::Stop => Self::Stop,
        }
    }
}

/// Where `step` leads. A step that was taken already leads where the discount stands.
pub fn step(stand: Stand, step: Step, (window, now): (Window, Timestamp)) -> Result<Stand, EditRefused> {
    use Stand::{Active, Draft, Ended, Stopped};
    match (step, stand) {
        (Step::Activate, Draft | Stopped) => window.checked(now).map(|_| Active),
        (Step::Activate, Active) => Ok(Active),
        (Step::Stop, Active | Stopped) => Ok(Stopped),
        (Step::End, Active | Stopped | Ended) => Ok(Ended),
        (Step::Activate | Step::Stop, Ended) | (Step::Stop | Step::End, Draft) => Err(EditRefused::WrongState),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_from_every_state() {
        use Stand::{Active, Draft, Ended, Stopped};
        let wrong = Err(EditRefused::WrongState);
        let window = Window { starts_at: Timestamp(100), ends_at: Timestamp(200) };
        for (taken, leads) in [
            (Step::Activate, [Ok(Active), Ok(Active), Ok(Active), wrong]),
            (Step::Stop, [wrong, Ok(Stopped), Ok(Stopped), wrong]),
            (Step::End, [wrong, Ok(Ended), Ok(Ended), Ok(Ended)]),
        ] {
            for (from, leads) in [Draft, Active, Stopped, Ended].into_iter().zip(leads) {
                assert_eq!(step(from, taken, (window, Timestamp(150))), leads, "{taken:?} from {from:?}");
            }
        }
        assert_eq!(step(Draft, Step::Activate, (window, Timestamp(200))), Err(EditRefused::Window));
    }
}
