//! Orders as shoppers and staff see them.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{ComplexObject, Context, Enum, InputObject, Object, Request, Result, SimpleObject, Subscription, dataloader::Loader};
use futures_util::{Stream, StreamExt};
use kernel::{Fault, OrderId, OrderLineId, Permission, ProductId, QuoteId, SkuId, Timestamp};
use platform::{
    Op,
    graphql::{Access, Batch, ContextExt, MoneyInput, MoneyObject, answer, live, page_request, payload, personal},
    live::Live,
};

use super::{
    query::{self, Moment, OrderFilter, OrderLine as Line},
    rules::{self, CancelReason, Status},
    service::{self, CancelOrder, PlaceOrder, ReferOrder, ShipOrder},
};
use crate::{
    payment::{graphql::Payment, service as payments},
    quote::graphql::PriceTraceLine,
    refund::{graphql::Refund, service as refunds},
};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::Status")]
pub enum OrderStatus {
    /// Placed; stock is put aside until the money comes or the deadline passes.
    PendingPayment,
    /// Paid, and waits for its team to form before it may ship.
    AwaitingTeam,
    /// Paid, and may be shipped.
    ToShip,
    /// On its way.
    Shipped,
    /// The shopper has it.
    Received,
    /// The time for complaints is over.
    Completed,
    /// Never paid.
    Cancelled,
    /// All money is back.
    Refunded,
}

/// A purchase.
#[derive(Clone, SimpleObject)]
#[graphql(complex)]
pub struct Order {
    /// Its id.
    id: OrderId,
    /// What people call it: date, random characters, a check character.
    order_no: String,
    /// Where it stands.
    status: OrderStatus,
    /// The marketing play it was placed by.
    origin: Option<OrderOrigin>,
    /// What the lines cost together.
    goods: MoneyObject,
    /// What bringing them costs.
    shipping: MoneyObject,
    /// What is paid.
    total: MoneyObject,
    /// What is back.
    refunded: MoneyObject,
    /// Who carries it.
    carrier: Option<String>,
    /// The carrier's number for it.
    tracking_no: Option<String>,
    /// Why it was cancelled: SHOPPER, STAFF, EXPIRED, PLAY_ENDED or SOLD_OUT.
    cancel_reason: Option<String>,
    /// Its number in the merchant's other systems.
    external_reference: Option<String>,
    /// When it was placed.
    created_at: Timestamp,
    /// Cancelled when not paid by then.
    pay_by: Timestamp,
    /// When the money came.
    paid_at: Option<Timestamp>,
    /// When it left the house.
    shipped_at: Option<Timestamp>,
    /// When the shopper had it.
    received_at: Option<Timestamp>,
    #[graphql(skip)]
    inner: Arc<service::Order>,
}

/// The marketing play an order was placed by.
#[derive(Clone, SimpleObject)]
pub struct OrderOrigin {
    /// Which kind of play: group_buy.
    kind: String,
    /// What of it, in the play's own words (a seat).
    id: String,
}

impl From<service::Order> for Order {
    fn from(order: service::Order) -> Self {
        Self {
            id: order.id,
            order_no: order.order_no.clone(),
            status: order.status.into(),
            origin: order.origin.clone().map(|origin| OrderOrigin { kind: origin.kind, id: origin.id }),
            goods: order.goods.into(),
            shipping: order.shipping.into(),
            total: order.total.into(),
            refunded: order.refunded.into(),
            carrier: order.carrier.clone(),
            tracking_no: order.tracking_no.clone(),
            cancel_reason: order.cancel_reason.clone(),
            external_reference: order.external_reference.clone(),
            created_at: order.created_at,
            pay_by: order.pay_by,
            paid_at: order.paid_at,
            shipped_at: order.shipped_at,
            received_at: order.received_at,
            inner: Arc::new(order),
        }
    }
}

