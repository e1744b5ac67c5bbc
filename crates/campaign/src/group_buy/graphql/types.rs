//! Types of both APIs. A type both show differently is a base here, merged with each API's own part.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use catalog::product::service::SkuInfo;
use entity::campaign::{group_buy as campaign, group_buy_seat as seat, group_buy_team as team};
use identity::customer::graphql::{CustomerSummary, summary};
use kernel::{Detail, GroupBuyId, Money, SkuId, TeamId, Timestamp};
use platform::{
    graphql::{ContextExt, MoneyObject},
    messages::message,
};

use super::loaders;
use crate::group_buy::{
    query,
    rules::{
        team::WhenFull,
        terms::{Joiners, LeaderDiscount, TeamTerms, Terms},
    },
    store::Campaign,
};

/// Where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "GroupBuyState", remote = "campaign::GroupBuyState")]
pub enum GroupBuyState {
    /// Being written; no shopper sees it.
    Draft,
    /// Published; begins at its start.
    Scheduled,
    /// Selling.
    Running,
    /// Stopped for now: no new team, no new seat; teams that gather go on.
    Paused,
    /// Over: no new team; teams that gather go on to their own deadlines.
    Ended,
}

/// Where a team stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "GroupBuyTeamState", remote = "team::TeamState")]
pub enum GroupBuyTeamState {
    /// The leader has not paid; nobody else sees it and no clock runs.
    Pending,
    /// Gathering.
    Open,
    /// Complete; the orders ship.
    Formed,
    /// Over without success; everybody gets their money back.
    Failed,
}

/// Where a seat stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "GroupBuySeatState", remote = "seat::SeatState")]
pub enum GroupBuySeatState {
    /// Held for its payment.
    Reserved,
    /// Paid.
    Confirmed,
    /// Given up: not paid in time, cancelled, or the team was over first.
    Released,
    /// Its money went back.
    Refunded,
}

/// What a buyer wants when their payment finds no seat any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "GroupBuyWhenFull", remote = "WhenFull")]
pub enum GroupBuyWhenFull {
    /// A seat in the fullest open team of the same size and price; the money back when there is none.
    JoinOther,
    /// A new team to lead; the money back when the campaign is over.
    OpenNew,
    /// The money back at once.
    Refund,
}

/// Who may join a team. Anybody may open one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "GroupBuyJoiners", remote = "Joiners")]
pub enum GroupBuyJoiners {
    /// Everybody.
    Anyone,
    /// Only customers who never paid an order before.
    NewCustomers,
}

/// What the leader saves on each unit: an amount or a share.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct GroupBuyLeaderDiscount {
    /// So much.
    pub amount: Option<MoneyObject>,
    /// This share of the team price, in basis points.
    pub rate_bps: Option<i32>,
}

impl GroupBuyLeaderDiscount {
    fn of(terms: &Terms) -> Option<Self> {
        match terms.leader_discount {
            LeaderDiscount::None => None,
            LeaderDiscount::Amount(minor) => Some(Self { amount: Some(Money::new(minor, terms.currency).into()), rate_bps: None }),
            LeaderDiscount::Rate(rate) => Some(Self { amount: None, rate_bps: i32::try_from(rate.0).ok() }),
        }
    }
}

/// The price of one unit in a team of one size: a rung of the ladder.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct GroupBuyPrice {
    /// The size of the team.
    pub size: i32,
    /// What a member pays.
    pub price: MoneyObject,
    /// What the leader pays.
    pub leader_price: MoneyObject,
}

/// A SKU as a campaign sells it.
pub struct GroupBuySku {
    sku: SkuId,
    info: Option<SkuInfo>,
    rungs: Arc<Vec<TeamTerms>>,
}

/// A SKU as a campaign sells it.
#[Object]
impl GroupBuySku {
    /// The SKU.
    async fn sku_id(&self) -> SkuId {
        self.sku
    }

    /// The chosen options as one text, in the reader's language; blank when there is nothing to choose.
    async fn options_label(&self, ctx: &Context<'_>) -> Result<&str> {
        let locale = ctx.op()?.locale;
        Ok(self.info.as_ref().map_or("", |sku| sku.options_label.get(locale)))
    }

    /// Its picture.
    async fn image_url(&self) -> Option<&str> {
        self.info.as_ref().and_then(|sku| sku.image_url.as_deref())
    }

    /// What it costs without a team; null when it is not sold any more.
    async fn original_price(&self) -> Option<MoneyObject> {
        self.info.as_ref().map(|sku| sku.price.into())
    }

    /// What a member of the smallest team pays.
    async fn price(&self) -> Option<MoneyObject> {
        self.rungs.first().and_then(|terms| terms.price(self.sku)).map(MoneyObject::from)
    }

