//! Everything at once: concurrent tasks, and two processes, on one database. Numbers are those of the list of races every
//! release survives.

use std::{sync::Arc, time::Duration};

use kernel::{Failure, minutes};
use platform::limiter::Rate;
use tokio::task::JoinSet;
use trade::order::{
    rules::{CancelReason, Status},
    service::CancelOrder,
};

use super::shop::{Shop, plugs, shows};
use crate::flash_sale::{
    admission::Limits,
    desk::{Desk, Outcome, Place},
    error::BuyRefused,
    passes::Pass,
    query,
    rules::counter::Answer,
};

/// Race 12: more shoppers than stock, each showing the pass twice at once, in two processes: exactly the stock is sold, each
/// winner has one order.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_in_two_processes_takes_exactly_what_there_is() {
    let shop = Shop::sells(10, |_| {}).await;
    let other = shop.test.another_with(plugs(Arc::clone(&shop.bank))).await;
    let mut passes = Vec::new();
    for n in 0..24 {
        passes.push(shop.prepares(n).await);
    }
    let mut crowd = JoinSet::new();
    for (n, pass) in passes.iter().enumerate() {
        for op in [shop.by(n), shop.by_at(&other, n)] {
            let pass = Arc::clone(pass);
            crowd.spawn(async move { (n, shows(&op, &pass).await) });
        }
    }
    let mut won = vec![0; passes.len()];
    for (n, answer) in crowd.join_all().await {
        won[n] += usize::from(answer == Answer::Accepted);
        assert!(matches!(answer, Answer::Accepted | Answer::SoldOut { left: 0 }), "{answer:?}");
    }
    assert_eq!(won.iter().filter(|wins| **wins == 2).count(), 10, "both showings of a pass are told the same: {won:?}");
    assert_eq!(won.iter().sum::<usize>(), 20);
    for (n, pass) in passes.iter().enumerate() {
        assert_eq!(shop.status(pass.order).await.is_some(), won[n] == 2);
    }
    assert_eq!(shop.counts().await, (0, 10, 0, 0));
    shop.is_sound().await;
}