#[ComplexObject]
impl Order {
    /// Its lines, as they were when it was placed.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<OrderLine>> {
        let (locale, currency) = (ctx.op()?.locale, self.inner.total.currency);
        let lines = load::<LinesOf>(ctx, LinesOf(self.id)).await?;
        Ok(lines.into_iter().map(|line| OrderLine::of(locale, currency, line)).collect())
    }

    /// How the total came about; the amounts sum to it.
    async fn trace(&self) -> Vec<PriceTraceLine> {
        self.inner.trace.iter().cloned().map(Into::into).collect()
    }

    /// What happened to it, the first first.
    async fn timeline(&self, ctx: &Context<'_>) -> Result<Vec<OrderMoment>> {
        let currency = self.inner.total.currency;
        let moments = load::<TimelineOf>(ctx, TimelineOf(self.id)).await?;
        Ok(moments.into_iter().map(|moment| OrderMoment::of(currency, moment)).collect())
    }

    /// The attempts to pay it, the first first.
    async fn payments(&self, ctx: &Context<'_>) -> Result<Vec<Payment>> {
        Ok(load::<PaymentsOf>(ctx, PaymentsOf(self.id)).await?.into_iter().map(Into::into).collect())
    }

    /// The money that went back, or is on its way.
    async fn refunds(&self, ctx: &Context<'_>) -> Result<Vec<Refund>> {
        Ok(load::<RefundsOf>(ctx, RefundsOf(self.id)).await?.into_iter().map(Into::into).collect())
    }

    /// Where it goes.
    async fn shipping_address(&self, ctx: &Context<'_>) -> Result<ShippingAddress> {
        Ok(answer(ctx, service::address(ctx.op()?, &self.inner))?.into())
    }
}

/// One SKU of a purchase, as it was when it was bought.
#[derive(SimpleObject)]
pub struct OrderLine {
    /// Its id.
    id: OrderLineId,
    /// The SKU.
    sku_id: SkuId,
    /// The product.
    product_id: ProductId,
    /// The product's title.
    title: String,
    /// The chosen options.
    options_label: String,
    /// Its picture.
    image_url: Option<String>,
    /// How many.
    quantity: i32,
    /// Per piece.
    unit_price: MoneyObject,
    /// The line's share of discounts on the whole.
    discount: MoneyObject,
    /// What the line costs.
    payable: MoneyObject,
}

impl OrderLine {
    fn of(locale: kernel::Locale, currency: kernel::Currency, line: Line) -> Self {
        let money = |minor| query::money(minor, currency).into();
        Self {
            id: line.id,
            sku_id: line.sku,
            product_id: line.product,
            title: line.title.get(locale).to_owned(),
            options_label: line.options_label.get(locale).to_owned(),
            image_url: line.image_url,
            quantity: i32::try_from(line.quantity).unwrap_or(i32::MAX),
            unit_price: money(line.unit_price_minor),
            discount: money(line.discount_minor),
            payable: money(line.payable_minor),
        }
    }
}

/// A line of an order's timeline.
#[derive(SimpleObject)]
pub struct OrderMoment {
    /// What happened: PLACED, PAID, RELEASED, SHIPPED, RECEIVED, COMPLETED, CANCELLED, PAID_TOO_LATE, REFUND_REQUESTED,
    /// REFUNDED, REFUND_FAILED.
    kind: String,
    /// More, for people.
    note: Option<String>,
    /// How much money it was about.
    amount: Option<MoneyObject>,
    /// When.
    at: Timestamp,
}

impl OrderMoment {
    fn of(currency: kernel::Currency, moment: Moment) -> Self {
        let amount = moment.amount_minor.map(|minor| query::money(minor, currency).into());
        Self { kind: moment.kind, note: moment.note, amount, at: moment.at }
    }
}

/// Where an order goes.
#[derive(SimpleObject)]
pub struct ShippingAddress {
    /// Who takes it.
    recipient: String,
    /// Where they are reached.
    phone: String,
    /// Province, city, district.
    region: String,
    /// Street, house, door.
    street: String,
}

