//! Beginning payments and ending them.

use std::{collections::HashMap, sync::Arc};

use entity::trade::{
    gateway_notification as inbox,
    payment::{self as table, PaymentState},
    payment_event::{self as event, PaymentEventKind},
};
use identity::customer::query as customers;
use kernel::{Actor, Cursor, CursorError, CustomerId, Failure, Fault, Money, OrderId, Page, PageRequest, PaymentId, Timestamp};
use platform::{IdempotencyKey, Op, Tx};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde::{Deserialize, Serialize};

use super::{
    NotifyRefused, Refused,
    events::PaymentChanged,
    gateway::{
        ChargeCreated, ChargeRef, ChargeState, Gateway, GatewayError, Gateways, NewCharge, Notification, NotificationKind, PayAction,
        PayProduct, Reply,
    },
};
use crate::{
    TradeSettings, ledger,
    order::{
        rules::{self as order_rules, Move},
        service::{self as orders, Arrived, Happened, MoneyIn, Order},
    },
    refund::service::{self as refunds, RefundFact},
    wallet,
};

/// One attempt to pay one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Which.
    pub id: PaymentId,
    /// The number the provider knows it by.
    pub payment_no: String,
    /// Of which order.
    pub order: OrderId,
    /// Who pays.
    pub customer: CustomerId,
    /// Through whom.
    pub gateway: String,
    /// In which way.
    pub product: PayProduct,
    /// The provider's number, once it is known.
    pub provider_charge_id: Option<String>,
    /// Where it stands.
    pub state: PaymentState,
    /// What is asked.
    pub amount: Money,
    /// How the shopper gets to the point of paying.
    pub action: Option<PayAction>,
    /// The provider takes no money after this.
    pub expires_at: Timestamp,
    /// When the money came.
    pub paid_at: Option<Timestamp>,
    terms: Terms,
    queries: i64,
}

/// What the provider was told beside the amount; a request that is sent again says the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) product: PayProduct,
    pub(crate) payer: Option<String>,
    pub(crate) client_ip: Option<String>,
}

/// A payment to begin.
#[derive(Clone, Debug, Serialize)]
pub struct PayOrder {
    /// Of which order.
    pub order: OrderId,
    /// Through whom.
    pub gateway: String,
    /// In which way; the provider's usual one when not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<PayProduct>,
    /// The shopper as the provider knows them, when the mall does not know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
}

impl PayOrder {
    /// In the provider's usual way.
    pub fn new(order: OrderId, gateway: impl Into<String>) -> Self {
        Self { order, gateway: gateway.into(), product: None, payer: None }
    }
}

/// Begins to pay an order, or goes on with the attempt that is open: the shopper can press the button twice, and a crash
/// between the provider's answer and ours asks again with the same number.
pub async fn pay(op: &Op, wanted: PayOrder, key: &str) -> Result<Payment, Failure<Refused>> {
    let key = IdempotencyKey::new(op, "order_pay", key, &wanted).map_err(Failure::widen)?;
    let gateway = gateway(op, &wanted.gateway)?.ok_or(Refused::UnknownGateway)?;
    let way = Way { wanted: &wanted, gateway: &*gateway, terms: terms(op, (wanted.product, wanted.payer.as_deref()), &*gateway).await? };
    let (payment, order_no) = match begin(op, &way, &key).await? {
        Begun::Here(payment, order_no) => (*payment, order_no),
        // Open at another provider: closed there first, so that no order is paid twice. What is closed is not found open
        // again; should it turn out to be paid, so is the order.
        Begun::Elsewhere(other) => {
            if !close(op, &other).await? {
                return Err(Refused::Unavailable.into());
            }
            match begin(op, &way, &key).await? {
                Begun::Here(payment, order_no) => (*payment, order_no),
                Begun::Elsewhere(_) => return Err(Refused::InProgress.into()),
            }
        }
    };
    if payment.state != PaymentState::Created {
        return Ok(payment);
    }
    let settings = op.port::<TradeSettings>()?;
    let charge = NewCharge {
        charge_no: payment.payment_no.clone(),
        amount: payment.amount,
        description: format!("裂变 {order_no}"),
        notify_url: notify_url(op, &payment.gateway)?,
        return_url: Some(format!("{}/#/order/{}", settings.public_url, payment.order)),
        expires_at: payment.expires_at,
        payer: payment.terms.payer.clone(),
        product: payment.product,
        client_ip: payment.terms.client_ip.clone(),
    };
    match gateway.create(charge).await {
        Ok(created) => {
            let done = created.action == PayAction::Done;
            let payment = opened(op, payment, created).await?;
            if !done || payment.state != PaymentState::Pending {
                return Ok(payment);
            }
            ask(op, &payment).await?;
            Ok(get(op, payment.id).await?.ok_or(Refused::NotFound)?)
        }
        Err(GatewayError::Refused { code, message }) => {
            tracing::warn!(payment = %payment.id, code, message, "the provider refused a charge");
            end(op, payment.id, (PaymentState::Failed, PaymentEventKind::ChargeFailed)).await?;
            Err(if code == wallet::gateway::INSUFFICIENT { Refused::WalletShort } else { Refused::Declined }.into())
        }
        Err(GatewayError::Unknown(why) | GatewayError::Unavailable(why)) => {
            tracing::warn!(payment = %payment.id, why, "the provider does not answer; the number stays");
            Err(Refused::Unavailable.into())
        }
    }
}

