//! Flash sale on a real database: [`story`] tells what happens to one sale, [`races`] lets everything happen at once.

mod races;
pub(crate) mod shop;
mod story;
