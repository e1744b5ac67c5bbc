//! Presales on both APIs.

pub mod admin;
pub mod loaders;
pub mod shop;
pub mod types;
