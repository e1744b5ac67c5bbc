//! Rows to sales and back.

use std::collections::{BTreeMap, HashMap};

use entity::campaign::{flash_sale as table, flash_sale_customer as customers, flash_sale_item as items, flash_sale_purchase as purchases};
use kernel::{AllotmentId, CustomerId, Fault, FlashSaleId, FlashSalePassId, Money, SkuId, Timestamp};
use platform::{Tx, rows};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, OnConflict},
};

use super::rules::{
    counter::{Ask, Counter},
    sale::{self, Item, Phase, State, Terms, Window},
};

/// A session and its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The session.
    pub row: table::Model,
    /// What it sells, in its order.
    pub items: Vec<items::Model>,
}

impl Sale {
    /// Where it stands.
    pub fn state(&self) -> State {
        self.row.state.into()
    }

    /// When it sells.
    pub fn window(&self) -> Window {
        window(&self.row)
    }

    /// Where it stands for a shopper.
    pub fn phase(&self, now: Timestamp) -> Phase {
        sale::phase(self.state(), self.window(), now)
    }

    /// The next moment that changes by the clock alone.
    pub fn next_moment(&self, now: Timestamp) -> Option<Timestamp> {
        sale::next_moment(self.state(), self.window(), now)
    }

    /// What it promises.
    pub fn terms(&self) -> Terms {
        Terms {
            currency: self.row.currency,
            items: self.items.iter().map(|item| Item { sku: item.sku, minor: item.price_minor, stock: item.stock }).collect(),
            most_per_order: self.row.most_per_order,
            most_per_customer: self.row.most_per_customer,
            pay_minutes: self.row.pay_minutes,
        }
    }

    /// What one piece costs in it.
    pub fn price(&self, sku: SkuId) -> Option<Money> {
        let item = self.items.iter().find(|item| item.sku == sku)?;
        Some(Money::new(item.price_minor, self.row.currency))
    }

    /// Nothing can be bought of any item.
    pub fn is_sold_out(&self) -> bool {
        self.items.iter().all(|item| item.available == 0)
    }
}

fn window(row: &table::Model) -> Window {
    Window { starts_at: row.starts_at, ends_at: row.ends_at }
}

/// Where a sale's own stock lies.
pub(super) fn allotment(sale: FlashSaleId) -> AllotmentId {
    AllotmentId(sale.0)
}

impl From<table::FlashSaleState> for State {
    fn from(state: table::FlashSaleState) -> Self {
        match state {
            table::FlashSaleState::Draft => Self::Draft,
            table::FlashSaleState::Published => Self::Published,
            table::FlashSaleState::Paused => Self::Paused,
            table::FlashSaleState::Ended => Self::Ended,
        }
    }
}

impl From<State> for table::FlashSaleState {
    fn from(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Published => Self::Published,
            State::Paused => Self::Paused,
            State::Ended => Self::Ended,
        }
    }
}

/// A sale, whatever its state.
pub(super) async fn sale(db: &impl ConnectionTrait, id: FlashSaleId) -> Result<Option<Sale>, Fault> {
    let Some(row) = table::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    Ok(with_items(db, vec![row]).await?.pop())
}

/// These sessions with their items, in the order given.
pub(super) async fn with_items(db: &impl ConnectionTrait, rows: Vec<table::Model>) -> Result<Vec<Sale>, Fault> {
    let found = items::Entity::find()
        .filter(items::Column::FlashSale.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(items::Column::Position)
        .all(db)
        .await?;
    let mut of: HashMap<FlashSaleId, Vec<items::Model>> = HashMap::new();
    for item in found {
        of.entry(item.flash_sale).or_default().push(item);
    }
    Ok(rows.into_iter().map(|row| Sale { items: of.remove(&row.id).unwrap_or_default(), row }).collect())
}

/// Locks a session: whoever holds it decides. Rows that point to it may be written meanwhile.
pub(super) async fn lock(tx: &Tx, id: FlashSaleId) -> Result<Option<table::Model>, Fault> {
    Ok(table::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&**tx).await?)
}

