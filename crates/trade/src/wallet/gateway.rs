//! The wallet as a payment provider: the gateway `balance`.

use async_trait::async_trait;
use entity::trade::{
    wallet_charge::{self as charge_table, WalletChargeState as State},
    wallet_refund as refund_table,
};
use kernel::{Failure, Fault, Money};
use platform::Op;
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::events::WalletChanged;
use crate::{
    ledger::{
        Account, Posting,
        service::{post, try_post},
    },
    payment::{
        gateway::{
            ChargeCreated, ChargeRef, ChargeState, Gateway, GatewayError, NewCharge, NewRefund, Notification, NotificationRefused,
            PayAction, PayProduct, RefundRef, RefundState,
        },
        service as payments,
    },
};

/// The code of the gateway.
pub const BALANCE: &str = "balance";

/// What it answers when there is not so much in the wallet.
pub const INSUFFICIENT: &str = "INSUFFICIENT_BALANCE";

/// The wallet as a payment provider. It keeps its books in the mall's own database and answers at once.
pub struct Balance(Op);

impl Balance {
    /// The wallets of the mall this operation runs in.
    pub fn of(op: &Op) -> Self {
        Self(op.system("balance"))
    }

    async fn take(&self, asked: &NewCharge) -> Result<Taken, Failure<crate::ledger::service::Short>> {
        let op = &self.0;
        let Some(customer) = payments::payer_of(op, &asked.charge_no).await? else { return Ok(Taken::Unknown) };
        let mut tx = op.begin().await?;
        let row = charge_table::ActiveModel {
            charge_no: Set(asked.charge_no.clone()),
            customer: Set(customer),
            state: Set(State::Succeeded),
            amount_minor: Set(asked.amount.minor),
            currency: Set(asked.amount.currency),
            refunded_minor: Set(0),
            at: Set(op.now()),
        };
        let once = OnConflict::column(charge_table::Column::ChargeNo).do_nothing().to_owned();
        if charge_table::Entity::insert(row).on_conflict(once).exec_without_returning(&*tx).await? == 0 {
            let known = charge_table::Entity::find_by_id(&asked.charge_no).one(&*tx).await?;
            let known = known.ok_or_else(|| Fault::corrupt(format!("{} is gone", asked.charge_no)))?;
            let same = known.state == State::Succeeded && Money::new(known.amount_minor, known.currency) == asked.amount;
            return Ok(if same { Taken::Yes } else { Taken::Closed });
        }
        if asked.expires_at <= op.now() {
            return Ok(Taken::Closed);
        }
        let (from, to) = (Account::clearing(BALANCE), Account::Wallet(customer));
        try_post(&mut tx, op, Posting::transfer("wallet_charge", &asked.charge_no, from, to, asked.amount)).await?;
        tx.emit(&WalletChanged { customer });
        tx.commit().await?;
        Ok(Taken::Yes)
    }

    async fn find(&self, charge_no: &str) -> Result<ChargeState, Fault> {
        let row = charge_table::Entity::find_by_id(charge_no).one(self.0.platform.db.writer()).await?;
        Ok(row.map_or(ChargeState::Absent, state))
    }

    async fn shut(&self, charge_no: &str) -> Result<ChargeState, Fault> {
        let op = &self.0;
        let Some(customer) = payments::payer_of(op, charge_no).await? else { return Ok(ChargeState::Absent) };
        let tx = op.begin().await?;
        let row = charge_table::ActiveModel {
            charge_no: Set(charge_no.to_owned()),
            customer: Set(customer),
            state: Set(State::Closed),
            amount_minor: Set(0),
            currency: Set(kernel::Currency::Cny),
            refunded_minor: Set(0),
            at: Set(op.now()),
        };
        let once = OnConflict::column(charge_table::Column::ChargeNo).do_nothing().to_owned();
        charge_table::Entity::insert(row).on_conflict(once).exec_without_returning(&*tx).await?;
        tx.commit().await?;
        self.find(charge_no).await
    }

