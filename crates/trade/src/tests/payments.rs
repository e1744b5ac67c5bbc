//! Asking for money, and believing that it came: once, whatever happens.

use catalog::inventory::service as inventory;
use entity::trade::payment::PaymentState;
use kernel::{OrderId, PageRequest, minutes, seconds};
use platform::{Op, Tx};

use super::{
    bank::Mood,
    shop::{PRICE, STOCK, Shop, at, cny, refusal},
};
use crate::{
    order::{
        rules::{CancelReason, Status},
        service::{self as orders, CancelOrder},
    },
    payment::service as payments,
};

fn cancel(order: OrderId) -> CancelOrder {
    CancelOrder { order, reason: CancelReason::Shopper }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_reports_at_once_have_one_effect() {
    let shop = std::sync::Arc::new(Shop::opens().await);
    let ann = shop.by(1);
    let order = shop.orders(&ann, 2).await;
    let payment = shop.begins_to_pay(&ann, order.id).await;
    shop.bank.takes(&payment.payment_no);
    let same = shop.bank.report(&payment.payment_no);
    // Half of them are the same report, half are reports of their own; the shopper comes back meanwhile.
    let reports = (0..20).map(|n| if n % 2 == 0 { same.clone() } else { shop.bank.report(&payment.payment_no) });
    let mut running: Vec<_> = reports
        .map(|report| {
            let shop = std::sync::Arc::clone(&shop);
            tokio::spawn(async move { shop.hears(&report).await.expect("is believed") })
        })
        .collect();
    let back = ann.clone();
    running.push(tokio::spawn(async move { payments::sync(&back, payment.id).await.map(drop).expect("is looked up") }));
    for one in running {
        one.await.expect("no panic");
    }
    let paid = shop.order(order.id).await;
    assert_eq!((paid.status, paid.paid_by), (Status::ToShip, Some(payment.id)));
    assert_eq!(shop.told("trade.order_paid.v1").await, 1);
    let shelf = shop.shelf().await;
    assert_eq!((shelf.on_hand, shelf.reserved, shelf.sold), (STOCK - 2, 0, 2));
    shop.adds_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_and_a_cancel_at_once_leave_the_money_in_one_place() {
    let shop = std::sync::Arc::new(Shop::opens().await);
    let (mut kept, mut returned) = (0, 0);
    for n in 1..=12 {
        let by = shop.by(n);
        let order = shop.orders(&by, 1).await;
        let payment = shop.begins_to_pay(&by, order.id).await;
        // The shopper pays and takes it back in the same second; the bank may have closed the charge first.
        let (payer, no) = (std::sync::Arc::clone(&shop), payment.payment_no.clone());
        let paying = tokio::spawn(async move {
            if payer.bank.takes_if_open(&no) {
                payer.hears(&payer.bank.report(&no)).await.expect("is believed");
            }
        });
        let canceller = by.clone();
        let cancelling = tokio::spawn(async move { orders::cancel(&canceller, cancel(order.id)).await });
        paying.await.expect("no panic");
        let cancelled = cancelling.await.expect("no panic");
        shop.settle().await;
        let held = shop.bank.balance();
        match shop.status(order.id).await {
            Status::ToShip => {
                assert_eq!(refusal(cancelled), "ORDER_PAID");
                kept += 1;
            }
            Status::Cancelled => {
                cancelled.expect("is cancelled");
                returned += 1;
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(held, kept * PRICE);
    }
    assert_eq!(kept + returned, 12);
    assert_eq!((shop.shelf().await.on_hand, shop.shelf().await.reserved), (STOCK - kept, 0));
    shop.adds_up().await;
}

#[tokio::test]
async fn money_for_a_cancelled_order_goes_back_by_itself() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 1).await;
    let payment = shop.begins_to_pay(&ann, order.id).await;
    orders::cancel(&ann, cancel(order.id)).await.expect("is cancelled");
    // The provider took it all the same.
    shop.bank.takes(&payment.payment_no);
    let report = shop.bank.report(&payment.payment_no);
    for _ in 0..3 {
        shop.hears(&report).await.expect("is believed");
        shop.settle().await;
    }
    assert_eq!(shop.status(order.id).await, Status::Cancelled);
    assert_eq!((shop.bank.balance(), shop.bank.refunds().len()), (0, 1));
    assert_eq!(shop.told("trade.order_paid.v1").await, 0);
    assert_eq!(shop.told("trade.order_refunded.v1").await, 0);
    shop.adds_up().await;
}

#[tokio::test]
async fn an_order_paid_twice_keeps_the_first_payment() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 1).await;
    let first = payments::pay(&ann, at("sandbox", order.id), "pay-key-0001").await.expect("begins");
    // Another way to pay: the first charge is closed before the second opens.
    let second = payments::pay(&ann, at("other", order.id), "pay-key-0002").await.expect("begins");
    assert_eq!(payments::get(&ann, first.id).await.expect("reads").expect("is hers").state, PaymentState::Closed);
    assert!(shop.bank.is_closed(&first.payment_no));
    assert_ne!(first.payment_no, second.payment_no);
    shop.other_bank.takes(&second.payment_no);
    shop.hears(&shop.other_bank.report(&second.payment_no)).await.expect("is believed");
    shop.bank.takes(&first.payment_no);
    shop.hears(&shop.bank.report(&first.payment_no)).await.expect("is believed");
    shop.settle().await;
    let paid = shop.order(order.id).await;
    assert_eq!((paid.status, paid.paid_by, paid.refunded), (Status::ToShip, Some(second.id), cny(0)));
    assert_eq!((shop.bank.balance(), shop.other_bank.balance()), (0, PRICE));
    assert_eq!(shop.told("trade.order_paid.v1").await, 1);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_report_that_does_not_fit_is_parked_and_refused() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 1).await;
    let payment = shop.begins_to_pay(&ann, order.id).await;
    shop.bank.takes(&payment.payment_no);
    let honest = shop.bank.report(&payment.payment_no);
    let mut odd = shop.bank.report(&payment.payment_no);
    odd.amount = cny(PRICE - 1);
    let mut dollars = shop.bank.report(&payment.payment_no);
    dollars.amount = kernel::Money::new(PRICE, kernel::Currency::Usd);
    let mut unknown = shop.bank.report(&payment.payment_no);
    unknown.charge_no = "20261111NOBODY-1".into();
    let mut refund = shop.bank.report(&payment.payment_no);
    refund.refund_no = Some("20261111NOBODY-regret".into());
    refund.kind = crate::payment::gateway::NotificationKind::RefundSucceeded;
    for report in [&odd, &dollars, &unknown, &refund] {
        for _ in 0..2 {
            assert_eq!(refusal(shop.hears(report).await), "NOTIFICATION_PARKED");
        }
    }
    // Another provider's signature, and none.
    let mut foreign = shop.other_bank.report_of_nothing(&payment.payment_no, cny(PRICE));
    assert_eq!(refusal(shop.hears(&foreign).await), "NOTIFICATION_PARKED");
    foreign.event_id = "nobody-1".into();
    assert_eq!(refusal(shop.hears(&foreign).await), "PAYMENT_GATEWAY_UNKNOWN");
    let body = serde_json::to_vec(&honest).expect("plain data");
    assert_eq!(refusal(payments::notified(&shop.op(), "sandbox", (&[], &body)).await), "NOTIFICATION_NOT_GENUINE");
    assert_eq!(shop.status(order.id).await, Status::PendingPayment);
    // Each is kept once, and staff find it.
    let page = PageRequest { first: 3, after: None };
    let first = payments::parked(&shop.staff(), page).await.expect("reads");
    assert!(first.more);
    let rest =
        payments::parked(&shop.staff(), PageRequest { first: 3, after: first.rows.last().map(|row| row.0.clone()) }).await.expect("reads");
    let mut found: Vec<_> = first.rows.into_iter().chain(rest.rows).map(|(_, parked)| parked.event_id).collect();
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 5);
    shop.hears(&honest).await.expect("is believed");
    assert_eq!(shop.status(order.id).await, Status::ToShip);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_lost_report_is_asked_for() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.by(1), shop.by(2));
    let order = shop.orders(&ann, 1).await;
    let payment = shop.begins_to_pay(&ann, order.id).await;
    shop.bank.takes(&payment.payment_no);
    let before = shop.bank.calls();
    shop.advance(seconds(29)).await;
    assert_eq!((shop.status(order.id).await, shop.bank.calls()), (Status::PendingPayment, before));
    shop.advance(seconds(1)).await;
    assert_eq!(shop.status(order.id).await, Status::ToShip);

    // The shopper who comes back does not wait for it.
    let order = shop.orders(&bob, 1).await;
    let payment = shop.begins_to_pay(&bob, order.id).await;
    assert_eq!(refusal(payments::sync(&ann, payment.id).await), "NOT_FOUND");
    assert_eq!(payments::sync(&bob, payment.id).await.expect("is looked up").state, PaymentState::Pending);
    shop.bank.takes(&payment.payment_no);
    assert_eq!(payments::sync(&bob, payment.id).await.expect("is looked up").state, PaymentState::Succeeded);
    assert_eq!(shop.status(order.id).await, Status::ToShip);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_silent_bank_is_asked_ever_less_often() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 1).await;
    shop.begins_to_pay(&ann, order.id).await;
    let before = shop.bank.calls();
    for _ in 0..29 * 6 {
        shop.test.clock.advance(seconds(10));
        crate::payment::jobs::query_pending(shop.op()).await.expect("runs");
    }
    assert!((5..=8).contains(&(shop.bank.calls() - before)), "asked {} times in half an hour", shop.bank.calls() - before);
}

