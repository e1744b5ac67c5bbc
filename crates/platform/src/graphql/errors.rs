//! Refusals as GraphQL sees them: an interface, and a type for each kind of detail a client can act on.

use async_graphql::{Error, ErrorExtensions, ID, Interface, SimpleObject};
use kernel::{Detail, Failure, Fault, Locale, Refusal};

use super::{MoneyObject, hidden};
use crate::{Op, messages::message};

/// Why a command was refused: a code for programs, a sentence for people, and what helps to go on.
#[derive(Clone, Debug, Interface)]
#[allow(clippy::duplicated_attributes, reason = "each line describes another field")]
#[graphql(
    field(name = "code", ty = "&String", desc = "A stable code of the form CAPABILITY_REASON."),
    field(name = "field", ty = "&Option<String>", desc = "The input field to blame, if it is one."),
    field(name = "message", ty = "&String", desc = "The reason in the reader's language.")
)]
pub enum UserError {
    /// The code says it all.
    Basic(BasicError),
    /// Not enough is left.
    Stock(InsufficientStock),
    /// The team is full.
    Team(TeamFull),
    /// The price is another now.
    Price(PriceChanged),
    /// More than is allowed.
    Limit(LimitReached),
    /// Not yet, or not again so soon.
    Later(TryAgainLater),
}

/// A refusal whose code says it all.
#[derive(Clone, Debug, SimpleObject)]
pub struct BasicError {
    /// A stable code of the form CAPABILITY_REASON.
    pub code: String,
    /// The input field to blame, if it is one.
    pub field: Option<String>,
    /// The reason in the reader's language.
    pub message: String,
}

/// Not enough is left.
#[derive(Clone, Debug, SimpleObject)]
pub struct InsufficientStock {
    /// A stable code of the form CAPABILITY_REASON.
    pub code: String,
    /// The input field to blame, if it is one.
    pub field: Option<String>,
    /// The reason in the reader's language.
    pub message: String,
    /// How many can still be bought.
    pub available: i32,
}

/// The team is full.
#[derive(Clone, Debug, SimpleObject)]
pub struct TeamFull {
    /// A stable code of the form CAPABILITY_REASON.
    pub code: String,
    /// The input field to blame, if it is one.
    pub field: Option<String>,
    /// The reason in the reader's language.
    pub message: String,
    /// Teams of the same campaign that can be joined now, the fullest first.
    pub joinable: Vec<ID>,
}

/// The price is another than the shopper was shown.
#[derive(Clone, Debug, SimpleObject)]
pub struct PriceChanged {
    /// A stable code of the form CAPABILITY_REASON.
    pub code: String,
    /// The input field to blame, if it is one.
    pub field: Option<String>,
    /// The reason in the reader's language.
    pub message: String,
    /// What the shopper was shown.
    pub expected: MoneyObject,
    /// What it costs now.
    pub actual: MoneyObject,
    /// A quote that promises the new price for a while.
    pub quote_id: Option<ID>,
}

/// More than is allowed.
#[derive(Clone, Debug, SimpleObject)]
pub struct LimitReached {
    /// A stable code of the form CAPABILITY_REASON.
    pub code: String,
    /// The input field to blame, if it is one.
    pub field: Option<String>,
    /// The reason in the reader's language.
    pub message: String,
    /// The most that is allowed.
    pub limit: i32,
}

/// Not yet, or not again so soon.
#[derive(Clone, Debug, SimpleObject)]
pub struct TryAgainLater {
    /// A stable code of the form CAPABILITY_REASON.
    pub code: String,
    /// The input field to blame, if it is one.
    pub field: Option<String>,
    /// The reason in the reader's language.
    pub message: String,
    /// Not before this time.
    pub not_before: kernel::Timestamp,
}

impl UserError {
    /// The refusal in the reader's language.
    pub fn of(locale: Locale, refusal: &impl Refusal) -> Self {
        let detail = refusal.detail();
        let (code, field) = (refusal.code().to_owned(), refusal.field().map(str::to_owned));
        let message = message(locale, &code, &detail);
        match detail {
            Detail::None | Detail::Between { .. } => Self::Basic(BasicError { code, field, message }),
            Detail::Available(n) => Self::Stock(InsufficientStock { code, field, message, available: narrow(n) }),
            Detail::Joinable(teams) => {
                Self::Team(TeamFull { code, field, message, joinable: teams.iter().map(|team| ID(team.to_string())).collect() })
            }
            Detail::Price { expected, actual, quote } => {
                let quote_id = quote.map(|quote| ID(quote.to_string()));
                Self::Price(PriceChanged { code, field, message, expected: expected.into(), actual: actual.into(), quote_id })
            }
            Detail::Limit(n) => Self::Limit(LimitReached { code, field, message, limit: narrow(n) }),
            Detail::Until(not_before) => Self::Later(TryAgainLater { code, field, message, not_before }),
        }
    }
}

fn narrow(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// A payload that can carry refusals; [`crate::payload!`] implements it.
pub trait Refusing {
    /// The payload of a refused command.
    fn refused(errors: Vec<UserError>) -> Self;
}

/// What a query answers instead of a value.
pub enum Problem {
    /// The input was not right.
    Refused {
        /// The refusal's code.
        code: &'static str,
        /// The argument to blame.
        field: Option<&'static str>,
        /// What helps.
        detail: Detail,
    },
    /// Something broke.
    Fault(Fault),
}

impl Problem {
    /// As the caller sees it: `BAD_USER_INPUT` with the reason, or `INTERNAL`.
    pub fn error(self, op: &Op) -> Error {
        match self {
            Self::Fault(fault) => hidden(op, &fault),
            Self::Refused { code, field, detail } => Error::new(message(op.locale, code, &detail)).extend_with(|_, extensions| {
                extensions.set("code", if code == "NOT_FOUND" { code } else { "BAD_USER_INPUT" });
                extensions.set("reason", code);
                extensions.set("requestId", op.request.id.clone());
                if let Some(field) = field {
                    extensions.set("field", field);
                }
            }),
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<R: Refusal> From<Failure<R>> for Problem {
    fn from(failure: Failure<R>) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused { code: refusal.code(), field: refusal.field(), detail: refusal.detail() },
            Failure::Fault(fault) => Self::Fault(fault),
        }
    }
}
