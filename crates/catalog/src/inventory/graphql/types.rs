//! Types of the stock.

use async_graphql::{Enum, SimpleObject};
use entity::catalog::stock_movement::MovementKind;
use kernel::{MovementId, SkuId, Timestamp};
use platform::{graphql::Long, live::Live};

use crate::inventory::service::{Movement, Shelf};

/// What can be bought of a SKU: the state now, then every change.
#[derive(SimpleObject)]
pub struct SkuStockChange {
    /// Resumes behind this state: pass it as `after`.
    pub cursor: String,
    /// Whether changes between `after` and this state cannot be told any more.
    pub gap: bool,
    /// The server's time when it was read.
    pub server_time: Timestamp,
    /// The SKU.
    pub sku_id: SkuId,
    /// How many can be bought now.
    pub available: i32,
}

impl SkuStockChange {
    pub(super) fn of(sku_id: SkuId, live: &Live<i64>) -> Self {
        Self { cursor: live.cursor.clone(), gap: live.gap, server_time: live.server_time, sku_id, available: narrow(live.value) }
    }
}

/// As many as a client can show; nobody buys two thousand millions.
pub(crate) fn narrow(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// What lies on the shelf of a SKU.
#[derive(SimpleObject)]
pub struct SkuStock {
    /// The SKU.
    pub sku_id: SkuId,
    /// Lies there.
    pub on_hand: Long,
    /// Is promised to orders that are not paid yet.
    pub reserved: Long,
    /// Can be bought now.
    pub available: Long,
    /// Left for good, minus what came back.
    pub sold: Long,
}

impl From<Shelf> for SkuStock {
    fn from(shelf: Shelf) -> Self {
        Self {
            sku_id: shelf.sku,
            on_hand: Long(shelf.on_hand),
            reserved: Long(shelf.reserved),
            available: Long(shelf.available()),
            sold: Long(shelf.sold),
        }
    }
}

/// Why the stock changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "MovementKind")]
pub enum StockMovementKind {
    /// The first stock of a new SKU.
    Opened,
    /// Counted, broken, delivered: by staff.
    Adjusted,
    /// Paid.
    Sold,
    /// Came back after a refund.
    Returned,
}

/// A line of the journal of a SKU. Lines are never changed; their deltas sum to what lies there.
#[derive(SimpleObject)]
pub struct StockMovement {
    /// The line.
    pub id: MovementId,
    /// Why the stock changed.
    pub kind: StockMovementKind,
    /// So many more, or fewer when negative.
    pub delta: Long,
    /// What lay there afterwards.
    pub on_hand: Long,
    /// What caused it: an order, a refund, a key.
    pub reference: String,
    /// Why, in words; blank when the kind says it.
    pub reason: String,
    /// Who caused it.
    pub actor: String,
    /// When.
    pub created_at: Timestamp,
}

impl From<Movement> for StockMovement {
    fn from(row: Movement) -> Self {
        Self {
            id: row.id,
            kind: row.kind.into(),
            delta: Long(row.delta),
            on_hand: Long(row.on_hand),
            reference: row.reference,
            reason: row.reason,
            actor: row.actor,
            created_at: row.created_at,
        }
    }
}

platform::connection! {
    /// Lines of a journal.
    pub struct StockMovementConnection, StockMovementEdge of StockMovement
}
