//! Booking, sealing, proving.

use std::collections::BTreeMap;

use entity::trade::{ledger_block as block, ledger_entry as entry, ledger_posting as posting};
use kernel::{Currency, Fault, Money, PostingId, Timestamp};
use platform::{Op, Tx, crypto::sha256_hex};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict},
};

use super::rules::{self, Booked, Posting, balanced};

/// Postings per block at most.
const BLOCK: u64 = 500;

/// Books a fact in the caller's transaction. A fact that is booked already is left as it is.
pub async fn post(tx: &mut Tx, op: &Op, wanted: Posting) -> Result<(), Fault> {
    balanced(wanted.entries.iter().map(|entry| &entry.money))
        .map_err(|e| Fault::internal(format!("{} {}: {e}", wanted.business_type, wanted.business_id)))?;
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
        return Ok(());
    }
    let legs = wanted.entries.into_iter().zip(0..).map(|(leg, number)| entry::ActiveModel {
        posting: Set(id),
        leg: Set(number),
        account: Set(leg.account.to_string()),
        amount_minor: Set(leg.money.minor),
        currency: Set(leg.money.currency),
    });
    entry::Entity::insert_many(legs).exec_without_returning(&**tx).await?;
    Ok(())
}

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
    tx.commit().await
}

/// How far the proof has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Blocks walked.
    pub done: u64,
    /// Blocks there are.
    pub total: u64,
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
    /// The accounts of a currency do not sum to zero.
    #[error("all {0:?} accounts together sum to {1}, not to zero")]
    Sum(Currency, i128),
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
        progress(Progress { done: report.blocks, total });
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
    let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
    for balance in balances(op).await? {
        *sums.entry(balance.money.currency).or_default() += i128::from(balance.money.minor);
    }
    report.breaks.extend(sums.into_iter().filter(|(_, sum)| *sum != 0).map(|(currency, sum)| Break::Sum(currency, sum)));
    Ok(report)
}

/// What stands on an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account.
    pub account: String,
    /// Positive: the mall owns it; negative: it owes it.
    pub money: Money,
}

/// Every account's balance: the sum of its entries.
pub async fn balances(op: &Op) -> Result<Vec<Balance>, Fault> {
    // Postgres sums bigints into numeric; the cast brings them back (and fails loudly should they not fit).
    let sum = Expr::col(entry::Column::AmountMinor).sum().cast_as("bigint");
    let rows: Vec<(String, Currency, i64)> = entry::Entity::find()
        .select_only()
        .column(entry::Column::Account)
        .column(entry::Column::Currency)
        .column_as(sum, "total")
        .group_by(entry::Column::Account)
        .group_by(entry::Column::Currency)
        .order_by_asc(entry::Column::Account)
        .order_by_asc(entry::Column::Currency)
        .into_tuple()
        .all(op.reader())
        .await?;
    Ok(rows.into_iter().map(|(account, currency, minor)| Balance { account, money: Money::new(minor, currency) }).collect())
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
        if let Err(reason) = balanced(posting.legs.iter().map(|(_, money)| money)) {
            report.breaks.push(Break::Unbalanced { posting: posting.id, reason: reason.to_string() });
        }
    }
}

async fn with_legs(db: &impl ConnectionTrait, postings: Vec<posting::Model>) -> Result<Vec<Booked>, Fault> {
    let ids: Vec<PostingId> = postings.iter().map(|posting| posting.id).collect();
    let mut legs: BTreeMap<PostingId, Vec<(String, Money)>> = BTreeMap::new();
    let rows = entry::Entity::find()
        .filter(entry::Column::Posting.is_in(ids))
        .order_by_asc(entry::Column::Posting)
        .order_by_asc(entry::Column::Leg)
        .all(db)
        .await?;
    for row in rows {
        legs.entry(row.posting).or_default().push((row.account, Money::new(row.amount_minor, row.currency)));
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
    use crate::ledger::Account;
    use kernel::seconds;
    use platform::testing::TestPlatform;

    fn charge(id: &str, minor: i64) -> Posting {
        let money = Money::new(minor, Currency::Cny);
        Posting::transfer("charge", id, Account::OrderHeld, Account::GatewayClearing("sandbox".into()), money)
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
        assert_eq!(verify(&op, |p| walked.push(p.done)).await.expect("walks"), Report { blocks: 2, sealed: 3, ..Report::default() });
        assert_eq!(walked, [1, 2]);
        let held: Vec<i64> = balances(&op).await.expect("sums").iter().map(|balance| balance.money.minor).collect();
        assert_eq!(held, [1001, -1001]);
    }

    #[tokio::test]
    async fn whatever_is_changed_afterwards_is_found() {
        for (tamper, expected) in [
            ("UPDATE ledger_entry SET amount_minor = amount_minor * 2", Break::Content(1)),
            ("UPDATE ledger_posting SET business_id = 'px' WHERE business_id = 'p1'", Break::Content(1)),
            ("UPDATE ledger_block SET previous = hash WHERE height = 2", Break::Chain(2)),
            ("DELETE FROM ledger_block WHERE height = 1", Break::Chain(2)),
            ("DELETE FROM ledger_block WHERE height = 2", Break::Truncated(1)),
            ("UPDATE ledger_entry SET amount_minor = 7 WHERE leg = 0", Break::Sum(Currency::Cny, 2)),
        ] {
            let test = TestPlatform::open(|_| {}).await;
            let op = test.platform.system("test");
            for id in ["p1", "p2"] {
                book(&op, charge(id, 6)).await;
                seal(&op).await.expect("seals");
            }
            test.platform.db.writer().execute_unprepared(tamper).await.expect("tampers");
            let breaks = verify(&op, |_| {}).await.expect("walks").breaks;
            assert!(breaks.contains(&expected), "{tamper}: {breaks:?}");
        }
    }
}
