//! What shoppers ask and do.

use async_graphql::{Context, InputObject, MergedObject, Object, Result, SimpleObject, Subscription};
use entity::campaign::flash_sale_item as item;
use futures_util::{Stream, StreamExt};
use kernel::{AddressId, Currency, Failure, FlashSaleId, FlashSalePassId, SkuId, Timestamp};
use platform::{
    Op,
    graphql::{Access, ContextExt, MoneyObject, Problem, answer, brisk, hidden, live, page_request, payload, personal},
    live::Live,
};
use trade::order::graphql::{Order, OrderPickupInput, ShippingAddressInput, delivery};

use super::types::{FlashSaleAnswer, FlashSaleBase, FlashSaleItem, small};
use crate::flash_sale::{
    desk::{Desk, Outcome, Place},
    error::{BuyRefused, PassRefused},
    passes::{self, NewPass, Pass},
    query::{self, InLine},
    rules::counter::Answer,
    store::Sale,
};

/// A flash sale: a session with stock of its own.
#[derive(MergedObject)]
pub struct FlashSale(FlashSaleBase, FlashSaleShopPart);

impl From<Sale> for FlashSale {
    fn from(sale: Sale) -> Self {
        let part = FlashSaleShopPart { items: sale.items.clone(), currency: sale.row.currency };
        Self(FlashSaleBase(sale), part)
    }
}

/// What only shoppers are shown of a sale.
pub struct FlashSaleShopPart {
    items: Vec<item::Model>,
    currency: Currency,
}

/// What only shoppers are shown of a sale.
#[Object]
impl FlashSaleShopPart {
    /// What it sells, in its order.
    async fn items(&self) -> Vec<FlashSaleItem> {
        let currency = self.currency;
        self.items.iter().map(|row| FlashSaleItem { row: row.clone(), currency }).collect()
    }
}

platform::connection! {
    /// Sales.
    pub struct FlashSaleConnection, FlashSaleEdge of FlashSale
}

/// A purchase, prepared: show it when the sale has begun.
pub struct FlashSalePass(std::sync::Arc<Pass>);

/// A purchase, prepared: show it when the sale has begun.
#[Object]
impl FlashSalePass {
    /// Its id; whoever is signed in as you and shows it buys.
    async fn id(&self) -> FlashSalePassId {
        self.0.id
    }

    /// For which sale.
    async fn flash_sale_id(&self) -> FlashSaleId {
        self.0.flash_sale
    }

    /// Of what.
    async fn sku_id(&self) -> SkuId {
        self.0.sku
    }

    /// How many.
    async fn quantity(&self) -> i32 {
        small(self.0.quantity)
    }

    /// What the order will cost, freight and all. It holds until the sale ends.
    async fn total(&self) -> MoneyObject {
        self.0.total.into()
    }

    /// What of it is for bringing the goods.
    async fn shipping(&self) -> MoneyObject {
        self.0.prepared().quote().shipping.into()
    }
}

/// A purchase to be prepared.
#[derive(InputObject)]
pub struct FlashSalePrepareInput {
    /// In which sale.
    flash_sale_id: FlashSaleId,
    /// Of what.
    sku_id: SkuId,
    /// How many; 1 when absent.
    quantity: Option<i32>,
    /// 8 to 64 letters, digits, dots, dashes or underscores; the same key answers the same pass.
    idempotency_key: String,
    /// Where it goes. Or an entry of the address book, or a store; nothing where there is nothing to carry.
    shipping_address: Option<ShippingAddressInput>,
    /// An entry of your address book; the order keeps what it says now.
    address_id: Option<AddressId>,
    /// You come to a store.
    pickup: Option<OrderPickupInput>,
    /// What you ask for; 500 characters at most.
    note: Option<String>,
    /// Whether you confirm that goods with a `returnException` cannot be given back without a reason. Needed when there are
    /// any.
    #[graphql(default)]
    confirm_return_exceptions: bool,
}

platform::payload! {
    /// A purchase was prepared.
    pub struct FlashSalePreparePayload {
        /// The pass to show when the sale has begun.
        pass: FlashSalePass,
    }
}

/// A pass, shown.
#[derive(InputObject)]
pub struct FlashSaleBuyInput {
    /// Which pass. Shown twice it is one order: the pass is the idempotency key.
    pass_id: FlashSalePassId,
}

platform::payload! {
    /// What became of a purchase.
    pub struct FlashSaleBuyPayload {
        /// The answer; null when the request was not looked at.
        answer: FlashSaleAnswer,
        /// With ACCEPTED: the order, to be paid.
        order: Order,
        /// With QUEUED: so many are before you.
        position: i32,
        /// With SOLD_OUT: how many are left, fewer than you want.
        left: i32,
        /// With LIMIT_REACHED: how many one customer may have.
        limit: i32,
    }
}

/// A sale at a moment, and where to go on from.
#[derive(SimpleObject)]
pub struct FlashSaleStock {
    /// Pass it as `after` to go on behind this state.
    pub cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    pub gap: bool,
    /// The server's time, to count down with.
    pub server_time: Timestamp,
    /// The sale as it is now: what is left of each item, and where it stands.
    pub flash_sale: FlashSale,
}

/// Where a waiting shopper stands.
#[derive(SimpleObject)]
pub struct FlashSaleQueue {
    /// The server's time.
    pub server_time: Timestamp,
    /// QUEUED while you stand in line; then the answer, once. Null when the pass does not stand in line here: show it
    /// (again), that is safe.
    pub answer: Option<FlashSaleAnswer>,
    /// So many are before you.
    pub position: Option<i32>,
    /// The order, with ACCEPTED.
    pub order: Option<Order>,
}

