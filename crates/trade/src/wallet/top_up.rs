//! Money on its way into a wallet.

use entity::trade::{payment::PaymentState, wallet_top_up as table};
use kernel::{Actor, Currency, Cursor, CursorError, CustomerId, Failure, Fault, Money, Page, PageRequest, Timestamp, TopUpId};
use platform::{IdempotencyKey, Op, Tx};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde::Serialize;

use super::{
    BALANCE, Refused,
    events::{WalletChanged, WalletToppedUp},
    rules::{self, AmountRefused},
};
use crate::{
    TradeSettings,
    ledger::{Account, Posting, service::post},
    order::rules::order_no,
    payment::{
        Refused as PaymentRefused,
        gateway::{ChargeRef, ChargeState, GatewayError, NewCharge, Notification, NotificationKind, PayAction, PayProduct},
        service::{self as payments, Terms},
    },
};

/// Money on its way into a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUp {
    /// Which.
    pub id: TopUpId,
    /// The number the provider knows it by.
    pub top_up_no: String,
    /// Whose wallet.
    pub customer: CustomerId,
    /// Through whom.
    pub gateway: String,
    /// Where it stands.
    pub state: PaymentState,
    /// How much.
    pub amount: Money,
    /// How the shopper gets to the point of paying.
    pub action: Option<PayAction>,
    /// The provider takes no money after this.
    pub expires_at: Timestamp,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When the money came.
    pub paid_at: Option<Timestamp>,
    terms: Terms,
    provider_charge_id: Option<String>,
    queries: i64,
}

/// A top-up to begin.
#[derive(Clone, Debug, Serialize)]
pub struct NewTopUp {
    /// How much.
    pub amount: Money,
    /// Through whom.
    pub gateway: String,
    /// In which way; the provider's usual one when not said.
    pub product: Option<PayProduct>,
    /// The shopper as the provider knows them, when the mall does not know it.
    pub payer: Option<String>,
}

/// Begins a top-up, or goes on with the one this key began.
pub async fn begin(op: &Op, wanted: NewTopUp, key: &str) -> Result<TopUp, Failure<Refused>> {
    let key = IdempotencyKey::new(op, "wallet_top_up", key, &wanted).map_err(Failure::widen)?;
    rules::top_up(wanted.amount).map_err(Refused::from)?;
    if wanted.gateway == BALANCE {
        return Err(Refused::FromItself.into());
    }
    let gateway = payments::gateway(op, &wanted.gateway)?.ok_or(Refused::Payment(PaymentRefused::UnknownGateway))?;
    if !gateway.takes(wanted.amount.currency) {
        return Err(Refused::Payment(PaymentRefused::UnknownGateway).into());
    }
    let way = (wanted.product, wanted.payer.as_deref());
    let terms = payments::terms(op, way, &*gateway).await.map_err(Failure::widen)?;
    let mut tx = op.begin().await?;
    let top_up = match tx.claim::<TopUpId>(&key).await.map_err(Failure::widen)? {
        Some(known) => lock(&tx, known).await?,
        None => {
            let new = create(&tx, op, (&wanted, terms)).await?;
            tx.remember(&key, &new.id).await?;
            tx.commit().await?;
            new
        }
    };
    if top_up.state != PaymentState::Created || top_up.expires_at <= op.now() {
        return Ok(top_up);
    }
    let charge = NewCharge {
        charge_no: top_up.top_up_no.clone(),
        amount: top_up.amount,
        description: format!("裂变 {}", top_up.top_up_no),
        notify_url: payments::notify_url(op, &top_up.gateway)?,
        return_url: Some(format!("{}/#/wallet", op.port::<TradeSettings>()?.public_url)),
        expires_at: top_up.expires_at,
        payer: top_up.terms.payer.clone(),
        product: top_up.terms.product,
        client_ip: top_up.terms.client_ip.clone(),
    };
    match gateway.create(charge).await {
        Ok(created) => {
            let tx = op.begin().await?;
            table::Entity::update_many()
                .col_expr(table::Column::State, Expr::value(PaymentState::Pending.to_value()))
                .col_expr(table::Column::ProviderChargeId, Expr::value(created.provider_charge_id))
                .col_expr(table::Column::Action, Expr::value(serde_json::to_value(&created.action)?))
                .filter(table::Column::Id.eq(top_up.id).and(table::Column::State.eq(PaymentState::Created)))
                .exec(&*tx)
                .await?;
            tx.commit().await?;
            if created.action == PayAction::Done {
                ask(op, &top_up).await?;
            }
            Ok(find(op, top_up.id).await?)
        }
        Err(GatewayError::Refused { code, message }) => {
            tracing::warn!(top_up = %top_up.id, code, message, "the provider refused a top-up");
            end(op, &top_up, PaymentState::Failed).await?;
            Err(Refused::Payment(PaymentRefused::Declined).into())
        }
        Err(GatewayError::Unknown(why) | GatewayError::Unavailable(why)) => {
            tracing::warn!(top_up = %top_up.id, why, "the provider does not answer; the number stays");
            Err(Refused::Payment(PaymentRefused::Unavailable).into())
        }
    }
}

