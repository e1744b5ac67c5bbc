//! What happens to teams: one function per command, each one transaction — lock, decide, store, tell, commit.
//!
//! Everything a decision needs from elsewhere is asked before the transaction begins, so that no transaction waits for
//! anything but its own rows.

use std::collections::BTreeSet;

use entity::campaign::{group_buy_seat as seat, group_buy_team as team};
use identity::address::regions;
use kernel::{CustomerId, Failure, Fault, GroupBuyId, Money, OrderId, QuoteId, SeatId, TeamId, Timestamp};
use platform::{IdempotencyKey, Op, Tx};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr, sea_query::ExprTrait};
use serde::{Deserialize, Serialize};
use trade::{
    order::{
        rules::{Origin, ShippingAddress},
        service::{PlaceOrder, Prepared},
    },
    quote::PlayRef,
};

use super::{
    KIND,
    error::SitRefused,
    jobs::Reason,
    query,
    rules::{
        campaign::{self, CampaignState},
        team::{self as rules, Buyer, Change, History, SeatRefused, SeatState, Team, WhenFull, Wish},
        terms::TeamTerms,
    },
    store::{self, Campaign, Locked, Opened},
};

/// How many other teams are tried for a buyer who lost their seat.
const TRIES: u64 = 20;

/// How many teams one run of a sweep ends or tidies.
const BATCH: u64 = 200;

/// What every buyer says, whether they open a team or join one.
#[derive(Clone, Debug, Serialize)]
pub struct Purchase {
    /// The price they were promised.
    pub quote: QuoteId,
    /// What they expect to pay.
    pub expected_total: Money,
    /// Where it goes.
    pub address: ShippingAddress,
    /// Whether they confirm which of the goods cannot be given back without a reason.
    pub confirms_exceptions: bool,
    /// What they want when there is no seat for them once they paid.
    pub when_full: WhenFull,
    /// Who brought them.
    pub inviter: Option<CustomerId>,
    /// One effect per key.
    pub idempotency_key: String,
}

/// A team to be led.
#[derive(Clone, Debug, Serialize)]
pub struct OpenTeam {
    /// In which campaign.
    pub group_buy: GroupBuyId,
    /// Of which size; the one the quote was made for when not said.
    pub size: Option<u32>,
    /// What the leader buys.
    pub purchase: Purchase,
}

/// A team to sit down in.
#[derive(Clone, Debug, Serialize)]
pub struct JoinTeam {
    /// Which one.
    pub team: TeamId,
    /// What the member buys.
    pub purchase: Purchase,
}

/// A seat taken, and the order to pay for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seated {
    /// In which team.
    pub team: TeamId,
    /// On which seat.
    pub seat: SeatId,
    /// With which order.
    pub order: OrderId,
}

/// What is known before the transaction begins.
struct Ready {
    customer: CustomerId,
    key: IdempotencyKey,
    history: History,
    inviter: Option<CustomerId>,
    order: Result<Prepared, Failure<trade::order::Refused>>,
}

/// The city an address lies in: the first four digits of its region's code.
fn city_of(address: &ShippingAddress) -> Option<String> {
    let code = address.region_code.clone().or_else(|| regions::get().code_of(&address.region))?;
    code.get(..4).map(str::to_owned)
}