impl From<rules::ShippingAddress> for ShippingAddress {
    fn from(address: rules::ShippingAddress) -> Self {
        Self { recipient: address.recipient, phone: address.phone, region: address.region, street: address.street }
    }
}

/// Where an order goes.
#[derive(Clone, Debug, InputObject)]
pub struct ShippingAddressInput {
    /// Who takes it; 64 characters at most.
    recipient: String,
    /// Where they are reached: 6 to 15 digits, with + - and blanks as people write them.
    phone: String,
    /// Province, city, district; 128 characters at most.
    region: String,
    /// Street, house, door; 256 characters at most.
    street: String,
}

impl From<ShippingAddressInput> for rules::ShippingAddress {
    fn from(input: ShippingAddressInput) -> Self {
        Self { recipient: input.recipient, phone: input.phone, region: input.region, street: input.street }
    }
}

platform::connection! {
    /// A page of orders, the newest first.
    pub struct OrderConnection, OrderEdge of Order
}

/// A purchase to be made.
#[derive(InputObject)]
pub struct OrderPlaceInput {
    /// The price that was promised.
    quote_id: QuoteId,
    /// What the shopper was shown; another price is refused with a new quote.
    expected_total: MoneyInput,
    /// One effect per key: 8 to 64 letters, digits, dots, dashes or underscores.
    idempotency_key: String,
    /// Where it goes.
    shipping_address: ShippingAddressInput,
}

/// A parcel that leaves the house.
#[derive(InputObject)]
pub struct OrderShipInput {
    /// Of which order.
    id: OrderId,
    /// Who carries it.
    carrier: String,
    /// The carrier's number for it: 4 to 64 letters, digits or dashes.
    tracking_no: String,
    /// One effect per key.
    idempotency_key: String,
}

platform::payload! {
    /// What became of a change to an order.
    pub struct OrderPayload {
        /// The order as it stands now.
        order: Order,
    }
}

/// Which orders are wanted.
#[derive(InputObject, Default)]
pub struct OrderFilterInput {
    /// Only those in this status.
    status: Option<OrderStatus>,
    /// Only those whose number begins like this.
    order_no: Option<String>,
    /// Only this shopper's (staff only).
    customer_id: Option<kernel::CustomerId>,
}

impl From<OrderFilterInput> for OrderFilter {
    fn from(input: OrderFilterInput) -> Self {
        Self { customer: input.customer_id, status: input.status.map(Status::from), order_no: input.order_no }
    }
}

/// An order as it stands, and as it changes.
#[derive(SimpleObject)]
pub struct OrderUpdate {
    /// Resumes behind this state: pass it as `after`.
    cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    gap: bool,
    /// The server's time, to run countdowns by.
    server_time: Timestamp,
    /// The order.
    order: Order,
}

impl From<Live<service::Order>> for OrderUpdate {
    fn from(frame: Live<service::Order>) -> Self {
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, order: frame.value.into() }
    }
}

/// A shopper's questions about their orders.
#[derive(Default)]
pub struct OrderShopQuery;

#[Object]
impl OrderShopQuery {
    /// The signed-in shopper's orders, the newest first.
    #[graphql(guard = "Access::Customer")]
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this status.")] status: Option<OrderStatus>,
        #[graphql(desc = "How many; 20 when not said, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<OrderConnection> {
        let op = ctx.op()?;
        let filter = OrderFilter { customer: op.actor.customer(), status: status.map(Status::from), order_no: None };
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::list(op, filter, page).await)?.map(Order::from).into())
    }

    /// One of the signed-in shopper's orders.
    #[graphql(guard = "Access::Customer")]
    async fn order(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: OrderId) -> Result<Option<Order>> {
        Ok(answer(ctx, service::get(ctx.op()?, id).await)?.map(Into::into))
    }
}

