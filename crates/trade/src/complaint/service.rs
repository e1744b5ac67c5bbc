//! Commands on complaints. One function per command: lock, decide, store, tell.

use catalog::media::service as media;
use entity::trade::{complaint as table, complaint_event as event};
use kernel::{
    AfterSaleId, ComplaintId, CustomerId, EventId, Failure, Fault, MediaId, Money, OrderId, Permission, RefundId, Timestamp, hours,
};
use platform::{IdempotencyKey, Op, Tx};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde::Serialize;

use super::{
    Refused,
    events::ComplaintChanged,
    rules::{self, About, Move, State, Step},
};
use crate::{
    after_sale::{
        policy,
        rules::{self as case_rules, words},
        service::{self as cases, LONGEST_WORDS, MOST_PICTURES},
    },
    order::{
        rules::{MoveRefused, Status},
        service::{self as orders, Happened, Order},
    },
    refund::service::{self as refunds, Goodwill},
};

/// A shopper's complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Which.
    pub id: ComplaintId,
    /// About which order.
    pub order: OrderId,
    /// About which case of it.
    pub case: Option<AfterSaleId>,
    /// Whose.
    pub customer: CustomerId,
    /// Where it stands.
    pub state: State,
    /// About what.
    pub about: About,
    /// The merchant answers, or staff decide, by then.
    pub due_at: Option<Timestamp>,
    /// Why it was decided so.
    pub decision: Option<String>,
    /// What the shopper gets for it.
    pub compensation: Option<Money>,
    /// The refund that became of it.
    pub refund: Option<RefundId>,
    /// When it was filed.
    pub created_at: Timestamp,
    /// When something happened last.
    pub updated_at: Timestamp,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
}

/// A complaint to be filed.
#[derive(Clone, Debug, Serialize)]
pub struct FileComplaint {
    /// About which order.
    pub order: OrderId,
    /// About which rejected case of it.
    pub case: Option<AfterSaleId>,
    /// About what.
    pub about: About,
    /// What happened, in words.
    pub note: String,
    /// Pictures that prove it.
    pub media: Vec<MediaId>,
}

