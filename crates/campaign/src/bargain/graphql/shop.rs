//! What shoppers ask and do.

use async_graphql::{Context, InputObject, MergedObject, Object, Result, SimpleObject, Subscription};
use catalog::product::graphql::Product;
use entity::campaign::bargain_record as record;
use futures_util::{Stream, StreamExt};
use kernel::{BargainId, BargainRecordId, CustomerId, Fault, ProductId, QuoteId, SkuId, Timestamp};
use platform::{
    Op,
    graphql::{Access, ContextExt, MoneyInput, MoneyObject, answer, feed, hidden, live, page_request, payload, personal},
    live::{Heard, Live},
};
use trade::order::{
    graphql::{Order, ShippingAddressInput},
    service as orders,
};

use super::{
    loaders,
    types::{BargainBase, BargainCut, BargainProof, BargainRecordBase},
};
use crate::bargain::{
    query::{self, CutShown},
    service::{self, BuyBargain, HelpBargain, StartBargain},
    store::Campaign,
};

/// A bargain campaign: a product whose price friends cut down.
#[derive(MergedObject)]
pub struct Bargain(BargainBase, BargainShopPart);

impl From<Campaign> for Bargain {
    fn from(campaign: Campaign) -> Self {
        let product = campaign.row.product;
        Self(BargainBase(campaign), BargainShopPart { product })
    }
}

/// What only shoppers are shown of a campaign.
pub struct BargainShopPart {
    product: ProductId,
}

/// What only shoppers are shown of a campaign.
#[Object]
impl BargainShopPart {
    /// The product it sells; null when it is gone.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<Product>> {
        Product::load(ctx, self.product).await
    }
}

/// One customer's bargain: a price that friends cut down.
#[derive(MergedObject)]
pub struct BargainRecord(BargainRecordBase, BargainRecordShopPart);

impl From<record::Model> for BargainRecord {
    fn from(row: record::Model) -> Self {
        Self(BargainRecordBase(row.clone()), BargainRecordShopPart(row))
    }
}

/// What only shoppers are shown of a record.
pub struct BargainRecordShopPart(record::Model);

/// What only shoppers are shown of a record.
#[Object]
impl BargainRecordShopPart {
    /// The campaign it belongs to.
    async fn bargain(&self, ctx: &Context<'_>) -> Result<Bargain> {
        Ok(loaders::campaign(ctx, self.0.bargain).await?.into())
    }

    /// The cut you made of it; null when you made none.
    #[graphql(directive = personal::apply())]
    async fn my_cut(&self, ctx: &Context<'_>) -> Result<Option<BargainCut>> {
        let cut = loaders::my_cut(ctx, self.0.id).await?.map(|cut| BargainCut::of(&self.0, cut)).transpose();
        answer(ctx, cut)
    }

    /// The order that buys it; null for others than its owner.
    #[graphql(directive = personal::apply())]
    async fn order_id(&self, ctx: &Context<'_>) -> Result<Option<kernel::OrderId>> {
        Ok(self.0.order_id.filter(|_| ctx.op().is_ok_and(|op| op.actor.customer() == Some(self.0.owner))))
    }

    /// A link to this record that names who sent it: the owner when not said. Append it to the mall's address.
    async fn share_path(&self, #[graphql(desc = "Who sends it.")] sender: Option<CustomerId>) -> String {
        query::share_path(self.0.id, sender.or(Some(self.0.owner)))
    }
}

platform::connection! {
    /// Campaigns.
    pub struct BargainConnection, BargainEdge of Bargain
}

platform::connection! {
    /// Records.
    pub struct BargainRecordConnection, BargainRecordEdge of BargainRecord
}

platform::connection! {
    /// Cuts.
    pub struct BargainCutConnection, BargainCutEdge of BargainCut
}

/// A bargain to begin.
#[derive(InputObject)]
pub struct BargainStartInput {
    /// In which campaign.
    bargain_id: BargainId,
    /// Of which SKU.
    sku_id: SkuId,
    /// 8 to 64 letters, digits, dots, dashes or underscores; the same key has one effect.
    idempotency_key: String,
}

/// A cut to make. It needs no key: a friend cuts a record once, and asking again answers that cut.
#[derive(InputObject)]
pub struct BargainHelpInput {
    /// Of which record.
    record_id: BargainRecordId,
    /// A word of your own, mixed into what you draw: at most 64 letters, digits, dots, dashes and underscores. It cannot be
    /// foreseen when the plan is made, so nobody can have made the plan for it.
    #[graphql(default)]
    salt: String,
}

