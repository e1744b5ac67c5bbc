//! What staff ask and do.

use async_graphql::{Context, InputObject, MergedObject, Object, Result, SimpleObject, Subscription};
use catalog::product::graphql::CatalogProduct;
use entity::campaign::{group_buy as campaign, group_buy_seat as seat, group_buy_team as team};
use futures_util::{Stream, StreamExt};
use kernel::{Bps, Currency, CustomerId, Failure, GroupBuyId, OrderId, Permission, ProductId, SkuId, TeamId, Timestamp};
use platform::{
    graphql::{Access, ContextExt, LocalizedTextInput, LocalizedTextObject, MoneyInput, answer, live, page_request, payload},
    live::Live,
};

use super::{
    loaders,
    types::{
        GroupBuyBase, GroupBuyJoiners, GroupBuySeatBase, GroupBuyState, GroupBuyTeamBase, GroupBuyTeamState, GroupBuyWhenFull, seats_of,
        small,
    },
};
use crate::{
    console::{
        self,
        graphql::{PlayCostInput, PlayPreview},
    },
    group_buy::{
        campaigns::{self, Draft},
        error::EditRefused,
        query::{self, CampaignFilter, Counters},
        rules::{
            campaign::{Step, Window},
            terms::{Joiners, LeaderDiscount, TeamPrice, Terms},
        },
        store::Campaign,
    },
};

/// A group-buy campaign, as staff see it.
#[derive(MergedObject)]
#[graphql(name = "GroupBuy")]
pub struct GroupBuy(GroupBuyBase, GroupBuyStaffPart);

impl From<Campaign> for GroupBuy {
    fn from(campaign: Campaign) -> Self {
        let row = campaign.row.clone();
        Self(GroupBuyBase(campaign), GroupBuyStaffPart(row))
    }
}

/// What only staff are shown of a campaign.
pub struct GroupBuyStaffPart(campaign::Model);

/// What only staff are shown of a campaign.
#[Object]
impl GroupBuyStaffPart {
    /// Its name in every language.
    async fn title_texts(&self) -> LocalizedTextObject {
        (&self.0.title).into()
    }

    /// The product it sells; null when it is gone.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<CatalogProduct>> {
        CatalogProduct::load(ctx, self.0.product).await
    }

    /// What the leader earns of the team's sales when it forms, in basis points.
    async fn leader_commission_bps(&self) -> i32 {
        small(self.0.leader_commission_bps)
    }

    /// How its teams stand.
    async fn team_counts(&self, ctx: &Context<'_>) -> Result<GroupBuyTeamCounts> {
        Ok(loaders::counters(ctx, self.0.id).await?.into())
    }

    /// When it was written first.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When staff or the clock changed it last.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// How a campaign's teams stand.
#[derive(SimpleObject)]
pub struct GroupBuyTeamCounts {
    /// Teams whose leader has not paid.
    pub pending: i32,
    /// Teams that gather.
    pub open: i32,
    /// Teams that are complete.
    pub formed: i32,
    /// Formed teams that were completed virtually.
    pub formed_virtually: i32,
    /// Teams that failed.
    pub failed: i32,
    /// Paid seats of the teams that gather or formed.
    pub paid_seats: i32,
}

impl From<Counters> for GroupBuyTeamCounts {
    fn from(counters: Counters) -> Self {
        Self {
            pending: small(counters.pending),
            open: small(counters.open),
            formed: small(counters.formed),
            formed_virtually: small(counters.formed_virtually),
            failed: small(counters.failed),
            paid_seats: small(counters.paid_seats),
        }
    }
}

/// A team of buyers, as staff see it.
#[derive(MergedObject)]
#[graphql(name = "GroupBuyTeam")]
pub struct GroupBuyTeam(GroupBuyTeamBase, GroupBuyTeamStaffPart);

impl From<team::Model> for GroupBuyTeam {
    fn from(row: team::Model) -> Self {
        Self(GroupBuyTeamBase(row.clone()), GroupBuyTeamStaffPart(row))
    }
}