/// What a shopper does with orders.
#[derive(Default)]
pub struct OrderShopMutation;

#[Object]
impl OrderShopMutation {
    /// Places an order; stock is put aside until `payBy`. A play's order is placed at the play's own door.
    #[graphql(guard = "Access::Customer")]
    async fn order_place(&self, ctx: &Context<'_>, #[graphql(desc = "The purchase.")] input: OrderPlaceInput) -> Result<OrderPayload> {
        let wanted = PlaceOrder {
            quote: input.quote_id,
            expected_total: input.expected_total.into(),
            address: input.shipping_address.into(),
            origin: None,
            hold: false,
        };
        ended(ctx, service::place_own(ctx.op()?, wanted, &input.idempotency_key).await)
    }

    /// Gives an unpaid order up; its stock is free at once.
    #[graphql(guard = "Access::Customer")]
    async fn order_cancel(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: OrderId) -> Result<OrderPayload> {
        ended(ctx, service::cancel(ctx.op()?, CancelOrder { order: id, reason: CancelReason::Shopper }).await)
    }

    /// The shopper has the goods.
    #[graphql(guard = "Access::Customer")]
    async fn order_receive(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: OrderId) -> Result<OrderPayload> {
        ended(ctx, service::receive(ctx.op()?, id).await)
    }
}

/// What a shopper watches of orders.
#[derive(Default)]
pub struct OrderShopSubscription;

#[Subscription]
impl OrderShopSubscription {
    /// One of the signed-in shopper's orders: as it stands, then at every change.
    #[graphql(guard = "Access::Customer", directive = personal::apply())]
    async fn order_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: OrderId,
        #[graphql(desc = "The last cursor that was seen.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<OrderUpdate>> + use<>> {
        updates(ctx, id, after).await
    }
}

/// Staff's questions about orders.
#[derive(Default)]
pub struct OrderAdminQuery;

#[Object]
impl OrderAdminQuery {
    /// Everybody's orders, the newest first.
    #[graphql(guard = "Access::Staff(Permission::OrderRead)")]
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<OrderFilterInput>,
        #[graphql(desc = "How many; 20 when not said, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<OrderConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::list(ctx.op()?, filter.unwrap_or_default().into(), page).await)?.map(Order::from).into())
    }

    /// An order.
    #[graphql(guard = "Access::Staff(Permission::OrderRead)")]
    async fn order(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: OrderId) -> Result<Option<Order>> {
        Ok(answer(ctx, service::get(ctx.op()?, id).await)?.map(Into::into))
    }
}

/// An order's number in the merchant's other systems.
#[derive(InputObject)]
pub struct OrderReferenceSetInput {
    /// Which order.
    id: OrderId,
    /// Its number there, 64 characters at most; leave it out to take it away.
    external_reference: Option<String>,
}

/// What staff do with orders.
#[derive(Default)]
pub struct OrderAdminMutation;

#[Object]
impl OrderAdminMutation {
    /// Ships a paid order; refused while its team gathers.
    #[graphql(guard = "Access::Staff(Permission::OrderWrite)")]
    async fn order_ship(&self, ctx: &Context<'_>, #[graphql(desc = "The parcel.")] input: OrderShipInput) -> Result<OrderPayload> {
        let parcel = ShipOrder { order: input.id, carrier: input.carrier, tracking_no: input.tracking_no };
        ended(ctx, service::ship(ctx.op()?, parcel, &input.idempotency_key).await)
    }

    /// Gives an order its number in the merchant's other systems; no two orders have the same.
    #[graphql(guard = "Access::Staff(Permission::OrderWrite)")]
    async fn order_reference_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number.")] input: OrderReferenceSetInput,
    ) -> Result<OrderPayload> {
        let wanted = ReferOrder { order: input.id, reference: input.external_reference };
        ended(ctx, service::refer(ctx.op()?, wanted).await)
    }

    /// Gives an unpaid order up for the shopper.
    #[graphql(guard = "Access::Staff(Permission::OrderWrite)")]
    async fn order_cancel(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: OrderId) -> Result<OrderPayload> {
        ended(ctx, service::cancel(ctx.op()?, CancelOrder { order: id, reason: CancelReason::Staff }).await)
    }
}

