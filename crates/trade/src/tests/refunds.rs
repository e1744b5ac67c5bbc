//! Money on its way back: once, never more than came, whatever happens.

use entity::trade::refund::{self as row, RefundStatus};
use kernel::{Money, OrderId, hours, minutes, seconds};
use platform::Op;
use sea_orm::EntityTrait;

use super::{
    bank::Mood,
    shop::{PRICE, STOCK, Shop, cny, refusal},
};
use crate::{
    fulfilment::service as fulfilment,
    order::{rules::Status, service as orders},
    payment::gateway::NotificationKind,
    refund::service::{self as refunds, RequestRefund, StaffRefund},
};

fn staff_refund(order: OrderId, amount: Option<Money>) -> StaffRefund {
    StaffRefund { order, amount, lines: None, reason: "the tea was late".into() }
}

/// An order of two teas, paid.
async fn paid(shop: &Shop, by: &Op) -> OrderId {
    let order = shop.orders(by, 2).await;
    shop.pays(by, order.id).await;
    order.id
}

async fn ask(shop: &Shop, order: OrderId, reason: &'static str) -> Option<kernel::RefundId> {
    let op = shop.op();
    let mut tx = op.begin().await.expect("begins");
    let asked = refunds::request(&mut tx, &op, RequestRefund { order, amount: None, reason }).await.expect("is asked for");
    tx.commit().await.expect("commits");
    asked.map(|refund| refund.id)
}

