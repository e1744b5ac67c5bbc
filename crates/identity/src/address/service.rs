//! Keeping address books.

use entity::identity::{customer, customer_address as table};
use kernel::{AddressId, CustomerId, Failure, Fault, Timestamp};
use platform::{Op, Tx};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};

use super::{
    Refused, regions,
    rules::{self, Words},
};

/// An entry of an address book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub id: AddressId,
    /// Whose.
    pub customer: CustomerId,
    /// Who takes it.
    pub recipient: String,
    /// Where they are reached.
    pub phone: String,
    /// Province, city, district, and the street office where it is known.
    pub region: String,
    /// Street, house, door.
    pub street: String,
    /// The region's official code, as deep as it is known.
    pub region_code: Option<String>,
    /// What the shopper calls it.
    pub label: Option<String>,
    /// Whether it is filled in when nothing is said.
    pub is_default: bool,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    recipient: String,
    phone: String,
    region: String,
    street: String,
    label: Option<String>,
}

/// An entry as it is to be.
#[derive(Clone, Debug)]
pub struct SaveAddress {
    /// Which; a new one when not said.
    pub id: Option<AddressId>,
    /// Who takes it, and where.
    pub words: Words,
    /// The region's official code; found by the region's name when not said.
    pub region_code: Option<String>,
    /// Whether it is filled in when nothing is said; the first one always is.
    pub is_default: bool,
}

/// Keeps an entry in the caller's book, or changes it.
pub async fn save(op: &Op, wanted: SaveAddress) -> Result<Entry, Failure<Refused>> {
    let (customer, now) = (op.customer()?, op.now());
    let words = wanted.words.checked()?;
    let region_code = match wanted.region_code {
        Some(code) => Some(regions::get().by_code(&code).map(|_| code).ok_or(Refused::Region)?),
        None => regions::get().code_of(&words.region),
    };
    let id = wanted.id.unwrap_or_else(|| op.new_id());
    let tx = op.begin().await?;
    lock_book(&tx, customer).await?;
    let known = own(&tx, customer, id).await?;
    if wanted.id.is_some() && known.is_none() {
        return Err(Refused::NotFound.into());
    }
    let others = i64::try_from(entries(customer).filter(table::Column::Id.ne(id)).count(&*tx).await?).unwrap_or(i64::MAX);
    if known.is_none() && others >= rules::MOST {
        return Err(Refused::TooMany(rules::MOST).into());
    }
    let is_default = wanted.is_default || others == 0 || known.as_ref().is_some_and(|known| known.is_default);
    if is_default {
        none_is_default(&tx, customer).await?;
    }
    let Words { recipient, phone, region, street, label } = words;
    let sealed = Sealed { recipient, phone, region, street, label };
    let row = table::Model {
        id,
        customer,
        sealed: op.crypto().seal(&place(id), &serde_json::to_string(&sealed)?)?,
        region_code,
        is_default,
        created_at: known.as_ref().map_or(now, |known| known.created_at),
        updated_at: now,
    };
    let all = table::ActiveModel::from(row.clone()).reset_all();
    if known.is_some() {
        table::Entity::update(all).exec(&*tx).await?;
    } else {
        table::Entity::insert(all).exec_without_returning(&*tx).await?;
    }
    tx.commit().await?;
    Ok(Entry::of(op, row)?)
}

/// Takes an entry out of the caller's book; the latest of the others is the default then. Gone already is fine.
pub async fn remove(op: &Op, id: AddressId) -> Result<(), Failure<Refused>> {
    let customer = op.customer()?;
    let tx = op.begin().await?;
    lock_book(&tx, customer).await?;
    let Some(known) = own(&tx, customer, id).await? else { return Ok(()) };
    table::Entity::delete_by_id(id).exec(&*tx).await?;
    if known.is_default {
        let next = entries(customer).order_by_desc(table::Column::UpdatedAt).order_by_desc(table::Column::Id).limit(1).one(&*tx).await?;
        if let Some(next) = next {
            let update = table::Entity::update_many().col_expr(table::Column::IsDefault, Expr::value(true));
            update.filter(table::Column::Id.eq(next.id)).exec(&*tx).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// The caller's book: the default first, then the latest changed.
pub async fn list(op: &Op) -> Result<Vec<Entry>, Fault> {
    let rows = entries(op.customer()?)
        .order_by_desc(table::Column::IsDefault)
        .order_by_desc(table::Column::UpdatedAt)
        .order_by_desc(table::Column::Id)
        .limit(rules::MOST.unsigned_abs())
        .all(op.reader())
        .await?;
    rows.into_iter().map(|row| Entry::of(op, row)).collect()
}

/// An entry of the caller's own book.
pub async fn get(op: &Op, id: AddressId) -> Result<Option<Entry>, Fault> {
    let row = entries(op.customer()?).filter(table::Column::Id.eq(id)).one(op.reader()).await?;
    row.map(|row| Entry::of(op, row)).transpose()
}

/// The caller's default entry.
pub async fn default_of(op: &Op) -> Result<Option<Entry>, Fault> {
    let row = entries(op.customer()?).filter(table::Column::IsDefault.eq(true)).one(op.reader()).await?;
    row.map(|row| Entry::of(op, row)).transpose()
}

fn entries(customer: CustomerId) -> sea_orm::Select<table::Entity> {
    table::Entity::find().filter(table::Column::Customer.eq(customer))
}

async fn own(tx: &Tx, customer: CustomerId, id: AddressId) -> Result<Option<table::Model>, Fault> {
    Ok(entries(customer).filter(table::Column::Id.eq(id)).one(&**tx).await?)
}

/// Two changes of one book wait for each other, so that its limit and its default hold.
async fn lock_book(tx: &Tx, customer: CustomerId) -> Result<(), Fault> {
    customer::Entity::find_by_id(customer).lock_exclusive().one(&**tx).await?;
    Ok(())
}

async fn none_is_default(tx: &Tx, customer: CustomerId) -> Result<(), Fault> {
    let update = table::Entity::update_many().col_expr(table::Column::IsDefault, Expr::value(false));
    update.filter(table::Column::Customer.eq(customer).and(table::Column::IsDefault.eq(true))).exec(&**tx).await?;
    Ok(())
}

fn place(id: AddressId) -> String {
    format!("customer_address:{id}:sealed")
}

impl Entry {
    fn of(op: &Op, row: table::Model) -> Result<Self, Fault> {
        let Sealed { recipient, phone, region, street, label } = serde_json::from_str(&op.crypto().open(&place(row.id), &row.sealed)?)?;
        let table::Model { id, customer, region_code, is_default, updated_at, .. } = row;
        Ok(Self { id, customer, recipient, phone, region, street, region_code, label, is_default, updated_at })
    }
}
