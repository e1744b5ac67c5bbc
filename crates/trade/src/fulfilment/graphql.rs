//! Parcels, stores and pick-ups as shoppers and staff see them.

use async_graphql::{ComplexObject, Context, Enum, InputObject, Object, Result, SimpleObject};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Failure, Fault, OrderId, OrderLineId, ParcelId, Permission, StoreId, Timestamp};
use platform::graphql::{Access, ContextExt, answer, payload};

use super::{
    batch, carriers, rules,
    service::{self, PartOfLine, ShipOrder},
    stores::{self, HandOver, SaveStore},
    tracking,
};
use crate::order::{
    graphql::{Order, OrderLine, OrderPayload, ShippingAddress, load},
    service as orders,
};

/// Where a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::Whereabouts")]
pub enum ParcelState {
    /// It left the house; the carrier said nothing yet.
    Sent,
    /// The carrier has it.
    Collected,
    /// It travels.
    InTransit,
    /// It is on the last mile.
    OutForDelivery,
    /// Something is wrong with it.
    Problem,
    /// It was signed for.
    Delivered,
    /// It goes back, or is back.
    Returned,
}

/// What left the house in one piece for one order.
#[derive(Clone, SimpleObject)]
#[graphql(complex)]
pub struct Parcel {
    /// Its id.
    id: ParcelId,
    /// The how-manieth of its order, from 1.
    number: i32,
    /// Who carries it, as people say.
    carrier: String,
    /// Who carries it, if it is one of `carriers`.
    carrier_code: Option<String>,
    /// The carrier's number for it.
    tracking_no: String,
    /// Where it is.
    state: ParcelState,
    /// What is in it.
    contents: Vec<ParcelContent>,
    /// When it left the house.
    shipped_at: Timestamp,
    /// When the carrier's latest news is of.
    tracked_at: Option<Timestamp>,
    /// When it was signed for.
    delivered_at: Option<Timestamp>,
}

/// Some pieces in a parcel.
#[derive(Clone, SimpleObject)]
pub struct ParcelContent {
    /// Of which line of the order.
    line_id: OrderLineId,
    /// How many.
    quantity: i32,
}

/// One stop on a parcel's way.
#[derive(Clone, SimpleObject)]
pub struct ParcelStop {
    /// When.
    at: Timestamp,
    /// In the carrier's words.
    text: String,
    /// Where, if it is said.
    place: Option<String>,
    /// What that made of the parcel, if it is said.
    state: Option<ParcelState>,
}

impl From<service::Parcel> for Parcel {
    fn from(parcel: service::Parcel) -> Self {
        let content = |(line_id, quantity)| ParcelContent { line_id, quantity: i32::try_from(quantity).unwrap_or(i32::MAX) };
        Self {
            id: parcel.id,
            number: i32::try_from(parcel.number).unwrap_or(i32::MAX),
            carrier: parcel.carrier,
            carrier_code: parcel.carrier_code,
            tracking_no: parcel.tracking_no,
            state: parcel.state.into(),
            contents: parcel.lines.into_iter().map(content).collect(),
            shipped_at: parcel.shipped_at,
            tracked_at: parcel.tracked_at,
            delivered_at: parcel.delivered_at,
        }
    }
}

/// Loads the stops of a parcel.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StopsOf(pub(crate) ParcelId);

#[ComplexObject]
impl Parcel {
    /// Where the carrier says it was, the latest first.
    async fn stops(&self, ctx: &Context<'_>) -> Result<Vec<ParcelStop>> {
        let shown =
            |stop: tracking::Stop| ParcelStop { at: stop.at, text: stop.text, place: stop.place, state: stop.state.map(Into::into) };
        Ok(load(ctx, StopsOf(self.id)).await?.into_iter().map(shown).collect())
    }
}

/// A known carrier.
#[derive(SimpleObject)]
pub struct Carrier {
    /// Its code, as in a spreadsheet: SF.
    code: &'static str,
    /// Its name in Chinese.
    zh: &'static str,
    /// Its name in English.
    en: &'static str,
}

