//! What staff and shoppers do at an order's desk: prices, notes, more time, the timeline, the feed.

use futures_util::{Stream, StreamExt};
use kernel::{Actor, Failure, Fault, Locale, Money, Refusal, days};
use platform::live::{Fact, Heard, Live};

use super::shop::{PRICE, Shop, cny, purchase, refusal};
use crate::{
    fulfilment::{
        self,
        rules::PackRefused,
        service::{ShipOrder, ship},
    },
    order::{
        self,
        query::Doer,
        rules::{CancelReason, Status},
        service::{self as orders, CancelOrder, NoteOrder, PlaceOrder, RepriceOrder},
    },
};

fn to(order: kernel::OrderId, goods: Option<Money>, shipping: Option<Money>) -> RepriceOrder {
    RepriceOrder { order, goods, shipping, reason: "an old friend".into() }
}

#[tokio::test]
async fn a_changed_price_closes_the_old_charge_and_is_the_one_that_is_paid() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = shop.orders(&ann, 2).await;
    let old = shop.begins_to_pay(&ann, order.id).await;
    let repriced = orders::reprice(&staff, to(order.id, Some(cny(15_001)), Some(cny(500))), "reprice-0001").await.expect("is changed");
    assert_eq!((repriced.goods, repriced.shipping, repriced.total), (cny(15_001), cny(500), cny(15_501)));
    assert_eq!(repriced.trace.iter().map(|line| line.amount.minor).sum::<i64>(), 15_501);
    let lines = order::query::lines(&ann, &[order.id]).await.expect("reads").remove(&order.id).expect("has lines");
    assert_eq!(lines.iter().map(|line| line.payable_minor).sum::<i64>(), 15_001);
    assert!(shop.bank.is_closed(&old.payment_no));
    // The same key is one change.
    orders::reprice(&staff, to(order.id, Some(cny(15_001)), Some(cny(500))), "reprice-0001").await.expect("is known");
    assert_eq!(shop.told("trade.order_repriced.v1").await, 1);

    // The bank takes the old money all the same: it goes back, and the order waits for its own.
    shop.bank.takes(&old.payment_no);
    shop.hears(&shop.bank.report(&old.payment_no)).await.expect("is believed");
    shop.settle().await;
    assert_eq!(shop.status(order.id).await, Status::PendingPayment);
    assert_eq!(shop.bank.refunds().values().copied().collect::<Vec<_>>(), [2 * PRICE]);
    let new = crate::payment::service::pay(&ann, super::shop::at("sandbox", order.id), "pay-key-0002").await.expect("begins");
    assert_eq!(new.amount, cny(15_501));
    shop.bank.takes(&new.payment_no);
    shop.hears(&shop.bank.report(&new.payment_no)).await.expect("is believed");
    assert_eq!(shop.status(order.id).await, Status::ToShip);
    assert_eq!(refusal(orders::reprice(&staff, to(order.id, Some(cny(1)), None), "reprice-0002").await), "ORDER_PAID");
    shop.adds_up().await;
}

#[tokio::test]
async fn prices_that_make_no_sense_are_refused() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = shop.orders(&ann, 1).await.id;
    let mut key = 0;
    let mut refused = async |wanted: RepriceOrder| {
        key += 1;
        refusal(orders::reprice(&staff, wanted, &format!("reprice-{key:04}")).await)
    };
    assert_eq!(refused(to(order, Some(cny(PRICE + 1)), None)).await, "ORDER_GOODS_PRICE_INVALID");
    assert_eq!(refused(to(order, Some(cny(-1)), None)).await, "ORDER_GOODS_PRICE_INVALID");
    assert_eq!(refused(to(order, Some(Money::new(1, kernel::Currency::Usd)), None)).await, "ORDER_GOODS_PRICE_INVALID");
    assert_eq!(refused(to(order, None, Some(cny(-1)))).await, "ORDER_SHIPPING_PRICE_INVALID");
    assert_eq!(refused(to(order, Some(cny(0)), None)).await, "QUOTE_NOTHING_TO_PAY");
    assert_eq!(refused(to(order, Some(cny(PRICE)), None)).await, "ORDER_PRICE_SAME");
    assert_eq!(refused(RepriceOrder { reason: " ".into(), ..to(order, Some(cny(1)), None) }).await, "REASON_INVALID");
    shop.begins_to_pay(&ann, order).await;
    shop.bank.is(super::bank::Mood::Down);
    assert_eq!(refused(to(order, Some(cny(1)), None)).await, "ORDER_PAYMENT_OPEN");
    shop.bank.is(super::bank::Mood::Well);
    orders::cancel(&ann, CancelOrder { order, reason: CancelReason::Shopper }).await.expect("is cancelled");
    assert_eq!(refused(to(order, Some(cny(1)), None)).await, "ORDER_CANCELLED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_price_and_old_money_at_once_leave_the_money_in_one_place() {
    for round in 0..6 {
        let shop = Shop::opens().await;
        let (ann, staff) = (shop.by(1), shop.staff());
        let order = shop.orders(&ann, 1).await.id;
        let old = shop.begins_to_pay(&ann, order).await;
        let taken = shop.bank.takes_if_open(&old.payment_no);
        assert!(taken);
        let report = shop.bank.report(&old.payment_no);
        let changed = tokio::spawn(async move { orders::reprice(&staff, to(order, Some(cny(9_000)), None), "reprice-0001").await });
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        shop.hears(&report).await.expect("is believed");
        let changed = changed.await.expect("no panic");
        shop.settle().await;
        let now = shop.order(order).await;
        match changed {
            Ok(_) => assert_eq!((now.status, now.total, shop.bank.balance()), (Status::PendingPayment, cny(9_000), 0)),
            other => {
                assert_eq!(refusal(other), "ORDER_PAID");
                assert_eq!((now.status, now.total, shop.bank.balance()), (Status::ToShip, cny(PRICE), PRICE));
            }
        }
        shop.adds_up().await;
    }
}

