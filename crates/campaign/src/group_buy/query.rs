//! What is read of campaigns and teams. Every list takes a fixed number of statements, whatever its length.

use std::collections::HashMap;

use entity::campaign::{group_buy as campaign, group_buy_seat as seat, group_buy_sku as sku, group_buy_team as team};
use futures_util::Stream;
use kernel::{CursorError, CustomerId, Failure, Fault, GroupBuyId, Page, PageRequest, TeamId};
use platform::{
    Op,
    live::{self, Live, LiveRefused},
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Alias, Expr, ExprTrait, Func, IntoCondition, LikeExpr},
};

use trade::order::service::Order;

use super::{
    error::{EditRefused, SitRefused},
    events::{campaign_topic, open_teams_topic, team_topic},
    service::Seated,
    store::{self, Campaign},
};

/// How many open teams a shopper is shown.
const SHOWN: u64 = 50;

/// How many teams are named to a shopper who came too late.
const INSTEAD: u64 = 5;

/// Which campaigns staff want to see.
#[derive(Clone, Debug, Default)]
pub struct CampaignFilter {
    /// Only in this state.
    pub state: Option<campaign::GroupBuyState>,
    /// Only with this in the title, in any language.
    pub search: Option<String>,
}

/// A campaign, whatever its state.
pub async fn campaign(op: &Op, id: GroupBuyId) -> Result<Option<Campaign>, Fault> {
    store::campaign(op.reader(), id).await
}

/// A campaign as shoppers may see it: not while it is being written.
pub async fn public_campaign(op: &Op, id: GroupBuyId) -> Result<Option<Campaign>, Fault> {
    Ok(campaign(op, id).await?.filter(|campaign| campaign.row.state != campaign::GroupBuyState::Draft))
}

/// Campaigns by id.
pub async fn campaigns_by_id(op: &Op, ids: &[GroupBuyId]) -> Result<HashMap<GroupBuyId, Campaign>, Fault> {
    let rows = campaign::Entity::find().filter(campaign::Column::Id.is_in(ids.iter().copied())).all(op.reader()).await?;
    Ok(with_prices(op, rows).await?.into_iter().map(|campaign| (campaign.row.id, campaign)).collect())
}

/// The campaigns that sell now, the newest first.
pub async fn running(op: &Op, page: PageRequest) -> Result<Page<Campaign>, Failure<CursorError>> {
    let now = op.now();
    let selling = campaign::Column::State
        .eq(campaign::GroupBuyState::Running)
        .and(campaign::Column::StartsAt.lte(now))
        .and(campaign::Column::EndsAt.gt(now));
    campaigns(op, selling.into_condition(), page).await
}

/// The campaigns staff ask for, the newest first.
pub async fn find(op: &Op, filter: CampaignFilter, page: PageRequest) -> Result<Page<Campaign>, Failure<CursorError>> {
    let mut wanted = Condition::all();
    if let Some(state) = filter.state {
        wanted = wanted.add(campaign::Column::State.eq(state));
    }
    if let Some(search) = filter.search.as_deref().map(str::trim).filter(|search| !search.is_empty()) {
        let literal = search.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let title = Expr::expr(Func::lower(Expr::col(campaign::Column::Title).cast_as(Alias::new("text"))));
        wanted = wanted.add(title.like(LikeExpr::new(format!("%{literal}%")).escape('\\')));
    }
    campaigns(op, wanted, page).await
}

async fn campaigns(op: &Op, wanted: Condition, page: PageRequest) -> Result<Page<Campaign>, Failure<CursorError>> {
    let mut select = campaign::Entity::find().filter(wanted).order_by_desc(campaign::Column::Id).limit(page.first + 1);
    if let Some(after) = &page.after {
        select = select.filter(campaign::Column::Id.lt(after.key::<GroupBuyId>()?));
    }
    let rows = select.all(op.reader()).await?;
    Ok(Page::take(with_prices(op, rows).await?, page.first, |campaign| campaign.row.id))
}

