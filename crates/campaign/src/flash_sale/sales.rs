//! What staff do with sales, what the clock does with them, and what becomes of purchases.

use std::collections::HashMap;

use catalog::prices::service::{self as history, Offered};
use entity::campaign::{flash_sale as table, flash_sale_customer as customers, flash_sale_item as items, flash_sale_purchase as purchases};
use kernel::{Failure, Fault, FlashSaleId, LocalizedText, Money, OrderId, SkuId, days};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    console::{
        preview::{self, Offer, PreviewLine},
        rules,
    },
    exclusive::{
        self,
        service::{Claim, PlayRef},
    },
};

use super::{
    KIND,
    error::EditRefused,
    events::{SaleChanged, Sold, TakenBack},
    rules::sale::{SaleRefused, State, Step, Terms, Window},
    store,
};

/// The longest title in one language.
const MOST_TITLE: usize = 120;

/// How many sales one run of the sweep ends.
const BATCH: u64 = 100;

/// A session as staff write it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its name, by language.
    pub title: LocalizedText,
    /// When it sells.
    pub window: Window,
    /// What it promises.
    pub terms: Terms,
}

/// Writes a session nobody sees yet.
pub async fn create(op: &Op, draft: Draft) -> Result<FlashSaleId, Failure<EditRefused>> {
    let (draft, list) = checked(op, draft).await?;
    let id: FlashSaleId = op.new_id();
    let mut tx = op.begin().await?;
    let mut row = written(op, (id, &draft));
    row.state = Set(table::FlashSaleState::Draft);
    row.created_at = Set(op.now());
    table::Entity::insert(row).exec_without_returning(&*tx).await?;
    rows::insert(&*tx, store::item_rows(id, &draft.terms, &list)).await?;
    tx.emit(&SaleChanged { flash_sale: id });
    tx.commit().await?;
    Ok(id)
}

