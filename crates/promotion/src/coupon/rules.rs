//! What a coupon gives, when it may be taken, and when it may be used.

use kernel::{Bps, CouponId, CouponTemplateId, Currency, LocalizedText, Timestamp};
use serde::{Deserialize, Serialize};

use crate::pricing::rules::scope::Scope;

/// The longest title in one language.
pub const MOST_TITLE: usize = 60;

/// The largest amount of a coupon, in minor units.
const MOST_MINOR: i64 = 1_000_000_000;

/// What a coupon gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Benefit {
    /// So much off; more than the goods cost is capped.
    Cash {
        /// In minor units.
        minor: i64,
    },
    /// A share off.
    Percent {
        /// In basis points: 1 500 is fifteen percent off.
        off_bps: i64,
        /// No more than this, in minor units.
        cap_minor: Option<i64>,
    },
    /// What bringing the goods costs.
    FreeShipping {
        /// No more than this, in minor units.
        cap_minor: Option<i64>,
    },
    /// Some pieces for nothing, the dearest first.
    Exchange {
        /// How many.
        pieces: i64,
    },
}

impl Benefit {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cash { .. } => "CASH",
            Self::Percent { .. } => "PERCENT",
            Self::FreeShipping { .. } => "FREE_SHIPPING",
            Self::Exchange { .. } => "EXCHANGE",
        }
    }

    /// In which order coupons take their turn: what takes whole pieces first, shares before amounts, freight last.
    pub fn turn(&self) -> u8 {
        match self {
            Self::Exchange { .. } => 0,
            Self::Percent { .. } => 1,
            Self::Cash { .. } => 2,
            Self::FreeShipping { .. } => 3,
        }
    }
}

/// How long a coupon can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Validity {
    /// Between two times, whenever it was taken.
    Fixed {
        /// From then on.
        from: Timestamp,
        /// Until then.
        until: Timestamp,
    },
    /// For some days, some days after it was taken.
    Days {
        /// Not in the first days.
        after: i64,
        /// For so many days from then on.
        days: i64,
    },
}

impl Validity {
    /// When a coupon that is taken now can be used.
    pub fn window(&self, taken_at: Timestamp) -> (Timestamp, Timestamp) {
        const DAY: i64 = 86_400_000;
        match *self {
            Self::Fixed { from, until } => (from, until),
            Self::Days { after, days } => {
                let from = Timestamp(taken_at.0.saturating_add(after.saturating_mul(DAY)));
                (from, Timestamp(from.0.saturating_add(days.saturating_mul(DAY))))
            }
        }
    }
}

/// When a spent coupon comes back. One of an order that is not paid always comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Returns {
    /// With the whole of the money.
    #[default]
    WholeRefund,
    /// Never: paid is spent.
    Never,
}

/// What a coupon gives, on what, how long, with what else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What it gives.
    pub benefit: Benefit,
    /// Of every amount.
    pub currency: Currency,
    /// On what.
    pub scope: Scope,
    /// What the covered goods must cost at least, after reductions.
    pub min_spend_minor: i64,
    /// How long it can be used.
    pub validity: Validity,
    /// Of one group, one coupon per order; coupons of different groups go together.
    pub group: String,
    /// Goes with no other coupon.
    pub alone: bool,
    /// Goes with full reductions.
    pub with_reductions: bool,
    /// Goes with the prices of plays.
    pub with_plays: bool,
    /// When it comes back after a refund.
    pub returns: Returns,
}

/// A coupon that is to be used, and what stands in its way already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InHand {
    /// Which.
    pub id: CouponId,
    /// Of which kind.
    pub template: CouponTemplateId,
    /// What it is called.
    pub title: LocalizedText,
    /// What it gives.
    pub terms: Terms,
    /// Why it cannot be used at all now.
    pub problem: Option<WhyNot>,
}

/// Why a coupon cannot be used on this basket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhyNot {
    /// There is no such coupon, or it is somebody else's.
    #[error("there is no such coupon")]
    NotFound,
    /// Its time has not come.
    #[error("the coupon cannot be used yet")]
    NotYet(Timestamp),
    /// Its time is over.
    #[error("the coupon has expired")]
    Expired,
    /// Another order holds it or has spent it.
    #[error("the coupon is used")]
    Used,
    /// It holds on nothing in the basket.
    #[error("the coupon holds on none of these goods")]
    NothingCovered,
    /// The covered goods cost too little: so much is missing, in minor units.
    #[error("the covered goods cost too little for the coupon")]
    TooLittle(i64),
    /// Other currencies.
    #[error("the coupon is of another currency")]
    Currency,
    /// It does not go with full reductions.
    #[error("the coupon does not go with the reduction")]
    WithReduction,
    /// It does not go with the price of a play.
    #[error("the coupon does not go with the promotion's price")]
    WithPlay,
    /// Another coupon of its group is used.
    #[error("the coupon does not go with another one of its group")]
    Group,
    /// It, or another, goes with no other coupon.
    #[error("the coupon goes with no other")]
    Alone,
    /// Bringing the goods costs nothing anyway.
    #[error("there is no freight to save")]
    NoFreight,
}

