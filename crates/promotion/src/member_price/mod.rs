//! Member prices: levels of membership, what each saves on everything, what it pays for single SKUs, and who stands on it.
//!
//! Who rises and falls is for a membership programme to say ([`service::put_on`]); here stands what a level is worth.
//!
//! Invariants: ranks are unique (`member_level_rank_key`) · a level somebody stands on is not deleted · a member whose
//! time is over pays what everybody pays.

pub mod graphql;
pub mod service;
