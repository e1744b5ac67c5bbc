//! How an after-sale case moves, who may ask for one, and what happens when somebody is silent. Pure.

use std::time::Duration;

use kernel::{Currency, Detail, Money, Refusal, Timestamp, days, hours};
use serde::{Deserialize, Serialize};

use crate::order::rules::{MoveRefused, Status};
use crate::refund::rules::{OrderBooks, PartsRefused, Wish, parts};
pub use crate::refund::rules::{Parts, share};

/// What a shopper wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// Money back; the goods stay where they are.
    RefundOnly,
    /// Money back for goods that are sent back.
    Return,
    /// Other goods for those that are sent back.
    Exchange,
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// Waits for the merchant.
    Requested,
    /// Waits for the shopper to send the goods back.
    AwaitingReturn,
    /// The goods are on their way back.
    Returning,
    /// The goods are here and looked at.
    Inspecting,
    /// The money is on its way back.
    Refunding,
    /// Waits for the merchant to send the replacement.
    Reshipping,
    /// The replacement is on its way.
    Reshipped,
    /// The shopper has what they asked for.
    Done,
    /// The merchant said no.
    Rejected,
    /// The shopper gave it up, or said nothing for too long.
    Cancelled,
    /// Waits for the decision of a complaint.
    Escalated,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Requested,
        Self::AwaitingReturn,
        Self::Returning,
        Self::Inspecting,
        Self::Refunding,
        Self::Reshipping,
        Self::Reshipped,
        Self::Done,
        Self::Rejected,
        Self::Cancelled,
        Self::Escalated,
    ];

    /// Whether it is over, as far as nobody complains.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Done | Self::Rejected | Self::Cancelled)
    }

    /// Whether its pieces are spoken for: no other case may be about them.
    pub fn claims_pieces(self) -> bool {
        !self.is_closed() && self != Self::Refunding
    }
}

/// What moves a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    /// The merchant agrees, or was silent, or the rule for small amounts does.
    Accept,
    /// The merchant says no.
    Reject,
    /// The shopper gives it up, or was silent.
    Cancel,
    /// The shopper has sent the goods.
    ShipBack,
    /// The goods are here.
    Receive,
    /// The goods are as they should be.
    Pass,
    /// There is no replacement: the money goes back instead.
    RefundInstead,
    /// The replacement left the house.
    Reship,
    /// The shopper has the replacement.
    Confirm,
    /// The money is back.
    Settle,
    /// The shopper complains about the merchant's no.
    Escalate,
    /// The complaint is the shopper's.
    Uphold,
    /// The complaint is the merchant's.
    Dismiss,
}

impl Move {
    /// Every move.
    pub const ALL: [Self; 13] = [
        Self::Accept,
        Self::Reject,
        Self::Cancel,
        Self::ShipBack,
        Self::Receive,
        Self::Pass,
        Self::RefundInstead,
        Self::Reship,
        Self::Confirm,
        Self::Settle,
        Self::Escalate,
        Self::Uphold,
        Self::Dismiss,
    ];
}

/// What of a case its moves depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What is wanted.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// Whether the goods came back.
    pub goods_back: bool,
}

/// What a move does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The case moves there.
    To(State),
    /// It is there, or beyond, already: nothing to do, and that is fine.
    Already,
}

/// Where a case goes that nobody has to be asked about any more.
fn granted(case: Standing) -> State {
    match (case.kind, case.goods_back) {
        (Kind::RefundOnly, _) | (Kind::Return, true) => State::Refunding,
        (Kind::Exchange, true) => State::Reshipping,
        (Kind::Return | Kind::Exchange, false) => State::AwaitingReturn,
    }
}

