//! The two ways a command does not succeed: a **refusal** (the rules say no: data for the caller) and a **fault**
//! (something broke: ours to repair, nothing to show).

use crate::{Money, MoneyError, QuoteId, Timestamp};

/// What a client needs beside the code to offer the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The code says it all.
    None,
    /// So many are left.
    Available(i64),
    /// These may be joined instead.
    Joinable(Vec<crate::TeamId>),
    /// The price is another now; the new quote holds it.
    Price {
        /// What the shopper was shown.
        expected: Money,
        /// What it is now.
        actual: Money,
        /// The quote that promises `actual`.
        quote: Option<QuoteId>,
    },
    /// No more than this.
    Limit(i64),
    /// Not before this.
    Until(Timestamp),
    /// Two things that exclude each other, by their names.
    Between {
        /// What was asked for.
        mine: String,
        /// What stands in its way.
        theirs: String,
    },
}

/// Why the rules say no: a sentence for people (localised by code), a code for programs.
pub trait Refusal: std::error::Error + Send + Sync + 'static {
    /// A stable code of the form `CAPABILITY_REASON`, with a message in every locale.
    fn code(&self) -> &'static str;

    /// The input field to blame, as the API spells it (`quantity`, `input.address.phone`).
    fn field(&self) -> Option<&'static str> {
        None
    }

    /// What helps to go on.
    fn detail(&self) -> Detail {
        Detail::None
    }
}

/// Something broke. It is logged once at the edge with the request's id; the caller learns only the kind.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database refused or is gone.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// Another system did not answer as agreed.
    #[error("{system}: {message}")]
    Upstream {
        /// Which one.
        system: &'static str,
        /// What it said or did not say.
        message: String,
    },
    /// Stored data contradict themselves.
    #[error("corrupt: {0}")]
    Corrupt(String),
    /// A bug or a missing part.
    #[error("internal: {0}")]
    Internal(String),
}

impl Fault {
    /// A bug or a missing part, in words.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal(message.into())
    }

    /// Stored data contradict themselves, in words.
    pub fn corrupt(message: impl Into<String>) -> Self {
        Self::Corrupt(message.into())
    }

    /// Another system did not answer as agreed.
    pub fn upstream(system: &'static str, message: impl std::fmt::Display) -> Self {
        Self::Upstream { system, message: message.to_string() }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(format!("json: {error}"))
    }
}

impl From<MoneyError> for Fault {
    fn from(error: MoneyError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// What a command answers when it does not succeed. `?` lifts a refusal, a fault or a database error into it.
#[derive(Debug, thiserror::Error)]
pub enum Failure<R> {
    /// The rules say no.
    #[error("{0}")]
    Refused(R),
    /// Something broke.
    #[error(transparent)]
    Fault(Fault),
}

impl<R> Failure<R> {
    /// Turns one family's failure into another's: `other::command(..).await.map_err(Failure::widen)?`.
    pub fn widen<W: From<R>>(self) -> Failure<W> {
        match self {
            Self::Refused(refusal) => Failure::Refused(refusal.into()),
            Self::Fault(fault) => Failure::Fault(fault),
        }
    }
}

impl<R: Refusal> From<R> for Failure<R> {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal)
    }
}

impl<R> From<Fault> for Failure<R> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<R> From<sea_orm::DbErr> for Failure<R> {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl<R> From<serde_json::Error> for Failure<R> {
    fn from(error: serde_json::Error) -> Self {
        Self::Fault(error.into())
    }
}