/// Where providers report to.
pub(crate) fn notify_url(op: &Op, gateway: &str) -> Result<String, Fault> {
    Ok(format!("{}/pay/notify/{gateway}", op.port::<TradeSettings>()?.public_url))
}

/// How an order is about to be paid.
struct Way<'a> {
    wanted: &'a PayOrder,
    gateway: &'a dyn Gateway,
    terms: Terms,
}

/// What the provider will be told, as far as it is known.
pub(crate) async fn terms(
    op: &Op,
    (product, payer): (Option<PayProduct>, Option<&str>),
    gateway: &dyn Gateway,
) -> Result<Terms, Failure<Refused>> {
    let products = gateway.products();
    let product = product.or(products.first().copied()).filter(|product| products.contains(product));
    let product = product.ok_or(Refused::UnknownProduct)?;
    let payer = match gateway.payer_scope(product) {
        None => None,
        Some((provider, scope)) => {
            let known = customers::subject_of(op, op.customer()?, (provider, &scope)).await?;
            Some(known.or_else(|| payer.map(str::to_owned)).ok_or(Refused::PayerUnknown)?)
        }
    };
    Ok(Terms { product, payer, client_ip: op.request.ip.map(|ip| ip.to_canonical().to_string()) })
}

/// The first transaction: the open attempt, or a new one.
async fn begin(op: &Op, way: &Way<'_>, key: &IdempotencyKey) -> Result<Begun, Failure<Refused>> {
    let wanted = way.wanted;
    let mut tx = op.begin().await?;
    let new: PaymentId = op.new_id();
    let known = tx.claim_for(key, &new).await.map_err(Failure::widen)?;
    let order = orders::lock_any(&tx, wanted.order).await?.filter(|order| op.actor.customer() == Some(order.customer));
    let order = order.ok_or(Refused::OrderNotFound)?;
    if let Some(known) = known {
        let payment = lock(&tx, known).await?;
        // Only what the provider was not asked for yet is asked for now, and that only while the order wants it.
        if payment.state == PaymentState::Created {
            wants_money(op, &order)?;
        }
        return Ok(Begun::Here(Box::new(payment), order.order_no));
    }
    wants_money(op, &order)?;
    let earlier = table::Entity::find().filter(table::Column::OrderId.eq(order.id)).all(&*tx).await?;
    let attempt = i64::try_from(earlier.len()).unwrap_or(i64::MAX) + 1;
    let open = earlier.into_iter().find(|row| matches!(row.state, PaymentState::Created | PaymentState::Pending));
    let payment = match open.map(Payment::of).transpose()? {
        Some(open) if open.gateway == wanted.gateway && wanted.product.is_none_or(|product| product == open.product) => {
            tx.remember(key, &open.id).await?;
            open
        }
        Some(other) => return Ok(Begun::Elsewhere(Box::new(other))),
        None if !way.gateway.takes(order.total.currency) => return Err(Refused::Currency.into()),
        None => create(&mut tx, op, (&order, way), (new, attempt)).await?,
    };
    tx.commit().await?;
    Ok(Begun::Here(Box::new(payment), order.order_no))
}

/// Which attempt a call is about.
enum Begun {
    /// One at the wanted provider, of the order with this number.
    Here(Box<Payment>, String),
    /// One that is open at another provider, or in another way.
    Elsewhere(Box<Payment>),
}

/// Whether the order waits for its money, and may still get it.
fn wants_money(op: &Op, order: &Order) -> Result<(), Refused> {
    order_rules::step(order.status, Move::Pay { hold: order.hold })?;
    if order.pay_by <= op.now() { Err(Refused::TooLate) } else { Ok(()) }
}

