//! Parcels, stores, and goods that need neither.

use catalog::product::{
    query,
    rules::{Draft, SkuDraft},
    service as products,
};
use kernel::{Failure, LocalizedText, OrderId, OrderLineId, Permission, SkuId, StoreId, days};
use platform::Op;

use super::shop::{STOCK, Shop, cny, purchase, refusal};
use crate::{
    fulfilment::{
        self,
        batch::{self, Format, Outcome},
        service::{PartOfLine, ShipOrder, ship},
        stores::{self, HandOver, SaveStore},
    },
    order::{
        self,
        rules::{Delivery, Method, Status},
        service::{self as orders, Order, PlaceOrder},
    },
    quote::service::{self as quotes, NewQuote, WantedLine},
    refund::{
        rules::{LineWish, Shipping},
        service::{self as refunds, PiecesBack, StaffRefund},
    },
};

/// A paid order of two of the first tea and three of the second.
async fn paid(shop: &Shop, by: &Op) -> (Order, Vec<OrderLineId>) {
    let lines = vec![WantedLine { sku: shop.skus[0], quantity: 2 }, WantedLine { sku: shop.skus[1], quantity: 3 }];
    let quote = quotes::create(by, NewQuote { lines, ..NewQuote::default() }).await.expect("is promised");
    let order = orders::place_own(by, purchase(&quote), &format!("place-{}", quote.id)).await.expect("is placed");
    shop.pays(by, order.id).await;
    let lines = order::query::lines(by, &[order.id]).await.expect("reads").remove(&order.id).expect("has lines");
    let line = |sku: SkuId| lines.iter().find(|line| line.sku == sku).expect("is a line").id;
    (shop.order(order.id).await, vec![line(shop.skus[0]), line(shop.skus[1])])
}

fn part(line: OrderLineId, quantity: i64) -> PartOfLine {
    PartOfLine { line, quantity }
}

fn parcel(order: OrderId, tracking_no: &str, lines: Vec<PartOfLine>) -> ShipOrder {
    ShipOrder { lines: Some(lines), ..ShipOrder::all(order, "顺丰", tracking_no) }
}

async fn parcels(op: &Op, order: OrderId) -> Vec<fulfilment::service::Parcel> {
    fulfilment::service::of_orders(op, &[order]).await.expect("reads").remove(&order).unwrap_or_default()
}

