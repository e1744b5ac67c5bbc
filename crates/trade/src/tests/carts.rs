//! Carts, and the quotes made of them.

use catalog::product::service as products;

use super::shop::{PRICE, Shop, cny, purchase, refusal};
use crate::{
    MOST_OF_ONE,
    cart::service as carts,
    order::service as orders,
    quote::service::{self as quotes, WantedLine},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_line_grows_to_its_limit_however_it_is_tapped() {
    let shop = Shop::opens().await;
    let (ann, sku) = (shop.by(1), shop.skus[0]);
    let taps = (0..20).map(|_| {
        let ann = ann.clone();
        tokio::spawn(async move { carts::add(&ann, WantedLine { sku, quantity: 100 }).await.map(drop) })
    });
    let mut added = 0;
    for tap in taps.collect::<Vec<_>>() {
        match tap.await.expect("no panic") {
            Ok(()) => added += 1,
            other => assert_eq!(refusal(other), "QUANTITY_INVALID"),
        }
    }
    assert_eq!(added, 9);
    assert_eq!(carts::get(&ann).await.expect("reads").lines[0].quantity, 900);
    carts::add(&ann, WantedLine { sku, quantity: 99 }).await.expect("fits");
    assert_eq!(carts::get(&ann).await.expect("reads").lines[0].quantity, MOST_OF_ONE);
}

#[tokio::test]
async fn nonsense_does_not_change_a_cart() {
    let shop = Shop::opens().await;
    let (ann, sku) = (shop.by(1), shop.skus[0]);
    for quantity in [0, -1, 1_000, i64::MAX, i64::MIN] {
        assert_eq!(refusal(carts::add(&ann, WantedLine { sku, quantity }).await.map(drop)), "QUANTITY_INVALID");
        assert_eq!(refusal(carts::update(&ann, WantedLine { sku, quantity }).await.map(drop)), "QUANTITY_INVALID");
    }
    let unknown = shop.op().new_id();
    assert_eq!(refusal(carts::add(&ann, WantedLine { sku: unknown, quantity: 1 }).await.map(drop)), "SKU_UNAVAILABLE");
    assert_eq!(refusal(carts::update(&ann, WantedLine { sku, quantity: 1 }).await.map(drop)), "CART_LINE_NOT_FOUND");
    carts::remove(&ann, sku).await.expect("what is not in it is out already");
    assert!(carts::get(&ann).await.expect("reads").lines.is_empty());
}

#[tokio::test]
async fn an_order_takes_its_lines_out_of_the_cart_and_leaves_the_others() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.by(1), shop.by(2));
    carts::add(&ann, WantedLine { sku: shop.skus[0], quantity: 2 }).await.expect("fits");
    carts::add(&bob, WantedLine { sku: shop.skus[0], quantity: 5 }).await.expect("fits");
    let quote = quotes::create_from_cart(&ann, quotes::NewQuote::default()).await.expect("is promised");
    assert_eq!(quote.total, cny(2 * PRICE));
    carts::add(&ann, WantedLine { sku: shop.skus[1], quantity: 1 }).await.expect("fits");
    orders::place_own(&ann, purchase(&quote), "place-0001").await.expect("is placed");
    let left: Vec<_> = carts::get(&ann).await.expect("reads").lines.into_iter().map(|line| (line.sku, line.quantity)).collect();
    assert_eq!(left, [(shop.skus[1], 1)]);
    assert_eq!(carts::get(&bob).await.expect("reads").lines[0].quantity, 5);

    // Bought directly, without the cart: the cart stays.
    let direct = quotes::NewQuote { lines: vec![WantedLine { sku: shop.skus[1], quantity: 1 }], ..Default::default() };
    let direct = quotes::create(&ann, direct).await.expect("is promised");
    orders::place_own(&ann, purchase(&direct), "place-0002").await.expect("is placed");
    assert_eq!(carts::get(&ann).await.expect("reads").lines.len(), 1);
    carts::clear(&ann).await.expect("empties");
    assert_eq!(refusal(quotes::create_from_cart(&ann, quotes::NewQuote::default()).await), "QUOTE_EMPTY");
}

#[tokio::test]
async fn what_cannot_be_bought_is_flagged_and_left_out_of_the_quote() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    carts::add(&ann, WantedLine { sku: shop.skus[0], quantity: 51 }).await.expect("fits the cart, not the shelf");
    shop.test.clock.advance(kernel::seconds(1));
    carts::add(&ann, WantedLine { sku: shop.skus[1], quantity: 1 }).await.expect("fits");
    let cart = carts::get(&ann).await.expect("reads");
    assert_eq!(cart.lines.iter().map(carts::CartLine::buyable).collect::<Vec<_>>(), [false, true]);
    assert_eq!(quotes::create_from_cart(&ann, quotes::NewQuote::default()).await.expect("is promised").total, cny(PRICE));
    products::unpublish(&shop.op(), shop.product).await.expect("is taken down");
    assert!(!carts::get(&ann).await.expect("reads").lines.iter().any(carts::CartLine::buyable));
}
