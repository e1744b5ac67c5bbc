//! Claiming and releasing SKUs, within the transaction that publishes or ends a play.

use entity::campaign::{play_sku as table, play_sku_fence as fence};
use kernel::{Failure, Fault, SkuId, Timestamp};
use platform::{Op, Tx, rows};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict, SimpleExpr},
};

use super::{Conflict, rules::overlap};

/// A play, whatever its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayRef {
    /// Its kind, as orders name it: `group_buy`, `flash_sale`, ….
    pub kind: &'static str,
    /// Which one.
    pub id: String,
}

/// What a play wants to sell when.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Which play.
    pub play: PlayRef,
    /// Its name, for whoever it stands in the way of.
    pub title: String,
    /// Which SKUs.
    pub skus: Vec<SkuId>,
    /// From when.
    pub starts_at: Timestamp,
    /// The first instant after it.
    pub ends_at: Timestamp,
}

/// Takes the SKUs for the window; refused when another play holds one of them then. An earlier claim of the same play is
/// replaced.
pub async fn claim(tx: &Tx, mut claim: Claim) -> Result<(), Failure<Conflict>> {
    claim.skus.sort_unstable();
    claim.skus.dedup();
    fences(tx, &claim.skus).await?;
    let others = table::Entity::find()
        .filter(table::Column::SkuId.is_in(claim.skus.iter().copied()).and(table::Column::EndsAt.gt(claim.starts_at)))
        .filter(of(&claim.play).not())
        .order_by_asc(table::Column::StartsAt)
        .all(&**tx)
        .await?;
    let wanted = (claim.starts_at, claim.ends_at);
    if let Some(held) = others.into_iter().find(|held| overlap(wanted, (held.starts_at, held.ends_at))) {
        return Err(Conflict { mine: claim.title, theirs: held.title, sku: held.sku_id }.into());
    }
    table::Entity::delete_many().filter(of(&claim.play)).exec(&**tx).await?;
    let rows = claim.skus.iter().map(|sku| table::Model {
        play_kind: claim.play.kind.to_owned(),
        play_id: claim.play.id.clone(),
        sku_id: *sku,
        title: claim.title.clone(),
        starts_at: claim.starts_at,
        ends_at: claim.ends_at,
    });
    let rows: Vec<_> = rows.map(IntoActiveModel::into_active_model).collect();
    if !rows.is_empty() {
        rows::insert(&**tx, rows).await?;
    }
    Ok(())
}

/// Ends the claim at `at`, where it still goes on: another play may begin at that very moment.
pub async fn release(tx: &Tx, play: &PlayRef, at: Timestamp) -> Result<(), Fault> {
    table::Entity::delete_many().filter(of(play).and(table::Column::StartsAt.gte(at))).exec(&**tx).await?;
    table::Entity::update_many()
        .col_expr(table::Column::EndsAt, Expr::value(at.0))
        .filter(of(play).and(table::Column::EndsAt.gt(at)))
        .exec(&**tx)
        .await?;
    Ok(())
}

fn of(play: &PlayRef) -> SimpleExpr {
    table::Column::PlayKind.eq(play.kind).and(table::Column::PlayId.eq(play.id.as_str()))
}

/// Until the commit nobody else claims these SKUs. Taken in the order of their ids, so that nobody waits in a circle.
async fn fences(tx: &Tx, skus: &[SkuId]) -> Result<(), Fault> {
    if skus.is_empty() {
        return Ok(());
    }
    let rows = skus.iter().map(|sku| fence::Model { sku_id: *sku }.into_active_model());
    let known = OnConflict::column(fence::Column::SkuId).do_nothing().to_owned();
    rows::insert_or(&**tx, (rows, known)).await?;
    let held = fence::Entity::find().filter(fence::Column::SkuId.is_in(skus.iter().copied())).order_by_asc(fence::Column::SkuId);
    held.lock_exclusive().all(&**tx).await?;
    Ok(())
}

/// Which plays sell these SKUs now.
pub async fn running(op: &Op, skus: &[SkuId]) -> Result<Vec<table::Model>, Fault> {
    let now = op.now();
    let running = table::Column::StartsAt.lte(now).and(table::Column::EndsAt.gt(now));
    Ok(table::Entity::find().filter(table::Column::SkuId.is_in(skus.iter().copied()).and(running)).all(op.reader()).await?)
}