#[tokio::test]
async fn a_crash_between_the_banks_work_and_ours_charges_once() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 1).await;
    shop.bank.is(Mood::Hangs);
    tokio::select! {
        done = payments::pay(&ann, at("sandbox", order.id), "pay-key-0001") => panic!("it answered: {done:?}"),
        () = shop.bank.worked.notified() => {}
    }
    shop.bank.is(Mood::Well);
    let resumed = payments::pay(&ann, at("sandbox", order.id), "pay-key-0001").await.expect("goes on");
    assert_eq!((resumed.state, resumed.action.is_some()), (PaymentState::Pending, true));
    let pressed_again = payments::pay(&ann, at("sandbox", order.id), "pay-key-0002").await.expect("goes on");
    assert_eq!(pressed_again.id, resumed.id);
    assert_eq!(shop.bank.charges(), std::slice::from_ref(&resumed.payment_no));
    shop.bank.takes(&resumed.payment_no);
    // And a crash while the money is being settled: nothing happened, and it happens the next time.
    let report = shop.bank.report(&resumed.payment_no);
    let op = shop.op();
    let tx: Tx = op.begin().await.expect("begins");
    drop(tx);
    shop.hears(&report).await.expect("is believed");
    assert_eq!(shop.status(order.id).await, Status::ToShip);
    shop.adds_up().await;
}

