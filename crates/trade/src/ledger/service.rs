//! Booking, and what stands where.

use std::collections::{BTreeMap, HashMap};

use entity::trade::{ledger_account as account, ledger_entry as entry, ledger_posting as posting};
use kernel::{Cursor, CursorError, Detail, Failure, Fault, Page, PageRequest, PostingId, Refusal, Timestamp};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict, SimpleExpr},
};

pub use super::chain::{Break, Progress, Report, Tip, seal, tip, verify};
use super::rules::{self, Account, Amount, Bounds, Entry, Posting, Unit, bookable};

/// There is not so much on an account of a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are only {available} on {account}")]
pub struct Short {
    /// On which.
    pub account: String,
    /// How much there is.
    pub available: i64,
}

impl Refusal for Short {
    fn code(&self) -> &'static str {
        "BALANCE_INSUFFICIENT"
    }

    fn detail(&self) -> Detail {
        Detail::Available(self.available)
    }
}

/// Whether a fact was booked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booking {
    /// It was.
    New,
    /// It had been; nothing changed.
    Known,
}

/// Books a fact in the caller's transaction. A fact that is booked already is left as it is, one that moves nothing is
/// none. Refused when a person's account has not so much: the transaction must then be given up.
pub async fn try_post(tx: &mut Tx, op: &Op, wanted: Posting) -> Result<Booking, Failure<Short>> {
    if wanted.is_empty() {
        return Ok(Booking::Known);
    }
    bookable(&wanted).map_err(|e| Fault::internal(format!("{} {}: {e}", wanted.business_type, wanted.business_id)))?;
    let id: PostingId = op.new_id();
    let row = posting::ActiveModel {
        id: Set(id),
        business_type: Set(wanted.business_type.to_owned()),
        business_id: Set(wanted.business_id),
        actor: Set(op.actor.to_string()),
        request: Set(op.request.id.clone()),
        posted_at: Set(op.now()),
        block: Set(None),
    };
    let once = OnConflict::columns([posting::Column::BusinessType, posting::Column::BusinessId]).do_nothing().to_owned();
    if posting::Entity::insert(row).on_conflict(once).exec_without_returning(&**tx).await? == 0 {
        return Ok(Booking::Known);
    }
    let stands = moved(tx, &wanted.entries).await?;
    let legs = wanted.entries.into_iter().zip(0..).map(|(leg, number)| {
        let stands = stands.get(&number);
        entry::ActiveModel {
            posting: Set(id),
            leg: Set(number),
            account: Set(leg.account.to_string()),
            amount_minor: Set(leg.amount.minor),
            currency: Set(leg.amount.unit.code()),
            sequence: Set(stands.map(|stands| stands.entries)),
            balance_after: Set(stands.map(|stands| stands.balance_minor)),
        }
    });
    rows::insert(&**tx, legs).await?;
    Ok(Booking::New)
}

