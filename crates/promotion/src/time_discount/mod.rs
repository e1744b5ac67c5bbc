//! Time discounts 限时购: lower prices for some SKUs for a while, as a price or as a share off.
//!
//! ```text
//!   DRAFT ──▶ ACTIVE ◀──▶ STOPPED        it counts while ACTIVE and within its window
//! ```
//!
//! Invariants: a price is below what everybody pays when it is written, and one that is not any more is passed over · of
//! several that run, the lowest counts · a play's price stands before it, a member's price beside it: the better one.

pub mod graphql;
pub mod service;
