//! What group buy allows, decided without a database, a clock or a network.
//!
//! [`terms`]: what a campaign promises and the part of it a team keeps. [`campaign`]: when a campaign sells.
//! [`team`]: who sits where, who leads, when a team forms or fails. Time is an argument, randomness has no place.

pub mod campaign;
pub mod team;
pub mod terms;

#[cfg(test)]
mod tests;
