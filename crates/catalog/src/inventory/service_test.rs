//! The stock on a real database: promised once, moved once, and every piece accounted for.

use std::collections::BTreeMap;

use entity::catalog::{stock, stock_movement, stock_reservation};
use futures_util::{StreamExt, future::join_all};
use kernel::{Failure, OrderId, SkuId, minutes};
use platform::{
    Op, Registry,
    worker::{Backlog, Worker, WorkerSettings, backlog},
};
use sea_orm::EntityTrait;

use super::{
    error::AdjustRefused,
    rules::{Refused, State, Stock},
    service::{self, AdjustStock, ReserveStock, Restock},
};
use crate::{
    fixtures::{mall, on_sale, plain, sku, skus, tea},
    product,
};

async fn reserve(op: &Op, order: OrderId, lines: &[(SkuId, i64)]) -> Result<(), Failure<Refused>> {
    let mut tx = op.begin().await?;
    let until = op.now() + minutes(15);
    service::reserve(&mut tx, op, ReserveStock { order, lines: lines.to_vec(), until }).await?;
    Ok(tx.commit().await?)
}

async fn commit(op: &Op, order: OrderId) -> Result<(), Failure<Refused>> {
    let mut tx = op.begin().await?;
    service::commit(&mut tx, op, order).await?;
    Ok(tx.commit().await?)
}

async fn release(op: &Op, order: OrderId) {
    let mut tx = op.begin().await.expect("begins");
    service::release(&mut tx, op, order).await.expect("releases");
    tx.commit().await.expect("commits");
}

async fn restock(op: &Op, order: OrderId, reference: &str, lines: Option<Vec<(SkuId, i64)>>) -> Result<(), Failure<Refused>> {
    let mut tx = op.begin().await?;
    service::restock(&mut tx, op, Restock { order, reference: reference.to_owned(), lines }).await?;
    Ok(tx.commit().await?)
}

async fn stock_of(op: &Op, sku: SkuId) -> (Stock, i64) {
    let shelf = service::shelves(op, &[sku]).await.expect("reads")[&sku];
    (Stock { on_hand: shelf.on_hand, reserved: shelf.reserved }, shelf.sold)
}

fn refusal<T: std::fmt::Debug, R: std::fmt::Debug>(result: Result<T, Failure<R>>) -> R {
    match result {
        Err(Failure::Refused(refused)) => refused,
        other => panic!("not refused: {other:?}"),
    }
}

/// What must be true of the stock at any time.
async fn holds(op: &Op) {
    let (stock, moves, held) = tokio::join!(
        stock::Entity::find().all(op.reader()),
        stock_movement::Entity::find().all(op.reader()),
        stock_reservation::Entity::find().all(op.reader()),
    );
    let mut journal: BTreeMap<SkuId, i64> = BTreeMap::new();
    for line in moves.expect("reads") {
        *journal.entry(line.sku).or_default() += line.delta;
    }
    let mut promised: BTreeMap<SkuId, (i64, i64)> = BTreeMap::new();
    for row in held.expect("reads") {
        let sums = promised.entry(row.sku).or_default();
        match row.state {
            stock_reservation::ReservationState::Held => sums.0 += row.quantity,
            stock_reservation::ReservationState::Committed => sums.1 += row.quantity - row.returned,
            stock_reservation::ReservationState::Released => {}
        }
    }
    for row in stock.expect("reads") {
        let (held, sold) = promised.get(&row.sku).copied().unwrap_or_default();
        assert_eq!(row.on_hand, journal.get(&row.sku).copied().unwrap_or_default(), "the journal sums to what lies there");
        assert_eq!((row.reserved, row.sold), (held, sold), "every promise has its order");
        assert!(row.on_hand >= row.reserved && row.reserved >= 0);
    }
}

