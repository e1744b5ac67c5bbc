//! What staff ask and do.

use async_graphql::{Context, InputObject, MergedObject, Object, Result, SimpleObject, Subscription};
use catalog::product::graphql::CatalogProduct;
use entity::campaign::{bargain as campaign, bargain_record as record};
use futures_util::{Stream, StreamExt};
use kernel::{BargainId, BargainRecordId, Currency, Failure, Money, OrderId, Permission, ProductId, SkuId, Timestamp};
use platform::{
    graphql::{Access, ContextExt, LocalizedTextInput, LocalizedTextObject, MoneyInput, MoneyObject, answer, live, page_request, payload},
    live::Live,
};

use super::{
    loaders, shop,
    types::{
        BargainBase, BargainBuyAt, BargainCut, BargainFirstCut, BargainProof, BargainRecordBase, BargainRecordState, BargainState, small,
    },
};
use crate::{
    bargain::{
        campaigns::{self, Draft},
        error::EditRefused,
        query::{self, CampaignFilter, Counters},
        rules::{
            campaign::{Step, Window},
            terms::{BuyAt, FirstCut, Goal, Prices, Terms},
        },
        store::Campaign,
    },
    console::{
        self,
        graphql::{PlayCostInput, PlayPreview},
    },
};

/// A bargain campaign, as staff see it.
#[derive(MergedObject)]
#[graphql(name = "Bargain")]
pub struct Bargain(BargainBase, BargainStaffPart);

impl From<Campaign> for Bargain {
    fn from(campaign: Campaign) -> Self {
        let row = campaign.row.clone();
        Self(BargainBase(campaign), BargainStaffPart(row))
    }
}

/// What only staff are shown of a campaign.
pub struct BargainStaffPart(campaign::Model);

/// What only staff are shown of a campaign.
#[Object]
impl BargainStaffPart {
    /// Its name in every language.
    async fn title_texts(&self) -> LocalizedTextObject {
        (&self.0.title).into()
    }

    /// The product it sells; null when it is gone.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<CatalogProduct>> {
        CatalogProduct::load(ctx, self.0.product).await
    }

    /// How many cuts lead to the floor, when that was said; null when it follows from `averageCut`.
    async fn goal_cuts(&self) -> Option<i32> {
        self.0.cuts.map(small)
    }

    /// What a cut takes on average, when that was said.
    async fn average_cut(&self) -> Option<MoneyObject> {
        self.0.average_cut_minor.map(|minor| Money::new(minor, self.0.currency).into())
    }

    /// How its records stand.
    async fn record_counts(&self, ctx: &Context<'_>) -> Result<BargainRecordCounts> {
        Ok(loaders::counters(ctx, self.0.id).await?.into())
    }

    /// When it was written first.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When staff changed it last.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// How a campaign's records stand.
#[derive(SimpleObject)]
pub struct BargainRecordCounts {
    /// Friends may cut.
    pub running: i32,
    /// The floor is reached.
    pub floor_reached: i32,
    /// An order waits for its payment.
    pub ordered: i32,
    /// Bought.
    pub paid: i32,
    /// Over without an order.
    pub expired: i32,
    /// Cuts of all of them.
    pub cuts: i32,
}

impl From<Counters> for BargainRecordCounts {
    fn from(counters: Counters) -> Self {
        Self {
            running: small(counters.running),
            floor_reached: small(counters.floor_reached),
            ordered: small(counters.ordered),
            paid: small(counters.paid),
            expired: small(counters.expired),
            cuts: small(counters.cuts),
        }
    }
}

/// One customer's bargain, as staff see it.
#[derive(MergedObject)]
#[graphql(name = "BargainRecord")]
pub struct BargainRecord(BargainRecordBase, BargainRecordStaffPart);

impl From<record::Model> for BargainRecord {
    fn from(row: record::Model) -> Self {
        Self(BargainRecordBase(row.clone()), BargainRecordStaffPart(row))
    }
}

/// What only staff are shown of a record.
pub struct BargainRecordStaffPart(record::Model);

/// What only staff are shown of a record.
#[Object]
impl BargainRecordStaffPart {
    /// The campaign it belongs to.
    async fn bargain(&self, ctx: &Context<'_>) -> Result<Bargain> {
        Ok(loaders::campaign(ctx, self.0.bargain).await?.into())
    }