async fn create(tx: &mut Tx, op: &Op, (order, way): (&Order, &Way<'_>), (id, attempt): (PaymentId, i64)) -> Result<Payment, Fault> {
    let payment = Payment {
        id,
        payment_no: format!("{}-{attempt}", order.order_no),
        order: order.id,
        customer: order.customer,
        gateway: way.wanted.gateway.clone(),
        product: way.terms.product,
        provider_charge_id: None,
        state: PaymentState::Created,
        amount: order.total,
        action: None,
        expires_at: order.pay_by,
        paid_at: None,
        terms: way.terms.clone(),
        queries: 0,
    };
    let row = table::ActiveModel {
        id: Set(payment.id),
        payment_no: Set(payment.payment_no.clone()),
        order_id: Set(payment.order),
        customer: Set(payment.customer),
        attempt: Set(attempt),
        gateway: Set(payment.gateway.clone()),
        state: Set(PaymentState::Created),
        amount_minor: Set(payment.amount.minor),
        charged_minor: Set(0),
        refunding_minor: Set(0),
        refunded_minor: Set(0),
        currency: Set(payment.amount.currency),
        request: Set(Some(serde_json::to_value(&payment.terms)?)),
        expires_at: Set(payment.expires_at),
        next_query_at: Set(Some(op.now() + op.port::<TradeSettings>()?.query_after)),
        queries: Set(0),
        created_at: Set(op.now()),
        ..Default::default()
    };
    table::Entity::insert(row).exec_without_returning(&**tx).await?;
    tell(
        tx,
        op,
        NewEvent {
            payment: payment.id,
            kind: PaymentEventKind::ChargeRequested,
            reference: &payment.payment_no,
            amount: payment.amount,
            source: "request",
        },
    )
    .await?;
    Ok(payment)
}

/// The provider knows the charge.
async fn opened(op: &Op, payment: Payment, created: ChargeCreated) -> Result<Payment, Fault> {
    let mut tx = op.begin().await?;
    let opened = table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(PaymentState::Pending.to_value()))
        .col_expr(table::Column::ProviderChargeId, Expr::value(Some(created.provider_charge_id).filter(|id| !id.is_empty())))
        .col_expr(table::Column::Action, Expr::value(serde_json::to_value(&created.action)?))
        .filter(table::Column::Id.eq(payment.id).and(table::Column::State.eq(PaymentState::Created)))
        .exec_with_returning(&*tx)
        .await?;
    let row = match opened.into_iter().next() {
        Some(row) => {
            tx.emit(&PaymentChanged { payment: payment.id, order: payment.order });
            Some(row)
        }
        // It moved on meanwhile.
        None => table::Entity::find_by_id(payment.id).one(&*tx).await?,
    };
    tx.commit().await?;
    row.map(Payment::of).transpose()?.ok_or_else(|| Fault::corrupt(format!("{} is gone", payment.id)))
}

/// A charge that came to nothing; a charge that succeeded meanwhile stays so.
pub(super) async fn end(op: &Op, id: PaymentId, (state, kind): (PaymentState, PaymentEventKind)) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let payment = lock(&tx, id).await?;
    end_locked(&mut tx, op, (&payment, state, kind)).await?;
    tx.commit().await
}

async fn end_locked(tx: &mut Tx, op: &Op, (payment, state, kind): (&Payment, PaymentState, PaymentEventKind)) -> Result<(), Fault> {
    let ended = table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(state.to_value()))
        .col_expr(table::Column::ClosedAt, Expr::value(op.now().0))
        .filter(table::Column::Id.eq(payment.id).and(table::Column::State.is_in([PaymentState::Created, PaymentState::Pending])))
        .exec(&**tx)
        .await?;
    if ended.rows_affected == 1 {
        let zero = Money::zero(payment.amount.currency);
        tell(tx, op, NewEvent { payment: payment.id, kind, reference: &payment.payment_no, amount: zero, source: "provider" }).await?;
        tx.emit(&PaymentChanged { payment: payment.id, order: payment.order });
    }
    Ok(())
}

/// A provider reports. Genuine reports count once; one that does not fit our books is parked for a person and refused.
pub async fn notified(op: &Op, code: &str, (headers, body): (&[(String, String)], &[u8])) -> Result<(), Failure<NotifyRefused>> {
    let gateway = gateway(op, code)?.ok_or(NotifyRefused::UnknownGateway)?;
    let report = gateway.verify_notification(headers, body).await.map_err(NotifyRefused::from)?;
    if report.kind == NotificationKind::ChargeMoved {
        look_again(op, code, &report).await?;
    }
    match try_notified(op, code, (&report, Goods::Here)).await {
        Err(SettleFailure::GoodsGone) => try_notified(op, code, (&report, Goods::Gone)).await,
        other => other,
    }
    .map_err(SettleFailure::fault)?
    .map_or(Ok(()), |why| Err(NotifyRefused::Parked(why).into()))
}

