//! Arranging shelves.

use std::collections::{BTreeSet, HashMap};

use entity::catalog::category as table;
use kernel::{CategoryId, Failure, Fault, LocalizedText, MediaId};
use platform::{Op, Tx};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    events::CategoryRenamed,
    rules::{self, Refused, Tree},
};
use crate::{
    media,
    product::{self, facts},
};

/// A shelf.
pub type Category = table::Model;

/// A new shelf.
#[derive(Clone, Debug)]
pub struct NewCategory {
    /// Where it stands.
    pub parent: Option<CategoryId>,
    /// Its place among its siblings; smaller is earlier.
    pub position: i64,
    /// Its name.
    pub name: LocalizedText,
    /// Its picture.
    pub icon: Option<MediaId>,
}

/// What changes about a shelf; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct CategoryChange {
    /// Where it stands; `Some(None)` is the top.
    pub parent: Option<Option<CategoryId>>,
    /// Its place among its siblings.
    pub position: Option<i64>,
    /// Its name.
    pub name: Option<LocalizedText>,
    /// Its picture; `Some(None)` takes it away.
    pub icon: Option<Option<MediaId>>,
}

/// Puts up a shelf.
pub async fn create(op: &Op, new: NewCategory) -> Result<Category, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let row = create_in(&mut tx, op, new).await?;
    tx.commit().await?;
    Ok(row)
}

/// Puts up a shelf within the caller's transaction.
pub(crate) async fn create_in(tx: &mut Tx, op: &Op, new: NewCategory) -> Result<Category, Failure<Refused>> {
    rules::check_name(&new.name)?;
    locked(tx).await?.check(None, new.parent)?;
    check_icon(tx, new.icon).await?;
    let row = table::ActiveModel {
        id: Set(op.new_id()),
        parent: Set(new.parent),
        position: Set(new.position),
        name: Set(new.name),
        icon: Set(new.icon),
        created_at: Set(op.now()),
        updated_at: Set(op.now()),
    };
    Ok(table::Entity::insert(row).exec_with_returning(&**tx).await?)
}

/// Changes or moves a shelf.
pub async fn update(op: &Op, id: CategoryId, change: CategoryChange) -> Result<Category, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let tree = locked(&tx).await?;
    let row = table::Entity::find_by_id(id).one(&*tx).await?.ok_or(Refused::NotFound)?;
    let after = table::Model {
        parent: change.parent.unwrap_or(row.parent),
        position: change.position.unwrap_or(row.position),
        name: change.name.unwrap_or_else(|| row.name.clone()),
        icon: change.icon.unwrap_or(row.icon),
        updated_at: op.now(),
        ..row.clone()
    };
    rules::check_name(&after.name)?;
    if after.parent != row.parent {
        tree.check(Some(id), after.parent)?;
    }
    check_icon(&tx, after.icon).await?;
    let update = table::ActiveModel {
        id: Set(id),
        parent: Set(after.parent),
        position: Set(after.position),
        name: Set(after.name.clone()),
        icon: Set(after.icon),
        updated_at: Set(after.updated_at),
        ..Default::default()
    };
    table::Entity::update(update).exec(&*tx).await?;
    facts::turn(&mut tx);
    if after.name != row.name {
        tx.emit(&CategoryRenamed { category: id });
    }
    tx.commit().await?;
    Ok(after)
}

/// Takes an empty shelf down.
pub async fn delete(op: &Op, id: CategoryId) -> Result<CategoryId, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let tree = locked(&tx).await?;
    table::Entity::find_by_id(id).one(&*tx).await?.ok_or(Refused::NotFound)?;
    if tree.has_children(id) || product::service::any_on_shelf(&*tx, id).await? {
        return Err(Refused::NotEmpty.into());
    }
    table::Entity::delete_by_id(id).exec(&*tx).await?;
    facts::turn(&mut tx);
    tx.commit().await?;
    Ok(id)
}

/// Every shelf, siblings in their order.
pub async fn all(op: &Op) -> Result<Vec<Category>, Fault> {
    let rows = table::Entity::find().order_by_asc(table::Column::Position).order_by_asc(table::Column::Id);
    Ok(rows.all(op.reader()).await?)
}

/// These shelves; unknown ones are not in the answer.
pub async fn by_ids(db: &impl ConnectionTrait, ids: &[CategoryId]) -> Result<HashMap<CategoryId, Category>, Fault> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = table::Entity::find().filter(table::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The shelves on these shelves, siblings in their order.
pub async fn children_of(op: &Op, ids: &[CategoryId]) -> Result<HashMap<CategoryId, Vec<Category>>, Fault> {
    let rows = table::Entity::find()
        .filter(table::Column::Parent.is_in(ids.iter().copied()))
        .order_by_asc(table::Column::Position)
        .order_by_asc(table::Column::Id)
        .all(op.reader())
        .await?;
    let mut found: HashMap<CategoryId, Vec<Category>> = HashMap::new();
    for row in rows {
        if let Some(parent) = row.parent {
            found.entry(parent).or_default().push(row);
        }
    }
    Ok(found)
}

/// Whether all of these exist.
pub async fn all_exist(db: &impl ConnectionTrait, ids: &[CategoryId]) -> Result<bool, Fault> {
    let distinct: BTreeSet<_> = ids.iter().copied().collect();
    if distinct.is_empty() {
        return Ok(true);
    }
    let found = table::Entity::find().filter(table::Column::Id.is_in(distinct.iter().copied())).count(db).await?;
    Ok(usize::try_from(found).ok() == Some(distinct.len()))
}

/// The shelf and everything on it.
pub async fn with_descendants(op: &Op, id: CategoryId) -> Result<Vec<CategoryId>, Fault> {
    Ok(tree(op.reader()).await?.with_descendants(id))
}

/// The tree, locked: whoever rearranges shelves does so alone.
async fn locked(tx: &Tx) -> Result<Tree, Fault> {
    let rows = table::Entity::find().order_by_asc(table::Column::Id).lock_exclusive().all(&**tx).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.parent)).collect())
}

pub(crate) async fn tree(db: &impl ConnectionTrait) -> Result<Tree, Fault> {
    let rows: Vec<(CategoryId, Option<CategoryId>)> =
        table::Entity::find().select_only().column(table::Column::Id).column(table::Column::Parent).into_tuple().all(db).await?;
    Ok(rows.into_iter().collect())
}

async fn check_icon(tx: &Tx, icon: Option<MediaId>) -> Result<(), Failure<Refused>> {
    match icon {
        Some(icon) if !media::service::all_stored(&**tx, &[icon]).await? => Err(Refused::NoIcon.into()),
        _ => Ok(()),
    }
}
