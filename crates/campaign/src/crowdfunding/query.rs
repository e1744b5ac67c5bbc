//! What is read of crowdfundings. Every list takes a fixed number of statements, whatever its length.

use std::collections::HashMap;

use entity::campaign::{
    crowdfunding as table, crowdfunding_pledge as pledge, crowdfunding_poll as poll, crowdfunding_stretch as stretch,
    crowdfunding_tier as tier, crowdfunding_update as news, crowdfunding_vote as vote,
};
use futures_util::Stream;
use kernel::{CrowdfundingId, CrowdfundingPollId, CursorError, Failure, Fault, Page, PageRequest, PledgeId};
use platform::{
    Op,
    live::{self, Live, LiveRefused},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use trade::order::service::Order;

use super::{
    error::{BackRefused, EditRefused},
    events::topic,
    service::Made,
};

/// How much news and how many questions of a crowdfunding are shown.
const SHOWN: usize = 50;

/// Whose eyes look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eyes {
    /// Shoppers: drafts are nobody's business.
    Shop,
    /// Staff.
    Staff,
}

/// One crowdfunding.
pub async fn get(op: &Op, id: CrowdfundingId, eyes: Eyes) -> Result<Option<table::Model>, Fault> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?;
    Ok(row.filter(|row| eyes == Eyes::Staff || row.state != table::CrowdfundingState::Draft))
}

/// Crowdfundings, the newest first.
pub async fn list(
    op: &Op,
    (eyes, state): (Eyes, Option<table::CrowdfundingState>),
    page: PageRequest,
) -> Result<Page<table::Model>, Failure<CursorError>> {
    let mut wanted = Condition::all();
    if eyes == Eyes::Shop {
        wanted = wanted.add(table::Column::State.ne(table::CrowdfundingState::Draft));
    }
    if let Some(state) = state {
        wanted = wanted.add(table::Column::State.eq(state));
    }
    if let Some(after) = &page.after {
        wanted = wanted.add(table::Column::Id.lt(after.key::<CrowdfundingId>()?));
    }
    let rows = table::Entity::find().filter(wanted).order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    Ok(Page::take(rows, page.first, |row| row.id))
}

