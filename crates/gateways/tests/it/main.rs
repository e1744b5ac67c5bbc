//! Every provider's client against its simulator: what it makes of every answer, and of none.
#![allow(clippy::unwrap_used)]

mod contract;
mod quirks;
mod world;
