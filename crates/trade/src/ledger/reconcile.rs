//! The daily proof: balances against entries, payments and refunds against postings, clearing accounts against what
//! providers hold, orders against their refunds, points in lots against points in the books.

use std::collections::BTreeMap;

use entity::trade::{
    ledger_entry as entry, ledger_posting as posting, ledger_reconciliation as table,
    payment::{self, PaymentState},
    points_hold::{self as hold, PointsHoldState},
    points_lot as lot,
    refund::{self, RefundStatus},
    trade_order as order,
    wallet_charge::{self as charge, WalletChargeState},
    wallet_refund, wallet_top_up as top_up, wallet_withdrawal as withdrawal,
};
use kernel::{Cursor, CursorError, Failure, Fault, Page, PageRequest, ReconciliationId, Timestamp, hours};
use platform::Op;
use sea_orm::{
    AccessMode,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, IsolationLevel, QueryFilter, QueryOrder,
    QuerySelect, TransactionTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde::{Deserialize, Serialize};

use super::{
    chain::{self, Break},
    rules::{Account, Unit},
    service,
};
use crate::wallet::BALANCE;

/// What is kept of what was found; the count is of all.
const KEPT: usize = 200;

/// Rows looked at together.
const CHUNK: u64 = 500;

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was compared: `balance`, `charge`, `refund`, `top_up`, `order`, `clearing`, `points`.
    pub check: String,
    /// Which account, number or customer.
    pub subject: String,
    /// What does not agree, in words.
    pub detail: String,
}

/// What a proof found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// Which.
    pub id: ReconciliationId,
    /// Of which day, `YYYYMMDD`; none when staff asked for it.
    pub day: Option<String>,
    /// Who asked for it.
    pub requested_by: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was through; none while it runs.
    pub finished_at: Option<Timestamp>,
    /// How many facts were compared.
    pub checked: i64,
    /// How many do not agree.
    pub found: i64,
    /// The first of those.
    pub findings: Vec<Finding>,
}

/// Proves the books once a day. A run that died is taken up again an hour later.
pub(super) async fn daily(op: Op) -> Result<(), Fault> {
    let day = op.now().yyyymmdd();
    let known = table::Entity::find().filter(table::Column::Day.eq(&day)).one(op.reader()).await?;
    match known {
        Some(run) if run.finished_at.is_some() || run.started_at + hours(1) > op.now() => Ok(()),
        Some(dead) => {
            let tx = op.begin().await?;
            let taken = table::Entity::update_many()
                .col_expr(table::Column::StartedAt, Expr::value(op.now().0))
                .filter(table::Column::Id.eq(dead.id).and(table::Column::StartedAt.eq(dead.started_at)))
                .filter(table::Column::FinishedAt.is_null())
                .exec(&*tx)
                .await?;
            tx.commit().await?;
            if taken.rows_affected == 1 { run(&op, dead.id).await } else { Ok(()) }
        }
        None => match begin(&op, Some(day)).await? {
            Some(id) => run(&op, id).await,
            None => Ok(()),
        },
    }
}

/// Proves the books now, for staff.
pub async fn now(op: &Op) -> Result<Reconciliation, Fault> {
    let id = begin(op, None).await?.ok_or_else(|| Fault::internal("a new id is known"))?;
    run(op, id).await?;
    let row = table::Entity::find_by_id(id).one(op.platform.db.writer()).await?;
    row.map(Reconciliation::of).transpose()?.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))
}

/// Proofs, the latest first. For those who may see the books.
pub async fn list(op: &Op, page: PageRequest) -> Result<Page<Reconciliation>, Failure<CursorError>> {
    let after = page.after.as_ref().map(Cursor::key::<ReconciliationId>).transpose()?;
    let which = Condition::all().add_option(after.map(|id| table::Column::Id.lt(id)));
    let rows = table::Entity::find().filter(which).order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    let rows = rows.into_iter().map(Reconciliation::of).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::take(rows, page.first, |row| row.id))
}

