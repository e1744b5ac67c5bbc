//! Looking at a cart and changing it.

use catalog::{
    inventory,
    product::{facts, service::SkuInfo},
};
use entity::trade::cart_line as table;
use kernel::{CustomerId, Failure, Fault, Money, SkuId};
use platform::{
    Op, Tx,
    revision::{self, Revisions},
    rows,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::Refused;
use crate::{MOST_LINES, MOST_OF_ONE, quote::service::WantedLine};

/// A cart as it stands now.
#[derive(Clone, Debug, Default)]
pub struct Cart {
    /// Its lines, the oldest first.
    pub lines: Vec<CartLine>,
}

/// One SKU of a cart.
#[derive(Clone, Debug)]
pub struct CartLine {
    /// What.
    pub sku: SkuId,
    /// How many.
    pub quantity: i64,
    /// What is known about it; none when it is gone.
    pub info: Option<SkuInfo>,
    /// How many can be bought.
    pub available: i64,
}

impl CartLine {
    /// Whether it can be bought as it stands.
    pub fn buyable(&self) -> bool {
        self.info.as_ref().is_some_and(|info| info.on_sale) && self.quantity <= self.available
    }

    /// What it costs today, when it can be bought.
    pub fn subtotal(&self) -> Option<Money> {
        self.info.as_ref().filter(|_| self.buyable()).and_then(|info| info.price.times(self.quantity).ok())
    }
}

/// The asker's cart.
pub async fn get(op: &Op) -> Result<Cart, Fault> {
    let rows = rows(op.reader(), op.customer()?).await?;
    filled(op, &revision::current(op).await?, rows).await
}

/// What of the asker's cart can be bought, for a quote.
pub(crate) async fn wanted(op: &Op, revisions: &Revisions) -> Result<Vec<WantedLine>, Fault> {
    let cart = filled(op, revisions, rows(op.reader(), op.customer()?).await?).await?;
    Ok(cart.lines.iter().filter(|line| line.buyable()).map(|line| WantedLine { sku: line.sku, quantity: line.quantity }).collect())
}

/// The lines of a cart, the oldest first.
async fn rows(db: &impl ConnectionTrait, customer: CustomerId) -> Result<Vec<table::Model>, Fault> {
    let own = table::Entity::find().filter(table::Column::Customer.eq(customer));
    Ok(own.order_by_asc(table::Column::AddedAt).order_by_asc(table::Column::Sku).all(db).await?)
}

/// A cart with these lines, as it stands now.
async fn filled(op: &Op, revisions: &Revisions, rows: Vec<table::Model>) -> Result<Cart, Fault> {
    if rows.is_empty() {
        return Ok(Cart::default());
    }
    let ids: Vec<SkuId> = rows.iter().map(|row| row.sku).collect();
    let known = facts::known(op, revisions, &ids).await?;
    let available = inventory::service::available(op, &ids).await?;
    let line = |row: table::Model| CartLine {
        info: known.get(&row.sku).map(|known| known.info.clone()),
        available: available.get(&row.sku).copied().unwrap_or(0),
        sku: row.sku,
        quantity: row.quantity,
    };
    Ok(Cart { lines: rows.into_iter().map(line).collect() })
}

/// Puts more of a SKU into the cart.
pub async fn add(op: &Op, line: WantedLine) -> Result<Cart, Failure<Refused>> {
    let customer = op.customer()?;
    if !(1..=MOST_OF_ONE).contains(&line.quantity) {
        return Err(Refused::Quantity(MOST_OF_ONE).into());
    }
    let revisions = revision::current(op).await?;
    let known = facts::known(op, &revisions, &[line.sku]).await?;
    known.get(&line.sku).filter(|known| known.info.on_sale).ok_or(Refused::Unavailable)?;
    let tx = op.begin().await?;
    let mut rows = rows(&*tx, customer).await?;
    let at = rows.iter().position(|row| row.sku == line.sku);
    if at.is_none() && rows.len() >= MOST_LINES {
        return Err(Refused::TooManyLines(MOST_LINES as i64).into());
    }
    let row = table::ActiveModel {
        customer: Set(customer),
        sku: Set(line.sku),
        quantity: Set(line.quantity),
        added_at: Set(op.now()),
        updated_at: Set(op.now()),
    };
    let there = || Expr::col((table::Entity, table::Column::Quantity));
    let more = OnConflict::columns([table::Column::Customer, table::Column::Sku])
        .value(table::Column::Quantity, there().add(line.quantity))
        .value(table::Column::UpdatedAt, op.now().0)
        .action_and_where(there().lte(MOST_OF_ONE - line.quantity))
        .to_owned();
    let added = rows::insert_or_returning(&*tx, ([row], more)).await?.pop();
    let added = added.ok_or(Refused::Quantity(MOST_OF_ONE))?;
    tx.commit().await?;
    match at.and_then(|at| rows.get_mut(at)) {
        Some(row) => *row = added,
        None => rows.push(added),
    }
    Ok(filled(op, &revisions, rows).await?)
}

/// Sets how many of a SKU are wanted.
pub async fn update(op: &Op, line: WantedLine) -> Result<Cart, Failure<Refused>> {
    if !(1..=MOST_OF_ONE).contains(&line.quantity) {
        return Err(Refused::Quantity(MOST_OF_ONE).into());
    }
    let tx = op.begin().await?;
    let changed = table::Entity::update_many()
        .col_expr(table::Column::Quantity, Expr::value(line.quantity))
        .col_expr(table::Column::UpdatedAt, Expr::value(op.now().0))
        .filter(own(op.customer()?, line.sku))
        .exec(&*tx)
        .await?;
    if changed.rows_affected == 0 {
        return Err(Refused::NotInCart.into());
    }
    tx.commit().await?;
    Ok(get(op).await?)
}

/// Takes a SKU out; one that is not in it is out already.
pub async fn remove(op: &Op, sku: SkuId) -> Result<Cart, Fault> {
    let tx = op.begin().await?;
    table::Entity::delete_many().filter(own(op.customer()?, sku)).exec(&*tx).await?;
    tx.commit().await?;
    get(op).await
}

/// Empties the cart.
pub async fn clear(op: &Op) -> Result<Cart, Fault> {
    let tx = op.begin().await?;
    table::Entity::delete_many().filter(table::Column::Customer.eq(op.customer()?)).exec(&*tx).await?;
    tx.commit().await?;
    Ok(Cart::default())
}

/// Takes SKUs out of a customer's cart: they were ordered.
pub(crate) async fn take_out(tx: &Tx, customer: CustomerId, skus: &[SkuId]) -> Result<(), Fault> {
    let ordered = table::Column::Customer.eq(customer).and(table::Column::Sku.is_in(skus.iter().copied()));
    table::Entity::delete_many().filter(ordered).exec(&**tx).await?;
    Ok(())
}

fn own(customer: CustomerId, sku: SkuId) -> sea_orm::sea_query::SimpleExpr {
    table::Column::Customer.eq(customer).and(table::Column::Sku.eq(sku))
}
