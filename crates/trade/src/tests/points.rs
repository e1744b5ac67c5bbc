//! Points: what the lots hold, what the books say and what a customer sees are one number, whatever happens.

use std::sync::Arc;

use entity::trade::{ledger_entry, points_lot};
use kernel::{CustomerId, OrderId, days};
use platform::Op;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::shop::{Shop, refusal};
use crate::{
    ledger::Account,
    points::service::{self as points, EarnPoints, GrantPoints, HoldPoints, OrderPoints, Points, ReversePoints},
};

fn customer(n: u128) -> CustomerId {
    CustomerId(Uuid::from_u128(n))
}

fn order(n: u128) -> OrderId {
    OrderId(Uuid::from_u128(0xf00 + n))
}

const ANN: u128 = 1;

impl Shop {
    async fn gives(&self, id: &str, points: i64) {
        let op = self.op();
        let mut tx = op.begin().await.expect("begins");
        let new = GrantPoints { customer: customer(ANN), source_kind: "task", source_id: id.into(), points, available_at: op.now() };
        points::grant(&mut tx, &op, new).await.expect("gives");
        tx.commit().await.expect("commits");
    }

    async fn earns(&self, n: u128, points: i64) {
        let op = self.op();
        let mut tx = op.begin().await.expect("begins");
        let earned = EarnPoints { order: order(n), customer: customer(ANN), points, available_at: op.now() + days(7) };
        points::earn(&mut tx, &op, earned).await.expect("earns");
        tx.commit().await.expect("commits");
    }

    async fn holds(&self, n: u128, points: i64) -> Result<(), &'static str> {
        hold(&self.op(), n, points).await
    }

    async fn spends(&self, n: u128) {
        let op = self.op();
        let mut tx = op.begin().await.expect("begins");
        points::spend(&mut tx, &op, order(n)).await.expect("spends");
        tx.commit().await.expect("commits");
    }

    async fn returns(&self, n: u128) {
        let op = self.op();
        let mut tx = op.begin().await.expect("begins");
        points::give_back(&mut tx, &op, order(n)).await.expect("gives back");
        tx.commit().await.expect("commits");
    }

    async fn reverses(&self, n: u128, refund_no: &str, (spent_back, earned_back): (i64, i64)) {
        let op = self.op();
        let mut tx = op.begin().await.expect("begins");
        let wanted = ReversePoints { order: order(n), refund_no: refund_no.into(), spent_back, earned_back };
        points::reverse(&mut tx, &op, wanted).await.expect("reverses");
        tx.commit().await.expect("commits");
    }

    async fn has(&self) -> Points {
        points::balance(&self.op(), customer(ANN)).await.expect("reads")
    }

    async fn did(&self, n: u128) -> OrderPoints {
        let op = self.op();
        points::of_orders(op.reader(), &[order(n)]).await.expect("reads").remove(&order(n)).unwrap_or_default()
    }

    /// Lots, kept balances and entries agree.
    async fn points_agree(&self) -> Points {
        let (op, ann) = (self.op(), customer(ANN));
        let lots = points_lot::Entity::find().filter(points_lot::Column::Customer.eq(ann)).all(op.reader()).await.expect("reads");
        let left = |released| -> i64 { lots.iter().filter(|lot| lot.released == released).map(|lot| lot.remaining).sum() };
        let has = self.has().await;
        assert_eq!((left(true), left(false)), (has.available, has.frozen));
        for (account, kept) in [
            (Account::Points(ann), -has.available),
            (Account::PointsFrozen(ann), -has.frozen),
            (Account::PointsHeld(ann), -has.held),
            (Account::PointsDebt(ann), has.debt),
        ] {
            let of = ledger_entry::Column::Account.eq(account.to_string());
            let entries = ledger_entry::Entity::find().filter(of).all(op.reader()).await.expect("reads");
            assert_eq!(entries.iter().map(|entry| entry.amount_minor).sum::<i64>(), kept, "{account}");
            let mut numbers: Vec<i64> = entries.iter().filter_map(|entry| entry.sequence).collect();
            numbers.sort_unstable();
            assert_eq!(numbers, (1..=entries.len() as i64).collect::<Vec<_>>(), "{account} is numbered without a gap");
        }
        has
    }
}