/// `None` when another node began this day's.
async fn begin(op: &Op, day: Option<String>) -> Result<Option<ReconciliationId>, Fault> {
    let id: ReconciliationId = op.new_id();
    let row = table::ActiveModel {
        id: Set(id),
        day: Set(day),
        requested_by: Set(op.actor.to_string()),
        started_at: Set(op.now()),
        finished_at: Set(None),
        checked: Set(0),
        found: Set(0),
        findings: Set(serde_json::json!([])),
    };
    let tx = op.begin().await?;
    let once = OnConflict::column(table::Column::Day).do_nothing().to_owned();
    let begun = table::Entity::insert(row).on_conflict(once).exec_without_returning(&*tx).await?;
    tx.commit().await?;
    Ok((begun == 1).then_some(id))
}

async fn run(op: &Op, id: ReconciliationId) -> Result<(), Fault> {
    let mut proof = Proof::default();
    balances(op, &mut proof).await?;
    payments(op, &mut proof).await?;
    refunds(op, &mut proof).await?;
    top_ups(op, &mut proof).await?;
    orders(op, &mut proof).await?;
    clearing(op, &mut proof).await?;
    points(op, &mut proof).await?;
    if proof.found > 0 {
        tracing::error!(reconciliation = %id, found = proof.found, "the books do not agree; a person must look");
    }
    let tx = op.begin().await?;
    table::Entity::update_many()
        .col_expr(table::Column::FinishedAt, Expr::value(op.now().0))
        .col_expr(table::Column::Checked, Expr::value(proof.checked))
        .col_expr(table::Column::Found, Expr::value(proof.found))
        .col_expr(table::Column::Findings, Expr::value(serde_json::to_value(&proof.findings)?))
        .filter(table::Column::Id.eq(id))
        .exec(&*tx)
        .await?;
    tx.commit().await
}

#[derive(Default)]
struct Proof {
    checked: i64,
    found: i64,
    findings: Vec<Finding>,
}

impl Proof {
    fn compare(&mut self, agrees: bool, finding: impl FnOnce() -> Finding) {
        self.checked += 1;
        if !agrees {
            self.found += 1;
            if self.findings.len() < KEPT {
                self.findings.push(finding());
            }
        }
    }
}

fn finding(check: &str, subject: impl ToString, detail: impl Into<String>) -> Finding {
    Finding { check: check.to_owned(), subject: subject.to_string(), detail: detail.into() }
}

/// What is kept of each account against its entries.
async fn balances(op: &Op, proof: &mut Proof) -> Result<(), Fault> {
    let mut wrong = Vec::new();
    let accounts = chain::compare(op, |broken| wrong.push(broken), |_, _| {}).await?;
    proof.checked += i64::try_from(accounts).unwrap_or(i64::MAX) - i64::try_from(wrong.len()).unwrap_or(0);
    for broken in wrong {
        let subject = if let Break::Balance { account, .. } = &broken { account.clone() } else { String::new() };
        proof.compare(false, || finding("balance", subject, broken.to_string()));
    }
    Ok(())
}

/// Everything as it stands in one moment, for sums that are compared with each other while the mall goes on.
async fn moment(op: &Op) -> Result<DatabaseTransaction, Fault> {
    let db = op.reader();
    Ok(match db.get_database_backend() {
        DbBackend::Postgres => db.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await?,
        _ => db.begin().await?,
    })
}