/// Books a fact that cannot be short of anything.
pub async fn post(tx: &mut Tx, op: &Op, wanted: Posting) -> Result<(), Fault> {
    match try_post(tx, op, wanted).await {
        Ok(_) => Ok(()),
        Err(Failure::Refused(short)) => Err(Fault::corrupt(short.to_string())),
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

/// Moves the persons' accounts among the legs, in the order of their names, so that two postings never wait for each
/// other. Answers what stands on each, by leg.
async fn moved(tx: &Tx, legs: &[Entry]) -> Result<HashMap<i64, account::Model>, Failure<Short>> {
    let mut personal: Vec<(String, i64, &Entry, Bounds)> =
        (0..).zip(legs).filter_map(|(number, leg)| Some((leg.account.to_string(), number, leg, leg.account.bounds()?))).collect();
    personal.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let mut stands = HashMap::new();
    for (name, number, leg, bounds) in personal {
        let unit = leg.amount.unit.code();
        let mut row = shift(tx, (&name, &unit), (leg.amount.minor, bounds)).await?;
        if row.is_none() {
            // Not there yet, or short: after this it is there, and asked once more.
            opened(tx, (&name, &unit), bounds).await?;
            row = shift(tx, (&name, &unit), (leg.amount.minor, bounds)).await?;
        }
        let Some(row) = row else {
            let there = find(&**tx, &name, &unit).await?.map_or(0, |row| row.balance_minor.abs());
            return Err(Short { account: name, available: there }.into());
        };
        stands.insert(number, row);
    }
    Ok(stands)
}

/// The guarded movement: one statement, none when the balance would leave its bounds or the account is not there yet.
async fn shift(tx: &Tx, (name, unit): (&str, &str), (by, bounds): (i64, Bounds)) -> Result<Option<account::Model>, Fault> {
    let after = || Expr::col(account::Column::BalanceMinor).add(by);
    let update = account::Entity::update_many()
        .col_expr(account::Column::BalanceMinor, after())
        .col_expr(account::Column::Entries, Expr::col(account::Column::Entries).add(1))
        .filter(account::Column::Account.eq(name).and(account::Column::Unit.eq(unit)))
        .filter(
            Condition::all().add_option(bounds.least.map(|least| after().gte(least))).add_option(bounds.most.map(|most| after().lte(most))),
        );
    Ok(update.exec_with_returning(&**tx).await?.into_iter().next())
}

/// Opens an account that is not there yet.
async fn opened(tx: &Tx, (name, unit): (&str, &str), bounds: Bounds) -> Result<(), Fault> {
    let row = account::ActiveModel {
        account: Set(name.to_owned()),
        unit: Set(unit.to_owned()),
        balance_minor: Set(0),
        entries: Set(0),
        least_minor: Set(bounds.least),
        most_minor: Set(bounds.most),
    };
    let once = OnConflict::columns([account::Column::Account, account::Column::Unit]).do_nothing().to_owned();
    account::Entity::insert(row).on_conflict(once).exec_without_returning(&**tx).await?;
    Ok(())
}

async fn find(db: &impl ConnectionTrait, name: &str, unit: &str) -> Result<Option<account::Model>, Fault> {
    Ok(account::Entity::find_by_id((name.to_owned(), unit.to_owned())).one(db).await?)
}

/// Locks a person's account, opening it when it is not there, and answers its balance as the books have it.
pub(crate) async fn lock_account(tx: &Tx, which: &Account, unit: Unit) -> Result<i64, Fault> {
    let bounds = which.bounds().ok_or_else(|| Fault::internal(format!("{which} is nobody's")))?;
    let (name, unit) = (which.to_string(), unit.code());
    let lock = || account::Entity::find_by_id((name.clone(), unit.clone())).lock_exclusive().one(&**tx);
    if let Some(row) = lock().await? {
        return Ok(row.balance_minor);
    }
    opened(tx, (&name, &unit), bounds).await?;
    Ok(lock().await?.ok_or_else(|| Fault::corrupt(format!("{name} is gone")))?.balance_minor)
}

/// What stands on a person's accounts of one unit, by account; those nothing happened on are missing.
pub(crate) async fn personal(db: &impl ConnectionTrait, which: &[Account], unit: Unit) -> Result<HashMap<String, i64>, Fault> {
    let names: Vec<String> = which.iter().map(ToString::to_string).collect();
    let rows =
        account::Entity::find().filter(account::Column::Account.is_in(names).and(account::Column::Unit.eq(unit.code()))).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.account, row.balance_minor)).collect())
}

/// Every unit a person's account has anything in, with what stands on it.
pub(crate) async fn units(db: &impl ConnectionTrait, which: &Account) -> Result<Vec<Amount>, Fault> {
    let rows =
        account::Entity::find().filter(account::Column::Account.eq(which.to_string())).order_by_asc(account::Column::Unit).all(db).await?;
    rows.into_iter().map(|row| Ok(Amount { minor: row.balance_minor, unit: read_unit(&row.unit)? })).collect()
}

/// What is kept of everybody's points: to spend, frozen, put aside.
pub(super) async fn kept_points(db: &impl ConnectionTrait) -> Result<BTreeMap<String, i64>, Fault> {
    let of = |kind: &str| account::Column::Account.starts_with(format!("{kind}:"));
    let kinds = Condition::any().add(of("points")).add(of("points_frozen")).add(of("points_held"));
    let rows = account::Entity::find().filter(kinds).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.account, row.balance_minor)).collect())
}

/// Whether a fact is booked.
pub(crate) async fn is_booked(db: &impl ConnectionTrait, business_type: &str, business_id: &str) -> Result<bool, Fault> {
    let it = posting::Column::BusinessType.eq(business_type).and(posting::Column::BusinessId.eq(business_id));
    Ok(posting::Entity::find().filter(it).limit(1).one(db).await?.is_some())
}

