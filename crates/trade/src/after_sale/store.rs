//! Rows to cases and back.

use std::collections::HashMap;

use entity::trade::{after_sale as table, after_sale_event as event, after_sale_line as line};
use kernel::{
    AfterSaleId, CustomerId, EventId, Failure, Fault, MediaId, Money, OrderId, OrderLineId, Permission, RefundId, SkuId, Timestamp,
};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    Refused,
    events::{AfterSaleChanged, AfterSaleClosed},
    policy,
    rules::{Kind, Reason, Standing, State},
};
use crate::order::service::{self as orders, Order};

/// A wish to give goods back, or to have them changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Which.
    pub id: AfterSaleId,
    /// What people call it; its refund has the same number.
    pub case_no: String,
    /// Of which order.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// What is wanted.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// Why.
    pub reason: Reason,
    /// Why, in the shopper's words.
    pub note: String,
    /// How much goes back; of an exchange, how much would.
    pub amount: Money,
    /// Whether the money is for goods the shopper keeps.
    pub keeps_goods: bool,
    /// Whether less goes back than the goods are worth.
    pub reduced: bool,
    /// Whether what bringing the goods cost goes back too.
    pub with_shipping: bool,
    /// Whether nobody had to say yes.
    pub instant: bool,
    /// Whether the goods came back.
    pub goods_back: bool,
    /// Where the goods are to be sent.
    pub return_to: Option<String>,
    /// Who carries them back, and their number for it.
    pub parcel: Option<(String, String)>,
    /// Who carries the replacement, and their number for it.
    pub replacement_parcel: Option<(String, String)>,
    /// The refund it became.
    pub refund: Option<RefundId>,
    /// How often its refund was asked for.
    pub refunds: i64,
    /// Why the merchant said no.
    pub refusal: Option<String>,
    /// What happens by itself happens then.
    pub due_at: Option<Timestamp>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When something happened last.
    pub updated_at: Timestamp,
    /// When it was over.
    pub closed_at: Option<Timestamp>,
}

impl Case {
    /// What its moves depend on.
    pub fn standing(&self) -> Standing {
        Standing { kind: self.kind, state: self.state, goods_back: self.goods_back }
    }

    pub(super) fn of(row: table::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id,
            case_no: row.case_no,
            order: row.order_id,
            customer: row.customer,
            kind: read_kind(row.kind),
            state: read(row.state),
            reason: Reason::of(&row.reason).ok_or_else(|| Fault::corrupt(format!("{} has no reason {}", row.id, row.reason)))?,
            note: row.note,
            amount: Money::new(row.amount_minor, row.currency),
            keeps_goods: row.keeps_goods,
            reduced: row.reduced,
            with_shipping: row.with_shipping,
            instant: row.instant,
            goods_back: row.goods_back,
            return_to: row.return_to,
            parcel: row.carrier.zip(row.tracking_no),
            replacement_parcel: row.reship_carrier.zip(row.reship_tracking_no),
            refund: row.refund,
            refunds: row.refunds,
            refusal: row.refusal,
            due_at: row.due_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            closed_at: row.closed_at,
        })
    }
}

/// Some pieces a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseLine {
    /// Of which line of the order.
    pub line: OrderLineId,
    /// Of what.
    pub sku: SkuId,
    /// How many.
    pub quantity: i64,
    /// What of the case's money is for them.
    pub amount_minor: i64,
    /// What is wanted instead.
    pub replacement: Option<SkuId>,
}

impl CaseLine {
    fn of(row: &line::Model) -> Self {
        Self { line: row.order_line, sku: row.sku, quantity: row.quantity, amount_minor: row.amount_minor, replacement: row.replacement }
    }
}

/// What happened to a case, for its timeline.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) what: &'static str,
    pub(crate) note: Option<String>,
    pub(crate) media: Vec<MediaId>,
}

impl Said {
    pub(crate) fn plain(what: &'static str) -> Self {
        Self { what, ..Self::default() }
    }

    pub(crate) fn with(what: &'static str, note: impl Into<String>) -> Self {
        let note = note.into();
        Self { what, note: (!note.is_empty()).then_some(note), media: Vec::new() }
    }
}

/// Writes a new case.
pub(super) async fn insert(tx: &mut Tx, op: &Op, (case, lines, said): (&Case, &[CaseLine], Said)) -> Result<(), Fault> {
    let row = table::ActiveModel {
        id: Set(case.id),
        case_no: Set(case.case_no.clone()),
        order_id: Set(case.order),
        customer: Set(case.customer),
        kind: Set(stored_kind(case.kind)),
        state: Set(stored(case.state)),
        reason: Set(case.reason.code().to_owned()),
        note: Set(case.note.clone()),
        amount_minor: Set(case.amount.minor),
        currency: Set(case.amount.currency),
        keeps_goods: Set(case.keeps_goods),
        reduced: Set(false),
        with_shipping: Set(false),
        instant: Set(case.instant),
        goods_back: Set(false),
        refunds: Set(0),
        due_at: Set(case.due_at),
        created_at: Set(case.created_at),
        updated_at: Set(case.updated_at),
        ..Default::default()
    };
    table::Entity::insert(row).exec_without_returning(&**tx).await?;
    let rows = lines.iter().map(|piece| line::ActiveModel {
        after_sale: Set(case.id),
        order_line: Set(piece.line),
        sku: Set(piece.sku),
        quantity: Set(piece.quantity),
        amount_minor: Set(piece.amount_minor),
        replacement: Set(piece.replacement),
    });
    rows::insert(&**tx, rows).await?;
    tell(tx, op, (case, said)).await
}

