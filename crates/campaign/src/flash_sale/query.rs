//! What is read of sales. Every list takes a fixed number of statements, whatever its length.

use std::{collections::HashMap, sync::Arc};

use entity::campaign::{flash_sale as table, flash_sale_purchase as purchases};
use futures_util::Stream;
use kernel::{CursorError, Failure, Fault, FlashSaleId, FlashSalePassId, OrderId, Page, PageRequest, Timestamp};
use platform::{
    Op,
    live::{self, Live, LiveRefused},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{ExprTrait, IntoCondition},
};

use super::{
    desk::{Desk, Place},
    error::EditRefused,
    events::stock_topic,
    passes::Pass,
    rules::counter::Answer,
    store::{self, Sale},
};

/// A sale, whatever its state.
pub async fn sale(op: &Op, id: FlashSaleId) -> Result<Option<Sale>, Fault> {
    store::sale(op.reader(), id).await
}

/// A sale as shoppers may see it: not while it is being written.
pub async fn public_sale(op: &Op, id: FlashSaleId) -> Result<Option<Sale>, Fault> {
    Ok(sale(op, id).await?.filter(|sale| sale.row.state != table::FlashSaleState::Draft))
}

/// The sales that sell now or will, the next one first.
pub async fn upcoming(op: &Op, page: PageRequest) -> Result<Page<Sale>, Failure<CursorError>> {
    let lives = [table::FlashSaleState::Published, table::FlashSaleState::Paused];
    let wanted = table::Column::State.is_in(lives).and(table::Column::EndsAt.gt(op.now()));
    let mut select =
        table::Entity::find().filter(wanted).order_by_asc(table::Column::StartsAt).order_by_asc(table::Column::Id).limit(page.first + 1);
    if let Some(after) = &page.after {
        let (at, id): (Timestamp, FlashSaleId) = after.key()?;
        let same = table::Column::StartsAt.eq(at).and(table::Column::Id.gt(id));
        select = select.filter(table::Column::StartsAt.gt(at).or(same));
    }
    let rows = select.all(op.reader()).await?;
    Ok(Page::take(store::with_items(op.reader(), rows).await?, page.first, |sale| (sale.row.starts_at, sale.row.id)))
}

/// The sales staff ask for, the newest first.
pub async fn find(op: &Op, state: Option<table::FlashSaleState>, page: PageRequest) -> Result<Page<Sale>, Failure<CursorError>> {
    let wanted = state.map_or_else(Condition::all, |state| table::Column::State.eq(state).into_condition());
    let mut select = table::Entity::find().filter(wanted).order_by_desc(table::Column::Id).limit(page.first + 1);
    if let Some(after) = &page.after {
        select = select.filter(table::Column::Id.lt(after.key::<FlashSaleId>()?));
    }
    let rows = select.all(op.reader()).await?;
    Ok(Page::take(store::with_items(op.reader(), rows).await?, page.first, |sale| sale.row.id))
}

/// The purchases of a sale, the newest first.
pub async fn purchases(op: &Op, id: FlashSaleId, page: PageRequest) -> Result<Page<purchases::Model>, Failure<CursorError>> {
    let mut select =
        purchases::Entity::find().filter(purchases::Column::FlashSale.eq(id)).order_by_desc(purchases::Column::Pass).limit(page.first + 1);
    if let Some(after) = &page.after {
        select = select.filter(purchases::Column::Pass.lt(after.key::<FlashSalePassId>()?));
    }
    Ok(Page::take(select.all(op.reader()).await?, page.first, |row| row.pass))
}

/// Sales by id.
pub async fn sales_by_id(op: &Op, ids: &[FlashSaleId]) -> Result<HashMap<FlashSaleId, Sale>, Fault> {
    let rows = table::Entity::find().filter(table::Column::Id.is_in(ids.iter().copied())).all(op.reader()).await?;
    Ok(store::with_items(op.reader(), rows).await?.into_iter().map(|sale| (sale.row.id, sale)).collect())
}

/// What a command on a sale answers: read after its commit.
pub async fn edited(op: &Op, edited: Result<FlashSaleId, Failure<EditRefused>>) -> Result<Sale, Failure<EditRefused>> {
    Ok(sale(op, edited?).await?.ok_or(EditRefused::NotFound)?)
}

/// The order a pass became, if it did.
pub async fn order_of(op: &Op, pass: FlashSalePassId) -> Result<Option<OrderId>, Fault> {
    Ok(purchases::Entity::find_by_id(pass).one(op.reader()).await?.map(|row| row.order_id))
}

/// Watches a sale: what is left, and the very moments it begins and ends. Watchers share what they are shown.
pub async fn watch(
    op: &Op,
    id: FlashSaleId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<(Sale, Timestamp)>, Fault>> + use<>, Failure<LiveRefused>> {
    let load = move |op: Op| async move {
        let Some(sale) = public_sale(&op, id).await? else { return Ok(None) };
        let now = op.now();
        if sale.next_moment(now) == Some(sale.row.ends_at) {
            op.platform.deadlines.sweep(super::END, sale.row.ends_at);
        }
        Ok(Some((sale, now)))
    };
    live::watch_until(op, stock_topic(id), after, load, |(sale, now)| sale.next_moment(*now)).await
}

/// Watches a sale, as staff see it.
pub async fn watch_any(
    op: &Op,
    id: FlashSaleId,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<Live<Sale>, Fault>> + use<>, Failure<LiveRefused>> {
    live::watch(op, stock_topic(id), after, move |op: Op| async move { sale(&op, id).await }).await
}

/// What a waiting shopper is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InLine {
    /// Where they stand.
    pub place: Place,
    /// The order, once there is one.
    pub order: Option<OrderId>,
}

/// Watches a place in line until it is answered. It is conflated: a slow watcher skips places. Ends with the answer.
pub async fn watch_line(op: &Op, id: FlashSalePassId) -> Result<impl Stream<Item = Result<InLine, Fault>> + use<>, Failure<LiveRefused>> {
    let desk = op.port::<Desk>()?;
    let pass = desk.pass(op, id).await?.filter(|pass| op.actor.customer() == Some(pass.customer)).ok_or(LiveRefused::NotFound)?;
    let mut moves = desk.moves(op, pass.flash_sale);
    let mut changes = op.platform.bus.watch(&stock_topic(pass.flash_sale));
    let op = op.clone();
    Ok(async_stream::try_stream! {
        let mut shown = None;
        loop {
            moves.mark_unchanged();
            changes.mark_unchanged();
            let now = in_line(&op, (&desk, &pass)).await?;
            if shown != Some(now) {
                shown = Some(now);
                yield now;
            }
            if matches!(now.place, Place::Answered(_)) {
                return;
            }
            tokio::select! {
                moved = moves.changed() => if moved.is_err() { return },
                changed = changes.changed() => if changed.is_err() { return },
            }
        }
    })
}

async fn in_line(op: &Op, (desk, pass): (&Desk, &Arc<Pass>)) -> Result<InLine, Fault> {
    let place = desk.place(pass);
    if let Place::Waiting(_) = place {
        return Ok(InLine { place, order: None });
    }
    // Wherever it was served: the database knows.
    Ok(match order_of(op, pass.id).await? {
        Some(order) => InLine { place: Place::Answered(Answer::Accepted), order: Some(order) },
        None => InLine { place, order: None },
    })
}
