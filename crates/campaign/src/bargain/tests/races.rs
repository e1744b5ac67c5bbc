//! Everything at once: concurrent tasks on one database, exact winners. Numbers are those of the list of races every
//! release survives.

use std::{collections::BTreeSet, sync::Arc};

use entity::campaign::bargain_record::RecordState;
use kernel::{Refusal, hours};
use tokio::task::JoinSet;

use super::shop::{Shop, said};
use crate::bargain::{
    rules::terms::{BuyAt, Goal},
    service,
};

/// Race 8: fifty helpers at once. The cuts sum to first − floor, nothing goes below, all are counted, and each was told
/// what it took.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_help_at_once_and_every_cut_counts() {
    let shop = Arc::new(Shop::opens_with(|terms| terms.goal = Goal::Cuts(50)).await);
    let record = shop.starts(0).await;
    let mut helps = JoinSet::new();
    for n in 1..=50 {
        let shop = Arc::clone(&shop);
        helps.spawn(async move { shop.helps(n, record).await.expect("there is a cut for everybody") });
    }
    let mut told = 0;
    for helped in helps.join_all().await {
        told += service::cut_of(&shop.op(), &helped).await.expect("reads").expect("is there").amount_minor;
    }
    assert_eq!(told, 5_000);
    let reached = shop.record(record).await;
    assert_eq!((reached.state, reached.price_minor, reached.cuts_made), (RecordState::FloorReached, 2_900, 50));
    shop.is_sound(record).await;
}

/// Race 8, with more than there are cuts: ten get one, the others are told that the floor is reached.
#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_ten_reach_the_floor_and_forty_are_told_so() {
    let shop = Arc::new(Shop::opens().await);
    let record = shop.starts(0).await;
    let mut helps = JoinSet::new();
    for n in 1..=50 {
        let shop = Arc::clone(&shop);
        helps.spawn(async move { shop.helps(n, record).await.map_err(|refused| refused.code()) });
    }
    let answers = helps.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
    assert!(answers.iter().all(|answer| answer.is_ok() || *answer == Err("BARGAIN_FLOOR_REACHED")), "{answers:?}");
    shop.is_sound(record).await;
}

/// Race 9: the same helper many times at once is one cut, told to each.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_helper_at_once_cuts_once() {
    let shop = Arc::new(Shop::opens().await);
    let record = shop.starts(0).await;
    let mut helps = JoinSet::new();
    for _ in 0..12 {
        let shop = Arc::clone(&shop);
        helps.spawn(async move { shop.helps(1, record).await.expect("is told the cut") });
    }
    let answers = helps.join_all().await;
    assert_eq!(answers.iter().filter(|helped| !helped.again).count(), 1);
    assert_eq!(shop.cuts(record).await.len(), 1);
    shop.is_sound(record).await;
}

/// Race 10: the last cut and the deadline at the same instant. Either the floor is reached, or it is expired and the cut
/// was refused.
#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_and_the_last_cut_at_the_same_instant() {
    for round in 0..6 {
        let shop = Arc::new(Shop::opens().await);
        let record = shop.starts(0).await;
        shop.many_help((1, 9), record).await;
        shop.test.clock.advance(hours(24) - std::time::Duration::from_millis(1));
        let (clock, helper, sweeper) = (shop.test.clock.clone(), Arc::clone(&shop), Arc::clone(&shop));
        let helps = tokio::spawn(async move { helper.helps(10, record).await.map_err(|refused| refused.code()) });
        let sweeps = tokio::spawn(async move {
            clock.advance(std::time::Duration::from_millis(1));
            service::expire_records(&sweeper.op()).await.expect("sweeps");
        });
        let (helped, swept) = tokio::join!(helps, sweeps);
        swept.expect("ends");
        service::expire_records(&shop.op()).await.expect("sweeps");
        let ended = shop.record(record).await;
        match helped.expect("ends") {
            Ok(_) => assert_eq!((ended.state, ended.cuts_made), (RecordState::FloorReached, 10), "round {round}"),
            Err(code) => assert_eq!((code, ended.state, ended.cuts_made), ("BARGAIN_CLOSED", RecordState::Expired, 9), "round {round}"),
        }
        shop.is_sound(record).await;
    }
}

