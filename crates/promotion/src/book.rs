//! What is offered now, as every price looks at it: read once, kept in memory, and read again when its revision changed.
//!
//! A price asks for the revision (one row by its key) instead of for every offer, so it costs the same with one offer
//! and with hundreds. Whoever changes an offer counts the revision up in the same transaction.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwapOption;
use entity::promotion::{
    coupon_template::OfferState, freight_template, pricing_setting, promotion_revision as table, reduction as reductions,
};
use kernel::{Fault, FreightTemplateId, Timestamp};
use platform::{Op, Tx};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use crate::{freight::rules::Template, reduction::rules::Reduction, settings::rules::Settings};

/// The only row there is.
const ONE: i64 = 1;

/// The most reductions that run at once.
pub const MOST_REDUCTIONS: u64 = 1_000;

/// What is offered.
#[derive(Clone, Debug, Default)]
pub struct Book {
    revision: i64,
    reductions: Vec<Arc<Reduction>>,
    /// The freight templates by id.
    pub freight: Arc<BTreeMap<FreightTemplateId, Template>>,
    /// Points, tax, donations, the usual freight.
    pub settings: Arc<Settings>,
}

impl Book {
    /// The reductions that run at a time.
    pub fn reductions(&self, now: Timestamp) -> Vec<Arc<Reduction>> {
        self.reductions.iter().filter(|offer| offer.starts_at <= now && now < offer.ends_at).map(Arc::clone).collect()
    }
}

/// Where a process keeps the book.
#[derive(Default)]
pub struct Shelf(ArcSwapOption<Book>);

/// What is offered now.
pub async fn current(op: &Op) -> Result<Arc<Book>, Fault> {
    let revision = table::Entity::find_by_id(ONE).one(op.reader()).await?.map_or(0, |row| row.revision);
    let shelf = op.port::<Shelf>().ok();
    if let Some(book) = shelf.as_ref().and_then(|shelf| shelf.0.load_full()).filter(|book| book.revision == revision) {
        return Ok(book);
    }
    let book = Arc::new(read(op, revision).await?);
    if let Some(shelf) = shelf {
        shelf.0.store(Some(Arc::clone(&book)));
    }
    Ok(book)
}

/// Counts the revision up, with a change of what is offered.
pub(crate) async fn turn(tx: &Tx) -> Result<(), Fault> {
    table::Entity::update_many()
        .col_expr(table::Column::Revision, Expr::col(table::Column::Revision).add(1))
        .filter(table::Column::Id.eq(ONE))
        .exec(&**tx)
        .await?;
    Ok(())
}

// Read after the revision: what is read may be newer than it, never older, and the next price finds out.
async fn read(op: &Op, revision: i64) -> Result<Book, Fault> {
    let running = reductions::Entity::find()
        .filter(reductions::Column::State.eq(OfferState::Active).and(reductions::Column::EndsAt.gt(op.now())))
        .order_by_asc(reductions::Column::Id)
        .limit(MOST_REDUCTIONS)
        .all(op.reader())
        .await?;
    let freight = freight_template::Entity::find().all(op.reader()).await?;
    let settings = pricing_setting::Entity::find_by_id(ONE).one(op.reader()).await?;
    let freight = freight.into_iter().map(|row| Ok((row.id, serde_json::from_value(row.terms)?)));
    Ok(Book {
        revision,
        reductions: running.into_iter().map(|row| Ok(Arc::new(crate::reduction::service::offer(row)?))).collect::<Result<_, Fault>>()?,
        freight: Arc::new(freight.collect::<Result<_, Fault>>()?),
        settings: Arc::new(settings.map(|row| serde_json::from_value(row.terms)).transpose()?.unwrap_or_default()),
    })
}