/// A shop with a door, where orders are picked up.
#[derive(Clone, SimpleObject)]
pub struct Store {
    /// Its id.
    id: StoreId,
    /// What it is called.
    name: String,
    /// Where it is reached.
    phone: String,
    /// Province, city, district.
    region: String,
    /// Street, house.
    street: String,
    /// When its door is open, in words.
    hours: String,
    /// Whether orders may be picked up there.
    is_open: bool,
}

impl From<stores::Store> for Store {
    fn from(store: stores::Store) -> Self {
        let stores::Store { id, name, phone, region, street, hours, is_open } = store;
        Self { id, name, phone, region, street, hours, is_open }
    }
}

/// An order that is picked up.
#[derive(SimpleObject)]
pub struct Pickup {
    /// Where.
    store: Store,
    /// What the shopper says there, once it is ready; for the shopper alone. Nothing once it was guessed at too often.
    code: Option<String>,
    /// Since when it waits there.
    ready_at: Option<Timestamp>,
    /// When it was given out.
    collected_at: Option<Timestamp>,
}

impl Pickup {
    /// At this store, waiting or not yet.
    pub(crate) fn of(store: stores::Store, waiting: Option<stores::Pickup>) -> Self {
        let (ready_at, collected_at) = waiting.as_ref().map_or((None, None), |waiting| (Some(waiting.ready_at), waiting.collected_at));
        Self { store: store.into(), code: waiting.and_then(|waiting| waiting.code), ready_at, collected_at }
    }
}

/// What shoppers ask about fulfilment.
#[derive(Default)]
pub struct FulfilmentShopQuery;

#[Object]
impl FulfilmentShopQuery {
    /// The stores where orders may be picked up.
    async fn stores(&self, ctx: &Context<'_>) -> Result<Vec<Store>> {
        Ok(answer(ctx, stores::list(ctx.op()?, true).await)?.into_iter().map(Into::into).collect())
    }
}

/// What shoppers do about fulfilment.
#[derive(Default)]
pub struct FulfilmentShopMutation;

#[Object]
impl FulfilmentShopMutation {
    /// Gives an order that waits at its store another code; the old one does not count any more.
    #[graphql(guard = "Access::Customer")]
    async fn order_pickup_code_renew(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: OrderId) -> Result<OrderPayload> {
        ended(ctx, stores::renew(ctx.op()?, id).await)
    }
}

/// What is printed on a label, and what to pick.
#[derive(SimpleObject)]
pub struct ShippingLabel {
    /// Of which order.
    order: Order,
    /// Who takes it, and where.
    to: ShippingAddress,
    /// What is still to be shipped.
    lines: Vec<OrderLine>,
}

/// What staff ask about fulfilment.
#[derive(Default)]
pub struct FulfilmentAdminQuery;

#[Object]
impl FulfilmentAdminQuery {
    /// The known carriers: these are tracked.
    #[graphql(guard = "Access::Staff(Permission::OrderRead)")]
    async fn carriers(&self) -> Vec<Carrier> {
        carriers::CARRIERS.iter().map(|known| Carrier { code: known.code, zh: known.zh, en: known.en }).collect()
    }

    /// All stores, closed ones too.
    #[graphql(guard = "Access::Staff(Permission::OrderRead)")]
    async fn stores(&self, ctx: &Context<'_>) -> Result<Vec<Store>> {
        Ok(answer(ctx, stores::list(ctx.op()?, false).await)?.into_iter().map(Into::into).collect())
    }

