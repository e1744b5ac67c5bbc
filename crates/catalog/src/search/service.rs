//! The table of terms.

use std::collections::{BTreeMap, BTreeSet};

use entity::catalog::product_term as table;
use kernel::{Fault, ProductId};
use platform::{Tx, rows};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement},
};

/// Rows per statement: three values each, within what both backends bind.
const ROWS: usize = 2_000;

/// Makes products found by these terms, and by no others.
pub async fn replace(tx: &Tx, products: &BTreeMap<ProductId, BTreeMap<String, i64>>) -> Result<(), Fault> {
    table::Entity::delete_many().filter(table::Column::Product.is_in(products.keys().copied())).exec(&**tx).await?;
    let rows: Vec<_> = products
        .iter()
        .flat_map(|(product, terms)| {
            terms.iter().map(|(term, weight)| table::ActiveModel { term: Set(term.clone()), product: Set(*product), weight: Set(*weight) })
        })
        .collect();
    for rows in rows.chunks(ROWS) {
        rows::insert(&**tx, rows.iter().cloned()).await?;
    }
    Ok(())
}

/// The column of [`matching`] that names the product.
pub const PRODUCT: &str = "product";

/// The column of [`matching`] that says how well it answers.
pub const SCORE: &str = "score";

/// The products that have every term, with a score.
pub fn matching(terms: &BTreeSet<String>) -> SelectStatement {
    Query::select()
        .expr_as(Expr::col(table::Column::Product), Alias::new(PRODUCT))
        .expr_as(Func::cast_as(Func::sum(Expr::col(table::Column::Weight)), Alias::new("bigint")), Alias::new(SCORE))
        .from(table::Entity)
        .and_where(Expr::col(table::Column::Term).is_in(terms.iter().cloned()))
        .group_by_col(table::Column::Product)
        .and_having(Func::count(Expr::col(table::Column::Term)).eq(i64::try_from(terms.len()).unwrap_or(i64::MAX)))
        .to_owned()
}
