//! What staff ask and do.

use async_graphql::{Context, InputObject, MergedObject, Object, Result, SimpleObject, Subscription};
use entity::campaign::{flash_sale_item as item, flash_sale_purchase as purchase};
use futures_util::{Stream, StreamExt};
use kernel::{Currency, CustomerId, Failure, FlashSaleId, OrderId, Permission, SkuId, Timestamp};
use platform::{
    graphql::{Access, ContextExt, LocalizedTextInput, LocalizedTextObject, MoneyInput, answer, live, page_request, payload},
    live::Live,
};

use super::types::{FlashSaleBase, FlashSaleItem, FlashSaleState, small};
use crate::console::{
    self,
    graphql::{PlayCostInput, PlayPreview},
};
use crate::flash_sale::{
    error::EditRefused,
    query,
    rules::sale::{Item, Step, Terms, Window},
    sales::{self, Draft},
    store::Sale,
};

/// A flash sale, as staff see it.
#[derive(MergedObject)]
#[graphql(name = "FlashSale")]
pub struct FlashSale(FlashSaleBase, FlashSaleStaffPart);

impl From<Sale> for FlashSale {
    fn from(sale: Sale) -> Self {
        Self(FlashSaleBase(sale.clone()), FlashSaleStaffPart(sale))
    }
}

/// What only staff are shown of a sale.
pub struct FlashSaleStaffPart(Sale);

/// What only staff are shown of a sale.
#[Object]
impl FlashSaleStaffPart {
    /// Its name in every language.
    async fn title_texts(&self) -> LocalizedTextObject {
        (&self.0.row.title).into()
    }

    /// What it sells, in its order.
    async fn items(&self) -> Vec<FlashSaleItem> {
        let currency = self.0.row.currency;
        self.0.items.iter().map(|row| FlashSaleItem { row: row.clone(), currency }).collect()
    }

    /// Where the stock of each item is, in the order of `items`.
    async fn counts(&self) -> Vec<FlashSaleItemCounts> {
        self.0.items.iter().map(FlashSaleItemCounts::from).collect()
    }

    /// When it was written first.
    async fn created_at(&self) -> Timestamp {
        self.0.row.created_at
    }

    /// When staff or the clock changed it last.
    async fn updated_at(&self) -> Timestamp {
        self.0.row.updated_at
    }

    /// When it ended, which may be before its time.
    async fn ended_at(&self) -> Option<Timestamp> {
        self.0.row.ended_at
    }
}

/// Where the stock of an item is: left, reserved, sold and returned are always all of it.
#[derive(SimpleObject)]
pub struct FlashSaleItemCounts {
    /// The SKU.
    pub sku_id: SkuId,
    /// All of it.
    pub stock: i32,
    /// Can be bought.
    pub left: i32,
    /// In orders that wait for their money.
    pub reserved: i32,
    /// In orders that were paid.
    pub sold: i32,
    /// Back on the shelf.
    pub returned: i32,
    /// What share of the stock was paid for, in basis points.
    pub sold_bps: i32,
}

impl From<&item::Model> for FlashSaleItemCounts {
    fn from(row: &item::Model) -> Self {
        Self {
            sku_id: row.sku,
            stock: small(row.stock),
            left: small(row.available),
            reserved: small(row.reserved),
            sold: small(row.sold),
            returned: small(row.returned),
            sold_bps: small(row.sold * 10_000 / Ord::max(row.stock, 1)),
        }
    }
}

platform::connection! {
    /// Sales.
    pub struct FlashSaleConnection, FlashSaleEdge of FlashSale
}

/// Where the goods of a purchase are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "FlashSalePurchaseState", remote = "purchase::FlashSalePurchaseState")]
pub enum FlashSalePurchaseState {
    /// Its order waits for the money.
    Reserved,
    /// Its order was paid.
    Sold,
    /// Its order was cancelled: others can have them.
    Returned,
}

/// One purchase in a sale.
#[derive(Clone, SimpleObject)]
pub struct FlashSalePurchase {
    /// Who bought.
    pub customer_id: CustomerId,
    /// What.
    pub sku_id: SkuId,
    /// How many.
    pub quantity: i32,
    /// With which order.
    pub order_id: OrderId,
    /// Where the goods are.
    pub state: FlashSalePurchaseState,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it was paid or given up.
    pub settled_at: Option<Timestamp>,
}

impl From<purchase::Model> for FlashSalePurchase {
    fn from(row: purchase::Model) -> Self {
        Self {
            customer_id: row.customer,
            sku_id: row.sku,
            quantity: small(row.quantity),
            order_id: row.order_id,
            state: row.state.into(),
            created_at: row.created_at,
            settled_at: row.settled_at,
        }
    }
}

platform::connection! {
    /// Purchases.
    pub struct FlashSalePurchaseConnection, FlashSalePurchaseEdge of FlashSalePurchase
}

