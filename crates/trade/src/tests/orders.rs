//! From the quote to the parcel.

use catalog::product::{
    rules::{Axis, SkuDraft},
    service::{self as products, ProductChange},
};
use entity::trade::trade_order;
use futures_util::StreamExt;
use kernel::{Detail, Failure, LocalizedText, Refusal, minutes};
use sea_orm::EntityTrait;

use super::shop::{PRICE, STOCK, Shop, address, cny, purchase, refusal};
use crate::{
    fulfilment::service::{self as fulfilment, ShipOrder},
    order::{
        Refused,
        rules::{CancelReason, Status},
        service::{self as orders, CancelOrder, PlaceOrder},
    },
    quote::{
        PlayRef,
        service::{self as quotes, NewQuote, WantedLine},
    },
    refund::service::{self as refunds, RequestRefund},
};

fn ship(order: kernel::OrderId) -> ShipOrder {
    ShipOrder::all(order, "SF", "SF1234567890")
}

fn cancel(order: kernel::OrderId) -> CancelOrder {
    CancelOrder { order, reason: CancelReason::Shopper }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_is_redeemed_once_however_many_try() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let quote = shop.quotes(&ann, 2).await;
    assert_eq!(quote.total, cny(2 * PRICE));
    assert_eq!(quote.trace.iter().map(|line| line.amount.minor).sum::<i64>(), quote.total.minor);
    let tries = (0..10).map(|n| {
        let (ann, wanted) = (ann.clone(), purchase(&quote));
        tokio::spawn(async move { orders::place_own(&ann, wanted, &format!("another-key-{n}")).await })
    });
    let mut placed = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.expect("no panic") {
            Ok(order) => placed.push(order),
            other => assert_eq!(refusal(other), "QUOTE_USED"),
        }
    }
    assert_eq!(placed.len(), 1);
    assert_eq!(shop.shelf().await.reserved, 2);
    assert_eq!(shop.told("trade.order_placed.v1").await, 1);
    shop.adds_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_one_order_and_answers_it_again() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let quote = shop.quotes(&ann, 1).await;
    let tries = (0..10).map(|_| {
        let (ann, wanted) = (ann.clone(), purchase(&quote));
        tokio::spawn(async move { orders::place_own(&ann, wanted, "the-same-key").await.expect("is answered").id })
    });
    let mut ids = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        ids.push(attempt.await.expect("no panic"));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let other = PlaceOrder { expected_total: cny(1), ..purchase(&quote) };
    assert_eq!(refusal(orders::place_own(&ann, other, "the-same-key").await), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(refusal(orders::place_own(&ann, purchase(&quote), "short").await), "IDEMPOTENCY_KEY_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_there_is_sold_once() {
    let shop = Shop::opens().await;
    let buyers = (1..=40).map(|n| {
        let by = shop.by(n);
        let sku = shop.skus[0];
        tokio::spawn(async move {
            let quote = quotes::create(&by, NewQuote { lines: vec![WantedLine { sku, quantity: 2 }], ..NewQuote::default() })
                .await
                .expect("is promised");
            orders::place_own(&by, purchase(&quote), "one-click").await
        })
    });
    let mut placed = 0;
    for buyer in buyers.collect::<Vec<_>>() {
        match buyer.await.expect("no panic") {
            Ok(_) => placed += 1,
            other => assert_eq!(refusal(other), "INVENTORY_INSUFFICIENT_STOCK"),
        }
    }
    assert_eq!(placed, STOCK / 2);
    assert_eq!((shop.shelf().await.reserved, shop.shelf().await.available()), (STOCK, 0));
}

#[tokio::test]
async fn a_changed_price_is_refused_with_a_new_quote() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let quote = shop.quotes(&ann, 1).await;
    let lied = PlaceOrder { expected_total: cny(1), ..purchase(&quote) };
    let Err(Failure::Refused(Refused::PriceChanged { actual, quote: named, .. })) = orders::place_own(&ann, lied, "place-0001").await
    else {
        panic!("a wrong total is taken")
    };
    assert_eq!((actual, named), (quote.total, quote.id));

    let sku = |place: usize, code: &str| SkuDraft {
        id: Some(shop.skus[place]),
        code: code.into(),
        choices: vec![place],
        price: cny(PRICE + 500),
        market_price: None,
        weight_grams: 50,
        image: None,
        stock: None,
    };
    let size =
        Axis { name: LocalizedText::new("规格", "Size"), values: ["50 克", "100 克"].map(|v| LocalizedText::new(v, v)).to_vec() };
    let dearer = ProductChange { options: Some(vec![size]), skus: Some(vec![sku(0, "TEA-50"), sku(1, "TEA-100")]), ..Default::default() };
    products::update(&shop.op(), shop.product, dearer).await.expect("is dearer");

    let refused = match orders::place_own(&ann, purchase(&quote), "place-0002").await {
        Err(Failure::Refused(refused)) => refused,
        other => panic!("not refused: {other:?}"),
    };
    let Detail::Price { expected, actual, quote: Some(fresh) } = refused.detail() else { panic!("no new quote: {refused:?}") };
    assert_eq!((expected, actual), (cny(PRICE), cny(PRICE + 500)));
    let fresh = quotes::get(&ann, fresh).await.expect("reads").expect("is hers");
    let order = orders::place_own(&ann, purchase(&fresh), "place-0003").await.expect("is placed");
    assert_eq!(order.total, cny(PRICE + 500));
}