impl kernel::Refusal for WhyNot {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "COUPON_NOT_FOUND",
            Self::NotYet(_) => "COUPON_NOT_YET_VALID",
            Self::Expired => "COUPON_EXPIRED",
            Self::Used => "COUPON_USED",
            Self::NothingCovered => "COUPON_COVERS_NOTHING",
            Self::TooLittle(_) => "COUPON_SPEND_MORE",
            Self::Currency => "COUPON_OTHER_CURRENCY",
            Self::WithReduction => "COUPON_NOT_WITH_REDUCTION",
            Self::WithPlay => "COUPON_NOT_WITH_PLAY",
            Self::Group => "COUPON_ONE_PER_GROUP",
            Self::Alone => "COUPON_GOES_ALONE",
            Self::NoFreight => "COUPON_NO_FREIGHT",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some("couponIds")
    }

    fn detail(&self) -> kernel::Detail {
        match self {
            Self::NotYet(from) => kernel::Detail::Until(*from),
            _ => kernel::Detail::None,
        }
    }
}

/// Why a template is not kept: the field that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong(pub &'static str);

impl Terms {
    /// The terms, if they make sense.
    pub fn checked(self) -> Result<Self, Wrong> {
        let amount = |minor: i64| (1..=MOST_MINOR).contains(&minor);
        let benefit = match self.benefit {
            Benefit::Cash { minor } => amount(minor),
            Benefit::Percent { off_bps, cap_minor } => (1..=9_999).contains(&off_bps) && cap_minor.is_none_or(amount),
            Benefit::FreeShipping { cap_minor } => cap_minor.is_none_or(amount),
            Benefit::Exchange { pieces } => (1..=99).contains(&pieces),
        };
        if !benefit {
            return Err(Wrong("benefit"));
        }
        // A voucher for everything is a voucher for the dearest thing there is.
        let names_some = !self.scope.products.is_empty() || !self.scope.categories.is_empty();
        if !self.scope.is_sane() || (matches!(self.benefit, Benefit::Exchange { .. }) && !names_some) {
            return Err(Wrong("scope"));
        }
        if !(0..=MOST_MINOR).contains(&self.min_spend_minor) {
            return Err(Wrong("minSpend"));
        }
        let validity = match self.validity {
            Validity::Fixed { from, until } => from < until,
            Validity::Days { after, days } => (0..=365).contains(&after) && (1..=3_650).contains(&days),
        };
        if !validity {
            return Err(Wrong("validity"));
        }
        if self.group.trim().is_empty() || self.group.chars().count() > 40 {
            return Err(Wrong("group"));
        }
        Ok(self)
    }

    /// What a share of this amount is, no more than its cap.
    pub fn share(off_bps: i64, cap_minor: Option<i64>, of_minor: i64) -> i64 {
        let off = Bps(off_bps).of(kernel::Money::new(of_minor, Currency::Cny)).map_or(0, |off| off.minor);
        cap_minor.map_or(off, |cap| off.min(cap))
    }
}

impl InHand {
    /// What stands in the way of using this coupon together with those: one of a group, and none beside a lone one.
    pub fn beside(&self, others: &[&Self]) -> Option<WhyNot> {
        let mut others = others.iter().filter(|other| other.id != self.id).peekable();
        if others.peek().is_some() && self.terms.alone {
            return Some(WhyNot::Alone);
        }
        others.find_map(|other| match () {
            () if other.terms.alone => Some(WhyNot::Alone),
            () if other.terms.group == self.terms.group => Some(WhyNot::Group),
            () => None,
        })
    }
}

/// What a coupon is like at a time: `None` when it can be used.
pub fn problem(state: State, (from, until): (Timestamp, Timestamp), now: Timestamp) -> Option<WhyNot> {
    match state {
        State::Held | State::Spent => Some(WhyNot::Used),
        State::Expired => Some(WhyNot::Expired),
        State::Available if until <= now => Some(WhyNot::Expired),
        State::Available if now < from => Some(WhyNot::NotYet(from)),
        State::Available => None,
    }
}

