//! Wallets: filled through any bank, spent on orders, never overdrawn.

use std::sync::Arc;

use entity::trade::payment::PaymentState;
use kernel::{Currency, Money, OrderId, PageRequest, minutes};
use platform::Op;
use sea_orm::ConnectionTrait;

use super::{
    bank::Mood,
    shop::{PRICE, Shop, at, cny, refusal},
};
use crate::{
    ledger::service::Period,
    order::{
        rules::{CancelReason, Status},
        service::{self as orders, CancelOrder},
    },
    payment::{
        gateway::{ChargeRef, ChargeState, Gateway, GatewayError, NewCharge, PayProduct},
        service::{self as payments, Payment},
    },
    refund::service::{self as refunds, StaffRefund},
    wallet::{
        BALANCE,
        gateway::Balance,
        service as wallets,
        top_up::{self, NewTopUp, TopUp},
    },
};

impl Shop {
    async fn begins_to_top_up(&self, by: &Op, amount: i64) -> TopUp {
        let wanted = NewTopUp { amount: cny(amount), gateway: "sandbox".into(), product: None, payer: None };
        top_up::begin(by, wanted, &format!("top-up-{amount:04}")).await.expect("begins")
    }

    pub(super) async fn tops_up(&self, by: &Op, amount: i64) -> TopUp {
        let begun = self.begins_to_top_up(by, amount).await;
        self.bank.takes(&begun.top_up_no);
        self.hears(&self.bank.report(&begun.top_up_no)).await.expect("is believed");
        begun
    }

    /// An attempt to pay that was written, and nobody was asked for the money yet.
    async fn attempt_without_asking(&self, by: &Op, order: OrderId) -> Payment {
        self.other_bank.is(Mood::Down);
        assert_eq!(refusal(payments::pay(by, at("other", order), "dies-early").await), "PAYMENT_GATEWAY_UNAVAILABLE");
        let op = self.op();
        let sql = format!("UPDATE payment SET gateway = '{BALANCE}'");
        op.platform.db.writer().execute_unprepared(&sql).await.expect("is changed");
        payments::of_orders(&op, &[order]).await.expect("reads").remove(&order).expect("has one").remove(0)
    }

    pub(super) async fn wallet(&self, by: &Op) -> i64 {
        wallets::balance(by, by.customer().expect("a customer"), Currency::Cny).await.expect("reads").minor
    }

    pub(super) async fn statement(&self, by: &Op) -> Vec<(String, i64, i64)> {
        let whose = (by.customer().expect("a customer"), Currency::Cny);
        let page = PageRequest { first: 100, after: None };
        let page = wallets::statement(by, whose, (Period::default(), page)).await.expect("reads");
        page.rows.into_iter().map(|(_, line)| (line.business_type, line.amount.minor, line.balance)).collect()
    }
}

