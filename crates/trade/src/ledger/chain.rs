//! Sealing what was booked, and proving it.

use std::collections::BTreeMap;

use entity::trade::{ledger_account as account, ledger_block as block, ledger_entry as entry, ledger_posting as posting};
use kernel::{Fault, PostingId, Timestamp};
use platform::{Op, Tx, crypto::sha256_hex};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict, Query},
};

use super::{
    rules::{self, Amount, Booked, Unit, balanced},
    service::{read_unit, summed},
};

/// Postings per block at most.
const BLOCK: u64 = 500;

/// Accounts proved at once.
const ACCOUNTS: u64 = 500;

/// Seals what was booked and is not sealed yet, one block.
pub async fn seal(op: &Op) -> Result<(), Fault> {
    let waiting = posting::Entity::find().filter(posting::Column::Block.is_null()).limit(1).one(op.reader()).await?;
    if waiting.is_none() {
        return Ok(());
    }
    let tx = op.begin().await?;
    let waiting = posting::Entity::find()
        .filter(posting::Column::Block.is_null())
        .order_by_asc(posting::Column::Id)
        .limit(BLOCK)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(&*tx)
        .await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let tip = block::Entity::find().order_by_desc(block::Column::Height).one(&*tx).await?;
    let (height, previous) = tip.map_or((1, rules::GENESIS.to_owned()), |tip| (tip.height + 1, tip.hash));
    let ids: Vec<PostingId> = waiting.iter().map(|posting| posting.id).collect();
    let booked = with_legs(&*tx, waiting).await?;
    let row = block::ActiveModel {
        height: Set(height),
        hash: Set(sha256_hex(rules::block_text(&previous, height, &booked))),
        previous: Set(previous),
        postings: Set(i64::try_from(booked.len()).unwrap_or(i64::MAX)),
        sealed_at: Set(op.now()),
    };
    // Another node sealed this height in the meantime: its block stands, ours is tried again by the next run.
    let first = OnConflict::column(block::Column::Height).do_nothing().to_owned();
    if block::Entity::insert(row).on_conflict(first).exec_without_returning(&*tx).await? == 0 {
        return Ok(());
    }
    posting::Entity::update_many()
        .col_expr(posting::Column::Block, Expr::value(height))
        .filter(posting::Column::Id.is_in(ids))
        .exec(&*tx)
        .await?;
    fold(&tx, &booked).await?;
    tx.commit().await
}

/// Adds a sealed block to what stands on the accounts that are nobody's: everybody books on them, so they are not kept at
/// every posting. Whoever seals is alone with it: the block's height is theirs.
async fn fold(tx: &Tx, booked: &[Booked]) -> Result<(), Fault> {
    let mut sums: BTreeMap<(&str, Unit), (i64, i64)> = BTreeMap::new();
    for (account, amount) in booked.iter().flat_map(|posting| &posting.legs).filter(|(account, _)| !rules::is_personal(account)) {
        let sum = sums.entry((account, amount.unit)).or_default();
        *sum = (sum.0 + amount.minor, sum.1 + 1);
    }
    for ((name, unit), (minor, legs)) in sums {
        let row = account::ActiveModel {
            account: Set(name.to_owned()),
            unit: Set(unit.code()),
            balance_minor: Set(minor),
            entries: Set(legs),
            least_minor: Set(None),
            most_minor: Set(None),
        };
        let grown = |column: account::Column, by: i64| Expr::col((account::Entity, column)).add(by);
        let add = OnConflict::columns([account::Column::Account, account::Column::Unit])
            .value(account::Column::BalanceMinor, grown(account::Column::BalanceMinor, minor))
            .value(account::Column::Entries, grown(account::Column::Entries, legs))
            .to_owned();
        account::Entity::insert(row).on_conflict(add).exec_without_returning(&**tx).await?;
    }
    Ok(())
}

/// How far the proof has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Through the chain.
    Blocks {
        /// Blocks walked.
        done: u64,
        /// Blocks there are.
        total: u64,
    },
    /// Through the balances.
    Accounts {
        /// Accounts compared with their entries.
        done: u64,
        /// Accounts there are.
        total: u64,
    },
}