/// Opens a team: the leader's order is placed, the team waits for its payment.
pub async fn open(op: &Op, wanted: OpenTeam) -> Result<Seated, Failure<SitRefused>> {
    let ready = ready(op, ("group_buy_team_open", &wanted), &wanted.purchase).await?;
    let mut tx = op.begin().await?;
    if let Some(seated) = tx.claim(&ready.key).await.map_err(Failure::widen)? {
        return Ok(seated);
    }
    let order = ready.order.map_err(Failure::widen)?;
    let campaign = store::campaign(&*tx, wanted.group_buy).await?.filter(is_public).ok_or(SitRefused::NotFound("groupBuyId"))?;
    if !campaign::selling(campaign.state(), campaign.window(), op.now()) {
        return Err(SitRefused::NotSelling.into());
    }
    let quoted = order.quote().play.as_ref().and_then(|play| play.team_size);
    let size = quoted.or_else(|| campaign.terms.sizes().first().copied()).ok_or(SeatRefused::SizeNotOffered)?;
    if wanted.size.is_some_and(|wanted| wanted != size) {
        return Err(SitRefused::QuoteMismatch.into());
    }
    let terms = campaign.terms.for_team(size).ok_or(SeatRefused::SizeNotOffered)?;
    let wish = wish(op, &order, (&wanted.purchase, ready.inviter))?;
    promised(&order, (wanted.group_buy, None), terms.leader_price(wish.sku))?;
    let buyer = store::buyer(&tx, (wanted.group_buy, ready.customer), ready.history).await?;
    let (team, place) = rules::open(op.new_id(), terms, (&buyer, wish), op.now())?;
    let city_code = city_of(&wanted.purchase.address);
    let opened = Opened { group_buy: wanted.group_buy, team, leader: ready.customer, city_code };
    let locked = Locked::new(&tx, op, opened).await?;
    let seated = sit(&mut tx, op, (locked, place.taken_with(order.order()), order)).await?;
    tx.remember(&ready.key, &seated).await?;
    tx.commit().await?;
    Ok(seated)
}

/// Sits down in a team: the order is placed, the seat is held for its payment. The team row is locked, so the last seat
/// is never taken twice.
pub async fn join(op: &Op, wanted: JoinTeam) -> Result<Seated, Failure<SitRefused>> {
    let ready = ready(op, ("group_buy_team_join", &wanted), &wanted.purchase).await?;
    match try_join(op, &wanted, ready).await {
        // Asked only now: no transaction is open any more, and only who is refused wants to know.
        Err(Failure::Refused(SitRefused::Seat(SeatRefused::Full { .. }))) => {
            let joinable = query::joinable_instead(op, wanted.team).await?;
            Err(SitRefused::Seat(SeatRefused::Full { joinable }).into())
        }
        answer => answer,
    }
}

async fn try_join(op: &Op, wanted: &JoinTeam, ready: Ready) -> Result<Seated, Failure<SitRefused>> {
    let mut tx = op.begin().await?;
    if let Some(seated) = tx.claim(&ready.key).await.map_err(Failure::widen)? {
        return Ok(seated);
    }
    let locked = Locked::of(&tx, wanted.team).await?.ok_or(SitRefused::NotFound("teamId"))?;
    let campaign = store::campaign(&*tx, locked.group_buy).await?.ok_or(SitRefused::NotFound("teamId"))?;
    // A campaign that is over lets its teams go on to their own deadlines; a paused one lets nobody sit down.
    if campaign.state() == CampaignState::Paused {
        return Err(SitRefused::NotSelling.into());
    }
    let order = ready.order.map_err(Failure::widen)?;
    let wish = wish(op, &order, (&wanted.purchase, ready.inviter))?;
    let buyer = store::buyer(&tx, (locked.group_buy, ready.customer), ready.history).await?;
    let place = rules::join(&locked.team, (&buyer, wish), op.now())?;
    promised(&order, (locked.group_buy, Some(wanted.team)), locked.team.terms.price(wish.sku))?;
    let seated = sit(&mut tx, op, (locked, place.taken_with(order.order()), order)).await?;
    tx.remember(&ready.key, &seated).await?;
    tx.commit().await?;
    Ok(seated)
}

