//! What stands in a wallet, and corrections by hand.

use kernel::{Currency, CursorError, CustomerId, Failure, Fault, Money, Page, PageRequest};
use platform::{IdempotencyKey, Op};
use serde::Serialize;
use uuid::Uuid;

use super::{Refused, events::WalletChanged, rules};
use crate::ledger::{
    Account, Posting, Unit,
    service::{self as ledger, Period, StatementLine},
};

/// What stands in a wallet, in each currency it ever had. For those who may know.
pub async fn balances(op: &Op, customer: CustomerId) -> Result<Vec<Money>, Fault> {
    let stands = ledger::units(op.reader(), &Account::Wallet(customer)).await?;
    Ok(stands.into_iter().filter_map(|amount| (-amount).money()).collect())
}

/// What stands in a wallet in one currency. For those who may know.
pub async fn balance(op: &Op, customer: CustomerId, currency: Currency) -> Result<Money, Fault> {
    let stands = balances(op, customer).await?.into_iter().find(|money| money.currency == currency);
    Ok(stands.unwrap_or(Money::zero(currency)))
}

/// A wallet line by line, the latest first. For those who may know.
pub async fn statement(
    op: &Op,
    (customer, currency): (CustomerId, Currency),
    (period, page): (Period, PageRequest),
) -> Result<Page<StatementLine>, Failure<CursorError>> {
    ledger::statement(op, (&Account::Wallet(customer), Unit::Money(currency)), (period, page)).await
}

/// Staff put money into a wallet or take it out.
#[derive(Clone, Debug, Serialize)]
pub struct AdjustWallet {
    /// Whose.
    pub customer: CustomerId,
    /// Above nothing to give, below to take.
    pub amount: Money,
    /// Why, in words.
    pub reason: String,
}

/// Staff put money into a wallet or take it out; the same key is one change. Answers what stands there then.
pub async fn adjust(op: &Op, wanted: AdjustWallet, key: &str) -> Result<Money, Failure<Refused>> {
    let key = IdempotencyKey::new(op, "wallet_adjust", key, &wanted).map_err(Failure::widen)?;
    let reason = wanted.reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 || reason.chars().any(char::is_control) {
        return Err(Refused::Reason.into());
    }
    rules::by_hand(wanted.amount).map_err(Refused::from)?;
    if identity::customer::query::registered_at(op, wanted.customer).await?.is_none() {
        return Err(Refused::NoCustomer.into());
    }
    let mut tx = op.begin().await?;
    if tx.claim::<String>(&key).await.map_err(Failure::widen)?.is_none() {
        let id = op.new_id::<Uuid>();
        let (from, to) = (Account::Wallet(wanted.customer), Account::Adjustment);
        let posting = Posting::transfer("wallet_adjusted", format!("{} {reason}", id.simple()), from, to, wanted.amount);
        match ledger::try_post(&mut tx, op, posting).await {
            Ok(_) => {}
            Err(Failure::Refused(short)) => return Err(Refused::Short(short.available).into()),
            Err(Failure::Fault(fault)) => return Err(fault.into()),
        }
        tx.emit(&WalletChanged { customer: wanted.customer });
        tx.remember(&key, &id.simple().to_string()).await?;
        tx.commit().await?;
    }
    Ok(balance(op, wanted.customer, wanted.amount.currency).await?)
}
