//! What a campaign promises, and the part of it a team keeps for life.
//!
//! **The ladder (阶梯团)**: a campaign may offer several team sizes, larger ones cheaper. The leader picks the size when
//! opening; its price is what *everybody* of that team pays, known before anybody pays, whatever else happens. Nobody is
//! charged more later and nobody waits for a difference back: the clearly marked price is the price (明码标价和禁止价格欺诈规定,
//! SAMR order 56 of 2022), and the members of one team are treated alike.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Bps, Currency, Detail, Money, MoneyError, Refusal, SkuId};
use serde::{Deserialize, Serialize};

/// The sizes a team may have.
pub const SIZES: std::ops::RangeInclusive<u32> = 2..=100;
/// The most sizes one campaign may offer.
pub const MOST_SIZES: usize = 8;
/// The most SKUs one campaign may offer.
pub const MOST_SKUS: usize = 100;
/// How many hours a team may gather.
pub const TEAM_HOURS: std::ops::RangeInclusive<u32> = 1..=168;
/// How many minutes an unpaid seat may be held; the order it belongs to can be paid for longer.
pub const SEAT_HOLD_MINUTES: std::ops::RangeInclusive<u32> = 1..=14;
/// The share of a team that must have paid before it may be completed virtually.
pub const VIRTUAL_PERCENT: std::ops::RangeInclusive<u32> = 50..=99;

/// What a campaign promises. Staff edit it at any time; a team never notices, it keeps its [`TeamTerms`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The currency of every amount.
    pub currency: Currency,
    /// One price per SKU and team size, for every combination.
    pub prices: Vec<TeamPrice>,
    /// How long a team gathers, from the leader's payment.
    pub team_hours: u32,
    /// How long a seat is held for its payment.
    pub seat_hold_minutes: u32,
    /// Who may join.
    pub joiners: Joiners,
    /// What the leader saves.
    pub leader_discount: LeaderDiscount,
    /// What the leader earns of the team's sales: recorded when the team forms, paid by the commission plan.
    pub leader_commission: Bps,
    /// Units one order may hold.
    pub most_per_order: u32,
    /// Units one customer may hold over all their teams.
    pub most_per_customer: Option<u32>,
    /// Virtual completion (虚拟成团): the share of seats, in percent, that must have paid at the deadline; none: never.
    pub virtual_from_percent: Option<u32>,
}

/// What one unit of a SKU costs in a team of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TeamPrice {
    /// What is bought.
    pub sku: SkuId,
    /// In a team of this size.
    pub size: u32,
    /// The price in minor units.
    pub minor: i64,
}

/// Who may join a team. Anybody may lead one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Joiners {
    /// Everybody.
    Anyone,
    /// Only customers who never paid an order before (老带新).
    NewCustomers,
}

/// What the leader saves on each unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeaderDiscount {
    /// Nothing.
    None,
    /// So many minor units.
    Amount(i64),
    /// This share of the team price, rounded down.
    Rate(Bps),
}

/// Why a campaign's terms are not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsRefused {
    /// No price, or too many.
    #[error("a campaign has 1 to {MOST_SKUS} SKUs and 1 to {MOST_SIZES} team sizes, with one price for each combination")]
    Prices,
    /// A price below one minor unit.
    #[error("a price is at least one minor unit")]
    PriceTooLow,
    /// A larger team costs more.
    #[error("a larger team never costs more than a smaller one")]
    LadderRises,
    /// A team size out of bounds.
    #[error("a team has 2 to 100 seats")]
    Size,
    /// A team life out of bounds.
    #[error("a team gathers for 1 to 168 hours")]
    TeamHours,
    /// A seat hold out of bounds.
    #[error("a seat is held for 1 to 14 minutes")]
    SeatHold,
    /// The leader would pay nothing, or more.
    #[error("the leader's discount leaves at least one minor unit to pay")]
    LeaderDiscount,
    /// A commission out of bounds.
    #[error("the leader's commission is between nothing and the whole")]
    LeaderCommission,
    /// A limit below one, or a customer limit below the order limit.
    #[error("limits are at least one unit, and an order's is not above a customer's")]
    Limits,
    /// A threshold out of bounds.
    #[error("a team is completed virtually from 50 to 99 percent on")]
    VirtualPercent,
}

