//! What happens to pledges: one function per command, each one transaction — lock, decide, store, tell, commit.

use entity::campaign::{
    crowdfunding as table, crowdfunding_pledge as pledge, crowdfunding_poll as poll, crowdfunding_tier as tier, crowdfunding_vote as vote,
};
use kernel::{CrowdfundingId, CrowdfundingPollId, Failure, Fault, Money, OrderId, PledgeId, QuoteId, TierId, Timestamp};
use platform::{IdempotencyKey, Op, Tx};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde::{Deserialize, Serialize};
use trade::order::{
    rules::{Origin, ShippingAddress},
    service::PlaceOrder,
};

use super::{
    KIND,
    campaigns::{goal, lock, stand, window},
    error::BackRefused,
    events::{CrowdfundingChanged, CrowdfundingFailed, CrowdfundingSucceeded, Pledged},
    jobs::{GiveBack, LetShip},
    rules::{self, Counted, Funding, Outcome, Phase, PledgeRefused, Raised, Reason, Tier},
};
use crate::console::rules::runs;

/// How many crowdfundings one run of the sweep ends.
const BATCH: u64 = 100;

/// What a backer says.
#[derive(Clone, Debug, Serialize)]
pub struct Pledge {
    /// Which reward.
    pub tier: TierId,
    /// The price they were promised.
    pub quote: QuoteId,
    /// What they expect to pay.
    pub expected_total: Money,
    /// Where it goes.
    pub address: ShippingAddress,
    /// Whether they confirm which of the goods cannot be given back without a reason.
    pub confirms_exceptions: bool,
    /// One effect per key.
    pub idempotency_key: String,
}

/// A pledge made, and the order to pay for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The pledge.
    pub pledge: PledgeId,
    /// Its order.
    pub order: OrderId,
}

/// What a reward's row means to the rules.
fn reward(row: &tier::Model) -> Tier {
    Tier { stock: row.stock, taken: row.taken, numbered: row.numbered, most_per_customer: row.most_per_customer }
}

/// Pledges: the reward is held, and the order placed, in one transaction. The crowdfunding is locked, so the last reward
/// is one backer's.
pub async fn make(op: &Op, wanted: Pledge) -> Result<Made, Failure<BackRefused>> {
    let customer = op.customer()?;
    let key = IdempotencyKey::new(op, "crowdfunding_pledge", &wanted.idempotency_key, &wanted).map_err(Failure::widen)?;
    let order = PlaceOrder {
        hold: true,
        confirms_exceptions: wanted.confirms_exceptions,
        ..PlaceOrder::new(wanted.quote, wanted.expected_total, wanted.address.clone())
    };
    let order = match trade::order::service::prepare(op, order).await {
        Err(Failure::Fault(fault)) => return Err(fault.into()),
        answer => answer,
    };
    let mut tx = op.begin().await?;
    if let Some(made) = tx.claim(&key).await.map_err(Failure::widen)? {
        return Ok(made);
    }
    let known = tier::Entity::find_by_id(wanted.tier).one(&*tx).await?.ok_or(BackRefused::NotFound("tierId"))?;
    let row = lock(&tx, known.crowdfunding).await?.ok_or(BackRefused::NotFound("tierId"))?;
    if !runs(stand(row.state), window(&row), op.now()) {
        return Err(PledgeRefused::NotGathering.into());
    }
    let order = order.map_err(Failure::widen)?;
    let made_for = |play: &trade::quote::PlayRef| play.kind == KIND && play.id == wanted.tier.to_string();
    let [line] = order.quote().lines.as_slice() else { return Err(BackRefused::QuoteMismatch.into()) };
    if !order.quote().play.as_ref().is_some_and(made_for) || line.sku != known.sku || line.unit_price.minor != known.price_minor {
        return Err(BackRefused::QuoteMismatch.into());
    }
    // Read again under the lock: what is taken is what was committed.
    let reward_row = tier::Entity::find_by_id(wanted.tier).one(&*tx).await?.ok_or(BackRefused::NotFound("tierId"))?;
    let live = [pledge::PledgeState::Reserved, pledge::PledgeState::Pledged];
    let own = pledge::Entity::find()
        .filter(pledge::Column::Tier.eq(wanted.tier).and(pledge::Column::Customer.eq(customer)))
        .filter(pledge::Column::State.is_in(live))
        .all(&*tx)
        .await?;
    let quantity = line.quantity;
    rules::pledge(reward(&reward_row), own.iter().map(|own| own.quantity).sum(), quantity)?;
    take(&tx, (wanted.tier, quantity)).await?;
    let made = Made { pledge: op.new_id(), order: order.order() };
    let new = pledge::Model {
        id: made.pledge,
        crowdfunding: row.id,
        tier: wanted.tier,
        customer,
        order_id: made.order,
        quantity,
        amount_minor: line.payable.minor,
        state: pledge::PledgeState::Reserved,
        edition_no: None,
        refund_reason: None,
        created_at: op.now(),
        paid_at: None,
        ended_at: None,
    };
    pledge::Entity::insert(new.into_active_model()).exec_without_returning(&*tx).await?;
    let origin = Origin { kind: KIND.to_owned(), id: made.pledge.to_string() };
    trade::order::service::place(&mut tx, op, order.with_origin(origin)).await.map_err(Failure::widen)?;
    tx.emit(&CrowdfundingChanged { crowdfunding: row.id });
    tx.remember(&key, &made).await?;
    tx.commit().await?;
    Ok(made)
}

