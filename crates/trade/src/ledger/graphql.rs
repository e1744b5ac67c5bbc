//! The books as staff see them.

use async_graphql::{Context, Object, Result, SimpleObject};
use kernel::{Permission, Timestamp};
use platform::graphql::{Access, ContextExt, Long, MoneyObject, answer};

use super::service;

/// What stands on an account of the books.
#[derive(SimpleObject)]
pub struct LedgerBalance {
    /// The account: its kind, and its owner behind a colon where it has one.
    account: String,
    /// Positive: the mall owns it. Negative: the mall owes it. All accounts of a currency sum to zero.
    balance: MoneyObject,
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

/// The books, for staff.
#[derive(Default)]
pub struct LedgerAdminQuery;

#[Object]
impl LedgerAdminQuery {
    /// What stands on every account of the books.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn ledger_balances(&self, ctx: &Context<'_>) -> Result<Vec<LedgerBalance>> {
        let balances = answer(ctx, service::balances(ctx.op()?).await)?;
        Ok(balances.into_iter().map(|b| LedgerBalance { account: b.account, balance: b.money.into() }).collect())
    }

    /// Where the chain that seals the books ends. `liebian ledger verify` proves the whole of it.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn ledger_tip(&self, ctx: &Context<'_>) -> Result<LedgerTip> {
        let tip = answer(ctx, service::tip(ctx.op()?).await)?;
        Ok(LedgerTip { height: Long(tip.height), sealed_at: tip.sealed_at, unsealed: Long(tip.unsealed.cast_signed()) })
    }
}
