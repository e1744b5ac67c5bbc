//! What is read of campaigns, records and cuts. Every list takes a fixed number of statements, whatever its length.

use std::collections::HashMap;

use entity::campaign::{bargain as campaign, bargain_cut as cut_table, bargain_record as record, bargain_sku as sku};
use futures_util::Stream;
use kernel::{BargainId, BargainRecordId, CursorError, CustomerId, Failure, Fault, OrderId, Page, PageRequest};
use platform::{
    Op,
    live::{self, Heard, Live, LiveRefused},
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, Func, IntoCondition, LikeExpr},
};
use trade::order::service::Order;

use super::{
    error::{EditRefused, PlayRefused},
    events::{CutMade, campaign_topic, cuts_topic, record_topic},
    fate::Seed,
    proof::{CutProof, Proof},
    rules::{campaign::Phase, fair},
    service::{self, Helped},
    store::{self, Campaign},
};

/// How many of a record's cuts are shown with it.
pub const LATEST: i64 = 20;

/// Which campaigns staff want to see.
#[derive(Clone, Debug, Default)]
pub struct CampaignFilter {
    /// Only those that stand so now.
    pub phase: Option<Phase>,
    /// Only with this in the title, in any language.
    pub search: Option<String>,
}

/// A campaign, whatever its state.
pub async fn campaign(op: &Op, id: BargainId) -> Result<Option<Campaign>, Fault> {
    store::campaign(op.reader(), id).await
}

/// A campaign as shoppers may see it: not while it is being written.
pub async fn public_campaign(op: &Op, id: BargainId) -> Result<Option<Campaign>, Fault> {
    Ok(campaign(op, id).await?.filter(|campaign| campaign.row.state != campaign::BargainState::Draft))
}

/// Campaigns by id.
pub async fn campaigns_by_id(op: &Op, ids: &[BargainId]) -> Result<HashMap<BargainId, Campaign>, Fault> {
    let rows = campaign::Entity::find().filter(campaign::Column::Id.is_in(ids.iter().copied())).all(op.reader()).await?;
    Ok(with_prices(op, rows).await?.into_iter().map(|campaign| (campaign.row.id, campaign)).collect())
}

/// The campaigns that run now, the newest first.
pub async fn running(op: &Op, page: PageRequest) -> Result<Page<Campaign>, Failure<CursorError>> {
    campaigns(op, in_phase(op, Phase::Running), page).await
}

/// The campaigns staff ask for, the newest first.
pub async fn find(op: &Op, filter: CampaignFilter, page: PageRequest) -> Result<Page<Campaign>, Failure<CursorError>> {
    let mut wanted = Condition::all();
    if let Some(phase) = filter.phase {
        wanted = wanted.add(in_phase(op, phase));
    }
    if let Some(search) = filter.search.as_deref().map(str::trim).filter(|search| !search.is_empty()) {
        let literal = search.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let title = Expr::expr(Func::lower(Expr::col(campaign::Column::Title).cast_as(Alias::new("text"))));
        wanted = wanted.add(title.like(LikeExpr::new(format!("%{literal}%")).escape('\\')));
    }
    campaigns(op, wanted, page).await
}

/// The campaigns that stand so now.
fn in_phase(op: &Op, phase: Phase) -> Condition {
    use campaign::{BargainState as State, Column};
    let (state, now) = (|state: State| Column::State.eq(state), op.now());
    let (begun, over) = (Column::StartsAt.lte(now), Column::EndsAt.lte(now));
    let going = Column::EndsAt.gt(now);
    match phase {
        Phase::Draft => state(State::Draft).into_condition(),
        Phase::Scheduled => state(State::Published).and(Column::StartsAt.gt(now)).and(going).into_condition(),
        Phase::Running => state(State::Published).and(begun).and(going).into_condition(),
        Phase::Paused => state(State::Paused).and(going).into_condition(),
        Phase::Ended => state(State::Ended).or(Column::State.is_in([State::Published, State::Paused]).and(over)).into_condition(),
    }
}