#[tokio::test]
async fn of_many_at_once_exactly_as_many_win_as_there_are() {
    let (_test, op) = mall().await;
    let (_, skus) = on_sale(&op, tea("race")).await;
    let sku = skus[0];
    let buyers = (0..40).map(|_| {
        let op = op.clone();
        tokio::spawn(async move {
            let order = op.new_id();
            (order, reserve(&op, order, &[(sku, 1)]).await)
        })
    });
    let outcomes: Vec<_> = join_all(buyers).await.into_iter().map(|done| done.expect("no panic")).collect();
    let winners: Vec<OrderId> = outcomes.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(order, _)| *order).collect();
    assert_eq!(winners.len(), 10);
    for (_, outcome) in outcomes {
        if outcome.is_err() {
            assert_eq!(refusal(outcome), Refused::InsufficientStock { sku, available: 0 });
        }
    }
    holds(&op).await;
    // Paid twice at once, each: taken once.
    let payments = winners.iter().flat_map(|&order| [order, order]).map(|order| {
        let op = op.clone();
        tokio::spawn(async move { commit(&op, order).await })
    });
    for paid in join_all(payments).await {
        paid.expect("no panic").expect("is committed");
    }
    assert_eq!(stock_of(&op, sku).await, (Stock { on_hand: 0, reserved: 0 }, 10));
    holds(&op).await;
}

#[tokio::test]
async fn orders_for_the_same_things_in_another_order_do_not_wait_for_each_other_in_a_circle() {
    let (_test, op) = mall().await;
    let (_, skus) = on_sale(&op, tea("lock")).await;
    let buyers = (0..20).map(|i| {
        let (op, mut lines) = (op.clone(), vec![(skus[0], 1), (skus[1], 1)]);
        if i % 2 == 0 {
            lines.reverse();
        }
        tokio::spawn(async move { reserve(&op, op.new_id(), &lines).await.is_ok() })
    });
    let winners = join_all(buyers).await.into_iter().filter(|won| matches!(won, Ok(true))).count();
    assert_eq!(winners, 10);
    holds(&op).await;
}

#[tokio::test]
async fn all_or_nothing_and_a_hold_never_blocks_its_owner() {
    let (_test, op) = mall().await;
    let (_, skus) = on_sale(&op, tea("own")).await;
    let (order, other) = (op.new_id(), op.new_id());
    reserve(&op, other, &[(skus[1], 8)]).await.expect("is reserved");
    // The refusal undoes the first line within the caller's transaction, whatever the caller does next.
    let mut tx = op.begin().await.expect("begins");
    let wanted = ReserveStock { order, lines: vec![(skus[0], 5), (skus[1], 3)], until: op.now() };
    let outcome = service::reserve(&mut tx, &op, wanted).await;
    tx.commit().await.expect("commits");
    assert_eq!(refusal(outcome), Refused::InsufficientStock { sku: skus[1], available: 2 });
    assert_eq!(stock_of(&op, skus[0]).await.0.reserved, 0);

    reserve(&op, order, &[(skus[0], 10)]).await.expect("takes all");
    reserve(&op, order, &[(skus[0], 10)]).await.expect("takes the same again");
    assert_eq!(refusal(reserve(&op, order, &[(skus[0], 11)]).await), Refused::InsufficientStock { sku: skus[0], available: 10 });
    reserve(&op, order, &[(skus[0], 4), (skus[1], 1), (skus[1], 1)]).await.expect("replaces");
    assert_eq!(stock_of(&op, skus[0]).await.0.reserved, 4);
    assert_eq!(stock_of(&op, skus[1]).await.0.reserved, 10);
    reserve(&op, order, &[(skus[1], 1)]).await.expect("replaces");
    holds(&op).await;
    commit(&op, order).await.expect("is committed");
    assert_eq!(stock_of(&op, skus[0]).await, (Stock { on_hand: 10, reserved: 0 }, 0), "what was given up is not taken");
    assert_eq!(refusal(reserve(&op, order, &[(skus[0], 1)]).await), Refused::Settled);
    holds(&op).await;
    let unknown: SkuId = op.new_id();
    assert_eq!(refusal(reserve(&op, op.new_id(), &[(unknown, 1)]).await), Refused::InsufficientStock { sku: unknown, available: 0 });
}

