//! What a crowdfunding allows, decided without a database, a clock or a network.

use kernel::{Detail, Refusal, Timestamp};

use crate::console::rules::Window;

/// What a goal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Money, in minor units.
    Amount(i64),
    /// Pieces.
    Units(i64),
}

/// What was raised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Raised {
    /// Money, in minor units.
    pub minor: i64,
    /// Pieces.
    pub units: i64,
    /// Paid pledges.
    pub backers: i64,
}

impl Goal {
    /// How much of it is raised, in what it counts.
    pub const fn of(self, raised: Raised) -> i64 {
        match self {
            Self::Amount(_) => raised.minor,
            Self::Units(_) => raised.units,
        }
    }

    /// How much it asks.
    pub const fn asked(self) -> i64 {
        match self {
            Self::Amount(n) | Self::Units(n) => n,
        }
    }

    /// Whether it is reached.
    pub const fn is_reached(self, raised: Raised) -> bool {
        self.of(raised) >= self.asked()
    }
}

/// What happens when what was raised falls short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Funding {
    /// Everybody gets their money back.
    AllOrNothing,
    /// The rewards are made all the same.
    KeepItAll,
}

/// How a crowdfunding ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Pledges become orders to ship.
    Succeeded,
    /// Pledges go back.
    Failed,
}

/// How it ends with what was raised. Keeping nothing is a failure too.
pub const fn outcome(goal: Goal, funding: Funding, raised: Raised) -> Outcome {
    let enough = match funding {
        Funding::AllOrNothing => goal.is_reached(raised),
        Funding::KeepItAll => raised.backers > 0,
    };
    if enough { Outcome::Succeeded } else { Outcome::Failed }
}

/// A reward, as a pledge meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// How many there are; any number when absent.
    pub stock: Option<i64>,
    /// How many are pledged, paid or held.
    pub taken: i64,
    /// Whether each piece has a number of its own.
    pub numbered: bool,
    /// Pieces one backer may have.
    pub most_per_customer: Option<i64>,
}

/// Why nobody pledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PledgeRefused {
    /// It does not gather now.
    #[error("the crowdfunding does not gather now")]
    NotGathering,
    /// So many of the reward are left.
    #[error("only {0} of the reward are left")]
    SoldOut(i64),
    /// One backer has no more than this.
    #[error("one backer has at most {0} of the reward")]
    CustomerLimit(i64),
    /// A numbered piece is pledged one by one.
    #[error("a numbered reward is pledged one by one")]
    OneByOne,
}

impl Refusal for PledgeRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotGathering => "CROWDFUNDING_NOT_GATHERING",
            Self::SoldOut(_) => "CROWDFUNDING_REWARD_SOLD_OUT",
            Self::CustomerLimit(_) => "CROWDFUNDING_CUSTOMER_LIMIT",
            Self::OneByOne => "CROWDFUNDING_ONE_BY_ONE",
        }
    }

    fn field(&self) -> Option<&'static str> {
        (!matches!(self, Self::NotGathering)).then_some("quoteId")
    }

    fn detail(&self) -> Detail {
        match self {
            Self::SoldOut(left) => Detail::Available(*left),
            Self::CustomerLimit(most) => Detail::Limit(*most),
            Self::NotGathering | Self::OneByOne => Detail::None,
        }
    }
}

/// Whether a backer who has `own` pieces may have `quantity` more.
pub fn pledge(tier: Tier, own: i64, quantity: i64) -> Result<(), PledgeRefused> {
    if tier.numbered && quantity != 1 {
        return Err(PledgeRefused::OneByOne);
    }
    if let Some(most) = tier.most_per_customer.filter(|most| own + quantity > *most) {
        return Err(PledgeRefused::CustomerLimit(most));
    }
    match tier.stock {
        Some(stock) if tier.taken + quantity > stock => Err(PledgeRefused::SoldOut(stock - tier.taken)),
        _ => Ok(()),
    }
}

/// Where a crowdfunding is when a payment arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nobody has decided yet, whatever the clock says.
    Gathering,
    /// It is over.
    Over(Outcome),
}

/// What becomes of a paid pledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It counts.
    In,
    /// It counts, and its reward is owed already.
    InAndOwed,
    /// The money goes back.
    Back(Reason),
}

/// Why money goes back. Part of the refund's number, so asking twice is one refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Too little was raised.
    CrowdfundingFailed,
    /// It was paid after the deadline, or for a reward that was given up and is gone.
    PledgedTooLate,
}

impl Reason {
    /// As it stands in the refund's number.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CrowdfundingFailed => "crowdfunding-failed",
            Self::PledgedTooLate => "pledged-too-late",
        }
    }
}

