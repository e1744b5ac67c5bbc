//! What a purchase costs the database.

use super::shop::{Shop, address, at};
use crate::{
    cart::service as carts,
    order::service::{self as orders, PlaceOrder},
    payment::service as payments,
    quote::service::{self as quotes, NewQuote, WantedLine},
};

/// What each step takes, of somebody who buys what was bought before: beginning and committing is not counted.
const STATEMENTS: [(&str, u64); 5] = [("cart", 4), ("quote", 4), ("place", 11), ("pay", 7), ("report", 14)];

#[tokio::test]
async fn a_purchase_takes_no_more_statements_than_it_needs() {
    let shop = Shop::opens().await;
    let mut steps = Vec::new();
    for customer in [1, 2] {
        let by = shop.by(customer);
        let mut before = shop.test.platform.db.statements();
        steps.clear();
        let mut count = |step| {
            let now = shop.test.platform.db.statements();
            steps.push((step, now - std::mem::replace(&mut before, now)));
        };
        carts::add(&by, WantedLine { sku: shop.skus[0], quantity: 1 }).await.expect("is put in");
        count("cart");
        let quote = quotes::create_from_cart(&by, NewQuote::default()).await.expect("is promised");
        count("quote");
        let wanted = PlaceOrder::new(quote.id, quote.total, address());
        let order = orders::place_own(&by, wanted, &format!("place-{}", quote.id)).await.expect("is placed");
        count("place");
        let payment = payments::pay(&by, at("sandbox", order.id), &format!("pay-{}", order.id)).await.expect("begins");
        count("pay");
        shop.bank.takes(&payment.payment_no);
        shop.hears(&shop.bank.report(&payment.payment_no)).await.expect("is believed");
        count("report");
    }
    assert_eq!(steps, STATEMENTS);
    shop.adds_up().await;
}
