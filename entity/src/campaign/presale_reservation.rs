//! `presale_reservation`: who reserved what, and how far it is paid.

use kernel::{CustomerId, OrderId, PresaleId, PresaleReservationId, SkuId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ReservationState {
    /// Waits for its deposit.
    #[sea_orm(string_value = "DEPOSIT_DUE")]
    DepositDue,
    /// Paid down; the balance is not asked for yet.
    #[sea_orm(string_value = "DEPOSIT_PAID")]
    DepositPaid,
    /// The balance can be paid.
    #[sea_orm(string_value = "BALANCE_DUE")]
    BalanceDue,
    /// Paid in full.
    #[sea_orm(string_value = "PAID")]
    Paid,
    /// The balance did not come; the deposit is lost.
    #[sea_orm(string_value = "FORFEITED")]
    Forfeited,
    /// The money went back.
    #[sea_orm(string_value = "REFUNDED")]
    Refunded,
    /// Given up before anything was paid.
    #[sea_orm(string_value = "RELEASED")]
    Released,
}

/// A row of `presale_reservation`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "presale_reservation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PresaleReservationId,
    pub presale: PresaleId,
    pub customer: CustomerId,
    pub sku: SkuId,
    pub quantity: i64,
    pub state: ReservationState,
    /// What was promised when it was reserved.
    pub terms: Json,
    pub deposit_order: OrderId,
    pub balance_order: Option<OrderId>,
    /// Whether its goods lie aside under its own id.
    pub set_aside: bool,
    /// Why its money was asked back; asked at most once.
    pub refund_reason: Option<String>,
    pub balance_from: Timestamp,
    pub balance_until: Timestamp,
    pub reminded_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub deposit_paid_at: Option<Timestamp>,
    pub paid_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
