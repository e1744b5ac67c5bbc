//! Coupons on a real database: many hands at once, orders that fail, codes, happenings, the clock.

use std::collections::BTreeMap;

use entity::promotion::{
    coupon::{self as table, CouponState},
    coupon_template::CouponWay,
};
use futures_util::future::join_all;
use kernel::{Actor, CouponId, Currency, CustomerId, Failure, LocalizedText, OrderId, PageRequest, Refusal, SessionId, Timestamp, days};
use platform::{
    Op, Registry,
    testing::TestPlatform,
    worker::{Worker, WorkerSettings},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    query::{self, Template},
    rules::{Benefit, Extent, Returns, Terms, Validity},
    service::{self, GiveCoupons, Hold, Occasion, Refunded},
    templates::{self, Draft},
};
use crate::{
    offer::{Step, Window},
    pricing::Scope,
};

async fn mall() -> (TestPlatform, Op) {
    let test = TestPlatform::open(crate::plug).await;
    let op = test.platform.system("test");
    (test, op)
}

fn by(op: &Op, n: u128) -> Op {
    let actor = Actor::Customer { id: customer(n), session: SessionId(Uuid::from_u128(n)) };
    Op { actor, ..op.clone() }
}

fn customer(n: u128) -> CustomerId {
    CustomerId(Uuid::from_u128(n))
}

fn order(n: u128) -> OrderId {
    OrderId(Uuid::from_u128(n))
}

fn draft(op: &Op, way: CouponWay) -> Draft {
    Draft {
        title: LocalizedText::new("立减十元", "Ten off"),
        terms: Terms {
            benefit: Benefit::Cash { minor: 1_000 },
            currency: Currency::Cny,
            scope: Scope::default(),
            min_spend_minor: 0,
            validity: Validity::Days { after: 0, days: 7 },
            group: "usual".into(),
            alone: false,
            with_reductions: true,
            with_plays: false,
            returns: Returns::WholeRefund,
        },
        way,
        code: None,
        quota: None,
        per_customer: 1,
        window: Window { starts_at: op.now(), ends_at: op.now() + days(30) },
    }
}

async fn offered(op: &Op, draft: Draft) -> Template {
    let made = templates::create(op, draft).await.expect("is written");
    templates::step(op, made.id, Step::Activate).await.expect("is offered")
}

fn refusal<T: std::fmt::Debug, R: Refusal>(result: Result<T, Failure<R>>) -> &'static str {
    match result {
        Err(Failure::Refused(refused)) => refused.code(),
        other => panic!("not refused: {other:?}"),
    }
}

async fn stands(op: &Op, id: CouponId) -> (CouponState, Option<OrderId>) {
    let row = query::coupon(op, id).await.expect("reads").expect("is there");
    (row.state, row.order_id)
}

async fn holds(op: &Op, (at, n): (OrderId, u128), coupons: &[CouponId]) -> Result<(), Failure<super::Refused>> {
    let mut tx = op.begin().await?;
    service::hold(&mut tx, op, Hold { order: at, customer: customer(n), coupons }).await?;
    tx.commit().await?;
    Ok(())
}

macro_rules! in_tx {
    ($op:expr, |$tx:ident| $body:expr) => {{
        let mut $tx = $op.begin().await.expect("begins");
        $body.await.expect("is done");
        $tx.commit().await.expect("commits");
    }};
}

#[tokio::test]
async fn taken_in_parallel_no_more_go_than_there_are_and_nobody_has_more_than_one() {
    let (_test, op) = mall().await;
    let ten = offered(&op, Draft { quota: Some(10), ..draft(&op, CouponWay::Claim) }).await;
    let grabs = (0..60).map(|i| {
        let (by, id) = (by(&op, i % 20 + 1), ten.id);
        tokio::spawn(async move { service::claim(&by, id).await })
    });
    let taken: Vec<_> = join_all(grabs).await.into_iter().map(|grab| grab.expect("ends")).collect();
    assert_eq!(taken.iter().filter(|grab| grab.is_ok()).count(), 10);
    for refused in taken.into_iter().filter(Result::is_err) {
        assert!(["COUPON_GONE", "COUPON_LIMIT_REACHED"].contains(&refusal(refused)));
    }
    let rows = table::Entity::find().filter(table::Column::Template.eq(ten.id)).all(op.reader()).await.expect("reads");
    let mut each: BTreeMap<CustomerId, i64> = BTreeMap::new();
    rows.iter().for_each(|row| *each.entry(row.customer).or_default() += 1);
    assert_eq!((rows.len(), each.values().max()), (10, Some(&1)));
    assert_eq!(templates::get(&op, ten.id).await.expect("reads").expect("is there").taken, 10);
}

