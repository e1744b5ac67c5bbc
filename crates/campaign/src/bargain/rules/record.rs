//! One customer's bargain: who may cut, when the floor is reached, when it can be bought, when it is over.
//!
//! ```text
//!                    N-th cut                     order placed            paid
//!  RUNNING ─────────────────────▶ FLOOR_REACHED ─────────────▶ ORDERED ─────────▶ PAID
//!     │  │                          │    ▲  ▲                  ▲  │ order cancelled unpaid:
//!     │  └─ buy at current price ───┼────┼──┼──────────────────┘  │ back to where it was,
//!     │                             │    │  └─────────────────────┤ until that deadline
//!     │ deadline                    │ pay-by deadline             │
//!     ▼                             ▼                             ▼
//!  EXPIRED                     PAY_EXPIRED               RUNNING, or EXPIRED, PAY_EXPIRED
//! ```
//!
//! Every function reads a [`Record`] and answers [`Change`]s; [`Record::apply`] is the only way a record moves. Asking again
//! for what has happened answers no change: "already there" is success.

use kernel::{BargainRecordId, CustomerId, Detail, Money, OrderId, Refusal, Timestamp, hours};

use super::{
    fair::{Deal, Share},
    terms::{BuyAt, RecordTerms},
};

/// A price that friends cut down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which one.
    pub id: BargainRecordId,
    /// Whose.
    pub owner: CustomerId,
    /// What it was promised.
    pub terms: RecordTerms,
    /// Where it stands.
    pub state: State,
    /// What it costs now, in minor units.
    pub price: i64,
    /// How many cuts were made.
    pub cuts_made: u32,
    /// Until when friends may cut.
    pub deadline: Timestamp,
    /// Until when it may be bought; known once the floor is reached.
    pub pay_by: Option<Timestamp>,
    /// The order that buys it.
    pub order: Option<OrderId>,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Friends may cut.
    Running,
    /// Every cut was made: it waits for its order.
    FloorReached,
    /// An order was placed at its price, and is not paid yet.
    Ordered,
    /// Bought.
    Paid,
    /// Its time ran out above the floor.
    Expired,
    /// The floor was reached and nobody bought in time.
    PayExpired,
}

/// A cut made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Its number, from 1.
    pub no: u32,
    /// Who made it.
    pub helper: CustomerId,
    /// Which share of the plan it is.
    pub share: Share,
    /// What the record costs after it.
    pub price: i64,
    /// How many shares were drawn for it.
    pub draws: u32,
    /// The helper's own word.
    pub salt: String,
    /// When.
    pub at: Timestamp,
}

/// A helper with the share they drew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Who.
    pub helper: CustomerId,
    /// Which share.
    pub share: Share,
    /// How many were drawn for it.
    pub draws: u32,
    /// The helper's own word.
    pub salt: String,
}

/// A step of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The price fell.
    Cut(Cut),
    /// There is nothing left to cut.
    FloorReached {
        /// Until when it may be bought.
        pay_by: Timestamp,
    },
    /// An order was placed.
    Ordered(OrderId),
    /// Its order was cancelled unpaid: it is where it was before.
    Reopened,
    /// Its order was paid.
    Paid,
    /// Its time ran out above the floor.
    Expired,
    /// Nobody bought in time.
    PayExpired,
}

/// Why nobody cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CutRefused {
    /// Every cut was made.
    #[error("the floor price is reached")]
    FloorReached,
    /// It is being bought, or was.
    #[error("the owner has bought")]
    Ordered,
    /// Its time is over.
    #[error("the bargain is over")]
    Closed,
    /// The owner cuts once, when it begins, or not at all.
    #[error("nobody helps themselves")]
    OwnRecord,
}

impl Refusal for CutRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::FloorReached => "BARGAIN_FLOOR_REACHED",
            Self::Ordered => "BARGAIN_ORDERED",
            Self::Closed => "BARGAIN_CLOSED",
            Self::OwnRecord => "BARGAIN_OWN_RECORD",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some("recordId")
    }
}

/// Why it is not bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuyRefused {
    /// The floor is not reached, and it is sold at the floor only.
    #[error("the floor price is not reached; {0} is left to cut")]
    NotAtFloor(Money),
    /// An order waits for its payment, or was paid.
    #[error("there is an order for it")]
    Ordered,
    /// Its time is over.
    #[error("the time to buy is over")]
    Closed,
}

impl Refusal for BuyRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAtFloor(_) => "BARGAIN_NOT_AT_FLOOR",
            Self::Ordered => "BARGAIN_ALREADY_ORDERED",
            Self::Closed => "BARGAIN_CLOSED",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some("recordId")
    }

    fn detail(&self) -> Detail {
        Detail::None
    }
}

/// A record of its own for somebody.
pub fn start(id: BargainRecordId, owner: CustomerId, terms: RecordTerms, now: Timestamp) -> Record {
    Record {
        id,
        owner,
        state: State::Running,
        price: terms.prices.first,
        cuts_made: 0,
        deadline: now + hours(terms.run_hours.into()),
        pay_by: None,
        order: None,
        terms,
    }
}

