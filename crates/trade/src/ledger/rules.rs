//! What may be booked, and what a block's hash covers.

mod journal;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Currency, CustomerId, Money, PostingId, Timestamp};

pub use self::journal::{Parts, Refunded, Trace, charged, completed, forfeited, refunded};

/// What an account counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Minor units of a currency.
    Money(Currency),
    /// Points.
    Points,
}

impl Unit {
    /// As the books spell it: the currency's code, or `PTS`.
    pub fn code(self) -> String {
        match self {
            Self::Money(currency) => format!("{currency:?}").to_uppercase(),
            Self::Points => "PTS".to_owned(),
        }
    }

    /// Reads what [`Unit::code`] wrote.
    pub fn parse(code: &str) -> Option<Self> {
        const ALL: [Currency; 7] =
            [Currency::Cny, Currency::Usd, Currency::Eur, Currency::Gbp, Currency::Hkd, Currency::Jpy, Currency::Kwd];
        let all = ALL.into_iter().map(Self::Money).chain([Self::Points]);
        all.into_iter().find(|unit| unit.code() == code)
    }
}

/// So much of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount {
    /// Minor units, or points; may be negative.
    pub minor: i64,
    /// Of what.
    pub unit: Unit,
}

impl Amount {
    /// So many points.
    pub const fn points(minor: i64) -> Self {
        Self { minor, unit: Unit::Points }
    }

    /// As money, when it is money.
    pub const fn money(self) -> Option<Money> {
        match self.unit {
            Unit::Money(currency) => Some(Money::new(self.minor, currency)),
            Unit::Points => None,
        }
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { minor: money.minor, unit: Unit::Money(money.currency) }
    }
}

impl std::ops::Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self { minor: -self.minor, ..self }
    }
}

/// An account of the books.
///
/// Positive is into the account: what the mall owns or spent stands positive, what it owes or earned negative.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Money a payment provider holds for us, by its code.
    GatewayClearing(String),
    /// Money shoppers paid for orders that are not theirs yet.
    OrderHeld,
    /// What was earned with goods.
    Sales,
    /// What was earned with bringing them.
    Freight,
    /// Tax and duty that shoppers paid and the state gets.
    TaxCollected,
    /// What shoppers gave for a good cause.
    Donation,
    /// What was earned with deposits that were lost: nothing was sold for it.
    Forfeits,
    /// What went back after the sale was earned.
    Refunds,
    /// What coupons cost the mall.
    CouponCost,
    /// What spent points cost the mall.
    PointsCost,
    /// What promoters cost the mall.
    CommissionCost,
    /// What was corrected by hand.
    Adjustment,
    /// Money a shopper keeps here.
    Wallet(CustomerId),
    /// Money on its way out of wallets.
    Withdrawing,
    /// A shopper's deposit on something to come.
    Deposit(CustomerId),
    /// A promoter's commission that may still be taken back.
    CommissionPending(CustomerId),
    /// A promoter's commission that can be withdrawn.
    CommissionAvailable(CustomerId),
    /// A promoter's commission on its way out.
    CommissionWithdrawn(CustomerId),
    /// What a promoter owes after a refund of what they were paid for.
    CommissionDebt(CustomerId),
    /// Tax kept back from what promoters are paid.
    TaxWithheld,
    /// What brands of an alliance owe each other, by brand.
    AllianceSettlement(String),
    /// Points a shopper can spend.
    Points(CustomerId),
    /// Points a shopper will have when the time to send goods back is over.
    PointsFrozen(CustomerId),
    /// Points put aside for orders that are not paid yet.
    PointsHeld(CustomerId),
    /// Points a shopper owes: they were taken back after they were spent.
    PointsDebt(CustomerId),
    /// All points that were ever given.
    PointsIssued,
    /// All points that were ever spent.
    PointsRedeemed,
    /// All points nobody spent in time.
    PointsExpired,
}