/// Something in the books that is not as it was booked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// A block does not name the hash of the one before, or one is missing.
    #[error("block {0} does not follow the block before it")]
    Chain(i64),
    /// A block's postings are not the ones it sealed.
    #[error("block {0} does not match its postings: something was changed, added or removed")]
    Content(i64),
    /// A posting does not sum to zero.
    #[error("posting {posting} is not balanced: {reason}")]
    Unbalanced {
        /// Which.
        posting: PostingId,
        /// How.
        reason: String,
    },
    /// A posting names a block that is not there.
    #[error("{0} postings name blocks behind the end of the chain")]
    Truncated(u64),
    /// The accounts of a unit do not sum to zero.
    #[error("all {0:?} accounts together sum to {1}, not to zero")]
    Sum(Unit, i128),
    /// An account does not say what its entries sum to.
    #[error("{account} says {kept} {unit}, its entries sum to {summed}")]
    Balance {
        /// Which.
        account: String,
        /// Of what.
        unit: String,
        /// What is kept.
        kept: i64,
        /// What it should be.
        summed: i64,
    },
}

/// The state of the books.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Blocks in the chain.
    pub blocks: u64,
    /// Postings in them.
    pub sealed: u64,
    /// Postings that wait for the next block.
    pub unsealed: u64,
    /// Accounts whose balance was compared with their entries.
    pub accounts: u64,
    /// What is wrong; empty when all is well.
    pub breaks: Vec<Break>,
}

/// Walks the chain and the balances from the first block to the last posting.
pub async fn verify(op: &Op, mut progress: impl FnMut(Progress) + Send) -> Result<Report, Fault> {
    let db = op.reader();
    let mut report = Report::default();
    let total = block::Entity::find().count(db).await?;
    let mut previous = (0_i64, rules::GENESIS.to_owned());
    while let Some(link) =
        block::Entity::find().filter(block::Column::Height.gt(previous.0)).order_by_asc(block::Column::Height).one(db).await?
    {
        if link.height != previous.0 + 1 || link.previous != previous.1 {
            report.breaks.push(Break::Chain(link.height));
        }
        let sealed =
            posting::Entity::find().filter(posting::Column::Block.eq(link.height)).order_by_asc(posting::Column::Id).all(db).await?;
        let booked = with_legs(db, sealed).await?;
        if sha256_hex(rules::block_text(&link.previous, link.height, &booked)) != link.hash || booked.len() as i64 != link.postings {
            report.breaks.push(Break::Content(link.height));
        }
        check_balance(&booked, &mut report);
        report.blocks += 1;
        report.sealed += booked.len() as u64;
        previous = (link.height, link.hash);
        progress(Progress::Blocks { done: report.blocks, total });
    }
    let lost = posting::Entity::find().filter(posting::Column::Block.gt(previous.0)).count(db).await?;
    if lost > 0 {
        report.breaks.push(Break::Truncated(lost));
    }
    let waiting = posting::Entity::find().filter(posting::Column::Block.is_null()).all(db).await?;
    report.unsealed = waiting.len() as u64;
    for chunk in waiting.chunks(500) {
        check_balance(&with_legs(db, chunk.to_vec()).await?, &mut report);
    }
    let mut sums: BTreeMap<Unit, i128> = BTreeMap::new();
    for balance in summed(db, Condition::all()).await? {
        *sums.entry(balance.amount.unit).or_default() += i128::from(balance.amount.minor);
    }
    report.breaks.extend(sums.into_iter().filter(|(_, sum)| *sum != 0).map(|(unit, sum)| Break::Sum(unit, sum)));
    let mut wrong = Vec::new();
    report.accounts = compare(op, |found| wrong.push(found), |done, total| progress(Progress::Accounts { done, total })).await?;
    report.breaks.extend(wrong);
    Ok(report)
}

/// Compares what is kept of each account with its entries: of persons' with all, of the others with those that are sealed.
/// The answer is how many accounts there are. A posting that comes in between is no difference: a pair that does not
/// agree is read again, both sides in one moment.
pub(super) async fn compare(op: &Op, mut found: impl FnMut(Break) + Send, mut progress: impl FnMut(u64, u64) + Send) -> Result<u64, Fault> {
    let total = account::Entity::find().count(op.reader()).await?;
    let (mut done, mut behind) = (0, None::<(String, String)>);
    loop {
        let after = behind.take().map(|(name, unit)| {
            let same = account::Column::Account.eq(name.as_str()).and(account::Column::Unit.gt(unit));
            account::Column::Account.gt(name).or(same)
        });
        let chunk = account::Entity::find()
            .filter(Condition::all().add_option(after))
            .order_by_asc(account::Column::Account)
            .order_by_asc(account::Column::Unit)
            .limit(ACCOUNTS)
            .all(op.reader())
            .await?;
        let Some(last) = chunk.last() else { break };
        behind = Some((last.account.clone(), last.unit.clone()));
        let sums = sums_of(op.reader(), &chunk).await?;
        for row in &chunk {
            let summed = sums.get(&(row.account.clone(), row.unit.clone())).copied().unwrap_or_default();
            if row.balance_minor != summed
                && let Some(broken) = again(op, row).await?
            {
                found(broken);
            }
        }
        done += chunk.len() as u64;
        progress(done, Ord::max(total, done));
    }
    for lost in unkept(op).await? {
        found(lost);
    }
    Ok(done)
}

