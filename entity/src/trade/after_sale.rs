//! `after_sale`: a wish to give goods back, or to have them changed.

use kernel::{AfterSaleId, Currency, CustomerId, OrderId, RefundId, Timestamp};
use sea_orm::entity::prelude::*;

/// What a shopper wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum AfterSaleKind {
    /// Money back; the goods stay where they are.
    #[sea_orm(string_value = "REFUND_ONLY")]
    RefundOnly,
    /// Money back for goods that are sent back.
    #[sea_orm(string_value = "RETURN")]
    Return,
    /// Other goods for those that are sent back.
    #[sea_orm(string_value = "EXCHANGE")]
    Exchange,
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum AfterSaleState {
    /// Waits for the merchant.
    #[sea_orm(string_value = "REQUESTED")]
    Requested,
    /// Waits for the shopper to send the goods back.
    #[sea_orm(string_value = "AWAITING_RETURN")]
    AwaitingReturn,
    /// The goods are on their way back.
    #[sea_orm(string_value = "RETURNING")]
    Returning,
    /// The goods are here and looked at.
    #[sea_orm(string_value = "INSPECTING")]
    Inspecting,
    /// The money is on its way back.
    #[sea_orm(string_value = "REFUNDING")]
    Refunding,
    /// Waits for the merchant to send the replacement.
    #[sea_orm(string_value = "RESHIPPING")]
    Reshipping,
    /// The replacement is on its way.
    #[sea_orm(string_value = "RESHIPPED")]
    Reshipped,
    /// The shopper has what they asked for.
    #[sea_orm(string_value = "DONE")]
    Done,
    /// The merchant said no.
    #[sea_orm(string_value = "REJECTED")]
    Rejected,
    /// The shopper gave it up, or said nothing for too long.
    #[sea_orm(string_value = "CANCELLED")]
    Cancelled,
    /// Waits for the decision of a complaint.
    #[sea_orm(string_value = "ESCALATED")]
    Escalated,
}

/// A row of `after_sale`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "after_sale")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AfterSaleId,
    /// What people call it; its refund has the same number.
    pub case_no: String,
    pub order_id: OrderId,
    pub customer: CustomerId,
    pub kind: AfterSaleKind,
    pub state: AfterSaleState,
    /// Why, as a code.
    pub reason: String,
    /// Why, in the shopper's words.
    pub note: String,
    /// How much goes back.
    pub amount_minor: i64,
    pub currency: Currency,
    /// Whether the money is for goods the shopper keeps.
    pub keeps_goods: bool,
    /// Whether less goes back than the goods are worth, for what is worn or missing.
    pub reduced: bool,
    /// Whether what bringing the goods cost goes back too.
    pub with_shipping: bool,
    /// Whether nobody had to say yes.
    pub instant: bool,
    /// Whether the goods came back.
    pub goods_back: bool,
    /// Where the goods are to be sent.
    pub return_to: Option<String>,
    /// Who carries them back.
    pub carrier: Option<String>,
    pub tracking_no: Option<String>,
    /// Who carries the replacement.
    pub reship_carrier: Option<String>,
    pub reship_tracking_no: Option<String>,
    /// The refund it became.
    pub refund: Option<RefundId>,
    /// How often its refund was asked for.
    pub refunds: i64,
    /// Why the merchant said no.
    pub refusal: Option<String>,
    /// What happens by itself happens then.
    pub due_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub closed_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
