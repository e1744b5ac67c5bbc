//! Bargain as GraphQL shows it: [`types`] both APIs share, the [`shop`] and [`admin`] roots, and [`loaders`].

pub mod admin;
pub mod loaders;
pub mod shop;
pub mod types;