/// A record to buy at its price.
#[derive(InputObject)]
pub struct BargainBuyInput {
    /// Which one.
    record_id: BargainRecordId,
    /// The quote made for it, with the play `{kind: "bargain", id: <the record's id>}` and one piece of its SKU.
    quote_id: QuoteId,
    /// What you expect to pay: the order is refused when it is another amount.
    expected_total: MoneyInput,
    /// 8 to 64 letters, digits, dots, dashes or underscores; the same key has one effect.
    idempotency_key: String,
    /// Where it goes.
    shipping_address: ShippingAddressInput,
    /// Whether the shopper confirms that goods with a `returnException` cannot be given back without a reason. Needed when
    /// there are any.
    #[graphql(default)]
    confirm_return_exceptions: bool,
}

platform::payload! {
    /// A bargain began: share it.
    pub struct BargainStartPayload {
        /// The record.
        record: BargainRecord,
    }
}

platform::payload! {
    /// You helped.
    pub struct BargainHelpPayload {
        /// The record as it is now.
        record: BargainRecord,
        /// Your cut: what it took is what the price fell by.
        cut: BargainCut,
        /// Whether you made it before; then nothing happened now.
        helped_before: bool,
    }
}

platform::payload! {
    /// It is ordered: pay for it in time, or the record can be used again.
    pub struct BargainBuyPayload {
        /// The record.
        record: BargainRecord,
        /// Your order, to be paid.
        order: Order,
    }
}

impl From<BargainBuyInput> for BuyBargain {
    fn from(input: BargainBuyInput) -> Self {
        Self {
            record: input.record_id,
            quote: input.quote_id,
            expected_total: input.expected_total.into(),
            address: input.shipping_address.into(),
            confirms_exceptions: input.confirm_return_exceptions,
            idempotency_key: input.idempotency_key,
        }
    }
}

impl From<(record::Model, orders::Order)> for BargainBuyPayload {
    fn from((record, order): (record::Model, orders::Order)) -> Self {
        Self { record: Some(record.into()), order: Some(order.into()), ..Default::default() }
    }
}

/// A record at a moment, and where to go on from.
#[derive(SimpleObject)]
pub struct BargainProgress {
    /// Pass it as `after` to go on behind this state.
    pub cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    pub gap: bool,
    /// The server's time, to count down with.
    pub server_time: Timestamp,
    /// The record as it is now.
    pub record: BargainRecord,
}

impl From<Live<record::Model>> for BargainProgress {
    fn from(frame: Live<record::Model>) -> Self {
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, record: frame.value.into() }
    }
}

/// What is told on the feed of a record's cuts: the record at first and after a gap, else one cut.
#[derive(SimpleObject)]
pub struct BargainCutFeed {
    /// Pass it as `after` to go on behind this.
    cursor: String,
    /// Whether cuts between `after` and this can not be told any more.
    gap: bool,
    /// The server's time.
    server_time: Timestamp,
    /// The record; at first and after a gap.
    record: Option<BargainRecord>,
    /// A cut that was made.
    cut: Option<BargainCut>,
    /// What is left to cut after it.
    remaining: Option<MoneyObject>,
}

impl BargainCutFeed {
    fn of(frame: Live<Heard<record::Model>>) -> std::result::Result<Self, Fault> {
        let (cursor, gap, server_time) = (frame.cursor, frame.gap, frame.server_time);
        let (record, cut) = match frame.value {
            Heard::Snapshot(record) => (Some(record.into()), None),
            Heard::Resumed => (None, None),
            Heard::Fact(fact) => (None, query::told(&fact)?.map(|cut| (cut, fact.at))),
        };
        let remaining = cut.as_ref().map(|(cut, _)| cut.remaining.into());
        Ok(Self { cursor, gap, server_time, record, cut: cut.map(|(cut, at)| BargainCut::told(&cut, at)), remaining })
    }
}

/// Queries.
#[derive(Default)]
pub struct ShopQuery;