#[tokio::test]
async fn a_quote_is_the_shoppers_own_while_it_lasts_and_a_plays_quote_is_the_plays() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.by(1), shop.by(2));
    let quote = shop.quotes(&ann, 1).await;
    assert_eq!(refusal(orders::place_own(&bob, purchase(&quote), "place-0001").await), "QUOTE_NOT_FOUND");
    assert!(quotes::get(&bob, quote.id).await.expect("reads").is_none());
    shop.test.clock.advance(minutes(15));
    assert_eq!(refusal(orders::place_own(&ann, purchase(&quote), "place-0002").await), "QUOTE_EXPIRED");

    let play = PlayRef { kind: "group_buy".into(), id: "x".into(), team: None, team_size: None };
    let lines = vec![WantedLine { sku: shop.skus[0], quantity: 1 }];
    let cheap = quotes::create(&ann, NewQuote { lines, play: Some(play), ..Default::default() }).await.expect("is promised");
    assert_eq!(cheap.total, cny(PRICE - 1_000));
    assert_eq!(refusal(orders::place_own(&ann, purchase(&cheap), "place-0003").await), "QUOTE_BELONGS_TO_PLAY");
}

#[tokio::test]
async fn nonsense_is_not_priced() {
    let shop = Shop::opens().await;
    let (ann, sku) = (shop.by(1), shop.skus[0]);
    let quote = |lines: Vec<(kernel::SkuId, i64)>| {
        let lines = lines.into_iter().map(|(sku, quantity)| WantedLine { sku, quantity }).collect();
        let ann = ann.clone();
        async move { refusal(quotes::create(&ann, NewQuote { lines, ..Default::default() }).await) }
    };
    assert_eq!(quote(vec![]).await, "QUOTE_EMPTY");
    for bad in [0, -1, 1_000, i64::MAX, i64::MIN] {
        assert_eq!(quote(vec![(sku, bad)]).await, "QUANTITY_INVALID");
    }
    assert_eq!(quote(vec![(sku, 1), (sku, 2)]).await, "QUOTE_DUPLICATE_SKU");
    assert_eq!(quote(vec![(shop.op().new_id(), 1)]).await, "SKU_UNAVAILABLE");
    let many = (0..51).map(|_| (shop.op().new_id(), 1)).collect();
    assert_eq!(quote(many).await, "QUOTE_TOO_MANY_LINES");
}