#[tokio::test]
async fn money_of_a_charge_whose_beginning_crashed_is_found() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 1).await;
    shop.bank.is(Mood::Mumbles);
    assert_eq!(refusal(payments::pay(&ann, at("sandbox", order.id), "pay-key-0001").await), "PAYMENT_GATEWAY_UNAVAILABLE");
    shop.bank.is(Mood::Well);
    let number = shop.bank.charges().pop().expect("it did the work");
    shop.bank.takes(&number);
    shop.advance(seconds(30)).await;
    assert_eq!(shop.status(order.id).await, Status::ToShip);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_bank_that_is_down_or_says_no() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.by(1), shop.by(2));
    let order = shop.orders(&ann, 1).await;
    shop.bank.is(Mood::Down);
    assert_eq!(refusal(payments::pay(&ann, at("sandbox", order.id), "pay-key-0001").await), "PAYMENT_GATEWAY_UNAVAILABLE");
    shop.bank.is(Mood::Declines);
    assert_eq!(refusal(payments::pay(&ann, at("sandbox", order.id), "pay-key-0001").await), "PAYMENT_DECLINED");
    shop.bank.is(Mood::Well);
    let failed = payments::pay(&ann, at("sandbox", order.id), "pay-key-0001").await.expect("answers what became of it");
    assert_eq!(failed.state, PaymentState::Failed);
    let again = payments::pay(&ann, at("sandbox", order.id), "pay-key-0002").await.expect("begins");
    assert_eq!(again.payment_no, format!("{}-2", order.order_no));
    assert_eq!(refusal(payments::pay(&ann, at("nobody", order.id), "pay-key-0003").await), "PAYMENT_GATEWAY_UNKNOWN");
    assert_eq!(refusal(payments::pay(&bob, at("sandbox", order.id), "pay-key-0004").await), "NOT_FOUND");
    shop.test.clock.advance(minutes(30));
    assert_eq!(refusal(payments::pay(&ann, at("sandbox", order.id), "pay-key-0005").await), "PAYMENT_TOO_LATE");
    shop.adds_up().await;
    assert_eq!(refusal(payments::pay(&ann, at("sandbox", order.id), "pay-key-0006").await), "ORDER_CANCELLED");
}

