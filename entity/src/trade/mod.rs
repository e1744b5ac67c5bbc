//! Carts, quotes, orders, their money, and the books.

pub mod cart_line;
pub mod gateway_notification;
pub mod ledger_block;
pub mod ledger_entry;
pub mod ledger_posting;
pub mod payment;
pub mod payment_event;
pub mod quote;
pub mod refund;
pub mod trade_order;
pub mod trade_order_event;
pub mod trade_order_line;