    /// The order that buys it; null when there is none.
    async fn order_id(&self) -> Option<OrderId> {
        self.0.order_id
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

/// Which campaigns.
#[derive(InputObject, Default)]
pub struct BargainFilter {
    /// Only those that stand so now.
    state: Option<BargainState>,
    /// Only with this in the title, in any language.
    search: Option<String>,
}

/// A SKU to bargain for.
#[derive(InputObject)]
pub struct BargainSkuInput {
    /// Which one, of the campaign's product.
    sku_id: SkuId,
    /// Where the price begins; not above the regular price.
    first_price: MoneyInput,
    /// Where it ends: at least one minor unit.
    floor_price: MoneyInput,
}

/// A campaign's terms. What is absent has the default it names.
#[derive(InputObject)]
pub struct BargainInput {
    /// Its name.
    title: LocalizedTextInput,
    /// What it sells.
    product_id: ProductId,
    /// From which price down to which.
    skus: Vec<BargainSkuInput>,
    /// How many cuts lead to the floor, 1 to 1000, the owner's own first one counted. Either this or `averageCut`.
    cuts: Option<i32>,
    /// What a cut takes on average: the number of cuts follows from it for each SKU. Either this or `cuts`.
    average_cut: Option<MoneyInput>,
    /// How many hours a record runs: 1 to 720.
    run_hours: i32,
    /// How many hours a reached floor waits for its order: 1 to 168; 24 when absent.
    pay_hours: Option<i32>,
    /// Who makes the first cut; the first helper when absent.
    first_cut: Option<BargainFirstCut>,
    /// How many shares a helper who never bought here draws, to keep the largest: 1 to 5; 1 when absent.
    new_customer_draws: Option<i32>,
    /// How many cuts one helper may make a day in this campaign; any number when absent.
    helper_daily_limit: Option<i32>,
    /// When a record can be bought; at the floor only when absent.
    buy_at: Option<BargainBuyAt>,
    /// How many records one customer may begin; any number when absent.
    per_customer_limit: Option<i32>,
    /// When customers may begin; at once when absent.
    starts_at: Option<Timestamp>,
    /// When it ends.
    ends_at: Timestamp,
}

/// A draft to change.
#[derive(InputObject)]
pub struct BargainUpdateInput {
    /// Which one; once published it keeps its rules.
    id: BargainId,
    /// Its terms from now on.
    terms: BargainInput,
}

/// A campaign.
#[derive(InputObject)]
pub struct BargainIdInput {
    /// Which one.
    id: BargainId,
}

impl BargainInput {
    /// As the rules read it. A number no rule knows stays one, and is refused by name.
    fn draft(self, now: Timestamp) -> std::result::Result<Draft, EditRefused> {
        let count = |n: i32| u32::try_from(n).unwrap_or_default();
        let currency = self.skus.first().map_or(Currency::Cny, |sku| sku.first_price.currency);
        let amounts = self.skus.iter().flat_map(|sku| [&sku.first_price, &sku.floor_price]).chain(&self.average_cut);
        if amounts.into_iter().any(|amount| amount.currency != currency) {
            return Err(EditRefused::Currency);
        }
        let prices = |sku: &BargainSkuInput| Prices { sku: sku.sku_id, first: sku.first_price.amount.0, floor: sku.floor_price.amount.0 };
        let goal = match (self.cuts, self.average_cut) {
            (Some(cuts), None) => Goal::Cuts(count(cuts)),
            (None, Some(average)) => Goal::AverageCut(average.amount.0),
            _ => return Err(EditRefused::Goal),
        };
        Ok(Draft {
            title: self.title.into(),
            product: self.product_id,
            window: Window { starts_at: self.starts_at.unwrap_or(now), ends_at: self.ends_at },
            terms: Terms {
                currency,
                prices: self.skus.iter().map(prices).collect(),
                goal,
                run_hours: count(self.run_hours),
                pay_hours: self.pay_hours.map_or(24, count),
                first_cut: self.first_cut.map_or(FirstCut::Helper, FirstCut::from),
                new_customer_draws: self.new_customer_draws.map_or(1, count),
                helper_daily_limit: self.helper_daily_limit.map(count),
                buy: self.buy_at.map_or(BuyAt::Floor, BuyAt::from),
                most_per_customer: self.per_customer_limit.map(count),
            },
        })
    }
}

/// Declares the payloads of commands on one campaign.
macro_rules! campaign_payloads { ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
    platform::payload! {
        $(#[$doc])*
        pub struct $name {
            /// The campaign as it is now.
            bargain: Bargain,
        }
    }

    impl From<Campaign> for $name {
        fn from(campaign: Campaign) -> Self { Self { bargain: Some(campaign.into()), ..Default::default() } }
    }
)*}; }

campaign_payloads! {
    /// A campaign was written.
    BargainCreatePayload,
    /// A draft was changed.
    BargainUpdatePayload,
    /// A campaign was published; its rules are fixed.
    BargainPublishPayload,
    /// A campaign was paused.
    BargainPausePayload,
    /// A campaign goes on.
    BargainResumePayload,
    /// A campaign was ended.
    BargainEndEarlyPayload,
    /// A draft with the same rules was written.
    BargainCopyPayload,
}

/// A record at a moment, and where to go on from.
#[derive(SimpleObject)]
#[graphql(name = "BargainProgress")]
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

/// A campaign at a moment, and where to go on from.
#[derive(SimpleObject)]
pub struct BargainCampaignProgress {
    /// Pass it as `after` to go on behind this state.
    pub cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    pub gap: bool,
    /// The server's time, to count down with.
    pub server_time: Timestamp,
    /// The campaign as it is now, with its counters.
    pub bargain: Bargain,
}

impl From<Live<record::Model>> for BargainProgress {
    fn from(frame: Live<record::Model>) -> Self {
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, record: frame.value.into() }
    }
}