/// A pledge and its crowdfunding, both as they stand under the crowdfunding's lock.
async fn locked(tx: &Tx, order: OrderId) -> Result<Option<(table::Model, pledge::Model)>, Fault> {
    let find = || pledge::Entity::find().filter(pledge::Column::OrderId.eq(order)).one(&**tx);
    let Some(known) = find().await? else { return Ok(None) };
    let row = lock(tx, known.crowdfunding).await?.ok_or_else(|| Fault::corrupt(format!("{} is gone", known.crowdfunding)))?;
    let known = find().await?.ok_or_else(|| Fault::corrupt(format!("{} is gone", known.id)))?;
    Ok(Some((row, known)))
}

fn phase(state: table::CrowdfundingState) -> Phase {
    match state {
        table::CrowdfundingState::Succeeded => Phase::Over(Outcome::Succeeded),
        table::CrowdfundingState::Failed => Phase::Over(Outcome::Failed),
        _ => Phase::Gathering,
    }
}

/// An order was paid: its pledge counts, or its money goes back. Told twice, it has one effect.
pub async fn paid(op: &Op, (order, paid_at): (OrderId, Timestamp)) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some((row, known)) = locked(&tx, order).await? else { return Ok(()) };
    let settled = matches!(known.state, pledge::PledgeState::Pledged | pledge::PledgeState::Refunded);
    if settled || known.refund_reason.is_some() {
        return Ok(());
    }
    let tier = tier::Entity::find_by_id(known.tier).one(&*tx).await?.ok_or_else(|| Fault::corrupt(format!("{} is gone", known.tier)))?;
    let held = known.state == pledge::PledgeState::Reserved;
    let room = if held { Ok(()) } else { rules::pledge(reward(&tier), 0, known.quantity) };
    match rules::paid((phase(row.state), window(&row)), paid_at, room) {
        Counted::Back(reason) => {
            if held {
                free(&tx, (known.tier, known.quantity)).await?;
                moved(&tx, op, (&known, pledge::PledgeState::Released)).await?;
            }
            owe(&mut tx, (&known, reason)).await?;
        }
        counted => {
            if !held {
                take(&tx, (known.tier, known.quantity)).await?;
            }
            let edition_no = if tier.numbered { Some(next_number(&tx, known.tier).await?) } else { None };
            let update = pledge::ActiveModel {
                id: Set(known.id),
                state: Set(pledge::PledgeState::Pledged),
                edition_no: Set(edition_no),
                paid_at: Set(Some(paid_at)),
                ended_at: Set(None),
                ..Default::default()
            };
            pledge::Entity::update(update).exec(&*tx).await?;
            let raised = Raised { minor: known.amount_minor, units: known.quantity, backers: 1 };
            raise(&tx, (row.id, raised)).await?;
            tx.emit(&Pledged { crowdfunding: row.id, pledge: known.id, customer: known.customer, order, amount_minor: known.amount_minor });
            if counted == Counted::InAndOwed {
                tx.enqueue(&LetShip { order });
            }
        }
    }
    tx.emit(&CrowdfundingChanged { crowdfunding: row.id });
    tx.commit().await
}