#[tokio::test]
async fn a_customer_who_taps_ten_times_gets_as_many_as_they_may() {
    let (_test, op) = mall().await;
    let two = offered(&op, Draft { per_customer: 2, ..draft(&op, CouponWay::Claim) }).await;
    let taps = (0..10).map(|_| {
        let (by, id) = (by(&op, 1), two.id);
        tokio::spawn(async move { service::claim(&by, id).await })
    });
    let taps: Vec<_> = join_all(taps).await.into_iter().map(|tap| tap.expect("ends")).collect();
    assert_eq!(taps.iter().filter(|tap| tap.is_ok()).count(), 2);
    assert!(taps.into_iter().filter(Result::is_err).all(|tap| refusal(tap) == "COUPON_LIMIT_REACHED"));
    assert_eq!(templates::get(&op, two.id).await.expect("reads").expect("is there").taken, 2, "a refused tap counts nothing");
}

#[tokio::test]
async fn of_two_orders_at_once_one_holds_the_coupon() {
    let (_test, op) = mall().await;
    let kind = offered(&op, draft(&op, CouponWay::Claim)).await;
    let coupon = service::claim(&by(&op, 1), kind.id).await.expect("is taken");
    let orders = (1..=8).map(|n| {
        let op = op.clone();
        tokio::spawn(async move { holds(&op, (order(n), 1), &[coupon]).await })
    });
    let held: Vec<_> = join_all(orders).await.into_iter().map(|held| held.expect("ends")).collect();
    assert_eq!(held.iter().filter(|held| held.is_ok()).count(), 1);
    assert!(held.into_iter().filter(Result::is_err).all(|held| refusal(held) == "COUPON_USED"));
    assert_eq!(stands(&op, coupon).await.0, CouponState::Held);
    assert_eq!(refusal(holds(&op, (order(9), 2), &[coupon]).await), "COUPON_USED", "nor does a stranger");
}

#[tokio::test]
async fn an_order_that_fails_after_it_took_the_coupon_has_not_taken_it() {
    let (_test, op) = mall().await;
    let kind = offered(&op, draft(&op, CouponWay::Claim)).await;
    let coupon = service::claim(&by(&op, 1), kind.id).await.expect("is taken");
    let mut tx = op.begin().await.expect("begins");
    service::hold(&mut tx, &op, Hold { order: order(1), customer: customer(1), coupons: &[coupon] }).await.expect("is held");
    drop(tx); // the stock is gone, the process is killed, …
    assert_eq!(stands(&op, coupon).await, (CouponState::Available, None));
    holds(&op, (order(2), 1), &[coupon]).await.expect("the next order holds it");
    holds(&op, (order(2), 1), &[coupon]).await.expect("again is the same");
    in_tx!(op, |tx| service::give_back(&mut tx, &op, order(1)));
    assert_eq!(stands(&op, coupon).await, (CouponState::Held, Some(order(2))), "another order's giving back is not its");
}

#[tokio::test]
async fn an_unpaid_order_gives_it_back_a_refunded_one_by_its_rule() {
    let (test, op) = mall().await;
    let kind = offered(&op, draft(&op, CouponWay::Claim)).await;
    let coupon = service::claim(&by(&op, 1), kind.id).await.expect("is taken");
    holds(&op, (order(1), 1), &[coupon]).await.expect("is held");
    for _ in 0..2 {
        in_tx!(op, |tx| service::give_back(&mut tx, &op, order(1)));
        assert_eq!(stands(&op, coupon).await, (CouponState::Available, None));
    }
    holds(&op, (order(2), 1), &[coupon]).await.expect("is held");
    for _ in 0..2 {
        in_tx!(op, |tx| service::spend(&mut tx, &op, order(2)));
        assert_eq!(stands(&op, coupon).await, (CouponState::Spent, Some(order(2))));
    }
    in_tx!(op, |tx| service::give_back(&mut tx, &op, order(2)));
    assert_eq!(stands(&op, coupon).await.0, CouponState::Spent, "paid is not unpaid");
    in_tx!(op, |tx| service::refunded(&mut tx, &op, Refunded { order: order(2), extent: Extent::Part }));
    assert_eq!(stands(&op, coupon).await.0, CouponState::Spent);
    test.clock.advance(days(8));
    for _ in 0..2 {
        in_tx!(op, |tx| service::refunded(&mut tx, &op, Refunded { order: order(2), extent: Extent::Whole }));
        assert_eq!(stands(&op, coupon).await, (CouponState::Expired, None), "it comes back, too late to be used");
    }
    let mut never = draft(&op, CouponWay::Claim);
    never.terms.returns = Returns::Never;
    let kind = offered(&op, never).await;
    let coupon = service::claim(&by(&op, 1), kind.id).await.expect("is taken");
    holds(&op, (order(3), 1), &[coupon]).await.expect("is held");
    in_tx!(op, |tx| service::spend(&mut tx, &op, order(3)));
    in_tx!(op, |tx| service::refunded(&mut tx, &op, Refunded { order: order(3), extent: Extent::Whole }));
    assert_eq!(stands(&op, coupon).await.0, CouponState::Spent);
}

