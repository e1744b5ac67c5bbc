//! Wallets as shoppers and staff see them.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use kernel::{Currency, CustomerId, Permission, PostingId, Timestamp, TopUpId};
use platform::graphql::{Access, ContextExt, Long, MoneyInput, MoneyObject, answer, page_request, payload};

use super::{
    service::{self, AdjustWallet},
    top_up::{self, NewTopUp, TopUpFilter},
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
}