/// Changes a session that is not published: from then on everything about it is a promise.
pub async fn update(op: &Op, id: FlashSaleId, draft: Draft) -> Result<FlashSaleId, Failure<EditRefused>> {
    let (draft, list) = checked(op, draft).await?;
    let mut tx = op.begin().await?;
    let before = store::lock(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    if before.state != table::FlashSaleState::Draft {
        return Err(EditRefused::Sale(SaleRefused::WrongState).into());
    }
    table::Entity::update(written(op, (id, &draft))).exec(&*tx).await?;
    items::Entity::delete_many().filter(items::Column::FlashSale.eq(id)).exec(&*tx).await?;
    rows::insert(&*tx, store::item_rows(id, &draft.terms, &list)).await?;
    tx.emit(&SaleChanged { flash_sale: id });
    tx.commit().await?;
    Ok(id)
}

/// Writes a session anew, as a draft: the same promises, its window moved by whole days until it lies ahead.
pub async fn copy(op: &Op, id: FlashSaleId) -> Result<FlashSaleId, Failure<EditRefused>> {
    let known = store::sale(op.reader(), id).await?.ok_or(EditRefused::NotFound)?;
    let Window { mut starts_at, mut ends_at } = known.window();
    while starts_at <= op.now() {
        (starts_at, ends_at) = (starts_at + days(1), ends_at + days(1));
    }
    let window = Window { starts_at, ends_at };
    create(op, Draft { title: known.row.title.clone(), window, terms: known.terms() }).await
}

/// Publishes, pauses, resumes or ends a session. A step taken already is a success.
pub async fn step(op: &Op, id: FlashSaleId, step: Step) -> Result<FlashSaleId, Failure<EditRefused>> {
    let mut tx = op.begin().await?;
    let row = store::lock(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    let (state, window) = (State::from(row.state), Window { starts_at: row.starts_at, ends_at: row.ends_at });
    let next = rules::step(state, step, (window, op.now())).map_err(SaleRefused::from)?;
    if next == state {
        return Ok(id);
    }
    match (state, next) {
        (State::Draft, _) => publish(&mut tx, op, &row).await?,
        (_, State::Ended) => {
            finish(&mut tx, op, id).await?;
            exclusive::service::release(&tx, &play(id), op.now()).await?;
            history::withdraw(&mut tx, op, (KIND, &id.to_string())).await?;
        }
        _ => {}
    }
    go(&mut tx, op, (&row, next)).await?;
    tx.commit().await?;
    if next == State::Published {
        op.platform.deadlines.sweep(super::END, row.ends_at);
    }
    Ok(id)
}

/// What a session comes to before it begins: item by item, with what a unit costs where it was said.
pub async fn preview(op: &Op, (id, costs): (FlashSaleId, &HashMap<SkuId, Money>)) -> Result<Vec<PreviewLine>, Failure<EditRefused>> {
    let known = store::sale(op.reader(), id).await?.ok_or(EditRefused::NotFound)?;
    if !preview::comparable(costs, known.row.currency) {
        return Err(EditRefused::Currency.into());
    }
    let money = |minor| Money::new(minor, known.row.currency);
    let lines = known.items.iter().map(|item| {
        let (regular, price, cost) = (money(item.list_minor), money(item.price_minor), costs.get(&item.sku).copied());
        preview::line(Offer { sku: item.sku, regular, price, cost, units: Some(item.stock) })
    });
    Ok(lines.collect::<Result<_, _>>().map_err(Fault::from)?)
}

fn play(id: FlashSaleId) -> PlayRef {
    PlayRef { kind: KIND, id: id.to_string() }
}

/// The sale's stock leaves the shelf: all of it, or the sale is not published.
async fn publish(tx: &mut Tx, op: &Op, row: &table::Model) -> Result<(), Failure<EditRefused>> {
    let items = items::Entity::find().filter(items::Column::FlashSale.eq(row.id)).all(&**tx).await?;
    let claim = Claim {
        play: play(row.id),
        title: row.title.get(op.locale).to_owned(),
        skus: items.iter().map(|item| item.sku).collect(),
        starts_at: std::cmp::max(row.starts_at, op.now()),
        ends_at: row.ends_at,
    };
    exclusive::service::claim(tx, claim).await.map_err(Failure::widen)?;
    history::offer(tx, op, asked(row, &items)).await?;
    let lines: Vec<(SkuId, i64)> = items.iter().map(|item| (item.sku, item.stock)).collect();
    catalog::inventory::allotments::put_aside(tx, op, (store::allotment(row.id), &lines)).await.map_err(Failure::widen)
}

/// What a session asks for its SKUs, for the history of prices.
fn asked(row: &table::Model, items: &[items::Model]) -> Offered {
    Offered {
        kind: KIND,
        id: row.id.to_string(),
        title: Some(row.title.clone()),
        starts_at: row.starts_at,
        ends_at: Some(row.ends_at),
        prices: items.iter().map(|item| (item.sku, Money::new(item.price_minor, row.currency))).collect(),
    }
}

/// What was not sold returns to the shelf, in the counters and in the stock.
async fn finish(tx: &mut Tx, op: &Op, id: FlashSaleId) -> Result<(), Fault> {
    items::Entity::update_many()
        .col_expr(items::Column::Returned, Expr::col(items::Column::Returned).add(Expr::col(items::Column::Available)))
        .col_expr(items::Column::Available, Expr::value(0_i64))
        .col_expr(items::Column::Closed, Expr::value(true))
        .filter(items::Column::FlashSale.eq(id).and(items::Column::Closed.eq(false)))
        .exec(&**tx)
        .await?;
    catalog::inventory::allotments::close(tx, op, store::allotment(id)).await
}

async fn go(tx: &mut Tx, op: &Op, (row, next): (&table::Model, State)) -> Result<(), Fault> {
    let mut update = table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(table::FlashSaleState::from(next).to_value()))
        .col_expr(table::Column::UpdatedAt, Expr::value(op.now().0))
        .filter(table::Column::Id.eq(row.id).and(table::Column::State.eq(row.state)));
    if next == State::Ended {
        update = update.col_expr(table::Column::EndedAt, Expr::value(op.now().0));
    }
    if update.exec(&**tx).await?.rows_affected == 1 {
        tx.emit(&SaleChanged { flash_sale: row.id });
    }
    Ok(())
}

/// Ends sessions whose time is over.
pub async fn end_due(op: &Op) -> Result<(), Fault> {
    let lives = [table::FlashSaleState::Published, table::FlashSaleState::Paused];
    let due: Vec<FlashSaleId> = table::Entity::find()
        .select_only()
        .column(table::Column::Id)
        .filter(table::Column::State.is_in(lives).and(table::Column::EndsAt.lte(op.now())))
        .limit(BATCH)
        .into_tuple()
        .all(op.reader())
        .await?;
    for id in due {
        match step(op, id, Step::End).await {
            Ok(_) | Err(Failure::Refused(_)) => {}
            Err(Failure::Fault(fault)) => return Err(fault),
        }
    }
    Ok(())
}

/// An order of a sale was paid: what it reserved is sold. Twice is once.
pub async fn sold(op: &Op, order: OrderId) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some(row) = settled(&tx, op, (order, purchases::FlashSalePurchaseState::Sold)).await? else { return Ok(()) };
    items::Entity::update_many()
        .col_expr(items::Column::Reserved, Expr::col(items::Column::Reserved).sub(row.quantity))
        .col_expr(items::Column::Sold, Expr::col(items::Column::Sold).add(row.quantity))
        .filter(items::Column::FlashSale.eq(row.flash_sale).and(items::Column::Sku.eq(row.sku)))
        .exec(&*tx)
        .await?;
    tx.emit(&Sold { flash_sale: row.flash_sale, sku: row.sku, customer: row.customer, order, quantity: row.quantity });
    tx.commit().await
}

