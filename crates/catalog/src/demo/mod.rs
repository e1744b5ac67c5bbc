//! The demo mall: shelves, products with pictures drawn by us, and stock.
//!
//! Nothing here is random and nothing asks the machine for the time: everything hangs on `op` (its clock, its ids).
//! Products are told apart by their external reference, so seeding twice adds nothing.

mod articles;
mod drawing;

use std::collections::HashMap;

use entity::catalog::product as table;
use kernel::{CategoryId, Currency, Failure, Fault, LocalizedText, MediaId, Money, ProductId, SkuId, Timestamp, hours};
use platform::Op;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use self::{
    articles::{Article, SHELVES, Shelf, Text},
    drawing::{Ink, SIDE, Scene, draw},
};
use crate::{
    category::service::{self as categories, NewCategory},
    media::service::{Drawing, store_drawings},
    prices::rules::Named,
    product::{
        query,
        rules::{Axis, Draft, MarketPrice, SkuDraft},
        service::{self, NewProduct},
    },
};

/// Begins the external references of the demo's products.
const PREFIX: &str = "DEMO-";

/// Pictures of an article: alone, and in company.
const PICTURES: usize = 2;

/// Puts up the demo mall, or nothing when it stands; answers the SKUs it offers, shelf by shelf in the order of the list.
pub async fn seed(op: &Op) -> Result<Vec<SkuId>, Fault> {
    let standing = products(op).await?;
    if standing.is_empty() {
        build(op).await?;
    }
    let ids: Vec<ProductId> = products(op).await?;
    let mut skus = query::skus_of(op, &ids).await?;
    Ok(ids.iter().flat_map(|id| skus.remove(id).unwrap_or_default()).map(|sku| sku.id).collect())
}

/// The SKU of a demo article by its code and place, for those who build on the demo: `sku(op, "TEA-DHP", 0)`.
pub async fn sku(op: &Op, article: &str, place: usize) -> Result<Option<SkuId>, Fault> {
    let reference = format!("{PREFIX}{article}");
    let row = table::Entity::find().filter(table::Column::ExternalReference.eq(reference)).one(op.reader()).await?;
    let Some(product) = row else {
        return Ok(None);
    };
    Ok(query::skus_of(op, &[product.id]).await?.remove(&product.id).and_then(|skus| skus.get(place).map(|sku| sku.id)))
}

/// The demo's products that are there, in the order of the list.
async fn products(op: &Op) -> Result<Vec<ProductId>, Fault> {
    let rows = table::Entity::find().filter(table::Column::ExternalReference.starts_with(PREFIX)).all(op.reader()).await?;
    let known: HashMap<String, ProductId> = rows.into_iter().filter_map(|row| Some((row.external_reference?, row.id))).collect();
    Ok(all().filter_map(|(_, article)| known.get(&format!("{PREFIX}{}", article.code)).copied()).collect())
}

fn all() -> impl Iterator<Item = (&'static Shelf, &'static Article)> {
    SHELVES.iter().flat_map(|shelf| shelf.articles.iter().map(move |article| (shelf, article)))
}

/// Files first, then everything in one transaction: the mall stands or it does not.
async fn build(op: &Op) -> Result<(), Fault> {
    let icons = SHELVES.iter().map(|shelf| drawing(shelf.name.1, (shelf.icon, shelf.tone), (Scene::Badge, shelf.hue, 0)));
    let pictures = all().enumerate().flat_map(|(i, (shelf, article))| {
        let motif = (article.motif, article.tone);
        [(Scene::Portrait, shelf.hue, i), (Scene::Group, shelf.hue, i)].map(|scene| drawing(article.code, motif, scene))
    });
    let media = store_drawings(op, icons.chain(pictures).collect()).await?;
    let (icons, pictures) = media.split_at(SHELVES.len());
    let mut tx = op.begin().await?;
    let mut shelves: HashMap<&str, CategoryId> = HashMap::new();
    for ((position, shelf), icon) in (0..).zip(SHELVES).zip(icons) {
        let new = NewCategory { parent: None, position, name: text(shelf.name), icon: Some(*icon) };
        let row = categories::create_in(&mut tx, op, new).await.map_err(sound)?;
        shelves.insert(shelf.name.1, row.id);
    }
    for (i, (shelf, article)) in all().enumerate() {
        let media: Vec<MediaId> = pictures.iter().skip(i * PICTURES).take(PICTURES).copied().collect();
        let categories = shelves.get(shelf.name.1).copied().into_iter().collect();
        let new = NewProduct {
            draft: Draft { media, categories, ..draft(article) },
            published_at: Some(published(op, i)),
            sold: article.skus.iter().map(|(.., sold)| *sold).collect(),
        };
        service::create_in(&mut tx, op, new).await.map_err(sound)?;
    }
    tx.commit().await
}