/// The one table of moves. Every transition in the database is guarded by it.
pub fn step(case: Standing, by: Move) -> Result<Step, Refused> {
    use State::{AwaitingReturn, Cancelled, Done, Escalated, Inspecting, Refunding, Rejected, Requested, Reshipped, Reshipping, Returning};
    let back = Standing { goods_back: true, ..case };
    Ok(match (by, case.state) {
        (Move::Accept, Requested) | (Move::Uphold, Escalated) => Step::To(granted(case)),
        (Move::Reject, Requested | Inspecting) | (Move::Dismiss, Escalated) => Step::To(Rejected),
        (Move::Cancel, Requested | AwaitingReturn) => Step::To(Cancelled),
        (Move::ShipBack, AwaitingReturn) => Step::To(Returning),
        (Move::Receive, AwaitingReturn | Returning) => Step::To(Inspecting),
        (Move::Pass, Returning | Inspecting) => Step::To(granted(back)),
        (Move::RefundInstead, Reshipping) => Step::To(Refunding),
        (Move::Reship, Reshipping) => Step::To(Reshipped),
        (Move::Confirm, Reshipped) | (Move::Settle, Refunding) => Step::To(Done),
        (Move::Escalate, Rejected) => Step::To(Escalated),

        (Move::Accept, AwaitingReturn | Returning | Inspecting | Refunding | Reshipping | Reshipped | Done)
        | (Move::Reject, Rejected)
        | (Move::Cancel, Cancelled)
        | (Move::ShipBack, Returning | Inspecting)
        | (Move::Receive, Inspecting)
        | (Move::Pass, Refunding | Reshipping | Reshipped | Done)
        | (Move::RefundInstead, Refunding | Done)
        | (Move::Reship, Reshipped)
        | (Move::Confirm | Move::Settle, Done)
        | (Move::Escalate, Escalated) => Step::Already,

        (_, state) if state.is_closed() => return Err(Refused::Closed),
        _ => return Err(Refused::NotNow),
    })
}

/// The merchant's terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// The merchant answers within so many hours, or has agreed.
    pub answer_hours: u32,
    /// The shopper sends the goods back within so many days, or has given up.
    pub return_days: u32,
    /// What is sent back is taken as received and fine after so many days.
    pub receive_days: u32,
    /// What came back is looked at within so many hours, or is fine.
    pub inspect_hours: u32,
    /// The replacement leaves the house within so many hours, or the money goes back.
    pub reship_hours: u32,
    /// The replacement is taken as received after so many days.
    pub confirm_days: u32,
    /// What is broken, wrong or missing can be said so many days after the goods arrived.
    pub fault_days: u32,
    /// A no can be complained about for so many days.
    pub complain_days: u32,
    /// The merchant answers a complaint within so many hours.
    pub complaint_hours: u32,
    /// Nobody has to agree to a refund up to this; nothing is never.
    pub instant_most: Option<Money>,
    /// … of a shopper who has received so many orders,
    pub instant_orders: u32,
    /// … and asked no more often than this within 90 days.
    pub instant_cases: u32,
    /// Where goods are sent back to.
    pub return_to: String,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            answer_hours: 48,
            return_days: 7,
            receive_days: 10,
            inspect_hours: 48,
            reship_hours: 72,
            confirm_days: 10,
            fault_days: 15,
            complain_days: 7,
            complaint_hours: 72,
            instant_most: Some(Money::new(5_000, Currency::Cny)),
            instant_orders: 3,
            instant_cases: 2,
            return_to: "请按客服提供的地址寄回。Please ask customer service for the address.".to_owned(),
        }
    }
}

/// How long ago counts for the instant rule.
pub const INSTANT_WINDOW: Duration = days(90);

impl Policy {
    /// The terms, if they are ones: spans between an hour and 90 days, an address of 1 to 300 characters.
    pub fn checked(self) -> Result<Self, Refused> {
        let spans = [self.answer_hours, self.inspect_hours, self.reship_hours, self.complaint_hours];
        let day_spans = [self.return_days, self.receive_days, self.confirm_days, self.fault_days, self.complain_days];
        let sane = spans.iter().all(|hours| (1..=2_160).contains(hours)) && day_spans.iter().all(|days| (1..=90).contains(days));
        // Nobody is promised less than the law: seven days to give back, and the time to send it.
        let fair = self.return_days >= 3 && self.fault_days >= 7;
        let amount = self.instant_most.is_none_or(|most| most.minor > 0);
        let return_to = self.return_to.trim().to_owned();
        let address = (1..=300).contains(&return_to.chars().count()) && !return_to.chars().any(char::is_control);
        if sane && fair && amount && address { Ok(Self { return_to, ..self }) } else { Err(Refused::Policy) }
    }