#[Object(name = "BargainShopQuery")]
impl ShopQuery {
    /// The bargains that run now, the newest first.
    async fn bargains(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<BargainConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::running(ctx.op()?, page).await)?.map(Bargain::from).into())
    }

    /// One bargain campaign; null when there is none.
    async fn bargain(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: BargainId) -> Result<Option<Bargain>> {
        Ok(answer(ctx, query::public_campaign(ctx.op()?, id).await)?.map(Bargain::from))
    }

    /// One customer's bargain, for whoever was given its id; null when there is none.
    async fn bargain_record(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: BargainRecordId) -> Result<Option<BargainRecord>> {
        Ok(answer(ctx, query::record(ctx.op()?, id).await)?.map(BargainRecord::from))
    }

    /// The bargains you began, the newest first.
    #[graphql(guard = "Access::Customer")]
    async fn bargain_my_records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<BargainRecordConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::my_records(ctx.op()?, page).await)?.map(BargainRecord::from).into())
    }

    /// The cuts of a record, the newest first.
    async fn bargain_cuts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which record.")] record_id: BargainRecordId,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<BargainCutConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(cuts(ctx, record_id, page).await?.into())
    }

    /// Everything that proves a record's cuts: the seed too, once no cut can follow. Null when there is no such record.
    async fn bargain_proof(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which record.")] id: BargainRecordId,
    ) -> Result<Option<BargainProof>> {
        Ok(answer(ctx, query::proof(ctx.op()?, id).await)?.map(BargainProof::from))
    }
}

/// A page of a record's cuts, as both APIs show them; none of a record that does not exist.
pub(super) async fn cuts(ctx: &Context<'_>, id: BargainRecordId, page: kernel::PageRequest) -> Result<kernel::Page<BargainCut>> {
    let op = ctx.op()?;
    let rows = answer(ctx, query::cuts(op, id, page).await)?;
    let Some(record) = answer(ctx, query::record(op, id).await)? else {
        return Ok(kernel::Page { rows: Vec::new(), more: false });
    };
    let currency = answer(ctx, super::types::currency_of(&record))?;
    Ok(rows.map(|row| BargainCut::in_currency(row, currency)))
}

/// Mutations.
#[derive(Default)]
pub struct ShopMutation;

#[Object(name = "BargainShopMutation")]
impl ShopMutation {
    /// Begins a bargain of your own: its cuts are planned now, and the hash of their seed is shown at once.
    #[graphql(guard = "Access::Customer")]
    async fn bargain_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you begin.")] input: BargainStartInput,
    ) -> Result<BargainStartPayload> {
        let op = ctx.op()?;
        let wanted = StartBargain { bargain: input.bargain_id, sku: input.sku_id, idempotency_key: input.idempotency_key };
        let started = query::started(op, service::start(op, wanted).await).await;
        payload(ctx, started, |record| BargainStartPayload { record: Some(record.into()), ..Default::default() })
    }

    /// Cuts the price of a friend's bargain, once.
    #[graphql(guard = "Access::Customer")]
    async fn bargain_help(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you cut.")] input: BargainHelpInput,
    ) -> Result<BargainHelpPayload> {
        let op = ctx.op()?;
        let helped = query::helped(op, service::help(op, HelpBargain { record: input.record_id, salt: input.salt }).await).await;
        let shown = helped.and_then(|CutShown { record, cut, again }| {
            let cut = BargainCut::of(&record, cut)?;
            Ok(BargainHelpPayload { record: Some(record.into()), cut: Some(cut), helped_before: Some(again), ..Default::default() })
        });
        payload(ctx, shown, |shown| shown)
    }

    /// Orders your bargain at its price. An order that is cancelled unpaid gives the bargain back until its deadline.
    #[graphql(guard = "Access::Customer")]
    async fn bargain_buy(&self, ctx: &Context<'_>, #[graphql(desc = "What you buy.")] input: BargainBuyInput) -> Result<BargainBuyPayload> {
        let (op, record) = (ctx.op()?, input.record_id);
        let bought = query::bought(op, record, service::buy(op, input.into()).await).await;
        payload(ctx, bought, BargainBuyPayload::from)
    }
}

/// Subscriptions.
#[derive(Default)]
pub struct ShopSubscription;

#[Subscription(name = "BargainShopSubscription")]
impl ShopSubscription {
    /// A bargain as it is now, then after every change: its price, the latest cuts, what is left to the cent, the very
    /// moment it reaches the floor or runs out.
    async fn bargain_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which record.")] id: BargainRecordId,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<BargainProgress>> + use<>> {
        let frames = live(ctx, query::watch_record(ctx.op()?, id, after).await)?;
        Ok(frames.map(|frame| frame.map(BargainProgress::from)))
    }

    /// Every cut of a bargain, one by one and in order: the record at first, then each cut once.
    #[graphql(directive = feed::apply())]
    async fn bargain_cut_feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which record.")] id: BargainRecordId,
        #[graphql(desc = "The last cursor you saw, to be told what you missed.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<BargainCutFeed>> + use<>> {
        let op: Op = ctx.op()?.clone();
        let told = live(ctx, query::follow_cuts(&op, id, after).await)?;
        Ok(told.map(move |frame| BargainCutFeed::of(frame?).map_err(|fault| hidden(&op, &fault))))
    }
}