/// Asks trade and identity what a decision will need.
async fn ready(op: &Op, (command, wanted): (&'static str, &impl Serialize), purchase: &Purchase) -> Result<Ready, Failure<SitRefused>> {
    let customer = op.customer()?;
    let key = IdempotencyKey::new(op, command, &purchase.idempotency_key, wanted).map_err(Failure::widen)?;
    let order = PlaceOrder {
        hold: true,
        confirms_exceptions: purchase.confirms_exceptions,
        ..PlaceOrder::new(purchase.quote, purchase.expected_total, purchase.address.clone())
    };
    let order = match trade::order::service::prepare(op, order).await {
        Err(Failure::Fault(fault)) => return Err(fault.into()),
        answer => answer,
    };
    let inviter = match purchase.inviter {
        Some(inviter) => identity::customer::service::summaries(op, &[inviter]).await?.contains_key(&inviter).then_some(inviter),
        None => None,
    };
    Ok(Ready { customer, key, history: history(op, customer).await?, inviter, order })
}

async fn history(op: &Op, customer: CustomerId) -> Result<History, Fault> {
    let bought = trade::order::service::has_paid_order(op, customer).await?;
    Ok(if bought { History::Returning } else { History::New })
}

/// Takes the seat and places the order in the same transaction: neither is ever without the other.
async fn sit(tx: &mut Tx, op: &Op, (locked, taken, order): (Locked, Change, Prepared)) -> Result<Seated, Failure<SitRefused>> {
    let Change::Reserved(seat) = &taken else { return Err(Fault::internal("only a reserved seat is sat on").into()) };
    let seated = Seated { team: locked.team.id, seat: seat.id, order: order.order() };
    locked.go(tx, op, std::slice::from_ref(&taken)).await.map_err(one_team_at_a_time)?;
    let origin = Origin { kind: KIND.to_owned(), id: seated.seat.to_string() };
    trade::order::service::place(tx, op, order.with_origin(origin)).await.map_err(Failure::widen)?;
    Ok(seated)
}

/// Two requests of one customer at once: the table lets one of them in.
pub(super) fn one_team_at_a_time(fault: Fault) -> Failure<SitRefused> {
    match &fault {
        Fault::Database(error) => match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(what)) if what.contains("running") => {
                SitRefused::Seat(SeatRefused::AlreadyGathering).into()
            }
            Some(SqlErr::UniqueConstraintViolation(what)) if what.contains("customer") => {
                SitRefused::Seat(SeatRefused::AlreadyInTeam).into()
            }
            _ => fault.into(),
        },
        _ => fault.into(),
    }
}

fn is_public(campaign: &Campaign) -> bool {
    campaign.state() != CampaignState::Draft
}

/// What the quote is for. One seat is one SKU: its price is the team's promise.
fn wish(op: &Op, order: &Prepared, (purchase, inviter): (&Purchase, Option<CustomerId>)) -> Result<Wish, SitRefused> {
    let [line] = order.quote().lines.as_slice() else { return Err(SitRefused::QuoteMismatch) };
    let quantity = u32::try_from(line.quantity).map_err(|_| SitRefused::QuoteMismatch)?;
    Ok(Wish { seat: op.new_id(), sku: line.sku, quantity, when_full: purchase.when_full, inviter })
}

/// The quote was made for this team, and its price is the team's: a campaign edited between the two asks for a new quote.
fn promised(order: &Prepared, (group_buy, team): (GroupBuyId, Option<TeamId>), price: Option<Money>) -> Result<(), SitRefused> {
    let price = price.ok_or(SeatRefused::SkuNotOffered)?;
    let made_for = |play: &PlayRef| play.kind == KIND && play.id == group_buy.to_string() && play.team == team;
    let fits = order.quote().play.as_ref().is_some_and(made_for) && order.quote().lines.iter().all(|line| line.unit_price == price);
    if fits { Ok(()) } else { Err(SitRefused::QuoteMismatch) }
}

/// An order was paid. Its seat is confirmed; a seat given up meanwhile is taken again if one is free; else the buyer gets
/// what they chose, and the money back when that cannot be had.
///
/// Each step is a transaction of its own under the lock of the order's own team, and first looks whether the payment has
/// had its effect: told twice, at once or after a crash, it has one.
pub async fn paid(op: &Op, order: OrderId) -> Result<(), Fault> {
    let seats = store::seats_of(op.reader(), order).await?;
    let Some(home) = seats.first().filter(|_| !seats.iter().any(is_settled)) else { return Ok(()) };
    if confirm(op, home).await? {
        return Ok(());
    }
    let done = match home.when_full {
        seat::WhenFull::JoinOther => join_other(op, home).await?,
        seat::WhenFull::OpenNew => open_new(op, home).await?,
        seat::WhenFull::Refund => false,
    };
    if done { Ok(()) } else { give_back(op, home).await }
}

/// Whether the order's payment has had its effect.
fn is_settled(seat: &seat::Model) -> bool {
    matches!(seat.state, seat::SeatState::Confirmed | seat::SeatState::Refunded) || seat.refund_reason.is_some()
}

