//! `trade_order`: a purchase.

use kernel::{Currency, CustomerId, OrderId, PaymentId, QuoteId, StoreId, Timestamp};
use sea_orm::entity::prelude::*;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum OrderStatus {
    /// Waits for the money.
    #[sea_orm(string_value = "PENDING_PAYMENT")]
    PendingPayment,
    /// Paid; waits for its play.
    #[sea_orm(string_value = "AWAITING_TEAM")]
    AwaitingTeam,
    /// Paid; may be shipped.
    #[sea_orm(string_value = "TO_SHIP")]
    ToShip,
    /// On its way.
    #[sea_orm(string_value = "SHIPPED")]
    Shipped,
    /// The shopper has it.
    #[sea_orm(string_value = "RECEIVED")]
    Received,
    /// Nothing can happen to it any more, except a refund.
    #[sea_orm(string_value = "COMPLETED")]
    Completed,
    /// Never paid.
    #[sea_orm(string_value = "CANCELLED")]
    Cancelled,
    /// All money is back.
    #[sea_orm(string_value = "REFUNDED")]
    Refunded,
}

/// How the goods reach the shopper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum OrderDelivery {
    /// By parcels.
    #[sea_orm(string_value = "PARCEL")]
    Parcel,
    /// The shopper comes to a store.
    #[sea_orm(string_value = "PICKUP")]
    Pickup,
    /// There is nothing to carry.
    #[sea_orm(string_value = "VIRTUAL")]
    Virtual,
}

/// A row of `trade_order`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trade_order")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrderId,
    /// What people call it.
    pub order_no: String,
    /// Who buys.
    pub customer: CustomerId,
    /// The promise it redeems; one order per quote.
    pub quote: QuoteId,
    /// Where it stands.
    pub status: OrderStatus,
    /// Which kind of play it was placed by.
    pub origin_kind: Option<String>,
    /// Which one.
    pub origin_id: Option<String>,
    /// Whether it waits for its play once it is paid.
    pub hold: bool,
    /// What the lines cost together.
    pub goods_minor: i64,
    /// What is paid beside the goods: shipping, tax and donation.
    pub beside_goods_minor: i64,
    /// What bringing them costs.
    pub shipping_minor: i64,
    /// Tax and duty that are added.
    pub tax_minor: i64,
    /// What the shopper gives to others.
    pub donation_minor: i64,
    /// What is paid.
    pub total_minor: i64,
    /// What is back.
    pub refunded_minor: i64,
    /// Of every amount.
    pub currency: Currency,
    /// How the total came about.
    pub trace: Json,
    /// Where it goes, sealed.
    pub address: String,
    /// Its number in the merchant's other systems.
    pub external_reference: Option<String>,
    /// The payment that paid it.
    pub paid_by: Option<PaymentId>,
    /// Who carries it.
    pub carrier: Option<String>,
    /// Their number for it.
    pub tracking_no: Option<String>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// How the goods reach the shopper.
    pub delivery: OrderDelivery,
    /// Where it is picked up.
    pub store: Option<StoreId>,
    /// What the shopper asks for.
    pub buyer_note: Option<String>,
    pub created_at: Timestamp,
    /// Cancelled when not paid by then.
    pub pay_by: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub shipped_at: Option<Timestamp>,
    pub received_at: Option<Timestamp>,
    /// When it lay ready at its store: `TO_SHIP` with this is READY_FOR_PICKUP.
    pub ready_at: Option<Timestamp>,
    /// Taken as received then.
    pub receive_by: Option<Timestamp>,
    /// When the shopper asked for more time; once.
    pub extended_at: Option<Timestamp>,
    /// When it was completed, cancelled or refunded.
    pub closed_at: Option<Timestamp>,
    /// Whether it was placed with coupons.
    pub holds_coupons: bool,
    /// Whether it was placed with points.
    pub holds_points: bool,
    /// Whether some of it needs no carrying.
    pub has_virtual: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
