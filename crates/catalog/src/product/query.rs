//! Lists of products.

use std::collections::{BTreeSet, HashMap};

use entity::catalog::{product, product_category, sku, stock};
use kernel::{CategoryId, CursorError, Failure, Fault, Page, PageRequest, ProductId, Refusal, SkuId};
use platform::Op;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Alias, Expr, ExprTrait, Query, SimpleExpr},
};

use super::service::{Product, Sku};
use crate::{category, category::service::Category, search};

/// Why a list is not made.
#[derive(Debug, thiserror::Error)]
pub enum ListRefused {
    /// The cursor is not one of this list in this order.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// A price below zero, or a range that is upside down.
    #[error("the price range is not one")]
    PriceRange,
    /// More than a person types.
    #[error("a search has at most {LONGEST_SEARCH} characters")]
    Search,
}

/// The longest search, in characters.
const LONGEST_SEARCH: usize = 100;

impl Refusal for ListRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Cursor(cursor) => cursor.code(),
            Self::PriceRange => "PRODUCT_PRICE_RANGE_INVALID",
            Self::Search => "PRODUCT_SEARCH_TOO_LONG",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::Cursor(_) => "after",
            Self::PriceRange => "filter.priceMin",
            Self::Search => "filter.search",
        })
    }

    fn detail(&self) -> kernel::Detail {
        match self {
            Self::Search => kernel::Detail::Limit(100),
            _ => kernel::Detail::None,
        }
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What answers the search best; without a search, the newest.
    #[default]
    Relevance,
    /// Put on sale last (staff: made last).
    Newest,
    /// The cheapest first.
    PriceAsc,
    /// The dearest first.
    PriceDesc,
    /// Sold most.
    BestSelling,
}

/// Which products.
#[derive(Clone, Debug, Default)]
pub struct ProductList {
    /// Only in this state.
    pub status: Option<product::ProductStatus>,
    /// Only what these words find.
    pub search: Option<String>,
    /// Only on this shelf or a shelf on it.
    pub category: Option<CategoryId>,
    /// Not cheaper, in minor units.
    pub price_min: Option<i64>,
    /// Not dearer, in minor units.
    pub price_max: Option<i64>,
    /// Only what can be bought at once (or, `false`, what cannot).
    pub in_stock: Option<bool>,
    /// In which order.
    pub sort: Sort,
    /// Which part.
    pub page: PageRequest,
}

/// A product and what it is sorted by.
#[derive(FromQueryResult)]
struct Sorted {
    #[sea_orm(nested)]
    product: Product,
    sort_key: i64,
}

/// A position in a list: the order, the key, the product.
type Position = (u8, i64, ProductId);

/// A page of products.
pub async fn list(op: &Op, list: ProductList) -> Result<Page<Product>, Failure<ListRefused>> {
    let search = list.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if search.is_some_and(|text| text.chars().count() > LONGEST_SEARCH) {
        return Err(ListRefused::Search.into());
    }
    let sensible = |price: Option<i64>| price.is_none_or(|price| price >= 0);
    if !sensible(list.price_min) || !sensible(list.price_max) || list.price_min.zip(list.price_max).is_some_and(|(min, max)| min > max) {
        return Err(ListRefused::PriceRange.into());
    }
    let terms = search.map(search::rules::query);
    if terms.as_ref().is_some_and(BTreeSet::is_empty) {
        return Ok(Page { rows: Vec::new(), more: false });
    }
    let mut select = filtered(op, &list).await?;
    let found = Alias::new("found");
    if let Some(terms) = &terms {
        let on = Expr::col((found.clone(), Alias::new(search::service::PRODUCT))).equals((product::Entity, product::Column::Id));
        QueryTrait::query(&mut select).join_subquery(JoinType::InnerJoin, search::service::matching(terms), found.clone(), on);
    }
    let born = if list.status == Some(product::ProductStatus::OnSale) { product::Column::PublishedAt } else { product::Column::CreatedAt };
    let (tag, key, ascending) = match list.sort {
        Sort::Relevance if terms.is_some() => (0, Expr::col((found, Alias::new(search::service::SCORE))), false),
        Sort::Relevance | Sort::Newest => (1, column(born), false),
        Sort::PriceAsc => (2, column(product::Column::MinPriceMinor), true),
        Sort::PriceDesc => (3, column(product::Column::MinPriceMinor), false),
        Sort::BestSelling => (4, column(product::Column::SoldCount), false),
    };
    let key: SimpleExpr = key;
    if let Some(after) = &list.page.after {
        let (sorted, last, id): Position = after.key().map_err(ListRefused::from)?;
        if sorted != tag {
            return Err(ListRefused::from(CursorError).into());
        }
        let (further, next) =
            if ascending { (key.clone().gt(last), product::Column::Id.gt(id)) } else { (key.clone().lt(last), product::Column::Id.lt(id)) };
        select = select.filter(further.or(key.clone().eq(last).and(next)));
    }
    let order = if ascending { sea_orm::Order::Asc } else { sea_orm::Order::Desc };
    let rows = select
        .expr_as(key.clone(), "sort_key")
        .order_by(key, order.clone())
        .order_by(product::Column::Id, order)
        .limit(list.page.first + 1)
        .into_model::<Sorted>()
        .all(op.reader())
        .await?;
    Ok(Page::take(rows, list.page.first, |row| (tag, row.sort_key, row.product.id)).map(|row| row.product))
}

