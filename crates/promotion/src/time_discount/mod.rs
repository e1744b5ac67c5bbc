//! Time discounts 限时购: lower prices for some SKUs for a while, as a price or as a share off.
//!
//! ```text
//!   DRAFT ─activate─▶ ACTIVE ◀─activate · stop (the pause)─▶ STOPPED ──end, or the clock──▶ ENDED
//! ```
//!
//! It counts while ACTIVE and within its window. What it promises is frozen once it was offered; what it
//! comes to is reckoned as every play's ([`crate::console`]).
//!
//! Invariants: a price is below what everybody pays when it is written, and one that is not any more is passed over · of
//! several that run, the lowest counts · a play's price stands before it, a member's price beside it: the better one · never
//! more pieces at its prices than its limits say ([`rules::limits`]): they are counted with the order ([`holds`]), and a line of
//! more than are left costs what it does without it.

pub mod graphql;
pub mod holds;
pub mod rules;
pub mod service;
