//! `staff_role`: who has which role.

use kernel::{RoleId, StaffId};
use sea_orm::entity::prelude::*;

/// A row of `staff_role`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_role")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff: StaffId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: RoleId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
