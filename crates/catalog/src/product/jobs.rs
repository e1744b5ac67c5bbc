//! Projections, recounted whenever what they are made of moved.

use std::collections::BTreeMap;

use entity::catalog::{product, product_category, sku};
use kernel::{Fault, ProductId};
use platform::Op;
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};

use super::service;
use crate::{category::events::CategoryRenamed, inventory, inventory::events::StockSold, search};

/// Recounts what was sold of the products of these SKUs. The sum is taken anew, so running twice changes nothing.
pub async fn count_sold(op: Op, event: StockSold) -> Result<(), Fault> {
    let skus = || Query::select().from(sku::Entity).to_owned();
    let moved = skus().column(sku::Column::Product).and_where(sku::Column::Id.is_in(event.skus)).to_owned();
    let tx = op.begin().await?;
    // The rows are locked before the sums are read: of two recounts the later one sees more.
    let locked = product::Entity::find()
        .select_only()
        .column(product::Column::Id)
        .filter(product::Column::Id.in_subquery(moved))
        .order_by_asc(product::Column::Id)
        .lock_exclusive();
    let products: Vec<ProductId> = locked.into_tuple().all(&*tx).await?;
    let its_skus = Expr::col((sku::Entity, sku::Column::Product)).equals((product::Entity, product::Column::Id));
    let sold = inventory::service::sold_of(skus().column(sku::Column::Id).and_where(its_skus).to_owned());
    product::Entity::update_many()
        .col_expr(product::Column::SoldCount, sold)
        .filter(product::Column::Id.is_in(products))
        .exec(&*tx)
        .await?;
    tx.commit().await
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