/// What the entries of these accounts sum to, as far as they count.
async fn sums_of(db: &impl ConnectionTrait, accounts: &[account::Model]) -> Result<BTreeMap<(String, String), i64>, Fault> {
    let (persons, nobodys): (Vec<String>, Vec<String>) =
        accounts.iter().map(|row| row.account.clone()).partition(|name| rules::is_personal(name));
    let of_persons = Condition::all().add(entry::Column::Account.is_in(persons));
    let of_nobody = Condition::all().add(entry::Column::Account.is_in(nobodys)).add(entry::Column::Posting.in_subquery(sealed()));
    let mut sums = BTreeMap::new();
    for which in [of_persons, of_nobody] {
        for balance in summed(db, which).await? {
            sums.insert((balance.account, balance.amount.unit.code()), balance.amount.minor);
        }
    }
    Ok(sums)
}

/// Looks at one account again within a transaction that holds it still.
async fn again(op: &Op, row: &account::Model) -> Result<Option<Break>, Fault> {
    let tx = op.begin().await?;
    let now = account::Entity::find_by_id((row.account.clone(), row.unit.clone())).lock_exclusive().one(&*tx).await?;
    let kept = now.map_or(0, |now| now.balance_minor);
    let summed = sums_of(&*tx, std::slice::from_ref(row)).await?.remove(&(row.account.clone(), row.unit.clone())).unwrap_or_default();
    let broken = Break::Balance { account: row.account.clone(), unit: row.unit.clone(), kept, summed };
    Ok((kept != summed).then_some(broken))
}

/// Sealed entries of accounts that are not kept at all.
async fn unkept(op: &Op) -> Result<Vec<Break>, Fault> {
    let mut kept = Query::select();
    kept.column(account::Column::Account).from(account::Entity);
    let lost = Condition::all().add(entry::Column::Account.not_in_subquery(kept)).add(entry::Column::Posting.in_subquery(sealed()));
    let lost = summed(op.reader(), lost).await?;
    let broken = |balance: super::service::Balance| Break::Balance {
        account: balance.account,
        unit: balance.amount.unit.code(),
        kept: 0,
        summed: balance.amount.minor,
    };
    Ok(lost.into_iter().map(broken).collect())
}

fn sealed() -> sea_orm::sea_query::SelectStatement {
    let mut sealed = Query::select();
    sealed.column(posting::Column::Id).from(posting::Entity).and_where(posting::Column::Block.is_not_null());
    sealed
}

/// The end of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// The last block's height; 0 before the first.
    pub height: i64,
    /// When it was sealed.
    pub sealed_at: Option<Timestamp>,
    /// Postings that wait for the next block.
    pub unsealed: u64,
}

/// Where the chain ends.
pub async fn tip(op: &Op) -> Result<Tip, Fault> {
    let last = block::Entity::find().order_by_desc(block::Column::Height).one(op.reader()).await?;
    let unsealed = posting::Entity::find().filter(posting::Column::Block.is_null()).count(op.reader()).await?;
    Ok(Tip { height: last.as_ref().map_or(0, |last| last.height), sealed_at: last.map(|last| last.sealed_at), unsealed })
}

fn check_balance(postings: &[Booked], report: &mut Report) {
    for posting in postings {
        if let Err(reason) = balanced(posting.legs.iter().map(|(_, amount)| amount)) {
            report.breaks.push(Break::Unbalanced { posting: posting.id, reason: reason.to_string() });
        }
    }
}

