//! Reading cases: lists, pieces, timelines, and watching them.

use std::collections::HashMap;

use entity::trade::{after_sale as table, after_sale_event as event};
use futures_util::Stream;
use kernel::{AfterSaleId, CustomerId, Failure, Fault, MediaId, OrderId, Page, PageRequest, Timestamp};
use platform::{
    Op,
    live::{self, Heard, Live, LiveRefused},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};

use super::{
    Refused,
    events::{feed, topic},
    rules::State,
    service,
    store::{self, Case, CaseLine},
};

/// Which cases are wanted.
#[derive(Clone, Debug, Default)]
pub struct CaseFilter {
    /// Whose; everybody's for staff.
    pub customer: Option<CustomerId>,
    /// Of which order.
    pub order: Option<OrderId>,
    /// In one of these states.
    pub states: Option<Vec<State>>,
    /// Where something happens by itself before then; the most urgent first.
    pub due_before: Option<Timestamp>,
}

/// Cases, the newest first, or those that are due by their deadline.
pub async fn list(op: &Op, filter: CaseFilter, page: PageRequest) -> Result<Page<Case>, Failure<Refused>> {
    let mut select = table::Entity::find();
    if let Some(customer) = filter.customer {
        select = select.filter(table::Column::Customer.eq(customer));
    }
    if let Some(order) = filter.order {
        select = select.filter(table::Column::OrderId.eq(order));
    }
    if let Some(states) = filter.states {
        select = select.filter(table::Column::State.is_in(states.into_iter().map(store::stored)));
    }
    if let Some(before) = filter.due_before {
        select = select.filter(table::Column::DueAt.lt(before));
        if let Some(after) = &page.after {
            let (at, id) = after.key::<(Timestamp, AfterSaleId)>().map_err(Refused::from)?;
            select = select.filter(table::Column::DueAt.gt(at).or(table::Column::DueAt.eq(at).and(table::Column::Id.gt(id))));
        }
        let rows = select.order_by_asc(table::Column::DueAt).order_by_asc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
        let cases = rows.into_iter().map(Case::of).collect::<Result<Vec<_>, _>>()?;
        return Ok(Page::take(cases, page.first, |case| (case.due_at.unwrap_or(before), case.id)));
    }
    if let Some(after) = &page.after {
        select = select.filter(table::Column::Id.lt(after.key::<AfterSaleId>().map_err(Refused::from)?));
    }
    let rows = select.order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    let cases = rows.into_iter().map(Case::of).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::take(cases, page.first, |case| case.id))
}

/// The pieces cases are about.
pub async fn lines(op: &Op, cases: &[AfterSaleId]) -> Result<HashMap<AfterSaleId, Vec<CaseLine>>, Fault> {
    store::lines_of(op.reader(), cases).await
}

/// The cases of orders, the first first. For those who may see the orders.
pub async fn of_orders(op: &Op, orders: &[OrderId]) -> Result<HashMap<OrderId, Vec<Case>>, Fault> {
    let rows = table::Entity::find()
        .filter(table::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(table::Column::Id)
        .all(op.reader())
        .await?;
    let mut found: HashMap<OrderId, Vec<Case>> = HashMap::new();
    for row in rows {
        found.entry(row.order_id).or_default().push(Case::of(row)?);
    }
    Ok(found)
}

/// Who did something about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// Who bought.
    Shopper,
    /// Who sells.
    Merchant,
    /// The clock, or a provider.
    System,
}

impl Party {
    /// Read off an actor as it is stored.
    pub fn of(actor: &str) -> Self {
        if actor.starts_with(CustomerId::PREFIX) {
            Self::Shopper
        } else if actor.starts_with(kernel::StaffId::PREFIX) {
            Self::Merchant
        } else {
            Self::System
        }
    }
}

/// A line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What happened, as a stable code.
    pub what: String,
    /// Who did it.
    pub by: Party,
    /// More, for people.
    pub note: Option<String>,
    /// Pictures that prove it.
    pub media: Vec<MediaId>,
    /// When.
    pub at: Timestamp,
}

/// What happened to cases, the first first.
pub async fn timelines(op: &Op, cases: &[AfterSaleId]) -> Result<HashMap<AfterSaleId, Vec<Told>>, Fault> {
    let rows = event::Entity::find()
        .filter(event::Column::AfterSale.is_in(cases.iter().copied()))
        .order_by_asc(event::Column::At)
        .order_by_asc(event::Column::Id)
        .all(op.reader())
        .await?;
    let mut found: HashMap<AfterSaleId, Vec<Told>> = HashMap::new();
    for row in rows {
        let (by, media) = (Party::of(&row.actor), serde_json::from_value(row.media)?);
        found.entry(row.after_sale).or_default().push(Told { what: row.kind, by, note: row.note, media, at: row.at });
    }
    Ok(found)
}

/// Watches a case the actor may see.
pub async fn watch(
    op: &Op,
    id: AfterSaleId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Case>, Fault>> + use<>, Failure<LiveRefused>> {
    live::watch(op, topic(id), after, move |op: Op| async move { service::get(&op, id).await }).await
}

/// Follows what happens to all cases and complaints; begins with how many cases wait for the merchant.
pub async fn follow(
    op: &Op,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Heard<u64>>, Fault>> + use<>, Failure<LiveRefused>> {
    live::follow(op, feed(), after, |op: Op| async move { waiting(&op).await.map(Some) }).await
}

/// How many cases wait for the merchant.
async fn waiting(op: &Op) -> Result<u64, Fault> {
    let theirs = [State::Requested, State::Returning, State::Inspecting, State::Reshipping].map(store::stored);
    Ok(table::Entity::find().filter(table::Column::State.is_in(theirs)).count(op.reader()).await?)
}
