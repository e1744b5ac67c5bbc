//! Reading complaints: lists, timelines, and watching them.

use std::collections::HashMap;

use entity::trade::{complaint as table, complaint_event as event};
use futures_util::Stream;
use kernel::{ComplaintId, CustomerId, Failure, Fault, OrderId, Page, PageRequest};
use platform::{
    Op,
    live::{self, Live, LiveRefused},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Refused,
    events::topic,
    rules::State,
    service::{self, Complaint, stored},
};
use crate::after_sale::query::{Party, Told};

/// Which complaints are wanted.
#[derive(Clone, Debug, Default)]
pub struct ComplaintFilter {
    /// Whose; everybody's for staff.
    pub customer: Option<CustomerId>,
    /// About which order.
    pub order: Option<OrderId>,
    /// In one of these states.
    pub states: Option<Vec<State>>,
}

/// Complaints, the newest first.
pub async fn list(op: &Op, filter: ComplaintFilter, page: PageRequest) -> Result<Page<Complaint>, Failure<Refused>> {
    let mut select = table::Entity::find();
    if let Some(customer) = filter.customer {
        select = select.filter(table::Column::Customer.eq(customer));
    }
    if let Some(order) = filter.order {
        select = select.filter(table::Column::OrderId.eq(order));
    }
    if let Some(states) = filter.states {
        select = select.filter(table::Column::State.is_in(states.into_iter().map(stored)));
    }
    if let Some(after) = &page.after {
        select = select.filter(table::Column::Id.lt(after.key::<ComplaintId>().map_err(Refused::from)?));
    }
    let rows = select.order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    let complaints = rows.into_iter().map(Complaint::of).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::take(complaints, page.first, |complaint| complaint.id))
}

/// What was said about complaints, the first first.
pub async fn timelines(op: &Op, complaints: &[ComplaintId]) -> Result<HashMap<ComplaintId, Vec<Told>>, Fault> {
    let rows = event::Entity::find()
        .filter(event::Column::Complaint.is_in(complaints.iter().copied()))
        .order_by_asc(event::Column::At)
        .order_by_asc(event::Column::Id)
        .all(op.reader())
        .await?;
    let mut found: HashMap<ComplaintId, Vec<Told>> = HashMap::new();
    for row in rows {
        let (by, media) = (Party::of(&row.actor), serde_json::from_value(row.media)?);
        found.entry(row.complaint).or_default().push(Told { what: row.kind, by, note: row.note, media, at: row.at });
    }
    Ok(found)
}

/// Watches a complaint the actor may see.
pub async fn watch(
    op: &Op,
    id: ComplaintId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Complaint>, Fault>> + use<>, Failure<LiveRefused>> {
    live::watch(op, topic(id), after, move |op: Op| async move { service::get(&op, id).await }).await
}