/// What a provider wants to read as the answer to its notification; `None` when only its status counts.
pub fn reply_to(op: &Op, code: &str, taken: bool) -> Option<Reply> {
    let gateway = gateway(op, code).ok().flatten()?;
    if taken { Some(gateway.acknowledgement()) } else { gateway.rejection() }
}

/// Something moved at the provider, and only a question tells how far. Asked before the report is kept: when the provider
/// does not answer, it reports again.
async fn look_again(op: &Op, code: &str, report: &Notification) -> Result<(), Fault> {
    let seen = inbox::Entity::find_by_id((code.to_owned(), report.event_id.clone())).one(op.reader()).await?;
    if seen.is_some() {
        return Ok(());
    }
    let moved = table::Column::PaymentNo.eq(&report.charge_no).and(table::Column::Gateway.eq(code));
    let row = table::Entity::find().filter(moved).one(op.reader()).await?;
    match row.map(Payment::of).transpose()? {
        Some(payment) if matches!(payment.state, PaymentState::Created | PaymentState::Pending) => ask(op, &payment).await,
        Some(_) => Ok(()),
        None => {
            wallet::top_up::look_again(op, code, &report.charge_no).await?;
            wallet::withdrawal::look_again(op, code, &report.charge_no).await
        }
    }
}

/// The answer is why it was parked, now or the first time it came.
async fn try_notified(op: &Op, code: &str, (report, goods): (&Notification, Goods)) -> Result<Option<String>, SettleFailure> {
    let mut tx = op.begin().await?;
    let row = inbox::ActiveModel {
        provider: Set(code.to_owned()),
        event_id: Set(report.event_id.clone()),
        kind: Set(format!("{:?}", report.kind)),
        charge_no: Set(report.charge_no.clone()),
        refund_no: Set(report.refund_no.clone()),
        outcome: Set(inbox::NotificationOutcome::Applied),
        note: Set(None),
        raw: Set(report.raw.clone()),
        received_at: Set(op.now()),
    };
    let once = OnConflict::columns([inbox::Column::Provider, inbox::Column::EventId]).do_nothing().to_owned();
    if inbox::Entity::insert(row).on_conflict(once).exec_without_returning(&*tx).await? == 0 {
        let known = inbox::Entity::find_by_id((code.to_owned(), report.event_id.clone())).one(&*tx).await?;
        return Ok(known.and_then(|known| known.note));
    }
    let misfit = apply(&mut tx, op, (code, report, goods)).await?;
    if let Some(note) = &misfit {
        tracing::error!(gateway = code, event = %report.event_id, charge = %report.charge_no, note, "a notification does not fit the books");
        inbox::Entity::update_many()
            .col_expr(inbox::Column::Outcome, Expr::value(inbox::NotificationOutcome::Parked.to_value()))
            .col_expr(inbox::Column::Note, Expr::value(note.as_str()))
            .filter(inbox::Column::Provider.eq(code).and(inbox::Column::EventId.eq(&report.event_id)))
            .exec(&*tx)
            .await?;
    }
    tx.commit().await?;
    Ok(misfit)
}

/// Applies a report; the answer is why it does not fit.
async fn apply(tx: &mut Tx, op: &Op, (code, report, goods): (&str, &Notification, Goods)) -> Result<Option<String>, SettleFailure> {
    if report.kind == NotificationKind::Other {
        return Ok(None);
    }
    if let Some(refund_no) = &report.refund_no {
        let fact = RefundFact { refund_no, amount: report.amount, provider_id: &report.provider_id, source: "notification" };
        return Ok(match report.kind {
            NotificationKind::RefundSucceeded => refunds::settle_refund(tx, op, fact).await?,
            NotificationKind::RefundFailed => refunds::fail(tx, op, (fact, report.reason.as_deref().unwrap_or("no reason given"))).await?,
            _ => Some("a report about a charge names a refund".to_owned()),
        });
    }
    let known = table::Entity::find()
        .filter(table::Column::PaymentNo.eq(&report.charge_no).and(table::Column::Gateway.eq(code)))
        .one(&**tx)
        .await?;
    let Some(known) = known else {
        // How a withdrawal stands was asked before; its report says no more.
        if wallet::withdrawal::is_known(tx, code, &report.charge_no).await? {
            return Ok(None);
        }
        let top_up = wallet::top_up::reported(tx, op, (code, report)).await?;
        return Ok(top_up.unwrap_or_else(|| Some("there is no such payment".to_owned())));
    };
    match report.kind {
        NotificationKind::ChargeSucceeded => {
            let fact = ChargeFact {
                payment: known.id,
                order: known.order_id,
                amount: report.amount,
                provider_id: &report.provider_id,
                paid_at: report.happened_at,
                source: "notification",
                goods,
            };
            settle_charge(tx, op, fact).await
        }
        NotificationKind::ChargeClosed => {
            let payment = lock(tx, known.id).await?;
            end_locked(tx, op, (&payment, PaymentState::Closed, PaymentEventKind::ChargeClosed)).await?;
            Ok(None)
        }
        NotificationKind::ChargeMoved => Ok(None),
        _ => Ok(Some("a report about a refund names none".to_owned())),
    }
}