/// What only staff are shown of a team.
pub struct GroupBuyTeamStaffPart(team::Model);

/// What only staff are shown of a team.
#[Object]
impl GroupBuyTeamStaffPart {
    /// The campaign it belongs to.
    async fn group_buy(&self, ctx: &Context<'_>) -> Result<GroupBuy> {
        Ok(loaders::campaign(ctx, self.0.group_buy).await?.into())
    }

    /// Who sits in it, by seat number.
    async fn seats(&self, ctx: &Context<'_>) -> Result<Vec<GroupBuySeat>> {
        Ok(seats_of(ctx, &self.0).await?.into_iter().map(GroupBuySeat::from).collect())
    }
}

/// A place in a team, as staff see it.
#[derive(MergedObject)]
#[graphql(name = "GroupBuySeat")]
pub struct GroupBuySeat(GroupBuySeatBase, GroupBuySeatStaffPart);

impl From<GroupBuySeatBase> for GroupBuySeat {
    fn from(base: GroupBuySeatBase) -> Self {
        let part = GroupBuySeatStaffPart(base.row.clone());
        Self(base, part)
    }
}

/// What only staff are shown of a seat.
pub struct GroupBuySeatStaffPart(seat::Model);

/// What only staff are shown of a seat.
#[Object]
impl GroupBuySeatStaffPart {
    /// The order it was taken with.
    async fn order_id(&self) -> OrderId {
        self.0.order_id
    }

    /// What is bought.
    async fn sku_id(&self) -> SkuId {
        self.0.sku
    }

    /// How many units.
    async fn quantity(&self) -> i32 {
        small(self.0.quantity)
    }

    /// What the buyer wants when their payment finds no seat.
    async fn when_full(&self) -> GroupBuyWhenFull {
        crate::group_buy::rules::team::WhenFull::from(self.0.when_full).into()
    }

    /// Who brought the buyer.
    async fn inviter_id(&self) -> Option<CustomerId> {
        self.0.inviter
    }

    /// Why its money was asked back: `team-failed` or `team-full`; null when it was not.
    async fn refund_reason(&self) -> Option<&str> {
        self.0.refund_reason.as_deref()
    }
}

platform::connection! {
    /// Campaigns.
    pub struct GroupBuyConnection, GroupBuyEdge of GroupBuy
}

platform::connection! {
    /// Teams.
    pub struct GroupBuyTeamConnection, GroupBuyTeamEdge of GroupBuyTeam
}

/// Which campaigns.
#[derive(InputObject, Default)]
pub struct GroupBuyFilter {
    /// Only in this state.
    state: Option<GroupBuyState>,
    /// Only with this in the title, in any language.
    search: Option<String>,
}

/// The price of one unit in a team of one size.
#[derive(InputObject)]
pub struct GroupBuyPriceInput {
    /// The size of the team, 2 to 100.
    size: i32,
    /// What a member pays; less than the SKU costs without a team.
    price: MoneyInput,
}

/// A SKU to sell to teams.
#[derive(InputObject)]
pub struct GroupBuySkuInput {
    /// Which one, of the campaign's product.
    sku_id: SkuId,
    /// One price per team size; every SKU has the same sizes, and a larger team never pays more.
    prices: Vec<GroupBuyPriceInput>,
}

/// What the leader saves on each unit: one of the two.
#[derive(InputObject)]
pub struct GroupBuyLeaderDiscountInput {
    /// So much.
    amount: Option<MoneyInput>,
    /// This share of the team price, in basis points.
    rate_bps: Option<i32>,
}