/// Over the last two months, no two at the same time, the shelves mixed.
fn published(op: &Op, place: usize) -> Timestamp {
    let turn = u64::try_from(place * 37 % 60).unwrap_or(0);
    op.now() - hours(24 * (1 + turn) - turn % 9)
}

fn drawing(name: &str, (motif, tone): (drawing::Motif, drawing::Tone), scene: (Scene, u16, usize)) -> Drawing {
    Drawing { file_name: format!("{name}.svg"), svg: draw(motif, &Ink::of(tone), scene), side: SIDE }
}

fn draft(article: &Article) -> Draft {
    let options: Vec<Axis> = article
        .options
        .iter()
        .map(|(name, values)| Axis { name: text(*name), values: values.iter().copied().map(text).collect() })
        .collect();
    let sizes: Vec<usize> = options.iter().map(|option| option.values.len()).collect();
    let skus = article.skus.iter().enumerate().map(|(i, &(price, market, weight_grams, stock, _))| SkuDraft {
        id: None,
        code: format!("{}-{}", article.code, i + 1),
        choices: combination(&sizes, i),
        price: Money::new(price, Currency::Cny),
        market_price: Some(MarketPrice { minor: market, base: Named::RecommendedRetail }),
        weight_grams,
        image: None,
        stock: Some(stock),
    });
    Draft {
        title: text(article.title),
        subtitle: text(article.subtitle),
        description: text(article.about),
        attributes: article.facts.iter().map(|(name, value)| (text(*name), text(*value))).collect(),
        skus: skus.collect(),
        options,
        external_reference: Some(format!("{PREFIX}{}", article.code)),
        is_virtual: false,
        ..Draft::default()
    }
}

/// The `n`th combination, the last option fastest.
fn combination(sizes: &[usize], n: usize) -> Vec<usize> {
    let mut rest = n;
    let mut choices = Vec::with_capacity(sizes.len());
    for size in sizes.iter().rev() {
        choices.push(rest % size);
        rest /= size;
    }
    choices.reverse();
    choices
}

fn text((zh, en): Text) -> LocalizedText {
    LocalizedText::new(zh, en)
}

/// Our own data are sound; a refusal is a bug in them.
fn sound<R: std::fmt::Display>(failure: Failure<R>) -> Fault {
    match failure {
        Failure::Refused(refused) => Fault::internal(format!("the demo's data are not sound: {refused}")),
        Failure::Fault(fault) => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixtures::mall, inventory, media, product::query::ProductList};

    #[test]
    fn combinations_run_through_the_matrix() {
        let all: Vec<_> = (0..6).map(|n| combination(&[3, 2], n)).collect();
        assert_eq!(all, [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]]);
        assert_eq!(combination(&[], 0), Vec::<usize>::new());
    }

    #[tokio::test]
    async fn the_mall_is_put_up_once_and_can_be_shopped_in() {
        let (_test, op) = mall().await;
        let skus = seed(&op).await.expect("is put up");
        assert_eq!(seed(&op).await.expect("stands"), skus);
        assert!(skus.len() >= 100, "{}", skus.len());
        assert_eq!(sku(&op, "TEA-DHP", 0).await.expect("reads"), skus.first().copied());
        assert_eq!(sku(&op, "NO-SUCH", 0).await.expect("reads"), None);
        let info = service::skus(&op, &skus).await.expect("reads");
        assert!(info.values().all(|sku| sku.on_sale && sku.image_url.as_deref().is_some_and(|url| url.ends_with(".svg"))));
        let stock = inventory::service::available(&op, &skus).await.expect("reads");
        assert!(stock.values().filter(|available| **available > 0).count() >= skus.len() - 1);
        for (search, least) in [("茶", 10), ("tea", 8), ("蜜桃", 1), ("peach", 1), ("baby", 3), ("礼盒", 5), ("毛巾", 1)] {
            let page = kernel::PageRequest { first: 50, after: None };
            let found = query::list(&op, ProductList { search: Some(search.into()), page, ..Default::default() }).await.expect("lists");
            assert!(found.rows.len() >= least, "{search}: {}", found.rows.len());
        }
        let page = kernel::PageRequest { first: 100, after: None };
        assert_eq!(media::service::page(&op, page).await.expect("lists").rows.len(), 100);
    }
}
