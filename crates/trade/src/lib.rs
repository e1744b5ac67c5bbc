//! Trade: from the cart to the money, and back.
//!
//! ```text
//!  cart ─▶ quote ─▶ order ─▶ payment ─▶ (play lets go) ─▶ shipped ─▶ received
//!                     │         │                            every movement of money: a ledger posting
//!                     └─ unpaid └─ refund ◀── after-sale case ◀── complaint
//! ```
//!
//! Lock order inside a transaction: order → after-sale case → complaint → payment → refund → stock → points and wallet
//! accounts → ledger. No provider is called while a transaction is open.

#![recursion_limit = "256"]

pub mod after_sale;
pub mod cart;
pub mod complaint;
pub mod export;
pub mod fulfilment;
mod graphql;
pub mod ledger;
pub mod order;
pub mod payment;
pub mod points;
pub mod quote;
pub mod reconciliation;
pub mod refund;
pub mod sales;
#[cfg(test)]
mod tests;
pub mod wallet;

use std::{sync::Arc, time::Duration};

use async_graphql::{MergedObject, MergedSubscription, Request};
use kernel::minutes;
use platform::{Op, Registry, ports::Ports};

/// The most lines a quote has.
pub const MOST_LINES: usize = 50;

/// The most pieces of one SKU on a line.
pub const MOST_OF_ONE: i64 = 999;

/// What trade is told at start.
#[derive(Clone, Debug)]
pub struct TradeSettings {
    /// The address the world reaches the mall under: providers report to `{public_url}/pay/notify/{gateway}`.
    pub public_url: String,
    /// How long a quote promises its price.
    pub quote_lifetime: Duration,
    /// How long an order waits for its money.
    pub pay_within: Duration,
    /// How long after its creation a silent payment is first asked about.
    pub query_after: Duration,
}

impl TradeSettings {
    /// The usual times: 15 minutes for a quote, 30 for a payment, 30 seconds of silence.
    pub fn new(public_url: impl Into<String>) -> Self {
        Self { public_url: public_url.into(), quote_lifetime: minutes(15), pay_within: minutes(30), query_after: kernel::seconds(30) }
    }
}

/// Plugs trade's settings in. The gateways and the prices of plays are plugged by whoever has them.
pub fn plug(ports: &mut Ports, settings: TradeSettings) {
    ports.plug(Arc::new(settings));
    promotion::plug(ports);
}

/// Registers what runs behind the requests.
pub fn register(r: &mut Registry) {
    quote::register(r);
    order::register(r);
    fulfilment::register(r);
    payment::register(r);
    refund::register(r);
    after_sale::register(r);
    complaint::register(r);
    ledger::register(r);
    points::register(r);
    wallet::register(r);
}

/// Gives a request its loaders.
pub fn loaders(op: &Op, request: Request) -> Request {
    after_sale::graphql::loaders(op, order::graphql::loaders(op, request))
}

/// What a shopper can ask about trade.
#[derive(MergedObject, Default)]
#[graphql(name = "TradeShopQuery")]
pub struct ShopQuery(
    cart::graphql::CartQuery,
    quote::graphql::QuoteQuery,
    order::graphql::OrderShopQuery,
    fulfilment::graphql::FulfilmentShopQuery,
    after_sale::graphql::AfterSaleShopQuery,
    complaint::graphql::ComplaintShopQuery,
    payment::graphql::PaymentQuery,
    graphql::BooksShopQuery,
);

/// What a shopper can do in trade.
#[derive(MergedObject, Default)]
#[graphql(name = "TradeShopMutation")]
pub struct ShopMutation(
    cart::graphql::CartMutation,
    quote::graphql::QuoteMutation,
    order::graphql::OrderShopMutation,
    fulfilment::graphql::FulfilmentShopMutation,
    after_sale::graphql::AfterSaleShopMutation,
    complaint::graphql::ComplaintShopMutation,
    payment::graphql::PaymentMutation,
    graphql::BooksShopMutation,
);

/// What a shopper can watch in trade.
#[derive(MergedSubscription, Default)]
#[graphql(name = "TradeShopSubscription")]
pub struct ShopSubscription(
    order::graphql::OrderShopSubscription,
    after_sale::graphql::AfterSaleShopSubscription,
    complaint::graphql::ComplaintShopSubscription,
);

/// What staff can ask about trade.
#[derive(MergedObject, Default)]
#[graphql(name = "TradeAdminQuery")]
pub struct AdminQuery(
    order::graphql::OrderAdminQuery,
    fulfilment::graphql::FulfilmentAdminQuery,
    after_sale::graphql::AfterSaleAdminQuery,
    complaint::graphql::ComplaintAdminQuery,
    payment::graphql::PaymentAdminQuery,
    graphql::BooksAdminQuery,
);

/// What staff can do in trade.
#[derive(MergedObject, Default)]
#[graphql(name = "TradeAdminMutation")]
pub struct AdminMutation(
    order::graphql::OrderAdminMutation,
    fulfilment::graphql::FulfilmentAdminMutation,
    after_sale::graphql::AfterSaleAdminMutation,
    complaint::graphql::ComplaintAdminMutation,
    refund::graphql::RefundAdminMutation,
    graphql::BooksAdminMutation,
);

/// What staff can watch in trade.
#[derive(MergedSubscription, Default)]
#[graphql(name = "TradeAdminSubscription")]
pub struct AdminSubscription(
    order::graphql::OrderAdminSubscription,
    after_sale::graphql::AfterSaleAdminSubscription,
    sales::graphql::SalesAdminSubscription,
);
