//! Trade: from the quote to the money and back.

#![recursion_limit = "256"]

pub mod ledger;
pub mod payment;