pub(super) fn line(kind: &str, amount: i64, balance: i64) -> (String, i64, i64) {
    (kind.to_owned(), amount, balance)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_top_up_counts_once_however_often_it_is_reported() {
    let shop = Arc::new(Shop::opens().await);
    let ann = shop.by(1);
    let begun = shop.begins_to_top_up(&ann, 5_000).await;
    assert_eq!((begun.state, begun.amount), (PaymentState::Pending, cny(5_000)));
    assert_eq!(shop.begins_to_top_up(&ann, 5_000).await.id, begun.id);
    shop.bank.takes(&begun.top_up_no);
    let reports: Vec<_> = (0..20)
        .map(|_| {
            let (shop, report) = (Arc::clone(&shop), shop.bank.report(&begun.top_up_no));
            tokio::spawn(async move { shop.hears(&report).await })
        })
        .collect();
    for report in reports {
        report.await.expect("no panic").expect("is believed");
    }
    assert_eq!(shop.wallet(&ann).await, 5_000);
    assert_eq!(shop.statement(&ann).await, [line("top_up", 5_000, 5_000)]);
    assert_eq!(shop.told("trade.wallet_topped_up.v1").await, 1);
    assert_eq!(shop.wallet(&shop.by(2)).await, 0);
    assert!(top_up::get(&shop.by(2), begun.id).await.expect("reads").is_none());
    shop.adds_up().await;
}

#[tokio::test]
async fn a_silent_a_late_and_a_wrong_top_up() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let silent = shop.begins_to_top_up(&ann, 1_000).await;
    shop.bank.takes(&silent.top_up_no);
    shop.advance(minutes(1)).await;
    assert_eq!(shop.wallet(&ann).await, 1_000);
    let late = shop.begins_to_top_up(&ann, 2_000).await;
    shop.advance(minutes(45)).await;
    let closed = top_up::get(&ann, late.id).await.expect("reads").expect("is there");
    assert_eq!(closed.state, PaymentState::Closed);
    shop.bank.takes(&late.top_up_no);
    shop.hears(&shop.bank.report(&late.top_up_no)).await.expect("is welcome");
    assert_eq!(shop.wallet(&ann).await, 3_000);
    let wrong = shop.begins_to_top_up(&ann, 4_000).await;
    let mut report = shop.bank.report(&wrong.top_up_no);
    report.amount = cny(40_000);
    assert_eq!(refusal(shop.hears(&report).await), "NOTIFICATION_PARKED");
    assert_eq!(shop.wallet(&ann).await, 3_000);
    shop.bank.is(Mood::Declines);
    let wanted = NewTopUp { amount: cny(9), gateway: "sandbox".into(), product: None, payer: None };
    assert_eq!(refusal(top_up::begin(&ann, wanted, "declined-1").await), "PAYMENT_DECLINED");
    shop.bank.is(Mood::Well);
    for (amount, gateway, code) in [
        (0, "sandbox", "WALLET_AMOUNT_INVALID"),
        (-5, "sandbox", "WALLET_AMOUNT_INVALID"),
        (5_000_001, "sandbox", "WALLET_TOP_UP_TOO_MUCH"),
        (5, BALANCE, "PAYMENT_GATEWAY_UNKNOWN"),
        (5, "nobody", "PAYMENT_GATEWAY_UNKNOWN"),
    ] {
        let wanted = NewTopUp { amount: cny(amount), gateway: gateway.into(), product: None, payer: None };
        assert_eq!(refusal(top_up::begin(&ann, wanted, "nonsense").await), code);
    }
    shop.adds_up().await;
}

#[tokio::test]
async fn an_order_is_paid_out_of_the_wallet_and_goes_back_into_it() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    shop.tops_up(&ann, 2 * PRICE + 500).await;
    let order = shop.orders(&ann, 2).await;
    let paid = payments::pay(&ann, at(BALANCE, order.id), "by-balance-1").await.expect("is paid");
    assert_eq!((paid.state, paid.product), (PaymentState::Succeeded, PayProduct::Balance));
    assert_eq!((shop.status(order.id).await, shop.wallet(&ann).await), (Status::ToShip, 500));
    let again = payments::pay(&ann, at(BALANCE, order.id), "by-balance-1").await.expect("is the same");
    assert_eq!((again.id, shop.wallet(&ann).await), (paid.id, 500));
    let part = StaffRefund { order: order.id, amount: Some(cny(700)), lines: None, reason: "late".into() };
    refunds::by_staff(&shop.staff(), part, "refund-0001").await.expect("goes back");
    shop.settle().await;
    assert_eq!(shop.wallet(&ann).await, 1_200);
    let rest = StaffRefund { order: order.id, amount: None, lines: None, reason: "all".into() };
    refunds::by_staff(&shop.staff(), rest, "refund-0002").await.expect("goes back");
    shop.settle().await;
    assert_eq!((shop.status(order.id).await, shop.wallet(&ann).await), (Status::Refunded, 2 * PRICE + 500));
    assert_eq!(
        shop.statement(&ann).await,
        [
            line("wallet_refund", 2 * PRICE - 700, 2 * PRICE + 500),
            line("wallet_refund", 700, 1_200),
            line("wallet_charge", -2 * PRICE, 500),
            line("top_up", 2 * PRICE + 500, 2 * PRICE + 500),
        ]
    );
    shop.adds_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_in_the_wallet_is_spent_once_however_many_orders_want_it() {
    let shop = Arc::new(Shop::opens().await);
    let ann = shop.by(1);
    shop.tops_up(&ann, 3 * PRICE + 1).await;
    let mut orders = Vec::new();
    for _ in 0..10 {
        orders.push(shop.orders(&ann, 1).await.id);
    }
    let tries: Vec<_> = orders
        .iter()
        .map(|order| {
            let (ann, order) = (ann.clone(), *order);
            tokio::spawn(async move { payments::pay(&ann, at(BALANCE, order), &format!("race-{order}")[..40]).await })
        })
        .collect();
    let mut paid = 0;
    for tried in tries {
        match tried.await.expect("no panic") {
            Ok(payment) => {
                assert_eq!(payment.state, PaymentState::Succeeded);
                paid += 1;
            }
            short => assert_eq!(refusal(short), "WALLET_INSUFFICIENT"),
        }
    }
    assert_eq!((paid, shop.wallet(&ann).await), (3, 1));
    let mut shipped = 0;
    for order in &orders {
        shipped += i64::from(shop.status(*order).await == Status::ToShip);
    }
    assert_eq!(shipped, 3);
    // Whoever was short may pay another way.
    let waiting = orders[9];
    if shop.status(waiting).await == Status::PendingPayment {
        let payment = payments::pay(&ann, at("sandbox", waiting), "another-way").await.expect("begins");
        shop.bank.takes(&payment.payment_no);
        shop.hears(&shop.bank.report(&payment.payment_no)).await.expect("is believed");
        assert_eq!(shop.status(waiting).await, Status::ToShip);
    }
    shop.adds_up().await;
}

