//! Reading orders: lists, lines, timelines.

use std::collections::HashMap;

use entity::trade::{trade_order as table, trade_order_event as event, trade_order_line as line};
use futures_util::Stream;
use kernel::{
    Currency, CustomerId, Failure, Fault, LocalizedText, Money, OrderId, OrderLineId, Page, PageRequest, Permission, ProductId, SkuId,
    StaffId, StoreId, Timestamp,
};
use platform::{
    Op,
    live::{self, Fact, Heard, Live, LiveRefused},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Refused,
    events::{feed, topic},
    rules::Status,
    service::{self, Order, stored},
};

/// Which orders are wanted.
#[derive(Clone, Debug, Default)]
pub struct OrderFilter {
    /// Whose; everybody's for staff.
    pub customer: Option<CustomerId>,
    /// In which status.
    pub status: Option<Status>,
    /// Whose number begins like this.
    pub order_no: Option<String>,
    /// Which are picked up there.
    pub store: Option<StoreId>,
}

/// Orders, the newest first.
pub async fn list(op: &Op, filter: OrderFilter, page: PageRequest) -> Result<Page<Order>, Failure<Refused>> {
    let mut select = table::Entity::find();
    if let Some(customer) = filter.customer {
        select = select.filter(table::Column::Customer.eq(customer));
    }
    if let Some(status) = filter.status {
        select = select.filter(table::Column::Status.eq(stored(status)));
        select = match status {
            Status::ToShip => select.filter(table::Column::ReadyAt.is_null()),
            Status::ReadyForPickup => select.filter(table::Column::ReadyAt.is_not_null()),
            _ => select,
        };
    }
    if let Some(store) = filter.store {
        select = select.filter(table::Column::Store.eq(store));
    }
    if let Some(order_no) = filter.order_no.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        select = select.filter(table::Column::OrderNo.starts_with(order_no.to_ascii_uppercase()));
    }
    if let Some(after) = &page.after {
        select = select.filter(table::Column::Id.lt(after.key::<OrderId>().map_err(Refused::from)?));
    }
    let rows = select.order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    let orders = rows.into_iter().map(Order::of).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::take(orders, page.first, |order| order.id))
}

/// One SKU of a purchase, as it was when it was bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// Which line.
    pub id: OrderLineId,
    /// Of what.
    pub sku: SkuId,
    /// Of which product.
    pub product: ProductId,
    /// The product's name.
    pub title: LocalizedText,
    /// Which of its SKUs.
    pub options_label: LocalizedText,
    /// Its picture.
    pub image_url: Option<String>,
    /// How many.
    pub quantity: i64,
    /// Per piece.
    pub unit_price_minor: i64,
    /// Its share of discounts on the whole.
    pub discount_minor: i64,
    /// What the line costs.
    pub payable_minor: i64,
    /// Whether there is nothing to carry.
    pub is_virtual: bool,
    /// How many left the house, or were given out.
    pub shipped_quantity: i64,
}

impl OrderLine {
    /// How many did not leave the house.
    pub fn here(&self) -> i64 {
        Ord::max(self.quantity - self.shipped_quantity, 0)
    }

    pub(super) fn of(row: line::Model) -> Self {
        Self {
            id: row.id,
            sku: row.sku,
            product: row.product,
            title: row.title,
            options_label: row.options_label,
            image_url: row.image_url,
            quantity: row.quantity,
            unit_price_minor: row.unit_price_minor,
            discount_minor: row.discount_minor,
            payable_minor: row.payable_minor,
            is_virtual: row.is_virtual,
            shipped_quantity: row.shipped_quantity,
        }
    }
}

