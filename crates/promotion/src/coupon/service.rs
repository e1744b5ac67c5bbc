//! Taking coupons, and what orders do with them.

use entity::promotion::{
    coupon::{self as table, CouponState},
    coupon_code as code,
    coupon_template::{self as template, CouponWay, OfferState},
};
use kernel::{CouponId, CouponTemplateId, CustomerId, Failure, Fault, OrderId};
use platform::{IdempotencyKey, Op, Tx};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, SubQueryStatement},
};
use serde::Serialize;

use super::{
    Refused,
    rules::{self, Extent, Terms},
};

/// The most customers staff give a coupon to at once.
pub const MOST_GIVEN: usize = 500;

/// A happening that gives coupons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The first sign-in.
    Registered,
    /// A birthday.
    Birthday,
    /// A paid order.
    OrderPaid,
    /// A daily check-in.
    CheckIn,
}

impl Occasion {
    fn way(self) -> CouponWay {
        match self {
            Self::Registered => CouponWay::Register,
            Self::Birthday => CouponWay::Birthday,
            Self::OrderPaid => CouponWay::OrderPaid,
            Self::CheckIn => CouponWay::CheckIn,
        }
    }
}

/// The asker takes a coupon that is there to be taken.
pub async fn claim(op: &Op, id: CouponTemplateId) -> Result<CouponId, Failure<Refused>> {
    let customer = op.customer()?;
    let tx = op.begin().await?;
    let row = locked(&tx, id).await?.filter(|row| row.way == CouponWay::Claim).ok_or(Refused::NotFound)?;
    let taken = give_one(&tx, op, Given { template: &row, customer, source: None }).await?;
    tx.commit().await?;
    Ok(taken)
}

/// The asker redeems a code: a single-use one gives its coupon once, a word for all gives as many as one may have.
pub async fn redeem(op: &Op, text: &str) -> Result<CouponId, Failure<Refused>> {
    let customer = op.customer()?;
    let text = normal(text);
    let by_word = template::Entity::find().filter(template::Column::Code.eq(text.clone())).one(op.reader()).await?;
    let single = code::Entity::find_by_id(text.clone()).one(op.reader()).await?;
    let id = by_word.map(|row| row.id).or(single.as_ref().map(|row| row.template)).ok_or(Refused::Code)?;
    let tx = op.begin().await?;
    let row = locked(&tx, id).await?.filter(|row| row.way == CouponWay::Code).ok_or(Refused::Code)?;
    let source = match single {
        None => None,
        Some(_) => {
            let used = code::Entity::update_many()
                .col_expr(code::Column::UsedBy, Expr::value(customer))
                .col_expr(code::Column::UsedAt, Expr::value(op.now().0))
                .filter(code::Column::Code.eq(text.clone()))
                .filter(code::Column::UsedBy.is_null().or(code::Column::UsedBy.eq(customer)))
                .exec(&*tx)
                .await?;
            if used.rows_affected == 0 {
                return Err(Refused::Code.into());
            }
            Some(format!("code:{text}"))
        }
    };
    let taken = give_one(&tx, op, Given { template: &row, customer, source }).await?;
    tx.commit().await?;
    Ok(taken)
}

/// A code as it is compared: without blanks, in capitals.
pub(super) fn normal(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).take(64).collect()
}

/// A coupon staff give.
#[derive(Clone, Debug, Serialize)]
pub struct GiveCoupons {
    /// Of which kind.
    pub template: CouponTemplateId,
    /// To whom.
    pub customers: Vec<CustomerId>,
}

/// Staff give one coupon to each of these customers, or none to anybody. The same key gives once. Answers how many have
/// it from this command.
pub async fn give(op: &Op, wanted: GiveCoupons, key: &str) -> Result<usize, Failure<Refused>> {
    if wanted.customers.len() > MOST_GIVEN {
        return Err(Refused::TooMany(MOST_GIVEN as i64).into());
    }
    let source = format!("staff:{key}");
    let key = IdempotencyKey::new(op, "coupon_give", key, &wanted).map_err(Failure::widen)?;
    let mut customers = wanted.customers;
    customers.sort_unstable();
    customers.dedup();
    let mut tx = op.begin().await?;
    if let Some(known) = tx.claim::<usize>(&key).await.map_err(Failure::widen)? {
        return Ok(known);
    }
    let row = locked(&tx, wanted.template).await?.ok_or(Refused::NotFound)?;
    for customer in &customers {
        give_one(&tx, op, Given { template: &row, customer: *customer, source: Some(source.clone()) }).await?;
    }
    tx.remember(&key, &customers.len()).await?;
    tx.commit().await?;
    Ok(customers.len())
}