#[tokio::test]
async fn a_shopper_has_ten_days_and_a_week_more_once() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = shop.orders(&ann, 1).await.id;
    assert_eq!(refusal(orders::extend(&ann, order).await), "ORDER_UNPAID");
    shop.pays(&ann, order).await;
    assert_eq!(refusal(orders::extend(&ann, order).await), "ORDER_NOT_SHIPPED");
    ship(&staff, ShipOrder::all(order, "by hand", "HAND-0001"), "parcel-0001").await.expect("ships");
    let before = shop.order(order).await.receive_by.expect("is set");
    assert_eq!(refusal(orders::extend(&shop.by(2), order).await), "NOT_FOUND");
    let extended = orders::extend(&ann, order).await.expect("is extended");
    assert_eq!(extended.receive_by, Some(before + days(7)));
    assert_eq!(refusal(orders::extend(&ann, order).await), "ORDER_EXTENDED_BEFORE");
    shop.advance(days(16)).await;
    assert_eq!(shop.status(order).await, Status::Shipped);
    shop.advance(days(1)).await;
    assert_eq!(shop.status(order).await, Status::Received);
    shop.advance(days(7)).await;
    assert_eq!(shop.status(order).await, Status::Completed);
    shop.adds_up().await;
}

#[tokio::test]
async fn the_timeline_says_who_did_what_and_keeps_staff_notes_to_staff() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let quote = shop.quotes(&ann, 1).await;
    let wanted = PlaceOrder { note: Some(" 请放门口 ".into()), ..purchase(&quote) };
    let order = orders::place_own(&ann, wanted, "place-noted").await.expect("is placed");
    assert_eq!(order.buyer_note.as_deref(), Some("请放门口"));
    orders::note(&staff, NoteOrder { order: order.id, text: "calls every day".into() }).await.expect("is noted");
    assert_eq!(refusal(orders::note(&staff, NoteOrder { order: order.id, text: "x".repeat(501) }).await), "ORDER_NOTE_INVALID");
    shop.pays(&ann, order.id).await;
    let timeline = async |op: &platform::Op| {
        let moments = order::query::timelines(op, &[order.id]).await.expect("reads").remove(&order.id).expect("has a timeline");
        moments.into_iter().map(|moment| (moment.kind, moment.by, moment.actor.is_some())).collect::<Vec<_>>()
    };
    let said = |kind: &str, by, named| (kind.to_owned(), by, named);
    assert_eq!(timeline(&ann).await, [said("PLACED", Doer::Customer, false), said("PAID", Doer::System, false)]);
    let all = timeline(&staff).await;
    assert_eq!(all, [said("PLACED", Doer::Customer, true), said("NOTE", Doer::Staff, true), said("PAID", Doer::System, true)]);
    let too_long = PlaceOrder { note: Some("x".repeat(501)), ..purchase(&shop.quotes(&ann, 1).await) };
    assert_eq!(refusal(orders::place_own(&ann, too_long, "place-noted-2").await), "ORDER_NOTE_INVALID");
}

/// The next frame of a feed, which must be a fact: its name, where it was told, and all of it.
async fn told<S>(feed: &mut S) -> (String, String, Fact)
where
    S: Stream<Item = Result<Live<Heard<Vec<(Status, i64)>>>, Fault>> + Unpin,
{
    match feed.next().await.expect("a frame").expect("no fault") {
        Live { value: Heard::Fact(fact), cursor, .. } => (fact.name.clone(), cursor, fact),
        other => panic!("not a fact: {other:?}"),
    }
}