/// What the postings of these numbers moved on an account, by number.
async fn booked(db: &impl ConnectionTrait, kind: &str, numbers: &[String], account: &Account) -> Result<BTreeMap<String, i64>, Fault> {
    let rows: Vec<(String, i64)> = entry::Entity::find()
        .select_only()
        .column(posting::Column::BusinessId)
        .column(entry::Column::AmountMinor)
        .inner_join(posting::Entity)
        .filter(posting::Column::BusinessType.eq(kind).and(posting::Column::BusinessId.is_in(numbers)))
        .filter(entry::Column::Account.eq(account.to_string()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Every charge that succeeded is booked with its amount.
async fn payments(op: &Op, proof: &mut Proof) -> Result<(), Fault> {
    let db = op.reader();
    let mut behind = None;
    loop {
        let which = Condition::all()
            .add(payment::Column::State.eq(PaymentState::Succeeded))
            .add_option(behind.map(|id| payment::Column::Id.gt(id)));
        let rows = payment::Entity::find().filter(which).order_by_asc(payment::Column::Id).limit(CHUNK).all(db).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        behind = Some(last.id);
        let mut by_gateway: BTreeMap<String, Vec<payment::Model>> = BTreeMap::new();
        for row in rows {
            by_gateway.entry(row.gateway.clone()).or_default().push(row);
        }
        for (gateway, rows) in by_gateway {
            let numbers: Vec<String> = rows.iter().map(|row| row.payment_no.clone()).collect();
            let sums = booked(db, "charge", &numbers, &Account::clearing(&gateway)).await?;
            for row in rows {
                let there = sums.get(&row.payment_no).copied();
                proof.compare(there == Some(row.charged_minor), || {
                    finding("charge", &row.payment_no, format!("{} was charged, {} is booked", row.charged_minor, shown(there)))
                });
            }
        }
    }
}

fn shown(minor: Option<i64>) -> String {
    minor.map_or_else(|| "nothing".to_owned(), |minor| minor.to_string())
}

/// Every refund that succeeded is booked with its amount.
async fn refunds(op: &Op, proof: &mut Proof) -> Result<(), Fault> {
    let db = op.reader();
    let mut behind = None;
    loop {
        let which =
            Condition::all().add(refund::Column::Status.eq(RefundStatus::Succeeded)).add_option(behind.map(|id| refund::Column::Id.gt(id)));
        let rows = refund::Entity::find().filter(which).order_by_asc(refund::Column::Id).limit(CHUNK).all(db).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        behind = Some(last.id);
        let payments: BTreeMap<_, _> = payment::Entity::find()
            .filter(payment::Column::Id.is_in(rows.iter().map(|row| row.payment_id)))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id, row.gateway))
            .collect();
        let mut by_gateway: BTreeMap<String, Vec<refund::Model>> = BTreeMap::new();
        for row in rows {
            by_gateway.entry(payments.get(&row.payment_id).cloned().unwrap_or_default()).or_default().push(row);
        }
        for (gateway, rows) in by_gateway {
            let numbers: Vec<String> = rows.iter().map(|row| row.refund_no.clone()).collect();
            let sums = booked(db, "refund", &numbers, &Account::clearing(&gateway)).await?;
            for row in rows {
                let there = sums.get(&row.refund_no).map(|minor| -minor);
                proof.compare(there == Some(row.amount_minor), || {
                    finding("refund", &row.refund_no, format!("{} went back, {} is booked", row.amount_minor, shown(there)))
                });
            }
        }
    }
}

/// Every top-up that succeeded is booked with its amount.
async fn top_ups(op: &Op, proof: &mut Proof) -> Result<(), Fault> {
    let db = op.reader();
    let mut behind = None;
    loop {
        let which =
            Condition::all().add(top_up::Column::State.eq(PaymentState::Succeeded)).add_option(behind.map(|id| top_up::Column::Id.gt(id)));
        let rows = top_up::Entity::find().filter(which).order_by_asc(top_up::Column::Id).limit(CHUNK).all(db).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        behind = Some(last.id);
        let mut by_gateway: BTreeMap<String, Vec<top_up::Model>> = BTreeMap::new();
        for row in rows {
            by_gateway.entry(row.gateway.clone()).or_default().push(row);
        }
        for (gateway, rows) in by_gateway {
            let numbers: Vec<String> = rows.iter().map(|row| row.top_up_no.clone()).collect();
            let sums = booked(db, "top_up", &numbers, &Account::clearing(&gateway)).await?;
            for row in rows {
                let there = sums.get(&row.top_up_no).copied();
                proof.compare(there == Some(row.amount_minor), || {
                    finding("top_up", &row.top_up_no, format!("{} came, {} is booked", row.amount_minor, shown(there)))
                });
            }
        }
    }
}

/// Every paid order is charged what it costs, and says of refunds what its refunds say.
async fn orders(op: &Op, proof: &mut Proof) -> Result<(), Fault> {
    let mut behind = None;
    loop {
        let db = &moment(op).await?;
        let which = Condition::all().add(order::Column::PaidBy.is_not_null()).add_option(behind.map(|id| order::Column::Id.gt(id)));
        let rows = order::Entity::find().filter(which).order_by_asc(order::Column::Id).limit(CHUNK).all(db).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        behind = Some(last.id);
        let paid_by: Vec<_> = rows.iter().filter_map(|row| row.paid_by).collect();
        let charged: BTreeMap<_, _> = payment::Entity::find()
            .filter(payment::Column::Id.is_in(paid_by.iter().copied()))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id, (row.charged_minor, row.refunded_minor)))
            .collect();
        for row in rows {
            let (came, back) = row.paid_by.and_then(|id| charged.get(&id)).copied().unwrap_or_default();
            proof.compare(came == row.total_minor, || {
                finding("order", &row.order_no, format!("it costs {}, its payment charged {came}", row.total_minor))
            });
            proof.compare(back == row.refunded_minor, || {
                finding("order", &row.order_no, format!("{} went back, its payment says {back}", row.refunded_minor))
            });
        }
    }
}