/// Something happened to a customer: they get every coupon that is given for it, once per `source`. What is gone or had
/// already is passed over.
pub async fn grant(op: &Op, (occasion, customer): (Occasion, CustomerId), source: &str) -> Result<(), Fault> {
    let now = op.now();
    let offered = template::Entity::find()
        .select_only()
        .column(template::Column::Id)
        .filter(template::Column::Way.eq(occasion.way()).and(template::Column::State.eq(OfferState::Active)))
        .filter(template::Column::ClaimFrom.lte(now).and(template::Column::ClaimUntil.gt(now)))
        .order_by_asc(template::Column::Id);
    let offered: Vec<CouponTemplateId> = offered.into_tuple().all(op.reader()).await?;
    for id in offered {
        let tx = op.begin().await?;
        let Some(row) = locked(&tx, id).await? else { continue };
        match give_one(&tx, op, Given { template: &row, customer, source: Some(source.to_owned()) }).await {
            Ok(_) => tx.commit().await?,
            Err(Failure::Refused(_)) => {}
            Err(Failure::Fault(fault)) => return Err(fault),
        }
    }
    Ok(())
}

/// A coupon on its way to a customer.
struct Given<'a> {
    template: &'a template::Model,
    customer: CustomerId,
    /// By which happening; one gives once.
    source: Option<String>,
}

/// Counts and writes one coupon. Both limits, the state and the window are conditions of the statement that counts; the
/// template's row is locked, so what it sees of the customer's others is what is committed.
async fn give_one(tx: &Tx, op: &Op, given: Given<'_>) -> Result<CouponId, Failure<Refused>> {
    let Given { template: row, customer, source } = given;
    let theirs = || table::Entity::find().filter(table::Column::Template.eq(row.id).and(table::Column::Customer.eq(customer)));
    if let Some(source) = &source
        && let Some(known) = theirs().filter(table::Column::Source.eq(source.clone())).one(&**tx).await?
    {
        return Ok(known.id);
    }
    let now = op.now();
    let had = theirs().select_only().column_as(table::Column::Id.count(), "had").into_query();
    let had = Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(had)));
    let counted = template::Entity::update_many()
        .col_expr(template::Column::Taken, Expr::col(template::Column::Taken).add(1))
        .filter(template::Column::Id.eq(row.id).and(template::Column::State.eq(OfferState::Active)))
        .filter(template::Column::ClaimFrom.lte(now).and(template::Column::ClaimUntil.gt(now)))
        .filter(template::Column::Quota.is_null().or(Expr::col(template::Column::Taken).lt(Expr::col(template::Column::Quota))))
        .filter(Expr::col(template::Column::PerCustomer).gt(had))
        .exec(&**tx)
        .await?;
    let had = i64::try_from(theirs().count(&**tx).await?).unwrap_or(i64::MAX);
    if counted.rows_affected == 0 {
        return Err(why_not(row, (had, now)).into());
    }
    let terms: Terms = serde_json::from_value(row.terms.clone())?;
    let (valid_from, valid_until) = terms.validity.window(now);
    let id: CouponId = op.new_id();
    let coupon = table::ActiveModel {
        id: Set(id),
        template: Set(row.id),
        customer: Set(customer),
        nth: Set(had + 1),
        state: Set(CouponState::Available),
        source: Set(source.unwrap_or_else(|| format!("taken:{}", had + 1))),
        valid_from: Set(valid_from),
        valid_until: Set(valid_until),
        order_id: Set(None),
        taken_at: Set(now),
        held_at: Set(None),
        spent_at: Set(None),
        updated_at: Set(now),
    };
    table::Entity::insert(coupon).exec_without_returning(&**tx).await?;
    Ok(id)
}

fn why_not(row: &template::Model, (had, now): (i64, kernel::Timestamp)) -> Refused {
    let offered = row.state == OfferState::Active && row.claim_from <= now && now < row.claim_until;
    match () {
        () if !offered => Refused::NotOffered,
        () if had >= row.per_customer => Refused::Limit(row.per_customer),
        () => Refused::Gone,
    }
}

/// A template, locked: whoever counts its coupons does so alone.
pub(super) async fn locked(tx: &Tx, id: CouponTemplateId) -> Result<Option<template::Model>, Fault> {
    Ok(template::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?)
}

/// The coupons of an order that waits for its money.
#[derive(Clone, Copy, Debug)]
pub struct Hold<'a> {
    /// Which order.
    pub order: OrderId,
    /// Whose coupons they must be.
    pub customer: CustomerId,
    /// Which.
    pub coupons: &'a [CouponId],
}

