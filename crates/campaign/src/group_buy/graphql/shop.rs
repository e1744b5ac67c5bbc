//! What shoppers ask and do.

use async_graphql::{Context, InputObject, MergedObject, Object, Result, SimpleObject, Subscription};
use catalog::product::graphql::Product;
use entity::campaign::{group_buy_seat as seat, group_buy_team as team};
use futures_util::{Stream, StreamExt};
use kernel::{CustomerId, GroupBuyId, ProductId, QuoteId, TeamId, Timestamp};
use platform::{
    graphql::{Access, ContextExt, MoneyInput, answer, live, page_request, payload},
    live::Live,
};
use trade::order::graphql::{Order, ShippingAddressInput};

use super::{
    loaders,
    types::{GroupBuyBase, GroupBuySeatBase, GroupBuyTeamBase, GroupBuyWhenFull, seats_of, small},
};
use crate::group_buy::{
    query::{self, Sat},
    service::{self, JoinTeam, OpenTeam, Purchase},
    store::Campaign,
};

/// A group-buy campaign: a product at a price that only a full team gets.
#[derive(MergedObject)]
pub struct GroupBuy(GroupBuyBase, GroupBuyShopPart);

impl From<Campaign> for GroupBuy {
    fn from(campaign: Campaign) -> Self {
        let id = campaign.row.id;
        let product = campaign.row.product;
        Self(GroupBuyBase(campaign), GroupBuyShopPart { id, product })
    }
}

/// What only shoppers are shown of a campaign.
pub struct GroupBuyShopPart {
    id: GroupBuyId,
    product: ProductId,
}

/// What only shoppers are shown of a campaign.
#[Object]
impl GroupBuyShopPart {
    /// How many teams can be joined now.
    async fn open_team_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(small(loaders::open_teams(ctx, self.id).await?))
    }

    /// The product it sells; null when it is gone.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<Product>> {
        Product::load(ctx, self.product).await
    }
}

/// A team of buyers gathering for one price.
#[derive(MergedObject)]
pub struct GroupBuyTeam(GroupBuyTeamBase, GroupBuyTeamShopPart);

impl From<team::Model> for GroupBuyTeam {
    fn from(row: team::Model) -> Self {
        Self(GroupBuyTeamBase(row.clone()), GroupBuyTeamShopPart(row))
    }
}

/// What only shoppers are shown of a team.
pub struct GroupBuyTeamShopPart(team::Model);

/// What only shoppers are shown of a team.
#[Object]
impl GroupBuyTeamShopPart {
    /// The campaign it belongs to.
    async fn group_buy(&self, ctx: &Context<'_>) -> Result<GroupBuy> {
        Ok(loaders::campaign(ctx, self.0.group_buy).await?.into())
    }

    /// Who sits in it, by seat number; nobody for others than the leader until they have paid.
    async fn seats(&self, ctx: &Context<'_>) -> Result<Vec<GroupBuySeat>> {
        Ok(seats_of(ctx, &self.0).await?.into_iter().map(GroupBuySeat::from).collect())
    }

    /// A link to this team that names who sent it: the leader when not said. Append it to the mall's address.
    async fn invite_path(&self, ctx: &Context<'_>, #[graphql(desc = "Who sends it.")] inviter: Option<CustomerId>) -> Result<String> {
        let leader = query::shows_people(ctx.op()?, &self.0).then_some(self.0.leader);
        Ok(query::invite_path(self.0.id, inviter.or(leader)))
    }
}

/// A place in a team.
#[derive(MergedObject)]
pub struct GroupBuySeat(GroupBuySeatBase, GroupBuySeatShopPart);

impl From<GroupBuySeatBase> for GroupBuySeat {
    fn from(base: GroupBuySeatBase) -> Self {
        let part = GroupBuySeatShopPart(base.row.clone());
        Self(base, part)
    }
}

/// What only shoppers are shown of a seat.
pub struct GroupBuySeatShopPart(seat::Model);