#[tokio::test]
async fn an_order_leaves_in_parcels_and_is_shipped_with_the_last_of_them() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let (order, lines) = paid(&shop, &ann).await;

    let first = parcel(order.id, "SF0000000001", vec![part(lines[0], 1), part(lines[1], 2)]);
    let partly = ship(&staff, first.clone(), "parcel-0001").await.expect("ships");
    assert_eq!((partly.status, partly.tracking_no.as_deref()), (Status::ToShip, Some("SF0000000001")));
    // The same number is the same parcel, whatever key it comes with.
    ship(&staff, first, "parcel-0002").await.expect("is known");
    let too_much = parcel(order.id, "SF0000000002", vec![part(lines[0], 2)]);
    assert_eq!(refusal(ship(&staff, too_much, "parcel-0003").await), "PARCEL_TOO_MUCH");
    let foreign = parcel(order.id, "SF0000000002", vec![part(OrderLineId(uuid::Uuid::nil()), 1)]);
    assert_eq!(refusal(ship(&staff, foreign, "parcel-0004").await), "PARCEL_LINE_UNKNOWN");
    assert_eq!(shop.told("trade.order_shipped.v1").await, 0);

    let last = ship(&staff, ShipOrder::all(order.id, "ZTO", "7300000000001"), "parcel-0005").await.expect("ships");
    assert_eq!(last.status, Status::Shipped);
    assert_eq!(refusal(ship(&staff, ShipOrder::all(order.id, "ZTO", "7300000000002"), "parcel-0006").await), "PARCEL_NOTHING_LEFT");
    assert_eq!((shop.told("trade.order_shipped.v1").await, shop.told("trade.parcel_shipped.v1").await), (1, 2));

    let parcels = parcels(&ann, order.id).await;
    let shown: Vec<_> = parcels.iter().map(|parcel| (parcel.number, parcel.carrier_code.as_deref(), parcel.lines.len())).collect();
    assert_eq!(shown, [(1, Some("SF"), 2), (2, Some("ZTO"), 2)]);
    orders::receive(&ann, order.id).await.expect("is received");
    shop.adds_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_piece_leaves_twice_however_many_pack_at_once() {
    let shop = Shop::opens().await;
    let (order, lines) = paid(&shop, &shop.by(1)).await;
    let clerks = (0..20).map(|n| {
        let (staff, wanted) = (shop.staff(), parcel(order.id, &format!("SF10000000{n:02}"), vec![part(lines[n % 2], 1)]));
        tokio::spawn(async move { ship(&staff, wanted, &format!("parcel-race-{n}")).await })
    });
    let mut packed = 0;
    for clerk in clerks.collect::<Vec<_>>() {
        match clerk.await.expect("no panic") {
            Ok(_) => packed += 1,
            Err(Failure::Refused(refused)) => {
                let code = kernel::Refusal::code(&refused);
                assert!(["PARCEL_TOO_MUCH", "PARCEL_NOTHING_LEFT"].contains(&code), "{code}");
            }
            Err(Failure::Fault(fault)) => panic!("{fault}"),
        }
    }
    assert_eq!((packed, shop.status(order.id).await), (5, Status::Shipped));
    let mut numbers: Vec<i64> = parcels(&shop.op(), order.id).await.iter().map(|parcel| parcel.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert_eq!((shop.told("trade.order_shipped.v1").await, shop.told("trade.parcel_shipped.v1").await), (1, 5));
}

#[tokio::test]
async fn what_is_paid_back_before_it_left_is_not_waited_for() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let (order, lines) = paid(&shop, &ann).await;
    ship(&staff, parcel(order.id, "SF0000000001", vec![part(lines[0], 2), part(lines[1], 1)]), "parcel-0001").await.expect("ships");
    let wish = LineWish { line: lines[1], quantity: 2, amount: None };
    let back = PiecesBack { lines: vec![wish], shipping: Shipping::Unshipped, restock: false };
    let refund = StaffRefund { order: order.id, amount: None, lines: Some(back), reason: "two are broken".into() };
    refunds::by_staff(&staff, refund, "refund-00001").await.expect("is asked for");
    let too_late = parcel(order.id, "SF0000000002", vec![part(lines[1], 1)]);
    assert_eq!(refusal(ship(&staff, too_late, "parcel-0002").await), "PARCEL_NOTHING_LEFT");
    shop.settle().await;
    // Nothing is left behind: it is on its way.
    assert_eq!(shop.status(order.id).await, Status::Shipped);
    assert_eq!(shop.told("trade.order_shipped.v1").await, 1);
    shop.adds_up().await;
}

#[tokio::test]
async fn what_is_on_its_way_does_not_return_to_the_shelf_with_the_money() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let (order, lines) = paid(&shop, &ann).await;
    assert_eq!(shop.shelf().await.on_hand, STOCK - 2);
    ship(&staff, parcel(order.id, "SF0000000001", vec![part(lines[0], 1)]), "parcel-0001").await.expect("ships");
    let all = StaffRefund { order: order.id, amount: None, lines: None, reason: "all of it".into() };
    refunds::by_staff(&staff, all, "refund-00001").await.expect("is asked for");
    shop.settle().await;
    assert_eq!((shop.status(order.id).await, shop.shelf().await.on_hand), (Status::Refunded, STOCK - 1));
    shop.adds_up().await;
}

async fn store(shop: &Shop, is_open: bool) -> StoreId {
    let wanted = SaveStore {
        id: None,
        name: "西湖店".into(),
        phone: "0571-87654321".into(),
        region: "浙江省杭州市西湖区".into(),
        street: "龙井路 1 号".into(),
        hours: "9:00–21:00".into(),
        is_open,
    };
    stores::save(&shop.staff(), wanted).await.expect("opens").id
}