/// Whether the stock for an order that is being paid can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goods {
    /// As promised when it was placed.
    Here,
    /// They are gone: the order is given up and the money goes back.
    Gone,
}

/// Why a settlement was rolled back.
#[derive(Debug)]
pub(super) enum SettleFailure {
    /// The stock cannot be taken; settle again with [`Goods::Gone`].
    GoodsGone,
    /// Something broke.
    Fault(Fault),
}

impl SettleFailure {
    pub(super) fn fault(self) -> Fault {
        match self {
            Self::GoodsGone => Fault::internal("the goods were gone twice"),
            Self::Fault(fault) => fault,
        }
    }
}

impl From<Fault> for SettleFailure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<sea_orm::DbErr> for SettleFailure {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Fault(error.into())
    }
}

/// A provider says that a charge was paid.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChargeFact<'a> {
    pub(super) payment: PaymentId,
    pub(super) order: OrderId,
    pub(super) amount: Money,
    pub(super) provider_id: &'a str,
    pub(super) paid_at: Timestamp,
    pub(super) source: &'static str,
    pub(super) goods: Goods,
}

/// The one end of every success: the payment is charged, the ledger says so, the order is paid, or the money goes back.
/// Twice is once. The answer is why it does not fit; then nothing was applied.
pub(super) async fn settle_charge(tx: &mut Tx, op: &Op, fact: ChargeFact<'_>) -> Result<Option<String>, SettleFailure> {
    // Lock order: the order before its payment.
    let mut order = orders::lock(tx, fact.order).await?;
    let charged = table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(PaymentState::Succeeded.to_value()))
        .col_expr(table::Column::ChargedMinor, Expr::value(fact.amount.minor))
        .col_expr(table::Column::ProviderChargeId, Expr::value(fact.provider_id))
        .col_expr(table::Column::PaidAt, Expr::value(fact.paid_at.0))
        .filter(table::Column::Id.eq(fact.payment).and(table::Column::State.ne(PaymentState::Succeeded)))
        .filter(table::Column::AmountMinor.eq(fact.amount.minor).and(table::Column::Currency.eq(fact.amount.currency)))
        .exec_with_returning(&**tx)
        .await?;
    let Some(charged) = charged.into_iter().next() else {
        let payment = lock(tx, fact.payment).await?;
        let fits = payment.amount == fact.amount;
        return Ok((!fits).then(|| format!("{} was asked, {} was paid", payment.amount, fact.amount)));
    };
    let payment = Payment::of(charged)?;
    let paid = NewEvent {
        payment: payment.id,
        kind: PaymentEventKind::ChargeSucceeded,
        reference: &payment.payment_no,
        amount: fact.amount,
        source: fact.source,
    };
    tell(tx, op, paid).await?;
    tx.emit(&PaymentChanged { payment: payment.id, order: payment.order });
    ledger::orders::charged(tx, op, &payment).await?;
    if fact.goods == Goods::Gone {
        order = orders::give_up(tx, op, order).await?;
    }
    let money = MoneyIn { payment: payment.id, amount: fact.amount, paid_at: fact.paid_at };
    let arrived = orders::paid(tx, op, (order, money)).await;
    match arrived {
        Ok(Arrived::Paid) => {}
        Ok(Arrived::GiveBack(reason)) => {
            let gone = if fact.goods == Goods::Gone { "out-of-stock" } else { reason };
            orders::record(
                tx,
                op,
                Happened { order: fact.order, kind: "PAID_TOO_LATE", note: Some(gone.to_owned()), amount: Some(fact.amount) },
            )
            .await?;
            refunds::give_back(tx, op, (&payment, gone)).await?;
        }
        Err(Failure::Refused(refused)) => {
            tracing::warn!(order = %fact.order, %refused, "the goods of a paid order are gone");
            return Err(SettleFailure::GoodsGone);
        }
        Err(Failure::Fault(fault)) => return Err(fault.into()),
    }
    Ok(None)
}