async fn campaigns(op: &Op, wanted: Condition, page: PageRequest) -> Result<Page<Campaign>, Failure<CursorError>> {
    let mut select = campaign::Entity::find().filter(wanted).order_by_desc(campaign::Column::Id).limit(page.first + 1);
    if let Some(after) = &page.after {
        select = select.filter(campaign::Column::Id.lt(after.key::<BargainId>()?));
    }
    let rows = select.all(op.reader()).await?;
    Ok(Page::take(with_prices(op, rows).await?, page.first, |campaign| campaign.row.id))
}

async fn with_prices(op: &Op, rows: Vec<campaign::Model>) -> Result<Vec<Campaign>, Fault> {
    let of_these = sku::Column::Bargain.is_in(rows.iter().map(|row| row.id));
    let prices = sku::Entity::find().filter(of_these).order_by_asc(sku::Column::Sku).all(op.reader()).await?;
    let mut of: HashMap<BargainId, Vec<sku::Model>> = HashMap::new();
    for price in prices {
        of.entry(price.bargain).or_default().push(price);
    }
    rows.into_iter()
        .map(|row| {
            let prices = of.remove(&row.id).unwrap_or_default();
            Campaign::of(row, prices)
        })
        .collect()
}

/// A record, whatever its state. Whoever was given its id may see it: that is how friends come.
pub async fn record(op: &Op, id: BargainRecordId) -> Result<Option<record::Model>, Fault> {
    Ok(record::Entity::find_by_id(id).one(op.reader()).await?)
}

/// The records of a campaign that staff ask for, the newest first.
pub async fn records(
    op: &Op,
    (bargain, state): (BargainId, Option<record::RecordState>),
    page: PageRequest,
) -> Result<Page<record::Model>, Failure<CursorError>> {
    let mut wanted = Condition::all().add(record::Column::Bargain.eq(bargain));
    if let Some(state) = state {
        wanted = wanted.add(record::Column::State.eq(state));
    }
    records_where(op, wanted, page).await
}

/// The records this customer began, the newest first.
pub async fn my_records(op: &Op, page: PageRequest) -> Result<Page<record::Model>, Failure<CursorError>> {
    records_where(op, record::Column::Owner.eq(op.customer()?).into_condition(), page).await
}

async fn records_where(op: &Op, wanted: Condition, page: PageRequest) -> Result<Page<record::Model>, Failure<CursorError>> {
    let mut select = record::Entity::find().filter(wanted).order_by_desc(record::Column::Id).limit(page.first + 1);
    if let Some(after) = &page.after {
        select = select.filter(record::Column::Id.lt(after.key::<BargainRecordId>()?));
    }
    Ok(Page::take(select.all(op.reader()).await?, page.first, |record| record.id))
}

/// The cuts of a record, the newest first.
pub async fn cuts(op: &Op, id: BargainRecordId, page: PageRequest) -> Result<Page<cut_table::Model>, Failure<CursorError>> {
    let of = cut_table::Column::Record.eq(id);
    let mut select = cut_table::Entity::find().filter(of).order_by_desc(cut_table::Column::No).limit(page.first + 1);
    if let Some(after) = &page.after {
        select = select.filter(cut_table::Column::No.lt(after.key::<i64>()?));
    }
    Ok(Page::take(select.all(op.reader()).await?, page.first, |cut| cut.no))
}

/// The latest cuts of these records, of each those behind a number, the newest first.
pub async fn latest_cuts(op: &Op, of: &[(BargainRecordId, i64)]) -> Result<HashMap<BargainRecordId, Vec<cut_table::Model>>, Fault> {
    let each = of.iter().map(|(id, behind)| cut_table::Column::Record.eq(*id).and(cut_table::Column::No.gt(*behind)));
    let any = each.fold(Condition::any(), Condition::add);
    let rows = cut_table::Entity::find().filter(any).order_by_desc(cut_table::Column::No).all(op.reader()).await?;
    let mut cuts: HashMap<BargainRecordId, Vec<cut_table::Model>> = HashMap::new();
    for row in rows {
        cuts.entry(row.record).or_default().push(row);
    }
    Ok(cuts)
}

