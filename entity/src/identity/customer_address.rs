//! `customer_address`: where a shopper has goods sent to.

use kernel::{AddressId, CustomerId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `customer_address`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_address")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AddressId,
    /// Whose.
    pub customer: CustomerId,
    /// Who takes it, and where; sealed JSON.
    pub sealed: String,
    /// The region's official code, as deep as it is known.
    pub region_code: Option<String>,
    /// Whether it is filled in when nothing is said; one per customer.
    pub is_default: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