/// The shopper returns from the provider's page: asks the provider instead of waiting for its report.
pub async fn sync(op: &Op, id: PaymentId) -> Result<Payment, Failure<Refused>> {
    let payment = get(op, id).await?.ok_or(Refused::NotFound)?;
    if matches!(payment.state, PaymentState::Created | PaymentState::Pending) {
        ask(op, &payment).await?;
    }
    Ok(get(op, id).await?.ok_or(Refused::NotFound)?)
}

/// Asks the provider about a payment and applies what it says.
pub(super) async fn ask(op: &Op, payment: &Payment) -> Result<(), Fault> {
    let Some(gateway) = gateway(op, &payment.gateway)? else {
        return Err(Fault::internal(format!("{} was paid through {}, which is gone", payment.id, payment.gateway)));
    };
    let over = payment.expires_at <= op.now();
    let charge = payment.charge();
    let state = if over { gateway.close(&charge).await } else { gateway.query(&charge).await };
    heard(op, payment, state.map_err(Fault::from)?).await
}

/// Applies what a provider answered about a charge.
pub(super) async fn heard(op: &Op, payment: &Payment, state: ChargeState) -> Result<(), Fault> {
    match state {
        ChargeState::Pending { .. } => Ok(()),
        // It never heard of a charge that was asked for: while there is time the shopper may press the button again.
        ChargeState::Absent if payment.expires_at > op.now() => Ok(()),
        ChargeState::Absent | ChargeState::Closed => end(op, payment.id, (PaymentState::Closed, PaymentEventKind::ChargeClosed)).await,
        ChargeState::Succeeded { provider_charge_id, amount, paid_at } => {
            let fact = |goods| ChargeFact {
                payment: payment.id,
                order: payment.order,
                amount,
                provider_id: &provider_charge_id,
                paid_at,
                source: "query",
                goods,
            };
            match settle(op, fact(Goods::Here)).await {
                Err(SettleFailure::GoodsGone) => settle(op, fact(Goods::Gone)).await.map_err(SettleFailure::fault),
                other => other.map_err(SettleFailure::fault),
            }
        }
    }
}

async fn settle(op: &Op, fact: ChargeFact<'_>) -> Result<(), SettleFailure> {
    let mut tx = op.begin().await?;
    if let Some(note) = settle_charge(&mut tx, op, fact).await? {
        return Err(Fault::corrupt(format!("{}: {note}", fact.payment)).into());
    }
    tx.commit().await?;
    Ok(())
}

/// The payment, when the actor may see it.
pub async fn get(op: &Op, id: PaymentId) -> Result<Option<Payment>, Fault> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?;
    let payment = row.map(Payment::of).transpose()?;
    let visible = |payment: &Payment| matches!(op.actor, Actor::System(_)) || op.actor.customer() == Some(payment.customer);
    Ok(payment.filter(visible))
}

/// Closes the open charge of an order, as far as its provider answers; money that came meanwhile is settled.
pub(crate) async fn close_open(op: &Op, order: OrderId) -> Result<(), Fault> {
    for payment in open_of(op, order).await? {
        // Money that does not fit our books (logged, a person must look) is no reason to keep an order open.
        if let Err(fault) = close(op, &payment).await {
            tracing::error!(payment = %payment.id, %fault, "a charge could not be closed");
        }
    }
    Ok(())
}

/// Makes sure that a charge can no longer be paid; `false` when its provider does not say so.
pub(crate) async fn close(op: &Op, payment: &Payment) -> Result<bool, Fault> {
    let Some(gateway) = gateway(op, &payment.gateway)? else { return Ok(false) };
    match gateway.close(&payment.charge()).await {
        Ok(ChargeState::Pending { .. }) => Ok(false),
        Ok(state) => {
            // What the provider never heard of is not paid either; a request that is still on its way finds it closed.
            let state = if state == ChargeState::Absent { ChargeState::Closed } else { state };
            heard(op, payment, state).await?;
            Ok(true)
        }
        Err(error) => {
            tracing::warn!(payment = %payment.id, %error, "a charge is not known to be closed");
            Ok(false)
        }
    }
}

/// Whether a locked order has a charge that can still be paid.
pub(crate) async fn is_open(tx: &Tx, order: OrderId) -> Result<bool, Fault> {
    let open = table::Column::OrderId.eq(order).and(table::Column::State.is_in([PaymentState::Created, PaymentState::Pending]));
    Ok(table::Entity::find().filter(open).limit(1).one(&**tx).await?.is_some())
}