/// The cuts this caller made of these records.
pub async fn my_cuts(op: &Op, ids: &[BargainRecordId]) -> Result<HashMap<BargainRecordId, cut_table::Model>, Fault> {
    let Some(me) = op.actor.customer() else { return Ok(HashMap::new()) };
    let mine = cut_table::Column::Helper.eq(me).and(cut_table::Column::Record.is_in(ids.iter().copied()));
    let rows = cut_table::Entity::find().filter(mine).all(op.reader()).await?;
    Ok(rows.into_iter().map(|row| (row.record, row)).collect())
}

/// How a campaign's records stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Friends may cut.
    pub running: i64,
    /// The floor is reached.
    pub floor_reached: i64,
    /// An order waits for its payment.
    pub ordered: i64,
    /// Bought.
    pub paid: i64,
    /// Over without an order.
    pub expired: i64,
    /// Cuts of all of them.
    pub cuts: i64,
}

#[derive(FromQueryResult)]
struct Counted {
    bargain: BargainId,
    state: String,
    records: i64,
    cuts: i64,
}

/// The counters of these campaigns.
pub async fn counters(op: &Op, ids: &[BargainId]) -> Result<HashMap<BargainId, Counters>, Fault> {
    let rows: Vec<Counted> = record::Entity::find()
        .select_only()
        .column(record::Column::Bargain)
        .column(record::Column::State)
        .column_as(record::Column::Id.count(), "records")
        .column_as(record::Column::CutsMade.sum().cast_as(Alias::new("bigint")), "cuts")
        .filter(record::Column::Bargain.is_in(ids.iter().copied()))
        .group_by(record::Column::Bargain)
        .group_by(record::Column::State)
        .into_model()
        .all(op.reader())
        .await?;
    let mut of: HashMap<BargainId, Counters> = HashMap::new();
    for row in rows {
        use record::RecordState as State;
        let counters = of.entry(row.bargain).or_default();
        counters.cuts += row.cuts;
        match State::try_from_value(&row.state)? {
            State::Running => counters.running = row.records,
            State::FloorReached => counters.floor_reached = row.records,
            State::Ordered => counters.ordered = row.records,
            State::Paid => counters.paid = row.records,
            State::Expired | State::PayExpired => counters.expired += row.records,
        }
    }
    Ok(of)
}

/// Everything that proves a record's cuts; the seed only when no cut can follow, whoever asks.
pub async fn proof(op: &Op, id: BargainRecordId) -> Result<Option<Proof>, Fault> {
    // Cuts are only added: those the record counts are there, and one made meanwhile is not told without it.
    let Some(row) = record(op, id).await? else { return Ok(None) };
    let known = store::aggregate(&row)?;
    let in_order = cut_table::Entity::find().filter(cut_table::Column::Record.eq(id)).order_by_asc(cut_table::Column::No);
    let cuts = in_order.filter(cut_table::Column::No.lte(row.cuts_made)).all(op.reader()).await?;
    let small = |n: i64| u32::try_from(n).map_err(|_| Fault::corrupt(format!("{id}: {n} is out of bounds")));
    let made = cuts.into_iter().map(|cut| {
        Ok(CutProof {
            no: small(cut.no)?,
            helper_id: cut.helper,
            salt: cut.salt,
            draws: small(cut.draws)?,
            amount_minor: cut.amount_minor,
            price_minor: cut.price_minor,
        })
    });
    Ok(Some(Proof {
        version: fair::VERSION.to_owned(),
        record_id: id,
        currency: known.terms.currency,
        first_minor: known.terms.prices.first,
        floor_minor: known.terms.prices.floor,
        cuts: known.terms.cuts,
        new_customer_draws: known.terms.new_customer_draws,
        seed: if known.is_decided() { Some(Seed::of(op, &row)?.text()) } else { None },
        seed_hash: row.seed_hash,
        price_minor: row.price_minor,
        made: made.collect::<Result<_, Fault>>()?,
    }))
}