    /// The ladder: the price by team size, the smallest first. The leader picks the size when opening; everybody of that
    /// team pays its price.
    async fn prices(&self) -> Vec<GroupBuyPrice> {
        let rung = |terms: &TeamTerms| {
            let (price, leader_price) = terms.price(self.sku).zip(terms.leader_price(self.sku))?;
            Some(GroupBuyPrice { size: small(terms.size.into()), price: price.into(), leader_price: leader_price.into() })
        };
        self.rungs.iter().filter_map(rung).collect()
    }
}

/// What both APIs show of a campaign.
pub struct GroupBuyBase(pub Campaign);

/// What both APIs show of a campaign.
#[Object(name = "GroupBuyBase")]
impl GroupBuyBase {
    /// The campaign's id.
    async fn id(&self) -> GroupBuyId {
        self.0.row.id
    }

    /// Its name in the reader's language.
    async fn title(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.row.title.get(ctx.op()?.locale))
    }

    /// A picture of what it sells.
    async fn image_url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let shown = self.0.terms.skus().first().copied();
        Ok(loaders::skus(ctx, shown).await?.into_values().next().and_then(|sku| sku.image_url))
    }

    /// Where it stands.
    async fn state(&self) -> GroupBuyState {
        self.0.row.state.into()
    }

    /// When it begins to sell.
    async fn starts_at(&self) -> Timestamp {
        self.0.row.starts_at
    }

    /// When it ends.
    async fn ends_at(&self) -> Timestamp {
        self.0.row.ends_at
    }

    /// The product it sells.
    async fn product_id(&self) -> kernel::ProductId {
        self.0.row.product
    }

    /// What it sells at which price.
    async fn skus(&self, ctx: &Context<'_>) -> Result<Vec<GroupBuySku>> {
        let (terms, skus) = (&self.0.terms, self.0.terms.skus());
        let rungs = Arc::new(terms.sizes().into_iter().filter_map(|size| terms.for_team(size)).collect::<Vec<_>>());
        let mut known = loaders::skus(ctx, skus.iter().copied()).await?;
        Ok(skus.into_iter().map(|sku| GroupBuySku { sku, info: known.remove(&sku), rungs: Arc::clone(&rungs) }).collect())
    }

    /// The team sizes a leader may pick from, the smallest first.
    async fn sizes(&self) -> Vec<i32> {
        self.0.terms.sizes().into_iter().map(|size| small(size.into())).collect()
    }

    /// The smallest team size: the one a team has when its leader picks none.
    async fn team_size(&self) -> i32 {
        small(self.0.terms.sizes().first().copied().unwrap_or_default().into())
    }

    /// How many hours a team gathers, from the leader's payment.
    async fn team_hours(&self) -> i32 {
        small(self.0.row.team_hours)
    }

    /// How many minutes a seat is held for its payment.
    async fn seat_hold_minutes(&self) -> i32 {
        small(self.0.row.seat_hold_minutes)
    }

    /// Who may join.
    async fn joiners(&self) -> GroupBuyJoiners {
        self.0.terms.joiners.into()
    }

    /// What the leader saves on each unit.
    async fn leader_discount(&self) -> Option<GroupBuyLeaderDiscount> {
        GroupBuyLeaderDiscount::of(&self.0.terms)
    }

    /// Units one order may hold.
    async fn per_order_limit(&self) -> i32 {
        small(self.0.row.most_per_order)
    }

    /// Units one customer may hold over all their teams; null: any number.
    async fn per_customer_limit(&self) -> Option<i32> {
        self.0.row.most_per_customer.map(small)
    }

    /// The share of seats, in percent, that must be paid at the deadline for a team to be completed without the others;
    /// null: never.
    async fn virtual_from_percent(&self) -> Option<i32> {
        self.0.row.virtual_from_percent.map(small)
    }

    /// The rules as sentences in the reader's language, in the order they matter.
    async fn rules(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let locale = ctx.op()?.locale;
        Ok(sentences(&self.0.terms).into_iter().map(|(code, detail)| message(locale, code, &detail)).collect())
    }
}

/// The rules a shopper should read, as message codes.
fn sentences(terms: &Terms) -> Vec<(&'static str, Detail)> {
    let n = |n: u32| Detail::Limit(n.into());
    let mut rules = vec![("GROUP_BUY_RULE_TEAM_HOURS", n(terms.team_hours)), ("GROUP_BUY_RULE_SEAT_HOLD", n(terms.seat_hold_minutes))];
    if terms.sizes().len() > 1 {
        rules.push(("GROUP_BUY_RULE_LADDER", Detail::None));
    }
    if terms.leader_discount != LeaderDiscount::None {
        rules.push(("GROUP_BUY_RULE_LEADER_DISCOUNT", Detail::None));
    }
    if terms.joiners == Joiners::NewCustomers {
        rules.push(("GROUP_BUY_RULE_NEW_CUSTOMERS", Detail::None));
    }
    rules.push(("GROUP_BUY_RULE_ORDER_LIMIT", n(terms.most_per_order)));
    if let Some(most) = terms.most_per_customer {
        rules.push(("GROUP_BUY_RULE_CUSTOMER_LIMIT", n(most)));
    }
    if let Some(percent) = terms.virtual_from_percent {
        rules.push(("GROUP_BUY_RULE_VIRTUAL", n(percent)));
    }
    rules
}