/// What stands on each provider's account is what it holds for us: charges and top-ups, less refunds and withdrawals.
async fn clearing(op: &Op, proof: &mut Proof) -> Result<(), Fault> {
    let tx = moment(op).await?;
    let mut holds: BTreeMap<(String, String), i64> = BTreeMap::new();
    let sum = |column: payment::Column| Expr::col(column).sum().cast_as("bigint");
    let rows: Vec<(String, kernel::Currency, Option<i64>, Option<i64>)> = payment::Entity::find()
        .select_only()
        .column(payment::Column::Gateway)
        .column(payment::Column::Currency)
        .column_as(sum(payment::Column::ChargedMinor), "came")
        .column_as(sum(payment::Column::RefundedMinor), "back")
        .group_by(payment::Column::Gateway)
        .group_by(payment::Column::Currency)
        .into_tuple()
        .all(&tx)
        .await?;
    for (gateway, currency, came, back) in rows {
        let unit = Unit::Money(currency).code();
        *holds.entry((gateway, unit)).or_default() += came.unwrap_or_default() - back.unwrap_or_default();
    }
    let rows: Vec<(String, kernel::Currency, Option<i64>)> = top_up::Entity::find()
        .select_only()
        .column(top_up::Column::Gateway)
        .column(top_up::Column::Currency)
        .column_as(Expr::col(top_up::Column::AmountMinor).sum().cast_as("bigint"), "came")
        .filter(top_up::Column::State.eq(PaymentState::Succeeded))
        .group_by(top_up::Column::Gateway)
        .group_by(top_up::Column::Currency)
        .into_tuple()
        .all(&tx)
        .await?;
    for (gateway, currency, came) in rows {
        *holds.entry((gateway, Unit::Money(currency).code())).or_default() += came.unwrap_or_default();
    }
    // What was paid out of wallets went through a provider too.
    let rows: Vec<(String, kernel::Currency, Option<i64>)> = withdrawal::Entity::find()
        .select_only()
        .column(withdrawal::Column::Gateway)
        .column(withdrawal::Column::Currency)
        .column_as(Expr::col(withdrawal::Column::AmountMinor).sum().cast_as("bigint"), "went")
        .filter(withdrawal::Column::State.eq(withdrawal::WithdrawalState::Paid))
        .group_by(withdrawal::Column::Gateway)
        .group_by(withdrawal::Column::Currency)
        .into_tuple()
        .all(&tx)
        .await?;
    for (gateway, currency, went) in rows {
        *holds.entry((gateway, Unit::Money(currency).code())).or_default() -= went.unwrap_or_default();
    }
    // The wallets are a provider of ours: what orders gave them is gone from them, and the other way round.
    let rows: Vec<(kernel::Currency, Option<i64>)> = charge::Entity::find()
        .select_only()
        .column(charge::Column::Currency)
        .column_as(Expr::col(charge::Column::AmountMinor).sum().cast_as("bigint"), "took")
        .filter(charge::Column::State.eq(WalletChargeState::Succeeded))
        .group_by(charge::Column::Currency)
        .into_tuple()
        .all(&tx)
        .await?;
    for (currency, took) in rows {
        *holds.entry((BALANCE.to_owned(), Unit::Money(currency).code())).or_default() -= took.unwrap_or_default();
    }
    let rows: Vec<(kernel::Currency, Option<i64>)> = wallet_refund::Entity::find()
        .select_only()
        .column(wallet_refund::Column::Currency)
        .column_as(Expr::col(wallet_refund::Column::AmountMinor).sum().cast_as("bigint"), "gave")
        .group_by(wallet_refund::Column::Currency)
        .into_tuple()
        .all(&tx)
        .await?;
    for (currency, gave) in rows {
        *holds.entry((BALANCE.to_owned(), Unit::Money(currency).code())).or_default() += gave.unwrap_or_default();
    }
    let accounts = Condition::all().add(entry::Column::Account.starts_with("gateway_clearing:"));
    let mut stands: BTreeMap<(String, String), i64> = BTreeMap::new();
    for balance in service::summed(&tx, accounts).await? {
        let gateway = balance.account.trim_start_matches("gateway_clearing:").to_owned();
        stands.insert((gateway, balance.amount.unit.code()), balance.amount.minor);
    }
    drop(tx);
    for key in holds.keys().chain(stands.keys()).cloned().collect::<std::collections::BTreeSet<_>>() {
        let (there, held) = (stands.get(&key).copied().unwrap_or_default(), holds.get(&key).copied().unwrap_or_default());
        let (gateway, unit) = key;
        proof.compare(there == held, || {
            finding("clearing", &gateway, format!("{there} {unit} on its account, {held} by its charges, top-ups, refunds and withdrawals"))
        });
    }
    Ok(())
}

