//! The vocabulary every other crate speaks: ids, money, time, who acts, what happened and why not.
//!
//! Nothing here does anything: no runtime, no database connection, no HTTP. What is here changes rarely, because
//! everything else is rebuilt when it does.

#![recursion_limit = "256"]

mod actor;
mod event;
mod failure;
mod ids;
mod locale;
mod money;
mod page;
mod time;

pub use actor::{Actor, Permission};
pub use event::{Event, Topic};
pub use failure::{Detail, Failure, Fault, Refusal};
pub use ids::*;
pub use locale::{Locale, LocalizedText};
pub use money::{Bps, Currency, Money, MoneyError};
pub use page::{Cursor, CursorError, Page, PageRequest};
pub use time::{Clock, Timestamp, days, hours, minutes, seconds};
