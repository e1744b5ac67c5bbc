//! Payments as shoppers see them.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use entity::trade::payment::PaymentState as State;
use kernel::{Currency, OrderId, PaymentId, Permission, Timestamp};
use platform::graphql::{Access, ContextExt, MoneyObject, answer, page_request, payload};

use super::{
    gateway::{PayAction, PayProduct},
    service::{self, PayOrder},
};

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "State")]
pub enum PaymentState {
    /// Ours only; the provider may or may not know it.
    Created,
    /// The provider waits for the shopper.
    Pending,
    /// The money is here.
    Succeeded,
    /// It can no longer be paid.
    Closed,
    /// The provider refused it.
    Failed,
}

/// A way to pay at a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "PayProduct")]
pub enum PaymentProduct {
    /// On the provider's own page.
    Page,
    /// Inside the provider's app: a mini-program or a page opened there.
    Jsapi,
    /// In a phone's browser, which opens the provider's app.
    H5,
    /// By a code to scan.
    Native,
    /// Out of an app of the mall's own.
    App,
    /// By card or wallet, in fields the provider draws on the mall's page.
    Card,
    /// Out of the shopper's own balance.
    Balance,
}

/// What the shopper's device does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PaymentActionKind {
    /// Open `url`.
    Redirect,
    /// Show `qrCode` as a code to scan.
    QrCode,
    /// Hand `wechat` to `wx.requestPayment`.
    WechatJsapi,
    /// Hand `orderString` to the provider's SDK in an app.
    OrderString,
    /// Hand `tradeNo` to the provider's mini-program.
    TradeNo,
    /// Let Stripe's fields confirm the intent of `stripe`.
    StripeConfirm,
    /// Open `url` to approve at PayPal; then `paymentSync` collects.
    PaypalApprove,
    /// Nothing: it is paid.
    Done,
}

/// How the shopper gets to the point of paying.
#[derive(SimpleObject)]
pub struct PaymentAction {
    /// What to do.
    kind: PaymentActionKind,
    /// Where, when a page is to be opened.
    url: Option<String>,
    /// The text of a code to scan.
    qr_code: Option<String>,
    /// The text for the provider's SDK.
    order_string: Option<String>,
    /// The provider's number of the trade.
    trade_no: Option<String>,
    /// The arguments of `wx.requestPayment`.
    wechat: Option<WeChatPayArguments>,
    /// What Stripe's fields need.
    stripe: Option<StripeArguments>,
}

/// The arguments of `wx.requestPayment`.
#[derive(SimpleObject)]
pub struct WeChatPayArguments {
    /// The mini-program or official account.
    app_id: String,
    /// Seconds since 1970.
    time_stamp: String,
    /// Chance.
    nonce_str: String,
    /// `prepay_id=…`.
    package: String,
    /// How it is signed.
    sign_type: String,
    /// The mall's signature.
    pay_sign: String,
}

/// What Stripe's fields need.
#[derive(SimpleObject)]
pub struct StripeArguments {
    /// Of the intent.
    client_secret: String,
    /// Of the account.
    publishable_key: String,
}

impl PaymentAction {
    fn nothing_but(kind: PaymentActionKind) -> Self {
        Self { kind, url: None, qr_code: None, order_string: None, trade_no: None, wechat: None, stripe: None }
    }
}

impl From<PayAction> for PaymentAction {
    fn from(action: PayAction) -> Self {
        use PaymentActionKind as Kind;
        match action {
            PayAction::Redirect(url) => Self { url: Some(url), ..Self::nothing_but(Kind::Redirect) },
            PayAction::PayPalApprove(url) => Self { url: Some(url), ..Self::nothing_but(Kind::PaypalApprove) },
            PayAction::QrCode(text) => Self { qr_code: Some(text), ..Self::nothing_but(Kind::QrCode) },
            PayAction::OrderString(text) => Self { order_string: Some(text), ..Self::nothing_but(Kind::OrderString) },
            PayAction::TradeNo(no) => Self { trade_no: Some(no), ..Self::nothing_but(Kind::TradeNo) },
            PayAction::WeChatJsapi { app_id, time_stamp, nonce_str, package, sign_type, pay_sign } => Self {
                wechat: Some(WeChatPayArguments { app_id, time_stamp, nonce_str, package, sign_type, pay_sign }),
                ..Self::nothing_but(Kind::WechatJsapi)
            },
            PayAction::StripeClientSecret { client_secret, publishable_key } => {
                Self { stripe: Some(StripeArguments { client_secret, publishable_key }), ..Self::nothing_but(Kind::StripeConfirm) }
            }
            PayAction::Done => Self::nothing_but(Kind::Done),
        }
    }
}

/// Through whom, and in which ways, money is taken.
#[derive(SimpleObject)]
pub struct PaymentMethod {
    /// The provider.
    gateway: String,
    /// The ways to pay there, the usual one first.
    products: Vec<PaymentProduct>,
    /// Whether the provider answers at the moment; paying is tried all the same.
    available: bool,
}

/// One attempt to pay one order.
#[derive(SimpleObject)]
pub struct Payment {
    /// Its id.
    id: PaymentId,
    /// The number the provider knows it by.
    payment_no: String,
    /// The order.
    order_id: OrderId,
    /// Through whom.
    gateway: String,
    /// In which way.
    product: PaymentProduct,
    /// Where it stands.
    state: PaymentState,
    /// What is asked.
    amount: MoneyObject,
    /// How the shopper gets to the point of paying; nothing when there is nothing to pay any more.
    action: Option<PaymentAction>,
    /// The provider takes no money after this.
    expires_at: Timestamp,
    /// When the money came.
    paid_at: Option<Timestamp>,
}