/// The lines of orders, in their place.
pub async fn lines(op: &Op, orders: &[OrderId]) -> Result<HashMap<OrderId, Vec<OrderLine>>, Fault> {
    let rows = line::Entity::find()
        .filter(line::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(line::Column::OrderId)
        .order_by_asc(line::Column::Position)
        .all(op.reader())
        .await?;
    let mut found: HashMap<OrderId, Vec<OrderLine>> = HashMap::new();
    for row in rows {
        found.entry(row.order_id).or_default().push(OrderLine::of(row));
    }
    Ok(found)
}

/// Orders by their ids, as the actor may see them, in the order of their ids.
pub async fn by_ids(op: &Op, ids: &[OrderId]) -> Result<Vec<Order>, Fault> {
    let select = table::Entity::find().filter(table::Column::Id.is_in(ids.iter().copied())).order_by_asc(table::Column::Id);
    let orders = select.all(op.reader()).await?.into_iter().map(Order::of).collect::<Result<Vec<_>, _>>()?;
    Ok(orders.into_iter().filter(|order| service::visible(op, order)).collect())
}

/// The order with this number, as the actor may see it.
pub async fn by_number(op: &Op, order_no: &str) -> Result<Option<Order>, Fault> {
    let row = table::Entity::find().filter(table::Column::OrderNo.eq(order_no)).one(op.reader()).await?;
    Ok(row.map(Order::of).transpose()?.filter(|order| service::visible(op, order)))
}

/// Who did something to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doer {
    /// A shopper.
    Customer,
    /// A member of staff.
    Staff,
    /// The mall itself, or a provider.
    System,
}

/// A line of an order's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What happened, as a stable code.
    pub kind: String,
    /// More, for people.
    pub note: Option<String>,
    /// How much money it was about.
    pub amount_minor: Option<i64>,
    /// Who did it.
    pub by: Doer,
    /// Who exactly, as staff may know it.
    pub actor: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What happened to orders, the first first; the shopper does not see what staff note among themselves.
pub async fn timelines(op: &Op, orders: &[OrderId]) -> Result<HashMap<OrderId, Vec<Moment>>, Fault> {
    let rows = event::Entity::find()
        .filter(event::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(event::Column::At)
        .order_by_asc(event::Column::Id)
        .all(op.reader())
        .await?;
    let is_staff = op.actor.may(Permission::OrderRead) || op.actor.may(Permission::OrderWrite);
    let mut found: HashMap<OrderId, Vec<Moment>> = HashMap::new();
    for row in rows.into_iter().filter(|row| is_staff || !row.staff_only) {
        let by = match row.actor.split('_').next() {
            Some(CustomerId::PREFIX) => Doer::Customer,
            Some(StaffId::PREFIX) => Doer::Staff,
            _ => Doer::System,
        };
        let actor = is_staff.then_some(row.actor);
        let moment = Moment { kind: row.kind, note: row.note, amount_minor: row.amount_minor, by, actor, at: row.at };
        found.entry(row.order_id).or_default().push(moment);
    }
    Ok(found)
}

/// Watches an order the actor may see.
pub async fn watch(
    op: &Op,
    id: OrderId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Order>, Fault>> + use<>, Failure<LiveRefused>> {
    live::watch(op, topic(id), after, move |op: Op| async move { service::get(&op, id).await }).await
}

/// Follows every fact about every order; begins with how many stand where.
pub async fn follow(
    op: &Op,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Heard<Vec<(Status, i64)>>>, Fault>> + use<>, Failure<LiveRefused>> {
    live::follow(op, feed(), after, |op: Op| async move { counts(&op).await.map(Some) }).await
}

/// How many orders stand where.
async fn counts(op: &Op) -> Result<Vec<(Status, i64)>, Fault> {
    let count = |status: Status| async move {
        let mut select = table::Entity::find().filter(table::Column::Status.eq(stored(status)));
        select = match status {
            Status::ToShip => select.filter(table::Column::ReadyAt.is_null()),
            Status::ReadyForPickup => select.filter(table::Column::ReadyAt.is_not_null()),
            _ => select,
        };
        let count = select.count(op.reader()).await?;
        Ok::<_, Fault>((status, i64::try_from(count).unwrap_or(i64::MAX)))
    };
    // What waits for somebody; the dead and the done are history, and many.
    let waiting = [Status::PendingPayment, Status::AwaitingTeam, Status::ToShip, Status::ReadyForPickup, Status::Shipped];
    futures_util::future::try_join_all(waiting.map(count)).await
}

/// The order a fact is about.
pub async fn named_by(op: &Op, fact: &Fact) -> Result<Option<Order>, Fault> {
    let named = fact.payload.get("order").and_then(|id| id.as_str()).and_then(|id| id.parse::<OrderId>().ok());
    match named {
        Some(id) => service::get(op, id).await,
        None => Ok(None),
    }
}

/// An amount of an order.
pub(crate) fn money(minor: i64, currency: Currency) -> Money {
    Money::new(minor, currency)
}