/// What becomes of a payment. It counts when it was made before the deadline and nobody has decided otherwise; one for a
/// reward that was given up takes it again if it is still there.
pub fn paid((phase, window): (Phase, Window), paid_at: Timestamp, held_or_free: Result<(), PledgeRefused>) -> Counted {
    if paid_at >= window.ends_at || held_or_free.is_err() {
        return Counted::Back(Reason::PledgedTooLate);
    }
    match phase {
        Phase::Gathering => Counted::In,
        Phase::Over(Outcome::Succeeded) => Counted::InAndOwed,
        Phase::Over(Outcome::Failed) => Counted::Back(Reason::CrowdfundingFailed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: Window = Window { starts_at: Timestamp(100), ends_at: Timestamp(200) };

    fn raised(minor: i64, units: i64) -> Raised {
        Raised { minor, units, backers: units }
    }

    #[test]
    fn all_or_nothing_needs_the_goal_and_keep_it_all_one_backer() {
        for (goal, funding, raised, ends) in [
            (Goal::Amount(1_000), Funding::AllOrNothing, raised(999, 9), Outcome::Failed),
            (Goal::Amount(1_000), Funding::AllOrNothing, raised(1_000, 1), Outcome::Succeeded),
            (Goal::Units(10), Funding::AllOrNothing, raised(1_000_000, 9), Outcome::Failed),
            (Goal::Units(10), Funding::AllOrNothing, raised(10, 10), Outcome::Succeeded),
            (Goal::Amount(1_000), Funding::KeepItAll, raised(1, 1), Outcome::Succeeded),
            (Goal::Amount(1_000), Funding::KeepItAll, raised(0, 0), Outcome::Failed),
        ] {
            assert_eq!(outcome(goal, funding, raised), ends, "{goal:?} {funding:?} {raised:?}");
        }
    }

    #[test]
    fn a_reward_has_its_bounds() {
        let tier = Tier { stock: Some(10), taken: 8, numbered: false, most_per_customer: Some(3) };
        assert_eq!(pledge(tier, 0, 2), Ok(()));
        assert_eq!(pledge(tier, 0, 3), Err(PledgeRefused::SoldOut(2)));
        assert_eq!(pledge(tier, 2, 2), Err(PledgeRefused::CustomerLimit(3)));
        assert_eq!(pledge(Tier { numbered: true, ..tier }, 0, 2), Err(PledgeRefused::OneByOne));
        assert_eq!(pledge(Tier { stock: None, taken: 1_000, most_per_customer: None, ..tier }, 50, 50), Ok(()));
    }

    #[test]
    fn a_payment_counts_until_the_deadline_and_the_decision() {
        let at = |minor| Timestamp(minor);
        for (phase, paid_at, free, counted) in [
            (Phase::Gathering, at(199), Ok(()), Counted::In),
            (Phase::Gathering, at(200), Ok(()), Counted::Back(Reason::PledgedTooLate)),
            (Phase::Gathering, at(150), Err(PledgeRefused::SoldOut(0)), Counted::Back(Reason::PledgedTooLate)),
            (Phase::Over(Outcome::Succeeded), at(199), Ok(()), Counted::InAndOwed),
            (Phase::Over(Outcome::Succeeded), at(200), Ok(()), Counted::Back(Reason::PledgedTooLate)),
            (Phase::Over(Outcome::Failed), at(199), Ok(()), Counted::Back(Reason::CrowdfundingFailed)),
        ] {
            assert_eq!(paid((phase, WINDOW), paid_at, free), counted, "{phase:?} at {paid_at:?}");
        }
    }

    proptest! {
        /// Whoever comes in whatever order: never more than there are, and what is refused as sold out would not have fit.
        #[test]
        fn a_reward_is_never_taken_more_often_than_there_are(stock in 0..20i64, wishes in prop::collection::vec(1..6i64, 0..30)) {
            let mut tier = Tier { stock: Some(stock), taken: 0, numbered: false, most_per_customer: None };
            for wish in wishes {
                match pledge(tier, 0, wish) {
                    Ok(()) => tier.taken += wish,
                    Err(PledgeRefused::SoldOut(left)) => prop_assert!(left < wish && left == stock - tier.taken),
                    Err(other) => prop_assert!(false, "{other}"),
                }
                prop_assert!(tier.taken <= stock);
            }
        }

        #[test]
        fn more_raised_never_turns_success_into_failure(goal in 1..1_000i64, minor in 0..2_000i64, more in 0..2_000i64, keeps in any::<bool>()) {
            let funding = if keeps { Funding::KeepItAll } else { Funding::AllOrNothing };
            let (before, after) = (raised(minor, i64::from(minor > 0)), raised(minor + more, i64::from(minor + more > 0)));
            if outcome(Goal::Amount(goal), funding, before) == Outcome::Succeeded {
                prop_assert_eq!(outcome(Goal::Amount(goal), funding, after), Outcome::Succeeded);
            }
        }
    }
}
