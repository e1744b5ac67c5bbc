//! The tables as SeaORM sees them: one file per table, folders by context, no rules.

pub mod campaign;
pub mod catalog;
pub mod identity;
pub mod platform;
pub mod promotion;
pub mod trade;