/// Between what an account's balance must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Never below.
    pub least: Option<i64>,
    /// Never above.
    pub most: Option<i64>,
}

impl Bounds {
    /// Whether a balance may be there.
    pub fn hold(self, balance: i64) -> bool {
        self.least.is_none_or(|least| balance >= least) && self.most.is_none_or(|most| balance <= most)
    }
}

impl Account {
    /// Where money paid through this gateway is: with the provider.
    pub fn clearing(gateway: &str) -> Self {
        Self::GatewayClearing(gateway.to_owned())
    }

    /// What its name begins with.
    pub fn kind(&self) -> &'static str {
        self.parts().0
    }

    /// Whether it is a person's: kept at every posting, guarded, with a statement.
    pub fn is_personal(&self) -> bool {
        self.bounds().is_some()
    }

    /// Between what its balance must stand, when it is a person's. What the mall owes somebody is never less than nothing.
    pub fn bounds(&self) -> Option<Bounds> {
        match self {
            Self::Wallet(_)
            | Self::Deposit(_)
            | Self::CommissionPending(_)
            | Self::CommissionAvailable(_)
            | Self::CommissionWithdrawn(_)
            | Self::Points(_)
            | Self::PointsFrozen(_)
            | Self::PointsHeld(_) => Some(Bounds { least: None, most: Some(0) }),
            Self::CommissionDebt(_) | Self::PointsDebt(_) => Some(Bounds { least: Some(0), most: None }),
            _ => None,
        }
    }

    fn parts(&self) -> (&'static str, Option<String>) {
        let of = |kind, customer: &CustomerId| (kind, Some(customer.to_string()));
        match self {
            Self::GatewayClearing(gateway) => ("gateway_clearing", Some(gateway.clone())),
            Self::OrderHeld => ("order_held", None),
            Self::Sales => ("sales", None),
            Self::Freight => ("freight", None),
            Self::TaxCollected => ("tax_collected", None),
            Self::Donation => ("donation", None),
            Self::Forfeits => ("forfeits", None),
            Self::Refunds => ("refunds", None),
            Self::CouponCost => ("coupon_cost", None),
            Self::PointsCost => ("points_cost", None),
            Self::CommissionCost => ("commission_cost", None),
            Self::Adjustment => ("adjustment", None),
            Self::Wallet(customer) => of("wallet", customer),
            Self::Withdrawing => ("withdrawing", None),
            Self::Deposit(customer) => of("deposit", customer),
            Self::CommissionPending(customer) => of("commission_pending", customer),
            Self::CommissionAvailable(customer) => of("commission_available", customer),
            Self::CommissionWithdrawn(customer) => of("commission_withdrawn", customer),
            Self::CommissionDebt(customer) => of("commission_debt", customer),
            Self::TaxWithheld => ("tax_withheld", None),
            Self::AllianceSettlement(brand) => ("alliance_settlement", Some(brand.clone())),
            Self::Points(customer) => of("points", customer),
            Self::PointsFrozen(customer) => of("points_frozen", customer),
            Self::PointsHeld(customer) => of("points_held", customer),
            Self::PointsDebt(customer) => of("points_debt", customer),
            Self::PointsIssued => ("points_issued", None),
            Self::PointsRedeemed => ("points_redeemed", None),
            Self::PointsExpired => ("points_expired", None),
        }
    }
}

/// The kinds of accounts that are persons'.
pub const PERSONAL: [&str; 10] = [
    "commission_available",
    "commission_debt",
    "commission_pending",
    "commission_withdrawn",
    "deposit",
    "points",
    "points_debt",
    "points_frozen",
    "points_held",
    "wallet",
];

/// Whether the account of that name is a person's.
pub fn is_personal(account: &str) -> bool {
    account.split_once(':').is_some_and(|(kind, _)| PERSONAL.contains(&kind))
}

impl std::fmt::Display for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.parts() {
            (kind, Some(owner)) => write!(f, "{kind}:{owner}"),
            (kind, None) => f.write_str(kind),
        }
    }
}

