//! `presale_reminder`: what a customer was reminded of.

use kernel::{PresaleReservationId, Timestamp};
use sea_orm::entity::prelude::*;

/// Of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ReminderKind {
    /// The balance can be paid.
    #[sea_orm(string_value = "OPENED")]
    Opened,
    /// The time to pay it is almost over.
    #[sea_orm(string_value = "CLOSING")]
    Closing,
}

/// A row of `presale_reminder`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "presale_reminder")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub reservation: PresaleReservationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: ReminderKind,
    pub told_at: Timestamp,
    /// When a text message went out with it.
    pub texted_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
