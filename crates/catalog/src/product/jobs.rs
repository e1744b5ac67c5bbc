//! Projections, recounted whenever what they are made of moved.

use std::collections::{BTreeMap, BTreeSet};

use entity::catalog::{product, product_category, sku};
use kernel::{Fault, ProductId};
use platform::Op;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::service;
use crate::{category::events::CategoryRenamed, inventory, inventory::events::StockSold, search};

/// Recounts what was sold of the products of these SKUs. The sum is taken anew, so running twice changes nothing.
pub async fn count_sold(op: Op, event: StockSold) -> Result<(), Fault> {
    let moved = sku::Entity::find().filter(sku::Column::Id.is_in(event.skus.iter().copied())).all(op.reader()).await?;
    let products: BTreeSet<ProductId> = moved.into_iter().map(|sku| sku.product).collect();
    for id in products {
        let tx = op.begin().await?;
        // The row is locked before the sum is read: of two recounts the later one sees more.
        product::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?;
        let skus = sku::Entity::find().filter(sku::Column::Product.eq(id)).all(&*tx).await?;
        let ids: Vec<_> = skus.into_iter().map(|sku| sku.id).collect();
        let sold = inventory::service::sold_of(&*tx, &ids).await?;
        product::Entity::update_many()
            .col_expr(product::Column::SoldCount, Expr::value(sold))
            .filter(product::Column::Id.eq(id))
            .exec(&*tx)
            .await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Products per transaction when many are indexed anew.
const BATCH: usize = 50;

/// Lets the products of a renamed shelf be found by its new name.
pub async fn reindex(op: Op, event: CategoryRenamed) -> Result<(), Fault> {
    let on_shelf = product_category::Entity::find()
        .filter(product_category::Column::Category.eq(event.category))
        .order_by_asc(product_category::Column::Product)
        .all(op.reader())
        .await?;
    let ids: Vec<ProductId> = on_shelf.into_iter().map(|row| row.product).collect();
    for ids in ids.chunks(BATCH) {
        let tx = op.begin().await?;
        let rows = product::Entity::find()
            .filter(product::Column::Id.is_in(ids.iter().copied()))
            .order_by_asc(product::Column::Id)
            .lock_exclusive()
            .all(&*tx)
            .await?;
        let mut terms = BTreeMap::new();
        for row in rows {
            let draft = service::draft_of(&*tx, &row).await?;
            terms.insert(row.id, service::terms(&*tx, &draft).await?);
        }
        search::service::replace(&tx, &terms).await?;
        tx.commit().await?;
    }
    Ok(())
}
