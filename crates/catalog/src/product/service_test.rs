//! Products on a real database: sound, found, and listed in every order without a gap.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use kernel::{CategoryId, Currency, Failure, LocalizedText, Money, PageRequest, ProductId, minutes};
use platform::{
    Op, Registry,
    worker::{Worker, WorkerSettings},
};

use super::{
    error::CreateRefused,
    query::{self, ListRefused, ProductList, Sort},
    rules::{Draft, Refused, SkuDraft},
    service::{self, ProductChange},
};
use crate::{
    category::{
        self,
        service::{CategoryChange, NewCategory},
    },
    fixtures::{mall, on_sale, plain, sku, skus, tea},
    inventory,
};

fn refusal<T: std::fmt::Debug, R: std::fmt::Debug>(result: Result<T, Failure<R>>) -> R {
    match result {
        Err(Failure::Refused(refused)) => refused,
        other => panic!("not refused: {other:?}"),
    }
}

async fn shelf(op: &Op, zh: &str, parent: Option<CategoryId>) -> CategoryId {
    let new = NewCategory { parent, position: 0, name: LocalizedText::new(zh, zh), icon: None };
    category::service::create(op, new).await.expect("is put up").id
}

/// Every page of a list, two rows at a time.
async fn walk(op: &Op, list: ProductList) -> Vec<ProductId> {
    let mut found = Vec::new();
    let mut page = PageRequest { first: 2, after: None };
    loop {
        let part = query::list(op, ProductList { page: page.clone(), ..list.clone() }).await.expect("lists");
        found.extend(part.rows.iter().map(|(_, row)| row.id));
        assert!(found.len() < 100, "the list does not end");
        if !part.more {
            return found;
        }
        page.after = part.rows.last().map(|(cursor, _)| cursor.clone());
    }
}

async fn find(op: &Op, search: &str) -> Vec<ProductId> {
    walk(
        op,
        ProductList { status: Some(entity::catalog::product::ProductStatus::OnSale), search: Some(search.into()), ..Default::default() },
    )
    .await
}

#[tokio::test]
async fn every_order_shows_everything_once() {
    let (test, op) = mall().await;
    let mut made = Vec::new();
    for i in 0..7_i64 {
        // Equal prices and equal times: only the id tells them apart.
        let price = Money::new(100 + (i % 3), Currency::Cny);
        let draft = plain(&format!("list-{i}"), &format!("好茶{i}"), "Good tea");
        let draft = Draft { skus: vec![SkuDraft { price, ..draft.skus[0].clone() }], ..draft };
        made.push(on_sale(&op, draft).await.0);
        if i % 2 == 0 {
            test.clock.advance(minutes(1));
        }
    }
    let all: BTreeSet<ProductId> = made.iter().copied().collect();
    for sort in [Sort::Relevance, Sort::Newest, Sort::PriceAsc, Sort::PriceDesc, Sort::BestSelling] {
        for search in [None, Some("好茶".to_owned())] {
            let seen = walk(&op, ProductList { sort, search, ..Default::default() }).await;
            assert_eq!(seen.len(), 7, "{sort:?}");
            assert_eq!(seen.iter().copied().collect::<BTreeSet<_>>(), all, "{sort:?}");
        }
    }
    let prices = |ids: Vec<ProductId>| ids.iter().map(|id| made.iter().position(|m| m == id).expect("known") % 3).collect::<Vec<_>>();
    let cheapest = walk(&op, ProductList { sort: Sort::PriceAsc, ..Default::default() }).await;
    assert!(prices(cheapest).is_sorted());
    let first = query::list(&op, ProductList { page: PageRequest { first: 1, after: None }, ..Default::default() }).await.expect("lists");
    let after = first.rows.first().map(|(cursor, _)| cursor.clone());
    let other = ProductList { sort: Sort::PriceAsc, page: PageRequest { first: 1, after }, ..Default::default() };
    assert!(matches!(refusal(query::list(&op, other).await), ListRefused::Cursor(_)), "a cursor of another order");
}

