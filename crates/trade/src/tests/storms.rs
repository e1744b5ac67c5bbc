//! Reports in every order, all at once, and crashes between the provider's work and ours: always the same end.

use std::sync::Arc;

use entity::trade::payment::PaymentState;
use kernel::{OrderId, minutes};

use super::{
    bank::Mood,
    shop::{PRICE, STOCK, Shop, at, refusal},
};
use crate::{
    order::{
        rules::{CancelReason, Status},
        service::{self as orders, CancelOrder},
    },
    payment::{
        gateway::{Notification, NotificationKind},
        service as payments,
    },
    refund::service::{self as refunds, StaffRefund},
};

/// All orders of three.
const PERMUTATIONS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

fn all_back(order: OrderId) -> StaffRefund {
    StaffRefund { order, amount: None, lines: None, reason: "the tea was late".into() }
}

impl Shop {
    fn closed(&self, charge_no: &str) -> Notification {
        Notification { kind: NotificationKind::ChargeClosed, ..self.bank.report(charge_no) }
    }

    /// Hears reports in this order, each twice.
    async fn hears_all(&self, (reports, order): (&[Notification; 3], [usize; 3])) {
        for n in order {
            for _ in 0..2 {
                self.hears(&reports[n]).await.expect("is believed");
            }
            self.settle().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paid_closed_and_refunded_end_the_same_in_any_order() {
    for order_of_reports in PERMUTATIONS {
        let shop = Shop::opens().await;
        let ann = shop.by(1);
        let order = shop.orders(&ann, 1).await;
        let payment = shop.begins_to_pay(&ann, order.id).await;
        // The money was found by a question, and is on its way back, before the first report comes.
        shop.bank.takes(&payment.payment_no);
        payments::sync(&ann, payment.id).await.expect("is looked up");
        shop.bank.is(Mood::Slow);
        refunds::by_staff(&shop.staff(), all_back(order.id), "refund-0001").await.expect("is asked for");
        shop.settle().await;
        let refund_no = shop.bank.asked_refunds().pop().expect("the bank was asked");
        shop.bank.pays_out();
        let reports = [
            shop.bank.report(&payment.payment_no),
            shop.closed(&payment.payment_no),
            shop.bank.report_refund(&refund_no, NotificationKind::RefundSucceeded),
        ];
        shop.hears_all((&reports, order_of_reports)).await;
        let seen = payments::get(&ann, payment.id).await.expect("reads").expect("is there");
        let end = shop.order(order.id).await;
        assert_eq!((seen.state, end.status, end.refunded), (PaymentState::Succeeded, Status::Refunded, end.total), "{order_of_reports:?}");
        assert_eq!(shop.bank.balance(), 0, "{order_of_reports:?}");
        assert_eq!((shop.told("trade.order_paid.v1").await, shop.told("trade.order_refunded.v1").await), (1, 1), "{order_of_reports:?}");
        shop.adds_up().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_successes_and_a_closing_end_paid_in_any_order() {
    for order_of_reports in PERMUTATIONS {
        let shop = Shop::opens().await;
        let ann = shop.by(1);
        let order = shop.orders(&ann, 1).await;
        let payment = shop.begins_to_pay(&ann, order.id).await;
        shop.bank.takes(&payment.payment_no);
        let no = &payment.payment_no;
        let reports = [shop.bank.report(no), shop.closed(no), shop.bank.report(no)];
        shop.hears_all((&reports, order_of_reports)).await;
        let seen = payments::get(&ann, payment.id).await.expect("reads").expect("is there");
        let status = shop.status(order.id).await;
        assert_eq!((seen.state, status), (PaymentState::Succeeded, Status::ToShip), "{order_of_reports:?}");
        assert_eq!((shop.bank.balance(), shop.told("trade.order_paid.v1").await), (PRICE, 1), "{order_of_reports:?}");
        shop.adds_up().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_a_question_and_a_cancel_at_once_leave_the_money_in_one_place() {
    let shop = Arc::new(Shop::opens().await);
    let mut kept = 0;
    for n in 1..=10 {
        let by = shop.by(n);
        let order = shop.orders(&by, 1).await;
        let payment = shop.begins_to_pay(&by, order.id).await;
        shop.bank.takes(&payment.payment_no);
        let report = shop.bank.report(&payment.payment_no);
        let hearing = {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move { shop.hears(&report).await.expect("is believed") })
        };
        let asking = {
            let by = by.clone();
            tokio::spawn(async move { payments::sync(&by, payment.id).await.map(drop) })
        };
        let cancelling = {
            let by = by.clone();
            let wanted = CancelOrder { order: order.id, reason: CancelReason::Shopper };
            tokio::spawn(async move { orders::cancel(&by, wanted).await })
        };
        hearing.await.expect("no panic");
        asking.await.expect("no panic").expect("is looked up");
        let cancelled = cancelling.await.expect("no panic");
        shop.settle().await;
        match shop.status(order.id).await {
            Status::ToShip => {
                assert_eq!(refusal(cancelled), "ORDER_PAID");
                kept += 1;
            }
            Status::Cancelled => drop(cancelled.expect("is cancelled")),
            other => panic!("{other:?}"),
        }
        assert_eq!(shop.bank.balance(), kept * PRICE);
    }
    let shelf = shop.shelf().await;
    assert_eq!((shelf.on_hand, shelf.reserved), (STOCK - kept, 0));
    shop.adds_up().await;
}

#[tokio::test]
async fn something_moved_is_a_reason_to_ask_and_nothing_else() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 1).await;
    let payment = shop.begins_to_pay(&ann, order.id).await;
    let moved =
        || Notification { kind: NotificationKind::ChargeMoved, amount: super::shop::cny(1), ..shop.bank.report(&payment.payment_no) };
    shop.hears(&moved()).await.expect("is believed");
    assert_eq!(shop.status(order.id).await, Status::PendingPayment, "the bank says: not yet");
    shop.bank.takes(&payment.payment_no);
    let again = moved();
    shop.bank.is(Mood::Down);
    assert!(shop.hears(&again).await.is_err(), "nobody could be asked: it must come again");
    shop.bank.is(Mood::Well);
    shop.hears(&again).await.expect("is believed");
    assert_eq!(shop.status(order.id).await, Status::ToShip);
    let asked = shop.bank.calls();
    shop.hears(&again).await.expect("is known");
    shop.hears(&moved()).await.expect("is believed");
    assert_eq!(shop.bank.calls(), asked, "what is known, or paid, is not asked about");
    let other = Notification { kind: NotificationKind::Other, charge_no: String::new(), ..moved() };
    shop.hears(&other).await.expect("is genuine, and nothing to us");
    shop.adds_up().await;
}

/// What the mall asks a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Create,
    Query,
    Close,
    Refund,
    QueryRefund,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_any_call_and_its_commit_moves_money_once() {
    for call in [Call::Create, Call::Query, Call::Close, Call::Refund, Call::QueryRefund] {
        let shop = Arc::new(Shop::opens().await);
        let ann = shop.by(1);
        let order = shop.orders(&ann, 1).await;
        if call != Call::Create {
            let payment = shop.begins_to_pay(&ann, order.id).await;
            if call != Call::Close {
                shop.bank.takes(&payment.payment_no);
            }
        }
        let open = payments::open_of(&ann, order.id).await.expect("reads").pop();
        if matches!(call, Call::Refund | Call::QueryRefund) {
            payments::sync(&ann, open.as_ref().expect("is open").id).await.expect("is looked up");
            if call == Call::QueryRefund {
                shop.bank.is(Mood::Slow);
            }
            refunds::by_staff(&shop.staff(), all_back(order.id), "refund-0001").await.expect("is asked for");
            if call == Call::QueryRefund {
                shop.settle().await;
                shop.bank.pays_out();
            }
        }
        shop.bank.is(Mood::Hangs);
        let dying = {
            let (shop, ann, open) = (Arc::clone(&shop), ann.clone(), open.clone());
            tokio::spawn(async move {
                match call {
                    Call::Create => drop(payments::pay(&ann, at("sandbox", order.id), "pay-key-0001").await),
                    Call::Query => drop(payments::sync(&ann, open.expect("is open").id).await),
                    Call::Close => drop(payments::close(&shop.op(), &open.expect("is open")).await),
                    Call::Refund => shop.settle().await,
                    Call::QueryRefund => shop.advance(minutes(1)).await,
                }
            })
        };
        shop.bank.worked.notified().await;
        dying.abort();
        let _ = dying.await;
        // Started again.
        shop.bank.is(Mood::Well);
        match call {
            Call::Create => {
                let resumed = payments::pay(&ann, at("sandbox", order.id), "pay-key-0001").await.expect("goes on");
                assert_eq!(shop.bank.charges(), [resumed.payment_no]);
            }
            Call::Close => {
                shop.advance(minutes(31)).await;
                assert!(shop.bank.is_closed(&shop.bank.charges()[0]));
                assert_eq!(shop.status(order.id).await, Status::Cancelled);
            }
            Call::Query => {
                shop.advance(minutes(1)).await;
                assert_eq!((shop.status(order.id).await, shop.bank.balance()), (Status::ToShip, PRICE));
            }
            Call::Refund | Call::QueryRefund => {
                for _ in 0..8 {
                    shop.advance(minutes(10)).await;
                }
                assert_eq!((shop.status(order.id).await, shop.bank.balance()), (Status::Refunded, 0), "{call:?}");
                assert_eq!(shop.bank.refunds().len(), 1, "{call:?}");
            }
        }
        shop.adds_up().await;
    }
}
