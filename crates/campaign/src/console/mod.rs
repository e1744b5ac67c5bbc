//! Campaign console 活动控制台: what the plays of this context have in common for staff, whatever their kind.
//!
//! Each play has the same commands (create, update while a draft, preview, publish, pause, resume, end early, copy). What
//! it promises is frozen when it is published: whoever wants to promise something else ends it and publishes a copy.
//! [`rules`] says which step leads where, [`preview`] what a play costs before it begins, [`service`] what one that sells
//! from the shelf does; the last two are shared with what promotion offers.

pub use promotion::console::{graphql, preview, service};
pub mod rules;
#[cfg(test)]
mod tests;
