//! Promotion: what something costs, and why.
//!
//! Pure: no database, no clock. Others bring the prices and keep the answer.

#![recursion_limit = "256"]

pub mod pricing;
