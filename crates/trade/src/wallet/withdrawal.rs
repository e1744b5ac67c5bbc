//! Money on its way out of a wallet, to its owner.
//!
//! ```text
//!  requested ─ small ──────────────────────▶ APPROVED ─ the provider takes it ─▶ AWAITING_PAYEE ─ confirmed ─▶ PAID
//!      └─ large ─▶ IN_REVIEW ─ one yes, or two ─▶ ┘ └────────── refused, or not confirmed in time ──────────▶ FAILED
//!                      └─ no ─▶ REJECTED                                       (REJECTED, FAILED: in the wallet again)
//! ```
//!
//! The money leaves the wallet when it is asked for, in the same transaction, so nobody withdraws it twice; until it is
//! paid it stands on the account `withdrawing`. The provider is asked outside any transaction and always under the same
//! number: an answer that was lost is asked for again, and money goes out once.

use entity::trade::wallet_withdrawal::{self as table, WithdrawalState as State};
use identity::customer::query as customers;
use kernel::{Actor, Cursor, CursorError, CustomerId, Failure, Fault, Money, Page, PageRequest, StaffId, Timestamp, WithdrawalId};
use platform::{IdempotencyKey, Job, Op, Tx};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use serde::{Deserialize, Serialize};

use super::{
    Refused,
    events::WalletChanged,
    rules::{self, Yes},
};
use crate::{
    TradeSettings,
    ledger::{
        Account, Posting,
        service::{post, try_post},
    },
    order::rules::order_no,
    payment::{
        Refused as PaymentRefused,
        gateway::{GatewayError, NewTransfer, TransferState},
        service as payments,
    },
};

/// Money on its way out of a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Which.
    pub id: WithdrawalId,
    /// The number the provider knows it by.
    pub withdrawal_no: String,
    /// Out of whose wallet.
    pub customer: CustomerId,
    /// Through whom.
    pub gateway: String,
    /// Where it stands.
    pub state: State,
    /// How much.
    pub amount: Money,
    /// How many people must say yes.
    pub approvals_needed: i64,
    /// Who said yes first.
    pub first_approver: Option<StaffId>,
    /// Who said yes then.
    pub second_approver: Option<StaffId>,
    /// What staff said.
    pub note: Option<String>,
    /// What the payee's device is handed to confirm it.
    pub package: Option<String>,
    /// Why it came to nothing.
    pub failure: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was paid, failed or was rejected.
    pub ended_at: Option<Timestamp>,
    payee: String,
    sealed_name: Option<String>,
    queries: i64,
}

/// A withdrawal to ask for.
#[derive(Clone, Debug, Serialize)]
pub struct NewWithdrawal {
    /// How much.
    pub amount: Money,
    /// Through whom.
    pub gateway: String,
    /// The payee's real name, where the provider wants to know it.
    pub real_name: Option<String>,
}

/// The provider is asked to pay somebody out.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SendWithdrawal {
    withdrawal: WithdrawalId,
}

impl Job for SendWithdrawal {
    const KIND: &'static str = "wallet.send_withdrawal";

    fn dedupe(&self) -> Option<String> {
        Some(self.withdrawal.to_string())
    }
}

/// Asks for money out of the shopper's own wallet; the same key is one withdrawal. It goes to whom the provider knows the
/// shopper as, and to nobody else.
pub async fn request(op: &Op, wanted: NewWithdrawal, key: &str) -> Result<Withdrawal, Failure<Refused>> {
    let key = IdempotencyKey::new(op, "wallet_withdrawal", key, &wanted).map_err(Failure::widen)?;
    let approvals_needed = rules::withdraw(wanted.amount).map_err(Refused::from)?;
    let gateway = payments::gateway(op, &wanted.gateway)?.ok_or(Refused::Payment(PaymentRefused::UnknownGateway))?;
    let pays = gateway.payee_scope().filter(|_| gateway.takes(wanted.amount.currency));
    let (provider, scope) = pays.ok_or_else(|| Refused::PaysNobody(wanted.gateway.clone()))?;
    let customer = op.customer()?;
    let payee = customers::subject_of(op, customer, (provider, &scope)).await?.ok_or(Refused::PayeeUnknown)?;
    let name = wanted.real_name.as_deref().map(str::trim);
    if name.is_some_and(|name| name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control)) {
        return Err(Refused::Name.into());
    }
    let mut tx = op.begin().await?;
    if let Some(known) = tx.claim::<WithdrawalId>(&key).await.map_err(Failure::widen)? {
        return Ok(lock(&tx, known).await?);
    }
    let id: WithdrawalId = op.new_id();
    let withdrawal = Withdrawal {
        id,
        withdrawal_no: format!("WD{}", order_no(&op.now().yyyymmdd(), op.random_bytes())),
        customer,
        gateway: wanted.gateway,
        state: if approvals_needed == 0 { State::Approved } else { State::InReview },
        amount: wanted.amount,
        approvals_needed,
        first_approver: None,
        second_approver: None,
        note: None,
        package: None,
        failure: None,
        created_at: op.now(),
        ended_at: None,
        payee,
        sealed_name: name.map(|name| op.crypto().seal(&place(id), name)).transpose()?,
        queries: 0,
    };
    table::Entity::insert(withdrawal.row(op)?).exec_without_returning(&*tx).await?;
    let (from, to) = (Account::Withdrawing, Account::Wallet(customer));
    match try_post(&mut tx, op, Posting::transfer("withdrawal", &withdrawal.withdrawal_no, from, to, withdrawal.amount)).await {
        Ok(_) => {}
        Err(Failure::Refused(short)) => return Err(Refused::Short(short.available).into()),
        Err(Failure::Fault(fault)) => return Err(fault.into()),
    }
    tx.emit(&WalletChanged { customer });
    if withdrawal.state == State::Approved {
        tx.enqueue(&SendWithdrawal { withdrawal: id });
    }
    tx.remember(&key, &id).await?;
    tx.commit().await?;
    Ok(withdrawal)
}

