//! Bills, lines and differences as the tables keep them, and our side of the comparison.

use std::collections::{BTreeMap, BTreeSet};

use entity::trade::{
    bill_difference as difference,
    payment::{self, PaymentState},
    provider_bill_line::{self as line, BillKind},
    refund::{self, RefundStatus},
    wallet_top_up as top_up,
};
use kernel::{BillId, Fault, Money, Timestamp};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    layouts::Line,
    rules::{Difference, Kind, Ours, Problem},
};

/// Numbers looked for at once.
const CHUNK: usize = 500;

/// Rows written at once.
const ROWS: usize = 500;

pub(super) fn stored(kind: Kind) -> BillKind {
    match kind {
        Kind::Charge => BillKind::Charge,
        Kind::Refund => BillKind::Refund,
    }
}

pub(super) fn read(kind: BillKind) -> Kind {
    match kind {
        BillKind::Charge => Kind::Charge,
        BillKind::Refund => Kind::Refund,
    }
}

fn stored_problem(problem: Problem) -> difference::Problem {
    match problem {
        Problem::MissingHere => difference::Problem::MissingHere,
        Problem::MissingThere => difference::Problem::MissingThere,
        Problem::Amount => difference::Problem::Amount,
        Problem::State => difference::Problem::State,
        Problem::Twice => difference::Problem::Twice,
    }
}

/// What we know of a gateway's charges and refunds: those of the time, and those the bill names.
pub(super) struct Wanted<'a> {
    pub(super) gateway: &'a str,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) lines: &'a [Line],
}

/// Our side of the comparison.
pub(super) async fn ours(op: &Op, wanted: &Wanted<'_>) -> Result<Vec<Ours>, Fault> {
    let mut found: BTreeMap<(Kind, String), Ours> = BTreeMap::new();
    let mut keep = |row: Ours| drop(found.insert((row.kind, row.number.clone()), row));
    let within = |at: Option<Timestamp>| at.is_some_and(|at| at >= wanted.from && at < wanted.until);
    let db = op.reader();

    let charge = |row: payment::Model| Ours {
        kind: Kind::Charge,
        number: row.payment_no,
        provider_id: row.provider_charge_id,
        amount: Money::new(row.amount_minor, row.currency),
        settled: row.state == PaymentState::Succeeded,
        state: row.state.to_value(),
        expected: within(row.paid_at),
    };
    let topped = |row: top_up::Model| Ours {
        kind: Kind::Charge,
        number: row.top_up_no,
        provider_id: row.provider_charge_id,
        amount: Money::new(row.amount_minor, row.currency),
        settled: row.state == PaymentState::Succeeded,
        state: row.state.to_value(),
        expected: within(row.paid_at),
    };
    let returned = |row: refund::Model| Ours {
        kind: Kind::Refund,
        number: row.refund_no,
        provider_id: row.provider_refund_id.filter(|id| !id.is_empty()),
        amount: Money::new(row.amount_minor, row.currency),
        settled: row.status == RefundStatus::Succeeded,
        state: row.status.to_value(),
        expected: within(row.finished_at),
    };
    let payments = || payment::Entity::find().filter(payment::Column::Gateway.eq(wanted.gateway));
    let top_ups = || top_up::Entity::find().filter(top_up::Column::Gateway.eq(wanted.gateway));
    let of_gateway = || {
        let mut ids = Query::select();
        ids.column(payment::Column::Id).from(payment::Entity).and_where(payment::Column::Gateway.eq(wanted.gateway));
        refund::Entity::find().filter(refund::Column::PaymentId.in_subquery(ids))
    };

    let (from, until) = (wanted.from, wanted.until);
    let in_time = payment::Column::PaidAt.gte(from).and(payment::Column::PaidAt.lt(until));
    payments().filter(in_time).all(db).await?.into_iter().map(charge).for_each(&mut keep);
    let in_time = top_up::Column::PaidAt.gte(from).and(top_up::Column::PaidAt.lt(until));
    top_ups().filter(in_time).all(db).await?.into_iter().map(topped).for_each(&mut keep);
    let in_time = refund::Column::FinishedAt.gte(from).and(refund::Column::FinishedAt.lt(until));
    of_gateway().filter(in_time).all(db).await?.into_iter().map(returned).for_each(&mut keep);

    for chunk in wanted.lines.chunks(CHUNK) {
        let of = |kind: Kind| chunk.iter().map(|line| &line.theirs).filter(move |theirs| theirs.kind == kind);
        let numbers = |kind| of(kind).map(|theirs| theirs.number.clone()).filter(|number| !number.is_empty()).collect::<Vec<_>>();
        let theirs = |kind| of(kind).filter(|theirs| theirs.number.is_empty()).map(|theirs| theirs.provider_id.clone()).collect::<Vec<_>>();
        let (charges, refunds) = (numbers(Kind::Charge), numbers(Kind::Refund));
        let known = payment::Column::PaymentNo.is_in(&charges).or(payment::Column::ProviderChargeId.is_in(theirs(Kind::Charge)));
        payments().filter(known).all(db).await?.into_iter().map(charge).for_each(&mut keep);
        let known = top_up::Column::TopUpNo.is_in(&charges).or(top_up::Column::ProviderChargeId.is_in(theirs(Kind::Charge)));
        top_ups().filter(known).all(db).await?.into_iter().map(topped).for_each(&mut keep);
        let known = refund::Column::RefundNo.is_in(refunds).or(refund::Column::ProviderRefundId.is_in(theirs(Kind::Refund)));
        of_gateway().filter(known).all(db).await?.into_iter().map(returned).for_each(&mut keep);
    }
    Ok(found.into_values().collect())
}

