//! What keeps the tables small.

use entity::identity::{refresh_token, session};
use kernel::{Fault, days};
use platform::Op;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};

/// Deletes sessions that ended a month ago, with their tokens, and refresh tokens past their time. (Whoever comes with
/// a forgotten token is refused as with any unknown one.)
pub(super) async fn forget_ended(op: Op) -> Result<(), Fault> {
    let (now, month_ago) = (op.now(), op.now() - days(30));
    let ended = Condition::any().add(session::Column::ExpiresAt.lt(month_ago)).add(session::Column::RevokedAt.lt(month_ago));
    let some = |n: usize| n > 0;
    let sessions = session::Entity::find().select_only().column(session::Column::Id).filter(ended.clone()).limit(1);
    let tokens = refresh_token::Entity::find().select_only().column(refresh_token::Column::Hash);
    let tokens = tokens.filter(refresh_token::Column::ExpiresAt.lt(now)).limit(1);
    let due = some(sessions.into_tuple::<kernel::SessionId>().all(op.reader()).await?.len())
        || some(tokens.into_tuple::<String>().all(op.reader()).await?.len());
    if !due {
        return Ok(());
    }
    let tx = op.begin().await?;
    session::Entity::delete_many().filter(ended).exec(&*tx).await?;
    refresh_token::Entity::delete_many().filter(refresh_token::Column::ExpiresAt.lt(now)).exec(&*tx).await?;
    tx.commit().await
}