impl From<AmountRefused> for Refused {
    fn from(refused: AmountRefused) -> Self {
        match refused {
            AmountRefused::Nothing => Self::Amount,
            AmountRefused::TooMuch(most) => Self::TooMuch(most),
        }
    }
}

async fn create(tx: &Tx, op: &Op, (wanted, terms): (&NewTopUp, Terms)) -> Result<TopUp, Fault> {
    let settings = op.port::<TradeSettings>()?;
    let top_up = TopUp {
        id: op.new_id(),
        top_up_no: format!("TU{}", order_no(&op.now().yyyymmdd(), op.random_bytes())),
        customer: op.customer()?,
        gateway: wanted.gateway.clone(),
        state: PaymentState::Created,
        amount: wanted.amount,
        action: None,
        expires_at: op.now() + settings.pay_within,
        created_at: op.now(),
        paid_at: None,
        terms,
        provider_charge_id: None,
        queries: 0,
    };
    let row = table::ActiveModel {
        id: Set(top_up.id),
        top_up_no: Set(top_up.top_up_no.clone()),
        customer: Set(top_up.customer),
        gateway: Set(top_up.gateway.clone()),
        state: Set(PaymentState::Created),
        amount_minor: Set(top_up.amount.minor),
        currency: Set(top_up.amount.currency),
        request: Set(serde_json::to_value(&top_up.terms)?),
        provider_charge_id: Set(None),
        action: Set(None),
        expires_at: Set(top_up.expires_at),
        next_query_at: Set(Some(op.now() + settings.query_after)),
        queries: Set(0),
        created_at: Set(op.now()),
        paid_at: Set(None),
        closed_at: Set(None),
    };
    table::Entity::insert(row).exec_without_returning(&**tx).await?;
    Ok(top_up)
}

/// A provider says that a top-up was paid.
struct Paid<'a> {
    top_up_no: &'a str,
    gateway: &'a str,
    amount: Money,
    provider_id: &'a str,
    paid_at: Timestamp,
}

/// The one end of every success: the wallet has the money. Twice is once, however late it comes. The answer is why it does
/// not fit; then nothing was applied.
async fn settle(tx: &mut Tx, op: &Op, paid: Paid<'_>) -> Result<Option<String>, Fault> {
    let known = table::Column::TopUpNo.eq(paid.top_up_no).and(table::Column::Gateway.eq(paid.gateway));
    let Some(row) = table::Entity::find().filter(known).lock_exclusive().one(&**tx).await? else {
        return Ok(Some("there is no such top-up".to_owned()));
    };
    let top_up = TopUp::of(row)?;
    if top_up.amount != paid.amount {
        return Ok(Some(format!("{} was asked, {} was paid", top_up.amount, paid.amount)));
    }
    if top_up.state == PaymentState::Succeeded {
        return Ok(None);
    }
    table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(PaymentState::Succeeded.to_value()))
        .col_expr(table::Column::ProviderChargeId, Expr::value(paid.provider_id))
        .col_expr(table::Column::PaidAt, Expr::value(paid.paid_at.0))
        .filter(table::Column::Id.eq(top_up.id))
        .exec(&**tx)
        .await?;
    let (from, to) = (Account::Wallet(top_up.customer), Account::clearing(&top_up.gateway));
    post(tx, op, Posting::transfer("top_up", &top_up.top_up_no, from, to, top_up.amount)).await?;
    tx.emit(&WalletToppedUp { top_up: top_up.id, customer: top_up.customer, amount: top_up.amount });
    tx.emit(&WalletChanged { customer: top_up.customer });
    Ok(None)
}