/// What staff say about a withdrawal.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It may go.
    Yes,
    /// It goes back into the wallet, for this reason.
    No(String),
}

/// Staff decide about a withdrawal. The same decision twice is one; of two at once, the first counts.
pub async fn review(op: &Op, (id, verdict): (WithdrawalId, Verdict)) -> Result<Withdrawal, Failure<Refused>> {
    let by = op.actor.staff().ok_or_else(|| Fault::internal("only staff decide about withdrawals"))?;
    let mut tx = op.begin().await?;
    let withdrawal = match table::Entity::find_by_id(id).lock_exclusive().one(&*tx).await? {
        Some(row) => Withdrawal::of(row),
        None => return Err(Refused::NotFound.into()),
    };
    match (withdrawal.state, verdict) {
        (State::InReview, Verdict::Yes) => {
            let yes = rules::approve(withdrawal.approvals_needed, withdrawal.first_approver, by).map_err(|_| Refused::SameEyes)?;
            let whose = match withdrawal.first_approver {
                None => table::Column::FirstApprover,
                Some(_) => table::Column::SecondApprover,
            };
            let mut change = change(&withdrawal, whose, Expr::value(by));
            if yes == Yes::Last {
                let first_question = op.now() + op.port::<TradeSettings>()?.query_after;
                change = change
                    .col_expr(table::Column::State, Expr::value(State::Approved.to_value()))
                    .col_expr(table::Column::NextQueryAt, Expr::value(first_question.0));
                tx.enqueue(&SendWithdrawal { withdrawal: id });
            }
            change.exec(&*tx).await?;
        }
        (State::InReview, Verdict::No(note)) => {
            let note = note.trim();
            if note.is_empty() || note.chars().count() > 200 || note.chars().any(char::is_control) {
                return Err(Refused::Reason.into());
            }
            end(&mut tx, op, (&withdrawal, State::Rejected, (table::Column::Note, note))).await?;
        }
        (State::Rejected, Verdict::No(_)) | (State::Approved | State::AwaitingPayee | State::Paid, Verdict::Yes) => {}
        _ => return Err(Refused::Decided.into()),
    }
    tx.commit().await?;
    Ok(find(op, id).await?)
}

fn change(withdrawal: &Withdrawal, column: table::Column, value: SimpleExpr) -> sea_orm::UpdateMany<table::Entity> {
    table::Entity::update_many()
        .col_expr(column, value)
        .filter(table::Column::Id.eq(withdrawal.id).and(table::Column::State.eq(withdrawal.state)))
}

/// The end of a locked withdrawal: the money is out, or in the wallet again.
async fn end(tx: &mut Tx, op: &Op, (withdrawal, state, (column, said)): (&Withdrawal, State, (table::Column, &str))) -> Result<(), Fault> {
    change(withdrawal, column, Expr::value(said))
        .col_expr(table::Column::State, Expr::value(state.to_value()))
        .col_expr(table::Column::EndedAt, Expr::value(op.now().0))
        .col_expr(table::Column::NextQueryAt, Expr::value(None::<i64>))
        .exec(&**tx)
        .await?;
    let (kind, from) = match state {
        State::Paid => ("withdrawal_paid", Account::clearing(&withdrawal.gateway)),
        _ => ("withdrawal_back", Account::Wallet(withdrawal.customer)),
    };
    post(tx, op, Posting::transfer(kind, &withdrawal.withdrawal_no, from, Account::Withdrawing, withdrawal.amount)).await?;
    tx.emit(&WalletChanged { customer: withdrawal.customer });
    Ok(())
}

