//! What others may rely on about presales, and the live topics these facts touch.

use kernel::{CustomerId, Event, PresaleId, PresaleReservationId, Timestamp, Topic};
use serde::{Deserialize, Serialize};

/// The live topic of a presale: its state and what is reserved.
pub fn topic(presale: PresaleId) -> Topic {
    Topic::of("presale", presale)
}

/// The live topic of a reservation.
pub fn reservation_topic(reservation: PresaleReservationId) -> Topic {
    Topic::of("presale.reservation", reservation)
}

/// Staff or the clock changed a presale.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PresaleChanged {
    /// Which one.
    pub presale: PresaleId,
}

impl Event for PresaleChanged {
    const NAME: &'static str = "presale.changed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.presale)]
    }
}

/// A reservation moved: reserved, paid down, paid, given up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReservationChanged {
    /// In which presale.
    pub presale: PresaleId,
    /// Which one.
    pub reservation: PresaleReservationId,
    /// Whose.
    pub customer: CustomerId,
}

impl Event for ReservationChanged {
    const NAME: &'static str = "presale.reservation_changed.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.presale), reservation_topic(self.reservation)]
    }
}

/// A balance can be paid from now on: whoever sends messages reminds the customer. Told once per reservation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BalanceDue {
    /// In which presale.
    pub presale: PresaleId,
    /// Which reservation.
    pub reservation: PresaleReservationId,
    /// Whose.
    pub customer: CustomerId,
    /// Until then.
    pub until: Timestamp,
}

impl Event for BalanceDue {
    const NAME: &'static str = "presale.balance_due.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![reservation_topic(self.reservation)]
    }
}