/// Confirms a seat in its own team; `false` when there is no place for it any more.
async fn confirm(op: &Op, seat: &seat::Model) -> Result<bool, Fault> {
    let mut tx = op.begin().await?;
    let locked = Locked::of(&tx, seat.team).await?.ok_or_else(|| Fault::corrupt(format!("{} is in no team", seat.id)))?;
    let given_up = locked.team.seat(seat.id).is_some_and(|seat| seat.state == SeatState::Released);
    if given_up && is_done(&tx, seat).await? {
        return Ok(true);
    }
    let buyer = store::buyer(&tx, (locked.group_buy, seat.customer), History::New).await?;
    match rules::pay(&locked.team, seat.id, &buyer, op.now()) {
        Ok(changes) => {
            locked.go(&mut tx, op, &changes).await?;
            tx.commit().await?;
            Ok(true)
        }
        Err(homeless) => {
            tracing::info!(seat = %seat.id, order = %seat.order_id, ?homeless, "a paid seat has no place in its team");
            Ok(false)
        }
    }
}

/// Seats a homeless buyer in the fullest open team with the same promise; `false` when there is none.
async fn join_other(op: &Op, homeless: &seat::Model) -> Result<bool, Fault> {
    let promise = promise_of(op, homeless.team).await?;
    let like = team::Column::GroupBuy.eq(homeless.group_buy).and(team::Column::Size.eq(i64::from(promise.size)));
    let others: Vec<TeamId> = query::fullest_first(like.and(team::Column::Deadline.gt(op.now())))
        .select_only()
        .column(team::Column::Id)
        .limit(TRIES)
        .into_tuple()
        .all(op.reader())
        .await?;
    for other in others.into_iter().filter(|other| *other != homeless.team) {
        let mut tx = op.begin().await?;
        store::lock(&tx, [homeless.team, other]).await?;
        if is_done(&tx, homeless).await? {
            return Ok(true);
        }
        let Some(locked) = Locked::of(&tx, other).await? else { continue };
        let wish = Wish { seat: op.new_id(), ..wish_again(homeless)? };
        if locked.team.terms.price(wish.sku) != promise.price(wish.sku) {
            continue;
        }
        let buyer = store::buyer(&tx, (locked.group_buy, homeless.customer), History::New).await?;
        if let Ok(place) = rules::join(&locked.team, (&buyer, wish), op.now()) {
            settle(&mut tx, op, (locked, place.taken_with(homeless.order_id), &buyer)).await?;
            tx.commit().await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Opens a team with the promise a homeless buyer paid for; `false` when the campaign does not sell any more, or they
/// sit elsewhere.
async fn open_new(op: &Op, homeless: &seat::Model) -> Result<bool, Fault> {
    let promise = promise_of(op, homeless.team).await?;
    let mut tx = op.begin().await?;
    store::lock(&tx, [homeless.team]).await?;
    if is_done(&tx, homeless).await? {
        return Ok(true);
    }
    let campaign = store::campaign(&*tx, homeless.group_buy).await?;
    if !campaign.is_some_and(|campaign| campaign::selling(campaign.state(), campaign.window(), op.now())) {
        return Ok(false);
    }
    let wish = Wish { seat: op.new_id(), ..wish_again(homeless)? };
    let buyer = store::buyer(&tx, (homeless.group_buy, homeless.customer), History::New).await?;
    let Ok((team, place)) = rules::open(op.new_id(), promise, (&buyer, wish), op.now()) else { return Ok(false) };
    let opened = Opened { group_buy: homeless.group_buy, team, leader: homeless.customer, city_code: None };
    let locked = Locked::new(&tx, op, opened).await?;
    settle(&mut tx, op, (locked, place.taken_with(homeless.order_id), &buyer)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Asks the money of a homeless buyer back.
async fn give_back(op: &Op, homeless: &seat::Model) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    store::lock(&tx, [homeless.team]).await?;
    if !is_done(&tx, homeless).await? {
        store::owe(&mut tx, (homeless, Reason::TeamFull)).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Whether the payment has had its effect meanwhile; asked under the lock of the order's own team.
async fn is_done(tx: &Tx, homeless: &seat::Model) -> Result<bool, Fault> {
    Ok(store::seats_of(&**tx, homeless.order_id).await?.iter().any(is_settled))
}

/// Sits down and has paid, in one go.
async fn settle(tx: &mut Tx, op: &Op, (locked, taken, buyer): (Locked, Change, &Buyer)) -> Result<(), Fault> {
    let Change::Reserved(seat) = &taken else { return Err(Fault::internal("only a reserved seat is sat on")) };
    let seat = seat.id;
    let seated = locked.go(tx, op, &[taken]).await?;
    let paid = rules::pay(&seated.team, seat, buyer, op.now());
    let paid = paid.map_err(|homeless| Fault::internal(format!("a seat just taken is gone: {homeless:?}")))?;
    seated.go(tx, op, &paid).await?;
    Ok(())
}

/// What a team was promised.
async fn promise_of(op: &Op, team: TeamId) -> Result<TeamTerms, Fault> {
    let row = query::team(op, team).await?.ok_or_else(|| Fault::corrupt(format!("{team} is gone")))?;
    Ok(serde_json::from_value(row.terms)?)
}

fn wish_again(seat: &seat::Model) -> Result<Wish, Fault> {
    let quantity = u32::try_from(seat.quantity).map_err(|_| Fault::corrupt(format!("seat {}: quantity", seat.id)))?;
    Ok(Wish { seat: seat.id, sku: seat.sku, quantity, when_full: seat.when_full.into(), inviter: seat.inviter })
}

/// An order was cancelled unpaid: its seat is free, and a team whose leader never paid is over.
pub async fn cancelled(op: &Op, order: OrderId) -> Result<(), Fault> {
    for seat in store::seats_of(op.reader(), order).await? {
        change(op, seat.team, |team| rules::cancel(team, seat.id)).await?;
    }
    Ok(())
}

/// All of an order's money went back: its seat is free while the team gathers, and another leads if it led.
pub async fn refunded(op: &Op, order: OrderId) -> Result<(), Fault> {
    // Of a buyer who was moved, the money was in the seat they sit on, or in the one it was asked back for.
    let seats = store::seats_of(op.reader(), order).await?;
    if let Some(seat) = seats.iter().find(|seat| is_settled(seat)).or(seats.first()) {
        change(op, seat.team, |team| rules::refund(team, seat.id)).await?;
    }
    Ok(())
}

/// Gives up the seats whose hold ran out.
pub async fn lapse_holds(op: &Op) -> Result<(), Fault> {
    let due = seat::Column::State.eq(seat::SeatState::Reserved).and(seat::Column::HeldUntil.lte(op.now()));
    let teams: Vec<TeamId> =
        seat::Entity::find().select_only().column(seat::Column::Team).filter(due).limit(BATCH).into_tuple().all(op.reader()).await?;
    let teams: BTreeSet<TeamId> = teams.into_iter().collect();
    each(op, teams, rules::lapse).await
}

/// Ends the teams whose deadline has come.
pub async fn expire_teams(op: &Op) -> Result<(), Fault> {
    let due = team::Column::State.eq(team::TeamState::Open).and(team::Column::Deadline.lte(op.now()));
    let teams = team::Entity::find().select_only().column(team::Column::Id).filter(due).order_by_asc(team::Column::Deadline);
    let teams: Vec<TeamId> = teams.limit(BATCH).into_tuple().all(op.reader()).await?;
    each(op, teams, rules::expire).await
}

/// Every team gets its turn, even behind one that fails; the first fault is told in the end.
async fn each(op: &Op, teams: impl IntoIterator<Item = TeamId>, due: fn(&Team, Timestamp) -> Vec<Change>) -> Result<(), Fault> {
    let mut first = None;
    for team in teams {
        if let Err(fault) = change(op, team, |team| due(team, op.now())).await {
            tracing::error!(%team, %fault, "a team cannot go on; the others do");
            first.get_or_insert(fault);
        }
    }
    first.map_or(Ok(()), Err)
}

/// One team, one transaction: lock, decide, store, tell.
async fn change(op: &Op, team: TeamId, decide: impl FnOnce(&Team) -> Vec<Change>) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some(locked) = Locked::of(&tx, team).await? else { return Ok(()) };
    let changes = decide(&locked.team);
    if changes.is_empty() {
        return Ok(());
    }
    locked.go(&mut tx, op, &changes).await?;
    tx.commit().await
}
