//! What both APIs show of coupons.

use async_graphql::{Enum, SimpleObject};
use entity::promotion::coupon_template::CouponWay as StoredWay;
use kernel::{Currency, Money, Timestamp};
use platform::graphql::MoneyObject;

use crate::{
    coupon::rules::{Benefit, Returns, State, Terms, Validity},
    graphql::{PromotionScope, small},
};

/// What a coupon gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum CouponKind {
    /// So much off; more than the goods cost is capped.
    Cash,
    /// A share off.
    Percent,
    /// What bringing the goods costs.
    FreeShipping,
    /// Some pieces for nothing, the dearest first.
    Exchange,
}

/// Where a coupon stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum CouponStatus {
    /// Its owner's to use.
    Available,
    /// Part of an order that waits for its money.
    Held,
    /// Part of a paid order.
    Spent,
    /// Too late.
    Expired,
}

impl From<State> for CouponStatus {
    fn from(state: State) -> Self {
        match state {
            State::Available => Self::Available,
            State::Held => Self::Held,
            State::Spent => Self::Spent,
            State::Expired => Self::Expired,
        }
    }
}

impl From<CouponStatus> for State {
    fn from(status: CouponStatus) -> Self {
        match status {
            CouponStatus::Available => Self::Available,
            CouponStatus::Held => Self::Held,
            CouponStatus::Spent => Self::Spent,
            CouponStatus::Expired => Self::Expired,
        }
    }
}

/// How a customer comes by a coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum CouponWay {
    /// By taking it.
    Claim,
    /// By a code.
    Code,
    /// By staff.
    Staff,
    /// By signing in for the first time.
    Register,
    /// On a birthday.
    Birthday,
    /// With a paid order.
    OrderPaid,
    /// With a daily check-in.
    CheckIn,
}

impl From<StoredWay> for CouponWay {
    fn from(way: StoredWay) -> Self {
        match way {
            StoredWay::Claim => Self::Claim,
            StoredWay::Code => Self::Code,
            StoredWay::Staff => Self::Staff,
            StoredWay::Register => Self::Register,
            StoredWay::Birthday => Self::Birthday,
            StoredWay::OrderPaid => Self::OrderPaid,
            StoredWay::CheckIn => Self::CheckIn,
        }
    }
}

impl From<CouponWay> for StoredWay {
    fn from(way: CouponWay) -> Self {
        match way {
            CouponWay::Claim => Self::Claim,
            CouponWay::Code => Self::Code,
            CouponWay::Staff => Self::Staff,
            CouponWay::Register => Self::Register,
            CouponWay::Birthday => Self::Birthday,
            CouponWay::OrderPaid => Self::OrderPaid,
            CouponWay::CheckIn => Self::CheckIn,
        }
    }
}

/// When a spent coupon comes back. One of an order that is not paid always comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum CouponReturn {
    /// With the whole of the money.
    WholeRefund,
    /// Never: paid is spent.
    Never,
}

impl From<Returns> for CouponReturn {
    fn from(returns: Returns) -> Self {
        match returns {
            Returns::WholeRefund => Self::WholeRefund,
            Returns::Never => Self::Never,
        }
    }
}

impl From<CouponReturn> for Returns {
    fn from(returns: CouponReturn) -> Self {
        match returns {
            CouponReturn::WholeRefund => Self::WholeRefund,
            CouponReturn::Never => Self::Never,
        }
    }
}

/// What a coupon gives; the fields of its kind are set.
#[derive(Clone, Debug, SimpleObject)]
pub struct CouponBenefit {
    /// Which kind.
    kind: CouponKind,
    /// So much off, of a cash coupon.
    amount: Option<MoneyObject>,
    /// The share off, in basis points, of a percent coupon.
    off_bps: Option<i32>,
    /// No more than this, of a percent or free-shipping coupon.
    cap: Option<MoneyObject>,
    /// How many pieces for nothing, of an exchange coupon.
    pieces: Option<i32>,
}

impl CouponBenefit {
    fn of(benefit: &Benefit, currency: Currency) -> Self {
        let money = |minor: i64| MoneyObject::from(Money::new(minor, currency));
        let blank = |kind| Self { kind, amount: None, off_bps: None, cap: None, pieces: None };
        match *benefit {
            Benefit::Cash { minor } => Self { amount: Some(money(minor)), ..blank(CouponKind::Cash) },
            Benefit::Percent { off_bps, cap_minor } => {
                Self { off_bps: Some(small(off_bps)), cap: cap_minor.map(money), ..blank(CouponKind::Percent) }
            }
            Benefit::FreeShipping { cap_minor } => Self { cap: cap_minor.map(money), ..blank(CouponKind::FreeShipping) },
            Benefit::Exchange { pieces } => Self { pieces: Some(small(pieces)), ..blank(CouponKind::Exchange) },
        }
    }
}

/// What a coupon gives, on what, and with what else.
#[derive(Clone, Debug, SimpleObject)]
pub struct CouponTerms {
    /// What it gives.
    benefit: CouponBenefit,
    /// On what.
    scope: PromotionScope,
    /// What the covered goods must cost at least, after reductions.
    min_spend: MoneyObject,
    /// It can be used from then on, where that is fixed.
    valid_from: Option<Timestamp>,
    /// It can be used until then, where that is fixed.
    valid_until: Option<Timestamp>,
    /// It can be used so many days after it was taken, where it is not fixed.
    valid_after_days: Option<i32>,
    /// It can be used for so many days, where it is not fixed.
    valid_days: Option<i32>,
    /// Of one group, one coupon per order; coupons of different groups go together.
    group: String,
    /// Goes with no other coupon.
    alone: bool,
    /// Goes with full reductions.
    with_reductions: bool,
    /// Goes with the prices of plays.
    with_plays: bool,
    /// When it comes back after a refund.
    returns: CouponReturn,
}

impl From<&Terms> for CouponTerms {
    fn from(terms: &Terms) -> Self {
        let (fixed, days) = match terms.validity {
            Validity::Fixed { from, until } => (Some((from, until)), None),
            Validity::Days { after, days } => (None, Some((small(after), small(days)))),
        };
        Self {
            benefit: CouponBenefit::of(&terms.benefit, terms.currency),
            scope: (&terms.scope).into(),
            min_spend: Money::new(terms.min_spend_minor, terms.currency).into(),
            valid_from: fixed.map(|(from, _)| from),
            valid_until: fixed.map(|(_, until)| until),
            valid_after_days: days.map(|(after, _)| after),
            valid_days: days.map(|(_, days)| days),
            group: terms.group.clone(),
            alone: terms.alone,
            with_reductions: terms.with_reductions,
            with_plays: terms.with_plays,
            returns: terms.returns.into(),
        }
    }
}