/// A paid order to be picked up.
async fn to_pick_up(shop: &Shop, by: &Op, store: StoreId) -> OrderId {
    let quote = shop.quotes(by, 2).await;
    let delivery = Delivery::Pickup { store, recipient: "王小明".into(), phone: "13800138000".into() };
    let wanted = PlaceOrder::new(quote.id, quote.total, delivery);
    let order = orders::place_own(by, wanted, &format!("place-{}", quote.id)).await.expect("is placed");
    shop.pays(by, order.id).await;
    order.id
}

async fn code(by: &Op, order: OrderId) -> Option<String> {
    stores::of_orders(by, &[order]).await.expect("reads").pop().and_then(|waiting| waiting.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_given_out_to_whoever_says_its_code() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let at = store(&shop, true).await;
    let order = to_pick_up(&shop, &ann, at).await;
    let say = |order, code: &str| {
        let (staff, code) = (staff.clone(), code.to_owned());
        async move { stores::hand_over(&staff, HandOver { order, code }).await }
    };
    assert_eq!(refusal(ship(&staff, ShipOrder::all(order, "SF", "SF0000000001"), "parcel-0001").await), "ORDER_DELIVERED_ANOTHER_WAY");
    assert_eq!(refusal(say(order, "00000000").await), "ORDER_DELIVERED_ANOTHER_WAY");
    assert_eq!(stores::ready(&staff, order).await.expect("is ready").status, Status::ReadyForPickup);
    stores::ready(&staff, order).await.expect("is ready already");
    assert_eq!(shop.told("trade.order_ready.v1").await, 1);
    let shown = order::query::OrderFilter { status: Some(Status::ReadyForPickup), store: Some(at), ..Default::default() };
    let page = kernel::PageRequest { first: 10, after: None };
    assert_eq!(order::query::list(&staff, shown, page).await.expect("reads").rows.len(), 1);

    // The code is the shopper's to see, nobody else's.
    let first = code(&ann, order).await.expect("is shown");
    assert_eq!(code(&staff, order).await, None);
    let wrong = if first == "12345678" { "12345679" } else { "12345678" };
    // Twenty guesses at once are five.
    let guesses: Vec<_> = (0..20).map(|_| tokio::spawn(say(order, wrong))).collect();
    let mut codes = Vec::new();
    for guess in guesses {
        codes.push(refusal(guess.await.expect("no panic")));
    }
    assert_eq!(codes.iter().filter(|code| **code == "PICKUP_CODE_WRONG").count(), 4);
    assert_eq!(codes.iter().filter(|code| **code == "PICKUP_CODE_SPENT").count(), 16);
    assert_eq!(refusal(say(order, &first).await), "PICKUP_CODE_SPENT");
    assert_eq!(code(&ann, order).await, None);

    stores::renew(&ann, order).await.expect("gets another");
    let second = code(&ann, order).await.expect("is shown");
    assert_ne!(first, second);
    assert_eq!(refusal(stores::renew(&shop.by(2), order).await), "NOT_FOUND");
    let spoken = format!("{} {}", &second[..4], &second[4..]);
    assert_eq!(say(order, &spoken).await.expect("is given out").status, Status::Received);
    say(order, "whatever").await.expect("was given out already");
    assert_eq!((shop.told("trade.order_received.v1").await, code(&ann, order).await), (1, None));
    // Guesses are counted over all orders of one clerk, too.
    let mut refused = Vec::new();
    for _ in 0..10 {
        refused.push(say(order, wrong).await.err().map(|failure| match failure {
            Failure::Refused(refused) => kernel::Refusal::code(&refused),
            Failure::Fault(fault) => panic!("{fault}"),
        }));
    }
    assert!(refused.contains(&Some("PICKUP_TOO_OFTEN")), "{refused:?}");
    shop.advance(days(8)).await;
    assert_eq!(shop.status(order).await, Status::Completed);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_closed_store_takes_no_orders_and_a_ready_order_can_be_paid_back() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let closed = store(&shop, false).await;
    let quote = shop.quotes(&ann, 1).await;
    let delivery = Delivery::Pickup { store: closed, recipient: "王小明".into(), phone: "13800138000".into() };
    let wanted = PlaceOrder::new(quote.id, quote.total, delivery);
    assert_eq!(refusal(orders::place_own(&ann, wanted, "place-closed").await), "STORE_UNAVAILABLE");
    let order = to_pick_up(&shop, &ann, store(&shop, true).await).await;
    stores::ready(&staff, order).await.expect("is ready");
    let all = StaffRefund { order, amount: None, lines: None, reason: "never came".into() };
    refunds::by_staff(&staff, all, "refund-00001").await.expect("is asked for");
    let right = code(&ann, order).await.expect("is shown");
    assert_eq!(refusal(stores::hand_over(&staff, HandOver { order, code: right }).await), "ORDER_BEING_REFUNDED");
    shop.settle().await;
    assert_eq!((shop.status(order).await, shop.shelf().await.on_hand), (Status::Refunded, STOCK));
    shop.adds_up().await;
}

/// A voucher: nothing to carry.
async fn voucher(shop: &Shop) -> SkuId {
    let sku = SkuDraft { code: "VOUCHER".into(), price: cny(5_000), stock: Some(10), ..plain_sku() };
    let draft = Draft { title: LocalizedText::new("茶券", "Voucher"), skus: vec![sku], is_virtual: true, ..Draft::default() };
    let product = products::create(&shop.op(), draft).await.expect("is made").id;
    products::publish(&shop.op(), product).await.expect("is published");
    query::skus_of(&shop.op(), &[product]).await.expect("reads").remove(&product).expect("has SKUs")[0].id
}

fn plain_sku() -> SkuDraft {
    SkuDraft {
        id: None,
        code: String::new(),
        choices: vec![],
        price: cny(1),
        market_price: None,
        weight_grams: 0,
        image: None,
        stock: None,
    }
}

#[tokio::test]
async fn what_needs_no_carrying_is_there_when_it_is_paid() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let voucher = voucher(&shop).await;
    let quote = |lines: Vec<WantedLine>| {
        let ann = ann.clone();
        async move { quotes::create(&ann, NewQuote { lines, ..NewQuote::default() }).await.expect("is promised") }
    };
    let only = quote(vec![WantedLine { sku: voucher, quantity: 2 }]).await;
    let wanted = PlaceOrder::new(only.id, only.total, Delivery::Virtual);
    let order = orders::place_own(&ann, wanted, "place-voucher").await.expect("is placed");
    assert_eq!(order.method, Method::Virtual);
    shop.pays(&ann, order.id).await;
    assert_eq!(shop.status(order.id).await, Status::Received);
    assert_eq!((shop.told("trade.order_paid.v1").await, shop.told("trade.order_received.v1").await), (1, 1));

    // An address that is not needed is not kept.
    let again = quote(vec![WantedLine { sku: voucher, quantity: 1 }]).await;
    let order = orders::place_own(&ann, purchase(&again), "place-voucher-2").await.expect("is placed");
    assert_eq!(orders::address(&ann, &order).expect("opens").street, "");

    // With tea in the same order there must be an address, and only the tea goes into parcels.
    let both = quote(vec![WantedLine { sku: voucher, quantity: 1 }, WantedLine { sku: shop.skus[0], quantity: 1 }]).await;
    let nowhere = PlaceOrder::new(both.id, both.total, Delivery::Virtual);
    assert_eq!(refusal(orders::place_own(&ann, nowhere, "place-both-1").await), "ORDER_ADDRESS_NEEDED");
    let order = orders::place_own(&ann, purchase(&both), "place-both-2").await.expect("is placed");
    shop.pays(&ann, order.id).await;
    assert_eq!(shop.status(order.id).await, Status::ToShip);
    ship(&shop.staff(), ShipOrder::all(order.id, "SF", "SF0000000001"), "parcel-0001").await.expect("ships");
    assert_eq!(shop.status(order.id).await, Status::Shipped);
    assert_eq!(parcels(&ann, order.id).await[0].lines.len(), 1);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_spreadsheet_ships_what_it_says_and_again_changes_nothing() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let (one, _) = paid(&shop, &ann).await;
    let (two, _) = paid(&shop, &ann).await;
    let unpaid = shop.orders(&ann, 1).await;
    let waiting = batch::waiting(&staff, Format::Csv).await.expect("is written");
    assert_eq!(waiting.orders, 2);
    let text = String::from_utf8(waiting.content).expect("is text");
    assert!(text.contains(&one.order_no) && text.contains("王小明") && !text.contains(&unpaid.order_no), "{text}");
    assert!(!batch::waiting(&staff, Format::Xlsx).await.expect("is written").content.is_empty());

    let file = format!(
        "订单号,快递公司,快递单号,商品编码,发货数量\n{one},顺丰,SF0000000001,,\n{two},中通,7300000000001,TEA-50,1\n{two},中通,7300000000001,tea-100,3\n\
         {two},中通,7300000000002,TEA-50,9\n{unpaid},圆通,YT0000000001,,\nNONE,圆通,YT0000000002,,\n{two},,7300000000003,,\n",
        one = one.order_no,
        two = two.order_no.to_lowercase(),
        unpaid = unpaid.order_no,
    );
    let outcomes = |reported: &[batch::Reported]| reported.iter().map(|one| (one.row.number, one.outcome)).collect::<Vec<_>>();
    let reported = batch::ship(&staff, file.as_bytes()).await.expect("is read");
    let expected = [
        (2, Outcome::Shipped),
        (3, Outcome::Shipped),
        (4, Outcome::Shipped),
        (5, Outcome::Refused("PARCEL_TOO_MUCH")),
        (6, Outcome::Refused("ORDER_UNPAID")),
        (7, Outcome::Refused("SHEET_ORDER_UNKNOWN")),
        (8, Outcome::Refused("CARRIER_INVALID")),
    ];
    assert_eq!(outcomes(&reported), expected);
    assert_eq!((shop.status(one.id).await, shop.status(two.id).await), (Status::Shipped, Status::ToShip));
    let again = batch::ship(&staff, file.as_bytes()).await.expect("is read");
    assert_eq!(outcomes(&again)[..3], [(2, Outcome::Known), (3, Outcome::Known), (4, Outcome::Known)]);
    assert_eq!(shop.told("trade.parcel_shipped.v1").await, 2);
    let report = batch::report(&reported).expect("is written");
    assert!(report.contains("PARCEL_TOO_MUCH") && report.lines().count() == 8, "{report}");
}

#[tokio::test]
async fn labels_say_where_it_goes_and_what_is_left() {
    let shop = Shop::opens().await;
    let (ann, writer) = (shop.by(1), shop.staff_who_may(Permission::OrderWrite));
    let (order, lines) = paid(&shop, &ann).await;
    let unpaid = shop.orders(&ann, 1).await;
    ship(&writer, parcel(order.id, "SF0000000001", vec![part(lines[0], 2), part(lines[1], 1)]), "parcel-0001").await.expect("ships");
    let labels = fulfilment::service::labels(&writer, &[order.id, unpaid.id]).await.expect("reads");
    let shown: Vec<_> = labels.iter().map(|label| (label.to.recipient.as_str(), label.lines.len(), label.lines[0].quantity)).collect();
    assert_eq!(shown, [("王小明", 1, 2)]);
    let many = vec![order.id; 101];
    assert_eq!(refusal(fulfilment::service::labels(&writer, &many).await.map(|labels| labels.len())), "TOO_MANY_AT_ONCE");
}