#[tokio::test]
async fn an_order_that_is_not_paid_in_time_gives_everything_back() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let (plain, begun) = (shop.orders(&ann, 1).await, shop.orders(&ann, 2).await);
    let payment = shop.begins_to_pay(&ann, begun.id).await;
    shop.advance(minutes(29)).await;
    assert_eq!(shop.status(begun.id).await, Status::PendingPayment);
    shop.advance(minutes(1)).await;
    for order in [plain.id, begun.id] {
        assert_eq!(shop.status(order).await, Status::Cancelled);
        assert_eq!(shop.order(order).await.cancel_reason.as_deref(), Some("EXPIRED"));
    }
    assert_eq!((shop.shelf().await.reserved, shop.shelf().await.on_hand), (0, STOCK));
    assert!(shop.bank.is_closed(&payment.payment_no));
    assert_eq!(shop.told("trade.order_cancelled.v1").await, 2);
    shop.adds_up().await;
}

#[tokio::test]
async fn cancelling_closes_the_charge_first_and_finds_money_nobody_heard_of() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.by(1), shop.by(2));
    let order = shop.orders(&ann, 1).await;
    let payment = shop.begins_to_pay(&ann, order.id).await;
    assert_eq!(refusal(orders::cancel(&bob, cancel(order.id)).await), "NOT_FOUND");
    assert_eq!(orders::cancel(&ann, cancel(order.id)).await.expect("is cancelled").status, Status::Cancelled);
    assert_eq!(orders::cancel(&ann, cancel(order.id)).await.expect("twice is once").status, Status::Cancelled);
    assert!(shop.bank.is_closed(&payment.payment_no));

    let order = shop.orders(&ann, 1).await;
    let payment = crate::payment::service::pay(&ann, super::shop::at("sandbox", order.id), "pay-key-0002").await.expect("begins");
    shop.bank.takes(&payment.payment_no);
    assert_eq!(refusal(orders::cancel(&ann, cancel(order.id)).await), "ORDER_PAID");
    assert_eq!(shop.status(order.id).await, Status::ToShip);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_held_order_waits_for_its_play_and_ships_then() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = shop.orders_held(&ann).await;
    assert_eq!(refusal(fulfilment::ship(&staff, ship(order.id), "ship-0001").await), "ORDER_UNPAID");
    shop.pays(&ann, order.id).await;
    assert_eq!(shop.status(order.id).await, Status::AwaitingTeam);
    assert_eq!(refusal(fulfilment::ship(&staff, ship(order.id), "ship-0001").await), "ORDER_AWAITING_TEAM");
    for _ in 0..2 {
        assert_eq!(orders::release_hold(&shop.op(), order.id).await.expect("lets go").status, Status::ToShip);
    }
    assert_eq!(refusal(orders::receive(&ann, order.id).await), "ORDER_NOT_SHIPPED");
    for _ in 0..2 {
        assert_eq!(fulfilment::ship(&staff, ship(order.id), "ship-0001").await.expect("ships").status, Status::Shipped);
    }
    assert_eq!(refusal(fulfilment::ship(&staff, ShipOrder { carrier: "".into(), ..ship(order.id) }, "ship-0002").await), "CARRIER_INVALID");
    for _ in 0..2 {
        assert_eq!(orders::receive(&ann, order.id).await.expect("arrives").status, Status::Received);
    }
    assert_eq!(shop.told("trade.order_received.v1").await, 1);
    shop.advance(kernel::days(8)).await;
    assert_eq!(shop.status(order.id).await, Status::Completed);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_hold_that_is_gone_before_the_money_comes_holds_nothing() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders_held(&ann).await;
    orders::release_hold(&shop.op(), order.id).await.expect("lets go");
    shop.pays(&ann, order.id).await;
    assert_eq!(shop.status(order.id).await, Status::ToShip);
}

