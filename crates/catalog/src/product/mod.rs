//! Products and their SKUs.

pub mod service;
