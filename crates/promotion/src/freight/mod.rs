//! Freight: what bringing goods costs, by region and by weight, piece or room, and from what on it is free.
//!
//! A template has one rule for everywhere and rules for regions, named by the first digits of their 6-digit codes
//! (GB/T 2260): two name a province, four a city, six a district; the most exact one counts. SKUs name their template; those
//! that do not go by the mall's usual one, and without that they are carried for nothing. What goes by one template is
//! one load with one fee.
//!
//! Invariants: every region has a rule · no code is named twice in a template · a template that something goes by is not
//! deleted.

pub mod graphql;
pub mod rules;
pub mod service;
