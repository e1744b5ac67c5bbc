//! The merchant's terms: one row, or the default.

use entity::trade::after_sale_policy as table;
use kernel::{Failure, Fault};
use platform::Op;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};

use super::{Refused, rules::Policy};

/// The terms now.
pub async fn current(db: &impl ConnectionTrait) -> Result<Policy, Fault> {
    match table::Entity::find_by_id(1).one(db).await? {
        Some(row) => Ok(serde_json::from_value(row.policy)?),
        None => Ok(Policy::default()),
    }
}

/// Sets the terms. Deadlines that run keep their time.
pub async fn set(op: &Op, policy: Policy) -> Result<Policy, Failure<Refused>> {
    let policy = policy.checked().map_err(Refused::from)?;
    let row = table::ActiveModel {
        id: Set(1),
        policy: Set(serde_json::to_value(&policy)?),
        updated_by: Set(op.actor.to_string()),
        updated_at: Set(op.now()),
    };
    let newer = OnConflict::column(table::Column::Id)
        .update_columns([table::Column::Policy, table::Column::UpdatedBy, table::Column::UpdatedAt])
        .to_owned();
    let tx = op.begin().await?;
    table::Entity::insert(row).on_conflict(newer).exec_without_returning(&*tx).await?;
    tx.commit().await?;
    Ok(policy)
}
