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

/// The live topic of what a customer has to pay the balance of.
pub fn balances_topic(customer: CustomerId) -> Topic {
    Topic::of("presale.balances", customer)
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
        vec![topic(self.presale), reservation_topic(self.reservation), balances_topic(self.customer)]
    }
}

/// A balance can be paid from now on. Told once per reservation.
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

/// What a reminder is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// The balance can be paid.
    Opened,
    /// The time to pay it is almost over.
    Closing,
}

/// A customer is reminded of a balance. Told once per reservation and reason.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BalanceReminded {
    /// In which presale.
    pub presale: PresaleId,
    /// Which reservation.
    pub reservation: PresaleReservationId,
    /// Whose.
    pub customer: CustomerId,
    /// Of what.
    pub about: About,
    /// Until when it can be paid.
    pub until: Timestamp,
}

impl Event for BalanceReminded {
    const NAME: &'static str = "presale.balance_reminded.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![reservation_topic(self.reservation), balances_topic(self.customer)]
    }
}