impl From<Live<Campaign>> for BargainCampaignProgress {
    fn from(frame: Live<Campaign>) -> Self {
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, bargain: frame.value.into() }
    }
}

/// Queries.
#[derive(Default)]
pub struct AdminQuery;

#[Object(name = "BargainAdminQuery")]
impl AdminQuery {
    /// Campaigns, the newest first.
    #[graphql(guard = "Access::Staff(Permission::BargainRead)")]
    async fn bargains(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when absent.")] filter: Option<BargainFilter>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<BargainConnection> {
        let filter = filter.unwrap_or_default();
        let wanted = CampaignFilter { phase: filter.state.map(Into::into), search: filter.search };
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::find(ctx.op()?, wanted, page).await)?.map(Bargain::from).into())
    }

    /// One campaign; null when there is none.
    #[graphql(guard = "Access::Staff(Permission::BargainRead)")]
    async fn bargain(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: BargainId) -> Result<Option<Bargain>> {
        Ok(answer(ctx, query::campaign(ctx.op()?, id).await)?.map(Bargain::from))
    }

    /// What a campaign comes to when all is sold at the floor: price, margin and the most it gives away, SKU by SKU; null
    /// when there is no such campaign.
    #[graphql(guard = "Access::Staff(Permission::BargainRead)")]
    async fn bargain_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaign.")] id: BargainId,
        #[graphql(desc = "What one unit costs the merchant, where it is known.")] costs: Option<Vec<PlayCostInput>>,
    ) -> Result<Option<PlayPreview>> {
        PlayPreview::answer(ctx, campaigns::preview(ctx.op()?, (id, &console::graphql::costs(costs))).await, &EditRefused::NotFound)
    }

    /// The records of a campaign, the newest first.
    #[graphql(guard = "Access::Staff(Permission::BargainRead)")]
    async fn bargain_records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which campaign.")] bargain_id: BargainId,
        #[graphql(desc = "Only in this state.")] state: Option<BargainRecordState>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<BargainRecordConnection> {
        let page = page_request(ctx, first, after)?;
        let records = query::records(ctx.op()?, (bargain_id, state.map(Into::into)), page).await;
        Ok(answer(ctx, records)?.map(BargainRecord::from).into())
    }

    /// One record; null when there is none.
    #[graphql(guard = "Access::Staff(Permission::BargainRead)")]
    async fn bargain_record(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: BargainRecordId) -> Result<Option<BargainRecord>> {
        Ok(answer(ctx, query::record(ctx.op()?, id).await)?.map(BargainRecord::from))
    }

    /// The cuts of a record, the newest first.
    #[graphql(guard = "Access::Staff(Permission::BargainRead)")]
    async fn bargain_cuts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which record.")] record_id: BargainRecordId,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<BargainCutConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(shop::cuts(ctx, record_id, page).await?.into())
    }

    /// Everything that proves a record's cuts; the seed too, once no cut can follow, and to nobody before.
    #[graphql(guard = "Access::Staff(Permission::BargainRead)")]
    async fn bargain_proof(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which record.")] id: BargainRecordId,
    ) -> Result<Option<BargainProof>> {
        Ok(answer(ctx, query::proof(ctx.op()?, id).await)?.map(BargainProof::from))
    }
}