/// What both APIs show of a seat.
pub struct GroupBuySeatBase {
    /// Its row.
    pub row: seat::Model,
    /// Whether it leads its team.
    pub leads: bool,
}

/// What both APIs show of a seat.
#[Object(name = "GroupBuySeatBase")]
impl GroupBuySeatBase {
    /// Its number in the team, from 1.
    async fn seat_no(&self) -> i32 {
        small(self.row.seat_no)
    }

    /// Where it stands.
    async fn state(&self) -> GroupBuySeatState {
        self.row.state.into()
    }

    /// Whether it leads the team.
    async fn is_leader(&self) -> bool {
        self.leads
    }

    /// Who sits there; null when they closed their account.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<CustomerSummary>> {
        summary(ctx, self.row.customer).await
    }

    /// When it was taken.
    async fn joined_at(&self) -> Timestamp {
        self.row.created_at
    }

    /// Until when it is held for its payment; null once it is paid or given up.
    async fn held_until(&self) -> Option<Timestamp> {
        (self.row.state == seat::SeatState::Reserved).then_some(self.row.held_until)
    }
}

/// What one unit of a SKU costs in a team.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct GroupBuyTeamPrice {
    /// The SKU.
    pub sku_id: SkuId,
    /// What a member pays.
    pub price: MoneyObject,
}

/// What both APIs show of a team.
pub struct GroupBuyTeamBase(pub team::Model);

/// What both APIs show of a team.
#[Object(name = "GroupBuyTeamBase")]
impl GroupBuyTeamBase {
    /// The team's id.
    async fn id(&self) -> TeamId {
        self.0.id
    }

    /// Where it stands.
    async fn state(&self) -> GroupBuyTeamState {
        self.0.state.into()
    }

    /// How many seats it has.
    async fn size(&self) -> i32 {
        small(self.0.size)
    }

    /// How many seats are paid. Of a formed team: how many were when it formed.
    async fn seats_taken(&self) -> i32 {
        small(self.0.confirmed)
    }

    /// How many seats are held for their payment.
    async fn seats_held(&self) -> i32 {
        small(self.0.held)
    }

    /// How many seats must still be paid for it to form.
    async fn needed(&self) -> i32 {
        small(self.0.size - self.0.confirmed - self.0.virtual_seats)
    }

    /// Seats nobody sits in: more than none says the team was completed virtually at its deadline.
    async fn virtual_seats(&self) -> i32 {
        small(self.0.virtual_seats)
    }

    /// Until when it gathers; null until the leader has paid. Count down with the server's time, not the device's.
    async fn deadline(&self) -> Option<Timestamp> {
        self.0.deadline
    }

    /// When the leader ordered.
    async fn opened_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it formed; null when it did not.
    async fn formed_at(&self) -> Option<Timestamp> {
        self.0.ended_at.filter(|_| self.0.state == team::TeamState::Formed)
    }

    /// When it formed or failed; null while it gathers.
    async fn ended_at(&self) -> Option<Timestamp> {
        self.0.ended_at
    }

    /// Who leads it; null when they closed their account, and for others than the leader until they have paid.
    async fn leader(&self, ctx: &Context<'_>) -> Result<Option<CustomerSummary>> {
        if query::shows_people(ctx.op()?, &self.0) { summary(ctx, self.0.leader).await } else { Ok(None) }
    }

    /// What a member pays, by SKU; promised when the team opened, whatever happened to the campaign since.
    async fn prices(&self, ctx: &Context<'_>) -> Result<Vec<GroupBuyTeamPrice>> {
        let terms = serde_json::from_value::<TeamTerms>(self.0.terms.clone()).map_err(kernel::Fault::from);
        let terms = platform::graphql::answer(ctx, terms)?;
        let price = |(sku, minor): (&SkuId, &i64)| GroupBuyTeamPrice { sku_id: *sku, price: Money::new(*minor, terms.currency).into() };
        Ok(terms.prices.iter().map(price).collect())
    }
}

/// The seats of a team to show: who sits there, and of an ended team also whose money went back.
pub(super) async fn seats_of(ctx: &Context<'_>, of: &team::Model) -> Result<Vec<GroupBuySeatBase>> {
    if !query::shows_people(ctx.op()?, of) {
        return Ok(Vec::new());
    }
    let ended = matches!(of.state, team::TeamState::Formed | team::TeamState::Failed);
    let shown = |row: &seat::Model| ended || row.state != seat::SeatState::Refunded;
    let seats = loaders::seats(ctx, of.id).await?.into_iter().filter(shown);
    Ok(seats.map(|row| GroupBuySeatBase { leads: row.id == of.leader_seat, row }).collect())
}

/// Every number here is bounded by a check of its table.
pub(super) fn small(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