/// What only shoppers are shown of a seat.
#[Object]
impl GroupBuySeatShopPart {
    /// A link to the team that names who sits here as the sender. Append it to the mall's address.
    async fn invite_path(&self) -> String {
        query::invite_path(self.0.team, Some(self.0.customer))
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

/// A team to open.
#[derive(InputObject)]
pub struct GroupBuyTeamOpenInput {
    /// In which campaign.
    group_buy_id: GroupBuyId,
    /// The quote made for this campaign (and this size, if one was picked): the price promised to the leader.
    quote_id: QuoteId,
    /// What you expect to pay: the order is refused when it is another amount.
    expected_total: MoneyInput,
    /// What you want when your payment finds no seat any more.
    when_full: GroupBuyWhenFull,
    /// 8 to 64 letters, digits, dots, dashes or underscores; the same key has one effect.
    idempotency_key: String,
    /// Where it goes.
    shipping_address: ShippingAddressInput,
    /// Whether the shopper confirms that goods with a `returnException` cannot be given back without a reason. Needed when
    /// there are any.
    #[graphql(default)]
    confirm_return_exceptions: bool,
    /// The size the quote was made for, to be sure; any size the quote has when absent.
    ladder_size: Option<i32>,
    /// Who brought you here: the `inviter` of the link.
    inviter: Option<CustomerId>,
}

/// A team to join.
#[derive(InputObject)]
pub struct GroupBuyTeamJoinInput {
    /// Which team.
    team_id: TeamId,
    /// The quote made for this team: the price promised to you.
    quote_id: QuoteId,
    /// What you expect to pay: the order is refused when it is another amount.
    expected_total: MoneyInput,
    /// What you want when your payment finds no seat any more.
    when_full: GroupBuyWhenFull,
    /// 8 to 64 letters, digits, dots, dashes or underscores; the same key has one effect.
    idempotency_key: String,
    /// Where it goes.
    shipping_address: ShippingAddressInput,
    /// Whether the shopper confirms that goods with a `returnException` cannot be given back without a reason. Needed when
    /// there are any.
    #[graphql(default)]
    confirm_return_exceptions: bool,
    /// Who brought you here: the `inviter` of the link.
    inviter: Option<CustomerId>,
}

platform::payload! {
    /// A team was opened: it waits for your payment.
    pub struct GroupBuyTeamOpenPayload {
        /// The team; only you see it until you have paid.
        team: GroupBuyTeam,
        /// Your order, to be paid.
        order: Order,
        /// Your seat: the leader's.
        seat: GroupBuySeat,
    }
}

platform::payload! {
    /// You have a seat, held for your payment.
    pub struct GroupBuyTeamJoinPayload {
        /// The team.
        team: GroupBuyTeam,
        /// Your order, to be paid.
        order: Order,
        /// Your seat.
        seat: GroupBuySeat,
    }
}

impl From<GroupBuyTeamOpenInput> for OpenTeam {
    fn from(input: GroupBuyTeamOpenInput) -> Self {
        // A size nobody offers stays one: it is refused by name, not by type.
        let size = input.ladder_size.map(|size| u32::try_from(size).unwrap_or_default());
        let purchase = Purchase {
            quote: input.quote_id,
            expected_total: input.expected_total.into(),
            address: input.shipping_address.into(),
            confirms_exceptions: input.confirm_return_exceptions,
            when_full: input.when_full.into(),
            inviter: input.inviter,
            idempotency_key: input.idempotency_key,
        };
        Self { group_buy: input.group_buy_id, size, purchase }
    }
}

impl From<GroupBuyTeamJoinInput> for JoinTeam {
    fn from(input: GroupBuyTeamJoinInput) -> Self {
        let purchase = Purchase {
            quote: input.quote_id,
            expected_total: input.expected_total.into(),
            address: input.shipping_address.into(),
            confirms_exceptions: input.confirm_return_exceptions,
            when_full: input.when_full.into(),
            inviter: input.inviter,
            idempotency_key: input.idempotency_key,
        };
        Self { team: input.team_id, purchase }
    }
}

impl From<Sat> for GroupBuyTeamOpenPayload {
    fn from(sat: Sat) -> Self {
        let (team, seat, order) = shown(sat);
        Self { team: Some(team), seat: Some(seat), order: Some(order), ..Default::default() }
    }
}

impl From<Sat> for GroupBuyTeamJoinPayload {
    fn from(sat: Sat) -> Self {
        let (team, seat, order) = shown(sat);
        Self { team: Some(team), seat: Some(seat), order: Some(order), ..Default::default() }
    }
}

fn shown(sat: Sat) -> (GroupBuyTeam, GroupBuySeat, Order) {
    let leads = sat.team.leader_seat == sat.seat.id;
    (sat.team.into(), GroupBuySeatBase { row: sat.seat, leads }.into(), sat.order.into())
}

/// A team at a moment, and where to go on from.
#[derive(SimpleObject)]
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

/// The teams that can be joined at a moment, and where to go on from.
#[derive(SimpleObject)]
pub struct GroupBuyOpenTeams {
    /// Pass it as `after` to go on behind this state.
    pub cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    pub gap: bool,
    /// The server's time, to count down with.
    pub server_time: Timestamp,
    /// The teams, the fullest first; at most 50.
    pub teams: Vec<GroupBuyTeam>,
}

/// Queries.
#[derive(Default)]
pub struct ShopQuery;

#[Object(name = "GroupBuyShopQuery")]
impl ShopQuery {
    /// The group buys that sell now, the newest first.
    async fn group_buys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<GroupBuyConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::running(ctx.op()?, page).await)?.map(GroupBuy::from).into())
    }

    /// One group buy; null when there is none.
    async fn group_buy(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: GroupBuyId) -> Result<Option<GroupBuy>> {
        Ok(answer(ctx, query::public_campaign(ctx.op()?, id).await)?.map(GroupBuy::from))
    }

    /// One team; null when there is none, or its leader has not paid and is not you.
    async fn group_buy_team(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: TeamId) -> Result<Option<GroupBuyTeam>> {
        Ok(answer(ctx, query::visible_team(ctx.op()?, id).await)?.map(GroupBuyTeam::from))
    }

    /// The teams you have or had a seat in, the newest first.
    #[graphql(guard = "Access::Customer")]
    async fn group_buy_my_teams(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<GroupBuyTeamConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::my_teams(ctx.op()?, page).await)?.map(GroupBuyTeam::from).into())
    }
}

