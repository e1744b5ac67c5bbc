//! Staff as GraphQL sees them.

mod admin;
mod types;

pub use admin::{AccessMutation, AdminQuery, SignInMutation};