/// Mutations.
#[derive(Default)]
pub struct AdminMutation;

#[Object(name = "BargainAdminMutation")]
impl AdminMutation {
    /// Writes a campaign nobody sees yet.
    #[graphql(guard = "Access::Staff(Permission::BargainWrite)")]
    async fn bargain_create(&self, ctx: &Context<'_>, #[graphql(desc = "Its terms.")] input: BargainInput) -> Result<BargainCreatePayload> {
        let op = ctx.op()?;
        let created = match input.draft(op.now()) {
            Ok(draft) => campaigns::create(op, draft).await,
            Err(refused) => Err(refused.into()),
        };
        payload(ctx, query::edited(op, created).await, BargainCreatePayload::from)
    }

    /// Changes a draft.
    #[graphql(guard = "Access::Staff(Permission::BargainWrite)")]
    async fn bargain_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: BargainUpdateInput,
    ) -> Result<BargainUpdatePayload> {
        let op = ctx.op()?;
        let updated = match input.terms.draft(op.now()) {
            Ok(draft) => campaigns::update(op, input.id, draft).await,
            Err(refused) => Err(refused.into()),
        };
        payload(ctx, query::edited(op, updated).await, BargainUpdatePayload::from)
    }

    /// Shows a campaign and fixes its rules; it begins at its start.
    #[graphql(guard = "Access::Staff(Permission::BargainWrite)")]
    async fn bargain_publish(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: BargainIdInput) -> Result<BargainPublishPayload> {
        payload(ctx, stepped(ctx, (input, Step::Publish)).await?, BargainPublishPayload::from)
    }

    /// Stops new records and new cuts; no clock stops.
    #[graphql(guard = "Access::Staff(Permission::BargainWrite)")]
    async fn bargain_pause(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: BargainIdInput) -> Result<BargainPausePayload> {
        payload(ctx, stepped(ctx, (input, Step::Pause)).await?, BargainPausePayload::from)
    }

    /// Lets a paused campaign go on.
    #[graphql(guard = "Access::Staff(Permission::BargainWrite)")]
    async fn bargain_resume(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: BargainIdInput) -> Result<BargainResumePayload> {
        payload(ctx, stepped(ctx, (input, Step::Resume)).await?, BargainResumePayload::from)
    }

    /// Ends a campaign before its time: no new record; whoever bargains goes on to the record's own deadline.
    #[graphql(guard = "Access::Staff(Permission::BargainWrite)")]
    async fn bargain_end_early(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: BargainIdInput,
    ) -> Result<BargainEndEarlyPayload> {
        payload(ctx, stepped(ctx, (input, Step::End)).await?, BargainEndEarlyPayload::from)
    }

    /// Writes a draft with the rules of another campaign, as long as it and from now on.
    #[graphql(guard = "Access::Staff(Permission::BargainWrite)")]
    async fn bargain_copy(&self, ctx: &Context<'_>, #[graphql(desc = "Of which.")] input: BargainIdInput) -> Result<BargainCopyPayload> {
        let op = ctx.op()?;
        payload(ctx, query::edited(op, campaigns::copy(op, input.id).await).await, BargainCopyPayload::from)
    }
}

async fn stepped(ctx: &Context<'_>, (input, step): (BargainIdInput, Step)) -> Result<std::result::Result<Campaign, Failure<EditRefused>>> {
    let op = ctx.op()?;
    Ok(query::edited(op, campaigns::step(op, input.id, step).await).await)
}

/// Subscriptions.
#[derive(Default)]
pub struct AdminSubscription;

#[Subscription(name = "BargainAdminSubscription")]
impl AdminSubscription {
    /// A record as it is now, then after every change.
    #[graphql(guard = "Access::Staff(Permission::BargainRead)")]
    async fn bargain_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which record.")] id: BargainRecordId,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<BargainProgress>> + use<>> {
        let frames = live(ctx, query::watch_record(ctx.op()?, id, after).await)?;
        Ok(frames.map(|frame| frame.map(BargainProgress::from)))
    }

    /// A campaign as it is now, then after every record that begins, reaches its floor, is bought or runs out.
    #[graphql(guard = "Access::Staff(Permission::BargainRead)")]
    async fn bargain_campaign_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaign.")] id: BargainId,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<BargainCampaignProgress>> + use<>> {
        let frames = live(ctx, query::watch_campaign(ctx.op()?, id, after).await)?;
        Ok(frames.map(|frame| frame.map(BargainCampaignProgress::from)))
    }
}