/// Mutations.
#[derive(Default)]
pub struct ShopMutation;

#[Object(name = "GroupBuyShopMutation")]
impl ShopMutation {
    /// Opens a team you lead: places your order. The team can be seen and joined, and its clock runs, once you have paid.
    #[graphql(guard = "Access::Customer")]
    async fn group_buy_team_open(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you open.")] input: GroupBuyTeamOpenInput,
    ) -> Result<GroupBuyTeamOpenPayload> {
        let op = ctx.op()?;
        let opened = query::sat(op, service::open(op, input.into()).await).await;
        payload(ctx, opened, GroupBuyTeamOpenPayload::from)
    }

    /// Takes a seat in a team: places your order. The seat is held for a few minutes; paying for the order confirms it.
    #[graphql(guard = "Access::Customer")]
    async fn group_buy_team_join(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you join.")] input: GroupBuyTeamJoinInput,
    ) -> Result<GroupBuyTeamJoinPayload> {
        let op = ctx.op()?;
        let joined = query::sat(op, service::join(op, input.into()).await).await;
        payload(ctx, joined, GroupBuyTeamJoinPayload::from)
    }
}

/// Subscriptions.
#[derive(Default)]
pub struct ShopSubscription;

#[Subscription(name = "GroupBuyShopSubscription")]
impl ShopSubscription {
    /// A team as it is now, then after every change: seats joined and needed, the leader, the very moment it forms or
    /// fails.
    async fn group_buy_team_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which team.")] id: TeamId,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<GroupBuyTeamProgress>> + use<>> {
        let frames = live(ctx, query::watch_team(ctx.op()?, id, after).await)?;
        Ok(frames.map(|frame| frame.map(GroupBuyTeamProgress::from)))
    }

    /// The teams of a campaign that can be joined, now and after every change.
    async fn group_buy_open_teams(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which campaign.")] group_buy_id: GroupBuyId,
        #[graphql(desc = "Only teams whose leader lives in this province or city (GB/T 2260); of a district's code the city counts.")]
        near: Option<String>,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<GroupBuyOpenTeams>> + use<>> {
        let frames = live(ctx, query::watch_open_teams(ctx.op()?, (group_buy_id, near), after).await)?;
        Ok(frames.map(|frame| frame.map(GroupBuyOpenTeams::from)))
    }
}

impl From<Live<team::Model>> for GroupBuyTeamProgress {
    fn from(frame: Live<team::Model>) -> Self {
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, team: frame.value.into() }
    }
}

impl From<Live<Vec<team::Model>>> for GroupBuyOpenTeams {
    fn from(frame: Live<Vec<team::Model>>) -> Self {
        let teams = frame.value.into_iter().map(GroupBuyTeam::from).collect();
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, teams }
    }
}