/// The first try, at once. What the provider does not answer now is tried again by the sweep.
pub(super) async fn send(op: Op, job: SendWithdrawal) -> Result<(), Fault> {
    let withdrawal = find(&op, job.withdrawal).await?;
    if let Err(fault) = go_on(&op, &withdrawal).await {
        tracing::warn!(withdrawal = %withdrawal.id, %fault, "a withdrawal is not through yet; it is tried again");
    }
    Ok(())
}

/// Takes a withdrawal one step further.
async fn go_on(op: &Op, withdrawal: &Withdrawal) -> Result<(), Fault> {
    let Some(gateway) = payments::gateway(op, &withdrawal.gateway)? else {
        return Err(Fault::internal(format!("{} goes through {}, which is gone", withdrawal.id, withdrawal.gateway)));
    };
    let number = &withdrawal.withdrawal_no;
    let state = match withdrawal.state {
        State::Approved => {
            let name = withdrawal.sealed_name.as_deref().map(|sealed| op.crypto().open(&place(withdrawal.id), sealed)).transpose()?;
            let asked = NewTransfer {
                transfer_no: number.clone(),
                payee: withdrawal.payee.clone(),
                real_name: name,
                amount: withdrawal.amount,
                remark: format!("裂变 {number}"),
                notify_url: payments::notify_url(op, &withdrawal.gateway)?,
            };
            match gateway.transfer(asked).await {
                // A no is only believed of what the provider does not know: else a second request would give up the first.
                Err(GatewayError::Refused { code, message }) => match gateway.query_transfer(number).await.map_err(Fault::from)? {
                    TransferState::Absent => TransferState::Failed { reason: format!("{code}: {message}") },
                    known => known,
                },
                other => other.map_err(Fault::from)?,
            }
        }
        State::AwaitingPayee => gateway.query_transfer(number).await.map_err(Fault::from)?,
        _ => return Ok(()),
    };
    heard(op, withdrawal.id, state).await
}

/// Applies what the provider says. Twice is once.
async fn heard(op: &Op, id: WithdrawalId, said: TransferState) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let withdrawal = lock(&tx, id).await?;
    if !matches!(withdrawal.state, State::Approved | State::AwaitingPayee) {
        return Ok(());
    }
    match said {
        TransferState::Absent | TransferState::Processing => return Ok(()),
        TransferState::AwaitingPayee { package } => {
            let package = package.or(withdrawal.package.clone());
            change(&withdrawal, table::Column::Package, Expr::value(package))
                .col_expr(table::Column::State, Expr::value(State::AwaitingPayee.to_value()))
                .exec(&*tx)
                .await?;
            tx.emit(&WalletChanged { customer: withdrawal.customer });
        }
        TransferState::Succeeded { provider_id } => {
            end(&mut tx, op, (&withdrawal, State::Paid, (table::Column::ProviderId, &provider_id))).await?;
        }
        TransferState::Failed { reason } => {
            tracing::warn!(withdrawal = %id, reason, "a withdrawal came to nothing");
            end(&mut tx, op, (&withdrawal, State::Failed, (table::Column::Failure, &reason))).await?;
        }
    }
    tx.commit().await
}

/// The shopper comes back from confirming: asks the provider instead of waiting for its report.
pub async fn sync(op: &Op, id: WithdrawalId) -> Result<Withdrawal, Failure<Refused>> {
    let withdrawal = get(op, id).await?.ok_or(Refused::NotFound)?;
    go_on(op, &withdrawal).await?;
    Ok(find(op, id).await?)
}

/// Something moved at the provider: asks about the withdrawal of that number, if it is one that is open.
pub(crate) async fn look_again(op: &Op, code: &str, number: &str) -> Result<(), Fault> {
    match table::Entity::find().filter(numbered(code, number).and(open())).one(op.reader()).await? {
        Some(row) => go_on(op, &Withdrawal::of(row)).await,
        None => Ok(()),
    }
}

/// Whether a provider's report is about a withdrawal.
pub(crate) async fn is_known(tx: &Tx, code: &str, number: &str) -> Result<bool, Fault> {
    Ok(table::Entity::find().filter(numbered(code, number)).one(&**tx).await?.is_some())
}

fn numbered(code: &str, number: &str) -> SimpleExpr {
    table::Column::WithdrawalNo.eq(number).and(table::Column::Gateway.eq(code))
}

fn open() -> SimpleExpr {
    table::Column::State.is_in([State::Approved, State::AwaitingPayee])
}