/// Crowdfundings by id.
pub async fn by_ids(op: &Op, ids: &[CrowdfundingId]) -> Result<HashMap<CrowdfundingId, table::Model>, Fault> {
    let rows = table::Entity::find().filter(table::Column::Id.is_in(ids.iter().copied())).all(op.reader()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Groups rows by what they belong to.
fn grouped<R>(rows: Vec<R>, of: impl Fn(&R) -> CrowdfundingId) -> HashMap<CrowdfundingId, Vec<R>> {
    let mut groups: HashMap<CrowdfundingId, Vec<R>> = HashMap::new();
    rows.into_iter().for_each(|row| groups.entry(of(&row)).or_default().push(row));
    groups
}

/// The rewards of these crowdfundings, in their order.
pub async fn tiers(op: &Op, ids: &[CrowdfundingId]) -> Result<HashMap<CrowdfundingId, Vec<tier::Model>>, Fault> {
    let of = tier::Entity::find().filter(tier::Column::Crowdfunding.is_in(ids.iter().copied()));
    Ok(grouped(of.order_by_asc(tier::Column::Position).all(op.reader()).await?, |row| row.crowdfunding))
}

/// What these crowdfundings promise beyond their goals, the nearest first.
pub async fn stretches(op: &Op, ids: &[CrowdfundingId]) -> Result<HashMap<CrowdfundingId, Vec<stretch::Model>>, Fault> {
    let of = stretch::Entity::find().filter(stretch::Column::Crowdfunding.is_in(ids.iter().copied()));
    Ok(grouped(of.order_by_asc(stretch::Column::Goal).all(op.reader()).await?, |row| row.crowdfunding))
}

/// The news of these crowdfundings, the latest first.
pub async fn news(op: &Op, ids: &[CrowdfundingId]) -> Result<HashMap<CrowdfundingId, Vec<news::Model>>, Fault> {
    let of = news::Entity::find().filter(news::Column::Crowdfunding.is_in(ids.iter().copied()));
    let mut found = grouped(of.order_by_desc(news::Column::Id).all(op.reader()).await?, |row| row.crowdfunding);
    found.values_mut().for_each(|rows| rows.truncate(SHOWN));
    Ok(found)
}

/// A question, and how many chose what.
#[derive(Clone, Debug)]
pub struct Poll {
    /// The question.
    pub row: poll::Model,
    /// Votes by option.
    pub votes: Vec<i64>,
}

/// The questions of these crowdfundings with their votes, the latest first.
pub async fn polls(op: &Op, ids: &[CrowdfundingId]) -> Result<HashMap<CrowdfundingId, Vec<Poll>>, Fault> {
    let of = poll::Entity::find().filter(poll::Column::Crowdfunding.is_in(ids.iter().copied()));
    let rows = of.order_by_desc(poll::Column::Id).all(op.reader()).await?;
    let counted: Vec<(CrowdfundingPollId, i64, i64)> = vote::Entity::find()
        .select_only()
        .column(vote::Column::Poll)
        .column(vote::Column::Choice)
        .column_as(vote::Column::Customer.count(), "votes")
        .filter(vote::Column::Poll.is_in(rows.iter().map(|row| row.id)))
        .group_by(vote::Column::Poll)
        .group_by(vote::Column::Choice)
        .into_tuple()
        .all(op.reader())
        .await?;
    let votes_of = |row: &poll::Model| {
        let mut votes = vec![0; row.options.as_array().map_or(0, Vec::len)];
        for (_, choice, count) in counted.iter().filter(|(poll, ..)| *poll == row.id) {
            if let Some(slot) = usize::try_from(*choice).ok().and_then(|choice| votes.get_mut(choice)) {
                *slot = *count;
            }
        }
        votes
    };
    let polls: Vec<Poll> = rows.into_iter().map(|row| Poll { votes: votes_of(&row), row }).collect();
    let mut found = grouped(polls, |poll| poll.row.crowdfunding);
    found.values_mut().for_each(|rows| rows.truncate(SHOWN));
    Ok(found)
}

/// Which pledges.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// Those of whoever asks.
    Mine,
    /// Those of a crowdfunding.
    Of(CrowdfundingId, Option<pledge::PledgeState>),
}

/// Pledges, the newest first.
pub async fn pledges(op: &Op, whose: Whose, page: PageRequest) -> Result<Page<pledge::Model>, Failure<CursorError>> {
    let mut wanted = Condition::all();
    match whose {
        Whose::Mine => wanted = wanted.add(pledge::Column::Customer.eq(op.customer()?)),
        Whose::Of(id, state) => {
            wanted = wanted.add(pledge::Column::Crowdfunding.eq(id)).add_option(state.map(|state| pledge::Column::State.eq(state)));
        }
    }
    if let Some(after) = &page.after {
        wanted = wanted.add(pledge::Column::Id.lt(after.key::<PledgeId>()?));
    }
    let rows = pledge::Entity::find().filter(wanted).order_by_desc(pledge::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    Ok(Page::take(rows, page.first, |row| row.id))
}

/// What a pledge just made answers: read after its commit.
pub async fn made(op: &Op, made: Result<Made, Failure<BackRefused>>) -> Result<(pledge::Model, Order), Failure<BackRefused>> {
    let made = made?;
    let gone = || Fault::corrupt(format!("{made:?} is gone"));
    let row = pledge::Entity::find_by_id(made.pledge).one(op.reader()).await?.ok_or_else(gone)?;
    let order = trade::order::service::get(op, made.order).await?.ok_or_else(gone)?;
    Ok((row, order))
}

/// What a command on a crowdfunding answers: read after its commit.
pub async fn edited(op: &Op, edited: Result<CrowdfundingId, Failure<EditRefused>>) -> Result<table::Model, Failure<EditRefused>> {
    Ok(get(op, edited?, Eyes::Staff).await?.ok_or(EditRefused::NotFound)?)
}

/// Watches a crowdfunding. It ends on the second, not when the sweep happens to come by.
pub async fn watch(
    op: &Op,
    (id, eyes): (CrowdfundingId, Eyes),
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<table::Model>, Fault>> + use<>, Failure<LiveRefused>> {
    let load = move |op: Op| async move {
        let found = get(&op, id, eyes).await?;
        let lives = |row: &&table::Model| matches!(row.state, table::CrowdfundingState::Published | table::CrowdfundingState::Paused);
        if let Some(row) = found.as_ref().filter(lives) {
            op.platform.deadlines.sweep(super::SETTLE, row.ends_at);
        }
        Ok(found)
    };
    live::watch(op, topic(id), after, load).await
}
