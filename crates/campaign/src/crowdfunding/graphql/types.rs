//! Types of both APIs.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use entity::campaign::{
    crowdfunding as table, crowdfunding_pledge as pledge, crowdfunding_stretch as stretch, crowdfunding_tier as tier,
    crowdfunding_update as news,
};
use identity::customer::graphql::{CustomerSummary, summary};
use kernel::{
    CrowdfundingId, CrowdfundingPollId, CrowdfundingUpdateId, Currency, LocalizedText, Money, OrderId, PledgeId, ProductId, SkuId, TierId,
    Timestamp,
};
use platform::{
    graphql::{ContextExt, LocalizedTextObject, Long, MoneyObject},
    live::Live,
};

use super::loaders::{Itself, NewsOf, PollsOf, StretchesOf, TiersOf, load};
use crate::crowdfunding::{campaigns, query::Poll, rules::Raised};

/// Where a crowdfunding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "table::CrowdfundingState")]
pub enum CrowdfundingState {
    /// Being written; no shopper sees it.
    Draft,
    /// Shown; it gathers within its window.
    Published,
    /// Stopped for now: nobody new pledges.
    Paused,
    /// Over: the pledges are orders to be shipped.
    Succeeded,
    /// Over: the pledges go back.
    Failed,
}

/// What a goal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "table::GoalKind")]
pub enum CrowdfundingGoalKind {
    /// Money, in minor units.
    Amount,
    /// Pieces.
    Units,
}

/// Where a pledge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pledge::PledgeState")]
pub enum CrowdfundingPledgeState {
    /// Held for its payment.
    Reserved,
    /// Paid.
    Pledged,
    /// Given up: not paid in time.
    Released,
    /// Its money went back.
    Refunded,
}

/// What is made only if enough backers pay for it.
pub struct Crowdfunding(pub table::Model);

impl From<table::Model> for Crowdfunding {
    fn from(row: table::Model) -> Self {
        Self(row)
    }
}

/// Numbers here are bounded by what people do.
pub(super) fn small(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// What is made only if enough backers pay for it.
#[Object]
impl Crowdfunding {
    /// The crowdfunding.
    async fn id(&self) -> CrowdfundingId {
        self.0.id
    }

    /// What it is called, in the reader's language.
    async fn title(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.title.get(ctx.op()?.locale))
    }

    /// What it is called, in every language.
    async fn title_texts(&self) -> LocalizedTextObject {
        (&self.0.title).into()
    }

    /// What is made.
    async fn product_id(&self) -> ProductId {
        self.0.product
    }

    /// Where it stands.
    async fn state(&self) -> CrowdfundingState {
        self.0.state.into()
    }

    /// What the goal counts.
    async fn goal_kind(&self) -> CrowdfundingGoalKind {
        self.0.goal_kind.into()
    }

    /// What it asks for: minor units of its currency, or pieces.
    async fn goal(&self) -> Long {
        Long(self.0.goal)
    }

    /// Whether the rewards are made even when the goal is missed.
    async fn keeps_all(&self) -> bool {
        self.0.keeps_all
    }

    /// In which currency.
    async fn currency(&self) -> Currency {
        self.0.currency
    }

    /// It gathers from then on.
    async fn starts_at(&self) -> Timestamp {
        self.0.starts_at
    }

    /// Until then. Count down with the server's time, not the device's.
    async fn ends_at(&self) -> Timestamp {
        self.0.ends_at
    }

    /// The rewards are shipped by then.
    async fn ship_by(&self) -> Timestamp {
        self.0.ship_by
    }

    /// What was raised.
    async fn raised(&self) -> MoneyObject {
        Money::new(self.0.raised_minor, self.0.currency).into()
    }

    /// How many pieces are pledged for.
    async fn units(&self) -> i32 {
        small(self.0.units)
    }

    /// How many pledges are paid.
    async fn backers(&self) -> i32 {
        small(self.0.backers)
    }

    /// How much of the goal is raised, in basis points; more than 10 000 when it is exceeded.
    async fn progress_bps(&self) -> i32 {
        let raised = Raised { minor: self.0.raised_minor, units: self.0.units, backers: self.0.backers };
        let share = i128::from(campaigns::goal(&self.0).of(raised)) * 10_000 / i128::from(self.0.goal.max(1));
        i32::try_from(share).unwrap_or(i32::MAX)
    }

    /// Its rewards, in their order.
    async fn tiers(&self, ctx: &Context<'_>) -> Result<Vec<CrowdfundingTier>> {
        let tiers = load(ctx, TiersOf(self.0.id)).await?.unwrap_or_default();
        Ok(tiers.into_iter().map(|row| CrowdfundingTier { row, currency: self.0.currency }).collect())
    }

    /// What is promised beyond the goal, the nearest first.
    async fn stretch_goals(&self, ctx: &Context<'_>) -> Result<Vec<CrowdfundingStretch>> {
        let raised = Raised { minor: self.0.raised_minor, units: self.0.units, backers: self.0.backers };
        let so_far = campaigns::goal(&self.0).of(raised);
        let rows = load(ctx, StretchesOf(self.0.id)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| CrowdfundingStretch { reached: so_far >= row.goal, row }).collect())
    }

    /// What the backers were told, the latest first; at most 50.
    async fn updates(&self, ctx: &Context<'_>) -> Result<Vec<CrowdfundingUpdate>> {
        Ok(load(ctx, NewsOf(self.0.id)).await?.unwrap_or_default().into_iter().map(CrowdfundingUpdate).collect())
    }

    /// What the backers are asked, the latest first; at most 50.
    async fn polls(&self, ctx: &Context<'_>) -> Result<Vec<CrowdfundingPoll>> {
        Ok(load(ctx, PollsOf(self.0.id)).await?.unwrap_or_default().into_iter().map(CrowdfundingPoll).collect())
    }

    /// When it was over; null while it is not.
    async fn ended_at(&self) -> Option<Timestamp> {
        self.0.ended_at
    }
}

