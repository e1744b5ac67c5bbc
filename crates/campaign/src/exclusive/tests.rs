//! Claims on a real database, one after the other and at once.

use std::sync::Arc;

use kernel::{Failure, Refusal, SkuId, Timestamp, hours};
use platform::{Op, testing::TestPlatform};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    Conflict,
    service::{self, Claim, PlayRef},
};

fn sku(n: u128) -> SkuId {
    SkuId(Uuid::from_u128(n))
}

fn play(id: &str) -> PlayRef {
    PlayRef { kind: "flash_sale", id: id.to_owned() }
}

fn claim(id: &str, skus: &[u128], (from, to): (u64, u64)) -> Claim {
    let at = |hour| Timestamp(0) + hours(hour);
    Claim {
        play: play(id),
        title: format!("sale {id}"),
        skus: skus.iter().copied().map(sku).collect(),
        starts_at: at(from),
        ends_at: at(to),
    }
}

async fn claims(op: &Op, claim: Claim) -> Result<(), Conflict> {
    let tx = op.begin().await.expect("begins");
    match service::claim(&tx, claim).await {
        Ok(()) => {
            tx.commit().await.expect("commits");
            Ok(())
        }
        Err(Failure::Refused(conflict)) => Err(conflict),
        Err(Failure::Fault(fault)) => panic!("{fault}"),
    }
}

async fn releases(op: &Op, id: &str, hour: u64) {
    let tx = op.begin().await.expect("begins");
    service::release(&tx, &play(id), Timestamp(0) + hours(hour)).await.expect("releases");
    tx.commit().await.expect("commits");
}

#[tokio::test]
async fn one_sku_is_in_one_play_at_a_time() {
    let test = TestPlatform::open(|_| {}).await;
    let op = test.platform.system("plays");
    claims(&op, claim("a", &[1, 2], (10, 20))).await.expect("the first has them");
    let refused = claims(&op, claim("b", &[2, 3], (19, 30))).await.expect_err("they overlap");
    assert_eq!((refused.mine.as_str(), refused.theirs.as_str(), refused.sku), ("sale b", "sale a", sku(2)));
    let said = platform::messages::message(kernel::Locale::En, refused.code(), &refused.detail());
    assert!(said.contains("sale a") && said.contains("sale b"), "{said}");
    claims(&op, claim("b", &[2, 3], (20, 30))).await.expect("it begins when the other ends");
    claims(&op, claim("c", &[3], (1, 20))).await.expect("it ends when the other begins");
    claims(&op, claim("d", &[4], (1, 99))).await.expect("nobody else wants it");
}

#[tokio::test]
async fn a_play_claims_again_and_leaves_what_it_no_longer_sells() {
    let test = TestPlatform::open(|_| {}).await;
    let op = test.platform.system("plays");
    claims(&op, claim("a", &[1, 2], (10, 20))).await.expect("has them");
    for _ in 0..2 {
        claims(&op, claim("a", &[2, 3], (12, 25))).await.expect("is not in its own way");
    }
    claims(&op, claim("b", &[1], (10, 20))).await.expect("it was left");
    assert!(claims(&op, claim("b", &[3], (24, 30))).await.is_err());
}

#[tokio::test]
async fn what_ends_early_is_free_from_that_moment() {
    let test = TestPlatform::open(|_| {}).await;
    let op = test.platform.system("plays");
    claims(&op, claim("a", &[1], (10, 20))).await.expect("has it");
    for _ in 0..2 {
        releases(&op, "a", 15).await;
    }
    assert!(claims(&op, claim("b", &[1], (14, 16))).await.is_err(), "it was sold until then");
    claims(&op, claim("b", &[1], (15, 20))).await.expect("it is free");
    releases(&op, "b", 15).await;
    claims(&op, claim("c", &[1], (15, 20))).await.expect("one that never began leaves nothing");
}

/// Both publish at the same moment: one of them has the SKUs, and no order of the two locks them in a circle.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_claims_at_once_one_wins() {
    let test = Arc::new(TestPlatform::open(|_| {}).await);
    for round in 0..5_u128 {
        let mut all = JoinSet::new();
        for n in 0..8_u128 {
            let op = test.platform.system("plays");
            // Every claim names both SKUs, half of them the other way round.
            let (one, other) = if n % 2 == 0 { (round * 2, round * 2 + 1) } else { (round * 2 + 1, round * 2) };
            all.spawn(async move { claims(&op, claim(&format!("{round}-{n}"), &[one, other], (10, 20))).await });
        }
        let answers = all.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    }
}
