//! Stores, and orders that wait there to be picked up.

use entity::trade::{trade_pickup as pickup, trade_store as table};
use kernel::{Failure, Fault, OrderId, StoreId, Timestamp, minutes};
use platform::{Op, Tx, crypto::same, limiter::Rate};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    Refused,
    rules::{self, Guess},
};
use crate::{
    order::{
        self,
        rules::{self as order_rules, Method, Move, MoveRefused, Step},
        service::{self as orders, Order},
    },
    payment,
};

/// Guesses at codes by one person.
const GUESSES: Rate = Rate { burst: 30, period: minutes(10) };

/// A shop with a door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Which.
    pub id: StoreId,
    /// What it is called.
    pub name: String,
    /// Where it is reached.
    pub phone: String,
    /// Province, city, district.
    pub region: String,
    /// Street, house.
    pub street: String,
    /// When its door is open, in words.
    pub hours: String,
    /// Whether orders may be picked up there.
    pub is_open: bool,
}

impl From<table::Model> for Store {
    fn from(row: table::Model) -> Self {
        let table::Model { id, name, phone, region, street, hours, is_open, .. } = row;
        Self { id, name, phone, region, street, hours, is_open }
    }
}

/// A store as it is to be.
#[derive(Clone, Debug)]
pub struct SaveStore {
    /// Which; a new one when not said.
    pub id: Option<StoreId>,
    /// What it is called.
    pub name: String,
    /// Where it is reached.
    pub phone: String,
    /// Province, city, district.
    pub region: String,
    /// Street, house.
    pub street: String,
    /// When its door is open, in words.
    pub hours: String,
    /// Whether orders may be picked up there.
    pub is_open: bool,
}

/// Opens a store, or changes it. Orders that wait there keep waiting when it closes.
pub async fn save(op: &Op, wanted: SaveStore) -> Result<Store, Failure<Refused>> {
    let word = |field: &'static str, text: &str, most: usize| order_rules::words(text, most).ok_or(Refused::StoreWords(field));
    let (id, now) = (wanted.id.unwrap_or_else(|| op.new_id()), op.now());
    let store = Store {
        id,
        name: word("name", &wanted.name, 64)?,
        phone: word("phone", &wanted.phone, 24)?,
        region: word("region", &wanted.region, 128)?,
        street: word("street", &wanted.street, 256)?,
        hours: word("hours", &wanted.hours, 128)?,
        is_open: wanted.is_open,
    };
    let mut row = table::ActiveModel {
        id: Set(id),
        name: Set(store.name.clone()),
        phone: Set(store.phone.clone()),
        region: Set(store.region.clone()),
        street: Set(store.street.clone()),
        hours: Set(store.hours.clone()),
        is_open: Set(store.is_open),
        updated_at: Set(now),
        ..Default::default()
    };
    let tx = op.begin().await?;
    if wanted.id.is_some() {
        table::Entity::find_by_id(id).one(&*tx).await?.ok_or(Refused::NoStore)?;
        table::Entity::update(row).exec(&*tx).await?;
    } else {
        row.created_at = Set(now);
        table::Entity::insert(row).exec_without_returning(&*tx).await?;
    }
    tx.commit().await?;
    Ok(store)
}

/// The stores, the first opened first; shoppers see those that are open.
pub async fn list(op: &Op, only_open: bool) -> Result<Vec<Store>, Fault> {
    let mut stores = table::Entity::find().order_by_asc(table::Column::Id).limit(500);
    if only_open {
        stores = stores.filter(table::Column::IsOpen.eq(true));
    }
    Ok(stores.all(op.reader()).await?.into_iter().map(Into::into).collect())
}

/// A store where orders may be picked up.
pub(crate) async fn open(op: &Op, id: StoreId) -> Result<Option<Store>, Fault> {
    Ok(table::Entity::find_by_id(id).one(op.reader()).await?.filter(|row| row.is_open).map(Into::into))
}

/// Stores by their ids, closed ones too.
pub(crate) async fn by_ids(op: &Op, ids: &[StoreId]) -> Result<Vec<Store>, Fault> {
    let rows = table::Entity::find().filter(table::Column::Id.is_in(ids.iter().copied())).all(op.reader()).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// What waits at a store, as its shopper sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pickup {
    /// Of which order.
    pub order: OrderId,
    /// What the shopper says there; nothing once it was guessed at too often, and when it is collected.
    pub code: Option<String>,
    /// Since when it waits.
    pub ready_at: Timestamp,
    /// When it was given out.
    pub collected_at: Option<Timestamp>,
}