    /// A spreadsheet of what waits to be shipped, with empty columns for carriers and numbers: fill them in and bring it
    /// back with `shipmentImport`. The latest thousand orders.
    #[graphql(guard = "Access::Staff(Permission::OrderWrite)")]
    async fn shipping_sheet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is written.")] format: SheetFormat,
    ) -> Result<ShippingSheet> {
        let sheet = answer(ctx, batch::waiting(ctx.op()?, format.into()).await)?;
        Ok(ShippingSheet {
            name: sheet.name,
            media_type: sheet.media_type,
            content: STANDARD.encode(sheet.content),
            orders: i32::try_from(sheet.orders).unwrap_or(i32::MAX),
        })
    }

    /// What is printed on the labels of orders that may be shipped now; others are not in the answer.
    #[graphql(guard = "Access::Staff(Permission::OrderWrite)")]
    async fn shipping_labels(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which orders; 100 at most.")] order_ids: Vec<OrderId>,
    ) -> Result<Vec<ShippingLabel>> {
        let op = ctx.op()?;
        let labels = answer(ctx, service::labels(op, &order_ids).await)?;
        let shown = |label: service::Label| {
            let currency = label.order.total.currency;
            let lines = label.lines.into_iter().map(|line| OrderLine::of(op.locale, currency, line)).collect();
            ShippingLabel { order: label.order.into(), to: label.to.into(), lines }
        };
        Ok(labels.into_iter().map(shown).collect())
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "batch::Format")]
pub enum SheetFormat {
    /// Text with commas, UTF-8.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// A file.
#[derive(SimpleObject)]
pub struct ShippingSheet {
    /// What to call it.
    name: String,
    /// Its media type.
    media_type: &'static str,
    /// What is in it, in base64.
    content: String,
    /// How many orders it lists.
    orders: i32,
}

/// What became of a row of a spreadsheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ShipmentOutcome {
    /// Its parcel left the house.
    Shipped,
    /// Its parcel had left before: nothing changed.
    Known,
    /// It did not; the code says why.
    Refused,
}

/// A row of a spreadsheet and what became of it.
#[derive(SimpleObject)]
pub struct ShipmentRow {
    /// Its place in the file, from 1; the headings are 1.
    row: i32,
    /// The order's number, as it was written.
    order_no: String,
    /// The carrier, as it was written.
    carrier: String,
    /// The carrier's number.
    tracking_no: String,
    /// What became of it.
    outcome: ShipmentOutcome,
    /// Why it was refused, as a stable code.
    code: Option<String>,
    /// Why, in the reader's language.
    message: Option<String>,
}

/// What became of a spreadsheet.
#[derive(SimpleObject)]
pub struct ShipmentReport {
    /// How many rows' parcels left the house.
    shipped: i32,
    /// How many rows' parcels had left before.
    known: i32,
    /// How many rows were refused.
    refused: i32,
    /// Row by row.
    rows: Vec<ShipmentRow>,
    /// The same as CSV, to keep.
    csv: String,
}

impl ShipmentReport {
    fn of(reported: Vec<batch::Reported>) -> std::result::Result<Self, Fault> {
        let csv = batch::report(&reported)?;
        let rows: Vec<ShipmentRow> = reported
            .into_iter()
            .map(|one| {
                let (outcome, code) = match one.outcome {
                    batch::Outcome::Shipped => (ShipmentOutcome::Shipped, None),
                    batch::Outcome::Known => (ShipmentOutcome::Known, None),
                    batch::Outcome::Refused(code) => (ShipmentOutcome::Refused, Some(code.to_owned())),
                };
                let batch::Row { number, order_no, carrier, tracking_no, .. } = one.row;
                let row = i32::try_from(number).unwrap_or(i32::MAX);
                ShipmentRow { row, order_no, carrier, tracking_no, outcome, code, message: one.message }
            })
            .collect();
        let count = |outcome| i32::try_from(rows.iter().filter(|row| row.outcome == outcome).count()).unwrap_or(i32::MAX);
        let (shipped, known) = (count(ShipmentOutcome::Shipped), count(ShipmentOutcome::Known));
        Ok(Self { shipped, known, refused: count(ShipmentOutcome::Refused), rows, csv })
    }
}

/// A spreadsheet of parcels.
#[derive(InputObject)]
pub struct ShipmentImportInput {
    /// The file in base64: CSV or XLSX with the columns 订单号, 快递公司, 快递单号 and, for a part of an order, 商品编码 and
    /// 发货数量; 700 KiB and 1000 rows at most.
    content: String,
}

platform::payload! {
    /// What became of a spreadsheet.
    pub struct ShipmentImportPayload {
        /// Row by row.
        report: ShipmentReport,
    }
}

/// A part of a line.
#[derive(InputObject)]
pub struct ParcelContentInput {
    /// Of which line of the order.
    line_id: OrderLineId,
    /// How many.
    quantity: i32,
}

/// A parcel that leaves the house.
#[derive(InputObject)]
pub struct OrderShipInput {
    /// Of which order.
    id: OrderId,
    /// Who carries it: one of `carriers` by any of its names is tracked; anybody else is not.
    carrier: String,
    /// The carrier's number for it: 4 to 64 letters, digits or dashes.
    tracking_no: String,
    /// What is in it; everything that is left when not said.
    lines: Option<Vec<ParcelContentInput>>,
    /// One effect per key.
    idempotency_key: String,
}