/// Race 11, at once: twelve orders of one record are one.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_ordered_once() {
    let shop = Arc::new(Shop::opens().await);
    let record = shop.starts(0).await;
    shop.many_help((1, 10), record).await;
    let mut purchases = Vec::new();
    for _ in 0..12 {
        purchases.push(shop.purchase(0, record).await.expect("has a price"));
    }
    let mut buys = JoinSet::new();
    for wanted in purchases {
        let shop = Arc::clone(&shop);
        buys.spawn(async move { said(service::buy(&shop.by(0), wanted).await).map_err(|refused| refused.code()) });
    }
    let answers = buys.join_all().await;
    let placed: BTreeSet<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert_eq!(placed.len(), 1, "{answers:?}");
    let codes = ["BARGAIN_ALREADY_ORDERED"];
    assert!(answers.iter().all(|answer| answer.as_ref().err().is_none_or(|code| codes.contains(code))), "{answers:?}");
    assert_eq!(shop.record(record).await.order_id.as_ref(), placed.first().copied());
}

/// A cut and an order at the current price at once: whatever comes first, the order costs what the record costs.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_and_an_order_at_once_agree_about_the_price() {
    for _ in 0..6 {
        let shop = Arc::new(Shop::opens_with(|terms| terms.buy = BuyAt::CurrentPrice).await);
        let record = shop.starts(0).await;
        shop.many_help((1, 2), record).await;
        let wanted = shop.purchase(0, record).await.expect("has a price");
        let (helper, buyer) = (Arc::clone(&shop), Arc::clone(&shop));
        let helps = tokio::spawn(async move { helper.helps(3, record).await.map_err(|refused| refused.code()) });
        let buys = tokio::spawn(async move { said(service::buy(&buyer.by(0), wanted).await).map_err(|refused| refused.code()) });
        let (helped, bought) = tokio::join!(helps, buys);
        let (helped, bought) = (helped.expect("ends"), bought.expect("ends"));
        let row = shop.record(record).await;
        if let Ok(order) = bought {
            assert_eq!(helped, Err("BARGAIN_ORDERED"));
            let order = trade::order::service::get(&shop.op(), order).await.expect("reads").expect("is there");
            assert_eq!(order.goods.minor, row.price_minor);
        } else {
            assert!(helped.is_ok() && matches!(bought, Err("BARGAIN_QUOTE_MISMATCH" | "ORDER_PRICE_CHANGED")), "{bought:?}");
        }
        shop.is_sound(record).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_begins_one_record_at_once() {
    let shop = Arc::new(Shop::opens().await);
    let mut starts = JoinSet::new();
    for _ in 0..8 {
        let shop = Arc::clone(&shop);
        starts.spawn(async move { said(service::start(&shop.by(0), shop.start_of(0)).await).map_err(|refused| refused.code()) });
    }
    let answers = starts.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| answer.is_ok() || *answer == Err("BARGAIN_ALREADY_BARGAINING")));
}

/// A helper's daily limit holds over many records at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_daily_limit_is_not_outrun() {
    let shop = Arc::new(Shop::opens_with(|terms| terms.helper_daily_limit = Some(3)).await);
    let mut helps = JoinSet::new();
    for n in 0..10 {
        let record = shop.starts(n).await;
        let shop = Arc::clone(&shop);
        helps.spawn(async move { shop.helps(20, record).await.map_err(|refused| refused.code()) });
    }
    let answers = helps.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    assert!(answers.iter().all(|answer| answer.is_ok() || *answer == Err("BARGAIN_DAILY_LIMIT")), "{answers:?}");
}