/// The number of the next piece of a numbered reward; numbers are never given twice.
async fn next_number(tx: &Tx, tier: TierId) -> Result<i64, Fault> {
    let last: Option<Option<i64>> = pledge::Entity::find()
        .select_only()
        .column_as(pledge::Column::EditionNo.max(), "last")
        .filter(pledge::Column::Tier.eq(tier))
        .into_tuple()
        .one(&**tx)
        .await?;
    Ok(last.flatten().unwrap_or(0) + 1)
}

/// An order was cancelled unpaid: its reward is free.
pub async fn cancelled(op: &Op, order: OrderId) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some((row, known)) = locked(&tx, order).await? else { return Ok(()) };
    if known.state != pledge::PledgeState::Reserved {
        return Ok(());
    }
    free(&tx, (known.tier, known.quantity)).await?;
    moved(&tx, op, (&known, pledge::PledgeState::Released)).await?;
    tx.emit(&CrowdfundingChanged { crowdfunding: row.id });
    tx.commit().await
}

/// All of an order's money went back: while the crowdfunding gathers, its pledge counts no more.
pub async fn refunded(op: &Op, order: OrderId) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some((row, known)) = locked(&tx, order).await? else { return Ok(()) };
    if known.state == pledge::PledgeState::Refunded {
        return Ok(());
    }
    moved(&tx, op, (&known, pledge::PledgeState::Refunded)).await?;
    // What a crowdfunding ended with stays what it ended with.
    if known.state == pledge::PledgeState::Pledged && phase(row.state) == Phase::Gathering {
        free(&tx, (known.tier, known.quantity)).await?;
        raise(&tx, (row.id, Raised { minor: -known.amount_minor, units: -known.quantity, backers: -1 })).await?;
    }
    tx.emit(&CrowdfundingChanged { crowdfunding: row.id });
    tx.commit().await
}

/// Ends the crowdfundings whose deadline has come; each gets its turn, even behind one that fails.
pub async fn settle_due(op: &Op) -> Result<(), Fault> {
    let lives = [table::CrowdfundingState::Published, table::CrowdfundingState::Paused];
    let due: Vec<CrowdfundingId> = table::Entity::find()
        .select_only()
        .column(table::Column::Id)
        .filter(table::Column::State.is_in(lives).and(table::Column::EndsAt.lte(op.now())))
        .limit(BATCH)
        .into_tuple()
        .all(op.reader())
        .await?;
    let mut first = None;
    for id in due {
        if let Err(fault) = settle(op, id).await {
            tracing::error!(crowdfunding = %id, %fault, "a crowdfunding does not end; the others do");
            first.get_or_insert(fault);
        }
    }
    first.map_or(Ok(()), Err)
}

async fn settle(op: &Op, id: CrowdfundingId) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some(row) = lock(&tx, id).await? else { return Ok(()) };
    if phase(row.state) != Phase::Gathering || row.state == table::CrowdfundingState::Draft || op.now() < row.ends_at {
        return Ok(());
    }
    settle_locked(&mut tx, op, &row).await?;
    tx.commit().await
}

/// Ends a locked crowdfunding: every paid pledge becomes a job, to ship or to give back.
pub(super) async fn settle_locked(tx: &mut Tx, op: &Op, row: &table::Model) -> Result<(), Fault> {
    let raised = Raised { minor: row.raised_minor, units: row.units, backers: row.backers };
    let funding = if row.keeps_all { Funding::KeepItAll } else { Funding::AllOrNothing };
    let outcome = rules::outcome(goal(row), funding, raised);
    let state = match outcome {
        Outcome::Succeeded => table::CrowdfundingState::Succeeded,
        Outcome::Failed => table::CrowdfundingState::Failed,
    };
    let ended = table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(state.to_value()))
        .col_expr(table::Column::EndedAt, Expr::value(op.now().0))
        .col_expr(table::Column::UpdatedAt, Expr::value(op.now().0))
        .filter(table::Column::Id.eq(row.id).and(table::Column::State.eq(row.state)))
        .exec(&**tx)
        .await?;
    if ended.rows_affected != 1 {
        return Err(Fault::corrupt(format!("{} changed under its lock", row.id)));
    }
    let pledged = pledge::Column::Crowdfunding.eq(row.id).and(pledge::Column::State.eq(pledge::PledgeState::Pledged));
    let pledges = pledge::Entity::find().filter(pledged.clone()).all(&**tx).await?;
    match outcome {
        Outcome::Succeeded => {
            pledges.iter().for_each(|pledge| tx.enqueue(&LetShip { order: pledge.order_id }));
            tx.emit(&CrowdfundingSucceeded { crowdfunding: row.id, raised_minor: row.raised_minor });
        }
        Outcome::Failed => {
            let reason = Reason::CrowdfundingFailed;
            let update = pledge::Entity::update_many().col_expr(pledge::Column::RefundReason, Expr::value(reason.code()));
            update.filter(pledged).exec(&**tx).await?;
            pledges.iter().for_each(|pledge| tx.enqueue(&GiveBack { order: pledge.order_id, reason }));
            tx.emit(&CrowdfundingFailed { crowdfunding: row.id, raised_minor: row.raised_minor });
        }
    }
    Ok(())
}

