//! What was asked is kept, and what is struck through is true.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use kernel::{Currency, Failure, Fault, LocalizedText, Money, SkuId, Timestamp, days};
use platform::{Op, testing::TestPlatform};

use super::{
    Activity, Offers, SkuOffer,
    rules::{Base, Named},
    service::{self, Offered},
};
use crate::product::{
    query,
    rules::{Draft, MarketPrice, Refused, SkuDraft},
    service::{self as products, ProductChange},
};

/// Half of what is asked in the test, since the test's beginning.
struct HalfPrice(Timestamp);

#[async_trait]
impl Offers for HalfPrice {
    async fn offers(&self, op: &Op, skus: &[SkuId]) -> Result<HashMap<SkuId, SkuOffer>, Fault> {
        let offer = |info: products::SkuInfo| SkuOffer {
            sku: info.sku,
            list: info.price,
            price: Money { minor: 5_000, ..info.price },
            applied: Some(Activity { kind: "test".to_owned(), id: "1".to_owned(), title: LocalizedText::new("半价", "Half") }),
            ends_at: None,
            since: Some(self.0),
            play: None,
        };
        Ok(products::skus(op, skus).await?.into_iter().map(|(sku, info)| (sku, offer(info))).collect())
    }
}

fn sku(id: Option<SkuId>, minor: i64) -> SkuDraft {
    SkuDraft {
        id,
        code: "TEA".to_owned(),
        choices: vec![],
        price: Money::new(minor, Currency::Cny),
        market_price: None,
        weight_grams: 100,
        image: None,
        stock: id.is_none().then_some(5),
    }
}

#[tokio::test]
async fn every_price_is_kept_and_the_lowest_of_the_week_before_is_struck_through() {
    let test = TestPlatform::open(|_| {}).await;
    let op = test.platform.system("prices");
    let draft = Draft { title: LocalizedText::new("茶", "Tea"), skus: vec![sku(None, 10_000)], ..Draft::default() };
    let product = products::create(&op, draft).await.expect("is made").id;
    let tea = query::skus_of(&op, &[product]).await.expect("reads").remove(&product).expect("is there")[0].id;
    test.clock.advance(days(10));

    // Dearer for two days, on offer for one of them, and back.
    let change = |minor| ProductChange { skus: Some(vec![sku(Some(tea), minor)]), ..ProductChange::default() };
    products::update(&op, product, change(20_000)).await.expect("changes");
    let offered = Offered {
        kind: "time_discount",
        id: "tds".to_owned(),
        title: Some(LocalizedText::new("周末", "Weekend")),
        starts_at: op.now(),
        ends_at: Some(op.now() + days(5)),
        prices: vec![(tea, Money::new(8_000, Currency::Cny))],
    };
    let mut tx = op.begin().await.expect("begins");
    service::offer(&mut tx, &op, offered.clone()).await.expect("is kept");
    tx.commit().await.expect("commits");
    test.clock.advance(days(1));
    let mut tx = op.begin().await.expect("begins");
    service::withdraw(&mut tx, &op, (offered.kind, &offered.id)).await.expect("ends");
    tx.commit().await.expect("commits");
    test.clock.advance(days(1));
    products::update(&op, product, change(20_000)).await.expect("changes nothing");

    let history = service::history(&op, tea).await.expect("reads");
    let asked: Vec<(&str, i64, bool)> =
        history.iter().map(|span| (span.source_kind.as_str(), span.price_minor, span.ends_at.is_some())).collect();
    assert_eq!(asked.len(), 3, "a price that stays is no change: {asked:?}");
    assert!(asked.contains(&("list", 10_000, true)) && asked.contains(&("list", 20_000, false)), "{asked:?}");
    assert!(asked.contains(&("time_discount", 8_000, true)), "{asked:?}");
    assert!(history.iter().all(|span| span.actor.contains("prices")), "who decided it is kept");

    let compared = super::rules::compare_at(
        &history
            .iter()
            .map(|span| super::rules::Asked { minor: span.price_minor, starts_at: span.starts_at, ends_at: span.ends_at })
            .collect::<Vec<_>>(),
        (5_000, op.now()),
    );
    assert_eq!(compared, Some(8_000), "not the 20 000 of yesterday, not the 10 000 of last week");
}

#[tokio::test]
async fn what_is_shown_is_the_ports_price_beside_the_lawful_one() {
    let test = TestPlatform::open(|ports| {
        ports.plug::<dyn Offers>(Arc::new(HalfPrice(Timestamp(1_794_369_600_000) + days(3))));
    })
    .await;
    let op = test.platform.system("prices");
    let draft = Draft { title: LocalizedText::new("茶", "Tea"), skus: vec![sku(None, 10_000)], ..Draft::default() };
    let product = products::create(&op, draft).await.expect("is made").id;
    let tea = query::skus_of(&op, &[product]).await.expect("reads").remove(&product).expect("is there")[0].id;
    let shown = service::shown(&op, &[tea]).await.expect("reads").remove(&tea).expect("is shown");
    assert_eq!((shown.offer.price.minor, shown.compare_at), (5_000, Some((Money::new(10_000, Currency::Cny), Base::LowestOfSevenDays))));
}

#[tokio::test]
async fn a_higher_price_is_struck_through_with_its_base_and_the_first_one_must_have_been_asked() {
    let test = TestPlatform::open(|ports| {
        ports.plug::<dyn Offers>(Arc::new(HalfPrice(Timestamp(1_794_369_600_000) + days(3))));
    })
    .await;
    let op = test.platform.system("prices");
    let tea = |id, price, market: Option<(i64, Named)>| SkuDraft {
        market_price: market.map(|(minor, base)| MarketPrice { minor, base }),
        ..sku(id, price)
    };
    let draft = |sku| Draft { title: LocalizedText::new("茶", "Tea"), skus: vec![sku], ..Draft::default() };
    let refused = products::create(&op, draft(tea(None, 10_000, Some((12_000, Named::FirstPrice))))).await;
    assert!(matches!(refused, Err(Failure::Refused(Refused::NotFirstPrice))), "nothing was asked before");
    let product = products::create(&op, draft(tea(None, 10_000, Some((18_000, Named::RecommendedRetail))))).await.expect("is made").id;
    let id = query::skus_of(&op, &[product]).await.expect("reads").remove(&product).expect("is there")[0].id;
    let shown = async || service::shown(&op, &[id]).await.expect("reads").remove(&id).expect("is shown").compare_at;
    assert_eq!(shown().await, Some((Money::new(18_000, Currency::Cny), Base::Named(Named::RecommendedRetail))));

    test.clock.advance(days(1));
    let change = |price, market| ProductChange { skus: Some(vec![tea(Some(id), price, market)]), ..ProductChange::default() };
    products::update(&op, product, change(8_000, Some((10_000, Named::FirstPrice)))).await.expect("it was asked first");
    assert_eq!(shown().await, Some((Money::new(10_000, Currency::Cny), Base::Named(Named::FirstPrice))));
    let refused = products::update(&op, product, change(8_000, Some((10_001, Named::FirstPrice)))).await;
    assert!(matches!(refused, Err(Failure::Refused(Refused::NotFirstPrice))), "it never was");
    products::update(&op, product, change(8_000, Some((15_000, Named::OtherChannel)))).await.expect("is elsewhere");
    assert_eq!(shown().await, Some((Money::new(15_000, Currency::Cny), Base::Named(Named::OtherChannel))));
    products::update(&op, product, change(8_000, None)).await.expect("is forgotten");
    assert_eq!(shown().await.map(|(_, base)| base), Some(Base::LowestOfSevenDays));
}
