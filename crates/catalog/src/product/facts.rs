//! What a price looks at of what is sold: read once, kept in memory, and read again when the catalog was changed.
//!
//! A price asks for the revision (one row by its key) instead of for SKU, product, picture, shelves and rules. Whoever
//! changes any of these revises the catalog in the same transaction. Stock is none of it: that is asked for every time.

use std::{collections::HashMap, sync::Arc};

use entity::catalog::{product, product_category, sku};
use kernel::{CategoryId, Fault, MediaId, Money, ProductId, SkuId};
use moka::future::Cache;
use platform::{
    Op, Tx,
    revision::{self, Revisions},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::service::SkuInfo;
use crate::{
    category, media,
    returns::{self, ReturnException},
};

/// What the catalog's changes are counted under.
const CATALOG: &str = "catalog";

/// The most SKUs a process keeps.
const MOST: u64 = 20_000;

/// What is known of a SKU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What it is.
    pub info: SkuInfo,
    /// The shelves its product stands on, and those above them.
    pub shelves: Vec<CategoryId>,
    /// Why it cannot be given back without a reason.
    pub exception: Option<ReturnException>,
}

/// Where a process keeps what is known, each with the revision it was read at.
pub struct Facts(Cache<SkuId, (i64, Arc<Known>)>);

impl Default for Facts {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

/// Counts a change of what is sold.
pub(crate) fn turn(tx: &mut Tx) {
    tx.revise(CATALOG);
}

/// What is known of these SKUs; unknown ones are not in the answer.
pub async fn known(op: &Op, revisions: &Revisions, ids: &[SkuId]) -> Result<HashMap<SkuId, Arc<Known>>, Fault> {
    let (kept, revision) = (op.port::<Facts>().ok(), revisions.of(CATALOG));
    let (mut found, mut missing) = (HashMap::with_capacity(ids.len()), Vec::new());
    for id in ids {
        let known = match &kept {
            Some(kept) => kept.0.get(id).await.filter(|(read_at, _)| *read_at == revision),
            None => None,
        };
        match known {
            Some((_, known)) => drop(found.insert(*id, known)),
            None => missing.push(*id),
        }
    }
    if !missing.is_empty() {
        for (id, known) in read(op, &missing).await? {
            let known = Arc::new(known);
            if let Some(kept) = &kept {
                kept.0.insert(id, (revision, Arc::clone(&known))).await;
            }
            found.insert(id, known);
        }
    }
    Ok(found)
}

/// What there is to know about these SKUs; unknown ones are not in the answer.
pub async fn skus(op: &Op, ids: &[SkuId]) -> Result<HashMap<SkuId, SkuInfo>, Fault> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let known = known(op, &revision::current(op).await?, ids).await?;
    Ok(known.into_iter().map(|(id, known)| (id, known.info.clone())).collect())
}

async fn read(op: &Op, ids: &[SkuId]) -> Result<HashMap<SkuId, Known>, Fault> {
    let skus = sku::Entity::find().filter(sku::Column::Id.is_in(ids.iter().copied())).all(op.reader()).await?;
    if skus.is_empty() {
        return Ok(HashMap::new());
    }
    let products = product::Entity::find().filter(product::Column::Id.is_in(skus.iter().map(|sku| sku.product))).all(op.reader()).await?;
    let products: HashMap<ProductId, product::Model> = products.into_iter().map(|row| (row.id, row)).collect();
    let picture = |sku: &sku::Model| -> Option<MediaId> {
        sku.image.or_else(|| products.get(&sku.product).and_then(|product| product.media.0.first().copied()))
    };
    let wanted: Vec<MediaId> = skus.iter().filter_map(picture).collect();
    let pictures = media::service::by_ids(op, &wanted).await?;
    let standing = shelves(op, products.keys().copied()).await?;
    let exceptions = returns::service::exceptions(op, ids).await?;
    let known = |sku: sku::Model| {
        let product = products.get(&sku.product)?;
        let info = SkuInfo {
            sku: sku.id,
            product: sku.product,
            title: product.title.clone(),
            price: Money::new(sku.price_minor, sku.currency),
            weight_grams: sku.weight_grams,
            volume_cm3: sku.volume_cm3,
            freight_template: sku.freight_template,
            tax_bps: sku.tax_bps,
            image_url: picture(&sku).and_then(|id| pictures.get(&id)).map(|media| media.url.clone()),
            on_sale: product.status == product::ProductStatus::OnSale && sku.status == sku::SkuStatus::Active,
            is_virtual: product.is_virtual,
            code: sku.code,
            options_label: sku.label,
        };
        let shelves = standing.get(&sku.product).cloned().unwrap_or_default();
        Some((sku.id, Known { info, shelves, exception: exceptions.get(&sku.id).copied() }))
    };
    Ok(skus.into_iter().filter_map(known).collect())
}