impl Refusal for TermsRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Prices => "GROUP_BUY_PRICES_INVALID",
            Self::PriceTooLow => "GROUP_BUY_PRICE_TOO_LOW",
            Self::LadderRises => "GROUP_BUY_LADDER_RISES",
            Self::Size => "GROUP_BUY_SIZE_INVALID",
            Self::TeamHours => "GROUP_BUY_TEAM_HOURS_INVALID",
            Self::SeatHold => "GROUP_BUY_SEAT_HOLD_INVALID",
            Self::LeaderDiscount => "GROUP_BUY_LEADER_DISCOUNT_INVALID",
            Self::LeaderCommission => "GROUP_BUY_LEADER_COMMISSION_INVALID",
            Self::Limits => "GROUP_BUY_LIMITS_INVALID",
            Self::VirtualPercent => "GROUP_BUY_VIRTUAL_PERCENT_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::Prices | Self::PriceTooLow | Self::LadderRises | Self::Size => "skus",
            Self::TeamHours => "teamHours",
            Self::SeatHold => "seatHoldMinutes",
            Self::LeaderDiscount => "leaderDiscount",
            Self::LeaderCommission => "leaderCommissionBps",
            Self::Limits => "perCustomerLimit",
            Self::VirtualPercent => "virtualFromPercent",
        })
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Size => Detail::Limit(i64::from(*SIZES.end())),
            Self::TeamHours => Detail::Limit(i64::from(*TEAM_HOURS.end())),
            Self::SeatHold => Detail::Limit(i64::from(*SEAT_HOLD_MINUTES.end())),
            _ => Detail::None,
        }
    }
}

impl Terms {
    /// The team sizes on offer, the smallest first.
    pub fn sizes(&self) -> BTreeSet<u32> {
        self.prices.iter().map(|price| price.size).collect()
    }

    /// The SKUs on offer.
    pub fn skus(&self) -> BTreeSet<SkuId> {
        self.prices.iter().map(|price| price.sku).collect()
    }

    /// The same terms with the prices in order, if they can be promised.
    pub fn checked(mut self) -> Result<Self, TermsRefused> {
        self.prices.sort_unstable();
        let (sizes, skus) = (self.sizes(), self.skus());
        let complete = !self.prices.is_empty() && self.prices.len() == sizes.len() * skus.len();
        let distinct = self.prices.windows(2).all(|pair| (pair[0].sku, pair[0].size) != (pair[1].sku, pair[1].size));
        refuse_unless(complete && distinct && sizes.len() <= MOST_SIZES && skus.len() <= MOST_SKUS, TermsRefused::Prices)?;
        refuse_unless(sizes.iter().all(|size| SIZES.contains(size)), TermsRefused::Size)?;
        refuse_unless(self.prices.iter().all(|price| price.minor >= 1), TermsRefused::PriceTooLow)?;
        let falls = self.prices.windows(2).all(|pair| pair[0].sku != pair[1].sku || pair[0].minor >= pair[1].minor);
        refuse_unless(falls, TermsRefused::LadderRises)?;
        refuse_unless(TEAM_HOURS.contains(&self.team_hours), TermsRefused::TeamHours)?;
        refuse_unless(SEAT_HOLD_MINUTES.contains(&self.seat_hold_minutes), TermsRefused::SeatHold)?;
        refuse_unless((0..=10_000).contains(&self.leader_commission.0), TermsRefused::LeaderCommission)?;
        let customer_limit = self.most_per_customer.unwrap_or(u32::MAX);
        refuse_unless(self.most_per_order >= 1 && self.most_per_order <= customer_limit, TermsRefused::Limits)?;
        refuse_unless(self.virtual_from_percent.is_none_or(|p| VIRTUAL_PERCENT.contains(&p)), TermsRefused::VirtualPercent)?;
        let payable = |price: &TeamPrice| {
            let discounted = self.leader_discount.from(Money::new(price.minor, self.currency));
            discounted.is_ok_and(|left| (1..=price.minor).contains(&left.minor))
        };
        refuse_unless(self.prices.iter().all(payable), TermsRefused::LeaderDiscount)?;
        Ok(self)
    }

