//! Forgetting promises nobody redeemed.

use entity::trade::quote as table;
use kernel::{Fault, days};
use platform::Op;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::ExprTrait};

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