/// A campaign's terms. What is absent has the default it names.
#[derive(InputObject)]
pub struct GroupBuyInput {
    /// Its name.
    title: LocalizedTextInput,
    /// What it sells.
    product_id: ProductId,
    /// At which prices.
    skus: Vec<GroupBuySkuInput>,
    /// How many hours a team gathers, from the leader's payment: 1 to 168.
    team_hours: i32,
    /// How many minutes a seat is held for its payment: 1 to 14; 10 when absent.
    seat_hold_minutes: Option<i32>,
    /// When it begins to sell; at once when absent.
    starts_at: Option<Timestamp>,
    /// When it ends.
    ends_at: Timestamp,
    /// Who may join; everybody when absent.
    joiners: Option<GroupBuyJoiners>,
    /// What the leader saves; nothing when absent.
    leader_discount: Option<GroupBuyLeaderDiscountInput>,
    /// What the leader earns of the team's sales when it forms, in basis points; nothing when absent.
    leader_commission_bps: Option<i32>,
    /// Units one order may hold; 1 when absent.
    per_order_limit: Option<i32>,
    /// Units one customer may hold over all their teams; any number when absent.
    per_customer_limit: Option<i32>,
    /// Virtual completion: the share of seats, 50 to 99 percent, that must be paid at the deadline; never when absent.
    virtual_from_percent: Option<i32>,
}

/// A campaign to change.
#[derive(InputObject)]
pub struct GroupBuyUpdateInput {
    /// Which one.
    id: GroupBuyId,
    /// Its terms from now on. Teams that gather keep what they were promised.
    terms: GroupBuyInput,
}

/// A campaign.
#[derive(InputObject)]
pub struct GroupBuyIdInput {
    /// Which one.
    id: GroupBuyId,
}

impl GroupBuyInput {
    /// As the rules read it. A number no rule knows stays one, and is refused by name.
    fn draft(self, now: Timestamp) -> Result<Draft, EditRefused> {
        let count = |n: i32| u32::try_from(n).unwrap_or_default();
        let currency = self.skus.iter().flat_map(|sku| &sku.prices).map(|price| price.price.currency).next().unwrap_or(Currency::Cny);
        let mut prices = Vec::new();
        for sku in &self.skus {
            for rung in &sku.prices {
                if rung.price.currency != currency {
                    return Err(EditRefused::Currency);
                }
                prices.push(TeamPrice { sku: sku.sku_id, size: count(rung.size), minor: rung.price.amount.0 });
            }
        }
        let leader_discount = match self.leader_discount.map(|discount| (discount.amount, discount.rate_bps)) {
            None | Some((None, None)) => LeaderDiscount::None,
            Some((Some(amount), None)) if amount.currency == currency => LeaderDiscount::Amount(amount.amount.0),
            Some((Some(_), None)) => return Err(EditRefused::Currency),
            Some((None, Some(bps))) => LeaderDiscount::Rate(Bps(bps.into())),
            Some((Some(_), Some(_))) => return Err(EditRefused::TwoDiscounts),
        };
        Ok(Draft {
            title: self.title.into(),
            product: self.product_id,
            window: Window { starts_at: self.starts_at.unwrap_or(now), ends_at: self.ends_at },
            terms: Terms {
                currency,
                prices,
                team_hours: count(self.team_hours),
                seat_hold_minutes: self.seat_hold_minutes.map_or(10, count),
                joiners: self.joiners.map_or(Joiners::Anyone, Joiners::from),
                leader_discount,
                leader_commission: Bps(self.leader_commission_bps.unwrap_or_default().into()),
                most_per_order: self.per_order_limit.map_or(1, count),
                most_per_customer: self.per_customer_limit.map(count),
                virtual_from_percent: self.virtual_from_percent.map(count),
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
            group_buy: GroupBuy,
        }
    }

    impl From<Campaign> for $name {
        fn from(campaign: Campaign) -> Self { Self { group_buy: Some(campaign.into()), ..Default::default() } }
    }
)*}; }