#[tokio::test]
async fn filters_narrow_and_nonsense_is_refused() {
    let (_test, op) = mall().await;
    let (drinks, teas) = {
        let drinks = shelf(&op, "饮品", None).await;
        (drinks, shelf(&op, "茶叶", Some(drinks)).await)
    };
    let (cheap, cheap_skus) = on_sale(&op, Draft { categories: vec![teas], ..plain("cheap", "便宜茶", "Cheap tea") }).await;
    let dear = plain("dear", "贵茶", "Dear tea");
    let dear = Draft {
        skus: vec![SkuDraft { price: Money::new(9_900, Currency::Cny), ..dear.skus[0].clone() }],
        categories: vec![drinks],
        ..dear
    };
    let (dear, _) = on_sale(&op, dear).await;
    let draft = service::create(&op, plain("hidden", "草稿", "Draft")).await.expect("is made");
    let order = ProductList { sort: Sort::PriceAsc, status: Some(entity::catalog::product::ProductStatus::OnSale), ..Default::default() };
    assert_eq!(walk(&op, order.clone()).await, [cheap, dear]);
    assert_eq!(walk(&op, ProductList { category: Some(drinks), ..order.clone() }).await, [cheap, dear]);
    assert_eq!(walk(&op, ProductList { category: Some(teas), ..order.clone() }).await, [cheap]);
    assert_eq!(walk(&op, ProductList { category: Some(op.new_id()), ..order.clone() }).await, []);
    assert_eq!(walk(&op, ProductList { price_min: Some(101), ..order.clone() }).await, [dear]);
    assert_eq!(walk(&op, ProductList { price_max: Some(100), ..order.clone() }).await, [cheap]);
    let mut tx = op.begin().await.expect("begins");
    let all = inventory::service::ReserveStock { order: op.new_id(), lines: vec![(cheap_skus[0], 10)], until: op.now() + minutes(5) };
    inventory::service::reserve(&mut tx, &op, all).await.expect("is reserved");
    tx.commit().await.expect("commits");
    assert_eq!(walk(&op, ProductList { in_stock: Some(true), ..order.clone() }).await, [dear]);
    assert_eq!(walk(&op, ProductList { in_stock: Some(false), ..order.clone() }).await, [cheap]);
    assert_eq!(walk(&op, ProductList { status: None, ..order.clone() }).await.len(), 3);
    assert!(query::shown(&op, draft.id).await.expect("reads").is_none());
    for (min, max) in [(Some(-1), None), (None, Some(-1)), (Some(2), Some(1))] {
        let upside_down = ProductList { price_min: min, price_max: max, ..order.clone() };
        assert!(matches!(refusal(query::list(&op, upside_down).await), ListRefused::PriceRange));
    }
    let long = ProductList { search: Some("茶".repeat(101)), ..order };
    assert!(matches!(refusal(query::list(&op, long).await), ListRefused::Search));
}

#[tokio::test]
async fn products_are_found_in_both_languages_by_what_they_say_now() {
    let (test, op) = mall().await;
    let mut registry = Registry::default();
    crate::register(&mut registry);
    let worker = Worker::new(test.platform.clone(), registry, WorkerSettings::default());
    let teas = shelf(&op, "乌龙", None).await;
    let (rock, _) = on_sale(&op, Draft { categories: vec![teas], ..tea("found") }).await;
    let (peach, _) =
        on_sale(&op, Draft { description: LocalizedText::new("配大红袍吃", "Goes with tea"), ..plain("p1", "水蜜桃", "Honey peach") })
            .await;
    assert_eq!(find(&op, "大红袍").await, [rock, peach], "the title weighs more than the description");
    assert_eq!(find(&op, "蜜桃").await, [peach]);
    assert_eq!(find(&op, "桃").await, [peach]);
    assert_eq!(find(&op, "PEA").await, [peach]);
    assert_eq!(find(&op, "hong wuy").await, [rock]);
    assert_eq!(find(&op, "ｆｏｕｎｄ-50").await, [rock], "by the code of a SKU");
    assert_eq!(find(&op, "乌龙").await, [rock], "by the shelf");
    for nothing in ["袍红", "！？", "大红袍 melon", "'; DROP TABLE product; --", "%"] {
        assert_eq!(find(&op, nothing).await, [], "{nothing}");
    }
    category::service::update(&op, teas, CategoryChange { name: Some(LocalizedText::new("岩茶", "Rock tea")), ..Default::default() })
        .await
        .expect("is renamed");
    worker.settle().await.expect("settles");
    assert_eq!(find(&op, "岩茶").await, [rock]);
    assert_eq!(find(&op, "乌龙").await, []);
    service::update(&op, rock, ProductChange { title: Some(LocalizedText::new("水仙", "Shui Xian")), ..Default::default() })
        .await
        .expect("is changed");
    assert_eq!(find(&op, "大红袍").await, [peach]);
    assert_eq!(find(&op, "shui x").await, [rock]);
}

