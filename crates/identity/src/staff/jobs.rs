//! What keeps the tables small.

use entity::identity::sign_in_attempt as table;
use kernel::{Fault, days};
use platform::Op;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

/// Forgets failures of yesterday and before: no lock lasts longer than a day.
pub(super) async fn forget_attempts(op: Op) -> Result<(), Fault> {
    let old = table::Column::LastAt.lt(op.now() - days(1));
    if table::Entity::find().filter(old.clone()).limit(1).one(op.reader()).await?.is_none() {
        return Ok(());
    }
    let tx = op.begin().await?;
    table::Entity::delete_many().filter(old).exec(&*tx).await?;
    tx.commit().await
}
