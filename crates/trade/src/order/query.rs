//! Reading orders: lists, lines, timelines.

use std::collections::HashMap;

use entity::trade::{trade_order as table, trade_order_event as event, trade_order_line as line};
use futures_util::Stream;
use kernel::{
    Currency, CustomerId, Failure, Fault, LocalizedText, Money, OrderId, OrderLineId, Page, PageRequest, ProductId, SkuId, Timestamp,
};
use platform::{
    Op,
    live::{self, Live, LiveRefused},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Refused,
    events::topic,
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
}

/// Orders, the newest first.
pub async fn list(op: &Op, filter: OrderFilter, page: PageRequest) -> Result<Page<Order>, Failure<Refused>> {
    let mut select = table::Entity::find();
    if let Some(customer) = filter.customer {
        select = select.filter(table::Column::Customer.eq(customer));
    }
    if let Some(status) = filter.status {
        select = select.filter(table::Column::Status.eq(stored(status)));
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
        found.entry(row.order_id).or_default().push(OrderLine {
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
        });
    }
    Ok(found)
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
    /// When.
    pub at: Timestamp,
}

/// What happened to orders, the first first.
pub async fn timelines(op: &Op, orders: &[OrderId]) -> Result<HashMap<OrderId, Vec<Moment>>, Fault> {
    let rows = event::Entity::find()
        .filter(event::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(event::Column::At)
        .order_by_asc(event::Column::Id)
        .all(op.reader())
        .await?;
    let mut found: HashMap<OrderId, Vec<Moment>> = HashMap::new();
    for row in rows {
        let moment = Moment { kind: row.kind, note: row.note, amount_minor: row.amount_minor, at: row.at };
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

/// An amount of an order.
pub(crate) fn money(minor: i64, currency: Currency) -> Money {
    Money::new(minor, currency)
}
