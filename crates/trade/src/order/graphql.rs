//! Orders as shoppers and staff see them.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{ComplexObject, Context, Enum, InputObject, Object, Request, Result, SimpleObject, Subscription, dataloader::Loader};
use futures_util::{Stream, StreamExt};
use kernel::{AddressId, Fault, OrderId, OrderLineId, Permission, ProductId, QuoteId, SkuId, StoreId, Timestamp};
use platform::{
    Op,
    graphql::{Access, Batch, ContextExt, Long, MoneyInput, MoneyObject, answer, feed, hidden, live, page_request, payload, personal},
    live::{Heard, Live},
};

use super::{
    query::{self, Moment, OrderFilter, OrderLine as Line},
    rules::{self, CancelReason, Delivery, Status},
    service::{self, CancelOrder, NoteOrder, PlaceOrder, ReferOrder, RepriceOrder},
};
use crate::{
    after_sale::graphql::{AfterSaleCase, cases_of},
    fulfilment::{
        self,
        graphql::{Parcel, Pickup, StopsOf},
    },
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
    /// Paid, and may be shipped; some of it may be on its way already.
    ToShip,
    /// It lies ready at the store the shopper picked.
    ReadyForPickup,
    /// All of it is on its way.
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

/// How the goods reach the shopper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::Method")]
pub enum DeliveryMethod {
    /// By parcels.
    Parcel,
    /// The shopper comes to a store.
    Pickup,
    /// There is nothing to carry.
    Virtual,
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
    /// Tax and duty that were added; nothing where prices include them.
    tax: MoneyObject,
    /// What the shopper gives to others with it.
    donation: MoneyObject,
    /// What is paid.
    total: MoneyObject,
    /// What is back.
    refunded: MoneyObject,
    /// How the goods reach the shopper.
    delivery_method: DeliveryMethod,
    /// What the shopper asks for.
    buyer_note: Option<String>,
    /// Who carries the latest parcel.
    carrier: Option<String>,
    /// The carrier's number for the latest parcel.
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
    /// When it lay ready at its store.
    ready_at: Option<Timestamp>,
    /// When the last of it left the house.
    shipped_at: Option<Timestamp>,
    /// Taken as received then, if nobody says anything.
    receive_by: Option<Timestamp>,
    /// When the shopper asked for more time; once.
    extended_at: Option<Timestamp>,
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
            tax: order.tax.into(),
            donation: order.donation.into(),
            total: order.total.into(),
            refunded: order.refunded.into(),
            delivery_method: order.method.into(),
            buyer_note: order.buyer_note.clone(),
            carrier: order.carrier.clone(),
            tracking_no: order.tracking_no.clone(),
            cancel_reason: order.cancel_reason.clone(),
            external_reference: order.external_reference.clone(),
            created_at: order.created_at,
            pay_by: order.pay_by,
            paid_at: order.paid_at,
            ready_at: order.ready_at,
            shipped_at: order.shipped_at,
            receive_by: order.receive_by,
            extended_at: order.extended_at,
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
    async fn trace(&self, ctx: &Context<'_>) -> Result<Vec<PriceTraceLine>> {
        let locale = ctx.op()?.locale;
        Ok(self.inner.trace.iter().cloned().map(|line| PriceTraceLine::of(locale, line)).collect())
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

    /// What the shopper asked for after they paid, the first first.
    async fn after_sales(&self, ctx: &Context<'_>) -> Result<Vec<AfterSaleCase>> {
        cases_of(ctx, self.id).await
    }

    /// Where it goes; of an order to be picked up only who comes, of one without anything to carry nothing.
    async fn shipping_address(&self, ctx: &Context<'_>) -> Result<ShippingAddress> {
        Ok(answer(ctx, service::address(ctx.op()?, &self.inner))?.into())
    }

    /// Whether a part of it is on its way while another part still waits to be shipped.
    async fn is_partly_shipped(&self, ctx: &Context<'_>) -> Result<bool> {
        if self.inner.status != Status::ToShip {
            return Ok(false);
        }
        let lines = load::<LinesOf>(ctx, LinesOf(self.id)).await?;
        Ok(lines.iter().any(|line| line.shipped_quantity > 0 && !line.is_virtual) && lines.iter().any(|line| line.here() > 0))
    }

    /// Its parcels, the first first.
    async fn parcels(&self, ctx: &Context<'_>) -> Result<Vec<Parcel>> {
        Ok(load::<ParcelsOf>(ctx, ParcelsOf(self.id)).await?.into_iter().map(Into::into).collect())
    }

    /// What waits at its store, if it is picked up.
    async fn pickup(&self, ctx: &Context<'_>) -> Result<Option<Pickup>> {
        let Some(store) = self.inner.store else { return Ok(None) };
        let store = load::<StoreOf>(ctx, StoreOf(store)).await?;
        let waiting = load::<PickupOf>(ctx, PickupOf(self.id)).await?;
        Ok(store.map(|store| Pickup::of(store, waiting)))
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
    /// Whether there is nothing to carry.
    is_virtual: bool,
    /// How many left the house, or were given out.
    shipped_quantity: i32,
}

impl OrderLine {
    /// In the reader's language.
    pub(crate) fn of(locale: kernel::Locale, currency: kernel::Currency, line: Line) -> Self {
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
            is_virtual: line.is_virtual,
            shipped_quantity: i32::try_from(line.shipped_quantity).unwrap_or(i32::MAX),
        }
    }
}

/// Who did something to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "query::Doer")]
pub enum OrderDoer {
    /// A shopper.
    Customer,
    /// A member of staff.
    Staff,
    /// The mall itself, or a provider.
    System,
}

/// A line of an order's timeline.
#[derive(SimpleObject)]
pub struct OrderMoment {
    /// What happened: PLACED, PRICE_CHANGED, PAID, RELEASED, PARTLY_SHIPPED, SHIPPED, ARRIVED, PARCEL_PROBLEM,
    /// PARCEL_RETURNED, EXTENDED, READY_FOR_PICKUP, PICKUP_CODE_RENEWED, PICKED_UP, DELIVERED, RECEIVED, COMPLETED,
    /// CANCELLED, PAID_TOO_LATE, REFUND_REQUESTED, REFUNDED, PARTLY_REFUNDED, REFUND_FAILED; NOTE for staff alone.
    kind: String,
    /// More, for people: a reason, a number, a note.
    note: Option<String>,
    /// How much money it was about.
    amount: Option<MoneyObject>,
    /// Who did it.
    by: OrderDoer,
    /// Who exactly; for staff alone.
    actor: Option<String>,
    /// When.
    at: Timestamp,
}

impl OrderMoment {
    fn of(currency: kernel::Currency, moment: Moment) -> Self {
        let amount = moment.amount_minor.map(|minor| query::money(minor, currency).into());
        Self { kind: moment.kind, note: moment.note, amount, by: moment.by.into(), actor: moment.actor, at: moment.at }
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
    /// The region's official code, as deep as it is known.
    region_code: Option<String>,
}

impl From<rules::ShippingAddress> for ShippingAddress {
    fn from(address: rules::ShippingAddress) -> Self {
        let rules::ShippingAddress { recipient, phone, region, street, region_code } = address;
        Self { recipient, phone, region, street, region_code }
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
    /// The region's official code: 2, 4, 6 or 9 digits; found by the region's name when not said.
    region_code: Option<String>,
}

impl From<ShippingAddressInput> for rules::ShippingAddress {
    fn from(input: ShippingAddressInput) -> Self {
        let ShippingAddressInput { recipient, phone, region, street, region_code } = input;
        Self { recipient, phone, region, street, region_code }
    }
}

platform::connection! {
    /// A page of orders, the newest first.
    pub struct OrderConnection, OrderEdge of Order
}

/// An order to be picked up at a store.
#[derive(InputObject)]
pub struct OrderPickupInput {
    /// At which.
    store_id: StoreId,
    /// Who comes; 64 characters at most.
    recipient: String,
    /// Where they are reached.
    phone: String,
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
    /// Where it goes. Or an entry of the address book, or a store; nothing where there is nothing to carry.
    shipping_address: Option<ShippingAddressInput>,
    /// An entry of the shopper's address book; the order keeps what it says now.
    address_id: Option<AddressId>,
    /// The shopper comes to a store.
    pickup: Option<OrderPickupInput>,
    /// What the shopper asks for; 500 characters at most.
    note: Option<String>,
    /// Whether the shopper confirms that goods with a `returnException` cannot be given back without a reason. Needed when
    /// there are any.
    #[graphql(default)]
    confirm_return_exceptions: bool,
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
    /// Only those that are picked up there (staff only).
    store_id: Option<StoreId>,
}

impl From<OrderFilterInput> for OrderFilter {
    fn from(input: OrderFilterInput) -> Self {
        let status = input.status.map(Status::from);
        Self { customer: input.customer_id, status, order_no: input.order_no, store: input.store_id }
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

/// How many orders stand somewhere.
#[derive(SimpleObject)]
pub struct OrderCount {
    /// Where.
    status: OrderStatus,
    /// How many.
    count: Long,
}

/// A fact about an order.
#[derive(SimpleObject)]
pub struct OrderFact {
    /// What happened, as a stable name: trade.order_placed.v1, trade.order_paid.v1, trade.parcel_shipped.v1 …
    name: String,
    /// The order, as it stands when this is told.
    order: Option<Order>,
    /// When it was handed on.
    at: Timestamp,
}

/// What is told on the feed of all orders: a snapshot at first and after a gap, else one fact.
#[derive(SimpleObject)]
pub struct OrderFeed {
    /// Resumes behind this: pass it as `after`.
    cursor: String,
    /// Whether facts between `after` and this can not be told any more.
    gap: bool,
    /// The server's time.
    server_time: Timestamp,
    /// How many orders stand where; with a snapshot.
    counts: Option<Vec<OrderCount>>,
    /// What happened.
    fact: Option<OrderFact>,
}

impl OrderFeed {
    async fn of(op: &Op, frame: Live<Heard<Vec<(Status, i64)>>>) -> Result<Self> {
        let (counts, fact) = match frame.value {
            Heard::Snapshot(counts) => {
                let count = |(status, count): (Status, i64)| OrderCount { status: status.into(), count: Long(count) };
                (Some(counts.into_iter().map(count).collect()), None)
            }
            Heard::Resumed => (None, None),
            Heard::Fact(fact) => {
                let order = query::named_by(op, &fact).await.map_err(|fault| hidden(op, &fault))?;
                (None, Some(OrderFact { name: fact.name, order: order.map(Into::into), at: fact.at }))
            }
        };
        Ok(Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, counts, fact })
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
        let filter = OrderFilter { customer: op.actor.customer(), status: status.map(Status::from), ..OrderFilter::default() };
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::list(op, filter, page).await)?.map(Order::from).into())
    }

    /// One of the signed-in shopper's orders.
    #[graphql(guard = "Access::Customer")]
    async fn order(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: OrderId) -> Result<Option<Order>> {
        Ok(answer(ctx, service::get(ctx.op()?, id).await)?.map(Into::into))
    }
}

/// How the goods reach the shopper, as it was said: at a store, to an entry of the address book, to an address, or not at all.
pub async fn delivery(
    op: &Op,
    said: (Option<OrderPickupInput>, Option<AddressId>, Option<ShippingAddressInput>),
) -> std::result::Result<Delivery, kernel::Failure<super::Refused>> {
    match said {
        (Some(pickup), ..) => Ok(Delivery::Pickup { store: pickup.store_id, recipient: pickup.recipient, phone: pickup.phone }),
        (None, Some(entry), _) => service::from_book(op, entry).await.map(Delivery::Parcel),
        (None, None, Some(address)) => Ok(Delivery::Parcel(address.into())),
        (None, None, None) => Ok(Delivery::Virtual),
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
        let op = ctx.op()?;
        let placed = match delivery(op, (input.pickup, input.address_id, input.shipping_address)).await {
            Ok(delivery) => {
                let wanted = PlaceOrder {
                    note: input.note,
                    confirms_exceptions: input.confirm_return_exceptions,
                    ..PlaceOrder::new(input.quote_id, input.expected_total.into(), delivery)
                };
                service::place_own(op, wanted, &input.idempotency_key).await
            }
            Err(failure) => Err(failure),
        };
        ended(ctx, placed)
    }

    /// Gives the shopper a week more before the order is taken as received; once.
    #[graphql(guard = "Access::Customer")]
    async fn order_receipt_extend(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: OrderId) -> Result<OrderPayload> {
        ended(ctx, service::extend(ctx.op()?, id).await)
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

/// Another price for an unpaid order.
#[derive(InputObject)]
pub struct OrderRepriceInput {
    /// Which order.
    id: OrderId,
    /// What its lines cost together, between nothing and their list price; as before when not said.
    goods: Option<MoneyInput>,
    /// What bringing them costs; as before when not said.
    shipping: Option<MoneyInput>,
    /// Why, in words the shopper may read; 200 characters at most.
    reason: String,
    /// One effect per key.
    idempotency_key: String,
}

/// What staff do with orders.
#[derive(Default)]
pub struct OrderAdminMutation;

#[Object]
impl OrderAdminMutation {
    /// Changes what an unpaid order costs; its open payment is closed, and money that still arrives for the old price goes
    /// back by itself.
    #[graphql(guard = "Access::Staff(Permission::OrderWrite)")]
    async fn order_reprice(&self, ctx: &Context<'_>, #[graphql(desc = "The price.")] input: OrderRepriceInput) -> Result<OrderPayload> {
        let wanted = RepriceOrder {
            order: input.id,
            goods: input.goods.map(Into::into),
            shipping: input.shipping.map(Into::into),
            reason: input.reason,
        };
        ended(ctx, service::reprice(ctx.op()?, wanted, &input.idempotency_key).await)
    }

    /// Writes a note on an order; the shopper does not see it.
    #[graphql(guard = "Access::Staff(Permission::OrderWrite)")]
    async fn order_note_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: OrderId,
        #[graphql(desc = "The note; 500 characters at most.")] note: String,
    ) -> Result<OrderPayload> {
        ended(ctx, service::note(ctx.op()?, NoteOrder { order: id, text: note }).await)
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

    /// Every fact about every order, one by one; begins with how many orders stand where. Who comes back is told what
    /// happened meanwhile, or that there is a gap.
    #[graphql(guard = "Access::Staff(Permission::OrderRead)", directive = feed::apply())]
    async fn order_feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last cursor that was seen.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<OrderFeed>> + use<>> {
        let op = ctx.op()?.clone();
        let told = live(ctx, query::follow(&op, after).await)?;
        Ok(told.then(move |frame| {
            let op = op.clone();
            async move { OrderFeed::of(&op, frame?).await }
        }))
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

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct ParcelsOf(OrderId);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct PickupOf(OrderId);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct StoreOf(StoreId);

impl Loader<ParcelsOf> for OrderLoader {
    type Value = Vec<fulfilment::service::Parcel>;
    type Error = Arc<Fault>;

    async fn load(&self, keys: &[ParcelsOf]) -> std::result::Result<HashMap<ParcelsOf, Self::Value>, Arc<Fault>> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let found = fulfilment::service::of_orders(&self.0, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, parcels)| (ParcelsOf(id), parcels)).collect())
    }
}

impl Loader<PickupOf> for OrderLoader {
    type Value = Option<fulfilment::stores::Pickup>;
    type Error = Arc<Fault>;

    async fn load(&self, keys: &[PickupOf]) -> std::result::Result<HashMap<PickupOf, Self::Value>, Arc<Fault>> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let found = fulfilment::stores::of_orders(&self.0, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|pickup| (PickupOf(pickup.order), Some(pickup))).collect())
    }
}

impl Loader<StoreOf> for OrderLoader {
    type Value = Option<fulfilment::stores::Store>;
    type Error = Arc<Fault>;

    async fn load(&self, keys: &[StoreOf]) -> std::result::Result<HashMap<StoreOf, Self::Value>, Arc<Fault>> {
        let ids: Vec<StoreId> = keys.iter().map(|key| key.0).collect();
        let found = fulfilment::stores::by_ids(&self.0, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|store| (StoreOf(store.id), Some(store))).collect())
    }
}

/// Loads where parcels stopped.
impl Loader<StopsOf> for OrderLoader {
    type Value = Vec<fulfilment::tracking::Stop>;
    type Error = Arc<Fault>;

    async fn load(&self, keys: &[StopsOf]) -> std::result::Result<HashMap<StopsOf, Self::Value>, Arc<Fault>> {
        let ids: Vec<kernel::ParcelId> = keys.iter().map(|key| key.0).collect();
        let found = fulfilment::service::stops(&self.0, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, stops)| (StopsOf(id), stops)).collect())
    }
}

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

pub(crate) async fn load<K>(ctx: &Context<'_>, key: K) -> Result<<OrderLoader as Loader<K>>::Value>
where
    K: Send + Sync + Eq + std::hash::Hash + Clone + 'static,
    OrderLoader: Loader<K, Error = Arc<Fault>>,
    <OrderLoader as Loader<K>>::Value: Default,
{
    let found = ctx.data::<Batch<OrderLoader>>()?.load_one(key).await;
    Ok(answer(ctx, found.map_err(|fault| Fault::internal(fault.to_string())))?.unwrap_or_default())
}