/// The items of a session, as a draft writes them.
pub(super) fn item_rows(id: FlashSaleId, terms: &Terms, list: &HashMap<SkuId, i64>) -> Vec<items::ActiveModel> {
    let row = |(position, item): (i64, &Item)| items::ActiveModel {
        flash_sale: Set(id),
        sku: Set(item.sku),
        position: Set(position),
        price_minor: Set(item.minor),
        list_minor: Set(list.get(&item.sku).copied().unwrap_or(item.minor)),
        stock: Set(item.stock),
        available: Set(item.stock),
        reserved: Set(0),
        sold: Set(0),
        returned: Set(0),
        closed: Set(false),
    };
    (0..).zip(&terms.items).map(row).collect()
}

/// What the counter must know to serve these asks. The session is locked.
pub(super) async fn counter(tx: &Tx, (row, asks): (&table::Model, &[Ask]), now: Timestamp) -> Result<Counter, Fault> {
    let wanted = |column: items::Column| column.is_in(asks.iter().map(|ask| ask.sku).collect::<std::collections::BTreeSet<_>>());
    let available: Vec<(SkuId, i64)> = items::Entity::find()
        .select_only()
        .columns([items::Column::Sku, items::Column::Available])
        .filter(items::Column::FlashSale.eq(row.id).and(wanted(items::Column::Sku)))
        .into_tuple()
        .all(&**tx)
        .await?;
    let known = purchases::Entity::find().select_only().column(purchases::Column::Pass);
    let known: Vec<(FlashSalePassId,)> =
        rows::found(&**tx, known, (purchases::Column::Pass, asks.iter().map(|ask| ask.pass).collect())).await?;
    let bought = customers::Entity::find()
        .select_only()
        .columns([customers::Column::Customer, customers::Column::Bought])
        .filter(customers::Column::FlashSale.eq(row.id));
    let bought: Vec<(CustomerId, i64)> =
        rows::found(&**tx, bought, (customers::Column::Customer, asks.iter().map(|ask| ask.customer).collect())).await?;
    Ok(Counter {
        phase: sale::phase(row.state.into(), window(row), now),
        most_per_customer: row.most_per_customer,
        available: available.into_iter().collect(),
        bought: bought.into_iter().collect(),
        known: known.into_iter().map(|(pass,)| pass).collect(),
    })
}

/// Takes pieces out of what is left, item by item; answers what is left then of each item that had so many.
pub(super) async fn take(tx: &Tx, id: FlashSaleId, taken: &BTreeMap<SkuId, i64>) -> Result<Vec<(SkuId, i64)>, Fault> {
    let mut left = Vec::with_capacity(taken.len());
    for (sku, taken) in taken {
        let update = items::Entity::update_many()
            .col_expr(items::Column::Available, Expr::col(items::Column::Available).sub(*taken))
            .col_expr(items::Column::Reserved, Expr::col(items::Column::Reserved).add(*taken))
            .filter(items::Column::FlashSale.eq(id).and(items::Column::Sku.eq(*sku)).and(items::Column::Available.gte(*taken)));
        left.extend(update.exec_with_returning(&**tx).await?.into_iter().map(|item| (item.sku, item.available)));
    }
    Ok(left)
}

/// Counts what customers get, in their order; a constraint refuses what is more than their limit.
pub(super) async fn count(tx: &Tx, row: &table::Model, given: &BTreeMap<CustomerId, i64>) -> Result<(), Fault> {
    let given = given.iter().map(|(customer, given)| customers::ActiveModel {
        flash_sale: Set(row.id),
        customer: Set(*customer),
        bought: Set(*given),
        most: Set(row.most_per_customer),
    });
    let column = |column| Expr::col((customers::Entity, column));
    let more = OnConflict::columns([customers::Column::FlashSale, customers::Column::Customer])
        .value(customers::Column::Bought, column(customers::Column::Bought).add(Expr::col(("excluded", customers::Column::Bought))))
        .to_owned();
    rows::insert_or(&**tx, (given, more)).await?;
    Ok(())
}