/// Plenty at first, not enough in the end: batches are written before they are decided, two at a time in each of two
/// processes, and every pass is shown three times at once. Each gets its one order, and exactly the stock is sold.
#[tokio::test(flavor = "multi_thread")]
async fn batches_on_their_way_at_once_take_exactly_what_there_is() {
    let shop = Shop::sells(180, |terms| terms.most_per_customer = 5).await;
    let other = shop.test.another_with(plugs(Arc::clone(&shop.bank))).await;
    let limits = || Limits { line: 10_000, of_customer: 10_000, told_from: 10_000, batch: Some(16), ..Limits::default() };
    let desks = [Arc::new(Desk::new(limits())), Arc::new(Desk::new(limits()))];
    let mut passes = Vec::new();
    for n in 0..200 {
        passes.push(shop.prepares_some(n % 40, 1, &n.to_string()).await);
    }
    let mut crowd = JoinSet::new();
    for (n, pass) in passes.iter().enumerate() {
        for (at, op) in [(0, shop.by(n % 40)), (0, shop.by(n % 40)), (1, shop.by_at(&other, n % 40))] {
            let (desk, pass) = (Arc::clone(&desks[at]), Arc::clone(pass));
            crowd.spawn(async move { (n, desk.serve(&op, &pass).await.expect("is served")) });
        }
    }
    let mut won = vec![0; passes.len()];
    for (n, outcome) in crowd.join_all().await {
        match outcome {
            Outcome::Answered(Answer::Accepted) => won[n] += 1,
            Outcome::Answered(Answer::SoldOut { left: 0 }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(won.iter().filter(|wins| **wins == 3).count(), 180, "every showing of a pass is told the same: {won:?}");
    assert_eq!(won.iter().sum::<usize>(), 540);
    for (n, pass) in passes.iter().enumerate() {
        assert_eq!(shop.status(pass.order).await.is_some(), won[n] == 3);
    }
    assert_eq!(shop.counts().await, (0, 180, 0, 0));
    shop.is_sound().await;
}

/// While there is plenty, nobody's batch is in another's way: none is undone, as one that waited for the other in a circle
/// would be.
#[tokio::test(flavor = "multi_thread")]
async fn batches_on_their_way_at_once_do_not_undo_each_other() {
    let shop = Shop::sells(400, |terms| terms.most_per_customer = 5).await;
    let desk = Desk::new(Limits { line: 1_000, of_customer: 1_000, told_from: 1_000, batch: Some(16), ..Limits::default() });
    let desk = Arc::new(desk);
    let first = shop.prepares_some(0, 1, "first").await;
    assert_eq!(desk.serve(&shop.by(0), &first).await.expect("is served"), Outcome::Answered(Answer::Accepted));
    let mut passes = Vec::new();
    for n in 0..160 {
        passes.push((shop.by(n % 40), shop.prepares_some(n % 40, 1, &n.to_string()).await));
    }
    let mut crowd = JoinSet::new();
    for (op, pass) in passes {
        let desk = Arc::clone(&desk);
        crowd.spawn(async move { desk.serve(&op, &pass).await.expect("is served") });
    }
    assert!(crowd.join_all().await.into_iter().all(|outcome| outcome == Outcome::Answered(Answer::Accepted)));
    let tally = desk.tally(shop.sale);
    let alone = shop.test.platform.db.backend() == sea_orm::DbBackend::Sqlite;
    assert_eq!((tally.undone, tally.hoped > 0), (0, !alone), "{tally:?}");
    shop.is_sound().await;
}

/// Cancelling, paying and buying at once: whatever comes first, the stock stays whole and nothing is left lying.
#[tokio::test(flavor = "multi_thread")]
async fn cancels_payments_and_purchases_at_once() {
    let shop = Shop::sells(6, |_| {}).await;
    let mut orders = Vec::new();
    for n in 0..6 {
        orders.push(shop.buys(n).await);
    }
    let mut wanting = Vec::new();
    for n in 6..14 {
        wanting.push((n, shop.prepares(n).await));
    }
    let mut all = JoinSet::new();
    for (n, order) in orders.iter().copied().enumerate() {
        let shop = shop.clone();
        all.spawn(async move {
            if n % 2 == 0 {
                let wanted = CancelOrder { order, reason: CancelReason::Shopper };
                trade::order::service::cancel(&shop.by(n), wanted).await.expect("is cancelled");
                shop.settle().await;
            } else {
                shop.pays(n, order).await;
            }
        });
    }
    for (n, pass) in wanting.clone() {
        let shop = shop.clone();
        all.spawn(async move {
            shop.shows(n, &pass).await;
        });
    }
    all.join_all().await;
    shop.settle().await;
    for (n, pass) in &wanting {
        shop.shows(*n, pass).await;
    }
    // Three were paid; three came back and found new buyers.
    assert_eq!(shop.counts().await, (0, 3, 3, 0));
    shop.is_sound().await;
}

/// A bot asks a hundred times as often as others: it gets its one piece and is told off, and everybody else is served.
#[tokio::test(flavor = "multi_thread")]
async fn a_bot_gets_no_more_than_its_limit_and_holds_up_nobody() {
    let shop = Shop::sells(12, |_| {}).await;
    let bot = shop.prepares(0).await;
    let mut others = Vec::new();
    for n in 1..12 {
        others.push((n, shop.prepares(n).await));
    }
    let desk = shop.op().port::<Desk>().expect("is plugged");
    let mut all = JoinSet::new();
    for _ in 0..200 {
        let (desk, op, pass) = (Arc::clone(&desk), shop.by(0), Arc::clone(&bot));
        all.spawn(
            async move { matches!(desk.buy(&op, pass.id).await, Err(Failure::Refused(BuyRefused::TooOften(_) | BuyRefused::InLine(_)))) },
        );
    }
    let mut served = JoinSet::new();
    for (n, pass) in others {
        let shop = shop.clone();
        served.spawn(async move { shop.shows(n, &pass).await });
    }
    assert!(served.join_all().await.iter().all(|answer| *answer == Answer::Accepted));
    let told_off = all.join_all().await.into_iter().filter(|told_off| *told_off).count();
    assert!(told_off >= 180, "{told_off}");
    assert_eq!(shop.counts().await, (0, 12, 0, 0));
    shop.is_sound().await;
}

/// One request that cannot be served (its order is there already, by another way) fails alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_fails_does_not_fail_its_batch() {
    let shop = Shop::sells(20, |_| {}).await;
    let taken = shop.buys(0).await;
    let broken = shop.prepares(1).await;
    let prepared = shop.prepares_some(0, 1, "again").await.prepared().clone();
    let poison = Arc::new(Pass { order: taken, prepared: stolen(&prepared, taken), ..(*broken).clone() });
    let desk = shop.op().port::<Desk>().expect("is plugged");
    let mut others = Vec::new();
    for n in 2..12 {
        others.push((n, shop.prepares(n).await));
    }
    let mut all = JoinSet::new();
    for (n, pass) in others {
        let (desk, op) = (Arc::clone(&desk), shop.by(n));
        all.spawn(async move { matches!(desk.serve(&op, &pass).await, Ok(Outcome::Answered(Answer::Accepted))) });
    }
    let (op, line) = (shop.by(1), Arc::clone(&desk));
    let failed = tokio::spawn(async move { line.serve(&op, &poison).await.is_err() });
    assert!(failed.await.expect("no panic"));
    assert!(all.join_all().await.into_iter().all(|accepted| accepted));
    assert_eq!(shop.counts().await, (9, 11, 0, 0));
    shop.is_sound().await;
}

/// The same purchase, as if its order were another's.
fn stolen(prepared: &trade::order::service::Prepared, order: kernel::OrderId) -> trade::order::service::Prepared {
    let mut kept = serde_json::to_value(prepared).expect("plain data");
    kept["id"] = serde_json::to_value(order).expect("plain data");
    serde_json::from_value(kept).expect("plain data")
}

/// Under overload the line is bounded: some are told their place and get their answer later, the rest is refused at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_told_its_place_or_refused() {
    let shop = Shop::sells(30, |_| {}).await;
    let rate = Rate { burst: 1_000, period: Duration::from_secs(1) };
    let desk = Arc::new(Desk::new(Limits { line: 8, of_customer: 4, told_from: 2, rate, batch: None }));
    let mut passes = Vec::new();
    for n in 0..30 {
        let pass = shop.prepares(n).await;
        desk.keep(Arc::clone(&pass)).await;
        passes.push(pass);
    }
    let (mut accepted, mut queued, mut busy) = (0, Vec::new(), 0);
    let mut flood = JoinSet::new();
    for (n, pass) in passes.iter().enumerate() {
        let (desk, op, id) = (Arc::clone(&desk), shop.by(n), pass.id);
        flood.spawn(async move { (n, desk.buy(&op, id).await) });
    }
    for (n, outcome) in flood.join_all().await {
        match outcome {
            Ok((_, Outcome::Answered(Answer::Accepted))) => accepted += 1,
            Ok((_, Outcome::Queued(_))) => queued.push(n),
            Err(Failure::Refused(BuyRefused::Busy(_))) => busy += 1,
            other => panic!("{:?}", other.map(|(_, outcome)| outcome)),
        }
    }
    assert_eq!(accepted + queued.len() + busy, 30);
    for n in &queued {
        while desk.place(&passes[*n]) != Place::Answered(Answer::Accepted) {
            tokio::task::yield_now().await;
        }
        assert!(query::order_of(&shop.op(), passes[*n].id).await.expect("reads").is_some());
    }
    assert_eq!(shop.counts().await.1, i64::try_from(accepted + queued.len()).expect("few"));
    shop.is_sound().await;
}

/// An order is cancelled at its deadline while its payment arrives: paid and sold, or cancelled, returned and refunded.
#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_and_the_payment_at_the_same_instant() {
    for _ in 0..3 {
        let shop = Shop::sells(1, |_| {}).await;
        let order = shop.buys(0).await;
        shop.test.clock.advance(minutes(5));
        let (payer, sweeper) = (shop.clone(), shop.clone());
        let cancel = tokio::spawn(async move {
            let wanted = CancelOrder { order, reason: CancelReason::Expired };
            let _ = trade::order::service::cancel(&sweeper.op(), wanted).await;
        });
        let pay = tokio::spawn(async move {
            let wanted = trade::payment::service::PayOrder::new(order, "sandbox");
            if let Ok(payment) = trade::payment::service::pay(&payer.by(0), wanted, "pay-at-last").await {
                let report = payer.bank.takes(&payment.payment_no, payer.op().now());
                trade::payment::service::notified(&payer.op(), "sandbox", (&[], &report)).await.expect("the report is believed");
            }
        });
        cancel.await.expect("no panic");
        pay.await.expect("no panic");
        shop.settle().await;
        let (left, reserved, sold, _) = shop.counts().await;
        match shop.status(order).await {
            Some(Status::Cancelled) => assert_eq!((left, reserved, sold, shop.bank.balance()), (1, 0, 0, 0)),
            Some(Status::ToShip) => assert_eq!((left, reserved, sold), (0, 0, 1)),
            other => panic!("{other:?}"),
        }
        shop.is_sound().await;
    }
}
