//! Wallets as shoppers and staff see them.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use kernel::{Currency, CustomerId, Permission, PostingId, Timestamp, TopUpId, WithdrawalId};
use platform::graphql::{Access, ContextExt, Long, MoneyInput, MoneyObject, answer, page_request, payload};

use super::{
    service::{self, AdjustWallet},
    top_up::{self, NewTopUp, TopUpFilter},
    withdrawal::{self, NewWithdrawal, Verdict, WithdrawalFilter},
};
use crate::{
    ledger::service::{Period, StatementLine},
    payment::graphql::{PaymentAction, PaymentProduct, PaymentState},
};

/// Money on its way into a wallet.
#[derive(SimpleObject)]
pub struct WalletTopUp {
    /// Its id.
    id: TopUpId,
    /// The number the provider knows it by.
    top_up_no: String,
    /// Whose wallet.
    customer_id: CustomerId,
    /// Through whom.
    gateway: String,
    /// Where it stands.
    state: PaymentState,
    /// How much.
    amount: MoneyObject,
    /// How the shopper gets to the point of paying; nothing when there is nothing to pay any more.
    action: Option<PaymentAction>,
    /// The provider takes no money after this.
    expires_at: Timestamp,
    /// When it was begun.
    created_at: Timestamp,
    /// When the money came.
    paid_at: Option<Timestamp>,
}

impl From<top_up::TopUp> for WalletTopUp {
    fn from(top_up: top_up::TopUp) -> Self {
        let waits = top_up.state == entity::trade::payment::PaymentState::Pending;
        Self {
            id: top_up.id,
            top_up_no: top_up.top_up_no,
            customer_id: top_up.customer,
            gateway: top_up.gateway,
            state: top_up.state.into(),
            amount: top_up.amount.into(),
            action: top_up.action.filter(|_| waits).map(Into::into),
            expires_at: top_up.expires_at,
            created_at: top_up.created_at,
            paid_at: top_up.paid_at,
        }
    }
}

platform::connection! {
    /// Top-ups, the latest first.
    pub struct WalletTopUpConnection, WalletTopUpEdge of WalletTopUp
}

/// A line of a wallet's statement.
#[derive(SimpleObject)]
pub struct WalletEntry {
    /// The booked fact.
    id: PostingId,
    /// The how-manieth of the wallet, from 1.
    sequence: Long,
    /// What kind of fact: `top_up`, `wallet_charge`, `wallet_refund`, `wallet_adjusted`, ….
    kind: String,
    /// Which one: its number, and the reason behind it when it was done by hand.
    reference: String,
    /// How much came, or went when it is below nothing.
    amount: MoneyObject,
    /// What stood in the wallet then.
    balance: MoneyObject,
    /// When.
    at: Timestamp,
}

impl WalletEntry {
    fn of(currency: Currency) -> impl Fn(StatementLine) -> Self {
        move |line| Self {
            id: line.posting,
            sequence: Long(line.sequence),
            kind: line.business_type,
            reference: line.business_id,
            amount: MoneyObject { amount: Long(line.amount.minor), currency },
            balance: MoneyObject { amount: Long(line.balance), currency },
            at: line.at,
        }
    }
}

platform::connection! {
    /// A wallet line by line, the latest first.
    pub struct WalletEntryConnection, WalletEntryEdge of WalletEntry
}

/// A top-up to begin.
#[derive(InputObject)]
pub struct WalletTopUpInput {
    /// How much.
    amount: MoneyInput,
    /// Through whom: one of `paymentMethods`, except the wallet itself.
    gateway: String,
    /// In which way; the provider's usual one when not given.
    product: Option<PaymentProduct>,
    /// The shopper as the provider knows them (a WeChat openid), when the mall does not know it.
    payer: Option<String>,
    /// One effect per key.
    idempotency_key: String,
}

platform::payload! {
    /// What became of a top-up.
    pub struct WalletTopUpPayload {
        /// The top-up as it stands now.
        top_up: WalletTopUp,
    }
}

/// Where a withdrawal stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::trade::wallet_withdrawal::WithdrawalState")]
pub enum WalletWithdrawalState {
    /// A person must say yes.
    InReview,
    /// The provider is asked to pay it out.
    Approved,
    /// The provider waits for the payee to confirm.
    AwaitingPayee,
    /// The payee has it.
    Paid,
    /// It came to nothing, and is in the wallet again.
    Failed,
    /// A person said no, and it is in the wallet again.
    Rejected,
}