    /// `None` when the charge has not so much left.
    async fn give_back(&self, asked: &NewRefund) -> Result<Option<RefundState>, Fault> {
        let op = &self.0;
        let mut tx = op.begin().await?;
        let charge_no = asked.charge_no.as_str();
        let row = refund_table::ActiveModel {
            refund_no: Set(asked.refund_no.clone()),
            charge_no: Set(charge_no.to_owned()),
            amount_minor: Set(asked.amount.minor),
            currency: Set(asked.amount.currency),
            at: Set(op.now()),
        };
        let Some(charge) = charge_table::Entity::find_by_id(charge_no).one(&*tx).await? else { return Ok(None) };
        let once = OnConflict::column(refund_table::Column::RefundNo).do_nothing().to_owned();
        if refund_table::Entity::insert(row).on_conflict(once).exec_without_returning(&*tx).await? == 0 {
            drop(tx);
            return Ok(Some(self.refunded(&asked.refund_no).await?));
        }
        let after = || Expr::col(charge_table::Column::RefundedMinor).add(asked.amount.minor);
        let took = charge_table::Entity::update_many()
            .col_expr(charge_table::Column::RefundedMinor, after())
            .filter(charge_table::Column::ChargeNo.eq(charge_no).and(charge_table::Column::State.eq(State::Succeeded.to_value())))
            .filter(charge_table::Column::Currency.eq(asked.amount.currency))
            .filter(after().lte(Expr::col(charge_table::Column::AmountMinor)))
            .exec(&*tx)
            .await?;
        if took.rows_affected == 0 {
            return Ok(None);
        }
        let (from, to) = (Account::Wallet(charge.customer), Account::clearing(BALANCE));
        post(&mut tx, op, Posting::transfer("wallet_refund", &asked.refund_no, from, to, asked.amount)).await?;
        tx.emit(&WalletChanged { customer: charge.customer });
        tx.commit().await?;
        Ok(Some(self.refunded(&asked.refund_no).await?))
    }

    async fn refunded(&self, refund_no: &str) -> Result<RefundState, Fault> {
        let row = refund_table::Entity::find_by_id(refund_no).one(self.0.platform.db.writer()).await?;
        Ok(row.map_or(RefundState::Absent, |row| RefundState::Succeeded {
            provider_refund_id: row.refund_no,
            amount: Money::new(row.amount_minor, row.currency),
            refunded_at: row.at,
        }))
    }
}

/// Whether a charge was taken.
enum Taken {
    Yes,
    Closed,
    Unknown,
}

fn state(row: charge_table::Model) -> ChargeState {
    match row.state {
        State::Closed => ChargeState::Closed,
        State::Succeeded => ChargeState::Succeeded {
            provider_charge_id: row.charge_no,
            amount: Money::new(row.amount_minor, row.currency),
            paid_at: row.at,
        },
    }
}

/// A fault of ours: whether it happened is not known, so it is asked again under the same number.
fn unknown(fault: Fault) -> GatewayError {
    GatewayError::Unknown(fault.to_string())
}

fn refused(code: &str, message: &str) -> GatewayError {
    GatewayError::Refused { code: code.to_owned(), message: message.to_owned() }
}

#[async_trait]
impl Gateway for Balance {
    fn code(&self) -> &'static str {
        BALANCE
    }

    fn products(&self) -> &'static [PayProduct] {
        &[PayProduct::Balance]
    }

    async fn create(&self, charge: NewCharge) -> Result<ChargeCreated, GatewayError> {
        match self.take(&charge).await {
            Ok(Taken::Yes) => Ok(ChargeCreated { provider_charge_id: charge.charge_no, action: PayAction::Done }),
            Ok(Taken::Closed) => Err(refused("CLOSED", "the charge is closed")),
            Ok(Taken::Unknown) => Err(refused("NO_PAYMENT", "nobody pays this number")),
            Err(Failure::Refused(short)) => Err(refused(INSUFFICIENT, &short.to_string())),
            Err(Failure::Fault(fault)) => Err(unknown(fault)),
        }
    }

    async fn query(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        self.find(&charge.charge_no).await.map_err(unknown)
    }

    async fn close(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        self.shut(&charge.charge_no).await.map_err(unknown)
    }

    async fn refund(&self, refund: NewRefund) -> Result<RefundState, GatewayError> {
        let given = self.give_back(&refund).await.map_err(unknown)?;
        given.ok_or_else(|| refused("TOO_MUCH", "the charge has not so much left"))
    }

    async fn query_refund(&self, refund: &RefundRef) -> Result<RefundState, GatewayError> {
        self.refunded(&refund.refund_no).await.map_err(unknown)
    }

    async fn verify_notification(&self, _: &[(String, String)], _: &[u8]) -> Result<Notification, NotificationRefused> {
        Err(NotificationRefused::Malformed("the wallet never reports".to_owned()))
    }
}
