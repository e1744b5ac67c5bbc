//! How often something was changed: who keeps it in memory reads it again when its number has moved.
//!
//! Whoever changes it counts its number up with the change ([`crate::Tx::revise`]). Whoever keeps it reads the numbers
//! first, all in one statement, and what is missing after them: so what is kept may be newer than its number, never older,
//! and the next look finds out.

use std::collections::{BTreeSet, HashMap};

use entity::platform::revision as table;
use kernel::Fault;
use sea_orm::{
    ActiveValue::Set,
    DatabaseTransaction, EntityTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{Op, rows};

/// The numbers of everything that is counted, at one moment.
#[derive(Clone, Debug, Default)]
pub struct Revisions(HashMap<String, i64>);

impl Revisions {
    /// How often this was changed.
    pub fn of(&self, name: &str) -> i64 {
        self.0.get(name).copied().unwrap_or(0)
    }
}

/// How often everything was changed by now.
pub async fn current(op: &Op) -> Result<Revisions, Fault> {
    let rows = table::Entity::find().all(op.reader()).await?;
    Ok(Revisions(rows.into_iter().map(|row| (row.name, row.number)).collect()))
}

/// Counts these up, in the order of their names.
pub(crate) async fn count(tx: &DatabaseTransaction, names: BTreeSet<&'static str>) -> Result<(), Fault> {
    let rows = names.into_iter().map(|name| table::ActiveModel { name: Set(name.to_owned()), number: Set(1) });
    let more = OnConflict::column(table::Column::Name)
        .value(table::Column::Number, Expr::col((table::Entity, table::Column::Number)).add(1))
        .to_owned();
    rows::insert_or(tx, (rows, more)).await?;
    Ok(())
}