/// Whether all money of a locked order is back or on its way back.
pub(crate) async fn is_all_going_back(tx: &Tx, order: &Order) -> Result<bool, Fault> {
    match order.paid_by {
        Some(payment) => Ok(refundable(&**tx, payment).await?.minor == 0),
        None => Ok(false),
    }
}

/// The payments of orders, the first attempt first. For those who may see the orders.
pub(crate) async fn of_orders(op: &Op, orders: &[OrderId]) -> Result<HashMap<OrderId, Vec<Payment>>, Fault> {
    let rows = table::Entity::find()
        .filter(table::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(table::Column::Attempt)
        .all(op.reader())
        .await?;
    let mut found: HashMap<OrderId, Vec<Payment>> = HashMap::new();
    for row in rows {
        found.entry(row.order_id).or_default().push(Payment::of(row)?);
    }
    Ok(found)
}

/// A genuine report that does not fit our books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// Which provider.
    pub provider: String,
    /// Its number of the report.
    pub event_id: String,
    /// What it reports.
    pub kind: String,
    /// About which charge, by our number.
    pub charge_no: String,
    /// About which refund, by our number.
    pub refund_no: Option<String>,
    /// Why it was parked.
    pub why: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// Reports that do not fit our books, the latest first.
pub async fn parked(op: &Op, page: PageRequest) -> Result<Page<Parked>, Failure<CursorError>> {
    let after = page.after.as_ref().map(Cursor::key::<(Timestamp, String)>).transpose()?;
    let behind = after.map(|(at, event)| {
        let same = inbox::Column::ReceivedAt.eq(at).and(inbox::Column::EventId.lt(event));
        inbox::Column::ReceivedAt.lt(at).or(same)
    });
    let parked = Condition::all().add(inbox::Column::Outcome.eq(inbox::NotificationOutcome::Parked)).add_option(behind);
    let rows = inbox::Entity::find()
        .filter(parked)
        .order_by_desc(inbox::Column::ReceivedAt)
        .order_by_desc(inbox::Column::EventId)
        .limit(page.first + 1)
        .all(op.reader())
        .await?;
    let shown = |row: inbox::Model| Parked {
        provider: row.provider,
        event_id: row.event_id,
        kind: row.kind,
        charge_no: row.charge_no,
        refund_no: row.refund_no,
        why: row.note.unwrap_or_default(),
        received_at: row.received_at,
    };
    Ok(Page::take(rows.into_iter().map(shown).collect(), page.first, |parked| (parked.received_at, parked.event_id.clone())))
}

/// The payments of an order that can still be paid.
pub(crate) async fn open_of(op: &Op, order: OrderId) -> Result<Vec<Payment>, Fault> {
    let open = table::Column::OrderId.eq(order).and(table::Column::State.is_in([PaymentState::Created, PaymentState::Pending]));
    table::Entity::find().filter(open).all(op.reader()).await?.into_iter().map(Payment::of).collect()
}

/// The payments that were silent for too long.
pub(super) async fn silent(op: &Op, limit: u64) -> Result<Vec<Payment>, Fault> {
    let open = table::Column::State.is_in([PaymentState::Created, PaymentState::Pending]);
    let rows = table::Entity::find()
        .filter(open.and(table::Column::NextQueryAt.lte(op.now())))
        .order_by_asc(table::Column::NextQueryAt)
        .limit(limit)
        .all(op.reader())
        .await?;
    rows.into_iter().map(Payment::of).collect()
}

/// Takes a silent payment for one question, and sets the time of the next, later each time (30 s doubling up to ten
/// minutes); `false` when another node did.
pub(super) async fn take(op: &Op, payment: &Payment) -> Result<bool, Fault> {
    let tx = op.begin().await?;
    let taken = table::Entity::update_many()
        .col_expr(table::Column::NextQueryAt, Expr::value((op.now() + pause(payment.queries)).0))
        .col_expr(table::Column::Queries, Expr::col(table::Column::Queries).add(1))
        .filter(table::Column::Id.eq(payment.id).and(table::Column::Queries.eq(payment.queries)))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(taken.rows_affected == 1)
}

/// How long to wait before a provider is asked the next time.
pub(crate) fn pause(queries: i64) -> std::time::Duration {
    let doubled = 30_u64.saturating_mul(1 << Ord::clamp(queries, 0, 10));
    kernel::seconds(Ord::min(doubled, 600))
}

pub(crate) fn gateway(op: &Op, code: &str) -> Result<Option<Arc<dyn Gateway>>, Fault> {
    Ok(gateways(op)?.get(code))
}

/// Everybody this mall takes money through: the providers, and the shoppers' own wallets.
pub(crate) fn gateways(op: &Op) -> Result<Gateways, Fault> {
    Ok(Gateways::clone(&*op.port::<Gateways>()?).with(Arc::new(wallet::gateway::Balance::of(op))))
}

/// Who pays the charge of this number.
pub(crate) async fn payer_of(op: &Op, charge_no: &str) -> Result<Option<CustomerId>, Fault> {
    let row = table::Entity::find().select_only().column(table::Column::Customer).filter(table::Column::PaymentNo.eq(charge_no));
    Ok(row.into_tuple().one(op.platform.db.writer()).await?)
}

/// Locks a payment; its order is locked before it where both are.
pub(crate) async fn lock(tx: &Tx, id: PaymentId) -> Result<Payment, Fault> {
    let row = table::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?;
    row.map(Payment::of).transpose()?.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))
}