#[tokio::test]
async fn a_change_keeps_known_skus_and_retires_the_rest() {
    let (_test, op) = mall().await;
    let (id, before) = on_sale(&op, tea("keep")).await;
    let kept = SkuDraft { stock: None, price: Money::new(250, Currency::Cny), ..sku("keep-50", &[0]) };
    let renamed = SkuDraft { id: Some(before[1]), stock: None, ..sku("keep-100-b", &[1]) };
    let after = service::update(&op, id, ProductChange { skus: Some(vec![kept.clone(), renamed]), ..Default::default() })
        .await
        .expect("is changed");
    assert_eq!((after.min_price_minor, after.max_price_minor), (100, 250));
    assert_eq!(skus(&op, id).await, before);
    let single =
        ProductChange { options: Some(vec![]), skus: Some(vec![SkuDraft { choices: vec![], ..kept.clone() }]), ..Default::default() };
    service::update(&op, id, single).await.expect("is changed");
    let info = service::skus(&op, &before).await.expect("reads");
    assert!(info[&before[0]].on_sale && info[&before[0]].options_label.is_blank());
    assert!(!info[&before[1]].on_sale, "a retired SKU is not sold");
    assert_eq!(info[&before[1]].options_label.get(kernel::Locale::ZhCn), "100 克", "but orders can still name it");
    let back = ProductChange {
        options: Some(tea("x").options),
        skus: Some(vec![kept.clone(), SkuDraft { stock: None, ..sku("keep-100-b", &[1]) }]),
        ..Default::default()
    };
    service::update(&op, id, back).await.expect("comes back by its code");
    assert_eq!(skus(&op, id).await, before);

    for (change, refused) in [
        (ProductChange { options: Some(vec![]), ..Default::default() }, Refused::OptionsWithoutSkus),
        (ProductChange { skus: Some(vec![SkuDraft { stock: Some(1), ..kept.clone() }]), ..Default::default() }, Refused::StockKnown),
        (ProductChange { skus: Some(vec![SkuDraft { id: Some(op.new_id()), ..kept.clone() }]), ..Default::default() }, Refused::ForeignSku),
        (ProductChange { categories: Some(vec![op.new_id()]), ..Default::default() }, Refused::NoCategory),
        (ProductChange { media: Some(vec![op.new_id()]), ..Default::default() }, Refused::NoMedia),
        (ProductChange { read_at: Some(after.updated_at), ..Default::default() }, Refused::Changed),
        (ProductChange { title: Some(LocalizedText::default()), ..Default::default() }, Refused::Title),
    ] {
        assert_eq!(refusal(service::update(&op, id, change).await), refused);
    }
    assert_eq!(refusal(service::update(&op, op.new_id(), ProductChange::default()).await), Refused::NotFound);
}

#[tokio::test]
async fn codes_and_references_are_taken_once_also_at_once() {
    let (_test, op) = mall().await;
    on_sale(&op, Draft { external_reference: Some("ERP-1".into()), ..tea("once") }).await;
    assert_eq!(refusal(service::create(&op, tea("once")).await), Refused::CodeTaken);
    let same = Draft { external_reference: Some("ERP-1".into()), ..tea("other") };
    assert_eq!(refusal(service::create(&op, same).await), Refused::ReferenceTaken);
    let many = (0..8).map(|_| service::create(&op, tea("many")));
    let outcomes = join_all(many).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(outcome), Refused::CodeTaken);
    }
}

#[tokio::test]
async fn a_key_makes_one_product_also_at_once() {
    let (_test, op) = mall().await;
    let made = join_all((0..8).map(|_| service::create_once(&op, tea("keyed"), "one-product"))).await;
    let ids: BTreeSet<ProductId> = made.into_iter().map(|made| made.expect("is made, or was").id).collect();
    assert_eq!(ids.len(), 1);
    assert!(matches!(refusal(service::create_once(&op, tea("another"), "one-product").await), CreateRefused::Key(_)));
    assert_eq!(refusal(service::create_once(&op, tea("keyed"), "another-product").await), Refused::CodeTaken.into());
    let mended = service::create_once(&op, tea("mended"), "another-product").await;
    assert!(mended.is_ok(), "a refusal uses no key up");
}

#[tokio::test]
async fn publishing_is_repeatable_and_a_draft_is_not_taken_down() {
    let (_test, op) = mall().await;
    let made = service::create(&op, tea("state")).await.expect("is made");
    assert_eq!(refusal(service::unpublish(&op, made.id).await), Refused::Draft);
    let first = service::publish(&op, made.id).await.expect("is published");
    assert_eq!(service::publish(&op, made.id).await.expect("is published already"), first);
    let down = service::unpublish(&op, made.id).await.expect("is taken down");
    assert_eq!(service::unpublish(&op, made.id).await.expect("is down already"), down);
    assert!(query::shown(&op, made.id).await.expect("reads").is_some(), "orders still show it");
    assert!(find(&op, "大红袍").await.is_empty());
}

#[tokio::test]
async fn shelves_stay_a_tree_when_moved_at_once_and_full_ones_are_not_taken_down() {
    let (_test, op) = mall().await;
    let (a, b) = (shelf(&op, "甲", None).await, shelf(&op, "乙", None).await);
    let below = |parent| CategoryChange { parent: Some(Some(parent)), ..Default::default() };
    let (left, right) = tokio::join!(category::service::update(&op, a, below(b)), category::service::update(&op, b, below(a)));
    assert_eq!([left.is_ok(), right.is_ok()].iter().filter(|moved| **moved).count(), 1, "one of the two moves wins");
    let (parent, child) = if left.is_ok() { (b, a) } else { (a, b) };
    on_sale(&op, Draft { categories: vec![child], ..tea("shelf") }).await;
    for full in [parent, child] {
        assert_eq!(refusal(category::service::delete(&op, full).await), category::Refused::NotEmpty);
    }
    assert_eq!(refusal(category::service::delete(&op, op.new_id()).await), category::Refused::NotFound);
    let empty = shelf(&op, "空", None).await;
    category::service::delete(&op, empty).await.expect("is taken down");
}
