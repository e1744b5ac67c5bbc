//! What a campaign promises, and the part of it a record keeps for life.

use std::collections::BTreeSet;

use kernel::{Currency, Detail, Money, Refusal, SkuId};
use serde::{Deserialize, Serialize};

/// The most SKUs one campaign may offer.
pub const MOST_SKUS: usize = 100;
/// How many cuts may lead to the floor.
pub const CUTS: std::ops::RangeInclusive<u32> = 1..=1_000;
/// How many hours a record may run.
pub const RUN_HOURS: std::ops::RangeInclusive<u32> = 1..=720;
/// How many hours a reached floor may wait for its order.
pub const PAY_HOURS: std::ops::RangeInclusive<u32> = 1..=168;
/// How many shares a new customer may draw.
pub const NEW_CUSTOMER_DRAWS: std::ops::RangeInclusive<u32> = 1..=5;

/// What a campaign promises. Fixed when it is published; a record keeps its own part, [`RecordTerms`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The currency of every amount.
    pub currency: Currency,
    /// What each SKU costs first and last.
    pub prices: Vec<Prices>,
    /// How many cuts lead from one to the other.
    pub goal: Goal,
    /// How long a record runs.
    pub run_hours: u32,
    /// How long a reached floor waits for its order.
    pub pay_hours: u32,
    /// Whether the owner makes the first cut.
    pub first_cut: FirstCut,
    /// The new-customer weight: how many shares a helper who never bought draws, to keep the largest; 1: as everybody.
    pub new_customer_draws: u32,
    /// How many cuts one helper may make a day in this campaign; none: any number.
    pub helper_daily_limit: Option<u32>,
    /// When it can be bought.
    pub buy: BuyAt,
    /// How many records one customer may begin; none: any number.
    pub most_per_customer: Option<u32>,
}

/// What one SKU costs first and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Prices {
    /// What is bought.
    pub sku: SkuId,
    /// Where the price begins, in minor units.
    pub first: i64,
    /// Where it ends.
    pub floor: i64,
}

/// How many cuts lead to the floor, every cut counted, the owner's own first one too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Goal {
    /// So many, whatever the SKU costs.
    Cuts(u32),
    /// As many as it takes when a cut takes so many minor units on average: a dearer SKU takes more.
    AverageCut(i64),
}

/// Whether the owner makes the first cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FirstCut {
    /// The owner, when the record begins.
    Owner,
    /// The first helper.
    Helper,
}

/// When a record can be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BuyAt {
    /// At the floor only.
    Floor,
    /// At any time, for what it costs then.
    CurrentPrice,
}

/// What a record was promised when it began; nothing changes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordTerms {
    /// The currency of every amount.
    pub currency: Currency,
    /// What is bought, and for how much.
    pub prices: Prices,
    /// How many cuts lead to the floor.
    pub cuts: u32,
    /// How long it runs.
    pub run_hours: u32,
    /// How long a reached floor waits for its order.
    pub pay_hours: u32,
    /// Whether the owner makes the first cut.
    pub first_cut: FirstCut,
    /// How many shares a new customer draws.
    pub new_customer_draws: u32,
    /// How many cuts one helper may make a day in the campaign.
    pub helper_daily_limit: Option<u32>,
    /// When it can be bought.
    pub buy: BuyAt,
}

/// Why a campaign's terms are not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsRefused {
    /// No price, too many, or a SKU twice.
    #[error("a campaign has 1 to {MOST_SKUS} SKUs, each once")]
    Prices,
    /// A floor below one minor unit, or not below the first price.
    #[error("a floor price is at least one minor unit and below the first price")]
    Floor,
    /// Too few or too many cuts, or less than a minor unit for each.
    #[error("1 to 1000 cuts lead to the floor, each of at least one minor unit; one more than the owner's own")]
    Cuts,
    /// A record's life out of bounds.
    #[error("a record runs for 1 to 720 hours")]
    RunHours,
    /// A time to pay out of bounds.
    #[error("a reached floor waits for 1 to 168 hours")]
    PayHours,
    /// A weight out of bounds.
    #[error("a new customer draws 1 to 5 shares")]
    NewCustomerDraws,
    /// A limit below one.
    #[error("limits are at least one")]
    Limits,
}

