//! What staff do with reductions.

use entity::promotion::{coupon_template::OfferState, reduction as table};
use kernel::{CursorError, Failure, Fault, LocalizedText, Page, PageRequest, ReductionId};
use platform::{Op, Tx};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::rules::{Effect, Reduction, Terms};
use crate::{
    EditRefused, book,
    error::titled,
    offer::{self, Step, Window},
};

/// A stored reduction.
pub type Row = table::Model;

/// A reduction as staff write it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What it is called.
    pub title: LocalizedText,
    /// What it does, on what.
    pub terms: Terms,
    /// The larger goes first.
    pub priority: i64,
    /// When it runs.
    pub window: Window,
}

/// A stored reduction as it is offered.
pub(crate) fn offer(row: Row) -> Result<Reduction, Fault> {
    let terms = serde_json::from_value(row.terms)?;
    Ok(Reduction { id: row.id, title: row.title, terms, priority: row.priority, starts_at: row.starts_at, ends_at: row.ends_at })
}

/// Writes a reduction nobody sees yet.
pub async fn create(op: &Op, draft: Draft) -> Result<Row, Failure<EditRefused>> {
    let draft = checked(op, draft).await?;
    let id: ReductionId = op.new_id();
    let row = Row {
        id,
        title: draft.title,
        state: OfferState::Draft,
        terms: serde_json::to_value(&draft.terms)?,
        priority: draft.priority,
        starts_at: draft.window.starts_at,
        ends_at: draft.window.ends_at,
        created_at: op.now(),
        updated_at: op.now(),
    };
    let tx = op.begin().await?;
    table::Entity::insert(active(row)).exec_without_returning(&*tx).await?;
    done(op, tx, id).await
}

/// Changes a reduction. What it does is fixed once it was offered; name, priority and window are not.
pub async fn update(op: &Op, id: ReductionId, draft: Draft) -> Result<Row, Failure<EditRefused>> {
    let draft = checked(op, draft).await?;
    let tx = op.begin().await?;
    let before = locked(&tx, id).await?;
    let terms = serde_json::to_value(&draft.terms)?;
    if before.state != OfferState::Draft && before.terms != terms {
        return Err(EditRefused::Fixed.into());
    }
    let (starts_at, ends_at) = (draft.window.starts_at, draft.window.ends_at);
    let row = Row { title: draft.title, terms, priority: draft.priority, starts_at, ends_at, updated_at: op.now(), ..before };
    table::Entity::update(active(row)).exec(&*tx).await?;
    done(op, tx, id).await
}

/// Offers a reduction, or takes it back. Twice is once.
pub async fn step(op: &Op, id: ReductionId, step: Step) -> Result<Row, Failure<EditRefused>> {
    let tx = op.begin().await?;
    let before = locked(&tx, id).await?;
    if step == Step::Activate {
        Window { starts_at: before.starts_at, ends_at: before.ends_at }.checked(op.now())?;
    }
    if let Some(next) = offer::step(before.state, step) {
        table::Entity::update_many()
            .col_expr(table::Column::State, Expr::value(next.to_value()))
            .col_expr(table::Column::UpdatedAt, Expr::value(op.now().0))
            .filter(table::Column::Id.eq(id).and(table::Column::State.eq(before.state)))
            .exec(&*tx)
            .await?;
    }
    done(op, tx, id).await
}

/// One reduction.
pub async fn get(op: &Op, id: ReductionId) -> Result<Option<Row>, Fault> {
    Ok(table::Entity::find_by_id(id).one(op.reader()).await?)
}

/// The reductions, the newest first.
pub async fn list(op: &Op, state: Option<OfferState>, page: PageRequest) -> Result<Page<Row>, Failure<CursorError>> {
    let mut rows = table::Entity::find();
    if let Some(state) = state {
        rows = rows.filter(table::Column::State.eq(state));
    }
    if let Some(after) = &page.after {
        rows = rows.filter(table::Column::Id.lt(after.key::<ReductionId>()?));
    }
    let rows = rows.order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    Ok(Page::take(rows, page.first, |row| row.id))
}

/// What shoppers are told runs now.
pub async fn running(op: &Op) -> Result<Vec<Reduction>, Fault> {
    let book = book::current(op).await?;
    Ok(book.reductions(op.now()).iter().map(|reduction| reduction.as_ref().clone()).collect())
}

async fn checked(op: &Op, draft: Draft) -> Result<Draft, Failure<EditRefused>> {
    let terms = draft.terms.checked().map_err(|wrong| EditRefused::Terms(wrong.0))?;
    let named: Vec<_> = match &terms.effect {
        Effect::Gift { sku, .. } => vec![*sku],
        Effect::Bundle { items, .. } => items.keys().copied().collect(),
        _ => Vec::new(),
    };
    let known = catalog::product::service::skus(op, &named).await?;
    if named.iter().any(|sku| known.get(sku).is_none_or(|info| info.price.currency != terms.currency)) {
        return Err(EditRefused::Price.into());
    }
    Ok(Draft { title: titled(draft.title)?, terms, window: draft.window.checked(op.now())?, ..draft })
}

async fn locked(tx: &Tx, id: ReductionId) -> Result<Row, Failure<EditRefused>> {
    Ok(table::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?.ok_or(EditRefused::NotFound)?)
}

async fn done(op: &Op, mut tx: Tx, id: ReductionId) -> Result<Row, Failure<EditRefused>> {
    book::turn(&mut tx);
    tx.commit().await?;
    Ok(get(op, id).await?.ok_or(EditRefused::NotFound)?)
}

fn active(row: Row) -> table::ActiveModel {
    table::ActiveModel {
        id: Set(row.id),
        title: Set(row.title),
        state: Set(row.state),
        terms: Set(row.terms),
        priority: Set(row.priority),
        starts_at: Set(row.starts_at),
        ends_at: Set(row.ends_at),
        created_at: Set(row.created_at),
        updated_at: Set(row.updated_at),
    }
}