/// One leg: positive into the account, negative out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where.
    pub account: Account,
    /// How much; never zero.
    pub amount: Amount,
}

/// One business fact, booked once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// What kind: `charge`, `refund`.
    pub business_type: &'static str,
    /// Which one.
    pub business_id: String,
    /// Its legs; each account once.
    pub entries: Vec<Entry>,
}

impl Posting {
    /// Moves `amount` from one account to another.
    pub fn transfer(
        business_type: &'static str,
        business_id: impl Into<String>,
        from: Account,
        to: Account,
        amount: impl Into<Amount>,
    ) -> Self {
        let amount = amount.into();
        Self::of(business_type, business_id, [(to, amount), (from, -amount)])
    }

    /// These legs; those of nothing are left out, those of one account are one.
    pub fn of<A: Into<Amount>>(
        business_type: &'static str,
        business_id: impl Into<String>,
        legs: impl IntoIterator<Item = (Account, A)>,
    ) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        for (account, amount) in legs {
            let amount = amount.into();
            match entries.iter_mut().find(|entry| entry.account == account && entry.amount.unit == amount.unit) {
                Some(entry) => entry.amount.minor += amount.minor,
                None => entries.push(Entry { account, amount }),
            }
        }
        entries.retain(|entry| entry.amount.minor != 0);
        Self { business_type, business_id: business_id.into(), entries }
    }

    /// Whether it moves nothing at all; such a fact is not booked.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// A posting that is not bookable: a bug of the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbalanced {
    /// Fewer than two legs.
    #[error("a posting has two legs at least")]
    TooFewLegs,
    /// A leg of nothing.
    #[error("a leg moves nothing")]
    ZeroLeg,
    /// One account twice.
    #[error("an account has two legs")]
    Twice,
    /// The legs of a unit do not sum to zero.
    #[error("the {0:?} legs sum to {1}")]
    NotZero(Unit, i128),
}

/// Whether a posting can be booked: balanced, each account once.
pub fn bookable(posting: &Posting) -> Result<(), Unbalanced> {
    let mut seen = BTreeSet::new();
    if !posting.entries.iter().all(|entry| seen.insert((&entry.account, entry.amount.unit))) {
        return Err(Unbalanced::Twice);
    }
    balanced(posting.entries.iter().map(|entry| &entry.amount))
}

/// Whether the legs sum to zero in each unit.
pub fn balanced<'a>(legs: impl IntoIterator<Item = &'a Amount>) -> Result<(), Unbalanced> {
    let (mut sums, mut count) = (BTreeMap::<Unit, i128>::new(), 0);
    for amount in legs {
        if amount.minor == 0 {
            return Err(Unbalanced::ZeroLeg);
        }
        *sums.entry(amount.unit).or_default() += i128::from(amount.minor);
        count += 1;
    }
    if count < 2 {
        return Err(Unbalanced::TooFewLegs);
    }
    match sums.into_iter().find(|(_, sum)| *sum != 0) {
        Some((unit, sum)) => Err(Unbalanced::NotZero(unit, sum)),
        None => Ok(()),
    }
}

/// What stands before the first block.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A booked posting as its block sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// Its id; a block's postings are hashed in the order of their ids.
    pub id: PostingId,
    /// What kind.
    pub business_type: String,
    /// Which one.
    pub business_id: String,
    /// When.
    pub posted_at: Timestamp,
    /// Account and amount, in the order of the legs.
    pub legs: Vec<(String, Amount)>,
}