impl Refusal for TermsRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Prices => "BARGAIN_PRICES_INVALID",
            Self::Floor => "BARGAIN_FLOOR_INVALID",
            Self::Cuts => "BARGAIN_CUTS_INVALID",
            Self::RunHours => "BARGAIN_RUN_HOURS_INVALID",
            Self::PayHours => "BARGAIN_PAY_HOURS_INVALID",
            Self::NewCustomerDraws => "BARGAIN_NEW_CUSTOMER_DRAWS_INVALID",
            Self::Limits => "BARGAIN_LIMITS_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::Prices | Self::Floor => "skus",
            Self::Cuts => "cuts",
            Self::RunHours => "runHours",
            Self::PayHours => "payHours",
            Self::NewCustomerDraws => "newCustomerDraws",
            Self::Limits => "helperDailyLimit",
        })
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Prices => Detail::Limit(MOST_SKUS as i64),
            Self::Cuts => Detail::Limit((*CUTS.end()).into()),
            Self::RunHours => Detail::Limit((*RUN_HOURS.end()).into()),
            Self::PayHours => Detail::Limit((*PAY_HOURS.end()).into()),
            Self::NewCustomerDraws => Detail::Limit((*NEW_CUSTOMER_DRAWS.end()).into()),
            Self::Floor | Self::Limits => Detail::None,
        }
    }
}

impl Goal {
    /// How many cuts lead from the first price to the floor.
    pub fn cuts(self, prices: &Prices) -> u32 {
        match self {
            Self::Cuts(cuts) => cuts,
            Self::AverageCut(average) => {
                let (depth, average) = (i128::from(prices.first) - i128::from(prices.floor), i128::from(average.max(1)));
                u32::try_from((depth + average - 1) / average).unwrap_or(u32::MAX)
            }
        }
    }
}

impl Terms {
    /// The SKUs on offer.
    pub fn skus(&self) -> BTreeSet<SkuId> {
        self.prices.iter().map(|prices| prices.sku).collect()
    }

    /// The least that each SKU may come to.
    pub fn floors(&self) -> Vec<(SkuId, Money)> {
        self.prices.iter().map(|prices| (prices.sku, Money::new(prices.floor, self.currency))).collect()
    }

    /// What a record of one SKU is promised; none when it is not on offer.
    pub fn for_sku(&self, sku: SkuId) -> Option<RecordTerms> {
        let prices = *self.prices.iter().find(|prices| prices.sku == sku)?;
        Some(RecordTerms {
            currency: self.currency,
            prices,
            cuts: self.goal.cuts(&prices),
            run_hours: self.run_hours,
            pay_hours: self.pay_hours,
            first_cut: self.first_cut,
            new_customer_draws: self.new_customer_draws,
            helper_daily_limit: self.helper_daily_limit,
            buy: self.buy,
        })
    }

    /// The same terms with the prices in order, if they can be promised.
    pub fn checked(mut self) -> Result<Self, TermsRefused> {
        self.prices.sort_unstable();
        let distinct = self.skus().len() == self.prices.len();
        refuse_unless(distinct && (1..=MOST_SKUS).contains(&self.prices.len()), TermsRefused::Prices)?;
        refuse_unless(self.prices.iter().all(|prices| prices.floor >= 1 && prices.floor < prices.first), TermsRefused::Floor)?;
        // The owner's cut alone would be no bargain.
        let least = if self.first_cut == FirstCut::Owner { 2 } else { 1 };
        let fits = |prices: &Prices| {
            let cuts = self.goal.cuts(prices);
            cuts >= least && CUTS.contains(&cuts) && i64::from(cuts) <= prices.first - prices.floor
        };
        let average = !matches!(self.goal, Goal::AverageCut(average) if average < 1);
        refuse_unless(average && self.prices.iter().all(fits), TermsRefused::Cuts)?;
        refuse_unless(RUN_HOURS.contains(&self.run_hours), TermsRefused::RunHours)?;
        refuse_unless(PAY_HOURS.contains(&self.pay_hours), TermsRefused::PayHours)?;
        refuse_unless(NEW_CUSTOMER_DRAWS.contains(&self.new_customer_draws), TermsRefused::NewCustomerDraws)?;
        let limits = [self.helper_daily_limit, self.most_per_customer];
        refuse_unless(limits.iter().flatten().all(|limit| *limit >= 1), TermsRefused::Limits)?;
        Ok(self)
    }
}

