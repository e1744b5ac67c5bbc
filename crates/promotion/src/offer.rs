//! What every offer of staff has in common: a window, and where it stands.

use entity::promotion::coupon_template::OfferState;
use kernel::Timestamp;

use crate::EditRefused;

/// When an offer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// From then on.
    pub starts_at: Timestamp,
    /// Until then.
    pub ends_at: Timestamp,
}

impl Window {
    /// The window, if it ends after it begins and in the future.
    pub fn checked(self, now: Timestamp) -> Result<Self, EditRefused> {
        if self.starts_at < self.ends_at && self.ends_at > now { Ok(self) } else { Err(EditRefused::Window) }
    }
}

/// What staff do with an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Offer it.
    Activate,
    /// Take it back for now.
    Stop,
}

/// Where an offer goes; `None` when it stands there already.
pub fn step(state: OfferState, step: Step) -> Option<OfferState> {
    let next = match (state, step) {
        (_, Step::Activate) => OfferState::Active,
        (OfferState::Draft, Step::Stop) => OfferState::Draft,
        (_, Step::Stop) => OfferState::Stopped,
    };
    (next != state).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_offered_cannot_be_taken_back() {
        assert_eq!(step(OfferState::Draft, Step::Stop), None);
        assert_eq!(step(OfferState::Draft, Step::Activate), Some(OfferState::Active));
        assert_eq!(step(OfferState::Active, Step::Activate), None);
        assert_eq!(step(OfferState::Active, Step::Stop), Some(OfferState::Stopped));
        assert_eq!(step(OfferState::Stopped, Step::Activate), Some(OfferState::Active));
        let window = |starts_at, ends_at| Window { starts_at: Timestamp(starts_at), ends_at: Timestamp(ends_at) };
        assert!(window(1, 5).checked(Timestamp(4)).is_ok());
        assert!(window(1, 5).checked(Timestamp(5)).is_err() && window(5, 5).checked(Timestamp(0)).is_err());
    }
}