/// Queries.
#[derive(Default)]
pub struct ShopQuery;

#[Object(name = "FlashSaleShopQuery")]
impl ShopQuery {
    /// The flash sales that sell now or will, the next one first.
    async fn flash_sales(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<FlashSaleConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::upcoming(ctx.op()?, page).await)?.map(FlashSale::from).into())
    }

    /// One flash sale; null when there is none.
    async fn flash_sale(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: FlashSaleId) -> Result<Option<FlashSale>> {
        Ok(answer(ctx, query::public_sale(ctx.op()?, id).await)?.map(FlashSale::from))
    }
}

/// Mutations.
#[derive(Default)]
pub struct ShopMutation;

#[Object(name = "FlashSaleShopMutation")]
impl ShopMutation {
    /// Prepares a purchase, best before the sale begins: the price with freight is promised until the sale ends. Nothing is
    /// bought and nothing is put aside.
    #[graphql(guard = "Access::Customer")]
    async fn flash_sale_prepare(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The purchase.")] input: FlashSalePrepareInput,
    ) -> Result<FlashSalePreparePayload> {
        payload(ctx, prepared(ctx.op()?, input).await, |pass| FlashSalePreparePayload {
            pass: Some(FlashSalePass(pass)),
            ..Default::default()
        })
    }

    /// Shows a pass: one request, one answer. ACCEPTED is a real order, durable when you read it.
    #[graphql(guard = "Access::Customer")]
    async fn flash_sale_buy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pass.")] input: FlashSaleBuyInput,
    ) -> Result<FlashSaleBuyPayload> {
        payload(ctx, bought(ctx.op()?, input.pass_id).await, |payload| payload)
    }
}

async fn prepared(op: &Op, input: FlashSalePrepareInput) -> std::result::Result<std::sync::Arc<Pass>, Failure<PassRefused>> {
    let delivery = delivery(op, (input.pickup, input.address_id, input.shipping_address)).await.map_err(Failure::widen)?;
    let wanted = NewPass {
        flash_sale: input.flash_sale_id,
        sku: input.sku_id,
        quantity: input.quantity.unwrap_or(1).into(),
        delivery,
        note: input.note,
        confirms_exceptions: input.confirm_return_exceptions,
    };
    let pass = std::sync::Arc::new(passes::prepare(op, wanted, &input.idempotency_key).await?);
    op.port::<Desk>()?.keep(std::sync::Arc::clone(&pass)).await;
    Ok(pass)
}

async fn bought(op: &Op, id: FlashSalePassId) -> std::result::Result<FlashSaleBuyPayload, Failure<BuyRefused>> {
    let (pass, outcome) = op.port::<Desk>()?.buy(op, id).await?;
    let mut told = FlashSaleBuyPayload::default();
    match outcome {
        Outcome::Queued(before) => {
            told.answer = Some(FlashSaleAnswer::Queued);
            told.position = Some(small(i64::try_from(before).unwrap_or(i64::MAX)));
        }
        Outcome::Answered(answer) => {
            told.answer = Some(answer.into());
            match answer {
                Answer::Accepted => told.order = trade::order::service::get(op, pass.order).await?.map(Order::from),
                Answer::SoldOut { left } => told.left = Some(small(left)),
                Answer::LimitReached { most } => told.limit = Some(small(most)),
                Answer::NotStarted | Answer::Paused | Answer::Ended => {}
            }
        }
    }
    Ok(told)
}

/// Subscriptions.
#[derive(Default)]
pub struct ShopSubscription;

#[Subscription(name = "FlashSaleShopSubscription")]
impl ShopSubscription {
    /// A sale as it is now, then after every change: what is left, and the very moments it begins and ends. A slow watcher
    /// skips what is no longer true.
    #[graphql(directive = brisk::apply())]
    async fn flash_sale_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sale.")] id: FlashSaleId,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<FlashSaleStock>> + use<>> {
        let frames = live(ctx, query::watch(ctx.op()?, id, after).await)?;
        Ok(frames.map(|frame| frame.map(FlashSaleStock::from)))
    }

    /// Your place in line, until you are answered.
    #[graphql(guard = "Access::Customer", directive = personal::apply())]
    async fn flash_sale_queue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The pass you have shown.")] pass_id: FlashSalePassId,
    ) -> Result<impl Stream<Item = Result<FlashSaleQueue>> + use<>> {
        let op = ctx.op()?.clone();
        let places = query::watch_line(&op, pass_id).await.map_err(|failure| Problem::from(failure).error(&op))?;
        Ok(places.then(move |place| {
            let op = op.clone();
            async move {
                let shown = match place {
                    Ok(place) => in_line(&op, place).await,
                    Err(fault) => Err(fault),
                };
                shown.map_err(|fault| hidden(&op, &fault))
            }
        }))
    }
}

async fn in_line(op: &Op, place: InLine) -> std::result::Result<FlashSaleQueue, kernel::Fault> {
    let (answer, position) = match place.place {
        Place::Waiting(before) => (Some(FlashSaleAnswer::Queued), Some(small(i64::try_from(before).unwrap_or(i64::MAX)))),
        Place::Answered(answer) => (Some(answer.into()), None),
        Place::Unknown => (None, None),
    };
    let order = match place.order {
        Some(order) => trade::order::service::get(op, order).await?.map(Order::from),
        None => None,
    };
    Ok(FlashSaleQueue { server_time: op.now(), answer, position, order })
}

impl From<Live<(Sale, Timestamp)>> for FlashSaleStock {
    fn from(frame: Live<(Sale, Timestamp)>) -> Self {
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, flash_sale: frame.value.0.into() }
    }
}
