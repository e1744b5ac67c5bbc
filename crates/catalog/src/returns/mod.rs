//! What is kept once it is bought: exceptions from the right to give goods back within seven days without a reason
//! (七天无理由退货).
//!
//! A SKU without a rule can be given back. One with a rule names why it cannot; whoever buys it confirms that when they
//! place the order, and the order keeps what was confirmed. Changing a rule never changes an order.
//!
//! Goods that are broken, wrong or missing can be given back whatever the rule: that is another right.

pub mod graphql;
pub mod service;

pub use entity::catalog::sku_return_rule::ReturnException;