#[tokio::test]
async fn goods_leave_once_and_come_back_once() {
    let (_test, op) = mall().await;
    let (_, skus) = on_sale(&op, tea("back")).await;
    let order = op.new_id();
    reserve(&op, order, &[(skus[0], 3), (skus[1], 1)]).await.expect("is reserved");
    for _ in 0..2 {
        commit(&op, order).await.expect("is committed");
    }
    release(&op, order).await;
    assert_eq!(stock_of(&op, skus[0]).await, (Stock { on_hand: 7, reserved: 0 }, 3), "what has left is not released");
    for _ in 0..2 {
        restock(&op, order, "refund-1", Some(vec![(skus[0], 2)])).await.expect("comes back");
    }
    assert_eq!(stock_of(&op, skus[0]).await, (Stock { on_hand: 9, reserved: 0 }, 1));
    assert_eq!(refusal(restock(&op, order, "refund-2", Some(vec![(skus[0], 2)])).await), Refused::ReturnTooLarge);
    assert_eq!(refusal(restock(&op, order, "refund-2", Some(vec![(skus[0], -1)])).await), Refused::Quantity);
    for _ in 0..2 {
        restock(&op, order, "refund-3", None).await.expect("the rest comes back");
    }
    assert_eq!(stock_of(&op, skus[0]).await, (Stock { on_hand: 10, reserved: 0 }, 0));
    assert_eq!(stock_of(&op, skus[1]).await, (Stock { on_hand: 10, reserved: 0 }, 0));
    restock(&op, op.new_id(), "refund-4", None).await.expect("an order without stock brings nothing back");
    holds(&op).await;
}

#[tokio::test]
async fn a_late_payment_takes_what_is_left_or_is_refused() {
    let (_test, op) = mall().await;
    let (_, skus) = on_sale(&op, tea("late")).await;
    let (early, late) = (op.new_id(), op.new_id());
    for order in [early, late] {
        reserve(&op, order, &[(skus[0], 5)]).await.expect("is reserved");
        release(&op, order).await;
    }
    commit(&op, early).await.expect("there is enough");
    reserve(&op, op.new_id(), &[(skus[0], 1)]).await.expect("is reserved");
    assert_eq!(refusal(commit(&op, late).await), Refused::InsufficientStock { sku: skus[0], available: 4 });
    holds(&op).await;
}

#[tokio::test]
async fn what_an_order_forgot_is_released_after_a_grace() {
    let (test, op) = mall().await;
    let (product, skus) = on_sale(&op, tea("orphan")).await;
    let mut registry = Registry::default();
    crate::register(&mut registry);
    let worker = Worker::new(test.platform.clone(), registry, WorkerSettings::default());
    let (forgotten, paid) = (op.new_id(), op.new_id());
    reserve(&op, forgotten, &[(skus[0], 2), (skus[1], 1)]).await.expect("is reserved");
    reserve(&op, paid, &[(skus[0], 3)]).await.expect("is reserved");
    commit(&op, paid).await.expect("is committed");
    test.clock.advance(minutes(20));
    worker.settle().await.expect("settles");
    assert_eq!(stock_of(&op, skus[0]).await.0.reserved, 2, "the order still has its grace");
    test.clock.advance(minutes(6));
    worker.settle().await.expect("settles");
    worker.settle().await.expect("settles");
    assert_eq!(stock_of(&op, skus[0]).await.0, Stock { on_hand: 7, reserved: 0 });
    let states: Vec<State> = service::reservations(&op, forgotten).await.expect("reads").iter().map(|row| row.state).collect();
    assert_eq!(states, [State::Released, State::Released]);
    assert_eq!(backlog(&test.platform).await.expect("counts"), Backlog::default());
    let shown = product::query::shown(&op, product).await.expect("reads").expect("is on sale");
    assert_eq!(shown.sold_count, 3, "the product counts what its stock counts");
    holds(&op).await;
}