/// Files a complaint about one's own paid order. The same key is one complaint.
pub async fn file(op: &Op, wanted: FileComplaint, key: &str) -> Result<Complaint, Failure<Refused>> {
    let customer = op.customer()?;
    let key = IdempotencyKey::new(op, "complaint_file", key, &wanted).map_err(Failure::widen)?;
    let note = some_words(&wanted.note)?;
    checked_evidence(op, &wanted.media).await?;
    let mut tx = op.begin().await?;
    if let Some(known) = tx.claim::<ComplaintId>(&key).await.map_err(Failure::widen)? {
        drop(tx);
        return get(op, known).await?.ok_or_else(|| Refused::NotFound.into());
    }
    let order = orders::lock_any(&tx, wanted.order).await?.filter(|order| order.customer == customer);
    let order = order.ok_or(Refused::OrderNotFound)?;
    match order.status {
        Status::PendingPayment => return Err(Refused::from(MoveRefused::Unpaid).into()),
        Status::Cancelled => return Err(Refused::from(MoveRefused::Cancelled).into()),
        _ => {}
    }
    let open = table::Column::OrderId.eq(order.id).and(table::Column::ClosedAt.is_null());
    if table::Entity::find().filter(open).one(&*tx).await?.is_some() {
        return Err(Refused::Open.into());
    }
    if let Some(case) = wanted.case {
        cases::escalate(&mut tx, op, (&order, case)).await.map_err(Failure::widen)?;
    }
    let now = op.now();
    let complaint = Complaint {
        id: op.new_id(),
        order: order.id,
        case: wanted.case,
        customer,
        state: State::Filed,
        about: wanted.about,
        due_at: Some(now + span(&tx).await?),
        decision: None,
        compensation: None,
        refund: None,
        created_at: now,
        updated_at: now,
        closed_at: None,
    };
    let row = table::ActiveModel {
        id: Set(complaint.id),
        order_id: Set(complaint.order),
        after_sale: Set(complaint.case),
        customer: Set(customer),
        state: Set(stored(State::Filed)),
        topic: Set(wanted.about.code().to_owned()),
        due_at: Set(complaint.due_at),
        currency: Set(order.total.currency),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    table::Entity::insert(row).exec_without_returning(&*tx).await?;
    tell(&mut tx, op, (&complaint, Said { what: "FILED", note: Some(note), media: wanted.media })).await?;
    orders::record(&mut tx, op, Happened { order: order.id, kind: "COMPLAINT_FILED", note: None, amount: None }).await?;
    tx.remember(&key, &complaint.id).await?;
    tx.commit().await?;
    Ok(complaint)
}

/// Something to be said about a complaint.
#[derive(Clone, Debug)]
pub struct Say {
    /// About which.
    pub complaint: ComplaintId,
    /// What.
    pub note: String,
    /// Pictures that prove it.
    pub media: Vec<MediaId>,
}

/// Adds words and pictures; the merchant's are the answer that was waited for.
pub async fn say(op: &Op, say: Say) -> Result<Complaint, Failure<Refused>> {
    let note = some_words(&say.note)?;
    checked_evidence(op, &say.media).await?;
    let mut tx = op.begin().await?;
    let (_, mut complaint) = locked(&tx, op, say.complaint).await?;
    if complaint.state.is_closed() {
        return Err(Refused::from(rules::MoveRefused::Closed).into());
    }
    let theirs = op.actor.customer().is_none();
    let step = if theirs { rules::step(complaint.state, Move::Answer).map_err(Refused::from)? } else { Step::Already };
    let said = Said { what: if theirs { "ANSWERED" } else { "SAID" }, note: Some(note), media: say.media };
    let next = if let Step::To(next) = step { next } else { complaint.state };
    write(&mut tx, op, (&mut complaint, next, said)).await?;
    tx.commit().await?;
    Ok(complaint)
}

/// The shopper gives a complaint up; a case it opened again is rejected for good.
pub async fn withdraw(op: &Op, id: ComplaintId) -> Result<Complaint, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let (order, mut complaint) = locked(&tx, op, id).await?;
    let Step::To(next) = rules::step(complaint.state, Move::Withdraw).map_err(Refused::from)? else { return Ok(complaint) };
    if let Some(case) = complaint.case {
        cases::decided(&mut tx, op, (&order, case, case_rules::Move::Dismiss)).await.map_err(Failure::widen)?;
    }
    write(&mut tx, op, (&mut complaint, next, Said { what: "WITHDRAWN", note: None, media: Vec::new() })).await?;
    tx.commit().await?;
    Ok(complaint)
}

/// Who is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The shopper.
    Upheld,
    /// The merchant.
    Dismissed,
}

/// A decision.
#[derive(Clone, Debug)]
pub struct Decide {
    /// Of which complaint.
    pub complaint: ComplaintId,
    /// Who is right.
    pub verdict: Verdict,
    /// Why.
    pub note: String,
    /// What the shopper gets beside what their case is about.
    pub compensation: Option<Money>,
}

/// Staff decide. Of a complaint that is upheld the case goes on as if accepted, and the compensation goes back to where
/// the money came from.
pub async fn decide(op: &Op, decision: Decide) -> Result<Complaint, Failure<Refused>> {
    let note = some_words(&decision.note)?;
    let (by, case_by, what) = match decision.verdict {
        Verdict::Upheld => (Move::Uphold, case_rules::Move::Uphold, "UPHELD"),
        Verdict::Dismissed => (Move::Dismiss, case_rules::Move::Dismiss, "DISMISSED"),
    };
    if decision.compensation.is_some() && decision.verdict == Verdict::Dismissed {
        return Err(Refused::Compensation.into());
    }
    let mut tx = op.begin().await?;
    let (order, mut complaint) = locked(&tx, op, decision.complaint).await?;
    let Step::To(next) = rules::step(complaint.state, by).map_err(Refused::from)? else { return Ok(complaint) };
    if let Some(case) = complaint.case {
        cases::decided(&mut tx, op, (&order, case, case_by)).await.map_err(Failure::widen)?;
    }
    complaint.decision = Some(note.clone());
    if let Some(amount) = decision.compensation {
        let earlier = table::Entity::find().filter(table::Column::OrderId.eq(order.id)).count(&*tx).await?;
        let goodwill = Goodwill { order: order.id, amount, reason: format!("complaint{earlier}"), text: note.chars().take(200).collect() };
        let refund = refunds::request_goodwill(&mut tx, op, goodwill).await.map_err(Failure::widen)?;
        (complaint.compensation, complaint.refund) = (Some(refund.amount), Some(refund.id));
    }
    write(&mut tx, op, (&mut complaint, next, Said { what, note: Some(note), media: Vec::new() })).await?;
    tx.commit().await?;
    Ok(complaint)
}