/// Puts aside money that is about to go back; `false` when there is not so much left.
pub(crate) async fn reserve_refund(tx: &Tx, id: PaymentId, amount: Money) -> Result<bool, Fault> {
    let left = Expr::col(table::Column::ChargedMinor).sub(Expr::col(table::Column::RefundingMinor));
    let update = table::Entity::update_many()
        .col_expr(table::Column::RefundingMinor, Expr::col(table::Column::RefundingMinor).add(amount.minor))
        .filter(table::Column::Id.eq(id))
        .filter(left.gte(amount.minor));
    Ok(update.exec(&**tx).await?.rows_affected == 1)
}

/// How a refund ended, for the payment's sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundEnd {
    /// The money is back.
    Back,
    /// It stayed.
    Stayed,
}

/// Counts a refund that ended.
pub(crate) async fn end_refund(tx: &Tx, id: PaymentId, (amount, end): (Money, RefundEnd)) -> Result<(), Fault> {
    let update = table::Entity::update_many().filter(table::Column::Id.eq(id));
    let update = match end {
        RefundEnd::Back => update.col_expr(table::Column::RefundedMinor, Expr::col(table::Column::RefundedMinor).add(amount.minor)),
        RefundEnd::Stayed => update.col_expr(table::Column::RefundingMinor, Expr::col(table::Column::RefundingMinor).sub(amount.minor)),
    };
    update.exec(&**tx).await?;
    Ok(())
}

/// What can still go back.
pub(crate) async fn refundable(db: &impl ConnectionTrait, id: PaymentId) -> Result<Money, Fault> {
    let row = table::Entity::find_by_id(id).one(db).await?.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))?;
    Ok(Money::new(row.charged_minor - row.refunding_minor, row.currency))
}

/// Something that happened to a payment's money.
pub(crate) struct NewEvent<'a> {
    pub(crate) payment: PaymentId,
    pub(crate) kind: PaymentEventKind,
    pub(crate) reference: &'a str,
    pub(crate) amount: Money,
    pub(crate) source: &'static str,
}

/// Writes an event; the same one twice is once.
pub(crate) async fn tell(tx: &Tx, op: &Op, new: NewEvent<'_>) -> Result<(), Fault> {
    let row = event::ActiveModel {
        id: Set(op.new_id()),
        payment_id: Set(new.payment),
        kind: Set(new.kind),
        reference: Set(new.reference.to_owned()),
        amount_minor: Set(new.amount.minor),
        source: Set(new.source.to_owned()),
        at: Set(op.now()),
    };
    let once = OnConflict::columns([event::Column::PaymentId, event::Column::Kind, event::Column::Reference]).do_nothing().to_owned();
    event::Entity::insert(row).on_conflict(once).exec_without_returning(&**tx).await?;
    Ok(())
}

impl Payment {
    /// As the provider is asked about it.
    pub(crate) fn charge(&self) -> ChargeRef {
        ChargeRef { charge_no: self.payment_no.clone(), provider_charge_id: self.provider_charge_id.clone() }
    }

    /// Who paid, as the provider knows them.
    pub(super) fn payer(&self) -> Option<&str> {
        self.terms.payer.as_deref()
    }

    pub(super) fn of(row: table::Model) -> Result<Self, Fault> {
        let terms = row.request.map(serde_json::from_value).transpose()?;
        let terms = terms.unwrap_or(Terms { product: PayProduct::Page, payer: None, client_ip: None });
        Ok(Self {
            id: row.id,
            payment_no: row.payment_no,
            order: row.order_id,
            customer: row.customer,
            gateway: row.gateway,
            product: terms.product,
            provider_charge_id: row.provider_charge_id,
            state: row.state,
            amount: Money::new(row.amount_minor, row.currency),
            action: row.action.map(serde_json::from_value).transpose()?,
            expires_at: row.expires_at,
            paid_at: row.paid_at,
            terms,
            queries: row.queries,
        })
    }
}