async fn with_prices(op: &Op, rows: Vec<campaign::Model>) -> Result<Vec<Campaign>, Fault> {
    let prices = sku::Entity::find()
        .filter(sku::Column::GroupBuy.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(sku::Column::Sku)
        .order_by_asc(sku::Column::TeamSize)
        .all(op.reader())
        .await?;
    let mut of: HashMap<GroupBuyId, Vec<sku::Model>> = HashMap::new();
    for price in prices {
        of.entry(price.group_buy).or_default().push(price);
    }
    rows.into_iter()
        .map(|row| {
            let prices = of.remove(&row.id).unwrap_or_default();
            Campaign::of(row, prices)
        })
        .collect()
}

/// A team, whatever its state.
pub async fn team(op: &Op, id: TeamId) -> Result<Option<team::Model>, Fault> {
    Ok(team::Entity::find_by_id(id).one(op.reader()).await?)
}

/// A team as this caller may see it: before its leader has paid, only the leader does.
pub async fn visible_team(op: &Op, id: TeamId) -> Result<Option<team::Model>, Fault> {
    let mine = op.actor.customer();
    Ok(team(op, id).await?.filter(|team| team.state != team::TeamState::Pending || Some(team.leader) == mine))
}

/// Whether this caller may see who is in a team: before its leader has paid only the leader and staff may.
pub fn shows_people(op: &Op, team: &team::Model) -> bool {
    team.state != team::TeamState::Pending || op.actor.customer() == Some(team.leader) || op.actor.staff().is_some()
}

/// The teams of a campaign that staff ask for, the newest first.
pub async fn teams(
    op: &Op,
    (group_buy, state): (GroupBuyId, Option<team::TeamState>),
    page: PageRequest,
) -> Result<Page<team::Model>, Failure<CursorError>> {
    let mut wanted = Condition::all().add(team::Column::GroupBuy.eq(group_buy));
    if let Some(state) = state {
        wanted = wanted.add(team::Column::State.eq(state));
    }
    teams_where(op, wanted, page).await
}

/// The teams this customer has or had a seat in, the newest first.
pub async fn my_teams(op: &Op, page: PageRequest) -> Result<Page<team::Model>, Failure<CursorError>> {
    let mine = seat::Entity::find().select_only().column(seat::Column::Team).filter(seat::Column::Customer.eq(op.customer()?));
    teams_where(op, team::Column::Id.in_subquery(mine.into_query()).into_condition(), page).await
}

async fn teams_where(op: &Op, wanted: Condition, page: PageRequest) -> Result<Page<team::Model>, Failure<CursorError>> {
    let mut select = team::Entity::find().filter(wanted).order_by_desc(team::Column::Id).limit(page.first + 1);
    if let Some(after) = &page.after {
        select = select.filter(team::Column::Id.lt(after.key::<TeamId>()?));
    }
    Ok(Page::take(select.all(op.reader()).await?, page.first, |team| team.id))
}

/// The teams of a campaign a shopper can join now, the fullest first; near a place: only those whose leader lives in the
/// province or city of this code (GB/T 2260), which may be deeper than the city.
pub async fn open_teams(op: &Op, group_buy: GroupBuyId, near: Option<&str>) -> Result<Vec<team::Model>, Fault> {
    let mut wanted = joinable(op, group_buy);
    if let Some(code) = near {
        let city: String = code.chars().filter(char::is_ascii_digit).take(4).collect();
        wanted = wanted.add(team::Column::CityCode.starts_with(city));
    }
    Ok(fullest_first(wanted).limit(SHOWN).all(op.reader()).await?)
}

/// Teams a shopper can join instead of one that is full.
pub async fn joinable_instead(op: &Op, full: TeamId) -> Result<Vec<TeamId>, Fault> {
    let Some(full) = team(op, full).await? else { return Ok(Vec::new()) };
    let others = fullest_first(joinable(op, full.group_buy).add(team::Column::Id.ne(full.id)));
    Ok(others.select_only().column(team::Column::Id).limit(INSTEAD).into_tuple().all(op.reader()).await?)
}

/// Open teams, the fullest first; of two alike the one that ends sooner.
pub(super) fn fullest_first(wanted: impl IntoCondition) -> Select<team::Entity> {
    team::Entity::find()
        .filter(team::Column::State.eq(team::TeamState::Open))
        .filter(wanted.into_condition())
        .order_by_asc(Expr::col(team::Column::Size).sub(Expr::col(team::Column::Confirmed)))
        .order_by_asc(team::Column::Deadline)
        .order_by_asc(team::Column::Id)
}

fn joinable(op: &Op, group_buy: GroupBuyId) -> Condition {
    let taken = Expr::col(team::Column::Confirmed).add(Expr::col(team::Column::Held));
    Condition::all()
        .add(team::Column::GroupBuy.eq(group_buy))
        .add(team::Column::Deadline.gt(op.now()))
        .add(taken.lt(Expr::col(team::Column::Size)))
}

/// The seats of these teams that count or counted: held, paid, and what was paid and went back.
pub async fn seats(op: &Op, teams: &[TeamId]) -> Result<HashMap<TeamId, Vec<seat::Model>>, Fault> {
    let rows = seat::Entity::find()
        .filter(seat::Column::Team.is_in(teams.iter().copied()))
        .filter(seat::Column::State.ne(seat::SeatState::Released))
        .order_by_asc(seat::Column::SeatNo)
        .order_by_asc(seat::Column::Id)
        .all(op.reader())
        .await?;
    let mut of: HashMap<TeamId, Vec<seat::Model>> = HashMap::new();
    for row in rows {
        of.entry(row.team).or_default().push(row);
    }
    Ok(of)
}

/// How many teams of these campaigns can be joined now.
pub async fn open_team_counts(op: &Op, ids: &[GroupBuyId]) -> Result<HashMap<GroupBuyId, i64>, Fault> {
    let taken = Expr::col(team::Column::Confirmed).add(Expr::col(team::Column::Held));
    let rows: Vec<(GroupBuyId, i64)> = team::Entity::find()
        .select_only()
        .column(team::Column::GroupBuy)
        .column_as(team::Column::Id.count(), "teams")
        .filter(team::Column::GroupBuy.is_in(ids.iter().copied()))
        .filter(team::Column::State.eq(team::TeamState::Open))
        .filter(team::Column::Deadline.gt(op.now()))
        .filter(taken.lt(Expr::col(team::Column::Size)))
        .group_by(team::Column::GroupBuy)
        .into_tuple()
        .all(op.reader())
        .await?;
    Ok(rows.into_iter().collect())
}

/// How a campaign's teams and seats stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Teams whose leader has not paid.
    pub pending: i64,
    /// Teams that gather.
    pub open: i64,
    /// Teams that are complete.
    pub formed: i64,
    /// Teams that failed.
    pub failed: i64,
    /// Formed teams that were completed virtually.
    pub formed_virtually: i64,
    /// Paid seats of teams that gather or formed.
    pub paid_seats: i64,
}