/// An order to be given out.
#[derive(InputObject)]
pub struct OrderHandOverInput {
    /// Which order.
    id: OrderId,
    /// What the shopper says: eight digits.
    #[graphql(secret)]
    code: String,
}

/// A store as it is to be.
#[derive(InputObject)]
pub struct StoreSaveInput {
    /// Which; a new one when not said.
    id: Option<StoreId>,
    /// What it is called; 64 characters at most.
    name: String,
    /// Where it is reached.
    phone: String,
    /// Province, city, district.
    region: String,
    /// Street, house.
    street: String,
    /// When its door is open, in words.
    hours: String,
    /// Whether orders may be picked up there.
    is_open: bool,
}

platform::payload! {
    /// What became of a store.
    pub struct StorePayload {
        /// As it is now.
        store: Store,
    }
}

/// What staff do about fulfilment.
#[derive(Default)]
pub struct FulfilmentAdminMutation;

#[Object]
impl FulfilmentAdminMutation {
    /// Ships a parcel of a paid order; refused while its team gathers. The order is SHIPPED with its last parcel.
    #[graphql(guard = "Access::Staff(Permission::OrderWrite)")]
    async fn order_ship(&self, ctx: &Context<'_>, #[graphql(desc = "The parcel.")] input: OrderShipInput) -> Result<OrderPayload> {
        let part = |part: ParcelContentInput| PartOfLine { line: part.line_id, quantity: i64::from(part.quantity) };
        let lines = input.lines.map(|lines| lines.into_iter().map(part).collect());
        let parcel = ShipOrder { order: input.id, carrier: input.carrier, tracking_no: input.tracking_no, lines };
        ended(ctx, service::ship(ctx.op()?, parcel, &input.idempotency_key).await)
    }

    /// Ships parcels by a spreadsheet, and says of every row what became of it. The same file again changes nothing.
    #[graphql(guard = "Access::Staff(Permission::OrderWrite)")]
    async fn shipment_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The spreadsheet.")] input: ShipmentImportInput,
    ) -> Result<ShipmentImportPayload> {
        let reported = match STANDARD.decode(input.content.trim()) {
            Ok(file) => batch::ship(ctx.op()?, &file).await,
            Err(_) => Err(batch::SheetRefused::Unreadable.into()),
        };
        let report = reported.and_then(|reported| ShipmentReport::of(reported).map_err(Failure::Fault));
        payload(ctx, report, |report| ShipmentImportPayload { report: Some(report), ..Default::default() })
    }

    /// Puts an order ready at the store its shopper picked; they are shown a code.
    #[graphql(guard = "Access::Staff(Permission::OrderWrite)")]
    async fn order_ready_for_pickup(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: OrderId) -> Result<OrderPayload> {
        ended(ctx, stores::ready(ctx.op()?, id).await)
    }

    /// Gives an order out to whoever says its code; the fifth wrong guess ends the code.
    #[graphql(guard = "Access::Staff(Permission::OrderWrite)")]
    async fn order_hand_over(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order and the code.")] input: OrderHandOverInput,
    ) -> Result<OrderPayload> {
        ended(ctx, stores::hand_over(ctx.op()?, HandOver { order: input.id, code: input.code }).await)
    }

    /// Opens a store, or changes it.
    #[graphql(guard = "Access::Staff(Permission::OrderWrite)")]
    async fn store_save(&self, ctx: &Context<'_>, #[graphql(desc = "The store.")] input: StoreSaveInput) -> Result<StorePayload> {
        let StoreSaveInput { id, name, phone, region, street, hours, is_open } = input;
        let saved = stores::save(ctx.op()?, SaveStore { id, name, phone, region, street, hours, is_open }).await;
        payload(ctx, saved, |store| StorePayload { store: Some(store.into()), ..Default::default() })
    }
}

fn ended(ctx: &Context<'_>, moved: std::result::Result<orders::Order, Failure<super::Refused>>) -> Result<OrderPayload> {
    payload(ctx, moved, |order| OrderPayload { order: Some(order.into()), ..Default::default() })
}