#[tokio::test]
async fn what_is_being_refunded_does_not_ship() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 1).await;
    shop.pays(&ann, order.id).await;
    let op = shop.op();
    let mut tx = op.begin().await.expect("begins");
    refunds::request(&mut tx, &op, RequestRefund { order: order.id, amount: None, reason: "regret" }).await.expect("is asked for");
    tx.commit().await.expect("commits");
    assert_eq!(refusal(fulfilment::ship(&shop.staff(), ship(order.id), "ship-0001").await), "ORDER_BEING_REFUNDED");
    shop.settle().await;
    assert_eq!(shop.status(order.id).await, Status::Refunded);
}

#[tokio::test]
async fn an_address_is_sealed_and_opens_for_its_own_order_only() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let (one, two) = (shop.orders(&ann, 1).await, shop.orders(&ann, 1).await);
    let row = trade_order::Entity::find_by_id(one.id).one(shop.op().reader()).await.expect("reads").expect("is there");
    assert!(!row.address.contains("138") && !row.address.contains("王"));
    assert_eq!(orders::address(&ann, &one).expect("opens"), address());
    let swapped = orders::Order { sealed_address: two.sealed_address, ..one };
    assert!(orders::address(&ann, &swapped).is_err());
}

#[tokio::test]
async fn whoever_may_change_orders_may_give_them_a_reference_nobody_else_has() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let (one, two) = (shop.orders(&ann, 1).await.id, shop.orders(&ann, 1).await.id);
    let writer = shop.staff_who_may(kernel::Permission::OrderWrite);
    let refer = |order, text: Option<&str>| {
        let (writer, reference) = (writer.clone(), text.map(str::to_owned));
        async move { orders::refer(&writer, orders::ReferOrder { order, reference }).await }
    };
    assert_eq!(refer(one, Some(" ERP-7 ")).await.expect("is new").external_reference.as_deref(), Some("ERP-7"));
    assert_eq!(refusal(refer(two, Some("ERP-7")).await), "ORDER_REFERENCE_TAKEN");
    for bad in ["", "  ", "a\nb", &"x".repeat(65)] {
        assert_eq!(refusal(refer(two, Some(bad)).await), "ORDER_REFERENCE_INVALID");
    }
    refer(one, None).await.expect("is taken away");
    refer(two, Some("ERP-7")).await.expect("is free again");
    assert_eq!(refusal(orders::refer(&shop.by(2), orders::ReferOrder { order: two, reference: None }).await), "NOT_FOUND");
}

#[tokio::test]
async fn a_watcher_sees_every_step_of_the_money() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.by(1), shop.by(2));
    let order = shop.orders(&ann, 1).await;
    shop.settle().await;
    assert!(crate::order::query::watch(&bob, order.id, None).await.is_err(), "a stranger watches");
    let mut seen = Box::pin(crate::order::query::watch(&ann, order.id, None).await.expect("watches"));
    let mut next = async || seen.next().await.expect("a frame").expect("no fault").value;
    assert_eq!(next().await.status, Status::PendingPayment);
    let payment = shop.begins_to_pay(&ann, order.id).await;
    shop.settle().await;
    assert_eq!(next().await.status, Status::PendingPayment);
    shop.bank.takes(&payment.payment_no);
    shop.hears(&shop.bank.report(&payment.payment_no)).await.expect("is believed");
    shop.settle().await;
    assert_eq!(next().await.status, Status::ToShip);
    shop.bank.is(super::bank::Mood::Slow);
    let op = shop.op();
    let mut tx = op.begin().await.expect("begins");
    refunds::request(&mut tx, &op, RequestRefund { order: order.id, amount: None, reason: "regret" }).await.expect("is asked for");
    tx.commit().await.expect("commits");
    shop.settle().await;
    assert_eq!(next().await.status, Status::ToShip);
    shop.bank.pays_out();
    shop.advance(kernel::seconds(30)).await;
    assert_eq!(next().await.status, Status::Refunded);
}
