//! Long work in parts: a part that is done stays done, so that work which was cut off goes on where it stopped.

use std::collections::BTreeSet;

use entity::platform::work_part as table;
use kernel::Fault;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use crate::Op;

/// The parts of a piece of work that are done.
pub async fn done(op: &Op, work: &str) -> Result<BTreeSet<String>, Fault> {
    let rows = table::Entity::find().filter(table::Column::Work.eq(work)).all(op.platform.db.writer()).await?;
    Ok(rows.into_iter().map(|row| row.part).collect())
}

/// A part is done. Twice is once.
pub async fn mark(op: &Op, (work, part): (&str, &str)) -> Result<(), Fault> {
    let row = table::ActiveModel { work: Set(work.to_owned()), part: Set(part.to_owned()), done_at: Set(op.now()) };
    let once = OnConflict::columns([table::Column::Work, table::Column::Part]).do_nothing().to_owned();
    let tx = op.begin().await?;
    table::Entity::insert(row).on_conflict(once).exec_without_returning(&*tx).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestPlatform;

    #[tokio::test]
    async fn a_part_that_is_done_stays_done() {
        let test = TestPlatform::open(|_| {}).await;
        let op = test.platform.system("test");
        assert!(done(&op, "filling").await.expect("reads").is_empty());
        for part in ["goods", "people", "goods"] {
            mark(&op, ("filling", part)).await.expect("is marked");
        }
        let later = test.another().await.system("test");
        let known: Vec<String> = done(&later, "filling").await.expect("reads").into_iter().collect();
        assert_eq!(known, ["goods", "people"]);
        assert!(done(&later, "sweeping").await.expect("reads").is_empty());
    }
}
