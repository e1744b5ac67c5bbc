//! What a play comes to 活动预估, before it begins: price, margin and worst case, the same for all plays, limited-time
//! discounts included. [`preview`] does the arithmetic, [`service`] knows what lies on the shelf.

pub mod graphql;
pub mod preview;
pub mod service;
