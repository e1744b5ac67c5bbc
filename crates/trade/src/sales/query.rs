//! The figures.

use std::sync::Arc;

use entity::trade::trade_order;
use futures_util::Stream;
use kernel::{Currency, Failure, Fault, Money, Timestamp};
use platform::{
    Op,
    aggregate::{Aggregate, aggregate},
    live::{Live, LiveRefused},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};

use super::rules;
use crate::order::events::feed;

/// A day's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// When the day began.
    pub since: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// What was sold, by currency.
    pub sold: Vec<Sold>,
}

/// What was sold in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sold {
    /// Orders paid.
    pub orders: i64,
    /// What was paid for them.
    pub paid: Money,
    /// What of it went back.
    pub refunded: Money,
}

/// Watches the figures of the day, so many minutes east of Greenwich.
pub async fn watch_today(
    op: &Op,
    offset_minutes: i32,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Arc<Figures>>, Fault>> + use<>, Failure<LiveRefused>> {
    let offset = offset_minutes.clamp(-rules::MOST_OFFSET, rules::MOST_OFFSET);
    let of = Aggregate { name: "trade.sales_today", variables: offset.to_string(), topic: feed() };
    let load = move |op: Op| async move { today(&op, offset).await };
    aggregate(op, of, after, (load, |figures: &Figures| Some(figures.until))).await
}

async fn today(op: &Op, offset_minutes: i32) -> Result<Figures, Fault> {
    let (since, until) = rules::day(op.now(), offset_minutes);
    // Postgres sums BIGINTs to NUMERICs.
    let sum = |column: trade_order::Column| column.sum().cast_as("BIGINT");
    let rows: Vec<(Currency, i64, i64, i64)> = trade_order::Entity::find()
        .select_only()
        .column(trade_order::Column::Currency)
        .column_as(trade_order::Column::Id.count(), "orders")
        .column_as(sum(trade_order::Column::TotalMinor), "paid")
        .column_as(sum(trade_order::Column::RefundedMinor), "refunded")
        .filter(trade_order::Column::PaidAt.gte(since))
        .filter(trade_order::Column::PaidAt.lt(until))
        .group_by(trade_order::Column::Currency)
        .order_by_asc(trade_order::Column::Currency)
        .into_tuple()
        .all(op.reader())
        .await?;
    let sold = rows.into_iter().map(|(currency, orders, paid, refunded)| Sold {
        orders,
        paid: Money::new(paid, currency),
        refunded: Money::new(refunded, currency),
    });
    Ok(Figures { since, until, sold: sold.collect() })
}