/// What a backer gets for how much.
pub struct CrowdfundingTier {
    row: tier::Model,
    currency: Currency,
}

/// What a backer gets for how much.
#[Object]
impl CrowdfundingTier {
    /// The reward. Ask for its price with a quote for the play `{kind: "crowdfunding", id: <this>}`.
    async fn id(&self) -> TierId {
        self.row.id
    }

    /// What it is called, in the reader's language.
    async fn title(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.row.title.get(ctx.op()?.locale))
    }

    /// What it is called, in every language.
    async fn title_texts(&self) -> LocalizedTextObject {
        (&self.row.title).into()
    }

    /// What is shipped.
    async fn sku_id(&self) -> SkuId {
        self.row.sku
    }

    /// For how much.
    async fn price(&self) -> MoneyObject {
        Money::new(self.row.price_minor, self.currency).into()
    }

    /// How many there are; null: any number.
    async fn stock(&self) -> Option<i32> {
        self.row.stock.map(small)
    }

    /// How many are left; null: any number.
    async fn left(&self) -> Option<i32> {
        self.row.stock.map(|stock| small(stock - self.row.taken))
    }

    /// Whether each piece has a number of its own, and is pledged one by one.
    async fn numbered(&self) -> bool {
        self.row.numbered
    }

    /// Pieces one backer may have; null: any number.
    async fn per_customer_limit(&self) -> Option<i32> {
        self.row.most_per_customer.map(small)
    }
}

/// What is promised beyond the goal.
pub struct CrowdfundingStretch {
    row: stretch::Model,
    reached: bool,
}

/// What is promised beyond the goal.
#[Object]
impl CrowdfundingStretch {
    /// From how much raised on, in what the goal counts.
    async fn goal(&self) -> Long {
        Long(self.row.goal)
    }

    /// What is promised, in the reader's language.
    async fn title(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.row.title.get(ctx.op()?.locale))
    }

    /// What is promised, in every language.
    async fn title_texts(&self) -> LocalizedTextObject {
        (&self.row.title).into()
    }

    /// Whether so much is raised.
    async fn reached(&self) -> bool {
        self.reached
    }
}

/// News for the backers.
pub struct CrowdfundingUpdate(news::Model);

/// News for the backers.
#[Object]
impl CrowdfundingUpdate {
    /// The news.
    async fn id(&self) -> CrowdfundingUpdateId {
        self.0.id
    }

