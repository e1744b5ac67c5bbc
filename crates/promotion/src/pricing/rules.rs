//! What is priced, the arithmetic, and on what offers hold.

pub mod basket;
pub mod scope;
pub mod tally;