campaign_payloads! {
    /// A campaign was written.
    GroupBuyCreatePayload,
    /// A campaign was changed.
    GroupBuyUpdatePayload,
    /// A campaign was published.
    GroupBuyPublishPayload,
    /// A campaign was paused.
    GroupBuyPausePayload,
    /// A campaign goes on.
    GroupBuyResumePayload,
    /// A campaign was ended.
    GroupBuyEndEarlyPayload,
    /// A draft that promises the same was written.
    GroupBuyCopyPayload,
}

/// A team at a moment, and where to go on from.
#[derive(SimpleObject)]
#[graphql(name = "GroupBuyTeamProgress")]
pub struct GroupBuyTeamProgress {
    /// Pass it as `after` to go on behind this state.
    pub cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    pub gap: bool,
    /// The server's time, to count down with.
    pub server_time: Timestamp,
    /// The team as it is now.
    pub team: GroupBuyTeam,
}

/// A campaign at a moment, and where to go on from.
#[derive(SimpleObject)]
pub struct GroupBuyCampaignProgress {
    /// Pass it as `after` to go on behind this state.
    pub cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    pub gap: bool,
    /// The server's time, to count down with.
    pub server_time: Timestamp,
    /// The campaign as it is now, with its counters.
    pub group_buy: GroupBuy,
}

impl From<Live<team::Model>> for GroupBuyTeamProgress {
    fn from(frame: Live<team::Model>) -> Self {
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, team: frame.value.into() }
    }
}

impl From<Live<Campaign>> for GroupBuyCampaignProgress {
    fn from(frame: Live<Campaign>) -> Self {
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, group_buy: frame.value.into() }
    }
}

/// Queries.
#[derive(Default)]
pub struct AdminQuery;

#[Object(name = "GroupBuyAdminQuery")]
impl AdminQuery {
    /// Campaigns, the newest first.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyRead)")]
    async fn group_buys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when absent.")] filter: Option<GroupBuyFilter>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<GroupBuyConnection> {
        let filter = filter.unwrap_or_default();
        let wanted = CampaignFilter { state: filter.state.map(Into::into), search: filter.search };
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::find(ctx.op()?, wanted, page).await)?.map(GroupBuy::from).into())
    }

    /// One campaign; null when there is none.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyRead)")]
    async fn group_buy(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: GroupBuyId) -> Result<Option<GroupBuy>> {
        Ok(answer(ctx, query::campaign(ctx.op()?, id).await)?.map(GroupBuy::from))
    }

    /// What a campaign comes to when all is sold to leaders of the cheapest size, their commission paid: price, margin and
    /// the most it gives away, SKU by SKU; null when there is no such campaign.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyRead)")]
    async fn group_buy_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaign.")] id: GroupBuyId,
        #[graphql(desc = "What one unit costs the merchant, where it is known.")] costs: Option<Vec<PlayCostInput>>,
    ) -> Result<Option<PlayPreview>> {
        PlayPreview::answer(ctx, campaigns::preview(ctx.op()?, (id, &console::graphql::costs(costs))).await, &EditRefused::NotFound)
    }

    /// The teams of a campaign, the newest first.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyRead)")]
    async fn group_buy_teams(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which campaign.")] group_buy_id: GroupBuyId,
        #[graphql(desc = "Only in this state.")] state: Option<GroupBuyTeamState>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<GroupBuyTeamConnection> {
        let page = page_request(ctx, first, after)?;
        let teams = query::teams(ctx.op()?, (group_buy_id, state.map(Into::into)), page).await;
        Ok(answer(ctx, teams)?.map(GroupBuyTeam::from).into())
    }

    /// One team; null when there is none.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyRead)")]
    async fn group_buy_team(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: TeamId) -> Result<Option<GroupBuyTeam>> {
        Ok(answer(ctx, query::team(ctx.op()?, id).await)?.map(GroupBuyTeam::from))
    }
}

/// Mutations.
#[derive(Default)]
pub struct AdminMutation;

