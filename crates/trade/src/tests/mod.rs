//! Trade on a real database, with a bank that does what the test says.

mod after_sale;
mod bank;
mod bills;
mod books;
mod carts;
mod fulfilment;
mod order_desk;
mod orders;
mod payments;
mod points;
mod prices;
mod purchase;
mod refunds;
mod sales;
mod shop;
mod storms;
mod tracking;
mod wallets;
mod withdrawals;