/// Complaints whose merchant did not answer in time.
pub(super) async fn overdue(op: &Op, limit: u64) -> Result<Vec<ComplaintId>, Fault> {
    let late = table::Column::State.eq(table::ComplaintState::Filed).and(table::Column::DueAt.lte(op.now()));
    let ids = table::Entity::find().select_only().column(table::Column::Id).filter(late);
    Ok(ids.order_by_asc(table::Column::DueAt).limit(limit).into_tuple().all(op.reader()).await?)
}

/// The merchant's time is over: it is decided without them.
pub(super) async fn lapse(op: &Op, id: ComplaintId) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let (_, mut complaint) = locked(&tx, op, id).await.map_err(no_refusal)?;
    if complaint.due_at.is_none_or(|at| at > op.now()) {
        return Ok(());
    }
    if let Ok(Step::To(next)) = rules::step(complaint.state, Move::Lapse) {
        write(&mut tx, op, (&mut complaint, next, Said { what: "UNANSWERED", note: None, media: Vec::new() })).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn no_refusal(failure: Failure<Refused>) -> Fault {
    match failure {
        Failure::Refused(refused) => Fault::corrupt(format!("a complaint is not found: {refused}")),
        Failure::Fault(fault) => fault,
    }
}

/// The complaint, when the actor may see it.
pub async fn get(op: &Op, id: ComplaintId) -> Result<Option<Complaint>, Fault> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?;
    row.filter(|row| visible(op, row.customer)).map(Complaint::of).transpose()
}

/// What happened to a complaint, for its timeline.
struct Said {
    what: &'static str,
    note: Option<String>,
    media: Vec<MediaId>,
}

fn some_words(text: &str) -> Result<String, Refused> {
    words(text, LONGEST_WORDS).filter(|note| !note.is_empty()).ok_or(Refused::Words)
}

async fn checked_evidence(op: &Op, pictures: &[MediaId]) -> Result<(), Failure<Refused>> {
    if pictures.len() > MOST_PICTURES || !media::all_sent_by(op, pictures).await? {
        return Err(Refused::Evidence.into());
    }
    Ok(())
}

/// How long each side has.
async fn span(tx: &Tx) -> Result<std::time::Duration, Fault> {
    Ok(hours(u64::from(policy::current(&**tx).await?.complaint_hours)))
}

/// Writes a locked complaint that moved to `next`, or stayed where it is.
async fn write(tx: &mut Tx, op: &Op, (complaint, next, said): (&mut Complaint, State, Said)) -> Result<(), Fault> {
    let (from, now) = (complaint.state, op.now());
    if next != from {
        complaint.state = next;
        complaint.due_at = if next.is_closed() { None } else { Some(now + span(tx).await?) };
        complaint.closed_at = next.is_closed().then_some(now);
    }
    complaint.updated_at = now;
    let written = table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(stored(next).to_value()))
        .col_expr(table::Column::DueAt, Expr::value(complaint.due_at.map(|at| at.0)))
        .col_expr(table::Column::Decision, Expr::value(complaint.decision.clone()))
        .col_expr(table::Column::CompensationMinor, Expr::value(complaint.compensation.map(|money| money.minor)))
        .col_expr(table::Column::Refund, Expr::value(complaint.refund))
        .col_expr(table::Column::UpdatedAt, Expr::value(now.0))
        .col_expr(table::Column::ClosedAt, Expr::value(complaint.closed_at.map(|at| at.0)))
        .filter(table::Column::Id.eq(complaint.id).and(table::Column::State.eq(stored(from))))
        .exec(&**tx)
        .await?;
    if written.rows_affected != 1 {
        return Err(Fault::corrupt(format!("{} moved under its own lock", complaint.id)));
    }
    tell(tx, op, (complaint, said)).await
}

