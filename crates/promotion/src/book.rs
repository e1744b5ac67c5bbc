//! What is offered now, as every price looks at it: read once, kept in memory, and read again when its revision changed.
//!
//! A price asks for the revision instead of for every offer, so it costs the same with one offer and with hundreds. Whoever
//! changes an offer counts the revision up in the same transaction.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwapOption;
use entity::promotion::{
    coupon_template::OfferState, freight_template, member_level, pricing_setting, reduction as reductions, time_discount,
};
use kernel::{Fault, FreightTemplateId, Timestamp};
use platform::{
    Op, Tx,
    revision::{self, Revisions},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};

use crate::{freight::rules::Template, reduction::rules::Reduction, settings::rules::Settings};

/// What the changes of what is offered are counted under.
const PROMOTION: &str = "promotion";

/// The only row of the settings.
const ONE: i64 = 1;

/// The most reductions that run at once.
pub const MOST_REDUCTIONS: u64 = 1_000;

/// What is offered.
#[derive(Clone, Debug, Default)]
pub struct Book {
    revision: i64,
    reductions: Vec<Arc<Reduction>>,
    time_discounts_end: Option<Timestamp>,
    /// Whether there are levels of members.
    pub levels: bool,
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

    /// Whether anything may be discounted for a while at a time; which SKUs are is looked up.
    pub fn time_discounts(&self, now: Timestamp) -> bool {
        self.time_discounts_end.is_some_and(|end| now < end)
    }
}

/// Where a process keeps the book.
#[derive(Default)]
pub struct Shelf(ArcSwapOption<Book>);

/// What is offered now.
pub async fn current(op: &Op) -> Result<Arc<Book>, Fault> {
    at(op, &revision::current(op).await?).await
}

/// What is offered at revisions that were just read.
pub async fn at(op: &Op, revisions: &Revisions) -> Result<Arc<Book>, Fault> {
    let revision = revisions.of(PROMOTION);
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

/// Counts a change of what is offered.
pub(crate) fn turn(tx: &mut Tx) {
    tx.revise(PROMOTION);
}

// Read after the revision: what is read may be newer than it, never older, and the next price finds out.
async fn read(op: &Op, revision: i64) -> Result<Book, Fault> {
    let running = reductions::Entity::find()
        .filter(reductions::Column::State.eq(OfferState::Active).and(reductions::Column::EndsAt.gt(op.now())))
        .order_by_asc(reductions::Column::Id)
        .limit(MOST_REDUCTIONS)
        .all(op.reader())
        .await?;
    let discounts = time_discount::Entity::find().filter(time_discount::Column::State.eq(OfferState::Active));
    let last = discounts.order_by_desc(time_discount::Column::EndsAt).limit(1).one(op.reader()).await?;
    let levels = member_level::Entity::find().count(op.reader()).await?;
    let freight = freight_template::Entity::find().all(op.reader()).await?;
    let settings = pricing_setting::Entity::find_by_id(ONE).one(op.reader()).await?;
    let freight = freight.into_iter().map(|row| Ok((row.id, serde_json::from_value(row.terms)?)));
    Ok(Book {
        revision,
        reductions: running.into_iter().map(|row| Ok(Arc::new(crate::reduction::service::offer(row)?))).collect::<Result<_, Fault>>()?,
        time_discounts_end: last.map(|last| last.ends_at),
        levels: levels > 0,
        freight: Arc::new(freight.collect::<Result<_, Fault>>()?),
        settings: Arc::new(settings.map(|row| serde_json::from_value(row.terms)).transpose()?.unwrap_or_default()),
    })
}
