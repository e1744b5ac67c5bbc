//! Levels, their prices, and who stands on them.

use std::collections::HashMap;

use catalog::product::service::{SkuInfo, skus};
use entity::promotion::{member, member_level as table, member_price as prices};
use kernel::{Bps, CustomerId, Failure, Fault, LocalizedText, MemberLevelId, Money, SkuId, Timestamp};
use platform::{Op, rows};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr,
    sea_query::{ExprTrait, OnConflict},
};

use crate::{EditRefused, book, error::titled, pricing::LowerPrice};

/// The most levels there are.
const MOST_LEVELS: u64 = 50;

/// A stored level.
pub type Level = table::Model;

/// What a level pays for a SKU.
pub type PriceRow = prices::Model;

/// A level as staff write it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The larger is the better.
    pub rank: i64,
    /// What it is called.
    pub name: LocalizedText,
    /// What it saves on everything without a price of its own, in basis points.
    pub off_bps: i64,
}

/// Writes a level, or changes it.
pub async fn save(op: &Op, id: Option<MemberLevelId>, draft: Draft) -> Result<Level, Failure<EditRefused>> {
    let name = titled(draft.name)?;
    if !(0..=9_999).contains(&draft.off_bps) {
        return Err(EditRefused::Terms("offBps").into());
    }
    let mut tx = op.begin().await?;
    let row = match id {
        Some(id) => {
            let before = table::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?.ok_or(EditRefused::NotFound)?;
            Level { rank: draft.rank, name, off_bps: draft.off_bps, updated_at: op.now(), ..before }
        }
        None if table::Entity::find().count(&*tx).await? >= MOST_LEVELS => return Err(EditRefused::Terms("rank").into()),
        None => Level { id: op.new_id(), rank: draft.rank, name, off_bps: draft.off_bps, created_at: op.now(), updated_at: op.now() },
    };
    let active = table::ActiveModel {
        id: Set(row.id),
        rank: Set(row.rank),
        name: Set(row.name.clone()),
        off_bps: Set(row.off_bps),
        created_at: Set(row.created_at),
        updated_at: Set(row.updated_at),
    };
    match id {
        Some(_) => table::Entity::update(active).exec(&*tx).await.map(|_| ()).map_err(taken)?,
        None => table::Entity::insert(active).exec_without_returning(&*tx).await.map(|_| ()).map_err(taken)?,
    }
    book::turn(&mut tx);
    tx.commit().await?;
    Ok(row)
}

/// Deletes a level nobody stands on, with its prices.
pub async fn delete(op: &Op, id: MemberLevelId) -> Result<MemberLevelId, Failure<EditRefused>> {
    let mut tx = op.begin().await?;
    table::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?;
    if member::Entity::find().filter(member::Column::Level.eq(id)).limit(1).one(&*tx).await?.is_some() {
        return Err(EditRefused::InUse.into());
    }
    prices::Entity::delete_many().filter(prices::Column::Level.eq(id)).exec(&*tx).await?;
    table::Entity::delete_by_id(id).exec(&*tx).await?;
    book::turn(&mut tx);
    tx.commit().await?;
    Ok(id)
}

/// Sets what a level pays for SKUs; `None` takes a price away. The rest stays.
pub async fn set_prices(op: &Op, level: MemberLevelId, wanted: Vec<(SkuId, Option<i64>)>) -> Result<Level, Failure<EditRefused>> {
    let ids: Vec<SkuId> = wanted.iter().map(|(sku, _)| *sku).collect();
    let known = skus(op, &ids).await?;
    let sane = |(sku, minor): &(SkuId, Option<i64>)| {
        known.get(sku).is_some_and(|info| minor.is_none_or(|minor| (1..=info.price.minor).contains(&minor)))
    };
    if ids.is_empty() || ids.len() > 500 || !wanted.iter().all(sane) {
        return Err(EditRefused::Price.into());
    }
    let tx = op.begin().await?;
    let row = table::Entity::find_by_id(level).lock_exclusive().one(&*tx).await?.ok_or(EditRefused::NotFound)?;
    prices::Entity::delete_many().filter(prices::Column::Level.eq(level).and(prices::Column::Sku.is_in(ids))).exec(&*tx).await?;
    let wanted: HashMap<SkuId, Option<i64>> = wanted.into_iter().collect();
    let rows: Vec<prices::ActiveModel> = wanted
        .into_iter()
        .filter_map(|(sku, minor)| minor.map(|minor| prices::ActiveModel { level: Set(level), sku: Set(sku), price_minor: Set(minor) }))
        .collect();
    if !rows.is_empty() {
        rows::insert(&*tx, rows).await?;
    }
    tx.commit().await?;
    Ok(row)
}