/// Writes a locked case that moved to `next`, or stayed where it is, with all that changed about it.
pub(super) async fn write(tx: &mut Tx, op: &Op, (case, next, said): (&mut Case, State, Said)) -> Result<(), Fault> {
    let (from, now) = (case.state, op.now());
    if next != from {
        case.due_at = policy::current(&**tx).await?.due(next, now).map(|(at, _)| at);
        case.closed_at = next.is_closed().then_some(now);
        case.state = next;
    }
    case.updated_at = now;
    let (carrier, tracking_no) = case.parcel.clone().unzip();
    let (reship_carrier, reship_tracking_no) = case.replacement_parcel.clone().unzip();
    let written = table::Entity::update_many()
        .col_expr(table::Column::Kind, Expr::value(stored_kind(case.kind).to_value()))
        .col_expr(table::Column::State, Expr::value(stored(next).to_value()))
        .col_expr(table::Column::AmountMinor, Expr::value(case.amount.minor))
        .col_expr(table::Column::Reduced, Expr::value(case.reduced))
        .col_expr(table::Column::WithShipping, Expr::value(case.with_shipping))
        .col_expr(table::Column::Instant, Expr::value(case.instant))
        .col_expr(table::Column::GoodsBack, Expr::value(case.goods_back))
        .col_expr(table::Column::ReturnTo, Expr::value(case.return_to.clone()))
        .col_expr(table::Column::Carrier, Expr::value(carrier))
        .col_expr(table::Column::TrackingNo, Expr::value(tracking_no))
        .col_expr(table::Column::ReshipCarrier, Expr::value(reship_carrier))
        .col_expr(table::Column::ReshipTrackingNo, Expr::value(reship_tracking_no))
        .col_expr(table::Column::Refund, Expr::value(case.refund))
        .col_expr(table::Column::Refunds, Expr::value(case.refunds))
        .col_expr(table::Column::Refusal, Expr::value(case.refusal.clone()))
        .col_expr(table::Column::DueAt, Expr::value(case.due_at.map(|at| at.0)))
        .col_expr(table::Column::UpdatedAt, Expr::value(now.0))
        .col_expr(table::Column::ClosedAt, Expr::value(case.closed_at.map(|at| at.0)))
        .filter(table::Column::Id.eq(case.id).and(table::Column::State.eq(stored(from))))
        .exec(&**tx)
        .await?;
    if written.rows_affected != 1 {
        return Err(Fault::corrupt(format!("{} moved under its own lock", case.id)));
    }
    tell(tx, op, (case, said)).await?;
    if next != from && next.is_closed() {
        tx.emit(&AfterSaleClosed { case: case.id, order: case.order, customer: case.customer, state: next });
    }
    Ok(())
}

/// Keeps what of the money is for which pieces.
pub(super) async fn share_out(tx: &Tx, case: &Case, lines: &[CaseLine]) -> Result<(), Fault> {
    for piece in lines {
        line::Entity::update_many()
            .col_expr(line::Column::AmountMinor, Expr::value(piece.amount_minor))
            .filter(line::Column::AfterSale.eq(case.id).and(line::Column::OrderLine.eq(piece.line)))
            .exec(&**tx)
            .await?;
    }
    Ok(())
}

/// Writes a line of a case's timeline, and has its watchers look again.
pub(super) async fn tell(tx: &mut Tx, op: &Op, (case, said): (&Case, Said)) -> Result<(), Fault> {
    // A timeline is read in the order it was written, also when all of it happened at once.
    let of_case = event::Entity::find().filter(event::Column::AfterSale.eq(case.id));
    let last = of_case.order_by_desc(event::Column::At).one(&**tx).await?.map_or(0, |row| row.at.0 + 1);
    let row = event::ActiveModel {
        id: Set(op.new_id::<EventId>()),
        after_sale: Set(case.id),
        kind: Set(said.what.to_owned()),
        actor: Set(op.actor.to_string()),
        note: Set(said.note),
        media: Set(serde_json::to_value(&said.media)?),
        at: Set(Timestamp(Ord::max(op.now().0, last))),
    };
    event::Entity::insert(row).exec_without_returning(&**tx).await?;
    tx.emit(&AfterSaleChanged { case: case.id, order: case.order, customer: case.customer, state: case.state, what: said.what.to_owned() });
    Ok(())
}