async fn with_legs(db: &impl ConnectionTrait, postings: Vec<posting::Model>) -> Result<Vec<Booked>, Fault> {
    let ids: Vec<PostingId> = postings.iter().map(|posting| posting.id).collect();
    let mut legs: BTreeMap<PostingId, Vec<(String, Amount)>> = BTreeMap::new();
    let rows = entry::Entity::find()
        .filter(entry::Column::Posting.is_in(ids))
        .order_by_asc(entry::Column::Posting)
        .order_by_asc(entry::Column::Leg)
        .all(db)
        .await?;
    for row in rows {
        let amount = Amount { minor: row.amount_minor, unit: read_unit(&row.currency)? };
        legs.entry(row.posting).or_default().push((row.account, amount));
    }
    Ok(postings
        .into_iter()
        .map(|posting| Booked {
            legs: legs.remove(&posting.id).unwrap_or_default(),
            id: posting.id,
            business_type: posting.business_type,
            business_id: posting.business_id,
            posted_at: posting.posted_at,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{
        Account, Posting,
        service::{balances, post},
    };
    use kernel::{Currency, CustomerId, Money, seconds};
    use platform::testing::TestPlatform;

    fn charge(id: &str, minor: i64) -> Posting {
        let money = Money::new(minor, Currency::Cny);
        Posting::transfer("charge", id, Account::OrderHeld, Account::clearing("sandbox"), money)
    }

    async fn book(op: &Op, posting: Posting) {
        let mut tx = op.begin().await.expect("begins");
        post(&mut tx, op, posting).await.expect("books");
        tx.commit().await.expect("commits");
    }

    #[tokio::test]
    async fn a_fact_is_booked_once_and_the_chain_proves_it() {
        let test = TestPlatform::open(|_| {}).await;
        let op = test.platform.system("test");
        for id in ["p1", "p2", "p1"] {
            book(&op, charge(id, 500)).await;
            test.clock.advance(seconds(1));
        }
        assert_eq!(verify(&op, |_| {}).await.expect("walks"), Report { unsealed: 2, ..Report::default() });
        seal(&op).await.expect("seals");
        book(&op, charge("p3", 1)).await;
        seal(&op).await.expect("seals");
        seal(&op).await.expect("nothing to seal");
        let mut walked = Vec::new();
        assert_eq!(
            verify(&op, |p| walked.push(p)).await.expect("walks"),
            Report { blocks: 2, sealed: 3, accounts: 2, ..Report::default() }
        );
        assert_eq!(walked[..2], [1, 2].map(|done| Progress::Blocks { done, total: 2 }));
        assert_eq!(walked[2..], [Progress::Accounts { done: 2, total: 2 }]);
        let held: Vec<i64> = balances(&op).await.expect("sums").iter().map(|balance| balance.amount.minor).collect();
        assert_eq!(held, [1001, -1001]);
    }

    #[tokio::test]
    async fn whatever_is_changed_afterwards_is_found() {
        let ann = CustomerId(Default::default());
        let wallet = Account::Wallet(ann).to_string();
        let off = |account: &str, kept, summed| Break::Balance { account: account.to_owned(), unit: "CNY".to_owned(), kept, summed };
        for (tamper, expected) in [
            ("UPDATE ledger_entry SET amount_minor = amount_minor * 2", Break::Content(1)),
            ("UPDATE ledger_posting SET business_id = 'px' WHERE business_id = 'p1'", Break::Content(1)),
            ("UPDATE ledger_block SET previous = hash WHERE height = 2", Break::Chain(2)),
            ("DELETE FROM ledger_block WHERE height = 1", Break::Chain(2)),
            ("DELETE FROM ledger_block WHERE height = 2", Break::Truncated(1)),
            ("UPDATE ledger_entry SET amount_minor = 7 WHERE leg = 0", Break::Sum(Unit::Money(Currency::Cny), 5)),
            ("UPDATE ledger_account SET balance_minor = 13 WHERE account = 'order_held'", off("order_held", 13, -12)),
            ("UPDATE ledger_account SET balance_minor = -3 WHERE account LIKE 'wallet:%'", off(&wallet, -3, -4)),
            ("DELETE FROM ledger_account WHERE account = 'order_held'", off("order_held", 0, -12)),
        ] {
            let test = TestPlatform::open(|_| {}).await;
            let op = test.platform.system("test");
            for id in ["p1", "p2"] {
                book(&op, charge(id, 6)).await;
                seal(&op).await.expect("seals");
            }
            let money = Money::new(4, Currency::Cny);
            book(&op, Posting::transfer("top_up", "t1", Account::Wallet(ann), Account::clearing("sandbox"), money)).await;
            test.platform.db.writer().execute_unprepared(tamper).await.expect("tampers");
            let breaks = verify(&op, |_| {}).await.expect("walks").breaks;
            assert!(breaks.contains(&expected), "{tamper}: {breaks:?}");
        }
    }
}