    /// What happens to a case by itself, and when, if nobody does anything from now on.
    pub fn due(&self, state: State, now: Timestamp) -> Option<(Timestamp, Move)> {
        let after = |span: Duration, by| Some((now + span, by));
        let (in_hours, in_days) = (|n: u32| hours(u64::from(n)), |n: u32| days(u64::from(n)));
        match state {
            State::Requested => after(in_hours(self.answer_hours), Move::Accept),
            State::AwaitingReturn => after(in_days(self.return_days), Move::Cancel),
            State::Returning => after(in_days(self.receive_days), Move::Pass),
            State::Inspecting => after(in_hours(self.inspect_hours), Move::Pass),
            State::Reshipping => after(in_hours(self.reship_hours), Move::RefundInstead),
            State::Reshipped => after(in_days(self.confirm_days), Move::Confirm),
            State::Refunding | State::Done | State::Rejected | State::Cancelled | State::Escalated => None,
        }
    }

    /// Whether nobody has to agree.
    pub fn is_instant(&self, wanted: (Kind, Money), history: History) -> bool {
        let (kind, amount) = wanted;
        let small = self.instant_most.is_some_and(|most| most.currency == amount.currency && amount.minor <= most.minor);
        let good = history.orders_received >= i64::from(self.instant_orders) && history.cases <= i64::from(self.instant_cases);
        kind == Kind::RefundOnly && small && good && history.rejected == 0
    }
}

/// What is known of a shopper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct History {
    /// How many orders they received.
    pub orders_received: i64,
    /// How many cases they opened within [`INSTANT_WINDOW`].
    pub cases: i64,
    /// How many of those the merchant said no to.
    pub rejected: i64,
}

/// Why a shopper wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// They need none within seven days.
    NoReason,
    /// It is broken or of bad quality.
    Faulty,
    /// It was damaged on its way.
    Damaged,
    /// It is something else.
    WrongItem,
    /// Something is missing.
    Missing,
    /// It is not what was described.
    NotAsDescribed,
    /// It did not come, or too late.
    NotArrived,
    /// Something else.
    Other,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 8] =
        [Self::NoReason, Self::Faulty, Self::Damaged, Self::WrongItem, Self::Missing, Self::NotAsDescribed, Self::NotArrived, Self::Other];

    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoReason => "NO_REASON",
            Self::Faulty => "FAULTY",
            Self::Damaged => "DAMAGED",
            Self::WrongItem => "WRONG_ITEM",
            Self::Missing => "MISSING",
            Self::NotAsDescribed => "NOT_AS_DESCRIBED",
            Self::NotArrived => "NOT_ARRIVED",
            Self::Other => "OTHER",
        }
    }

    /// The reason of that code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// The end of the seven days: they begin with the day after the goods arrived, in the merchant's day (UTC+8).
pub fn no_reason_until(received_at: Timestamp) -> Timestamp {
    const DAY: i64 = 86_400_000;
    const EAST: i64 = 8 * 3_600_000;
    let midnight_after = (received_at.0 + EAST).div_euclid(DAY) * DAY + DAY - EAST;
    Timestamp(midnight_after) + days(7)
}

/// What is wanted of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What.
    pub kind: Kind,
    /// Why.
    pub reason: Reason,
    /// Whether the money is for goods that are kept: less than they are worth.
    pub keeps_goods: bool,
    /// Whether any of the goods cannot be given back without a reason, as the shopper confirmed.
    pub excepted: bool,
}