/// An order of a sale was cancelled: others can have its goods, and its buyer may buy again. Twice is once. After the end
/// they are back on the shelf already.
pub async fn take_back(op: &Op, order: OrderId) -> Result<(), Fault> {
    let mut tx = op.begin().await?;
    let Some(row) = settled(&tx, op, (order, purchases::FlashSalePurchaseState::Returned)).await? else { return Ok(()) };
    let to = |column: items::Column, closed: bool| {
        let more = Expr::col(column).add(row.quantity);
        Expr::case(items::Column::Closed.eq(closed), more).finally(Expr::col(column))
    };
    items::Entity::update_many()
        .col_expr(items::Column::Reserved, Expr::col(items::Column::Reserved).sub(row.quantity))
        .col_expr(items::Column::Available, to(items::Column::Available, false).into())
        .col_expr(items::Column::Returned, to(items::Column::Returned, true).into())
        .filter(items::Column::FlashSale.eq(row.flash_sale).and(items::Column::Sku.eq(row.sku)))
        .exec(&*tx)
        .await?;
    customers::Entity::update_many()
        .col_expr(customers::Column::Bought, Expr::col(customers::Column::Bought).sub(row.quantity))
        .filter(customers::Column::FlashSale.eq(row.flash_sale).and(customers::Column::Customer.eq(row.customer)))
        .exec(&*tx)
        .await?;
    tx.emit(&TakenBack { flash_sale: row.flash_sale, sku: row.sku, customer: row.customer, order, quantity: row.quantity });
    tx.commit().await
}

/// Moves a purchase that waits for its money; nothing when it does not wait any more.
async fn settled(
    tx: &Tx,
    op: &Op,
    (order, state): (OrderId, purchases::FlashSalePurchaseState),
) -> Result<Option<purchases::Model>, Fault> {
    let moved = purchases::Entity::update_many()
        .col_expr(purchases::Column::State, Expr::value(state.to_value()))
        .col_expr(purchases::Column::SettledAt, Expr::value(op.now().0))
        .filter(purchases::Column::OrderId.eq(order).and(purchases::Column::State.eq(purchases::FlashSalePurchaseState::Reserved)))
        .exec(&**tx)
        .await?;
    if moved.rows_affected == 0 {
        return Ok(None);
    }
    Ok(purchases::Entity::find().filter(purchases::Column::OrderId.eq(order)).one(&**tx).await?)
}

fn written(op: &Op, (id, draft): (FlashSaleId, &Draft)) -> table::ActiveModel {
    table::ActiveModel {
        id: Set(id),
        title: Set(draft.title.clone()),
        starts_at: Set(draft.window.starts_at),
        ends_at: Set(draft.window.ends_at),
        currency: Set(draft.terms.currency),
        pay_minutes: Set(draft.terms.pay_minutes),
        most_per_order: Set(draft.terms.most_per_order),
        most_per_customer: Set(draft.terms.most_per_customer),
        updated_at: Set(op.now()),
        ..Default::default()
    }
}

/// The draft, if it can be promised: sound terms, and every price below what everybody pays anyway. With the regular prices.
async fn checked(op: &Op, draft: Draft) -> Result<(Draft, HashMap<SkuId, i64>), Failure<EditRefused>> {
    let short = draft.title.0.values().all(|text| text.chars().count() <= MOST_TITLE);
    if draft.title.is_blank() || !short {
        return Err(EditRefused::Title.into());
    }
    draft.window.checked(op.now()).map_err(SaleRefused::from)?;
    let terms = draft.terms.checked()?;
    let wanted: Vec<SkuId> = terms.items.iter().map(|item| item.sku).collect();
    let known = catalog::product::service::skus(op, &wanted).await?;
    let mut list = HashMap::new();
    for item in &terms.items {
        let sku = known.get(&item.sku).filter(|sku| sku.on_sale).ok_or(EditRefused::Sku)?;
        if sku.price.currency != terms.currency {
            return Err(EditRefused::Currency.into());
        }
        if item.minor >= sku.price.minor {
            return Err(EditRefused::NotCheaper.into());
        }
        list.insert(item.sku, sku.price.minor);
    }
    Ok((Draft { terms, ..draft }, list))
}
