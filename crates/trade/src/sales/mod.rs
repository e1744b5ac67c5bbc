//! What the mall sells today, live, for staff.
//!
//! It reads what orders and refunds wrote; nothing is kept here. The figures are a live sum: one statement a second at most
//! per question, however many watch, told when it is another figure. At midnight, where the asker says midnight is, they
//! begin anew. What happens one by one is told by `orderFeed`.
//!
//! Events in: all of orders, by their feed `trade.orders:all`.

pub mod graphql;
pub mod query;
mod rules;