/// Money on its way out of a wallet.
#[derive(SimpleObject)]
pub struct WalletWithdrawal {
    /// Its id.
    id: WithdrawalId,
    /// The number the provider knows it by.
    withdrawal_no: String,
    /// Out of whose wallet.
    customer_id: CustomerId,
    /// Through whom.
    gateway: String,
    /// Where it stands.
    state: WalletWithdrawalState,
    /// How much.
    amount: MoneyObject,
    /// How many people must say yes.
    approvals_needed: i32,
    /// How many said so.
    approvals: i32,
    /// What staff said.
    note: Option<String>,
    /// What the payee's device is handed to confirm it (`wx.requestMerchantTransfer`), while that is waited for.
    package: Option<String>,
    /// Why it came to nothing, in the provider's words.
    failure: Option<String>,
    /// When it was asked for.
    created_at: Timestamp,
    /// When it was paid, failed or was rejected.
    ended_at: Option<Timestamp>,
}

impl From<withdrawal::Withdrawal> for WalletWithdrawal {
    fn from(row: withdrawal::Withdrawal) -> Self {
        let state = WalletWithdrawalState::from(row.state);
        Self {
            id: row.id,
            withdrawal_no: row.withdrawal_no,
            customer_id: row.customer,
            gateway: row.gateway,
            state,
            amount: row.amount.into(),
            approvals_needed: i32::try_from(row.approvals_needed).unwrap_or(i32::MAX),
            approvals: i32::from(row.first_approver.is_some()) + i32::from(row.second_approver.is_some()),
            note: row.note,
            package: row.package.filter(|_| state == WalletWithdrawalState::AwaitingPayee),
            failure: row.failure,
            created_at: row.created_at,
            ended_at: row.ended_at,
        }
    }
}

platform::connection! {
    /// Withdrawals, the latest first.
    pub struct WalletWithdrawalConnection, WalletWithdrawalEdge of WalletWithdrawal
}

/// A withdrawal to ask for.
#[derive(InputObject)]
pub struct WalletWithdrawalInput {
    /// How much.
    amount: MoneyInput,
    /// Through whom: a provider that pays people out and that the shopper has signed in with (`wechat`).
    gateway: String,
    /// The payee's real name; WeChat wants it from ¥2 000 on.
    real_name: Option<String>,
    /// One effect per key.
    idempotency_key: String,
}

platform::payload! {
    /// What became of a withdrawal.
    pub struct WalletWithdrawalPayload {
        /// The withdrawal as it stands now.
        withdrawal: WalletWithdrawal,
    }
}

fn withdrawn(
    ctx: &Context<'_>,
    done: std::result::Result<withdrawal::Withdrawal, kernel::Failure<super::Refused>>,
) -> Result<WalletWithdrawalPayload> {
    payload(ctx, done, |row| WalletWithdrawalPayload { withdrawal: Some(row.into()), ..Default::default() })
}

/// The shopper's wallet.
#[derive(Default)]
pub struct WalletShopQuery;

#[Object]
impl WalletShopQuery {
    /// What stands in the signed-in shopper's wallet, in each currency it ever had.
    #[graphql(guard = "Access::Customer")]
    async fn wallet_balances(&self, ctx: &Context<'_>) -> Result<Vec<MoneyObject>> {
        let op = ctx.op()?;
        let customer = answer(ctx, op.customer())?;
        Ok(answer(ctx, service::balances(op, customer).await)?.into_iter().map(Into::into).collect())
    }