/// Which of our numbers, or theirs, other bills of the gateway list.
pub(super) async fn listed(op: &Op, gateway: &str, ours: &[Ours]) -> Result<BTreeSet<(Kind, String)>, Fault> {
    let mut found = BTreeSet::new();
    for chunk in ours.chunks(CHUNK) {
        let names: BTreeMap<&str, &Ours> = chunk
            .iter()
            .flat_map(|own| [Some(own.number.as_str()), own.provider_id.as_deref()].into_iter().flatten().map(move |n| (n, own)))
            .collect();
        let keys: Vec<String> = names.keys().map(|name| (*name).to_owned()).collect();
        let either = line::Column::Number.is_in(&keys).or(line::Column::ProviderId.is_in(&keys));
        let rows: Vec<(BillKind, String, String)> = line::Entity::find()
            .select_only()
            .columns([line::Column::Kind, line::Column::Number, line::Column::ProviderId])
            .filter(line::Column::Gateway.eq(gateway).and(either))
            .into_tuple()
            .all(op.reader())
            .await?;
        for (kind, number, provider_id) in rows {
            if let Some(own) = names.get(number.as_str()).or_else(|| names.get(provider_id.as_str()))
                && own.kind == read(kind)
            {
                found.insert((own.kind, own.number.clone()));
            }
        }
    }
    Ok(found)
}

/// Writes a bill's lines.
pub(super) async fn write_lines(tx: &Tx, (bill, gateway): (BillId, &str), lines: &[Line]) -> Result<(), Fault> {
    let rows: Vec<line::ActiveModel> = lines
        .iter()
        .zip(0..)
        .map(|(read, position)| line::ActiveModel {
            bill: Set(bill),
            position: Set(position),
            gateway: Set(gateway.to_owned()),
            kind: Set(stored(read.theirs.kind)),
            number: Set(read.theirs.number.clone()),
            provider_id: Set(read.theirs.provider_id.clone()),
            amount_minor: Set(read.theirs.amount.minor),
            fee_minor: Set(read.fee),
            currency: Set(read.theirs.amount.currency),
            settled: Set(read.theirs.settled),
            at: Set(read.at),
        })
        .collect();
    for some in rows.chunks(ROWS) {
        rows::insert(&**tx, some.to_vec()).await?;
    }
    Ok(())
}