/// One thing to sell.
#[derive(InputObject)]
pub struct FlashSaleItemInput {
    /// What.
    sku_id: SkuId,
    /// What one costs, below the regular price.
    price: MoneyInput,
    /// How many; they leave the shelf when the sale is published.
    stock: i32,
}

/// What a sale promises.
#[derive(InputObject)]
pub struct FlashSaleInput {
    /// Its name, by language.
    title: LocalizedTextInput,
    /// When it begins to sell.
    starts_at: Timestamp,
    /// When it ends.
    ends_at: Timestamp,
    /// What it sells, each SKU once, at most 50.
    items: Vec<FlashSaleItemInput>,
    /// At most so many pieces in one order; 1 when absent.
    per_order_limit: Option<i32>,
    /// At most so many pieces for one customer, across the session; what one order may hold when absent.
    per_customer_limit: Option<i32>,
    /// How many minutes an order waits for its money; 5 when absent.
    pay_minutes: Option<i32>,
}

/// A changed draft.
#[derive(InputObject)]
pub struct FlashSaleUpdateInput {
    /// Which one.
    id: FlashSaleId,
    /// What it promises now.
    terms: FlashSaleInput,
}

/// A sale to do something with.
#[derive(InputObject)]
pub struct FlashSaleIdInput {
    /// Which one.
    id: FlashSaleId,
}

impl FlashSaleInput {
    fn draft(self) -> std::result::Result<Draft, EditRefused> {
        let currency = self.items.first().map_or(Currency::Cny, |item| item.price.currency);
        if self.items.iter().any(|item| item.price.currency != currency) {
            return Err(EditRefused::Currency);
        }
        let items = self.items.iter().map(|item| Item { sku: item.sku_id, minor: item.price.amount.0, stock: item.stock.into() });
        let most_per_order = self.per_order_limit.map_or(1, i64::from);
        Ok(Draft {
            title: self.title.into(),
            window: Window { starts_at: self.starts_at, ends_at: self.ends_at },
            terms: Terms {
                currency,
                items: items.collect(),
                most_per_order,
                most_per_customer: self.per_customer_limit.map_or(most_per_order, i64::from),
                pay_minutes: self.pay_minutes.map_or(5, i64::from),
            },
        })
    }
}

/// Declares the payloads of commands on one sale.
macro_rules! sale_payloads { ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
    platform::payload! {
        $(#[$doc])*
        pub struct $name {
            /// The sale as it is now.
            flash_sale: FlashSale,
        }
    }

    impl From<Sale> for $name {
        fn from(sale: Sale) -> Self {
            Self { flash_sale: Some(sale.into()), ..Default::default() }
        }
    }
)*}; }

sale_payloads! {
    /// A sale was written.
    FlashSaleCreatePayload,
    /// A draft was changed.
    FlashSaleUpdatePayload,
    /// A sale was published.
    FlashSalePublishPayload,
    /// A sale was stopped.
    FlashSalePausePayload,
    /// A sale goes on.
    FlashSaleResumePayload,
    /// A sale was ended.
    FlashSaleEndEarlyPayload,
    /// A sale was written anew.
    FlashSaleCopyPayload,
}

/// A sale and its counts at a moment, and where to go on from.
#[derive(SimpleObject)]
pub struct FlashSaleProgress {
    /// Pass it as `after` to go on behind this state.
    pub cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    pub gap: bool,
    /// The server's time, to count down with.
    pub server_time: Timestamp,
    /// The sale as it is now.
    pub flash_sale: FlashSale,
}

/// Queries.
#[derive(Default)]
pub struct AdminQuery;

#[Object(name = "FlashSaleAdminQuery")]
impl AdminQuery {
    /// Flash sales, the newest first.
    #[graphql(guard = "Access::Staff(Permission::FlashSaleRead)")]
    async fn flash_sales(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<FlashSaleState>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<FlashSaleConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::find(ctx.op()?, state.map(Into::into), page).await)?.map(FlashSale::from).into())
    }

    /// One flash sale; null when there is none.
    #[graphql(guard = "Access::Staff(Permission::FlashSaleRead)")]
    async fn flash_sale(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: FlashSaleId) -> Result<Option<FlashSale>> {
        Ok(answer(ctx, query::sale(ctx.op()?, id).await)?.map(FlashSale::from))
    }

    /// What a sale comes to: price, margin and the most it gives away, item by item; null when there is no such sale.
    #[graphql(guard = "Access::Staff(Permission::FlashSaleRead)")]
    async fn flash_sale_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sale.")] id: FlashSaleId,
        #[graphql(desc = "What one unit costs the merchant, where it is known.")] costs: Option<Vec<PlayCostInput>>,
    ) -> Result<Option<PlayPreview>> {
        PlayPreview::answer(ctx, sales::preview(ctx.op()?, (id, &console::graphql::costs(costs))).await, &EditRefused::NotFound)
    }

    /// What was bought in a sale, the newest pass first.
    #[graphql(guard = "Access::Staff(Permission::FlashSaleRead)")]
    async fn flash_sale_purchases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which sale.")] flash_sale_id: FlashSaleId,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<FlashSalePurchaseConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::purchases(ctx.op()?, flash_sale_id, page).await)?.map(FlashSalePurchase::from).into())
    }
}

