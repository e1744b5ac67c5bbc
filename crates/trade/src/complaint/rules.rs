//! How a complaint moves. Pure.

use kernel::Refusal;
use serde::{Deserialize, Serialize};

/// Where a complaint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// Waits for the merchant's answer.
    Filed,
    /// The merchant answered; waits for the decision.
    Answered,
    /// The merchant did not answer in time; waits for the decision.
    Unanswered,
    /// The shopper is right.
    Upheld,
    /// The merchant is right.
    Dismissed,
    /// The shopper gave it up.
    Withdrawn,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [Self::Filed, Self::Answered, Self::Unanswered, Self::Upheld, Self::Dismissed, Self::Withdrawn];

    /// Whether it is decided or given up.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Upheld | Self::Dismissed | Self::Withdrawn)
    }
}

/// What moves a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    /// The merchant says something.
    Answer,
    /// The merchant's time is over.
    Lapse,
    /// The shopper is right.
    Uphold,
    /// The merchant is right.
    Dismiss,
    /// The shopper gives it up.
    Withdraw,
}

/// What a move does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The complaint moves there.
    To(State),
    /// It is there already, or beyond.
    Already,
}

/// What complaints are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum About {
    /// The merchant said no to an after-sale case.
    Rejected,
    /// The goods.
    Goods,
    /// How, or whether, they came.
    Delivery,
    /// How the shopper was treated.
    Service,
    /// What was promised.
    FalsePromise,
    /// Something else.
    Other,
}

impl About {
    /// Every topic.
    pub const ALL: [Self; 6] = [Self::Rejected, Self::Goods, Self::Delivery, Self::Service, Self::FalsePromise, Self::Other];

    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Rejected => "REJECTED",
            Self::Goods => "GOODS",
            Self::Delivery => "DELIVERY",
            Self::Service => "SERVICE",
            Self::FalsePromise => "FALSE_PROMISE",
            Self::Other => "OTHER",
        }
    }

    /// The topic of that code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|about| about.code() == code)
    }
}

/// Why a complaint does not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoveRefused {
    /// It is decided, or was given up.
    #[error("the complaint is closed")]
    Closed,
    /// The merchant may still answer.
    #[error("the merchant may still answer")]
    MerchantFirst,
}

impl Refusal for MoveRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Closed => "COMPLAINT_CLOSED",
            Self::MerchantFirst => "COMPLAINT_MERCHANT_FIRST",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some("id")
    }
}

/// The one table of moves. Nobody is found wrong unheard: a complaint is dismissed at any time, upheld only once the
/// merchant answered or their time is over.
pub fn step(state: State, by: Move) -> Result<Step, MoveRefused> {
    use State::{Answered, Dismissed, Filed, Unanswered, Upheld, Withdrawn};
    Ok(match (by, state) {
        (Move::Answer, Filed | Unanswered) => Step::To(Answered),
        (Move::Lapse, Filed) => Step::To(Unanswered),
        (Move::Uphold, Filed) => return Err(MoveRefused::MerchantFirst),
        (Move::Uphold, Answered | Unanswered) => Step::To(Upheld),
        (Move::Dismiss, Filed | Answered | Unanswered) => Step::To(Dismissed),
        (Move::Withdraw, Filed | Answered | Unanswered) => Step::To(Withdrawn),
        (Move::Answer, Answered)
        | (Move::Lapse, Answered | Unanswered | Upheld | Dismissed | Withdrawn)
        | (Move::Uphold, Upheld)
        | (Move::Dismiss, Dismissed)
        | (Move::Withdraw, Withdrawn) => Step::Already,
        (_, Upheld | Dismissed | Withdrawn) => return Err(MoveRefused::Closed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOVES: [Move; 5] = [Move::Answer, Move::Lapse, Move::Uphold, Move::Dismiss, Move::Withdraw];

    #[test]
    fn an_end_is_an_end_and_again_is_once() {
        for state in State::ALL {
            for by in MOVES {
                if let Ok(Step::To(next)) = step(state, by) {
                    assert!(!state.is_closed(), "{state:?} moved by {by:?}");
                    assert_eq!(step(next, by), Ok(Step::Already), "{state:?} by {by:?} twice");
                }
            }
        }
    }

    #[test]
    fn the_merchant_is_heard_before_they_are_wrong() {
        assert_eq!(step(State::Filed, Move::Uphold), Err(MoveRefused::MerchantFirst));
        for heard in [State::Answered, State::Unanswered] {
            assert_eq!(step(heard, Move::Uphold), Ok(Step::To(State::Upheld)));
        }
        // A late answer still counts.
        assert_eq!(step(State::Unanswered, Move::Answer), Ok(Step::To(State::Answered)));
        assert_eq!(step(State::Withdrawn, Move::Dismiss), Err(MoveRefused::Closed));
    }

    #[test]
    fn topics_survive_their_codes() {
        for about in About::ALL {
            assert_eq!(About::of(about.code()), Some(about));
        }
        assert_eq!(About::of("GHOSTS"), None);
    }
}