fn charge_of(payment: &Payment) -> NewCharge {
    NewCharge {
        charge_no: payment.payment_no.clone(),
        amount: payment.amount,
        description: String::new(),
        notify_url: String::new(),
        return_url: None,
        expires_at: payment.expires_at,
        payer: None,
        product: PayProduct::Balance,
        client_ip: None,
    }
}

#[tokio::test]
async fn a_crash_between_taking_the_money_and_telling_the_order_is_repaired() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    shop.tops_up(&ann, PRICE).await;
    let order = shop.orders(&ann, 1).await;
    // The attempt is written, the wallet is debited, and then nobody is there to settle it.
    let attempt = shop.attempt_without_asking(&ann, order.id).await;
    let balance = Balance::of(&shop.op());
    for _ in 0..2 {
        balance.create(charge_of(&attempt)).await.expect("is taken once");
    }
    assert_eq!((shop.wallet(&ann).await, shop.status(order.id).await), (0, Status::PendingPayment));
    shop.advance(minutes(1)).await;
    assert_eq!(shop.status(order.id).await, Status::ToShip);
    shop.adds_up().await;
}

#[tokio::test]
async fn what_was_closed_before_it_was_asked_for_is_never_taken() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    shop.tops_up(&ann, PRICE).await;
    let order = shop.orders(&ann, 1).await;
    let attempt = shop.attempt_without_asking(&ann, order.id).await;
    orders::cancel(&ann, CancelOrder { order: order.id, reason: CancelReason::Shopper }).await.expect("is cancelled");
    let balance = Balance::of(&shop.op());
    assert!(matches!(balance.create(charge_of(&attempt)).await, Err(GatewayError::Refused { .. })));
    let known = ChargeRef::by_number(&attempt.payment_no);
    assert_eq!(balance.query(&known).await.expect("answers"), ChargeState::Closed);
    assert_eq!(balance.close(&ChargeRef::by_number("nobody")).await.expect("answers"), ChargeState::Absent);
    assert_eq!((shop.status(order.id).await, shop.wallet(&ann).await), (Status::Cancelled, PRICE));
    shop.adds_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_and_paying_out_of_the_wallet_at_once_leave_the_money_in_one_place() {
    for round in 0..4 {
        let shop = Shop::opens().await;
        let ann = shop.by(1);
        shop.tops_up(&ann, PRICE).await;
        let order = shop.orders(&ann, 1).await.id;
        let (payer, canceller) = (ann.clone(), ann.clone());
        let pays = tokio::spawn(async move { payments::pay(&payer, at(BALANCE, order), "pay-or-not").await });
        let cancels = tokio::spawn(async move { orders::cancel(&canceller, CancelOrder { order, reason: CancelReason::Shopper }).await });
        let _ = (pays.await.expect("no panic"), cancels.await.expect("no panic"));
        shop.settle().await;
        shop.advance(minutes(2)).await;
        let (status, left) = (shop.status(order).await, shop.wallet(&ann).await);
        assert!([(Status::ToShip, 0), (Status::Cancelled, PRICE)].contains(&(status, left)), "{round}: {status:?} {left}");
        shop.adds_up().await;
    }
}

#[tokio::test]
async fn an_empty_wallet_says_so_in_money() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    assert_eq!(wallets::balances(&ann, ann.customer().expect("a customer")).await.expect("reads"), []);
    assert_eq!(
        wallets::balance(&ann, ann.customer().expect("a customer"), Currency::Usd).await.expect("reads"),
        Money::zero(Currency::Usd)
    );
    let order = shop.orders(&ann, 1).await;
    assert_eq!(refusal(payments::pay(&ann, at(BALANCE, order.id), "nothing-there").await), "WALLET_INSUFFICIENT");
}