/// A backer's answer to a question; another one until it closes replaces it.
pub async fn vote(op: &Op, (id, choice): (CrowdfundingPollId, i64)) -> Result<CrowdfundingId, Failure<BackRefused>> {
    let customer = op.customer()?;
    let mut tx = op.begin().await?;
    let row = poll::Entity::find_by_id(id).one(&*tx).await?.ok_or(BackRefused::NotFound("pollId"))?;
    let options = row.options.as_array().map_or(0, Vec::len);
    let backs = pledge::Column::Crowdfunding.eq(row.crowdfunding).and(pledge::Column::Customer.eq(customer));
    let backs = backs.and(pledge::Column::State.eq(pledge::PledgeState::Pledged));
    let backer = pledge::Entity::find().filter(backs).limit(1).one(&*tx).await?.is_some();
    let known = usize::try_from(choice).is_ok_and(|choice| choice < options);
    if !backer || !known || op.now() >= row.closes_at {
        return Err(BackRefused::NoVote.into());
    }
    let cast = vote::Model { poll: id, customer, choice, voted_at: op.now() };
    let again = OnConflict::columns([vote::Column::Poll, vote::Column::Customer])
        .update_columns([vote::Column::Choice, vote::Column::VotedAt])
        .to_owned();
    vote::Entity::insert(cast.into_active_model()).on_conflict(again).exec_without_returning(&*tx).await?;
    tx.emit(&CrowdfundingChanged { crowdfunding: row.crowdfunding });
    tx.commit().await?;
    Ok(row.crowdfunding)
}

async fn take(tx: &Tx, (tier, quantity): (TierId, i64)) -> Result<(), Fault> {
    let update = tier::Entity::update_many().col_expr(tier::Column::Taken, Expr::col(tier::Column::Taken).add(quantity));
    update.filter(tier::Column::Id.eq(tier)).exec(&**tx).await?;
    Ok(())
}

async fn free(tx: &Tx, (tier, quantity): (TierId, i64)) -> Result<(), Fault> {
    take(tx, (tier, -quantity)).await
}

async fn raise(tx: &Tx, (id, by): (CrowdfundingId, Raised)) -> Result<(), Fault> {
    table::Entity::update_many()
        .col_expr(table::Column::RaisedMinor, Expr::col(table::Column::RaisedMinor).add(by.minor))
        .col_expr(table::Column::Units, Expr::col(table::Column::Units).add(by.units))
        .col_expr(table::Column::Backers, Expr::col(table::Column::Backers).add(by.backers))
        .filter(table::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

async fn moved(tx: &Tx, op: &Op, (known, state): (&pledge::Model, pledge::PledgeState)) -> Result<(), Fault> {
    let update = pledge::ActiveModel { id: Set(known.id), state: Set(state), ended_at: Set(Some(op.now())), ..Default::default() };
    pledge::Entity::update(update).exec(&**tx).await?;
    Ok(())
}

/// Asks the money of a pledge back; under the lock, so it is asked once.
async fn owe(tx: &mut Tx, (known, reason): (&pledge::Model, Reason)) -> Result<(), Fault> {
    let update = pledge::Entity::update_many().col_expr(pledge::Column::RefundReason, Expr::value(reason.code()));
    update.filter(pledge::Column::Id.eq(known.id)).exec(&**tx).await?;
    tx.enqueue(&GiveBack { order: known.order_id, reason });
    Ok(())
}