impl RecordTerms {
    /// An amount in the record's currency.
    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
}

fn refuse_unless(sound: bool, refused: TermsRefused) -> Result<(), TermsRefused> {
    if sound { Ok(()) } else { Err(refused) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use uuid::Uuid;

    pub(in crate::bargain) fn sku(n: u128) -> SkuId {
        SkuId(Uuid::from_u128(n))
    }

    /// From 79.00 down to 29.00 in ten cuts.
    pub(crate) fn terms(sku: SkuId) -> Terms {
        Terms {
            currency: Currency::Cny,
            prices: vec![Prices { sku, first: 7_900, floor: 2_900 }],
            goal: Goal::Cuts(10),
            run_hours: 24,
            pay_hours: 12,
            first_cut: FirstCut::Helper,
            new_customer_draws: 1,
            helper_daily_limit: None,
            buy: BuyAt::Floor,
            most_per_customer: None,
        }
    }

    #[test]
    fn what_cannot_be_promised_is_refused() {
        type Spoil = fn(&mut Terms);
        let spoils: [(Spoil, TermsRefused); 17] = [
            (|t| t.prices.clear(), TermsRefused::Prices),
            (|t| t.prices.push(t.prices[0]), TermsRefused::Prices),
            (|t| t.prices = (0..101).map(|n| Prices { sku: sku(n), ..t.prices[0] }).collect(), TermsRefused::Prices),
            (|t| t.prices[0].floor = 0, TermsRefused::Floor),
            (|t| t.prices[0].floor = 7_900, TermsRefused::Floor),
            (|t| t.goal = Goal::Cuts(0), TermsRefused::Cuts),
            (|t| t.goal = Goal::Cuts(1_001), TermsRefused::Cuts),
            (|t| (t.goal, t.prices[0].floor) = (Goal::Cuts(11), 7_890), TermsRefused::Cuts),
            (|t| (t.goal, t.first_cut) = (Goal::Cuts(1), FirstCut::Owner), TermsRefused::Cuts),
            (|t| t.goal = Goal::AverageCut(0), TermsRefused::Cuts),
            (|t| t.goal = Goal::AverageCut(4), TermsRefused::Cuts),
            (|t| t.run_hours = 721, TermsRefused::RunHours),
            (|t| t.pay_hours = 0, TermsRefused::PayHours),
            (|t| t.new_customer_draws = 0, TermsRefused::NewCustomerDraws),
            (|t| t.new_customer_draws = 6, TermsRefused::NewCustomerDraws),
            (|t| t.helper_daily_limit = Some(0), TermsRefused::Limits),
            (|t| t.most_per_customer = Some(0), TermsRefused::Limits),
        ];
        assert!(terms(sku(1)).checked().is_ok());
        for (n, (spoil, refused)) in spoils.into_iter().enumerate() {
            let mut spoilt = terms(sku(1));
            spoil(&mut spoilt);
            assert_eq!(spoilt.checked().expect_err("cannot be promised"), refused, "{n}");
        }
    }

    #[test]
    fn the_number_of_cuts_may_follow_from_the_floor() {
        let mut terms = terms(sku(1));
        terms.prices.push(Prices { sku: sku(2), first: 15_000, floor: 5_000 });
        terms.goal = Goal::AverageCut(333);
        let terms = terms.checked().expect("can be promised");
        assert_eq!(terms.for_sku(sku(1)).expect("on offer").cuts, 16, "5000 / 333, rounded up: no cut is larger on average");
        assert_eq!(terms.for_sku(sku(2)).expect("on offer").cuts, 31);
        assert_eq!(terms.for_sku(sku(3)), None);
    }
}