/// Whether a shopper may ask for it.
pub fn may_ask(order: (Status, Option<Timestamp>), wanted: Wanted, (policy, now): (&Policy, Timestamp)) -> Result<(), Refused> {
    let (status, received_at) = order;
    match status {
        Status::PendingPayment => return Err(MoveRefused::Unpaid.into()),
        Status::AwaitingTeam => return Err(MoveRefused::AwaitingTeam.into()),
        Status::Cancelled => return Err(MoveRefused::Cancelled.into()),
        Status::Refunded => return Err(MoveRefused::Refunded.into()),
        // Nothing has left the house: there is nothing to send back, and nothing to keep.
        Status::ToShip | Status::ReadyForPickup if wanted.kind != Kind::RefundOnly || wanted.keeps_goods => {
            return Err(MoveRefused::NotShipped.into());
        }
        Status::ToShip | Status::ReadyForPickup => return Ok(()),
        Status::Shipped | Status::Received | Status::Completed => {}
    }
    if wanted.reason == Reason::NoReason && wanted.kind == Kind::RefundOnly {
        return Err(Refused::SendBack);
    }
    if wanted.reason == Reason::NoReason && wanted.excepted {
        return Err(Refused::Excepted);
    }
    let Some(received_at) = received_at else { return Ok(()) };
    let until = match wanted.reason {
        Reason::NoReason => no_reason_until(received_at),
        _ => received_at + days(u64::from(policy.fault_days)),
    };
    if now < until { Ok(()) } else { Err(Refused::TooLate(until)) }
}

/// What goes back for pieces, and how many of the points that were spent on the whole order go back with it. Both sum to
/// the whole over any portions.
pub fn shares(books: &OrderBooks, wish: &Wish, points: i64) -> Result<(Parts, i64), PartsRefused> {
    let back = parts(books, wish)?;
    let goods: i64 = books.lines.iter().map(|line| line.payable).sum();
    let before: i64 = books.lines.iter().map(|line| line.money_back).sum();
    let points = share(points, goods, (before, back.lines.iter().map(|part| part.amount).sum()));
    Ok((back, points))
}

/// Words for people with outer blanks removed, if there are any and not too many.
pub fn words(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let sane = text.chars().count() <= most && !text.chars().any(|c| c.is_control() && c != '\n');
    sane.then(|| text.to_owned())
}

