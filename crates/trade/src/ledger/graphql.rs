//! The books as staff see them.

use async_graphql::{Context, Object, Result, SimpleObject};
use kernel::{Permission, PostingId, ReconciliationId, Timestamp};
use platform::graphql::{Access, ContextExt, Long, MoneyObject, answer, page_request};

use super::{
    reconcile::{self, Reconciliation},
    rules::Amount,
    service::{self, PostingFilter},
};

/// What stands on an account of the books, or on all accounts of a kind that belong to persons.
#[derive(SimpleObject)]
pub struct LedgerBalance {
    /// The account: its kind, and its owner behind a colon where it has one. Accounts of persons stand under their kind.
    account: String,
    /// Positive: the mall owns or spent it. Negative: the mall owes or earned it. All accounts of a currency sum to zero.
    balance: MoneyObject,
}

/// What stands on an account that counts points.
#[derive(SimpleObject)]
pub struct LedgerPoints {
    /// The account's kind.
    account: String,
    /// Positive: given by the mall. Negative: in somebody's hands, or used. All accounts sum to zero.
    points: Long,
}

/// The end of the chain that seals the books.
#[derive(SimpleObject)]
pub struct LedgerTip {
    /// The last block's height; 0 before the first.
    height: Long,
    /// When the last block was sealed.
    sealed_at: Option<Timestamp>,
    /// Postings that wait for the next block.
    unsealed: Long,
}

/// One leg of a posting.
#[derive(SimpleObject)]
pub struct LedgerLeg {
    /// The account.
    account: String,
    /// Positive into the account, negative out of it.
    minor: Long,
    /// What it counts in: a currency's code, or `PTS`.
    unit: String,
}

impl LedgerLeg {
    fn of(account: String, amount: Amount) -> Self {
        Self { account, minor: Long(amount.minor), unit: amount.unit.code() }
    }
}

/// One booked fact.
#[derive(SimpleObject)]
pub struct LedgerPosting {
    /// Its id.
    id: PostingId,
    /// What kind of fact.
    business_type: String,
    /// Which one: a payment's, refund's or order's number.
    business_id: String,
    /// Who caused it.
    actor: String,
    /// When it was booked.
    posted_at: Timestamp,
    /// The block that seals it; none while it waits.
    block: Option<Long>,
    /// Its legs; they sum to zero in each unit.
    legs: Vec<LedgerLeg>,
}

impl From<service::Booked> for LedgerPosting {
    fn from(booked: service::Booked) -> Self {
        Self {
            id: booked.id,
            business_type: booked.business_type,
            business_id: booked.business_id,
            actor: booked.actor,
            posted_at: booked.at,
            block: booked.block.map(Long),
            legs: booked.legs.into_iter().map(|leg| LedgerLeg::of(leg.account, leg.amount)).collect(),
        }
    }
}

platform::connection! {
    /// What was booked, the latest first.
    pub struct LedgerPostingConnection, LedgerPostingEdge of LedgerPosting
}

/// Something that does not agree.
#[derive(SimpleObject)]
pub struct LedgerFinding {
    /// What was compared: `balance`, `charge`, `refund`, `top_up`, `order`, `clearing` or `points`.
    check: String,
    /// Which account, number or customer.
    subject: String,
    /// What does not agree, in words.
    detail: String,
}

/// A proof that the books agree with what they record.
#[derive(SimpleObject)]
pub struct LedgerReconciliation {
    /// Its id.
    id: ReconciliationId,
    /// Of which day, `YYYYMMDD`; none when staff asked for it.
    day: Option<String>,
    /// Who asked for it.
    requested_by: String,
    /// When it began.
    started_at: Timestamp,
    /// When it was through; none while it runs.
    finished_at: Option<Timestamp>,
    /// How many facts were compared.
    checked: Long,
    /// How many do not agree.
    found: Long,
    /// The first of those.
    findings: Vec<LedgerFinding>,
}

impl From<Reconciliation> for LedgerReconciliation {
    fn from(run: Reconciliation) -> Self {
        let finding = |f: reconcile::Finding| LedgerFinding { check: f.check, subject: f.subject, detail: f.detail };
        Self {
            id: run.id,
            day: run.day,
            requested_by: run.requested_by,
            started_at: run.started_at,
            finished_at: run.finished_at,
            checked: Long(run.checked),
            found: Long(run.found),
            findings: run.findings.into_iter().map(finding).collect(),
        }
    }
}

platform::connection! {
    /// Proofs of the books, the latest first.
    pub struct LedgerReconciliationConnection, LedgerReconciliationEdge of LedgerReconciliation
}

platform::payload! {
    /// What a proof of the books found.
    pub struct LedgerReconcilePayload {
        /// The proof.
        reconciliation: LedgerReconciliation,
    }
}

/// What staff do about the books.
#[derive(Default)]
pub struct LedgerAdminMutation;

#[Object]
impl LedgerAdminMutation {
    /// Proves the books now; once a day it is done by itself.
    #[graphql(guard = "Access::Staff(Permission::LedgerWrite)")]
    async fn ledger_reconcile(&self, ctx: &Context<'_>) -> Result<LedgerReconcilePayload> {
        let run = answer(ctx, reconcile::now(ctx.op()?).await)?;
        Ok(LedgerReconcilePayload { reconciliation: Some(run.into()), ..Default::default() })
    }
}

/// The books, for staff.
#[derive(Default)]
pub struct LedgerAdminQuery;

#[Object]
impl LedgerAdminQuery {
    /// What stands on the accounts of the books that count money.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn ledger_balances(&self, ctx: &Context<'_>) -> Result<Vec<LedgerBalance>> {
        let balances = answer(ctx, service::overview(ctx.op()?).await)?;
        let money = |b: service::Balance| Some(LedgerBalance { balance: b.amount.money()?.into(), account: b.account });
        Ok(balances.into_iter().filter_map(money).collect())
    }

    /// What stands on the accounts of the books that count points.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn ledger_points(&self, ctx: &Context<'_>) -> Result<Vec<LedgerPoints>> {
        let balances = answer(ctx, service::overview(ctx.op()?).await)?;
        let points = balances.into_iter().filter(|b| b.amount.money().is_none());
        Ok(points.map(|b| LedgerPoints { account: b.account, points: Long(b.amount.minor) }).collect())
    }

    /// What was booked, the latest first.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn ledger_postings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Facts of this kind only: `charge`, `refund`, `top_up`, ….")] business_type: Option<String>,
        #[graphql(desc = "This fact only, by its number.")] business_id: Option<String>,
        #[graphql(desc = "With a leg on this account only.")] account: Option<String>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the posting to go on behind.")] after: Option<String>,
    ) -> Result<LedgerPostingConnection> {
        let page = page_request(ctx, first, after)?;
        let filter = PostingFilter { business_type, business_id, account };
        Ok(answer(ctx, service::postings(ctx.op()?, (filter, page)).await)?.map(Into::into).into())
    }

    /// Proofs that the books agree with what they record, the latest first.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn ledger_reconciliations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the proof to go on behind.")] after: Option<String>,
    ) -> Result<LedgerReconciliationConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, reconcile::list(ctx.op()?, page).await)?.map(Into::into).into())
    }

    /// Where the chain that seals the books ends. `liebian ledger verify` proves the whole of it.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn ledger_tip(&self, ctx: &Context<'_>) -> Result<LedgerTip> {
        let tip = answer(ctx, service::tip(ctx.op()?).await)?;
        Ok(LedgerTip { height: Long(tip.height), sealed_at: tip.sealed_at, unsealed: Long(tip.unsealed.cast_signed()) })
    }
}
