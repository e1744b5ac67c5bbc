//! What a bargain allows, decided without a database, a clock or a network.
//!
//! [`terms`]: what a campaign promises and the part of it a record keeps. [`campaign`]: when a campaign sells.
//! [`fair`]: how large each cut is. [`record`]: who may cut, when the floor is reached, when it can be bought. Time is an
//! argument, and so is chance.

pub mod campaign;
pub mod fair;
pub mod record;
pub mod terms;

#[cfg(test)]
mod tests;