fn column(column: product::Column) -> SimpleExpr {
    Expr::col((product::Entity, column))
}

async fn filtered(op: &Op, list: &ProductList) -> Result<Select<product::Entity>, Fault> {
    let mut select = product::Entity::find();
    if let Some(status) = list.status {
        // Spelt out, not bound: only so can the planner use the indexes of what is on sale.
        select = select.filter(column(product::Column::Status).eq(SimpleExpr::Constant(sea_orm::ActiveEnum::to_value(&status).into())));
    }
    if let Some(min) = list.price_min {
        select = select.filter(product::Column::MinPriceMinor.gte(min));
    }
    if let Some(max) = list.price_max {
        select = select.filter(product::Column::MinPriceMinor.lte(max));
    }
    if let Some(category) = list.category {
        let shelves = category::service::with_descendants(op, category).await?;
        let standing = Query::select()
            .column(product_category::Column::Product)
            .from(product_category::Entity)
            .and_where(Expr::col(product_category::Column::Category).is_in(shelves))
            .to_owned();
        select = select.filter(product::Column::Id.in_subquery(standing));
    }
    if let Some(wanted) = list.in_stock {
        let buyable = Query::select()
            .expr(Expr::val(1))
            .from(sku::Entity)
            .inner_join(stock::Entity, Expr::col((stock::Entity, stock::Column::Sku)).equals((sku::Entity, sku::Column::Id)))
            .and_where(Expr::col((sku::Entity, sku::Column::Product)).equals((product::Entity, product::Column::Id)))
            .and_where(Expr::col((sku::Entity, sku::Column::Status)).eq(sea_orm::ActiveEnum::to_value(&sku::SkuStatus::Active)))
            .and_where(Expr::col((stock::Entity, stock::Column::OnHand)).gt(Expr::col((stock::Entity, stock::Column::Reserved))))
            .to_owned();
        let buyable = Expr::exists(buyable);
        select = select.filter(if wanted { buyable } else { buyable.not() });
    }
    Ok(select)
}

/// These products, in whatever state; unknown ones are not in the answer.
pub async fn by_ids(op: &Op, ids: &[ProductId]) -> Result<HashMap<ProductId, Product>, Fault> {
    let rows = product::Entity::find().filter(product::Column::Id.is_in(ids.iter().copied())).all(op.reader()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A product shoppers may see: on sale, or taken down after it was.
pub async fn shown(op: &Op, id: ProductId) -> Result<Option<Product>, Fault> {
    let row = product::Entity::find_by_id(id).one(op.reader()).await?;
    Ok(row.filter(|row| row.status != product::ProductStatus::Draft))
}

/// These SKUs, retired ones too.
pub async fn skus_by_ids(op: &Op, ids: &[SkuId]) -> Result<HashMap<SkuId, Sku>, Fault> {
    let rows = sku::Entity::find().filter(sku::Column::Id.is_in(ids.iter().copied())).all(op.reader()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A SKU shoppers may see.
pub async fn shown_sku(op: &Op, id: SkuId) -> Result<Option<Sku>, Fault> {
    let Some(row) = sku::Entity::find_by_id(id).one(op.reader()).await? else {
        return Ok(None);
    };
    Ok(shown(op, row.product).await?.map(|_| row))
}

/// The SKUs of these products in their order, retired ones too.
pub async fn skus_of(op: &Op, products: &[ProductId]) -> Result<HashMap<ProductId, Vec<Sku>>, Fault> {
    let rows = sku::Entity::find()
        .filter(sku::Column::Product.is_in(products.iter().copied()))
        .order_by_asc(sku::Column::Position)
        .order_by_asc(sku::Column::Id)
        .all(op.reader())
        .await?;
    let mut found: HashMap<ProductId, Vec<Sku>> = HashMap::new();
    for row in rows {
        found.entry(row.product).or_default().push(row);
    }
    Ok(found)
}

/// The shelves these products stand on, the most fitting first.
pub async fn shelves_of(op: &Op, products: &[ProductId]) -> Result<HashMap<ProductId, Vec<Category>>, Fault> {
    let rows = product_category::Entity::find()
        .filter(product_category::Column::Product.is_in(products.iter().copied()))
        .order_by_asc(product_category::Column::Position)
        .all(op.reader())
        .await?;
    let ids: BTreeSet<CategoryId> = rows.iter().map(|row| row.category).collect();
    let shelves = category::service::by_ids(op.reader(), &ids.into_iter().collect::<Vec<_>>()).await?;
    let mut found: HashMap<ProductId, Vec<Category>> = HashMap::new();
    for row in rows {
        found.entry(row.product).or_default().extend(shelves.get(&row.category).cloned());
    }
    Ok(found)
}