#[tokio::test]
async fn a_single_use_code_gives_one_person_one_coupon() {
    let (_test, op) = mall().await;
    let kind = offered(&op, Draft { per_customer: 5, code: Some("tea 2026".into()), ..draft(&op, CouponWay::Code) }).await;
    let codes = templates::make_codes(&op, kind.id, 3).await.expect("are made");
    let rush = (1..=6).map(|n| {
        let (by, code) = (by(&op, n), codes[0].to_lowercase());
        tokio::spawn(async move { service::redeem(&by, &code).await })
    });
    let rush: Vec<_> = join_all(rush).await.into_iter().map(|end| end.expect("ends")).collect();
    assert_eq!(rush.iter().filter(|end| end.is_ok()).count(), 1);
    assert!(rush.into_iter().filter(Result::is_err).all(|end| refusal(end) == "COUPON_CODE_INVALID"));
    let first = service::redeem(&by(&op, 7), &codes[1]).await.expect("is redeemed");
    assert_eq!(service::redeem(&by(&op, 7), &codes[1]).await.expect("again is the same"), first);
    assert_ne!(service::redeem(&by(&op, 7), " tea2026 ").await.expect("the word for all"), first);
    assert_eq!(refusal(service::redeem(&by(&op, 7), "NOSUCHCODE").await), "COUPON_CODE_INVALID");
    assert_eq!(refusal(service::claim(&by(&op, 7), kind.id).await), "COUPON_NOT_FOUND", "what is had by code is not taken");
    let page = templates::codes(&op, kind.id, PageRequest { first: 10, after: None }).await.expect("reads");
    assert_eq!(page.rows.iter().filter(|(_, row)| row.used_by.is_some()).count(), 2);
}

#[tokio::test]
async fn what_happens_once_gives_once_however_often_it_is_told() {
    let (_test, op) = mall().await;
    let welcome = offered(&op, draft(&op, CouponWay::Register)).await;
    let bought = offered(&op, Draft { per_customer: 2, ..draft(&op, CouponWay::OrderPaid) }).await;
    let had = |kind: &Template| {
        let (op, id) = (op.clone(), kind.id);
        async move { query::had(&op, (customer(1), &[id])).await.expect("counts").get(&id).copied().unwrap_or(0) }
    };
    for _ in 0..3 {
        service::grant(&op, (Occasion::Registered, customer(1)), "registered").await.expect("is given");
        for n in 1..=3 {
            service::grant(&op, (Occasion::OrderPaid, customer(1)), &format!("order:{n}")).await.expect("is given or passed over");
        }
    }
    assert_eq!((had(&welcome).await, had(&bought).await), (1, 2));
    service::grant(&op, (Occasion::CheckIn, customer(1)), "check-in:20261111").await.expect("nothing is given for it");
}

#[tokio::test]
async fn staff_give_to_all_or_to_nobody_and_one_key_gives_once() {
    let (_test, op) = mall().await;
    let kind = offered(&op, Draft { quota: Some(3), ..draft(&op, CouponWay::Staff) }).await;
    let to = |of: std::ops::RangeInclusive<u128>| GiveCoupons { template: kind.id, customers: of.map(customer).collect() };
    assert_eq!(refusal(service::give(&op, to(1..=4), "give-key-0001").await), "COUPON_GONE");
    assert_eq!(templates::get(&op, kind.id).await.expect("reads").expect("is there").taken, 0);
    for _ in 0..2 {
        assert_eq!(service::give(&op, to(1..=3), "give-key-0002").await.expect("are given"), 3);
    }
    assert_eq!(templates::get(&op, kind.id).await.expect("reads").expect("is there").taken, 3);
}

#[tokio::test]
async fn a_coupon_ends_with_its_time_and_what_was_offered_is_fixed() {
    let (test, op) = mall().await;
    let kind = offered(&op, draft(&op, CouponWay::Claim)).await;
    let coupon = service::claim(&by(&op, 1), kind.id).await.expect("is taken");
    test.clock.advance(days(7));
    assert_eq!(refusal(holds(&op, (order(1), 1), &[coupon]).await), "COUPON_USED", "before the sweep says so");
    let mut registry = Registry::default();
    crate::register(&mut registry);
    Worker::new(std::sync::Arc::clone(&test.platform), registry, WorkerSettings::default()).settle().await.expect("settles");
    assert_eq!(stands(&op, coupon).await.0, CouponState::Expired);

    let mut dearer = draft(&op, CouponWay::Claim);
    dearer.terms.benefit = Benefit::Cash { minor: 9_000 };
    assert_eq!(refusal(templates::update(&op, kind.id, dearer).await), "PROMOTION_TERMS_FIXED");
    let fewer = Draft { quota: Some(1), ..draft(&op, CouponWay::Claim) };
    templates::update(&op, kind.id, fewer).await.expect("as many as were taken");
    service::claim(&by(&op, 2), kind.id).await.expect_err("there was one");
    templates::step(&op, kind.id, Step::Stop).await.expect("is taken back");
    assert_eq!(refusal(service::claim(&by(&op, 3), kind.id).await), "COUPON_NOT_OFFERED");
    let over = Window { starts_at: Timestamp(0), ends_at: op.now() };
    assert_eq!(refusal(templates::create(&op, Draft { window: over, ..draft(&op, CouponWay::Claim) }).await), "PROMOTION_WINDOW_INVALID");
}
