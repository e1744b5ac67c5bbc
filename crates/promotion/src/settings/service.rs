//! Reading and keeping the settings.

use entity::promotion::{freight_template, pricing_setting as table};
use kernel::{Failure, Fault};
use platform::Op;
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::rules::Settings;
use crate::{EditRefused, book};

/// The settings as they are.
pub async fn get(op: &Op) -> Result<Settings, Fault> {
    Ok(book::current(op).await?.settings.as_ref().clone())
}

/// Keeps new settings, all of them.
pub async fn set(op: &Op, settings: Settings) -> Result<Settings, Failure<EditRefused>> {
    let settings = settings.checked().map_err(|wrong| EditRefused::Terms(wrong.0))?;
    let mut tx = op.begin().await?;
    if let Some(template) = settings.freight
        && freight_template::Entity::find_by_id(template).one(&*tx).await?.is_none()
    {
        return Err(EditRefused::Terms("freightTemplateId").into());
    }
    let row = table::ActiveModel { id: Set(1), terms: Set(serde_json::to_value(&settings)?), updated_at: Set(op.now()) };
    let known = OnConflict::column(table::Column::Id).update_columns([table::Column::Terms, table::Column::UpdatedAt]).to_owned();
    table::Entity::insert(row).on_conflict(known).exec_without_returning(&*tx).await?;
    book::turn(&mut tx);
    tx.commit().await?;
    Ok(settings)
}