/// Puts an order's coupons aside: `AVAILABLE → HELD`. Held by this order already is held; used, expired or foreign is
/// refused, and the caller's transaction with it.
pub async fn hold(tx: &mut Tx, op: &Op, wanted: Hold<'_>) -> Result<(), Failure<Refused>> {
    let mut coupons = wanted.coupons.to_vec();
    coupons.sort_unstable();
    coupons.dedup();
    let now = op.now();
    for coupon in coupons {
        let held = table::Entity::update_many()
            .col_expr(table::Column::State, Expr::value(CouponState::Held.to_value()))
            .col_expr(table::Column::OrderId, Expr::value(wanted.order))
            .col_expr(table::Column::HeldAt, Expr::value(now.0))
            .col_expr(table::Column::UpdatedAt, Expr::value(now.0))
            .filter(table::Column::Id.eq(coupon).and(table::Column::Customer.eq(wanted.customer)))
            .filter(table::Column::State.eq(CouponState::Available))
            .filter(table::Column::ValidFrom.lte(now).and(table::Column::ValidUntil.gt(now)))
            .exec(&**tx)
            .await?;
        if held.rows_affected == 1 {
            continue;
        }
        let row = table::Entity::find_by_id(coupon).one(&**tx).await?;
        let ours = |row: &table::Model| {
            row.customer == wanted.customer
                && row.order_id == Some(wanted.order)
                && matches!(row.state, CouponState::Held | CouponState::Spent)
        };
        if !row.as_ref().is_some_and(ours) {
            return Err(Refused::Spent.into());
        }
    }
    Ok(())
}

/// The order is paid: `HELD → SPENT`. Spent already is spent.
pub async fn spend(tx: &mut Tx, op: &Op, order: OrderId) -> Result<(), Fault> {
    table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(CouponState::Spent.to_value()))
        .col_expr(table::Column::SpentAt, Expr::value(op.now().0))
        .col_expr(table::Column::UpdatedAt, Expr::value(op.now().0))
        .filter(table::Column::OrderId.eq(order).and(table::Column::State.eq(CouponState::Held)))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// The order will not be paid: `HELD → AVAILABLE`, or `EXPIRED` when it is too late. Given back already is given back.
pub async fn give_back(tx: &mut Tx, op: &Op, order: OrderId) -> Result<(), Fault> {
    let held = table::Entity::find()
        .filter(table::Column::OrderId.eq(order).and(table::Column::State.eq(CouponState::Held)))
        .order_by_asc(table::Column::Id)
        .all(&**tx)
        .await?;
    come_back(tx, op, held).await
}

/// How much of an order's money went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refunded {
    /// Which order.
    pub order: OrderId,
    /// How much.
    pub extent: Extent,
}

/// Money of a paid order went back: its coupons come back as far as their own rule says. Come back already is back.
pub async fn refunded(tx: &mut Tx, op: &Op, refund: Refunded) -> Result<(), Fault> {
    let spent = table::Entity::find()
        .filter(table::Column::OrderId.eq(refund.order).and(table::Column::State.eq(CouponState::Spent)))
        .order_by_asc(table::Column::Id)
        .all(&**tx)
        .await?;
    if spent.is_empty() {
        return Ok(());
    }
    let templates = template::Entity::find().filter(template::Column::Id.is_in(spent.iter().map(|row| row.template))).all(&**tx).await?;
    let mut back = Vec::new();
    for row in spent {
        let kind = templates.iter().find(|kind| kind.id == row.template);
        let kind = kind.ok_or_else(|| Fault::corrupt(format!("{} has no template", row.id)))?;
        let terms: Terms = serde_json::from_value(kind.terms.clone())?;
        if rules::returns(terms.returns, refund.extent) {
            back.push(row);
        }
    }
    come_back(tx, op, back).await
}

async fn come_back(tx: &Tx, op: &Op, rows: Vec<table::Model>) -> Result<(), Fault> {
    let now = op.now();
    for row in rows {
        let state = super::query::stored(rules::given_back(row.valid_until, now));
        table::Entity::update_many()
            .col_expr(table::Column::State, Expr::value(state.to_value()))
            .col_expr(table::Column::OrderId, Expr::value(None::<OrderId>))
            .col_expr(table::Column::UpdatedAt, Expr::value(now.0))
            .filter(table::Column::Id.eq(row.id).and(table::Column::State.eq(row.state)))
            .filter(table::Column::OrderId.eq(row.order_id))
            .exec(&**tx)
            .await?;
    }
    Ok(())
}