#[derive(FromQueryResult)]
struct Counted {
    group_buy: GroupBuyId,
    state: String,
    teams: i64,
    paid: i64,
    virtually: i64,
}

/// The counters of these campaigns.
pub async fn counters(op: &Op, ids: &[GroupBuyId]) -> Result<HashMap<GroupBuyId, Counters>, Fault> {
    let virtually = Expr::case(team::Column::VirtualSeats.gt(0), 1_i64).finally(0_i64);
    let whole = |expr: sea_orm::sea_query::SimpleExpr| expr.cast_as(Alias::new("bigint"));
    let rows: Vec<Counted> = team::Entity::find()
        .select_only()
        .column(team::Column::GroupBuy)
        .column(team::Column::State)
        .column_as(team::Column::Id.count(), "teams")
        .column_as(whole(team::Column::Confirmed.sum()), "paid")
        .column_as(whole(Expr::expr(Func::sum(virtually))), "virtually")
        .filter(team::Column::GroupBuy.is_in(ids.iter().copied()))
        .group_by(team::Column::GroupBuy)
        .group_by(team::Column::State)
        .into_model()
        .all(op.reader())
        .await?;
    let mut of: HashMap<GroupBuyId, Counters> = HashMap::new();
    for row in rows {
        let counters = of.entry(row.group_buy).or_default();
        let state = team::TeamState::try_from_value(&row.state)?;
        match state {
            team::TeamState::Pending => counters.pending = row.teams,
            team::TeamState::Open => counters.open = row.teams,
            team::TeamState::Formed => (counters.formed, counters.formed_virtually) = (row.teams, row.virtually),
            team::TeamState::Failed => counters.failed = row.teams,
        }
        if matches!(state, team::TeamState::Open | team::TeamState::Formed) {
            counters.paid_seats += row.paid;
        }
    }
    Ok(of)
}