#[tokio::test]
async fn the_feed_tells_every_fact_once_in_order_and_goes_on_where_it_was_left() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let first = shop.orders(&ann, 1).await;
    shop.settle().await;
    let mut feed = Box::pin(order::query::follow(&staff, None).await.expect("follows"));
    let snapshot = feed.next().await.expect("a frame").expect("no fault");
    let Heard::Snapshot(counts) = snapshot.value else { panic!("no snapshot") };
    assert!(counts.contains(&(Status::PendingPayment, 1)));
    shop.pays(&ann, first.id).await;
    ship(&staff, ShipOrder::all(first.id, "SF", "SF0000000001"), "parcel-0001").await.expect("ships");
    shop.settle().await;
    let (paid, cursor, fact) = told(&mut feed).await;
    assert_eq!(paid, "trade.order_paid.v1");
    assert_eq!(order::query::named_by(&staff, &fact).await.expect("reads").map(|order| order.id), Some(first.id));
    assert_eq!(told(&mut feed).await.0, "trade.parcel_shipped.v1");
    assert_eq!(told(&mut feed).await.0, "trade.order_shipped.v1");
    drop(feed);
    let mut back = Box::pin(order::query::follow(&staff, Some(cursor)).await.expect("follows"));
    assert_eq!(back.next().await.expect("a frame").expect("no fault").value, Heard::Resumed);
    assert_eq!(told(&mut back).await.0, "trade.parcel_shipped.v1");
}

#[test]
fn every_refusal_is_written_in_every_language() {
    use crate::fulfilment::batch::SheetRefused;
    let refusals: Vec<Box<dyn Refusal>> = vec![
        Box::new(order::Refused::Note(1)),
        Box::new(order::Refused::Extended),
        Box::new(order::Refused::NoAddress),
        Box::new(order::rules::MoveRefused::AnotherWay),
        Box::new(order::rules::DeliveryRefused::AddressNeeded),
        Box::new(order::rules::DeliveryRefused::Store),
        Box::new(order::rules::RepriceRefused::Goods(1)),
        Box::new(order::rules::RepriceRefused::Shipping),
        Box::new(order::rules::RepriceRefused::NothingToPay),
        Box::new(order::rules::RepriceRefused::Reason),
        Box::new(order::rules::RepriceRefused::Same),
        Box::new(order::rules::RepriceRefused::PaymentOpen),
        Box::new(PackRefused::NothingLeft),
        Box::new(PackRefused::Empty),
        Box::new(PackRefused::UnknownLine),
        Box::new(PackRefused::TooMany(1)),
        Box::new(PackRefused::TooManyParcels),
        Box::new(fulfilment::Refused::NoStore),
        Box::new(fulfilment::Refused::StoreWords("name")),
        Box::new(fulfilment::Refused::WrongCode(1)),
        Box::new(fulfilment::Refused::SpentCode),
        Box::new(fulfilment::Refused::TooOften(kernel::Timestamp(0))),
        Box::new(fulfilment::Refused::TooMany(1)),
        Box::new(SheetRefused::Unreadable),
        Box::new(SheetRefused::TooLarge(1)),
        Box::new(SheetRefused::TooManyRows(1)),
        Box::new(SheetRefused::Headings),
    ];
    let written = |code: &str| {
        for locale in [Locale::ZhCn, Locale::En] {
            assert!(platform::messages::is_written(locale, code), "{code} in {}", locale.tag());
        }
    };
    refusals.iter().for_each(|refusal| written(refusal.code()));
    ["SHEET_ORDER_UNKNOWN", "SHEET_TWO_CARRIERS", "SHEET_GOODS_INVALID", "SHEET_QUANTITY_INVALID"].into_iter().for_each(written);
}

/// Nobody is signed in: nothing of an order is theirs.
#[tokio::test]
async fn a_stranger_finds_no_order_to_extend_note_or_reprice() {
    let shop = Shop::opens().await;
    let order = shop.orders(&shop.by(1), 1).await.id;
    let nobody = platform::Op { actor: Actor::Anonymous, ..shop.op() };
    for refused in [
        orders::extend(&nobody, order).await.err(),
        orders::note(&nobody, NoteOrder { order, text: "x".into() }).await.err(),
        orders::reprice(&shop.by(2), to(order, Some(cny(1)), None), "reprice-0001").await.err(),
    ] {
        assert!(matches!(refused, Some(Failure::Refused(order::Refused::NotFound))), "{refused:?}");
    }
}