/// The text a block's hash is taken over: the previous hash, the height, then a line for each leg. Fields are JSON, so
/// no value can be read as another.
pub fn block_text(previous: &str, height: i64, postings: &[Booked]) -> String {
    let mut text = serde_json::json!([previous, height, postings.len()]).to_string();
    for posting in postings {
        for (leg, (account, amount)) in posting.legs.iter().enumerate() {
            text.push('\n');
            let line = serde_json::json!([
                posting.id,
                posting.business_type,
                posting.business_id,
                posting.posted_at,
                leg,
                account,
                amount.minor,
                amount.unit.code()
            ]);
            text.push_str(&line.to_string());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cny(minor: i64) -> Amount {
        Money::new(minor, Currency::Cny).into()
    }

    fn usd(minor: i64) -> Amount {
        Money::new(minor, Currency::Usd).into()
    }

    #[test]
    fn only_balanced_postings_are_bookable() {
        let not_zero = |minor| Err(Unbalanced::NotZero(Unit::Money(Currency::Cny), minor));
        assert_eq!(balanced(&[cny(5), cny(-5)]), Ok(()));
        assert_eq!(balanced(&[cny(5), cny(-4)]), not_zero(1));
        assert_eq!(balanced(&[cny(0), cny(0)]), Err(Unbalanced::ZeroLeg));
        assert_eq!(balanced(&[]), Err(Unbalanced::TooFewLegs));
        assert_eq!(balanced(&[cny(5), usd(-5)]), not_zero(5));
        assert_eq!(balanced(&[cny(5), Amount::points(-5)]), not_zero(5));
    }

    #[test]
    fn legs_of_one_account_are_one_and_legs_of_nothing_are_none() {
        let legs = [(Account::Sales, cny(-3)), (Account::OrderHeld, cny(5)), (Account::Sales, cny(-2)), (Account::Freight, cny(0))];
        let posting = Posting::of("t", "1", legs);
        assert_eq!((posting.entries.len(), bookable(&posting)), (2, Ok(())));
        let twice =
            Posting { entries: [posting.entries.clone(), posting.entries].concat(), ..Posting::of("t", "1", [(Account::Sales, cny(0))]) };
        assert_eq!(bookable(&twice), Err(Unbalanced::Twice));
    }

    #[test]
    fn persons_accounts_are_guarded_and_known_by_their_name() {
        let who = CustomerId(Default::default());
        for account in [
            Account::Wallet(who),
            Account::Deposit(who),
            Account::CommissionPending(who),
            Account::CommissionAvailable(who),
            Account::CommissionWithdrawn(who),
            Account::CommissionDebt(who),
            Account::Points(who),
            Account::PointsFrozen(who),
            Account::PointsHeld(who),
            Account::PointsDebt(who),
        ] {
            assert!(account.is_personal() && is_personal(&account.to_string()), "{account}");
        }
        for account in [Account::clearing("sandbox"), Account::OrderHeld, Account::PointsIssued, Account::AllianceSettlement("a".into())] {
            assert!(!account.is_personal() && !is_personal(&account.to_string()), "{account}");
        }
    }

    #[test]
    fn a_unit_is_read_as_it_was_written() {
        for unit in [Unit::Money(Currency::Cny), Unit::Money(Currency::Kwd), Unit::Points] {
            assert_eq!(Unit::parse(&unit.code()), Some(unit));
        }
        assert_eq!(Unit::parse("XXX"), None);
    }

    proptest! {
        #[test]
        fn a_transfer_is_always_balanced(minor in 1..i64::MAX) {
            let posting = Posting::transfer("charge", "p1", Account::OrderHeld, Account::clearing("sandbox"), cny(minor));
            prop_assert_eq!(bookable(&posting), Ok(()));
        }

        #[test]
        fn a_changed_amount_changes_the_text(minor in 1..1_000_000_i64, other in 1..1_000_000_i64) {
            let booked = |minor| Booked {
                id: PostingId(Default::default()), business_type: "charge".into(), business_id: "p1".into(),
                posted_at: Timestamp(0), legs: vec![("a".into(), cny(minor)), ("b".into(), cny(-minor))],
            };
            let same = block_text(GENESIS, 1, &[booked(minor)]) == block_text(GENESIS, 1, &[booked(other)]);
            prop_assert_eq!(same, minor == other);
        }
    }
}