/// Where a coupon stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its owner's to use.
    Available,
    /// Part of an order that waits for its money.
    Held,
    /// Part of a paid order.
    Spent,
    /// Too late.
    Expired,
}

/// Where a coupon goes that an order gives back.
pub fn given_back(until: Timestamp, now: Timestamp) -> State {
    if until <= now { State::Expired } else { State::Available }
}

/// How much of an order's money went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Some of it.
    Part,
    /// All of it.
    Whole,
}

/// Whether a spent coupon comes back with this much of the money.
pub fn returns(rule: Returns, extent: Extent) -> bool {
    matches!((rule, extent), (Returns::WholeRefund, Extent::Whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(benefit: Benefit) -> Terms {
        Terms {
            benefit,
            currency: Currency::Cny,
            scope: Scope::default(),
            min_spend_minor: 0,
            validity: Validity::Days { after: 0, days: 7 },
            group: "usual".into(),
            alone: false,
            with_reductions: true,
            with_plays: false,
            returns: Returns::WholeRefund,
        }
    }

    fn in_hand(n: u128, group: &str, alone: bool) -> InHand {
        let terms = Terms { group: group.into(), alone, ..terms(Benefit::Cash { minor: 1 }) };
        let template = CouponTemplateId(uuid::Uuid::from_u128(n));
        InHand { id: CouponId(uuid::Uuid::from_u128(n)), template, title: LocalizedText::default(), terms, problem: None }
    }

    #[test]
    fn terms_that_make_no_sense_are_not_kept() {
        let wrong = |terms: Terms| terms.checked().expect_err("is wrong").0;
        assert_eq!(wrong(terms(Benefit::Cash { minor: 0 })), "benefit");
        assert_eq!(wrong(terms(Benefit::Percent { off_bps: 10_000, cap_minor: None })), "benefit");
        assert_eq!(wrong(terms(Benefit::Exchange { pieces: 1 })), "scope");
        assert_eq!(wrong(Terms { group: " ".into(), ..terms(Benefit::Cash { minor: 1 }) }), "group");
        assert_eq!(wrong(Terms { min_spend_minor: -1, ..terms(Benefit::Cash { minor: 1 }) }), "minSpend");
        let never = Validity::Fixed { from: Timestamp(5), until: Timestamp(5) };
        assert_eq!(wrong(Terms { validity: never, ..terms(Benefit::Cash { minor: 1 }) }), "validity");
        assert!(terms(Benefit::Percent { off_bps: 1_500, cap_minor: Some(100) }).checked().is_ok());
    }

    #[test]
    fn one_of_a_group_and_none_beside_a_lone_one() {
        let (a, b, other, lone) = (in_hand(1, "x", false), in_hand(2, "x", false), in_hand(3, "y", false), in_hand(4, "z", true));
        assert_eq!(a.beside(&[&a]), None);
        assert_eq!(a.beside(&[&a, &other]), None);
        assert_eq!(a.beside(&[&a, &b]), Some(WhyNot::Group));
        assert_eq!(a.beside(&[&lone]), Some(WhyNot::Alone));
        assert_eq!(lone.beside(&[&lone, &a]), Some(WhyNot::Alone));
        assert_eq!(lone.beside(&[&lone]), None);
    }

    #[test]
    fn a_share_has_its_cap() {
        assert_eq!(Terms::share(1_500, None, 1_999), 299);
        assert_eq!(Terms::share(1_500, Some(200), 1_999), 200);
    }

    #[test]
    fn a_coupon_is_used_in_its_time() {
        let window = Validity::Days { after: 1, days: 2 }.window(Timestamp(0));
        assert_eq!(window, (Timestamp(86_400_000), Timestamp(3 * 86_400_000)));
        assert_eq!(problem(State::Available, window, Timestamp(0)), Some(WhyNot::NotYet(window.0)));
        assert_eq!(problem(State::Available, window, window.0), None);
        assert_eq!(problem(State::Available, window, window.1), Some(WhyNot::Expired));
        assert_eq!(problem(State::Held, window, window.0), Some(WhyNot::Used));
        assert_eq!(given_back(window.1, window.0), State::Available);
        assert_eq!(given_back(window.1, window.1), State::Expired);
        assert!(returns(Returns::WholeRefund, Extent::Whole));
        assert!(!returns(Returns::WholeRefund, Extent::Part) && !returns(Returns::Never, Extent::Whole));
    }
}
