//! Customers, staff, their roles and sessions.

pub mod customer;
pub mod customer_address;
pub mod customer_identity;
pub mod phone_code;
pub mod refresh_token;
pub mod role;
pub mod session;
pub mod sign_in_attempt;
pub mod staff;
pub mod staff_role;