    /// What it is about, in the reader's language.
    async fn title(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.title.get(ctx.op()?.locale))
    }

    /// What there is to say, in the reader's language.
    async fn body(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.body.get(ctx.op()?.locale))
    }

    /// When it was told.
    async fn posted_at(&self) -> Timestamp {
        self.0.created_at
    }
}

/// An answer to a question, and how many chose it.
#[derive(SimpleObject)]
pub struct CrowdfundingPollOption {
    /// The answer, in the reader's language.
    pub label: String,
    /// How many backers chose it.
    pub votes: i32,
}

/// A question to the backers.
pub struct CrowdfundingPoll(Poll);

/// A question to the backers.
#[Object]
impl CrowdfundingPoll {
    /// The question.
    async fn id(&self) -> CrowdfundingPollId {
        self.0.row.id
    }

    /// What is asked, in the reader's language.
    async fn question(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.row.question.get(ctx.op()?.locale))
    }

    /// What can be answered, and how many did.
    async fn options(&self, ctx: &Context<'_>) -> Result<Vec<CrowdfundingPollOption>> {
        let locale = ctx.op()?.locale;
        let texts: Vec<LocalizedText> = serde_json::from_value(self.0.row.options.clone()).unwrap_or_default();
        let option =
            |(text, votes): (LocalizedText, &i64)| CrowdfundingPollOption { label: text.get(locale).to_owned(), votes: small(*votes) };
        Ok(texts.into_iter().zip(&self.0.votes).map(option).collect())
    }

    /// Until when it is answered.
    async fn closes_at(&self) -> Timestamp {
        self.0.row.closes_at
    }
}

/// What a backer pledged.
pub struct CrowdfundingPledge(pub pledge::Model);

impl From<pledge::Model> for CrowdfundingPledge {
    fn from(row: pledge::Model) -> Self {
        Self(row)
    }
}

/// What a backer pledged.
#[Object]
impl CrowdfundingPledge {
    /// The pledge.
    async fn id(&self) -> PledgeId {
        self.0.id
    }

    /// To which crowdfunding; null when it is gone.
    async fn crowdfunding(&self, ctx: &Context<'_>) -> Result<Option<Crowdfunding>> {
        Ok(load(ctx, Itself(self.0.crowdfunding)).await?.map(Crowdfunding))
    }

    /// For which reward.
    async fn tier_id(&self) -> TierId {
        self.0.tier
    }

    /// Whose it is; null when they closed their account.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<CustomerSummary>> {
        summary(ctx, self.0.customer).await
    }

    /// With which order.
    async fn order_id(&self) -> OrderId {
        self.0.order_id
    }

    /// How many pieces.
    async fn quantity(&self) -> i32 {
        small(self.0.quantity)
    }

    /// How much of it is for the goal, in minor units of the crowdfunding's currency.
    async fn amount(&self) -> Long {
        Long(self.0.amount_minor)
    }

    /// Where it stands.
    async fn state(&self) -> CrowdfundingPledgeState {
        self.0.state.into()
    }

    /// The number of the piece, of a numbered reward that is paid.
    async fn edition_no(&self) -> Option<i32> {
        self.0.edition_no.map(small)
    }

    /// Why its money was asked back: `crowdfunding-failed` or `pledged-too-late`; null when it was not.
    async fn refund_reason(&self) -> Option<&str> {
        self.0.refund_reason.as_deref()
    }

    /// When it was made.
    async fn pledged_at(&self) -> Timestamp {
        self.0.created_at
    }
}

platform::connection! {
    /// Crowdfundings.
    pub struct CrowdfundingConnection, CrowdfundingEdge of Crowdfunding
}

platform::connection! {
    /// Pledges.
    pub struct CrowdfundingPledgeConnection, CrowdfundingPledgeEdge of CrowdfundingPledge
}

/// A crowdfunding at a moment, and where to go on from.
#[derive(SimpleObject)]
pub struct CrowdfundingProgress {
    /// Pass it as `after` to go on behind this state.
    pub cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    pub gap: bool,
    /// The server's time, to count down with.
    pub server_time: Timestamp,
    /// The crowdfunding as it is now.
    pub crowdfunding: Crowdfunding,
}

impl From<Live<table::Model>> for CrowdfundingProgress {
    fn from(frame: Live<table::Model>) -> Self {
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, crowdfunding: frame.value.into() }
    }
}