/// Who stands where from now on, and until when.
#[derive(Clone, Copy, Debug)]
pub struct PutOn {
    /// Who.
    pub customer: CustomerId,
    /// Where; nowhere when not said.
    pub level: Option<MemberLevelId>,
    /// Until then; for ever when not said.
    pub until: Option<Timestamp>,
}

/// Puts a customer on a level, or takes them off.
pub async fn put_on(op: &Op, wanted: PutOn) -> Result<CustomerId, Failure<EditRefused>> {
    let tx = op.begin().await?;
    match wanted.level {
        None => {
            member::Entity::delete_by_id(wanted.customer).exec(&*tx).await?;
        }
        Some(level) => {
            table::Entity::find_by_id(level).lock_exclusive().one(&*tx).await?.ok_or(EditRefused::NotFound)?;
            let (customer, until) = (Set(wanted.customer), Set(wanted.until));
            let row = member::ActiveModel { customer, level: Set(level), until, updated_at: Set(op.now()) };
            let columns = [member::Column::Level, member::Column::Until, member::Column::UpdatedAt];
            let known = OnConflict::column(member::Column::Customer).update_columns(columns).to_owned();
            member::Entity::insert(row).on_conflict(known).exec_without_returning(&*tx).await?;
        }
    }
    tx.commit().await?;
    Ok(wanted.customer)
}

/// Every level, the best first.
pub async fn levels(op: &Op) -> Result<Vec<Level>, Fault> {
    Ok(table::Entity::find().order_by_desc(table::Column::Rank).all(op.reader()).await?)
}

/// What these levels pay for which SKUs.
pub async fn prices_of(op: &Op, levels: &[MemberLevelId]) -> Result<HashMap<MemberLevelId, Vec<PriceRow>>, Fault> {
    let rows = prices::Entity::find()
        .filter(prices::Column::Level.is_in(levels.iter().copied()))
        .order_by_asc(prices::Column::Sku)
        .all(op.reader())
        .await?;
    let mut found: HashMap<MemberLevelId, Vec<PriceRow>> = HashMap::new();
    rows.into_iter().for_each(|row| found.entry(row.level).or_default().push(row));
    Ok(found)
}

/// The level a customer stands on now.
pub async fn level_of(op: &Op, customer: CustomerId) -> Result<Option<Level>, Fault> {
    let row = member::Entity::find_by_id(customer).one(op.reader()).await?;
    match row.filter(|row| row.until.is_none_or(|until| until > op.now())) {
        None => Ok(None),
        Some(row) => Ok(table::Entity::find_by_id(row.level).one(op.reader()).await?),
    }
}

/// What these SKUs cost a customer as a member.
pub async fn prices_for(op: &Op, customer: CustomerId, skus: &HashMap<SkuId, SkuInfo>) -> Result<HashMap<SkuId, LowerPrice>, Fault> {
    let Some(level) = level_of(op, customer).await? else { return Ok(HashMap::new()) };
    let own = prices::Entity::find()
        .filter(prices::Column::Sku.is_in(skus.keys().copied()).and(prices::Column::Level.eq(level.id)))
        .all(op.reader())
        .await?;
    let own: HashMap<SkuId, i64> = own.into_iter().map(|row| (row.sku, row.price_minor)).collect();
    let price = |(sku, info): (&SkuId, &SkuInfo)| {
        let unit_price = match own.get(sku) {
            Some(minor) => Money { minor: *minor, ..info.price },
            None => info.price.minus(Bps(level.off_bps).of(info.price)?)?,
        };
        Ok((*sku, LowerPrice { title: level.name.clone(), unit_price }))
    };
    skus.iter().map(price).collect()
}

fn taken(error: DbErr) -> Failure<EditRefused> {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => EditRefused::Taken("rank").into(),
        _ => error.into(),
    }
}