    /// The least that anybody pays for a unit: the leader of a team of the cheapest size.
    pub fn lowest(&self, sku: SkuId) -> Option<Money> {
        let asked = self.sizes().into_iter().filter_map(|size| self.for_team(size)?.leader_price(sku));
        asked.min_by_key(|price| price.minor)
    }

    /// What is left of it once the leader's commission is paid.
    pub fn brings(&self, sku: SkuId) -> Option<Money> {
        let price = self.lowest(sku)?;
        price.minus(self.leader_commission.of(price).ok()?).ok()
    }

    /// What a team of `size` keeps; none when the size is not on offer.
    pub fn for_team(&self, size: u32) -> Option<TeamTerms> {
        let of_size = self.prices.iter().filter(|price| price.size == size);
        let prices: BTreeMap<SkuId, i64> = of_size.map(|price| (price.sku, price.minor)).collect();
        (!prices.is_empty()).then(|| TeamTerms {
            size,
            currency: self.currency,
            prices,
            team_hours: self.team_hours,
            seat_hold_minutes: self.seat_hold_minutes,
            joiners: self.joiners,
            leader_discount: self.leader_discount,
            leader_commission: self.leader_commission,
            most_per_order: self.most_per_order,
            most_per_customer: self.most_per_customer,
            virtual_from: self.virtual_from_percent.map(|percent| (size * percent).div_ceil(100)),
        })
    }
}

/// What a team was promised when it opened: its size, its prices, its rules. Never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamTerms {
    /// How many seats.
    pub size: u32,
    /// The currency of every amount.
    pub currency: Currency,
    /// What one unit costs, in minor units.
    pub prices: BTreeMap<SkuId, i64>,
    /// How long it gathers, from the leader's payment.
    pub team_hours: u32,
    /// How long a seat is held for its payment.
    pub seat_hold_minutes: u32,
    /// Who may join.
    pub joiners: Joiners,
    /// What the leader saves.
    pub leader_discount: LeaderDiscount,
    /// What the leader earns when it forms.
    pub leader_commission: Bps,
    /// Units one order may hold.
    pub most_per_order: u32,
    /// Units one customer may hold over all their teams.
    pub most_per_customer: Option<u32>,
    /// How many paid seats at the deadline are enough to complete it virtually.
    pub virtual_from: Option<u32>,
}

impl TeamTerms {
    /// What a member pays for one unit.
    pub fn price(&self, sku: SkuId) -> Option<Money> {
        self.prices.get(&sku).map(|&minor| Money::new(minor, self.currency))
    }

    /// What the leader pays for one unit.
    pub fn leader_price(&self, sku: SkuId) -> Option<Money> {
        self.price(sku).and_then(|price| self.leader_discount.from(price).ok())
    }
}

impl LeaderDiscount {
    /// What is left of `price`.
    fn from(self, price: Money) -> Result<Money, MoneyError> {
        match self {
            Self::None => Ok(price),
            Self::Amount(minor) => price.minus(Money { minor, ..price }),
            Self::Rate(rate) => price.minus(rate.of(price)?),
        }
    }
}

