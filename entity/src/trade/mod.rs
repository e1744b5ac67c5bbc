//! Carts, quotes, orders, their money, and the books.

pub mod after_sale;
pub mod after_sale_event;
pub mod after_sale_line;
pub mod after_sale_policy;
pub mod cart_line;
pub mod complaint;
pub mod complaint_event;
pub mod gateway_notification;
pub mod ledger_block;
pub mod ledger_entry;
pub mod ledger_posting;
pub mod payment;
pub mod payment_event;
pub mod quote;
pub mod refund;
pub mod refund_line;
pub mod trade_order;
pub mod trade_order_event;
pub mod trade_order_line;