/// Mutations.
#[derive(Default)]
pub struct AdminMutation;

#[Object(name = "FlashSaleAdminMutation")]
impl AdminMutation {
    /// Writes a sale no shopper sees yet.
    #[graphql(guard = "Access::Staff(Permission::FlashSaleWrite)")]
    async fn flash_sale_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it promises.")] input: FlashSaleInput,
    ) -> Result<FlashSaleCreatePayload> {
        let op = ctx.op()?;
        let created = match input.draft() {
            Ok(draft) => sales::create(op, draft).await,
            Err(refused) => Err(refused.into()),
        };
        payload(ctx, query::edited(op, created).await, FlashSaleCreatePayload::from)
    }

    /// Changes a draft. What is published is a promise and does not change.
    #[graphql(guard = "Access::Staff(Permission::FlashSaleWrite)")]
    async fn flash_sale_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it promises now.")] input: FlashSaleUpdateInput,
    ) -> Result<FlashSaleUpdatePayload> {
        let op = ctx.op()?;
        let updated = match input.terms.draft() {
            Ok(draft) => sales::update(op, input.id, draft).await,
            Err(refused) => Err(refused.into()),
        };
        payload(ctx, query::edited(op, updated).await, FlashSaleUpdatePayload::from)
    }

    /// Puts the sale's stock aside and shows it to shoppers; it begins at its start.
    #[graphql(guard = "Access::Staff(Permission::FlashSaleWrite)")]
    async fn flash_sale_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: FlashSaleIdInput,
    ) -> Result<FlashSalePublishPayload> {
        payload(ctx, stepped(ctx, input, Step::Publish).await, FlashSalePublishPayload::from)
    }

    /// Stops selling. Orders that wait for their money go on.
    #[graphql(guard = "Access::Staff(Permission::FlashSaleWrite)")]
    async fn flash_sale_pause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: FlashSaleIdInput,
    ) -> Result<FlashSalePausePayload> {
        payload(ctx, stepped(ctx, input, Step::Pause).await, FlashSalePausePayload::from)
    }

    /// Lets a paused sale go on.
    #[graphql(guard = "Access::Staff(Permission::FlashSaleWrite)")]
    async fn flash_sale_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: FlashSaleIdInput,
    ) -> Result<FlashSaleResumePayload> {
        payload(ctx, stepped(ctx, input, Step::Resume).await, FlashSaleResumePayload::from)
    }

    /// Ends a sale before its time: what is left returns to the shelf. Orders that wait for their money go on.
    #[graphql(guard = "Access::Staff(Permission::FlashSaleWrite)")]
    async fn flash_sale_end_early(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: FlashSaleIdInput,
    ) -> Result<FlashSaleEndEarlyPayload> {
        payload(ctx, stepped(ctx, input, Step::End).await, FlashSaleEndEarlyPayload::from)
    }

    /// Writes the same sale anew, as a draft; its window is moved by whole days until it lies ahead.
    #[graphql(guard = "Access::Staff(Permission::FlashSaleWrite)")]
    async fn flash_sale_copy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: FlashSaleIdInput,
    ) -> Result<FlashSaleCopyPayload> {
        let op = ctx.op()?;
        payload(ctx, query::edited(op, sales::copy(op, input.id).await).await, FlashSaleCopyPayload::from)
    }
}

async fn stepped(ctx: &Context<'_>, input: FlashSaleIdInput, step: Step) -> std::result::Result<Sale, Failure<EditRefused>> {
    let op = ctx.data_unchecked::<platform::Op>();
    query::edited(op, sales::step(op, input.id, step).await).await
}

/// Subscriptions.
#[derive(Default)]
pub struct AdminSubscription;

#[Subscription(name = "FlashSaleAdminSubscription")]
impl AdminSubscription {
    /// A sale and where its stock is, now and after every change.
    #[graphql(guard = "Access::Staff(Permission::FlashSaleRead)")]
    async fn flash_sale_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sale.")] id: FlashSaleId,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<FlashSaleProgress>> + use<>> {
        let frames = live(ctx, query::watch_any(ctx.op()?, id, after).await)?;
        Ok(frames.map(|frame| frame.map(FlashSaleProgress::from)))
    }
}

impl From<Live<Sale>> for FlashSaleProgress {
    fn from(frame: Live<Sale>) -> Self {
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, flash_sale: frame.value.into() }
    }
}