/// The withdrawals that were silent for too long.
pub(super) async fn silent(op: &Op, limit: u64) -> Result<Vec<Withdrawal>, Fault> {
    let due = open().and(table::Column::NextQueryAt.lte(op.now()));
    let rows = table::Entity::find().filter(due).order_by_asc(table::Column::NextQueryAt).limit(limit).all(op.reader()).await?;
    Ok(rows.into_iter().map(Withdrawal::of).collect())
}

/// Takes a silent withdrawal for one question, and asks it, unless another node does.
pub(super) async fn take(op: &Op, withdrawal: &Withdrawal) -> Result<(), Fault> {
    let tx = op.begin().await?;
    let taken = table::Entity::update_many()
        .col_expr(table::Column::NextQueryAt, Expr::value((op.now() + payments::pause(withdrawal.queries)).0))
        .col_expr(table::Column::Queries, Expr::col(table::Column::Queries).add(1))
        .filter(table::Column::Id.eq(withdrawal.id).and(table::Column::Queries.eq(withdrawal.queries)))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    if taken.rows_affected == 1 { go_on(op, withdrawal).await } else { Ok(()) }
}

/// The withdrawal, when the actor may see it.
pub async fn get(op: &Op, id: WithdrawalId) -> Result<Option<Withdrawal>, Fault> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?.map(Withdrawal::of);
    let visible = |withdrawal: &Withdrawal| matches!(op.actor, Actor::System(_)) || op.actor.customer() == Some(withdrawal.customer);
    Ok(row.filter(visible))
}

/// Which withdrawals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WithdrawalFilter {
    /// Of this customer only.
    pub customer: Option<CustomerId>,
    /// That stand here only.
    pub state: Option<State>,
}

/// Withdrawals, the latest first. For those who may see them.
pub(crate) async fn list(op: &Op, (filter, page): (WithdrawalFilter, PageRequest)) -> Result<Page<Withdrawal>, Failure<CursorError>> {
    let after = page.after.as_ref().map(Cursor::key::<WithdrawalId>).transpose()?;
    let which = Condition::all()
        .add_option(filter.customer.map(|customer| table::Column::Customer.eq(customer)))
        .add_option(filter.state.map(|state| table::Column::State.eq(state)))
        .add_option(after.map(|id| table::Column::Id.lt(id)));
    let rows = table::Entity::find().filter(which).order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    Ok(Page::take(rows.into_iter().map(Withdrawal::of).collect(), page.first, |withdrawal| withdrawal.id))
}

async fn find(op: &Op, id: WithdrawalId) -> Result<Withdrawal, Fault> {
    let row = table::Entity::find_by_id(id).one(op.platform.db.writer()).await?;
    row.map(Withdrawal::of).ok_or_else(|| Fault::corrupt(format!("{id} is gone")))
}

async fn lock(tx: &Tx, id: WithdrawalId) -> Result<Withdrawal, Fault> {
    let row = table::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?;
    row.map(Withdrawal::of).ok_or_else(|| Fault::corrupt(format!("{id} is gone")))
}

fn place(id: WithdrawalId) -> String {
    format!("wallet_withdrawal:{id}:name")
}

impl Withdrawal {
    fn row(&self, op: &Op) -> Result<table::ActiveModel, Fault> {
        let first_question = op.now() + op.port::<TradeSettings>()?.query_after;
        Ok(table::ActiveModel {
            id: Set(self.id),
            withdrawal_no: Set(self.withdrawal_no.clone()),
            customer: Set(self.customer),
            gateway: Set(self.gateway.clone()),
            payee: Set(self.payee.clone()),
            sealed_name: Set(self.sealed_name.clone()),
            state: Set(self.state),
            amount_minor: Set(self.amount.minor),
            currency: Set(self.amount.currency),
            approvals_needed: Set(self.approvals_needed),
            first_approver: Set(None),
            second_approver: Set(None),
            note: Set(None),
            package: Set(None),
            provider_id: Set(None),
            failure: Set(None),
            next_query_at: Set((self.state == State::Approved).then_some(first_question)),
            queries: Set(0),
            created_at: Set(self.created_at),
            ended_at: Set(None),
        })
    }

    fn of(row: table::Model) -> Self {
        Self {
            id: row.id,
            withdrawal_no: row.withdrawal_no,
            customer: row.customer,
            gateway: row.gateway,
            state: row.state,
            amount: Money::new(row.amount_minor, row.currency),
            approvals_needed: row.approvals_needed,
            first_approver: row.first_approver,
            second_approver: row.second_approver,
            note: row.note,
            package: row.package,
            failure: row.failure,
            created_at: row.created_at,
            ended_at: row.ended_at,
            payee: row.payee,
            sealed_name: row.sealed_name,
            queries: row.queries,
        }
    }
}
