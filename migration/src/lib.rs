//! The history of the database: one file per change, portable DDL, named constraints (their names map to refusals).
//!
//! A change is one SQL text for both backends. Words in capitals stand for what the backends spell differently:
//! `UUID`, `JSON`, `BYTES` and `SERIAL_KEY` (a primary key the database counts up).

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::{MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

mod m0001_platform;
mod m0002_live_event;
mod m0003_work_part;
mod m0010_customer;
mod m0011_staff;
mod m0012_session;
mod m0013_address;
mod m0020_catalog;
mod m0021_sku_parcel;
mod m0023_sku_return_rule;
mod m0024_virtual_product;
mod m0025_coupon;
mod m0026_reduction;
mod m0027_freight;
mod m0030_cart;
mod m0031_order;
mod m0032_payment;
mod m0033_quote_from_cart;
mod m0034_order_delivery;
mod m0035_fulfilment;
mod m0036_withdrawal;
mod m0037_refund_line;
mod m0038_after_sale;
mod m0039_complaint;
mod m0040_payment_request;
mod m0043_quote_inputs;
mod m0045_ledger;
mod m0046_ledger_account;
mod m0047_wallet;
mod m0048_points;
mod m0049_reconciliation;
mod m0050_group_buy;
mod m0051_group_buy_city;
mod m0052_bargain;
mod m0055_stock_allotment;
mod m0056_flash_sale;
mod m0059_presale;
mod m0062_crowdfunding;
mod m0065_play_sku;
mod m0066_price_span;
mod m0070_market_price_base;
mod m0073_presale_reminder;
mod m0076_revision;
mod m0077_order_upkeep;
mod m0078_time_discount_ended;
mod m0079_time_discount_limits;

/// Every change, oldest first. A capability's numbers stay together, so the order is by name within a context.
const CHANGES: &[Change] = &[
    Change { name: "m0001_platform", sql: m0001_platform::SQL },
    Change { name: "m0002_live_event", sql: m0002_live_event::SQL },
    Change { name: "m0003_work_part", sql: m0003_work_part::SQL },
    Change { name: "m0010_customer", sql: m0010_customer::SQL },
    Change { name: "m0011_staff", sql: m0011_staff::SQL },
    Change { name: "m0012_session", sql: m0012_session::SQL },
    Change { name: "m0013_address", sql: m0013_address::SQL },
    Change { name: "m0020_catalog", sql: m0020_catalog::SQL },
    Change { name: "m0021_sku_parcel", sql: m0021_sku_parcel::SQL },
    Change { name: "m0023_sku_return_rule", sql: m0023_sku_return_rule::SQL },
    Change { name: "m0024_virtual_product", sql: m0024_virtual_product::SQL },
    Change { name: "m0025_coupon", sql: m0025_coupon::SQL },
    Change { name: "m0026_reduction", sql: m0026_reduction::SQL },
    Change { name: "m0027_freight", sql: m0027_freight::SQL },
    Change { name: "m0030_cart", sql: m0030_cart::SQL },
    Change { name: "m0031_order", sql: m0031_order::SQL },
    Change { name: "m0032_payment", sql: m0032_payment::SQL },
    Change { name: "m0033_quote_from_cart", sql: m0033_quote_from_cart::SQL },
    Change { name: "m0034_order_delivery", sql: m0034_order_delivery::SQL },
    Change { name: "m0035_fulfilment", sql: m0035_fulfilment::SQL },
    Change { name: "m0036_withdrawal", sql: m0036_withdrawal::SQL },
    Change { name: "m0037_refund_line", sql: m0037_refund_line::SQL },
    Change { name: "m0038_after_sale", sql: m0038_after_sale::SQL },
    Change { name: "m0039_complaint", sql: m0039_complaint::SQL },
    Change { name: "m0040_payment_request", sql: m0040_payment_request::SQL },
    Change { name: "m0043_quote_inputs", sql: m0043_quote_inputs::SQL },
    Change { name: "m0045_ledger", sql: m0045_ledger::SQL },
    Change { name: "m0046_ledger_account", sql: m0046_ledger_account::SQL },
    Change { name: "m0047_wallet", sql: m0047_wallet::SQL },
    Change { name: "m0048_points", sql: m0048_points::SQL },
    Change { name: "m0049_reconciliation", sql: m0049_reconciliation::SQL },
    Change { name: "m0050_group_buy", sql: m0050_group_buy::SQL },
    Change { name: "m0051_group_buy_city", sql: m0051_group_buy_city::SQL },
    Change { name: "m0052_bargain", sql: m0052_bargain::SQL },
    Change { name: "m0055_stock_allotment", sql: m0055_stock_allotment::SQL },
    Change { name: "m0056_flash_sale", sql: m0056_flash_sale::SQL },
    Change { name: "m0059_presale", sql: m0059_presale::SQL },
    Change { name: "m0062_crowdfunding", sql: m0062_crowdfunding::SQL },
    Change { name: "m0065_play_sku", sql: m0065_play_sku::SQL },
    Change { name: "m0066_price_span", sql: m0066_price_span::SQL },
    Change { name: "m0070_market_price_base", sql: m0070_market_price_base::SQL },
    Change { name: "m0073_presale_reminder", sql: m0073_presale_reminder::SQL },
    Change { name: "m0076_revision", sql: m0076_revision::SQL },
    Change { name: "m0077_order_upkeep", sql: m0077_order_upkeep::SQL },
    Change { name: "m0078_time_discount_ended", sql: m0078_time_discount_ended::SQL },
    Change { name: "m0079_time_discount_limits", sql: m0079_time_discount_limits::SQL },
];

/// One change of the schema.
#[derive(Clone, Copy)]
struct Change {
    name: &'static str,
    sql: &'static str,
}

impl MigrationName for Change {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Change {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in portable(self.sql, manager.get_database_backend()).split(";\n").map(str::trim).filter(|s| !s.is_empty()) {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the schema only moves forward; restore a backup instead".to_owned()))
    }
}

/// Spells the words in capitals for one backend.
fn portable(sql: &str, backend: DbBackend) -> String {
    let spelling: [(&str, &str); 4] = match backend {
        DbBackend::Sqlite => {
            [(" UUID", " blob"), (" JSON", " json_text"), (" BYTES", " blob"), (" SERIAL_KEY", " INTEGER PRIMARY KEY AUTOINCREMENT")]
        }
        _ => [
            (" UUID", " uuid"),
            (" JSON", " jsonb"),
            (" BYTES", " bytea"),
            (" SERIAL_KEY", " bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
        ],
    };
    spelling.into_iter().fold(sql.to_owned(), |sql, (word, spelt)| sql.replace(word, spelt))
}

/// Brings a database up to date.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        CHANGES.iter().map(|change| Box::new(*change) as Box<dyn MigrationTrait>).collect()
    }
}