/// What stands on an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account.
    pub account: String,
    /// Positive: the mall owns or spent it; negative: it owes or earned it.
    pub amount: Amount,
}

/// Every account's balance, summed from its entries: the long way, for proofs.
pub async fn balances(op: &Op) -> Result<Vec<Balance>, Fault> {
    summed(op.reader(), Condition::all()).await
}

/// The sums of the entries that fit, by account and unit.
pub(super) async fn summed(db: &impl ConnectionTrait, which: Condition) -> Result<Vec<Balance>, Fault> {
    let rows: Vec<(String, String, i64)> = entry::Entity::find()
        .select_only()
        .column(entry::Column::Account)
        .column(entry::Column::Currency)
        .column_as(total(), "total")
        .filter(which)
        .group_by(entry::Column::Account)
        .group_by(entry::Column::Currency)
        .order_by_asc(entry::Column::Account)
        .order_by_asc(entry::Column::Currency)
        .into_tuple()
        .all(db)
        .await?;
    rows.into_iter().map(|(account, unit, minor)| Ok(Balance { account, amount: Amount { minor, unit: read_unit(&unit)? } })).collect()
}

/// Postgres sums bigints into numeric; the cast brings them back (and fails loudly should they not fit).
pub(super) fn total() -> SimpleExpr {
    Expr::col((entry::Entity, entry::Column::AmountMinor)).sum().cast_as("bigint")
}

pub(super) fn read_unit(code: &str) -> Result<Unit, Fault> {
    Unit::parse(code).ok_or_else(|| Fault::corrupt(format!("the books count in {code}")))
}

/// What stands on the mall's own accounts, and on those of persons by kind: what is kept, and what waits for its block.
pub async fn overview(op: &Op) -> Result<Vec<Balance>, Fault> {
    let db = op.reader();
    let mut sums: BTreeMap<(String, Unit), i64> = BTreeMap::new();
    let kinds = rules::PERSONAL.map(|kind| (kind, format!("{kind}:"), format!("{kind};")));
    for (kind, from, to) in &kinds {
        let sum = Expr::col(account::Column::BalanceMinor).sum().cast_as("bigint");
        let rows: Vec<(String, i64)> = account::Entity::find()
            .select_only()
            .column(account::Column::Unit)
            .column_as(sum, "total")
            .filter(account::Column::Account.gte(from.as_str()).and(account::Column::Account.lt(to.as_str())))
            .group_by(account::Column::Unit)
            .into_tuple()
            .all(db)
            .await?;
        for (unit, minor) in rows {
            sums.insert(((*kind).to_owned(), read_unit(&unit)?), minor);
        }
    }
    let nobodys = account::Column::LeastMinor.is_null().and(account::Column::MostMinor.is_null());
    for row in account::Entity::find().filter(nobodys).all(db).await? {
        *sums.entry((row.account, read_unit(&row.unit)?)).or_default() += row.balance_minor;
    }
    for waiting in unsealed(db).await? {
        if !rules::is_personal(&waiting.account) {
            *sums.entry((waiting.account, waiting.amount.unit)).or_default() += waiting.amount.minor;
        }
    }
    Ok(sums.into_iter().map(|((account, unit), minor)| Balance { account, amount: Amount { minor, unit } }).collect())
}

/// What waits for its block, by account.
async fn unsealed(db: &impl ConnectionTrait) -> Result<Vec<Balance>, Fault> {
    let mut waiting = sea_orm::sea_query::Query::select();
    waiting.column(posting::Column::Id).from(posting::Entity).and_where(posting::Column::Block.is_null());
    summed(db, Condition::all().add(entry::Column::Posting.in_subquery(waiting))).await
}

/// A line of an account's statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// The posting.
    pub posting: PostingId,
    /// The how-manieth of the account, from 1.
    pub sequence: i64,
    /// What kind of fact.
    pub business_type: String,
    /// Which one.
    pub business_id: String,
    /// As the owner sees it: positive is more for them.
    pub amount: Amount,
    /// What the owner had after it.
    pub balance: i64,
    /// Who caused it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// Which lines of a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
}