/// Why a case is not opened or not moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The order does not allow it.
    #[error(transparent)]
    Order(#[from] MoveRefused),
    /// It is over.
    #[error("the case is closed")]
    Closed,
    /// Not from where it stands.
    #[error("the case is not in a state for this")]
    NotNow,
    /// Without a reason goods are sent back.
    #[error("without a reason the goods have to come back")]
    SendBack,
    /// The shopper confirmed that this cannot be given back.
    #[error("these goods cannot be given back without a reason")]
    Excepted,
    /// The time is over.
    #[error("the time to ask for this is over")]
    TooLate(Timestamp),
    /// The terms are not ones.
    #[error("the terms are not usable")]
    Policy,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::Order(order) => order.code(),
            Self::Closed => "AFTER_SALE_CLOSED",
            Self::NotNow => "AFTER_SALE_STATE",
            Self::SendBack => "AFTER_SALE_SEND_BACK",
            Self::Excepted => "AFTER_SALE_EXCEPTED",
            Self::TooLate(_) => "AFTER_SALE_TOO_LATE",
            Self::Policy => "AFTER_SALE_POLICY_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Order(_) => Some("orderId"),
            Self::Closed | Self::NotNow => Some("id"),
            Self::SendBack => Some("kind"),
            Self::Excepted => Some("reason"),
            Self::TooLate(_) | Self::Policy => None,
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::TooLate(until) => Detail::Until(*until),
            _ => Detail::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn case(kind: Kind) -> Standing {
        Standing { kind, state: State::Requested, goods_back: false }
    }

    fn then(case: Standing, by: Move) -> Standing {
        match step(case, by) {
            Ok(Step::To(state)) => Standing { state, goods_back: case.goods_back || matches!(by, Move::Receive | Move::Pass), ..case },
            _ => case,
        }
    }

    fn walk(kind: Kind, moves: &[Move]) -> State {
        moves.iter().fold(case(kind), |at, &by| then(at, by)).state
    }

    const KINDS: [Kind; 3] = [Kind::RefundOnly, Kind::Return, Kind::Exchange];

    #[test]
    fn the_good_lives_of_the_three_kinds() {
        use Move::*;
        assert_eq!(walk(Kind::RefundOnly, &[Accept]), State::Refunding);
        assert_eq!(walk(Kind::RefundOnly, &[Accept, Settle]), State::Done);
        assert_eq!(walk(Kind::Return, &[Accept, ShipBack, Receive, Pass, Settle]), State::Done);
        assert_eq!(walk(Kind::Exchange, &[Accept, ShipBack, Receive, Pass, Reship, Confirm]), State::Done);
        assert_eq!(walk(Kind::Exchange, &[Accept, ShipBack, Receive, Pass, RefundInstead]), State::Refunding);
    }

    #[test]
    fn a_no_can_be_complained_about_and_goes_on_where_it_ended() {
        use Move::*;
        assert_eq!(walk(Kind::Return, &[Reject, Escalate, Uphold]), State::AwaitingReturn);
        assert_eq!(walk(Kind::Return, &[Accept, ShipBack, Receive, Reject, Escalate, Uphold]), State::Refunding);
        assert_eq!(walk(Kind::Exchange, &[Accept, ShipBack, Receive, Reject, Escalate, Uphold]), State::Reshipping);
        assert_eq!(walk(Kind::RefundOnly, &[Reject, Escalate, Dismiss]), State::Rejected);
    }

    #[test]
    fn nobody_waits_for_ever() {
        let policy = Policy::default();
        for kind in KINDS {
            for state in State::ALL {
                let mut at = Standing { kind, state, goods_back: false };
                for _ in 0..6 {
                    if let Some((_, by)) = policy.due(at.state, Timestamp(0)) {
                        let next = then(at, by);
                        assert_ne!(next.state, at.state, "{kind:?} {state:?} stands still");
                        at = next;
                    }
                }
                assert!(policy.due(at.state, Timestamp(0)).is_none(), "{kind:?} {state:?} ends in {:?}", at.state);
            }
        }
    }

    #[test]
    fn a_silent_merchant_has_agreed_and_a_silent_shopper_given_up() {
        let policy = Policy::default();
        let mut at = case(Kind::Return);
        for expected in [State::AwaitingReturn, State::Cancelled] {
            at = then(at, policy.due(at.state, Timestamp(0)).expect("is due").1);
            assert_eq!(at.state, expected);
        }
        let mut at = Standing { state: State::Returning, ..case(Kind::Return) };
        at = then(at, policy.due(at.state, Timestamp(0)).expect("is due").1);
        assert_eq!(at.state, State::Refunding);
        let reshipping = Standing { state: State::Reshipping, goods_back: true, kind: Kind::Exchange };
        assert_eq!(then(reshipping, policy.due(State::Reshipping, Timestamp(0)).expect("is due").1).state, State::Refunding);
    }

    #[test]
    fn seven_days_begin_with_the_next_day_in_china() {
        // 2026-11-11T04:00Z is noon in China: until the end of the 18th there.
        let received = Timestamp(1_794_369_600_000);
        assert_eq!(no_reason_until(received).to_rfc3339(), "2026-11-18T16:00:00.000Z");
        // One minute before midnight in China counts as that day.
        assert_eq!(
            no_reason_until(Timestamp::parse_rfc3339("2026-11-11T15:59:00Z").expect("a time")).to_rfc3339(),
            "2026-11-18T16:00:00.000Z"
        );
        assert_eq!(
            no_reason_until(Timestamp::parse_rfc3339("2026-11-11T16:00:00Z").expect("a time")).to_rfc3339(),
            "2026-11-19T16:00:00.000Z"
        );
    }

    #[test]
    fn who_may_ask_for_what_and_when() {
        let (policy, received) = (Policy::default(), Timestamp(1_794_369_600_000));
        let wanted = |kind, reason| Wanted { kind, reason, keeps_goods: false, excepted: false };
        let ask = |status, wanted, now| {
            may_ask((status, matches!(status, Status::Received | Status::Completed).then_some(received)), wanted, (&policy, now))
        };
        let refund = wanted(Kind::RefundOnly, Reason::Other);
        for (status, refused) in [
            (Status::PendingPayment, MoveRefused::Unpaid),
            (Status::AwaitingTeam, MoveRefused::AwaitingTeam),
            (Status::Cancelled, MoveRefused::Cancelled),
            (Status::Refunded, MoveRefused::Refunded),
        ] {
            assert_eq!(ask(status, refund, received), Err(refused.into()));
        }
        assert_eq!(ask(Status::ToShip, wanted(Kind::RefundOnly, Reason::NoReason), received), Ok(()));
        assert_eq!(ask(Status::ToShip, wanted(Kind::Return, Reason::NoReason), received), Err(MoveRefused::NotShipped.into()));
        assert_eq!(ask(Status::Received, wanted(Kind::RefundOnly, Reason::NoReason), received), Err(Refused::SendBack));
        let back = wanted(Kind::Return, Reason::NoReason);
        let last = Timestamp(no_reason_until(received).0 - 1);
        assert_eq!(ask(Status::Completed, back, last), Ok(()));
        assert_eq!(ask(Status::Received, back, no_reason_until(received)), Err(Refused::TooLate(no_reason_until(received))));
        let excepted = Wanted { excepted: true, ..back };
        assert_eq!(ask(Status::Received, excepted, received), Err(Refused::Excepted));
        // What is broken comes back whatever was confirmed.
        assert_eq!(ask(Status::Received, Wanted { reason: Reason::Faulty, ..excepted }, received + days(14)), Ok(()));
        assert!(ask(Status::Completed, wanted(Kind::Return, Reason::Faulty), received + days(15)).is_err());
    }

    #[test]
    fn small_amounts_of_good_shoppers_need_nobody() {
        let policy = Policy::default();
        let good = History { orders_received: 3, cases: 1, rejected: 0 };
        let of = |minor, currency, history| policy.is_instant((Kind::RefundOnly, Money::new(minor, currency)), history);
        assert!(of(5_000, Currency::Cny, good));
        assert!(!of(5_001, Currency::Cny, good));
        assert!(!of(1, Currency::Usd, good));
        assert!(!of(1, Currency::Cny, History { orders_received: 2, ..good }));
        assert!(!of(1, Currency::Cny, History { cases: 3, ..good }));
        assert!(!of(1, Currency::Cny, History { rejected: 1, ..good }));
        assert!(!policy.is_instant((Kind::Return, Money::new(1, Currency::Cny)), good));
        assert!(!Policy { instant_most: None, ..policy }.is_instant((Kind::RefundOnly, Money::new(1, Currency::Cny)), good));
    }

    #[test]
    fn terms_below_the_law_or_beyond_reason_are_none() {
        assert!(Policy::default().checked().is_ok());
        for bad in [
            Policy { answer_hours: 0, ..Policy::default() },
            Policy { return_days: 2, ..Policy::default() },
            Policy { fault_days: 6, ..Policy::default() },
            Policy { confirm_days: 91, ..Policy::default() },
            Policy { return_to: "x".repeat(301), ..Policy::default() },
            Policy { instant_most: Some(Money::new(0, Currency::Cny)), ..Policy::default() },
        ] {
            assert_eq!(bad.checked(), Err(Refused::Policy));
        }
    }

    proptest! {
        #[test]
        fn whatever_they_do_no_money_goes_back_for_goods_that_did_not(
            kind in prop::sample::select(KINDS.to_vec()),
            moves in prop::collection::vec(prop::sample::select(Move::ALL.to_vec()), 0..40),
        ) {
            let mut at = case(kind);
            for by in moves {
                let before = at;
                at = then(at, by);
                if before.state == State::Done || before.state == State::Cancelled {
                    prop_assert_eq!(at.state, before.state, "an end is an end");
                }
                if matches!(at.state, State::Refunding | State::Reshipping | State::Reshipped) {
                    prop_assert!(kind == Kind::RefundOnly || at.goods_back);
                }
                if at.state == State::Reshipping || at.state == State::Reshipped {
                    prop_assert_eq!(kind, Kind::Exchange);
                }
            }
        }

        #[test]
        fn a_move_repeated_changes_nothing_more(
            kind in prop::sample::select(KINDS.to_vec()),
            moves in prop::collection::vec(prop::sample::select(Move::ALL.to_vec()), 0..40),
        ) {
            let mut at = case(kind);
            for by in moves {
                let once = then(at, by);
                let twice = then(once, by);
                prop_assert!(twice.state == once.state, "{:?} by {:?}: {:?}, then {:?}", at, by, once.state, twice.state);
                at = once;
            }
        }
    }
}