#[tokio::test]
async fn a_cancelled_order_is_not_asked_money_for_again() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 1).await;
    shop.bank.is(Mood::Down);
    assert_eq!(refusal(payments::pay(&ann, at("sandbox", order.id), "pay-key-0001").await), "PAYMENT_GATEWAY_UNAVAILABLE");
    orders::cancel(&ann, cancel(order.id)).await.expect("is cancelled although the bank is silent");
    shop.bank.is(Mood::Well);
    assert_eq!(refusal(payments::pay(&ann, at("sandbox", order.id), "pay-key-0001").await), "ORDER_CANCELLED");
    assert!(shop.bank.charges().is_empty());
    shop.advance(minutes(31)).await;
    shop.adds_up().await;
}

#[tokio::test]
async fn money_for_goods_that_are_gone_goes_back() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 2).await;
    let payment = shop.begins_to_pay(&ann, order.id).await;
    gone(&shop.op(), &shop, order.id).await;
    shop.bank.takes(&payment.payment_no);
    shop.hears(&shop.bank.report(&payment.payment_no)).await.expect("is believed");
    shop.settle().await;
    let given_up = shop.order(order.id).await;
    assert_eq!((given_up.status, given_up.cancel_reason.as_deref()), (Status::Cancelled, Some("SOLD_OUT")));
    assert_eq!(shop.bank.balance(), 0);
    // Only the order of the one who bought everything.
    assert_eq!(shop.told("trade.order_paid.v1").await, 1);
    shop.adds_up().await;
}

/// The order's hold is lost, and somebody else buys everything.
async fn gone(op: &Op, shop: &Shop, order: OrderId) {
    let mut tx = op.begin().await.expect("begins");
    inventory::release(&mut tx, op, order).await.expect("lets go");
    tx.commit().await.expect("commits");
    let greedy = shop.by(99);
    let all = shop.orders(&greedy, STOCK).await;
    let payment = crate::payment::service::pay(&greedy, at("other", all.id), "pay-key-0001").await.expect("begins");
    shop.other_bank.takes(&payment.payment_no);
    shop.hears(&shop.other_bank.report(&payment.payment_no)).await.expect("is believed");
}