/// Whether somebody may cut now.
pub fn may_cut(record: &Record, helper: CustomerId, now: Timestamp) -> Result<(), CutRefused> {
    match record.state {
        State::FloorReached => Err(CutRefused::FloorReached),
        State::Ordered | State::Paid => Err(CutRefused::Ordered),
        State::Expired | State::PayExpired => Err(CutRefused::Closed),
        State::Running if record.deadline <= now => Err(CutRefused::Closed),
        State::Running if helper == record.owner => Err(CutRefused::OwnRecord),
        State::Running => Ok(()),
    }
}

/// A helper's cut. Whether they cut before the record does not know; its table does.
pub fn cut(record: &Record, drawn: Drawn, now: Timestamp) -> Result<Vec<Change>, CutRefused> {
    may_cut(record, drawn.helper, now)?;
    Ok(record.cut_by(drawn, now))
}

/// The owner's own first cut, when the record begins.
pub fn first_cut(record: &Record, drawn: Drawn, now: Timestamp) -> Vec<Change> {
    if record.cuts_made == 0 && record.state == State::Running { record.cut_by(drawn, now) } else { Vec::new() }
}

/// Whether it can be bought now, and for how much.
pub fn may_buy(record: &Record, now: Timestamp) -> Result<Money, BuyRefused> {
    let in_time = match record.state {
        State::Running if record.deadline <= now => false,
        State::Running if record.terms.buy == BuyAt::Floor => return Err(BuyRefused::NotAtFloor(record.remaining())),
        State::Running => true,
        State::FloorReached => record.pay_by.is_none_or(|pay_by| now < pay_by),
        State::Ordered | State::Paid => return Err(BuyRefused::Ordered),
        State::Expired | State::PayExpired => false,
    };
    if in_time { Ok(record.terms.money(record.price)) } else { Err(BuyRefused::Closed) }
}

/// Its owner orders it at its price.
pub fn buy(record: &Record, order: OrderId, now: Timestamp) -> Result<Vec<Change>, BuyRefused> {
    may_buy(record, now)?;
    Ok(vec![Change::Ordered(order)])
}

/// An order was paid. The order decides, not the clock: it could be paid, so it counts.
pub fn paid(record: &Record, order: OrderId) -> Vec<Change> {
    if record.state == State::Ordered && record.order == Some(order) { vec![Change::Paid] } else { Vec::new() }
}

/// An order was cancelled unpaid: the record can be used again until its deadline, and is over when that has passed.
pub fn cancelled(record: &Record, order: OrderId, now: Timestamp) -> Vec<Change> {
    if record.state != State::Ordered || record.order != Some(order) {
        return Vec::new();
    }
    let reopened = record.clone().apply(&Change::Reopened);
    std::iter::once(Change::Reopened).chain(expire(&reopened, now)).collect()
}

/// What the clock does to it.
pub fn expire(record: &Record, now: Timestamp) -> Vec<Change> {
    match record.state {
        State::Running if record.deadline <= now => vec![Change::Expired],
        State::FloorReached if record.pay_by.is_some_and(|pay_by| pay_by <= now) => vec![Change::PayExpired],
        _ => Vec::new(),
    }
}

impl Record {
    /// What its cuts come out of.
    pub fn deal(&self) -> Deal {
        Deal { record: self.id, first: self.terms.prices.first, floor: self.terms.prices.floor, cuts: self.terms.cuts }
    }

    /// What is left to cut: to the cent, never rounded.
    pub fn remaining(&self) -> Money {
        self.terms.money(self.price - self.terms.prices.floor)
    }

    /// When it ends by the clock, as it stands.
    pub fn ends_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Running => Some(self.deadline),
            State::FloorReached => self.pay_by,
            _ => None,
        }
    }

    /// Whether no cut can follow any more: then the seed is shown.
    pub fn is_decided(&self) -> bool {
        self.cuts_made == self.terms.cuts || self.is_over()
    }

    /// Whether nothing happens to it any more.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Paid | State::Expired | State::PayExpired)
    }

    fn cut_by(&self, drawn: Drawn, now: Timestamp) -> Vec<Change> {
        let no = self.cuts_made + 1;
        let price = self.price - drawn.share.minor;
        let mut changes =
            vec![Change::Cut(Cut { no, helper: drawn.helper, share: drawn.share, price, draws: drawn.draws, salt: drawn.salt, at: now })];
        if no == self.terms.cuts {
            changes.push(Change::FloorReached { pay_by: now + hours(self.terms.pay_hours.into()) });
        }
        changes
    }

    /// The record after a change.
    #[must_use]
    pub fn apply(mut self, change: &Change) -> Self {
        match change {
            Change::Cut(cut) => (self.price, self.cuts_made) = (self.price - cut.share.minor, self.cuts_made + 1),
            Change::FloorReached { pay_by } => (self.state, self.pay_by) = (State::FloorReached, Some(*pay_by)),
            Change::Ordered(order) => (self.state, self.order) = (State::Ordered, Some(*order)),
            Change::Reopened => {
                self.order = None;
                self.state = if self.cuts_made == self.terms.cuts { State::FloorReached } else { State::Running };
            }
            Change::Paid => self.state = State::Paid,
            Change::Expired => self.state = State::Expired,
            Change::PayExpired => self.state = State::PayExpired,
        }
        self
    }
}