async fn tell(tx: &mut Tx, op: &Op, (complaint, said): (&Complaint, Said)) -> Result<(), Fault> {
    // A timeline is read in the order it was written, also when all of it happened at once.
    let of_complaint = event::Entity::find().filter(event::Column::Complaint.eq(complaint.id));
    let last = of_complaint.order_by_desc(event::Column::At).one(&**tx).await?.map_or(0, |row| row.at.0 + 1);
    let row = event::ActiveModel {
        id: Set(op.new_id::<EventId>()),
        complaint: Set(complaint.id),
        kind: Set(said.what.to_owned()),
        actor: Set(op.actor.to_string()),
        note: Set(said.note),
        media: Set(serde_json::to_value(&said.media)?),
        at: Set(Timestamp(Ord::max(op.now().0, last))),
    };
    event::Entity::insert(row).exec_without_returning(&**tx).await?;
    tx.emit(&ComplaintChanged {
        complaint: complaint.id,
        order: complaint.order,
        customer: complaint.customer,
        state: complaint.state,
        what: said.what.to_owned(),
    });
    Ok(())
}

/// The complaint and its order, locked, when the actor may see it.
async fn locked(tx: &Tx, op: &Op, id: ComplaintId) -> Result<(Order, Complaint), Failure<Refused>> {
    let known = table::Entity::find_by_id(id).one(&**tx).await?.filter(|row| visible(op, row.customer)).ok_or(Refused::NotFound)?;
    // The order's lock is the case's and the complaint's too: whoever moves one of them holds it.
    let order = orders::lock(tx, known.order_id).await?;
    let row = table::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?;
    let row = row.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))?;
    Ok((order, Complaint::of(row)?))
}

fn visible(op: &Op, customer: CustomerId) -> bool {
    let staff = [Permission::AfterSaleRead, Permission::AfterSaleWrite, Permission::ComplaintDecide];
    staff.into_iter().any(|permission| op.actor.may(permission)) || op.actor.customer() == Some(customer)
}

impl Complaint {
    pub(super) fn of(row: table::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id,
            order: row.order_id,
            case: row.after_sale,
            customer: row.customer,
            state: read(row.state),
            about: About::of(&row.topic).ok_or_else(|| Fault::corrupt(format!("{} is about {}", row.id, row.topic)))?,
            due_at: row.due_at,
            decision: row.decision,
            compensation: row.compensation_minor.map(|minor| Money::new(minor, row.currency)),
            refund: row.refund,
            created_at: row.created_at,
            updated_at: row.updated_at,
            closed_at: row.closed_at,
        })
    }
}

/// As the table spells it.
pub(super) fn stored(state: State) -> table::ComplaintState {
    match state {
        State::Filed => table::ComplaintState::Filed,
        State::Answered => table::ComplaintState::Answered,
        State::Unanswered => table::ComplaintState::Unanswered,
        State::Upheld => table::ComplaintState::Upheld,
        State::Dismissed => table::ComplaintState::Dismissed,
        State::Withdrawn => table::ComplaintState::Withdrawn,
    }
}

fn read(state: table::ComplaintState) -> State {
    match state {
        table::ComplaintState::Filed => State::Filed,
        table::ComplaintState::Answered => State::Answered,
        table::ComplaintState::Unanswered => State::Unanswered,
        table::ComplaintState::Upheld => State::Upheld,
        table::ComplaintState::Dismissed => State::Dismissed,
        table::ComplaintState::Withdrawn => State::Withdrawn,
    }
}
