//! What staff watch of the sales.

use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use kernel::{Permission, Timestamp};
use platform::{
    graphql::{Access, ContextExt, Long, MoneyObject, live},
    live::Live,
};

use super::query::{self, Figures};

/// What was sold in one currency.
#[derive(SimpleObject)]
pub struct SalesFigures {
    /// Orders paid.
    orders: Long,
    /// What was paid for them.
    paid: MoneyObject,
    /// What of it went back since.
    refunded: MoneyObject,
}

/// The day's figures: now, then whenever they are others, once a second at most.
#[derive(SimpleObject)]
pub struct SalesToday {
    /// Resumes behind these figures: pass it as `after`.
    cursor: String,
    /// Whether the figures between `after` and these can not be told any more.
    gap: bool,
    /// The server's time when they were told.
    server_time: Timestamp,
    /// When the day began.
    since: Timestamp,
    /// When it ends; then the figures begin anew.
    until: Timestamp,
    /// What was sold, by currency; nothing when nothing was.
    sold: Vec<SalesFigures>,
}

impl From<Live<Arc<Figures>>> for SalesToday {
    fn from(Live { cursor, gap, server_time, value }: Live<Arc<Figures>>) -> Self {
        let sold = value.sold.iter().map(|sold| SalesFigures {
            orders: Long(sold.orders),
            paid: sold.paid.into(),
            refunded: sold.refunded.into(),
        });
        Self { cursor, gap, server_time, since: value.since, until: value.until, sold: sold.collect() }
    }
}

/// What staff watch of the sales.
#[derive(Default)]
pub struct SalesAdminSubscription;

#[Subscription]
impl SalesAdminSubscription {
    /// What was paid for and refunded of the orders paid today: now, then whenever it changes.
    #[graphql(guard = "Access::Staff(Permission::OrderRead)")]
    async fn sales_today(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many minutes east of Greenwich the day begins; 480 is China.", default = 480)] utc_offset_minutes: i32,
        #[graphql(desc = "The last cursor that was seen.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<SalesToday>> + use<>> {
        let figures = live(ctx, query::watch_today(ctx.op()?, utc_offset_minutes, after).await)?;
        Ok(figures.map(|frame| frame.map(SalesToday::from)))
    }
}
