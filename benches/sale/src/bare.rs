//! The limit: the rows a batch leaves behind, written by the bare driver.
//!
//! The rows of one real batch are kept as a sample. A bare batch writes them again, with keys of its own, into copies of the
//! tables that have the same keys, checks and indexes: one statement per table, the hot row locked first, one commit.

use std::time::Instant;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{SaleId, mall::Mall, score::Score};

/// The tables a batch writes, and what of a row is another for each order: ids, and texts that are unique.
const WRITTEN: [(&str, &[&str], &[&str]); 8] = [
    ("flash_sale_customer", &["customer"], &[]),
    ("flash_sale_purchase", &["pass", "order_id", "customer"], &[]),
    ("trade_order", &["id", "quote", "customer"], &["order_no"]),
    ("trade_order_line", &["id", "order_id"], &[]),
    ("trade_order_event", &["id", "order_id"], &[]),
    ("stock_reservation", &["order_id"], &[]),
    ("outbox", &["event"], &[]),
    ("flash_sale_item", &[], &[]),
];

/// The bare writer.
pub struct Bare<'a> {
    mall: &'a Mall,
    batch: usize,
    inserts: Vec<Statement>,
    hot: Vec<Statement>,
    rows: usize,
}

impl<'a> Bare<'a> {
    /// Lets one real batch be written and keeps its rows.
    pub async fn of(mall: &'a Mall, (sale, batch): (SaleId, usize)) -> Self {
        let db = mall.platform.db.writer();
        let backend = db.get_database_backend();
        let desk = std::sync::Arc::new(campaign::flash_sale::desk::Desk::new(crate::open_door(None)));
        crate::show(mall, (&[desk], mall.passes(&[sale], batch)), (batch, crate::accepted)).await;
        let random = if backend == DbBackend::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
        let text = if backend == DbBackend::Sqlite { "hex(randomblob(12))" } else { "CAST(gen_random_uuid() AS text)" };
        let (mut inserts, mut rows) = (Vec::new(), 0);
        for (table, ids, texts) in WRITTEN {
            let columns = columns(mall, table).await;
            make_copy(mall, table).await;
            if table == "flash_sale_item" {
                let all = columns.join(", ");
                run(mall, &format!("INSERT INTO bare_{table} ({all}) SELECT {all} FROM {table} LIMIT 1")).await;
                continue;
            }
            run(mall, &format!("CREATE TABLE sample_{table} AS SELECT * FROM {table} LIMIT {}", rows_of(table, batch))).await;
            rows += rows_of(table, batch);
            // The number of an outbox row is the database's to give.
            let named: Vec<&String> = columns.iter().filter(|column| !(table == "outbox" && column.as_str() == "position")).collect();
            let made: Vec<&str> = named
                .iter()
                .map(|column| match column.as_str() {
                    known if ids.contains(&known) => random,
                    known if texts.contains(&known) => text,
                    known => known,
                })
                .collect();
            let names = named.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
            let insert = format!("INSERT INTO bare_{table} ({names}) SELECT {} FROM sample_{table}", made.join(", "));
            inserts.push(Statement::from_string(backend, insert));
        }
        let size = i64::try_from(batch).expect("a number");
        let lock = if backend == DbBackend::Sqlite { "" } else { " FOR UPDATE" };
        let take = format!(
            "UPDATE bare_flash_sale_item SET available = available - {size}, reserved = reserved + {size} WHERE available >= {size}"
        );
        let hot = [format!("SELECT available FROM bare_flash_sale_item{lock}"), take];
        Self { mall, batch, inserts, hot: hot.into_iter().map(|sql| Statement::from_string(backend, sql)).collect(), rows }
    }

    /// How many rows an order leaves behind.
    pub fn rows(&self) -> usize {
        self.rows.div_ceil(self.batch)
    }

    /// Writes so many orders in batches.
    pub async fn writes(&self, orders: usize) -> Score {
        let batches = orders.div_ceil(self.batch);
        let began = Instant::now();
        for _ in 0..batches {
            let tx = self.mall.platform.db.begin().await.expect("begins");
            for statement in self.hot.iter().chain(&self.inserts) {
                tx.execute_raw(statement.clone()).await.expect("is written");
            }
            tx.commit().await.expect("is kept");
        }
        Score::rate(batches * self.batch, began.elapsed())
    }
}

/// A fact for each order, one for the batch.
fn rows_of(table: &str, batch: usize) -> usize {
    if table == "outbox" { batch + 1 } else { batch }
}

/// Runs SQL.
pub async fn run(mall: &Mall, sql: &str) {
    mall.platform.db.writer().execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn texts(mall: &Mall, sql: String) -> Vec<String> {
    let db = mall.platform.db.writer();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("reads");
    rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
}

/// The columns of a table.
pub async fn columns(mall: &Mall, table: &str) -> Vec<String> {
    let sql = match mall.platform.db.backend() {
        DbBackend::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
        _ => format!(
            "SELECT CAST(column_name AS text) FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
        ),
    };
    texts(mall, sql).await
}

/// A table like the real one: keys, checks, indexes; no foreign keys.
pub async fn make_copy(mall: &Mall, table: &str) {
    if mall.platform.db.backend() != DbBackend::Sqlite {
        return run(mall, &format!("CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")).await;
    }
    let made =
        texts(mall, format!("SELECT sql FROM sqlite_master WHERE tbl_name = '{table}' AND sql IS NOT NULL ORDER BY type DESC")).await;
    for sql in made {
        let words: Vec<&str> = sql.split_whitespace().collect();
        let mut copy = String::new();
        let mut skip = 0;
        for (n, word) in words.iter().enumerate() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            // CONSTRAINT name REFERENCES other (id)
            if *word == "CONSTRAINT" && words.get(n + 2) == Some(&"REFERENCES") {
                skip = 4;
                if words.get(n + 4).is_some_and(|end| end.ends_with(',')) {
                    copy.push(',');
                }
                continue;
            }
            copy.push(' ');
            copy.push_str(word);
        }
        let copy = copy.trim().replace(&format!("TABLE {table} "), &format!("TABLE bare_{table} "));
        let copy = copy.replace(&format!("TABLE \"{table}\" "), &format!("TABLE bare_{table} "));
        let copy = copy.replace(&format!(" ON {table} "), &format!(" ON bare_{table} "));
        let copy = copy.replacen("INDEX ", "INDEX bare_", 1);
        run(mall, &copy).await;
    }
}