async fn states(shop: &Shop) -> Vec<RefundStatus> {
    row::Entity::find().all(shop.op().reader()).await.expect("reads").into_iter().map(|row| row.status).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_partial_refunds_at_once_give_back_what_came_and_no_more() {
    let shop = Shop::opens().await;
    let order = paid(&shop, &shop.by(1)).await;
    // 50 × 7.00 is more than 200.00.
    let wishes = (0..50).map(|n| {
        let staff = shop.staff();
        tokio::spawn(async move { refunds::by_staff(&staff, staff_refund(order, Some(cny(700))), &format!("refund-{n:04}")).await })
    });
    let mut given = 0;
    for wish in wishes.collect::<Vec<_>>() {
        match wish.await.expect("no panic") {
            Ok(_) => given += 1,
            other => assert_eq!(refusal(other), "REFUND_TOO_MUCH"),
        }
    }
    assert_eq!(given, 2 * PRICE / 700);
    shop.settle().await;
    assert_eq!(shop.bank.balance(), 2 * PRICE - given * 700);
    let order = shop.order(order).await;
    assert_eq!((order.status, order.refunded), (Status::ToShip, cny(given * 700)));
    // What is partly paid back still ships; the goods are not back on the shelf.
    assert_eq!(shop.shelf().await.on_hand, STOCK - 2);
    refunds::by_staff(&shop.staff(), staff_refund(order.id, None), "the-last-cents").await.expect("gives the rest");
    shop.settle().await;
    let dead = shop.order(order.id).await;
    assert_eq!((dead.status, dead.refunded, shop.bank.balance()), (Status::Refunded, dead.total, 0));
    let shelf = shop.shelf().await;
    assert_eq!((shelf.on_hand, shelf.reserved, shelf.sold), (STOCK, 0, 0));
    assert_eq!(refusal(refunds::by_staff(&shop.staff(), staff_refund(order.id, None), "one-more-try").await), "REFUND_TOO_MUCH");
    shop.adds_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_is_one_refund_however_often_it_is_asked_for() {
    let shop = std::sync::Arc::new(Shop::opens().await);
    let order = paid(&shop, &shop.by(1)).await;
    let asks = (0..10).map(|_| {
        let shop = std::sync::Arc::clone(&shop);
        tokio::spawn(async move { ask(&shop, order, "team-failed").await })
    });
    let mut ids = Vec::new();
    for asked in asks.collect::<Vec<_>>() {
        ids.push(asked.await.expect("no panic"));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    shop.settle().await;
    assert_eq!(shop.bank.refunds().into_values().collect::<Vec<_>>(), [2 * PRICE]);
    assert_eq!(ask(&shop, order, "team-full").await, None);
    assert_eq!(shop.told("trade.order_refunded.v1").await, 1);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_crash_between_the_banks_work_and_ours_gives_back_once() {
    let shop = Shop::opens().await;
    let order = paid(&shop, &shop.by(1)).await;
    ask(&shop, order, "regret").await;
    shop.bank.is(Mood::Hangs);
    tokio::select! {
        done = shop.worker.settle() => panic!("it answered: {done:?}"),
        () = shop.bank.worked.notified() => {}
    }
    assert_eq!(states(&shop).await, [RefundStatus::Requested]);
    shop.bank.is(Mood::Well);
    // The lease of the job that died runs out.
    shop.advance(minutes(1)).await;
    assert_eq!(shop.status(order).await, Status::Refunded);
    assert_eq!(shop.bank.refunds().into_values().collect::<Vec<_>>(), [2 * PRICE]);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_with_the_same_number() {
    let shop = Shop::opens().await;
    let order = paid(&shop, &shop.by(1)).await;
    shop.bank.is(Mood::Mumbles);
    ask(&shop, order, "regret").await;
    shop.settle().await;
    assert_eq!((shop.status(order).await, shop.bank.balance()), (Status::ToShip, 0));
    shop.bank.is(Mood::Well);
    shop.advance(seconds(30)).await;
    assert_eq!((shop.status(order).await, shop.bank.refunds().len()), (Status::Refunded, 1));
    shop.adds_up().await;
}

#[tokio::test]
async fn money_somebody_waits_for_is_never_given_up() {
    let shop = Shop::opens().await;
    let order = paid(&shop, &shop.by(1)).await;
    shop.bank.is(Mood::Down);
    ask(&shop, order, "regret").await;
    for _ in 0..48 {
        shop.advance(hours(1)).await;
    }
    assert_eq!(states(&shop).await, [RefundStatus::Requested]);
    shop.bank.is(Mood::Well);
    shop.advance(minutes(10)).await;
    assert_eq!(shop.status(order).await, Status::Refunded);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_refund_under_way_ends_by_report_or_by_question() {
    let shop = Shop::opens().await;
    let (reported, asked) = (paid(&shop, &shop.by(1)).await, paid(&shop, &shop.by(2)).await);
    shop.bank.is(Mood::Slow);
    ask(&shop, reported, "regret").await;
    ask(&shop, asked, "regret").await;
    shop.settle().await;
    assert_eq!(states(&shop).await, [RefundStatus::Processing; 2]);
    assert_eq!(shop.status(reported).await, Status::ToShip);
    shop.bank.pays_out();
    let number = format!("{}-regret", shop.order(reported).await.order_no);
    for _ in 0..3 {
        let report = shop.bank.report_refund(&number, NotificationKind::RefundSucceeded);
        shop.hears(&report).await.expect("is believed");
    }
    assert_eq!(shop.status(reported).await, Status::Refunded);
    assert_eq!(shop.status(asked).await, Status::ToShip);
    shop.advance(seconds(30)).await;
    assert_eq!(shop.status(asked).await, Status::Refunded);
    assert_eq!(shop.told("trade.order_refunded.v1").await, 2);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_refund_that_fails_frees_its_money_and_is_believed_when_it_comes_round() {
    let shop = Shop::opens().await;
    let order = paid(&shop, &shop.by(1)).await;
    shop.bank.is(Mood::Slow);
    ask(&shop, order, "regret").await;
    shop.settle().await;
    let number = format!("{}-regret", shop.order(order).await.order_no);
    shop.hears(&shop.bank.report_refund(&number, NotificationKind::RefundFailed)).await.expect("is believed");
    assert_eq!(states(&shop).await, [RefundStatus::Failed]);
    assert_eq!(shop.status(order).await, Status::ToShip);
    shop.bank.pays_out();
    shop.hears(&shop.bank.report_refund(&number, NotificationKind::RefundSucceeded)).await.expect("is believed");
    assert_eq!(shop.status(order).await, Status::Refunded);
    assert_eq!(refusal(shop.hears(&shop.bank.report_refund(&number, NotificationKind::RefundFailed)).await), "NOTIFICATION_PARKED");

    // A bank that says no: a person gives the money back another way, or asks again.
    let order = paid(&shop, &shop.by(2)).await;
    shop.bank.is(Mood::Declines);
    ask(&shop, order, "regret").await;
    shop.settle().await;
    assert_eq!(states(&shop).await, [RefundStatus::Succeeded, RefundStatus::Failed]);
    shop.bank.is(Mood::Well);
    refunds::by_staff(&shop.staff(), staff_refund(order, None), "try-it-again").await.expect("is asked for");
    shop.settle().await;
    assert_eq!(shop.status(order).await, Status::Refunded);
    shop.adds_up().await;
}

#[tokio::test]
async fn nonsense_gives_nothing_back() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let unpaid = shop.orders(&ann, 1).await.id;
    assert_eq!(refusal(refunds::by_staff(&staff, staff_refund(unpaid, None), "refund-0001").await), "ORDER_UNPAID");
    let nobody = shop.op().new_id();
    assert_eq!(refusal(refunds::by_staff(&staff, staff_refund(nobody, None), "refund-0002").await), "NOT_FOUND");
    let order = paid(&shop, &shop.by(2)).await;
    for (amount, code) in [
        (cny(0), "REFUND_AMOUNT_INVALID"),
        (cny(-1), "REFUND_AMOUNT_INVALID"),
        (cny(i64::MIN), "REFUND_AMOUNT_INVALID"),
        (Money::new(1, kernel::Currency::Usd), "REFUND_AMOUNT_INVALID"),
        (cny(2 * PRICE + 1), "REFUND_TOO_MUCH"),
        (cny(i64::MAX), "REFUND_TOO_MUCH"),
    ] {
        assert_eq!(refusal(refunds::by_staff(&staff, staff_refund(order, Some(amount)), "refund-0003").await), code, "{amount}");
    }
    let silent = StaffRefund { reason: " ".into(), ..staff_refund(order, None) };
    assert_eq!(refusal(refunds::by_staff(&staff, silent, "refund-0004").await), "REFUND_REASON_INVALID");
    let once = refunds::by_staff(&staff, staff_refund(order, Some(cny(1))), "refund-0005").await.expect("gives");
    let twice = refunds::by_staff(&staff, staff_refund(order, Some(cny(1))), "refund-0005").await.expect("answers");
    assert_eq!(once.id, twice.id);
    shop.settle().await;
    assert_eq!(shop.bank.balance(), 2 * PRICE - 1);
    // A shipped order's goods do not come back by a refund.
    let parcel = fulfilment::ShipOrder::all(order, "SF", "SF1234567890");
    fulfilment::ship(&staff, parcel, "ship-0001").await.expect("ships");
    refunds::by_staff(&staff, staff_refund(order, None), "refund-0006").await.expect("gives");
    shop.settle().await;
    assert_eq!((shop.status(order).await, shop.shelf().await.on_hand), (Status::Refunded, STOCK - 2));
    orders::cancel(&ann, orders::CancelOrder { order: unpaid, reason: crate::order::rules::CancelReason::Shopper }).await.expect("cancels");
    shop.adds_up().await;
}

#[tokio::test]
async fn three_reports_about_refunds_end_the_same_in_any_order() {
    let shop = Shop::opens().await;
    shop.bank.is(Mood::Slow);
    for (n, any) in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].into_iter().enumerate() {
        let order = paid(&shop, &shop.by(n as u128 + 1)).await;
        for (key, amount) in [("refund-one", Some(cny(500))), ("refund-rest", None)] {
            refunds::by_staff(&shop.staff(), staff_refund(order, amount), &format!("{key}-{n}")).await.expect("is asked for");
        }
        shop.settle().await;
        assert_eq!(shop.status(order).await, Status::ToShip);
        shop.bank.pays_out();
        let number = shop.order(order).await.order_no;
        // The first of them twice.
        let reports = ["staff-1", "staff-2", "staff-1"]
            .map(|reason| shop.bank.report_refund(&format!("{number}-{reason}"), NotificationKind::RefundSucceeded));
        for at in any {
            shop.hears(&reports[at]).await.expect("is believed");
        }
        let dead = shop.order(order).await;
        assert_eq!((dead.status, dead.refunded), (Status::Refunded, dead.total), "{any:?}");
    }
    assert_eq!((shop.told("trade.order_refunded.v1").await, shop.bank.refunds().len()), (12, 12));
    shop.adds_up().await;
}

#[tokio::test]
async fn a_refund_reported_before_its_charge_is_parked_and_disturbs_nothing() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 2).await;
    let payment = shop.begins_to_pay(&ann, order.id).await;
    shop.bank.takes(&payment.payment_no);
    let mut early = shop.bank.report(&payment.payment_no);
    (early.kind, early.refund_no) = (NotificationKind::RefundSucceeded, Some(format!("{}-regret", order.order_no)));
    assert_eq!(refusal(shop.hears(&early).await), "NOTIFICATION_PARKED");
    shop.hears(&shop.bank.report(&payment.payment_no)).await.expect("is believed");
    assert_eq!(shop.status(order.id).await, Status::ToShip);
    ask(&shop, order.id, "regret").await;
    shop.settle().await;
    assert_eq!((shop.status(order.id).await, shop.bank.balance()), (Status::Refunded, 0));
    // The same report once more stays parked: it counts once.
    assert_eq!(refusal(shop.hears(&early).await), "NOTIFICATION_PARKED");
    shop.adds_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_lines_refunded_at_once_and_fifty_pieces_above_what_was_bought() {
    let shop = std::sync::Arc::new(Shop::opens().await);
    let ann = shop.by(1);
    let order = shop.orders(&ann, 20).await.id;
    shop.pays(&ann, order).await;
    let line = crate::order::query::lines(&shop.op(), &[order]).await.expect("reads")[&order][0].id;
    let wishes = (0..50).map(|n| {
        let staff = shop.staff();
        let lines = vec![crate::refund::rules::LineWish { line, quantity: 1, amount: None }];
        let pieces = refunds::PiecesBack { lines, shipping: crate::refund::rules::Shipping::Unshipped, restock: false };
        let wanted = StaffRefund { order, amount: None, lines: Some(pieces), reason: "broken".into() };
        tokio::spawn(async move { refunds::by_staff(&staff, wanted, &format!("piece-{n:04}")).await })
    });
    let mut given = 0;
    for wish in wishes.collect::<Vec<_>>() {
        match wish.await.expect("no panic") {
            Ok(refund) => {
                assert_eq!((refund.amount, refund.parts[0].quantity), (cny(PRICE), 1));
                given += 1;
            }
            other => assert!(["REFUND_QUANTITY_TOO_LARGE", "REFUND_TOO_MUCH"].contains(&refusal(other))),
        }
    }
    assert_eq!(given, 20);
    shop.settle().await;
    let dead = shop.order(order).await;
    assert_eq!((dead.status, dead.refunded, shop.bank.balance()), (Status::Refunded, dead.total, 0));
    let shelf = shop.shelf().await;
    assert_eq!((shelf.on_hand, shelf.reserved, shelf.sold), (STOCK, 0, 0));
    shop.adds_up().await;
}
