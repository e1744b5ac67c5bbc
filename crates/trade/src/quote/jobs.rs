//! Forgetting promises nobody redeemed, and telling coupons what became of orders.

use entity::trade::quote as table;
use kernel::{Fault, days};
use platform::Op;
use promotion::coupon::{
    rules::Extent,
    service::{self as coupons, Occasion, Refunded},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::ExprTrait};

use crate::order::events::{OrderPaid, OrderRefunded};

/// Deletes unused quotes a day after they expired.
pub(super) async fn forget(op: Op) -> Result<(), Fault> {
    let old = || table::Column::ExpiresAt.lt(op.now() - days(1)).and(table::Column::UsedBy.is_null());
    if table::Entity::find().filter(old()).limit(1).one(op.reader()).await?.is_none() {
        return Ok(());
    }
    let tx = op.begin().await?;
    table::Entity::delete_many().filter(old()).exec(&*tx).await?;
    tx.commit().await
}

/// Who paid an order gets the coupons that are given for it, once per order.
pub(super) async fn give_coupons(op: Op, event: OrderPaid) -> Result<(), Fault> {
    coupons::grant(&op, (Occasion::OrderPaid, event.customer), &format!("order:{}", event.order)).await
}

/// Money of an order is back: its coupons come back as far as their rule says.
pub(super) async fn return_coupons(op: Op, event: OrderRefunded) -> Result<(), Fault> {
    let extent = if event.full { Extent::Whole } else { Extent::Part };
    let mut tx = op.begin().await?;
    coupons::refunded(&mut tx, &op, Refunded { order: event.order, extent }).await?;
    tx.commit().await
}