async fn end(op: &Op, top_up: &TopUp, state: PaymentState) -> Result<(), Fault> {
    let tx = op.begin().await?;
    ended(&tx, op, (&top_up.top_up_no, state)).await?;
    tx.commit().await
}

/// A top-up that came to nothing; one that succeeded meanwhile stays so.
async fn ended(tx: &Tx, op: &Op, (top_up_no, state): (&str, PaymentState)) -> Result<(), Fault> {
    table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(state.to_value()))
        .col_expr(table::Column::ClosedAt, Expr::value(op.now().0))
        .filter(table::Column::TopUpNo.eq(top_up_no).and(table::Column::State.is_in([PaymentState::Created, PaymentState::Pending])))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Applies a provider's report about a top-up, in the transaction of its inbox. `None` when it is about none; else why it
/// does not fit, if it does not.
pub(crate) async fn reported(tx: &mut Tx, op: &Op, (code, report): (&str, &Notification)) -> Result<Option<Option<String>>, Fault> {
    let known = table::Column::TopUpNo.eq(&report.charge_no).and(table::Column::Gateway.eq(code));
    if table::Entity::find().filter(known).one(&**tx).await?.is_none() {
        return Ok(None);
    }
    match report.kind {
        NotificationKind::ChargeSucceeded => {
            let paid = Paid {
                top_up_no: &report.charge_no,
                gateway: code,
                amount: report.amount,
                provider_id: &report.provider_id,
                paid_at: report.happened_at,
            };
            settle(tx, op, paid).await.map(Some)
        }
        NotificationKind::ChargeClosed => {
            ended(tx, op, (&report.charge_no, PaymentState::Closed)).await?;
            Ok(Some(None))
        }
        NotificationKind::ChargeMoved => Ok(Some(None)),
        _ => Ok(Some(Some("a report about a refund names a top-up".to_owned()))),
    }
}

/// Something moved at the provider: asks about the top-up of that number, if it is one that is open.
pub(crate) async fn look_again(op: &Op, code: &str, charge_no: &str) -> Result<(), Fault> {
    let open = table::Column::State.is_in([PaymentState::Created, PaymentState::Pending]);
    let known = table::Column::TopUpNo.eq(charge_no).and(table::Column::Gateway.eq(code)).and(open);
    match table::Entity::find().filter(known).one(op.reader()).await? {
        Some(row) => ask(op, &TopUp::of(row)?).await,
        None => Ok(()),
    }
}

/// The shopper returns from the provider's page: asks the provider instead of waiting for its report.
pub async fn sync(op: &Op, id: TopUpId) -> Result<TopUp, Failure<Refused>> {
    let top_up = get(op, id).await?.ok_or(Refused::NotFound)?;
    if matches!(top_up.state, PaymentState::Created | PaymentState::Pending) {
        ask(op, &top_up).await?;
    }
    Ok(find(op, id).await?)
}

/// Asks the provider about a top-up and applies what it says.
async fn ask(op: &Op, top_up: &TopUp) -> Result<(), Fault> {
    let Some(gateway) = payments::gateway(op, &top_up.gateway)? else {
        return Err(Fault::internal(format!("{} was begun through {}, which is gone", top_up.id, top_up.gateway)));
    };
    let charge = ChargeRef { charge_no: top_up.top_up_no.clone(), provider_charge_id: top_up.provider_charge_id.clone() };
    let over = top_up.expires_at <= op.now();
    let state = if over { gateway.close(&charge).await } else { gateway.query(&charge).await };
    match state.map_err(Fault::from)? {
        ChargeState::Pending { .. } => Ok(()),
        // It never heard of it: while there is time the shopper may press the button again.
        ChargeState::Absent if !over => Ok(()),
        ChargeState::Absent | ChargeState::Closed => end(op, top_up, PaymentState::Closed).await,
        ChargeState::Succeeded { provider_charge_id, amount, paid_at } => {
            let mut tx = op.begin().await?;
            let paid = Paid { top_up_no: &top_up.top_up_no, gateway: &top_up.gateway, amount, provider_id: &provider_charge_id, paid_at };
            match settle(&mut tx, op, paid).await? {
                Some(note) => Err(Fault::corrupt(format!("{}: {note}", top_up.id))),
                None => tx.commit().await,
            }
        }
    }
}