/// A cut with its record, as the record is now.
pub struct CutShown {
    /// The record.
    pub record: record::Model,
    /// The cut.
    pub cut: cut_table::Model,
    /// Whether it was made before.
    pub again: bool,
}

/// What a cut answers: read after its commit.
pub async fn helped(op: &Op, helped: Result<Helped, Failure<PlayRefused>>) -> Result<CutShown, Failure<PlayRefused>> {
    let helped = helped?;
    let gone = || Fault::corrupt(format!("{helped:?} is gone"));
    let cut = service::cut_of(op, &helped).await?.ok_or_else(gone)?;
    let record = record(op, helped.record).await?.ok_or_else(gone)?;
    Ok(CutShown { record, cut, again: helped.again })
}

/// What beginning a bargain answers: read after its commit.
pub async fn started(op: &Op, started: Result<BargainRecordId, Failure<PlayRefused>>) -> Result<record::Model, Failure<PlayRefused>> {
    let id = started?;
    Ok(record(op, id).await?.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))?)
}

/// What buying answers: read after its commit.
pub async fn bought(
    op: &Op,
    id: BargainRecordId,
    bought: Result<OrderId, Failure<PlayRefused>>,
) -> Result<(record::Model, Order), Failure<PlayRefused>> {
    let order = bought?;
    let gone = || Fault::corrupt(format!("{order} is gone"));
    let order = trade::order::service::get(op, order).await?.ok_or_else(gone)?;
    Ok((record(op, id).await?.ok_or_else(gone)?, order))
}

/// What a command on a campaign answers: read after its commit.
pub async fn edited(op: &Op, edited: Result<BargainId, Failure<EditRefused>>) -> Result<Campaign, Failure<EditRefused>> {
    Ok(campaign(op, edited?).await?.ok_or(EditRefused::NotFound)?)
}

/// Watches a record: its price, its latest cuts, its end.
pub async fn watch_record(
    op: &Op,
    id: BargainRecordId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<record::Model>, Fault>> + use<>, Failure<LiveRefused>> {
    live::watch(op, record_topic(id), after, move |op: Op| async move { watched(&op, id).await }).await
}

/// A record that is watched ends on the second, not when the sweep happens to come by.
async fn watched(op: &Op, id: BargainRecordId) -> Result<Option<record::Model>, Fault> {
    let found = record(op, id).await?;
    if let Some(row) = &found
        && let Some(ends) = store::aggregate(row)?.ends_at()
    {
        op.platform.deadlines.sweep(super::EXPIRE_RECORDS, ends);
    }
    Ok(found)
}

/// Follows a record's cuts: where it stands at first, then every cut, one by one.
pub async fn follow_cuts(
    op: &Op,
    id: BargainRecordId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Heard<record::Model>>, Fault>> + use<>, Failure<LiveRefused>> {
    live::follow(op, cuts_topic(id), after, move |op: Op| async move { record(&op, id).await }).await
}

/// The cut a fact tells.
pub fn told(fact: &live::Fact) -> Result<Option<CutMade>, Fault> {
    fact.read::<CutMade>()
}

/// Watches a campaign, as staff see it. It is shown again when its window opens or closes.
pub async fn watch_campaign(
    op: &Op,
    id: BargainId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Campaign>, Fault>> + use<>, Failure<LiveRefused>> {
    live::watch(op, campaign_topic(id), after, move |op: Op| async move { campaign(&op, id).await }).await
}

/// The link that brings friends to a record and names who sent it.
pub fn share_path(record: BargainRecordId, sender: Option<CustomerId>) -> String {
    sender.map_or_else(|| format!("/#/bargain/{record}"), |sender| format!("/#/bargain/{record}?inviter={sender}"))
}