/// Points in lots and holds against points in the books, customer by customer.
async fn points(op: &Op, proof: &mut Proof) -> Result<(), Fault> {
    let tx = moment(op).await?;
    let left = Expr::col(lot::Column::Remaining).sum().cast_as("bigint");
    let rows: Vec<(kernel::CustomerId, bool, Option<i64>)> = lot::Entity::find()
        .select_only()
        .column(lot::Column::Customer)
        .column(lot::Column::Released)
        .column_as(left, "left")
        .group_by(lot::Column::Customer)
        .group_by(lot::Column::Released)
        .into_tuple()
        .all(&tx)
        .await?;
    let mut lots: BTreeMap<String, i64> = BTreeMap::new();
    for (customer, released, left) in rows {
        let account = if released { Account::Points(customer) } else { Account::PointsFrozen(customer) };
        *lots.entry(account.to_string()).or_default() -= left.unwrap_or_default();
    }
    let held: Vec<(kernel::CustomerId, Option<i64>)> = hold::Entity::find()
        .select_only()
        .column(hold::Column::Customer)
        .column_as(Expr::col(hold::Column::Points).sum().cast_as("bigint"), "held")
        .filter(hold::Column::State.eq(PointsHoldState::Held))
        .group_by(hold::Column::Customer)
        .into_tuple()
        .all(&tx)
        .await?;
    for (customer, held) in held {
        *lots.entry(Account::PointsHeld(customer).to_string()).or_default() -= held.unwrap_or_default();
    }
    let kept = service::kept_points(&tx).await?;
    drop(tx);
    for account in lots.keys().chain(kept.keys()).cloned().collect::<std::collections::BTreeSet<_>>() {
        let (books, there) = (kept.get(&account).copied().unwrap_or_default(), lots.get(&account).copied().unwrap_or_default());
        proof.compare(books == there, || finding("points", &account, format!("{} in the books, {} in lots and holds", -books, -there)));
    }
    Ok(())
}

impl Reconciliation {
    fn of(row: table::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id,
            day: row.day,
            requested_by: row.requested_by,
            started_at: row.started_at,
            finished_at: row.finished_at,
            checked: row.checked,
            found: row.found,
            findings: serde_json::from_value(row.findings)?,
        })
    }
}
