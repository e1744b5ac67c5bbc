//! The proving held against the vectors that the TypeScript client is held against too, and against records of our own.

use kernel::hours;
use serde::Deserialize;

use super::shop::Shop;
use crate::bargain::{
    fate::{Fate, Seed},
    proof::{Break, BreakCode, Proof, Verdict, verify},
    query,
    rules::fair::{Deal, VERSION},
};

#[derive(Deserialize)]
struct Vectors {
    algorithm: String,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    verdict: Verdict,
    breaks: Vec<Break>,
    proof: Proof,
    plan: Option<Vec<i64>>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../../../docs/bargain-vectors.json")).expect("the vectors are as they should be")
}

#[test]
fn every_vector_comes_out_as_it_should() {
    let vectors = vectors();
    assert_eq!((vectors.algorithm.as_str(), vectors.vectors.len()), (VERSION, 18));
    for vector in vectors.vectors {
        assert_eq!(verify(&vector.proof), (vector.verdict, vector.breaks), "{}", vector.name);
        if let Some(plan) = vector.plan {
            let Proof { record_id: record, first_minor: first, floor_minor: floor, cuts, seed, .. } = vector.proof;
            let seed = seed.as_deref().and_then(Seed::parse).expect("a seed");
            assert_eq!(Deal { record, first, floor, cuts }.plan(|message| seed.roll(message)), plan, "{}", vector.name);
            Fate::new(seed, Deal { record, first, floor, cuts });
        }
    }
}

#[test]
fn every_break_has_its_sentence() {
    let broken = vectors().vectors.into_iter().flat_map(|vector| vector.breaks);
    let mut sentences: Vec<String> = broken.map(|broken| broken.to_string()).collect();
    sentences.sort();
    sentences.dedup();
    assert!(sentences.len() >= 9 && sentences.iter().all(|sentence| sentence.len() > 20), "{sentences:?}");
}

#[tokio::test]
async fn the_seed_is_nobodys_until_no_cut_can_follow_and_then_everybodys() {
    let shop = Shop::opens().await;
    let (reached, expired) = (shop.starts(0).await, shop.starts(1).await);
    shop.many_help((10, 9), reached).await;
    shop.many_help((10, 4), expired).await;
    let proof = async |id| query::proof(&shop.op(), id).await.expect("reads").expect("is there");
    for id in [reached, expired] {
        assert_eq!(proof(id).await.seed, None, "the system asks, and is not told either");
        assert!(!shop.record(id).await.sealed_seed.contains(&shop.record(id).await.seed_hash));
    }
    shop.helps(30, reached).await.expect("the last cut");
    assert_eq!(verify(&proof(reached).await).0, Verdict::Proved);
    shop.advance(hours(24)).await;
    assert_eq!(verify(&proof(expired).await).0, Verdict::Proved);
    let mut cheated = proof(expired).await;
    cheated.made[0].amount_minor += 1;
    assert!(verify(&cheated).1.contains(&Break { code: BreakCode::Amount, no: Some(1) }));
}