/// What waits of these orders. For those who may see the orders; the code only for the shopper.
pub(crate) async fn of_orders(op: &Op, orders: &[OrderId]) -> Result<Vec<Pickup>, Fault> {
    let rows = pickup::Entity::find().filter(pickup::Column::OrderId.is_in(orders.iter().copied())).all(op.reader()).await?;
    let shown = |row: pickup::Model| {
        let counts = row.collected_at.is_none() && row.tries < rules::PICKUP_TRIES && op.actor.customer().is_some();
        Pickup {
            order: row.order_id,
            code: counts.then(|| code(op, row.order_id, row.issue)),
            ready_at: row.ready_at,
            collected_at: row.collected_at,
        }
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// The code of an order: derived, never kept.
fn code(op: &Op, order: OrderId, issue: i64) -> String {
    rules::pickup_code(&op.crypto().blind_index("trade_pickup.code", &format!("{order}:{issue}")))
}

/// Staff put an order ready at the store its shopper picked. Ready already is fine.
pub async fn ready(op: &Op, order: OrderId) -> Result<Order, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let order = orders::find_locked(&tx, op, order).await.map_err(Failure::widen)?;
    let store = order.store.filter(|_| order.method == Method::Pickup).ok_or(Refused::from(MoveRefused::AnotherWay))?;
    if order_rules::step(order.status, Move::Ready).map_err(Refused::from)? == Step::Already {
        return Ok(order);
    }
    if payment::service::is_all_going_back(&tx, &order).await? {
        return Err(Refused::Order(order::Refused::BeingRefunded).into());
    }
    let row = pickup::ActiveModel {
        order_id: Set(order.id),
        store: Set(store),
        issue: Set(1),
        tries: Set(0),
        ready_at: Set(op.now()),
        ready_by: Set(op.actor.to_string()),
        collected_at: Set(None),
        collected_by: Set(None),
    };
    pickup::Entity::insert(row).exec_without_returning(&*tx).await?;
    let order = orders::ready(&mut tx, op, (order, store)).await?;
    tx.commit().await?;
    Ok(order)
}

/// An order to be given out to whoever says its code.
#[derive(Clone, Debug)]
pub struct HandOver {
    /// Which.
    pub order: OrderId,
    /// What was said.
    pub code: String,
}

/// Gives an order out across the counter. A wrong guess counts before it is answered; the fifth ends the code.
pub async fn hand_over(op: &Op, wanted: HandOver) -> Result<Order, Failure<Refused>> {
    let key = format!("trade.pickup:{}", op.actor);
    op.platform.limiter.take(&key, 1, GUESSES, op.now()).await.map_err(Refused::TooOften)?;
    let mut tx = op.begin().await?;
    let order = orders::find_locked(&tx, op, wanted.order).await.map_err(Failure::widen)?;
    if order_rules::step(order.status, Move::HandOver).map_err(Refused::from)? == Step::Already {
        return Ok(order);
    }
    let row = locked(&tx, order.id).await?.filter(|_| order.method == Method::Pickup).ok_or(Refused::from(MoveRefused::AnotherWay))?;
    let digits: String = wanted.code.chars().filter(char::is_ascii_digit).collect();
    match rules::guess(same(digits.as_bytes(), code(op, order.id, row.issue).as_bytes()), row.tries) {
        Guess::Spent => Err(Refused::SpentCode.into()),
        Guess::Wrong => {
            let update = pickup::Entity::update_many().col_expr(pickup::Column::Tries, Expr::col(pickup::Column::Tries).add(1));
            update.filter(pickup::Column::OrderId.eq(order.id)).exec(&*tx).await?;
            tx.commit().await?;
            let left = rules::PICKUP_TRIES - row.tries - 1;
            Err(if left == 0 { Refused::SpentCode } else { Refused::WrongCode(left) }.into())
        }
        Guess::Right => {
            if payment::service::is_all_going_back(&tx, &order).await? {
                return Err(Refused::Order(order::Refused::BeingRefunded).into());
            }
            pickup::Entity::update_many()
                .col_expr(pickup::Column::CollectedAt, Expr::value(op.now().0))
                .col_expr(pickup::Column::CollectedBy, Expr::value(op.actor.to_string()))
                .filter(pickup::Column::OrderId.eq(order.id))
                .exec(&*tx)
                .await?;
            let order = orders::hand_over(&mut tx, op, order).await?;
            tx.commit().await?;
            Ok(order)
        }
    }
}

/// The shopper wants another code: the old one does not count any more.
pub async fn renew(op: &Op, order: OrderId) -> Result<Order, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let order = orders::find_locked(&tx, op, order).await.map_err(Failure::widen)?;
    let row = locked(&tx, order.id).await?.filter(|row| row.collected_at.is_none());
    if row.is_none() || order.status != order_rules::Status::ReadyForPickup {
        return Err(Refused::from(MoveRefused::AnotherWay).into());
    }
    pickup::Entity::update_many()
        .col_expr(pickup::Column::Issue, Expr::col(pickup::Column::Issue).add(1))
        .col_expr(pickup::Column::Tries, Expr::value(0_i64))
        .filter(pickup::Column::OrderId.eq(order.id))
        .exec(&*tx)
        .await?;
    orders::annotate(&mut tx, op, (&order, "PICKUP_CODE_RENEWED", None)).await?;
    tx.commit().await?;
    Ok(order)
}

async fn locked(tx: &Tx, order: OrderId) -> Result<Option<pickup::Model>, Fault> {
    Ok(pickup::Entity::find_by_id(order).lock_exclusive().one(&**tx).await?)
}