    /// The signed-in shopper's wallet line by line, the latest first.
    #[graphql(guard = "Access::Customer")]
    async fn wallet_statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which currency; yuan when not given.", default_with = "Currency::Cny")] currency: Currency,
        #[graphql(desc = "Not before this.")] from: Option<Timestamp>,
        #[graphql(desc = "Before this.")] until: Option<Timestamp>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the line to go on behind.")] after: Option<String>,
    ) -> Result<WalletEntryConnection> {
        let op = ctx.op()?;
        let (customer, page) = (answer(ctx, op.customer())?, page_request(ctx, first, after)?);
        let lines = service::statement(op, (customer, currency), (Period { from, until }, page)).await;
        Ok(answer(ctx, lines)?.map(WalletEntry::of(currency)).into())
    }

    /// A top-up of the signed-in shopper.
    #[graphql(guard = "Access::Customer")]
    async fn wallet_top_up(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: TopUpId) -> Result<Option<WalletTopUp>> {
        Ok(answer(ctx, top_up::get(ctx.op()?, id).await)?.map(Into::into))
    }

    /// The signed-in shopper's top-ups, the latest first.
    #[graphql(guard = "Access::Customer")]
    async fn wallet_top_ups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the top-up to go on behind.")] after: Option<String>,
    ) -> Result<WalletTopUpConnection> {
        let op = ctx.op()?;
        let (customer, page) = (answer(ctx, op.customer())?, page_request(ctx, first, after)?);
        let filter = TopUpFilter { customer: Some(customer), ..TopUpFilter::default() };
        Ok(answer(ctx, top_up::list(op, (filter, page)).await)?.map(Into::into).into())
    }

    /// The signed-in shopper's withdrawals, the latest first.
    #[graphql(guard = "Access::Customer")]
    async fn wallet_withdrawals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the withdrawal to go on behind.")] after: Option<String>,
    ) -> Result<WalletWithdrawalConnection> {
        let op = ctx.op()?;
        let (customer, page) = (answer(ctx, op.customer())?, page_request(ctx, first, after)?);
        let filter = WithdrawalFilter { customer: Some(customer), state: None };
        Ok(answer(ctx, withdrawal::list(op, (filter, page)).await)?.map(Into::into).into())
    }
}

/// What shoppers do about their wallets.
#[derive(Default)]
pub struct WalletShopMutation;

#[Object]
impl WalletShopMutation {
    /// Begins to put money into the wallet, or goes on with what this key began.
    #[graphql(guard = "Access::Customer")]
    async fn wallet_top_up_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The top-up.")] input: WalletTopUpInput,
    ) -> Result<WalletTopUpPayload> {
        let wanted =
            NewTopUp { amount: input.amount.into(), gateway: input.gateway, product: input.product.map(Into::into), payer: input.payer };
        topped_up(ctx, top_up::begin(ctx.op()?, wanted, &input.idempotency_key).await)
    }

    /// Asks the provider how a top-up stands, for a shopper who returns before its report does.
    #[graphql(guard = "Access::Customer")]
    async fn wallet_top_up_sync(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: TopUpId) -> Result<WalletTopUpPayload> {
        topped_up(ctx, top_up::sync(ctx.op()?, id).await)
    }

    /// Asks for money out of the wallet. It leaves the wallet at once and goes to the shopper's own account at the provider:
    /// small amounts when the shopper confirms them there, larger ones after staff have looked at them.
    #[graphql(guard = "Access::Customer")]
    async fn wallet_withdrawal_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The withdrawal.")] input: WalletWithdrawalInput,
    ) -> Result<WalletWithdrawalPayload> {
        let wanted = NewWithdrawal { amount: input.amount.into(), gateway: input.gateway, real_name: input.real_name };
        withdrawn(ctx, withdrawal::request(ctx.op()?, wanted, &input.idempotency_key).await)
    }

    /// Asks the provider how a withdrawal stands, for a shopper who comes back from confirming it.
    #[graphql(guard = "Access::Customer")]
    async fn wallet_withdrawal_sync(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: WithdrawalId,
    ) -> Result<WalletWithdrawalPayload> {
        withdrawn(ctx, withdrawal::sync(ctx.op()?, id).await)
    }
}

fn topped_up(ctx: &Context<'_>, done: std::result::Result<top_up::TopUp, kernel::Failure<super::Refused>>) -> Result<WalletTopUpPayload> {
    payload(ctx, done, |top_up| WalletTopUpPayload { top_up: Some(top_up.into()), ..Default::default() })
}

/// Wallets, for staff.
#[derive(Default)]
pub struct WalletAdminQuery;