#[Object(name = "GroupBuyAdminMutation")]
impl AdminMutation {
    /// Writes a campaign no shopper sees yet.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyWrite)")]
    async fn group_buy_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it promises.")] input: GroupBuyInput,
    ) -> Result<GroupBuyCreatePayload> {
        let op = ctx.op()?;
        let created = match input.draft(op.now()) {
            Ok(draft) => campaigns::create(op, draft).await,
            Err(refused) => Err(refused.into()),
        };
        payload(ctx, query::edited(op, created).await, GroupBuyCreatePayload::from)
    }

    /// Changes a campaign that is not over. Teams that gather keep what they were promised.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyWrite)")]
    async fn group_buy_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it promises from now on.")] input: GroupBuyUpdateInput,
    ) -> Result<GroupBuyUpdatePayload> {
        let op = ctx.op()?;
        let updated = match input.terms.draft(op.now()) {
            Ok(draft) => campaigns::update(op, input.id, draft).await,
            Err(refused) => Err(refused.into()),
        };
        payload(ctx, query::edited(op, updated).await, GroupBuyUpdatePayload::from)
    }

    /// Shows a campaign to shoppers; it begins at its start.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyWrite)")]
    async fn group_buy_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: GroupBuyIdInput,
    ) -> Result<GroupBuyPublishPayload> {
        payload(ctx, stepped(ctx, input, Step::Publish).await, GroupBuyPublishPayload::from)
    }

    /// Stops new teams and new seats. Teams that gather go on: who holds a seat may pay for it.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyWrite)")]
    async fn group_buy_pause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: GroupBuyIdInput,
    ) -> Result<GroupBuyPausePayload> {
        payload(ctx, stepped(ctx, input, Step::Pause).await, GroupBuyPausePayload::from)
    }

    /// Lets a paused campaign go on.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyWrite)")]
    async fn group_buy_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: GroupBuyIdInput,
    ) -> Result<GroupBuyResumePayload> {
        payload(ctx, stepped(ctx, input, Step::Resume).await, GroupBuyResumePayload::from)
    }

    /// Ends a campaign before its time. Teams that gather go on to their own deadlines.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyWrite)")]
    async fn group_buy_end_early(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: GroupBuyIdInput,
    ) -> Result<GroupBuyEndEarlyPayload> {
        payload(ctx, stepped(ctx, input, Step::End).await, GroupBuyEndEarlyPayload::from)
    }

    /// Writes a draft that promises the same as another campaign, as long as it and from now on.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyWrite)")]
    async fn group_buy_copy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: GroupBuyIdInput,
    ) -> Result<GroupBuyCopyPayload> {
        let op = ctx.op()?;
        payload(ctx, query::edited(op, campaigns::copy(op, input.id).await).await, GroupBuyCopyPayload::from)
    }
}

async fn stepped(ctx: &Context<'_>, input: GroupBuyIdInput, step: Step) -> std::result::Result<Campaign, Failure<EditRefused>> {
    let op = ctx.data_unchecked::<platform::Op>();
    query::edited(op, campaigns::step(op, input.id, step).await).await
}

/// Subscriptions.
#[derive(Default)]
pub struct AdminSubscription;

#[Subscription(name = "GroupBuyAdminSubscription")]
impl AdminSubscription {
    /// A team as it is now, then after every change.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyRead)")]
    async fn group_buy_team_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which team.")] id: TeamId,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<GroupBuyTeamProgress>> + use<>> {
        let frames = live(ctx, query::watch_any_team(ctx.op()?, id, after).await)?;
        Ok(frames.map(|frame| frame.map(GroupBuyTeamProgress::from)))
    }

    /// A campaign and the counters of its teams, now and after every change.
    #[graphql(guard = "Access::Staff(Permission::GroupBuyRead)")]
    async fn group_buy_campaign_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaign.")] group_buy_id: GroupBuyId,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<GroupBuyCampaignProgress>> + use<>> {
        let frames = live(ctx, query::watch_campaign(ctx.op()?, group_buy_id, after).await)?;
        Ok(frames.map(|frame| frame.map(GroupBuyCampaignProgress::from)))
    }
}