impl From<service::Payment> for Payment {
    fn from(payment: service::Payment) -> Self {
        let action = payment.action.filter(|_| payment.state == State::Pending).map(Into::into);
        Self {
            id: payment.id,
            payment_no: payment.payment_no,
            order_id: payment.order,
            gateway: payment.gateway,
            product: payment.product.into(),
            state: payment.state.into(),
            amount: payment.amount.into(),
            action,
            expires_at: payment.expires_at,
            paid_at: payment.paid_at,
        }
    }
}

/// A payment to begin.
#[derive(InputObject)]
pub struct OrderPayInput {
    /// Of which order.
    order_id: OrderId,
    /// Through whom: one of `paymentMethods`.
    gateway: String,
    /// In which way; the usual one of the provider when not given.
    product: Option<PaymentProduct>,
    /// The shopper's id at the provider, where paying needs it and they did not sign in with it.
    payer: Option<String>,
    /// One effect per key.
    idempotency_key: String,
}

platform::payload! {
    /// What became of a payment.
    pub struct PaymentPayload {
        /// The payment as it stands now.
        payment: Payment,
    }
}

/// Questions about payments.
#[derive(Default)]
pub struct PaymentQuery;

#[Object]
impl PaymentQuery {
    /// Through whom this mall takes money.
    async fn payment_gateways(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let gateways = answer(ctx, service::gateways(ctx.op()?))?;
        Ok(gateways.codes().map(str::to_owned).collect())
    }

    /// Through whom, and in which ways, this mall takes money in a currency.
    async fn payment_methods(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The currency of the order; every method when not given.")] currency: Option<Currency>,
    ) -> Result<Vec<PaymentMethod>> {
        let op = ctx.op()?;
        let gateways = answer(ctx, service::gateways(op))?;
        let offered = gateways.all().filter(|gateway| currency.is_none_or(|currency| gateway.takes(currency)));
        let method = |gateway: &std::sync::Arc<dyn super::gateway::Gateway>| PaymentMethod {
            gateway: gateway.code().to_owned(),
            products: gateway.products().iter().copied().map(Into::into).collect(),
            available: gateway.standing().broken_until.is_none_or(|until| until <= op.now()),
        };
        Ok(offered.map(method).collect())
    }

    /// A payment of the signed-in shopper.
    #[graphql(guard = "Access::Customer")]
    async fn payment(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: PaymentId) -> Result<Option<Payment>> {
        Ok(answer(ctx, service::get(ctx.op()?, id).await)?.map(Into::into))
    }
}

/// Paying.
#[derive(Default)]
pub struct PaymentMutation;

#[Object]
impl PaymentMutation {
    /// Begins to pay an order, or goes on with the attempt that is open.
    #[graphql(guard = "Access::Customer")]
    async fn order_pay(&self, ctx: &Context<'_>, #[graphql(desc = "The payment.")] input: OrderPayInput) -> Result<PaymentPayload> {
        let wanted = PayOrder {
            order: input.order_id,
            gateway: input.gateway,
            product: input.product.map(Into::into),
            payer: input.payer.filter(|payer| !payer.is_empty()),
        };
        ended(ctx, service::pay(ctx.op()?, wanted, &input.idempotency_key).await)
    }

    /// Asks the provider how a payment stands, for a shopper who returns before its report does.
    #[graphql(guard = "Access::Customer")]
    async fn payment_sync(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: PaymentId) -> Result<PaymentPayload> {
        ended(ctx, service::sync(ctx.op()?, id).await)
    }
}

fn ended(ctx: &Context<'_>, paid: std::result::Result<service::Payment, kernel::Failure<super::Refused>>) -> Result<PaymentPayload> {
    payload(ctx, paid, |payment| PaymentPayload { payment: Some(payment.into()), ..Default::default() })
}

/// What a provider reported that does not fit our books. Nothing of it was applied; a person must look.
#[derive(SimpleObject)]
pub struct ParkedNotification {
    /// Which provider.
    provider: String,
    /// Its number of the report.
    event_id: String,
    /// What it reports.
    kind: String,
    /// About which charge, by our number.
    charge_no: String,
    /// About which refund, by our number.
    refund_no: Option<String>,
    /// Why it was put aside.
    why: String,
    /// When it came.
    received_at: Timestamp,
}

impl From<service::Parked> for ParkedNotification {
    fn from(parked: service::Parked) -> Self {
        Self {
            provider: parked.provider,
            event_id: parked.event_id,
            kind: parked.kind,
            charge_no: parked.charge_no,
            refund_no: parked.refund_no,
            why: parked.why,
            received_at: parked.received_at,
        }
    }
}

platform::connection! {
    /// What providers reported that does not fit our books, the latest first.
    pub struct ParkedNotificationConnection, ParkedNotificationEdge of ParkedNotification
}

/// Questions of staff about payments.
#[derive(Default)]
pub struct PaymentAdminQuery;

#[Object]
impl PaymentAdminQuery {
    /// What providers reported that does not fit our books, the latest first. Nothing of it was applied.
    #[graphql(guard = "Access::Staff(Permission::OrderRead)")]
    async fn parked_notifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the report to go on behind.")] after: Option<String>,
    ) -> Result<ParkedNotificationConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, service::parked(ctx.op()?, page).await)?.map(Into::into).into())
    }
}