/// A seat just taken, with its team and its order.
pub struct Sat {
    /// The team.
    pub team: team::Model,
    /// The seat.
    pub seat: seat::Model,
    /// The order to pay.
    pub order: Order,
}

/// What a command that seats somebody answers: read after its commit.
pub async fn sat(op: &Op, seated: Result<Seated, Failure<SitRefused>>) -> Result<Sat, Failure<SitRefused>> {
    let seated = seated?;
    let gone = || Fault::corrupt(format!("{seated:?} is gone"));
    let team = team(op, seated.team).await?.ok_or_else(gone)?;
    let seat = seat::Entity::find_by_id(seated.seat).one(op.reader()).await?.ok_or_else(gone)?;
    let order = trade::order::service::get(op, seated.order).await?.ok_or_else(gone)?;
    Ok(Sat { team, seat, order })
}

/// What a command on a campaign answers: read after its commit.
pub async fn edited(op: &Op, edited: Result<GroupBuyId, Failure<EditRefused>>) -> Result<Campaign, Failure<EditRefused>> {
    Ok(campaign(op, edited?).await?.ok_or(EditRefused::NotFound)?)
}

/// Watches a team. Watchers share what they are shown, so nobody is asked who they are: until the leader has paid it is
/// shown without its people (see [`shows_people`]), to whoever was given its id.
pub async fn watch_team(
    op: &Op,
    id: TeamId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<team::Model>, Fault>> + use<>, Failure<LiveRefused>> {
    live::watch(op, team_topic(id), after, move |op: Op| async move { watched(&op, id).await }).await
}

/// A team that is watched ends on the second, not when the sweep happens to come by.
async fn watched(op: &Op, id: TeamId) -> Result<Option<team::Model>, Fault> {
    let found = team(op, id).await?;
    if let Some(deadline) = found.as_ref().filter(|team| team.state == team::TeamState::Open).and_then(|team| team.deadline) {
        op.platform.deadlines.sweep(super::EXPIRE_TEAMS, deadline);
    }
    Ok(found)
}

/// Watches the teams of a campaign that can be joined, near a place if one is said.
pub async fn watch_open_teams(
    op: &Op,
    (id, near): (GroupBuyId, Option<String>),
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Vec<team::Model>>, Fault>> + use<>, Failure<LiveRefused>> {
    let load = move |op: Op| {
        let near = near.clone();
        async move {
            match public_campaign(&op, id).await? {
                Some(_) => open_teams(&op, id, near.as_deref()).await.map(Some),
                None => Ok(None),
            }
        }
    };
    live::watch(op, open_teams_topic(id), after, load).await
}

/// Watches a campaign, as staff see it.
pub async fn watch_campaign(
    op: &Op,
    id: GroupBuyId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Campaign>, Fault>> + use<>, Failure<LiveRefused>> {
    live::watch(op, campaign_topic(id), after, move |op: Op| async move { campaign(&op, id).await }).await
}

/// Watches a team, as staff see it.
pub async fn watch_any_team(
    op: &Op,
    id: TeamId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<team::Model>, Fault>> + use<>, Failure<LiveRefused>> {
    live::watch(op, team_topic(id), after, move |op: Op| async move { watched(&op, id).await }).await
}

/// The link that brings somebody to a team and names who sent it.
pub fn invite_path(team: TeamId, inviter: Option<CustomerId>) -> String {
    inviter.map_or_else(|| format!("/#/team/{team}"), |inviter| format!("/#/team/{team}?inviter={inviter}"))
}