/// A person's account, line by line, the latest first. For those who may see it.
pub(crate) async fn statement(
    op: &Op,
    (which, unit): (&Account, Unit),
    (period, page): (Period, PageRequest),
) -> Result<Page<StatementLine>, Failure<CursorError>> {
    let after = page.after.as_ref().map(Cursor::key::<i64>).transpose()?;
    let behind = after.map(|sequence| entry::Column::Sequence.lt(sequence));
    let in_time = Condition::all()
        .add_option(period.from.map(|from| posting::Column::PostedAt.gte(from)))
        .add_option(period.until.map(|until| posting::Column::PostedAt.lt(until)));
    let rows: Vec<(entry::Model, Option<posting::Model>)> = entry::Entity::find()
        .find_also_related(posting::Entity)
        .filter(entry::Column::Account.eq(which.to_string()).and(entry::Column::Currency.eq(unit.code())))
        .filter(entry::Column::Sequence.is_not_null())
        .filter(Condition::all().add_option(behind))
        .filter(in_time)
        .order_by_desc(entry::Column::Sequence)
        .limit(page.first + 1)
        .all(op.reader())
        .await?;
    // What is owed to a person stands negative in the books and positive in their eyes.
    let sign = if which.bounds().is_some_and(|bounds| bounds.most.is_some()) { -1 } else { 1 };
    let line = |(leg, fact): (entry::Model, Option<posting::Model>)| {
        let fact = fact.ok_or_else(|| Fault::corrupt(format!("{} is gone", leg.posting)))?;
        Ok::<_, Fault>(StatementLine {
            posting: leg.posting,
            sequence: leg.sequence.unwrap_or_default(),
            business_type: fact.business_type,
            business_id: fact.business_id,
            amount: Amount { minor: sign * leg.amount_minor, unit },
            balance: sign * leg.balance_after.unwrap_or_default(),
            actor: fact.actor,
            at: fact.posted_at,
        })
    };
    let lines = rows.into_iter().map(line).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::take(lines, page.first, |line| line.sequence))
}

/// A posting as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// Which.
    pub id: PostingId,
    /// What kind of fact.
    pub business_type: String,
    /// Which one.
    pub business_id: String,
    /// Who caused it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// The block that seals it.
    pub block: Option<i64>,
    /// Its legs.
    pub legs: Vec<Balance>,
}

/// Which postings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostingFilter {
    /// Of this kind only.
    pub business_type: Option<String>,
    /// Of this fact only.
    pub business_id: Option<String>,
    /// With a leg on this account only.
    pub account: Option<String>,
}

/// What was booked, the latest first. For those who may see the books.
pub async fn postings(op: &Op, (filter, page): (PostingFilter, PageRequest)) -> Result<Page<Booked>, Failure<CursorError>> {
    let after = page.after.as_ref().map(Cursor::key::<PostingId>).transpose()?;
    let on_account = filter.account.map(|account| {
        let mut legs = sea_orm::sea_query::Query::select();
        legs.column(entry::Column::Posting).from(entry::Entity).and_where(entry::Column::Account.eq(account));
        posting::Column::Id.in_subquery(legs)
    });
    let which = Condition::all()
        .add_option(filter.business_type.map(|kind| posting::Column::BusinessType.eq(kind)))
        .add_option(filter.business_id.map(|id| posting::Column::BusinessId.eq(id)))
        .add_option(on_account)
        .add_option(after.map(|id| posting::Column::Id.lt(id)));
    let rows = posting::Entity::find().filter(which).order_by_desc(posting::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    let ids: Vec<PostingId> = rows.iter().map(|row| row.id).collect();
    let mut legs: HashMap<PostingId, Vec<Balance>> = HashMap::new();
    let entries = entry::Entity::find()
        .filter(entry::Column::Posting.is_in(ids))
        .order_by_asc(entry::Column::Posting)
        .order_by_asc(entry::Column::Leg)
        .all(op.reader())
        .await?;
    for leg in entries {
        let amount = Amount { minor: leg.amount_minor, unit: read_unit(&leg.currency)? };
        legs.entry(leg.posting).or_default().push(Balance { account: leg.account, amount });
    }
    let booked = |row: posting::Model| Booked {
        legs: legs.remove(&row.id).unwrap_or_default(),
        id: row.id,
        business_type: row.business_type,
        business_id: row.business_id,
        actor: row.actor,
        at: row.posted_at,
        block: row.block,
    };
    Ok(Page::take(rows.into_iter().map(booked).collect(), page.first, |row| row.id))
}
