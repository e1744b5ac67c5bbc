//! Rows written together are the rows that are read, on either database.

use entity::platform::{job, revision};
use kernel::{JobId, Timestamp};
use proptest::prelude::*;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use crate::{rows, testing::TestPlatform};

/// Request, dedupe key, moment, lease and error of a job.
type Said = (String, Option<String>, i64, Option<i64>, Option<String>);

fn jobs() -> impl Strategy<Value = Vec<job::Model>> {
    let text = || "[^\\x00]{0,12}";
    let row = (text(), proptest::option::of(text()), any::<i64>(), proptest::option::of(any::<i64>()), proptest::option::of(text()));
    proptest::collection::vec(row, 0..40).prop_map(|rows| {
        let made = |(n, (request, dedupe, at, until, error)): (usize, Said)| job::Model {
            id: JobId(Uuid::from_u128(n as u128)),
            kind: "test.rows".to_owned(),
            dedupe: dedupe.map(|text| format!("{n} {text}")),
            payload: serde_json::json!({ "said": request, "until": until, "nested": [error, { "\"": "{}," }] }),
            state: if at % 2 == 0 { job::JobState::Ready } else { job::JobState::Done },
            attempts: at,
            run_at: Timestamp(at),
            leased_until: until.map(Timestamp),
            last_error: error,
            request,
            created_at: Timestamp(at),
            finished_at: None,
        };
        rows.into_iter().enumerate().map(made).collect()
    })
}

#[test]
fn what_is_written_together_is_read_again() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let test = runtime.block_on(TestPlatform::open(|_| {}));
    let db = test.platform.db.writer();
    proptest!(ProptestConfig::with_cases(40), |(written in jobs())| runtime.block_on(async {
        job::Entity::delete_many().exec(db).await.expect("is empty");
        let count = rows::insert(db, written.iter().cloned().map(IntoActiveModel::into_active_model)).await.expect("is written");
        prop_assert_eq!(count, written.len() as u64);
        let all = rows::one_of(db, job::Column::Id, written.iter().map(|row| row.id));
        let read = job::Entity::find().filter(all).order_by_asc(job::Column::Id).all(db).await.expect("reads");
        prop_assert_eq!(read, written);
        Ok(())
    })?);
}

#[tokio::test]
async fn who_says_nothing_says_null_and_a_column_nobody_names_is_the_databases() {
    let test = TestPlatform::open(|_| {}).await;
    let db = test.platform.db.writer();
    let said = |n: u128, error| job::ActiveModel {
        id: Set(JobId(Uuid::from_u128(n))),
        kind: Set("test.rows".to_owned()),
        payload: Set(serde_json::Value::Null),
        state: Set(job::JobState::Ready),
        attempts: Set(0),
        run_at: Set(Timestamp(0)),
        last_error: error,
        request: Set(String::new()),
        created_at: Set(Timestamp(0)),
        ..Default::default()
    };
    rows::insert(db, [said(1, NotSet), said(2, Set(Some("why".to_owned())))]).await.expect("is written");
    let read = job::Entity::find().filter(job::Column::Kind.eq("test.rows")).order_by_asc(job::Column::Id).all(db).await.expect("reads");
    let errors: Vec<Option<&str>> = read.iter().map(|row| row.last_error.as_deref()).collect();
    assert_eq!(errors, [None, Some("why")]);
    assert_eq!(read[0].dedupe, None);
}

#[tokio::test]
async fn a_row_that_is_there_is_changed_and_told() {
    let test = TestPlatform::open(|_| {}).await;
    let db = test.platform.db.writer();
    let counted = |name: &str| revision::ActiveModel { name: Set(name.to_owned()), number: Set(1) };
    let more = OnConflict::column(revision::Column::Name)
        .value(revision::Column::Number, Expr::col((revision::Entity, revision::Column::Number)).add(1))
        .to_owned();
    rows::insert(db, [counted("old")]).await.expect("is written");
    let told = rows::insert_or_returning(db, ([counted("new"), counted("old")], more.clone())).await.expect("is written");
    let mut told: Vec<(String, i64)> = told.into_iter().map(|row| (row.name, row.number)).collect();
    told.sort();
    assert_eq!(told, [("new".to_owned(), 1), ("old".to_owned(), 2)]);
    assert!(rows::insert_or_returning(db, (Vec::<revision::ActiveModel>::new(), more)).await.expect("nothing to do").is_empty());
}