fn refuse_unless(fine: bool, refusal: TermsRefused) -> Result<(), TermsRefused> {
    if fine { Ok(()) } else { Err(refusal) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn sku(n: u128) -> SkuId {
        SkuId(uuid::Uuid::from_u128(n))
    }

    /// Two SKUs, teams of 2 for 59.00 and of 3 for 49.00.
    pub(in super::super) fn terms() -> Terms {
        let price = |n, size, minor| TeamPrice { sku: sku(n), size, minor };
        Terms {
            currency: Currency::Cny,
            prices: vec![price(1, 2, 5_900), price(1, 3, 4_900), price(2, 2, 6_900), price(2, 3, 6_900)],
            team_hours: 24,
            seat_hold_minutes: 10,
            joiners: Joiners::Anyone,
            leader_discount: LeaderDiscount::None,
            leader_commission: Bps(500),
            most_per_order: 2,
            most_per_customer: Some(4),
            virtual_from_percent: None,
        }
    }

    #[test]
    fn sound_terms_are_accepted_in_any_order() {
        let mut shuffled = terms();
        shuffled.prices.reverse();
        assert_eq!(shuffled.checked(), Ok(terms()));
    }

    #[test]
    fn terms_nobody_could_keep_are_refused() {
        type Spoil = fn(&mut Terms);
        let cases: [(Spoil, TermsRefused); 19] = [
            (|t| t.prices.clear(), TermsRefused::Prices),
            (|t| t.prices.truncate(3), TermsRefused::Prices),
            (|t| t.prices[1] = t.prices[0], TermsRefused::Prices),
            (|t| t.prices.iter_mut().for_each(|p| p.size -= 1), TermsRefused::Size),
            (|t| t.prices.iter_mut().for_each(|p| p.size += 98), TermsRefused::Size),
            (|t| t.prices.iter_mut().for_each(|p| p.minor = 0), TermsRefused::PriceTooLow),
            (|t| t.prices[1].minor = 5_901, TermsRefused::LadderRises),
            (|t| t.team_hours = 0, TermsRefused::TeamHours),
            (|t| t.team_hours = 169, TermsRefused::TeamHours),
            (|t| t.seat_hold_minutes = 0, TermsRefused::SeatHold),
            (|t| t.leader_discount = LeaderDiscount::Amount(4_900), TermsRefused::LeaderDiscount),
            (|t| t.leader_discount = LeaderDiscount::Amount(-1), TermsRefused::LeaderDiscount),
            (|t| t.leader_discount = LeaderDiscount::Amount(i64::MIN), TermsRefused::LeaderDiscount),
            (|t| t.leader_discount = LeaderDiscount::Rate(Bps(10_000)), TermsRefused::LeaderDiscount),
            (|t| t.leader_commission = Bps(10_001), TermsRefused::LeaderCommission),
            (|t| t.most_per_order = 0, TermsRefused::Limits),
            (|t| t.most_per_order = 5, TermsRefused::Limits),
            (|t| t.virtual_from_percent = Some(49), TermsRefused::VirtualPercent),
            (|t| t.virtual_from_percent = Some(100), TermsRefused::VirtualPercent),
        ];
        for (spoil, refusal) in cases {
            let mut spoilt = terms();
            spoil(&mut spoilt);
            assert_eq!(spoilt.checked(), Err(refusal));
        }
    }

    #[test]
    fn everybody_pays_the_price_of_the_size_the_leader_picked() {
        let of_three = terms().for_team(3).expect("3 is on offer");
        assert_eq!(of_three.price(sku(1)), Some(Money::new(4_900, Currency::Cny)));
        assert_eq!(of_three.price(sku(9)), None);
        assert_eq!(terms().for_team(4), None);
    }

    #[test]
    fn the_leader_saves_what_the_campaign_says() {
        for (discount, pays) in
            [(LeaderDiscount::None, 4_900), (LeaderDiscount::Amount(500), 4_400), (LeaderDiscount::Rate(Bps(1_001)), 4_410)]
        {
            let of_three = Terms { leader_discount: discount, ..terms() }.for_team(3).expect("3 is on offer");
            assert_eq!(of_three.leader_price(sku(1)).map(|m| m.minor), Some(pays), "{discount:?}");
        }
    }

    #[test]
    fn the_virtual_threshold_is_rounded_up() {
        for (size, percent, from) in [(2, 50, 1), (3, 50, 2), (3, 67, 3), (100, 99, 99)] {
            let prices = vec![TeamPrice { sku: sku(1), size, minor: 1 }];
            let of_size = Terms { prices, virtual_from_percent: Some(percent), ..terms() }.for_team(size).expect("on offer");
            assert_eq!(of_size.virtual_from, Some(from));
        }
    }
}