#[Object]
impl WalletAdminQuery {
    /// What stands in a customer's wallet, in each currency it ever had.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn customer_wallet_balances(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] customer_id: CustomerId,
    ) -> Result<Vec<MoneyObject>> {
        Ok(answer(ctx, service::balances(ctx.op()?, customer_id).await)?.into_iter().map(Into::into).collect())
    }

    /// A customer's wallet line by line, the latest first.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    #[allow(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn customer_wallet_statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] customer_id: CustomerId,
        #[graphql(desc = "Of which currency; yuan when not given.", default_with = "Currency::Cny")] currency: Currency,
        #[graphql(desc = "Not before this.")] from: Option<Timestamp>,
        #[graphql(desc = "Before this.")] until: Option<Timestamp>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the line to go on behind.")] after: Option<String>,
    ) -> Result<WalletEntryConnection> {
        let page = page_request(ctx, first, after)?;
        let lines = service::statement(ctx.op()?, (customer_id, currency), (Period { from, until }, page)).await;
        Ok(answer(ctx, lines)?.map(WalletEntry::of(currency)).into())
    }

    /// Top-ups of all customers, the latest first.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn wallet_top_ups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this customer only.")] customer_id: Option<CustomerId>,
        #[graphql(desc = "That stand here only.")] state: Option<PaymentState>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the top-up to go on behind.")] after: Option<String>,
    ) -> Result<WalletTopUpConnection> {
        let page = page_request(ctx, first, after)?;
        let filter = TopUpFilter { customer: customer_id, currency: None, state: state.map(Into::into) };
        Ok(answer(ctx, top_up::list(ctx.op()?, (filter, page)).await)?.map(Into::into).into())
    }

    /// Withdrawals of all customers, the latest first.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn wallet_withdrawals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this customer only.")] customer_id: Option<CustomerId>,
        #[graphql(desc = "That stand here only.")] state: Option<WalletWithdrawalState>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the withdrawal to go on behind.")] after: Option<String>,
    ) -> Result<WalletWithdrawalConnection> {
        let page = page_request(ctx, first, after)?;
        let filter = WithdrawalFilter { customer: customer_id, state: state.map(Into::into) };
        Ok(answer(ctx, withdrawal::list(ctx.op()?, (filter, page)).await)?.map(Into::into).into())
    }
}

/// A change of a wallet by hand.
#[derive(InputObject)]
pub struct WalletAdjustInput {
    /// Whose wallet.
    customer_id: CustomerId,
    /// Above nothing to give, below to take.
    amount: MoneyInput,
    /// Why, in words; 200 characters at most.
    reason: String,
    /// One effect per key.
    idempotency_key: String,
}

platform::payload! {
    /// What became of a change by hand.
    pub struct WalletAdjustPayload {
        /// What stands in the wallet now.
        balance: MoneyObject,
    }
}

/// What staff do about wallets.
#[derive(Default)]
pub struct WalletAdminMutation;

#[Object]
impl WalletAdminMutation {
    /// Puts money into a customer's wallet by hand, or takes it out; never more than is there.
    #[graphql(guard = "Access::Staff(Permission::LedgerWrite)")]
    async fn wallet_adjust(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: WalletAdjustInput,
    ) -> Result<WalletAdjustPayload> {
        let wanted = AdjustWallet { customer: input.customer_id, amount: input.amount.into(), reason: input.reason };
        let done = service::adjust(ctx.op()?, wanted, &input.idempotency_key).await;
        payload(ctx, done, |balance| WalletAdjustPayload { balance: Some(balance.into()), ..Default::default() })
    }

    /// Says yes to a withdrawal in review. The largest need a second yes, of somebody else.
    #[graphql(guard = "Access::Staff(Permission::LedgerWrite)")]
    async fn wallet_withdrawal_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: WithdrawalId,
    ) -> Result<WalletWithdrawalPayload> {
        withdrawn(ctx, withdrawal::review(ctx.op()?, (id, Verdict::Yes)).await)
    }

    /// Says no to a withdrawal in review; the money is in the wallet again.
    #[graphql(guard = "Access::Staff(Permission::LedgerWrite)")]
    async fn wallet_withdrawal_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: WithdrawalId,
        #[graphql(desc = "Why, in words; 200 characters at most.")] note: String,
    ) -> Result<WalletWithdrawalPayload> {
        withdrawn(ctx, withdrawal::review(ctx.op()?, (id, Verdict::No(note))).await)
    }
}