/// Whether a case's timeline says so already.
pub(super) async fn is_told(db: &impl ConnectionTrait, case: AfterSaleId, (what, note): (&str, &str)) -> Result<bool, Fault> {
    let same = event::Column::AfterSale.eq(case).and(event::Column::Kind.eq(what)).and(event::Column::Note.eq(note));
    Ok(event::Entity::find().filter(same).one(db).await?.is_some())
}

/// The pieces a case is about.
pub(super) async fn lines(db: &impl ConnectionTrait, case: AfterSaleId) -> Result<Vec<CaseLine>, Fault> {
    let rows = line::Entity::find().filter(line::Column::AfterSale.eq(case)).order_by_asc(line::Column::OrderLine).all(db).await?;
    Ok(rows.iter().map(CaseLine::of).collect())
}

/// The pieces cases are about.
pub(super) async fn lines_of(db: &impl ConnectionTrait, cases: &[AfterSaleId]) -> Result<HashMap<AfterSaleId, Vec<CaseLine>>, Fault> {
    let rows = line::Entity::find()
        .filter(line::Column::AfterSale.is_in(cases.iter().copied()))
        .order_by_asc(line::Column::OrderLine)
        .all(db)
        .await?;
    let mut found: HashMap<AfterSaleId, Vec<CaseLine>> = HashMap::new();
    for row in &rows {
        found.entry(row.after_sale).or_default().push(CaseLine::of(row));
    }
    Ok(found)
}

/// Every case of an order.
pub(super) async fn of_order(db: &impl ConnectionTrait, order: OrderId) -> Result<Vec<Case>, Fault> {
    let rows = table::Entity::find().filter(table::Column::OrderId.eq(order)).order_by_asc(table::Column::Id).all(db).await?;
    rows.into_iter().map(Case::of).collect()
}

/// How many pieces of each line are in cases that are not over, this one aside.
pub(super) async fn claimed(
    db: &impl ConnectionTrait,
    (order, but): (OrderId, Option<AfterSaleId>),
) -> Result<HashMap<OrderLineId, i64>, Fault> {
    let open: Vec<AfterSaleId> = of_order(db, order)
        .await?
        .into_iter()
        // Money for goods that are kept takes no piece away.
        .filter(|case| case.state.claims_pieces() && !case.keeps_goods && Some(case.id) != but)
        .map(|case| case.id)
        .collect();
    let mut claimed = HashMap::new();
    if !open.is_empty() {
        for piece in lines_of(db, &open).await?.into_values().flatten() {
            *claimed.entry(piece.line).or_default() += piece.quantity;
        }
    }
    Ok(claimed)
}

/// The case and its order, locked in the lock order, when the actor may see it.
pub(super) async fn locked(tx: &Tx, op: &Op, id: AfterSaleId) -> Result<(Order, Case), Failure<Refused>> {
    let known = table::Entity::find_by_id(id).one(&**tx).await?.ok_or(Refused::NotFound)?;
    if !visible(op, known.customer) {
        return Err(Refused::NotFound.into());
    }
    let order = orders::lock(tx, known.order_id).await?;
    let row = table::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?;
    let row = row.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))?;
    Ok((order, Case::of(row)?))
}

/// Whether the actor may see what is this shopper's.
pub(super) fn visible(op: &Op, customer: CustomerId) -> bool {
    op.actor.may(Permission::AfterSaleRead) || op.actor.may(Permission::AfterSaleWrite) || op.actor.customer() == Some(customer)
}

/// As the table spells it.
pub(super) fn stored(state: State) -> table::AfterSaleState {
    match state {
        State::Requested => table::AfterSaleState::Requested,
        State::AwaitingReturn => table::AfterSaleState::AwaitingReturn,
        State::Returning => table::AfterSaleState::Returning,
        State::Inspecting => table::AfterSaleState::Inspecting,
        State::Refunding => table::AfterSaleState::Refunding,
        State::Reshipping => table::AfterSaleState::Reshipping,
        State::Reshipped => table::AfterSaleState::Reshipped,
        State::Done => table::AfterSaleState::Done,
        State::Rejected => table::AfterSaleState::Rejected,
        State::Cancelled => table::AfterSaleState::Cancelled,
        State::Escalated => table::AfterSaleState::Escalated,
    }
}

fn read(state: table::AfterSaleState) -> State {
    State::ALL.into_iter().find(|known| stored(*known) == state).unwrap_or(State::Requested)
}

pub(super) fn stored_kind(kind: Kind) -> table::AfterSaleKind {
    match kind {
        Kind::RefundOnly => table::AfterSaleKind::RefundOnly,
        Kind::Return => table::AfterSaleKind::Return,
        Kind::Exchange => table::AfterSaleKind::Exchange,
    }
}

fn read_kind(kind: table::AfterSaleKind) -> Kind {
    match kind {
        table::AfterSaleKind::RefundOnly => Kind::RefundOnly,
        table::AfterSaleKind::Return => Kind::Return,
        table::AfterSaleKind::Exchange => Kind::Exchange,
    }
}