async fn hold(op: &Op, n: u128, points: i64) -> Result<(), &'static str> {
    let mut tx = op.begin().await.expect("begins");
    let held = points::hold(&mut tx, op, HoldPoints { order: order(n), customer: customer(ANN), points }).await;
    match held {
        Ok(()) => {
            tx.commit().await.expect("commits");
            Ok(())
        }
        other => Err(refusal(other)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn points_are_spent_once_however_many_orders_want_them() {
    let shop = Arc::new(Shop::opens().await);
    for lot in ["a", "b", "c"] {
        shop.gives(lot, 250).await;
    }
    let tries: Vec<_> = (0..12)
        .map(|n| {
            let op = shop.op();
            tokio::spawn(async move { hold(&op, n, 200).await })
        })
        .collect();
    let mut held = 0;
    for tried in tries {
        match tried.await.expect("no panic") {
            Ok(()) => held += 1,
            Err(code) => assert_eq!(code, "POINTS_NOT_ENOUGH"),
        }
    }
    assert_eq!(held, 3);
    let has = shop.points_agree().await;
    assert_eq!((has.available, has.held), (150, 600));
    shop.adds_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_happens_once_however_often_it_is_told() {
    let shop = Arc::new(Shop::opens().await);
    shop.gives("welcome", 100).await;
    let storm = |what: fn(Arc<Shop>) -> futures_util::future::BoxFuture<'static, ()>| {
        let shop = Arc::clone(&shop);
        async move {
            let all: Vec<_> = (0..8).map(|_| tokio::spawn(what(Arc::clone(&shop)))).collect();
            for one in all {
                one.await.expect("no panic");
            }
        }
    };
    storm(|shop| Box::pin(async move { shop.gives("welcome", 100).await })).await;
    storm(|shop| Box::pin(async move { shop.holds(1, 60).await.expect("is there") })).await;
    storm(|shop| Box::pin(async move { shop.spends(1).await })).await;
    storm(|shop| Box::pin(async move { shop.returns(1).await })).await;
    storm(|shop| Box::pin(async move { shop.earns(1, 30).await })).await;
    storm(|shop| Box::pin(async move { shop.reverses(1, "r-1", (20, 10)).await })).await;
    let has = shop.points_agree().await;
    assert_eq!((has.available, has.held, has.frozen, has.debt), (60, 0, 20, 0));
    assert_eq!(shop.did(1).await, OrderPoints { used: 60, given_back: 20, earned: 30, taken_back: 10 });
    // No more comes back than was spent, no more is taken back than was earned.
    shop.reverses(1, "r-2", (1_000, 1_000)).await;
    let has = shop.points_agree().await;
    assert_eq!((has.available, has.frozen, has.debt), (100, 0, 0));
    shop.adds_up().await;
}

#[tokio::test]
async fn points_wait_then_can_be_spent_then_are_over() {
    let shop = Shop::opens().await;
    shop.earns(1, 300).await;
    assert_eq!(shop.holds(2, 1).await, Err("POINTS_NOT_ENOUGH"));
    assert_eq!((shop.has().await.frozen, points::spendable(&shop.op(), customer(ANN)).await.expect("reads")), (300, 0));
    // Their time has come, and no sweep has looked yet: they are spent all the same.
    shop.test.clock.advance(days(7));
    assert_eq!(points::spendable(&shop.op(), customer(ANN)).await.expect("reads"), 300);
    shop.holds(2, 100).await.expect("is there");
    shop.spends(2).await;
    shop.advance(days(1)).await;
    let has = shop.points_agree().await;
    assert_eq!((has.available, has.frozen, has.expiring.map(|(points, _)| points)), (200, 0, Some(200)));
    shop.advance(days(365)).await;
    let has = shop.points_agree().await;
    assert_eq!((has.available, has.expiring), (0, None));
    // What comes back of a lot that is over lives a little longer.
    shop.reverses(2, "r-1", (40, 0)).await;
    assert_eq!(shop.points_agree().await.available, 40);
    shop.advance(days(31)).await;
    assert_eq!(shop.points_agree().await.available, 0);
    shop.adds_up().await;
}

#[tokio::test]
async fn points_that_were_spent_before_they_are_taken_back_are_owed_and_paid_first() {
    let shop = Shop::opens().await;
    shop.earns(1, 300).await;
    shop.advance(days(8)).await;
    shop.holds(2, 250).await.expect("is there");
    shop.spends(2).await;
    shop.reverses(1, "r-1", (0, 300)).await;
    let has = shop.points_agree().await;
    assert_eq!((has.available, has.debt), (0, 250));
    shop.gives("task", 100).await;
    let has = shop.points_agree().await;
    assert_eq!((has.available, has.debt), (0, 150));
    // The other order goes back as well: its points pay the rest.
    shop.reverses(2, "r-2", (250, 0)).await;
    let has = shop.points_agree().await;
    assert_eq!((has.available, has.debt), (100, 0));
    shop.adds_up().await;
}

/// Random, and the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[tokio::test]
async fn over_random_histories_lots_balances_and_books_are_one() {
    for seed in 0..6 {
        let shop = Shop::opens().await;
        let mut chance = Chance(seed);
        for step in 0..60 {
            let n = u128::from(chance.below(6));
            let some = i64::try_from(chance.below(120)).expect("small");
            match chance.below(8) {
                0 => shop.gives(&format!("task-{step}"), some).await,
                1 => shop.earns(n, some).await,
                2 => drop(shop.holds(n, some).await),
                3 if shop.did(n).await.given_back == 0 => shop.spends(n).await,
                4 => shop.returns(n).await,
                5 => shop.reverses(n, &format!("r-{step}"), (some, some / 2)).await,
                6 => shop.advance(days(chance.below(90))).await,
                _ => shop.reverses(n, &format!("r-{}", step / 2), (0, some)).await,
            }
            let has = shop.points_agree().await;
            assert!(has.available >= 0 && has.frozen >= 0 && has.held >= 0 && has.debt >= 0);
            for n in 0..6 {
                let did = shop.did(n).await;
                assert!(did.given_back <= did.used && did.taken_back <= did.earned, "{did:?}");
            }
        }
        shop.adds_up().await;
    }
}
