//! See below.
pub mod rules;