/// What staff watch of orders.
#[derive(Default)]
pub struct OrderAdminSubscription;

#[Subscription]
impl OrderAdminSubscription {
    /// An order: as it stands, then at every change.
    #[graphql(guard = "Access::Staff(Permission::OrderRead)")]
    async fn order_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: OrderId,
        #[graphql(desc = "The last cursor that was seen.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<OrderUpdate>> + use<>> {
        updates(ctx, id, after).await
    }
}

async fn updates(ctx: &Context<'_>, id: OrderId, after: Option<String>) -> Result<impl Stream<Item = Result<OrderUpdate>> + use<>> {
    Ok(live(ctx, query::watch(ctx.op()?, id, after).await)?.map(|frame| frame.map(Into::into)))
}

fn ended(ctx: &Context<'_>, moved: std::result::Result<service::Order, kernel::Failure<super::Refused>>) -> Result<OrderPayload> {
    payload(ctx, moved, |order| OrderPayload { order: Some(order.into()), ..Default::default() })
}

/// Loads the children of orders, one statement for a whole list.
pub struct OrderLoader(Op);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct LinesOf(OrderId);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct TimelineOf(OrderId);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct RefundsOf(OrderId);

impl Loader<RefundsOf> for OrderLoader {
    type Value = Vec<refunds::Refund>;
    type Error = Arc<Fault>;

    async fn load(&self, keys: &[RefundsOf]) -> std::result::Result<HashMap<RefundsOf, Vec<refunds::Refund>>, Arc<Fault>> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let found = refunds::of_orders(&self.0, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, refunds)| (RefundsOf(id), refunds)).collect())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct PaymentsOf(OrderId);

impl Loader<PaymentsOf> for OrderLoader {
    type Value = Vec<payments::Payment>;
    type Error = Arc<Fault>;

    async fn load(&self, keys: &[PaymentsOf]) -> std::result::Result<HashMap<PaymentsOf, Vec<payments::Payment>>, Arc<Fault>> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let found = payments::of_orders(&self.0, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, payments)| (PaymentsOf(id), payments)).collect())
    }
}

impl Loader<LinesOf> for OrderLoader {
    type Value = Vec<Line>;
    type Error = Arc<Fault>;

    async fn load(&self, keys: &[LinesOf]) -> std::result::Result<HashMap<LinesOf, Vec<Line>>, Arc<Fault>> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let found = query::lines(&self.0, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, lines)| (LinesOf(id), lines)).collect())
    }
}

impl Loader<TimelineOf> for OrderLoader {
    type Value = Vec<Moment>;
    type Error = Arc<Fault>;

    async fn load(&self, keys: &[TimelineOf]) -> std::result::Result<HashMap<TimelineOf, Vec<Moment>>, Arc<Fault>> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let found = query::timelines(&self.0, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, moments)| (TimelineOf(id), moments)).collect())
    }
}

/// Gives a request its loader.
pub fn loaders(op: &Op, request: Request) -> Request {
    request.data(Batch::new(OrderLoader(op.clone())))
}

async fn load<K>(ctx: &Context<'_>, key: K) -> Result<<OrderLoader as Loader<K>>::Value>
where
    K: Send + Sync + Eq + std::hash::Hash + Clone + 'static,
    OrderLoader: Loader<K, Error = Arc<Fault>>,
    <OrderLoader as Loader<K>>::Value: Default,
{
    let found = ctx.data::<Batch<OrderLoader>>()?.load_one(key).await;
    Ok(answer(ctx, found.map_err(|fault| Fault::internal(fault.to_string())))?.unwrap_or_default())
}