/// The shelves each of these products stands on, and those above them.
async fn shelves(op: &Op, products: impl Iterator<Item = ProductId>) -> Result<HashMap<ProductId, Vec<CategoryId>>, Fault> {
    let standing = product_category::Entity::find().filter(product_category::Column::Product.is_in(products)).all(op.reader()).await?;
    if standing.is_empty() {
        return Ok(HashMap::new());
    }
    let tree = category::service::tree(op.reader()).await?;
    let mut found: HashMap<ProductId, Vec<CategoryId>> = HashMap::new();
    for row in standing {
        found.entry(row.product).or_default().extend(tree.with_ancestors(row.category));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use kernel::LocalizedText;

    use super::*;
    use crate::{
        category::service::{self as categories, CategoryChange, NewCategory},
        fixtures::{mall, on_sale, tea},
        product::{
            query,
            service::{self as products, ProductChange, SetParcel},
        },
    };

    async fn asks(op: &Op, sku: SkuId) -> Known {
        let revisions = revision::current(op).await.expect("reads");
        known(op, &revisions, &[sku]).await.expect("reads").remove(&sku).expect("is known").as_ref().clone()
    }

    async fn shelf(op: &Op, name: &str) -> CategoryId {
        let new = NewCategory { parent: None, position: 0, name: LocalizedText::new(name, name), icon: None };
        categories::create(op, new).await.expect("is put up").id
    }

    #[tokio::test]
    async fn what_is_kept_costs_one_statement_and_follows_every_change_on_every_node() {
        let (test, op) = mall().await;
        let elsewhere = test.another_with(crate::plug).await.system("elsewhere");
        let (product, skus) = on_sale(&op, tea("TEA")).await;
        let (sku, tea, drinks) = (skus[0], shelf(&op, "茶").await, shelf(&op, "饮料").await);
        let first = asks(&elsewhere, sku).await;
        assert!(first.info.on_sale && first.shelves.is_empty() && first.exception.is_none());
        let before = elsewhere.platform.db.statements();
        assert_eq!(asks(&elsewhere, sku).await, first);
        assert_eq!(elsewhere.platform.db.statements() - before, 1);

        let row = query::by_ids(&op, &[product]).await.expect("reads").remove(&product).expect("is there");
        let mut skus = products::draft_of(op.reader(), &row).await.expect("reads").skus;
        skus[0].price = Money { minor: 250, ..skus[0].price };
        let change = ProductChange { skus: Some(skus), categories: Some(vec![tea]), ..ProductChange::default() };
        products::update(&op, product, change).await.expect("is changed");
        let changed = asks(&elsewhere, sku).await;
        assert_eq!((changed.info.price.minor, changed.shelves), (250, vec![tea]));

        let moved = CategoryChange { parent: Some(Some(drinks)), ..CategoryChange::default() };
        categories::update(&op, tea, moved).await.expect("is moved");
        assert_eq!(asks(&elsewhere, sku).await.shelves, [tea, drinks]);

        let parcel = SetParcel { sku, volume_cm3: 7, freight_template: None, tax_bps: 0 };
        products::set_parcel(&op, parcel).await.expect("is set");
        assert_eq!(asks(&elsewhere, sku).await.info.volume_cm3, 7);

        returns::service::set(&op, (&[sku], Some(ReturnException::Perishable))).await.expect("is set");
        assert_eq!(asks(&elsewhere, sku).await.exception, Some(ReturnException::Perishable));

        products::unpublish(&op, product).await.expect("is taken down");
        assert!(!asks(&elsewhere, sku).await.info.on_sale);
        products::publish(&op, product).await.expect("is put on sale");
        assert!(asks(&elsewhere, sku).await.info.on_sale);
    }
}
