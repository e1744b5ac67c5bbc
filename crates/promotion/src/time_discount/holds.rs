//! The pieces orders have at a limited discount's prices: counted as an order is placed, given back when it is cancelled
//! unpaid.
//!
//! The customer's counts are locked before everybody's, discounts in the order of their ids.

use std::collections::{BTreeMap, HashMap};

use entity::promotion::{time_discount as table, time_discount_customer as theirs, time_discount_hold as hold};
use kernel::{CustomerId, Failure, Fault, OrderId, Refusal, TimeDiscountId};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict},
};

/// Fewer pieces are left than the order was priced with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pieces at the lower price were just taken")]
pub struct Gone;

impl Refusal for Gone {
    fn code(&self) -> &'static str {
        "TIME_DISCOUNT_TAKEN"
    }

    fn field(&self) -> Option<&'static str> {
        Some("quoteId")
    }
}

/// Pieces an order has at limited prices.
#[derive(Clone, Debug)]
pub struct Pieces {
    /// Which order.
    pub order: OrderId,
    /// Who buys.
    pub customer: CustomerId,
    /// How many of which discount.
    pub of: BTreeMap<TimeDiscountId, i64>,
}

/// Counts an order's pieces. Refused when fewer are left; then the caller's transaction must not commit.
pub async fn take(tx: &Tx, wanted: Pieces) -> Result<(), Failure<Gone>> {
    let Pieces { order, customer, of } = wanted;
    if of.is_empty() {
        return Ok(());
    }
    let limited = table::Entity::find().filter(table::Column::Id.is_in(of.keys().copied())).all(&**tx).await?;
    let limited: HashMap<TimeDiscountId, table::Model> = limited.into_iter().map(|row| (row.id, row)).collect();
    let first = |discount: &TimeDiscountId| theirs::ActiveModel { time_discount: Set(*discount), customer: Set(customer), used: Set(0) };
    let known = OnConflict::columns([theirs::Column::TimeDiscount, theirs::Column::Customer]).do_nothing().to_owned();
    rows::insert_or(&**tx, (of.keys().map(first).collect::<Vec<_>>(), known)).await?;
    for (&discount, &pieces) in &of {
        let most = limited.get(&discount).and_then(|row| row.most_per_customer).unwrap_or(i64::MAX);
        let counted = theirs::Entity::update_many()
            .col_expr(theirs::Column::Used, Expr::col(theirs::Column::Used).add(pieces))
            .filter(theirs::Column::TimeDiscount.eq(discount).and(theirs::Column::Customer.eq(customer)))
            .filter(theirs::Column::Used.lte(most.saturating_sub(pieces)))
            .exec(&**tx)
            .await?;
        one(counted.rows_affected)?;
    }
    for (&discount, &pieces) in of.iter().filter(|(discount, _)| limited.get(discount).is_some_and(|row| row.most_in_all.is_some())) {
        let counted = table::Entity::update_many()
            .col_expr(table::Column::Used, Expr::col(table::Column::Used).add(pieces))
            .filter(table::Column::Id.eq(discount))
            .filter(Expr::col(table::Column::Used).add(pieces).lte(Expr::col(table::Column::MostInAll)))
            .exec(&**tx)
            .await?;
        one(counted.rows_affected)?;
    }
    let held = of.into_iter().map(|(discount, pieces)| hold::ActiveModel {
        order_id: Set(order),
        time_discount: Set(discount),
        customer: Set(customer),
        pieces: Set(pieces),
    });
    rows::insert(&**tx, held.collect::<Vec<_>>()).await?;
    Ok(())
}

fn one(counted: u64) -> Result<(), Gone> {
    if counted == 1 { Ok(()) } else { Err(Gone) }
}

/// The order will not be paid: its pieces are to be had again. Given back already is given back.
pub async fn give_back(tx: &Tx, order: OrderId) -> Result<(), Fault> {
    let held = hold::Entity::find().filter(hold::Column::OrderId.eq(order)).order_by_asc(hold::Column::TimeDiscount);
    let mut back = Vec::new();
    for row in held.all(&**tx).await? {
        let gone = hold::Entity::delete_by_id((order, row.time_discount)).exec(&**tx).await?;
        if gone.rows_affected == 1 {
            back.push(row);
        }
    }
    for row in &back {
        theirs::Entity::update_many()
            .col_expr(theirs::Column::Used, Expr::col(theirs::Column::Used).sub(row.pieces))
            .filter(theirs::Column::TimeDiscount.eq(row.time_discount).and(theirs::Column::Customer.eq(row.customer)))
            .exec(&**tx)
            .await?;
    }
    for row in &back {
        table::Entity::update_many()
            .col_expr(table::Column::Used, Expr::col(table::Column::Used).sub(row.pieces))
            .filter(table::Column::Id.eq(row.time_discount).and(table::Column::MostInAll.is_not_null()))
            .exec(&**tx)
            .await?;
    }
    Ok(())
}

/// How many pieces a customer has of these discounts; none where there are none.
pub(super) async fn used(op: &Op, (customer, ids): (CustomerId, &[TimeDiscountId])) -> Result<HashMap<TimeDiscountId, i64>, Fault> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = theirs::Entity::find()
        .filter(theirs::Column::Customer.eq(customer).and(theirs::Column::TimeDiscount.is_in(ids.iter().copied())))
        .all(op.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.time_discount, row.used)).collect())
}
