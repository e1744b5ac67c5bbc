//! `job`: background work.

use kernel::{JobId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum JobState {
    /// Waits for `run_at`.
    #[sea_orm(string_value = "READY")]
    Ready,
    /// Somebody is at it until `leased_until`.
    #[sea_orm(string_value = "RUNNING")]
    Running,
    /// Done; kept a while to answer duplicates.
    #[sea_orm(string_value = "DONE")]
    Done,
    /// Failed too often; a person must look.
    #[sea_orm(string_value = "DEAD")]
    Dead,
}

/// A row of `job`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobId,
    /// Which handler does it.
    pub kind: String,
    /// At most one job of a kind has this key.
    pub dedupe: Option<String>,
    /// The job's data.
    pub payload: Json,
    /// Where it stands.
    pub state: JobState,
    /// How often it was begun.
    pub attempts: i64,
    /// Not before.
    pub run_at: Timestamp,
    /// While running: when others may take it over.
    pub leased_until: Option<Timestamp>,
    /// What went wrong the last time.
    pub last_error: Option<String>,
    /// The request that caused it.
    pub request: String,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
