//! `customer_identity`: who a customer is elsewhere.

use kernel::{CustomerId, Timestamp};
use sea_orm::entity::prelude::*;

/// A row of `customer_identity`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_identity")]
pub struct Model {
    /// `wechat`, `wechat_union` or `demo`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider: String,
    /// Their id there.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    pub customer: CustomerId,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
