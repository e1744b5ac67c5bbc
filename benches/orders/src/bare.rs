//! The limit: the rows a purchase leaves behind, written by the bare driver.

use std::{collections::BTreeMap, sync::Arc};

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::mall::Mall;

/// What one purchase leaves behind, ready to be written again into tables without keys.
pub struct Bare {
    mall: Arc<Mall>,
    inserts: Vec<Statement>,
    hot: Statement,
    rows: i64,
}

impl Bare {
    /// How many rows each table has.
    pub async fn counts(mall: &Mall) -> BTreeMap<String, i64> {
        let db = mall.platform.db.reader();
        let tables = match db.get_database_backend() {
            DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            _ => "SELECT CAST(table_name AS text) FROM information_schema.tables WHERE table_schema = 'public'",
        };
        let mut counts = BTreeMap::new();
        for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), tables)).await.expect("tables are listed") {
            let name: String = row.try_get_by_index(0).expect("a name");
            let count = Statement::from_string(db.get_database_backend(), format!("SELECT count(*) FROM \"{name}\""));
            let count = db.query_one_raw(count).await.expect("counts").expect("one row");
            counts.insert(name, count.try_get_by_index(0).expect("a number"));
        }
        counts
    }

    /// Of the purchase since `before`.
    pub async fn of(mall: Arc<Mall>, before: &BTreeMap<String, i64>) -> Self {
        let db = mall.platform.db.writer().clone();
        let backend = db.get_database_backend();
        let (mut inserts, mut rows) = (Vec::new(), 0);
        for (table, count) in Self::counts(&mall).await {
            let grown = count - before.get(&table).copied().unwrap_or(0);
            if grown < 1 {
                continue;
            }
            rows += grown;
            for made in [
                format!("CREATE TABLE sample_{table} AS SELECT * FROM \"{table}\" LIMIT {grown}"),
                format!("CREATE TABLE bare_{table} AS SELECT * FROM \"{table}\" LIMIT 0"),
            ] {
                db.execute_unprepared(&made).await.expect("a table can be made");
            }
            inserts.push(Statement::from_string(backend, format!("INSERT INTO bare_{table} SELECT * FROM sample_{table}")));
        }
        db.execute_unprepared("CREATE TABLE bare_hot (id INTEGER PRIMARY KEY, left_over BIGINT)").await.expect("a table can be made");
        db.execute_unprepared("INSERT INTO bare_hot VALUES (1, 1000000000)").await.expect("a row can be written");
        let hot = Statement::from_string(backend, "UPDATE bare_hot SET left_over = left_over - 1 WHERE id = 1 AND left_over > 0");
        Self { mall, inserts, hot, rows }
    }

    /// How many rows a purchase leaves behind.
    pub fn rows(&self) -> i64 {
        self.rows
    }

    /// Writes them, spread over so many transactions; the hot row is updated in the last.
    pub async fn writes(&self, transactions: usize) {
        let share = self.inserts.len().div_ceil(transactions.max(1)).max(1);
        let mut parts = self.inserts.chunks(share).peekable();
        while let Some(part) = parts.next() {
            let tx = self.mall.platform.db.begin().await.expect("begins");
            for insert in part {
                tx.execute_raw(insert.clone()).await.expect("is written");
            }
            if parts.peek().is_none() {
                tx.execute_raw(self.hot.clone()).await.expect("is taken");
            }
            tx.commit().await.expect("is kept");
        }
    }
}
