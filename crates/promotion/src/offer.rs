//! What every offer of staff has in common: a window, and where it stands.

use entity::promotion::coupon_template::OfferState;
use kernel::{Timestamp, days};

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

    /// The same window, moved by whole days until it lies ahead.
    #[must_use]
    pub fn ahead(self, now: Timestamp) -> Self {
        let late = now.since(self.starts_at).as_secs() / days(1).as_secs();
        let moved = if self.starts_at > now { days(0) } else { days(late + 1) };
        Self { starts_at: self.starts_at + moved, ends_at: self.ends_at + moved }
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
    fn a_copy_keeps_its_hour_and_lies_ahead() {
        let day = i64::try_from(days(1).as_millis()).expect("small");
        let at = |starts_at: i64| Window { starts_at: Timestamp(starts_at), ends_at: Timestamp(starts_at + 50) };
        for (now, starts_at) in [(99, 100), (100, 100 + day), (101, 100 + day), (99 + day, 100 + day), (100 + day, 100 + 2 * day)] {
            assert_eq!(at(100).ahead(Timestamp(now)), at(starts_at), "at {now}");
        }
    }

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
