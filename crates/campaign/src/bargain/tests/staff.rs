//! What staff may promise, and that a promise made is kept.

use entity::campaign::bargain_record::RecordState;
use kernel::{Failure, LocalizedText, Refusal, SkuId, days, hours};
use uuid::Uuid;

use super::shop::{Shop, draft, said};
use crate::bargain::{
    campaigns::{self, Draft},
    query,
    rules::{
        campaign::{Phase, Step, Window},
        terms::{Goal, tests::terms},
    },
    service,
};

#[tokio::test]
async fn a_campaign_nobody_could_keep_is_not_written() {
    let shop = Shop::opens().await;
    let sound = draft(&shop.op(), terms(shop.sku)).await;
    type Spoil = fn(&mut Draft);
    let spoils: [(Spoil, &str); 6] = [
        (|d| d.title = LocalizedText::default(), "BARGAIN_TITLE_INVALID"),
        (|d| d.window.ends_at = d.window.starts_at, "BARGAIN_WINDOW_INVALID"),
        (|d| d.terms.prices[0].first = 7_901, "BARGAIN_FIRST_PRICE_TOO_HIGH"),
        (|d| d.terms.prices[0].floor = 0, "BARGAIN_FLOOR_INVALID"),
        (|d| d.terms.prices[0].sku = SkuId(Uuid::from_u128(1)), "BARGAIN_SKU_FOREIGN"),
        (|d| d.terms.goal = Goal::Cuts(0), "BARGAIN_CUTS_INVALID"),
    ];
    for (spoil, code) in spoils {
        let mut spoilt = sound.clone();
        spoil(&mut spoilt);
        let Err(Failure::Refused(refused)) = campaigns::create(&shop.op(), spoilt).await else { panic!("{code}") };
        assert_eq!(refused.code(), code);
    }
}

#[tokio::test]
async fn a_campaign_begins_and_ends_by_its_window_and_a_draft_is_nobodys() {
    let shop = Shop::opens().await;
    campaigns::step(&shop.op(), shop.campaign, Step::End).await.expect("the SKU is free for another");
    let now = shop.op().now();
    let later = Draft { window: Window { starts_at: now + hours(1), ends_at: now + days(1) }, ..draft(&shop.op(), terms(shop.sku)).await };
    let id = campaigns::create(&shop.op(), later).await.expect("is written");
    let phase = async || query::campaign(&shop.op(), id).await.expect("reads").expect("is there").phase(shop.op().now());
    assert!(query::public_campaign(&shop.op(), id).await.expect("reads").is_none());
    campaigns::step(&shop.op(), id, Step::Publish).await.expect("is published");
    assert_eq!(phase().await, Phase::Scheduled);
    let wanted = service::StartBargain { bargain: id, ..shop.start_of(0) };
    assert_eq!(said(service::start(&shop.by(0), wanted.clone()).await).expect_err("too early").code(), "BARGAIN_NOT_RUNNING");
    shop.advance(hours(1)).await;
    assert_eq!(phase().await, Phase::Running);
    service::start(&shop.by(0), wanted).await.expect("the same key, refused before, may succeed now");
    shop.advance(days(1)).await;
    assert_eq!(phase().await, Phase::Ended);
}

#[tokio::test]
async fn a_published_campaign_keeps_its_rules_and_a_copy_may_have_others() {
    let shop = Shop::opens().await;
    let mut cheaper = draft(&shop.op(), terms(shop.sku)).await;
    cheaper.terms.prices[0].floor = 1_900;
    let Err(Failure::Refused(refused)) = campaigns::update(&shop.op(), shop.campaign, cheaper.clone()).await else { panic!("frozen") };
    assert_eq!(refused.code(), "BARGAIN_RULES_FROZEN");
    let copy = campaigns::copy(&shop.op(), shop.campaign).await.expect("is copied");
    let copied = query::campaign(&shop.op(), copy).await.expect("reads").expect("is there");
    let original = query::campaign(&shop.op(), shop.campaign).await.expect("reads").expect("is there");
    assert_eq!((copied.phase(shop.op().now()), &copied.terms), (Phase::Draft, &original.terms));
    campaigns::update(&shop.op(), copy, cheaper).await.expect("a draft is changed");
    let changed = query::campaign(&shop.op(), copy).await.expect("reads").expect("is there");
    assert_eq!(changed.terms.prices[0].floor, 1_900);
}

#[tokio::test]
async fn a_pause_stops_starts_and_cuts_and_takes_no_floor_away() {
    let shop = Shop::opens().await;
    let (reached, running) = (shop.starts(0).await, shop.starts(1).await);
    shop.many_help((10, 10), reached).await;
    for _ in 0..2 {
        campaigns::step(&shop.op(), shop.campaign, Step::Pause).await.expect("is paused");
    }
    assert_eq!(shop.helps(20, running).await.expect_err("is paused").code(), "BARGAIN_NOT_RUNNING");
    let refused = said(service::start(&shop.by(2), shop.start_of(2)).await).expect_err("is paused");
    assert_eq!(refused.code(), "BARGAIN_NOT_RUNNING");
    let order = shop.buys(0, reached).await;
    shop.pays(0, order).await;
    assert_eq!(shop.record(reached).await.state, RecordState::Paid);
    campaigns::step(&shop.op(), shop.campaign, Step::Resume).await.expect("goes on");
    shop.helps(20, running).await.expect("goes on");
}

#[tokio::test]
async fn the_end_of_a_campaign_is_not_the_end_of_its_records() {
    let shop = Shop::opens().await;
    let record = shop.starts(0).await;
    campaigns::step(&shop.op(), shop.campaign, Step::End).await.expect("is ended");
    let refused = said(service::start(&shop.by(1), shop.start_of(1)).await).expect_err("is over");
    assert_eq!(refused.code(), "BARGAIN_NOT_RUNNING");
    shop.many_help((10, 10), record).await;
    let order = shop.buys(0, record).await;
    shop.pays(0, order).await;
    assert_eq!(shop.record(record).await.state, RecordState::Paid);
}

#[tokio::test]
async fn a_sku_is_in_one_play_at_a_time() {
    let shop = Shop::opens().await;
    let copy = campaigns::copy(&shop.op(), shop.campaign).await.expect("is copied");
    let Err(Failure::Refused(refused)) = campaigns::step(&shop.op(), copy, Step::Publish).await else { panic!("the SKU is taken") };
    assert_eq!(refused.code(), "PLAY_CONFLICT");
    campaigns::step(&shop.op(), shop.campaign, Step::End).await.expect("is ended");
    campaigns::step(&shop.op(), copy, Step::Publish).await.expect("the SKU is free");
}