/// Writes what was found.
pub(super) async fn write_differences(tx: &Tx, op: &Op, (bill, gateway, found): (BillId, &str, &[Difference])) -> Result<(), Fault> {
    let rows: Vec<difference::ActiveModel> = found
        .iter()
        .filter_map(|found| {
            let currency = found.theirs.or(found.ours)?.currency;
            Some(difference::ActiveModel {
                id: Set(op.new_id()),
                bill: Set(bill),
                gateway: Set(gateway.to_owned()),
                kind: Set(stored(found.kind)),
                problem: Set(stored_problem(found.problem)),
                number: Set(found.number.clone()),
                provider_id: Set(found.provider_id.clone()),
                ours_minor: Set(found.ours.map(|money| money.minor)),
                theirs_minor: Set(found.theirs.map(|money| money.minor)),
                currency: Set(currency),
                our_state: Set(found.our_state.clone()),
                their_state: Set(found.their_state.map(str::to_owned)),
                state: Set(difference::DifferenceState::Open),
                note: Set(None),
                resolved_by: Set(None),
                resolved_at: Set(None),
                created_at: Set(op.now()),
            })
        })
        .collect();
    for some in rows.chunks(ROWS) {
        let once = sea_orm::sea_query::OnConflict::columns([
            difference::Column::Bill,
            difference::Column::Kind,
            difference::Column::Problem,
            difference::Column::Number,
        ])
        .do_nothing()
        .to_owned();
        rows::insert_or(&**tx, (some.to_vec(), once)).await?;
    }
    Ok(())
}

/// What was missing in earlier bills and stands in this one is settled: its day ended in between.
pub(super) async fn settle_listed(tx: &Tx, op: &Op, (bill, gateway, lines): (BillId, &str, &[Line])) -> Result<(), Fault> {
    for chunk in lines.chunks(CHUNK) {
        for kind in [Kind::Charge, Kind::Refund] {
            let of: Vec<_> = chunk.iter().map(|line| &line.theirs).filter(|theirs| theirs.kind == kind).collect();
            let numbers: Vec<&str> = of.iter().map(|theirs| theirs.number.as_str()).collect();
            let ids: Vec<&str> = of.iter().map(|theirs| theirs.provider_id.as_str()).collect();
            let open = difference::Entity::find()
                .filter(difference::Column::Gateway.eq(gateway).and(difference::Column::Kind.eq(stored(kind))))
                .filter(difference::Column::State.eq(difference::DifferenceState::Open))
                .filter(difference::Column::Problem.eq(difference::Problem::MissingThere))
                .filter(difference::Column::Number.is_in(numbers).or(difference::Column::ProviderId.is_in(ids)))
                .filter(difference::Column::Bill.ne(bill))
                .all(&**tx)
                .await?;
            for row in open {
                settle(tx, op, (&row, &format!("listed in {bill}"))).await?;
            }
        }
    }
    Ok(())
}

/// Settles an open difference, and counts it; `false` when it is settled already.
pub(super) async fn settle(tx: &Tx, op: &Op, (row, note): (&difference::Model, &str)) -> Result<bool, Fault> {
    use entity::trade::provider_bill as bill;
    let settled = difference::Entity::update_many()
        .col_expr(difference::Column::State, Expr::value(difference::DifferenceState::Resolved.to_value()))
        .col_expr(difference::Column::Note, Expr::value(note))
        .col_expr(difference::Column::ResolvedBy, Expr::value(op.actor.to_string()))
        .col_expr(difference::Column::ResolvedAt, Expr::value(op.now().0))
        .filter(difference::Column::Id.eq(row.id).and(difference::Column::State.eq(difference::DifferenceState::Open)))
        .exec(&**tx)
        .await?;
    if settled.rows_affected == 0 {
        return Ok(false);
    }
    bill::Entity::update_many()
        .col_expr(bill::Column::Open, Expr::col(bill::Column::Open).sub(1))
        .filter(bill::Column::Id.eq(row.bill))
        .exec(&**tx)
        .await?;
    Ok(true)
}

/// How many differences of a bill are open.
pub(super) async fn open(db: &impl ConnectionTrait, bill: BillId) -> Result<i64, Fault> {
    use sea_orm::PaginatorTrait;
    let open = difference::Column::Bill.eq(bill).and(difference::Column::State.eq(difference::DifferenceState::Open));
    let count = difference::Entity::find().filter(open).count(db).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}