#[tokio::test]
async fn staff_change_the_shelf_once_per_key_and_never_below_what_is_promised() {
    let (_test, op) = mall().await;
    let (_, skus) = on_sale(&op, tea("staff")).await;
    reserve(&op, op.new_id(), &[(skus[0], 4)]).await.expect("is reserved");
    let change = |delta: i64, key: &str| AdjustStock { sku: skus[0], delta, reason: " 盘点 ".into(), key: key.into() };
    let first = service::adjust(&op, change(5, "count-0001")).await.expect("is adjusted");
    let again = service::adjust(&op, change(5, "count-0001")).await.expect("is known");
    assert_eq!((first.on_hand, again), (15, first));
    assert_eq!(refusal(service::adjust(&op, change(-12, "count-0002")).await), AdjustRefused::OutOfBounds { available: 11 });
    assert_eq!(refusal(service::adjust(&op, change(i64::MAX, "count-0002")).await), AdjustRefused::OutOfBounds { available: 11 });
    assert_eq!(refusal(service::adjust(&op, change(0, "count-0003")).await), AdjustRefused::Delta);
    let unknown = AdjustStock { sku: op.new_id(), ..change(1, "count-0004") };
    assert_eq!(refusal(service::adjust(&op, unknown).await), AdjustRefused::NoSku);
    let silent = AdjustStock { reason: " ".into(), ..change(1, "count-0005") };
    assert_eq!(refusal(service::adjust(&op, silent).await), AdjustRefused::Reason);
    assert!(matches!(refusal(service::adjust(&op, change(6, "count-0001")).await), AdjustRefused::Key(_)));
    service::adjust(&op, change(-11, "count-0002")).await.expect("a refused key can be used again");
    // Twenty at once under one key: one effect.
    let calls = (0..20).map(|_| service::adjust(&op, change(1, "count-0006")));
    assert!(join_all(calls).await.into_iter().all(|done| done.is_ok_and(|shelf| shelf.on_hand == 5)));
    assert_eq!(stock_of(&op, skus[0]).await.0, Stock { on_hand: 5, reserved: 4 });
    let page = kernel::PageRequest { first: 2, after: None };
    let journal = service::movements(&op, skus[0], page).await.expect("reads");
    assert_eq!((journal.rows.len(), journal.more), (2, true));
    let rest = kernel::PageRequest { first: 10, after: journal.rows.last().map(|(cursor, _)| cursor.clone()) };
    assert_eq!(service::movements(&op, skus[0], rest).await.expect("reads").rows.len(), 2);
    holds(&op).await;
}

#[tokio::test]
async fn a_watcher_sees_what_can_be_bought_at_once_and_after_every_change() {
    let (test, op) = mall().await;
    let worker = Worker::new(test.platform.clone(), Registry::default(), WorkerSettings::default());
    let draft = product::service::create(&op, plain("draft", "草稿", "Draft")).await.expect("is made");
    let hidden = skus(&op, draft.id).await[0];
    assert!(service::watch(&op, hidden, None).await.is_err(), "nobody watches a draft");
    assert!(service::watch(&op, op.new_id(), None).await.is_err());
    let (_, shown) = on_sale(&op, tea("watch")).await;
    worker.settle().await.expect("settles");
    let mut seen = Box::pin(service::watch(&op, shown[0], None).await.expect("watches"));
    assert_eq!(seen.next().await.expect("a frame").expect("no fault").value, 10);
    reserve(&op, op.new_id(), &[(shown[0], 4)]).await.expect("is reserved");
    worker.settle().await.expect("settles");
    assert_eq!(seen.next().await.expect("a frame").expect("no fault").value, 6);
}

#[tokio::test]
async fn whatever_happens_in_whatever_order_every_piece_is_accounted_for() {
    let (_test, op) = mall().await;
    let draft = product::rules::Draft { skus: vec![sku("mix-a", &[0]), sku("mix-b", &[1])], ..tea("mix") };
    let (_, skus) = on_sale(&op, draft).await;
    let orders: Vec<OrderId> = (0..6).map(|_| op.new_id()).collect();
    let mut seed = 7_u64;
    let mut next = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    for round in 0..120 {
        let order = orders[usize::try_from(next(6)).expect("small")];
        let lines = vec![(skus[usize::try_from(next(2)).expect("small")], i64::try_from(next(7)).expect("small"))];
        match next(5) {
            0 | 1 => drop(reserve(&op, order, &lines).await),
            2 => drop(commit(&op, order).await),
            3 => release(&op, order).await,
            _ => drop(restock(&op, order, &format!("r{}", next(12)), Some(lines)).await),
        }
        if round % 20 == 0 {
            holds(&op).await;
        }
    }
    holds(&op).await;
}
