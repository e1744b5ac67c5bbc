//! What happens to coupons by itself.

use entity::promotion::coupon::{self as table, CouponState};
use identity::customer::events::CustomerRegistered;
use kernel::{CouponId, Fault};
use platform::Op;
use sea_orm::{
    ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::service::{self, Occasion};

/// Who signs in for the first time gets what is given for that.
pub(super) async fn registered(op: Op, event: CustomerRegistered) -> Result<(), Fault> {
    service::grant(&op, (Occasion::Registered, event.customer), "registered").await
}

/// Coupons whose time is over say so. They could not be used any more before either.
pub(super) async fn expire(op: Op) -> Result<(), Fault> {
    loop {
        let over = || table::Column::State.eq(CouponState::Available).and(table::Column::ValidUntil.lte(op.now()));
        let due: Vec<CouponId> =
            table::Entity::find().select_only().column(table::Column::Id).filter(over()).limit(500).into_tuple().all(op.reader()).await?;
        if due.is_empty() {
            return Ok(());
        }
        let tx = op.begin().await?;
        table::Entity::update_many()
            .col_expr(table::Column::State, Expr::value(CouponState::Expired.to_value()))
            .col_expr(table::Column::UpdatedAt, Expr::value(op.now().0))
            .filter(over().and(table::Column::Id.is_in(due)))
            .exec(&*tx)
            .await?;
        tx.commit().await?;
    }
}