/// The top-ups that were silent for too long.
pub(super) async fn silent(op: &Op, limit: u64) -> Result<Vec<TopUp>, Fault> {
    let open = table::Column::State.is_in([PaymentState::Created, PaymentState::Pending]);
    let rows = table::Entity::find()
        .filter(open.and(table::Column::NextQueryAt.lte(op.now())))
        .order_by_asc(table::Column::NextQueryAt)
        .limit(limit)
        .all(op.reader())
        .await?;
    rows.into_iter().map(TopUp::of).collect()
}

/// Takes a silent top-up for one question, and asks it, unless another node does.
pub(super) async fn take(op: &Op, top_up: &TopUp) -> Result<(), Fault> {
    let tx = op.begin().await?;
    let taken = table::Entity::update_many()
        .col_expr(table::Column::NextQueryAt, Expr::value((op.now() + payments::pause(top_up.queries)).0))
        .col_expr(table::Column::Queries, Expr::col(table::Column::Queries).add(1))
        .filter(table::Column::Id.eq(top_up.id).and(table::Column::Queries.eq(top_up.queries)))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    if taken.rows_affected == 1 { ask(op, top_up).await } else { Ok(()) }
}

/// The top-up, when the actor may see it.
pub async fn get(op: &Op, id: TopUpId) -> Result<Option<TopUp>, Fault> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?.map(TopUp::of).transpose()?;
    let visible = |top_up: &TopUp| matches!(op.actor, Actor::System(_)) || op.actor.customer() == Some(top_up.customer);
    Ok(row.filter(visible))
}

/// Which top-ups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopUpFilter {
    /// Of this customer only.
    pub customer: Option<CustomerId>,
    /// Of this currency only.
    pub currency: Option<Currency>,
    /// That stand here only.
    pub state: Option<PaymentState>,
}

/// Top-ups, the latest first. For those who may see them.
pub(crate) async fn list(op: &Op, (filter, page): (TopUpFilter, PageRequest)) -> Result<Page<TopUp>, Failure<CursorError>> {
    let after = page.after.as_ref().map(Cursor::key::<TopUpId>).transpose()?;
    let which = Condition::all()
        .add_option(filter.customer.map(|customer| table::Column::Customer.eq(customer)))
        .add_option(filter.currency.map(|currency| table::Column::Currency.eq(currency)))
        .add_option(filter.state.map(|state| table::Column::State.eq(state)))
        .add_option(after.map(|id| table::Column::Id.lt(id)));
    let rows = table::Entity::find().filter(which).order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    let rows = rows.into_iter().map(TopUp::of).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::take(rows, page.first, |top_up| top_up.id))
}

async fn find(op: &Op, id: TopUpId) -> Result<TopUp, Fault> {
    let row = table::Entity::find_by_id(id).one(op.platform.db.writer()).await?;
    TopUp::of(row.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))?)
}

async fn lock(tx: &Tx, id: TopUpId) -> Result<TopUp, Fault> {
    let row = table::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?;
    TopUp::of(row.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))?)
}

impl TopUp {
    fn of(row: table::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id,
            top_up_no: row.top_up_no,
            customer: row.customer,
            gateway: row.gateway,
            state: row.state,
            amount: Money::new(row.amount_minor, row.currency),
            action: row.action.map(serde_json::from_value).transpose()?,
            expires_at: row.expires_at,
            created_at: row.created_at,
            paid_at: row.paid_at,
            terms: serde_json::from_value(row.request)?,
            provider_charge_id: row.provider_charge_id,
            queries: row.queries,
        })
    }
}
