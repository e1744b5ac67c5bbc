//! Reading coupons.

use std::collections::HashMap;

use entity::promotion::{
    coupon::{self as table, CouponState},
    coupon_template::{self as template, CouponWay, OfferState},
};
use kernel::{CouponId, CouponTemplateId, CursorError, CustomerId, Failure, Fault, LocalizedText, Page, PageRequest, Timestamp};
use platform::Op;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};

use super::rules::{self, InHand, State, Terms, WhyNot};

/// The most coupons a shopper is offered to choose from.
pub const MOST_IN_HAND: u64 = 50;

/// A kind of coupon.
pub type Template = template::Model;

/// A customer's coupon.
pub type Coupon = table::Model;

/// As the rules say it.
pub fn state(state: CouponState) -> State {
    match state {
        CouponState::Available => State::Available,
        CouponState::Held => State::Held,
        CouponState::Spent => State::Spent,
        CouponState::Expired => State::Expired,
    }
}

/// As the table spells it.
pub fn stored(state: State) -> CouponState {
    match state {
        State::Available => CouponState::Available,
        State::Held => CouponState::Held,
        State::Spent => CouponState::Spent,
        State::Expired => CouponState::Expired,
    }
}

/// These coupons of a customer, for a price. One that is not theirs is there, with that as its problem.
pub async fn in_hand(op: &Op, customer: CustomerId, ids: &[CouponId]) -> Result<Vec<InHand>, Failure<WhyNot>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = table::Entity::find()
        .filter(table::Column::Id.is_in(ids.iter().copied()).and(table::Column::Customer.eq(customer)))
        .all(op.reader())
        .await?;
    let known = with_terms(op, rows).await?;
    if ids.iter().any(|id| !known.iter().any(|coupon| coupon.id == *id)) {
        return Err(WhyNot::NotFound.into());
    }
    Ok(known)
}

/// What a customer could use now or soon: the soonest to end first.
pub async fn usable(op: &Op, customer: CustomerId) -> Result<Vec<InHand>, Fault> {
    let rows = table::Entity::find()
        .filter(table::Column::Customer.eq(customer).and(table::Column::State.eq(CouponState::Available)))
        .filter(table::Column::ValidUntil.gt(op.now()))
        .order_by_asc(table::Column::ValidUntil)
        .order_by_asc(table::Column::Id)
        .limit(MOST_IN_HAND)
        .all(op.reader())
        .await?;
    with_terms(op, rows).await
}

async fn with_terms(op: &Op, rows: Vec<Coupon>) -> Result<Vec<InHand>, Fault> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let templates = templates(op, &rows.iter().map(|row| row.template).collect::<Vec<_>>()).await?;
    rows.into_iter()
        .map(|row| {
            let kind = templates.get(&row.template).ok_or_else(|| Fault::corrupt(format!("{} has no template", row.id)))?;
            Ok(InHand {
                id: row.id,
                template: row.template,
                title: kind.title.clone(),
                terms: serde_json::from_value(kind.terms.clone())?,
                problem: rules::problem(state(row.state), (row.valid_from, row.valid_until), op.now()),
            })
        })
        .collect()
}

/// These kinds of coupons; unknown ones are not in the answer.
pub async fn templates(op: &Op, ids: &[CouponTemplateId]) -> Result<HashMap<CouponTemplateId, Template>, Fault> {
    let rows = template::Entity::find().filter(template::Column::Id.is_in(ids.iter().copied())).all(op.reader()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// What can be taken now.
pub async fn offered(op: &Op) -> Result<Vec<Template>, Fault> {
    let now = op.now();
    let rows = template::Entity::find()
        .filter(template::Column::Way.eq(CouponWay::Claim).and(template::Column::State.eq(OfferState::Active)))
        .filter(template::Column::ClaimFrom.lte(now).and(template::Column::ClaimUntil.gt(now)))
        .order_by_asc(template::Column::ClaimUntil)
        .order_by_asc(template::Column::Id)
        .limit(100);
    Ok(rows.all(op.reader()).await?)
}

/// How many of each of these kinds a customer has had.
pub async fn had(op: &Op, (customer, ids): (CustomerId, &[CouponTemplateId])) -> Result<HashMap<CouponTemplateId, i64>, Fault> {
    let rows: Vec<(CouponTemplateId, i64)> = table::Entity::find()
        .select_only()
        .column(table::Column::Template)
        .column_as(table::Column::Id.count(), "had")
        .filter(table::Column::Customer.eq(customer).and(table::Column::Template.is_in(ids.iter().copied())))
        .group_by(table::Column::Template)
        .into_tuple()
        .all(op.reader())
        .await?;
    Ok(rows.into_iter().collect())
}

/// A customer's coupons, the newest first.
pub async fn coupons_of(
    op: &Op,
    (customer, only): (CustomerId, Option<State>),
    page: PageRequest,
) -> Result<Page<Coupon>, Failure<CursorError>> {
    let mut rows = table::Entity::find().filter(table::Column::Customer.eq(customer));
    if let Some(only) = only {
        rows = rows.filter(table::Column::State.eq(stored(only)));
        // Over is over, whether the sweep came by or not.
        if only == State::Available {
            rows = rows.filter(table::Column::ValidUntil.gt(op.now()));
        }
    }
    if let Some(after) = &page.after {
        rows = rows.filter(table::Column::Id.lt(after.key::<CouponId>()?));
    }
    let rows = rows.order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    Ok(Page::take(rows, page.first, |row| row.id))
}

/// Which kinds staff look for.
#[derive(Clone, Debug, Default)]
pub struct TemplateFilter {
    /// Only in this state.
    pub state: Option<OfferState>,
    /// Only had this way.
    pub way: Option<CouponWay>,
}

/// The kinds of coupons, the newest first.
pub async fn all(op: &Op, filter: TemplateFilter, page: PageRequest) -> Result<Page<Template>, Failure<CursorError>> {
    let mut rows = template::Entity::find();
    if let Some(state) = filter.state {
        rows = rows.filter(template::Column::State.eq(state));
    }
    if let Some(way) = filter.way {
        rows = rows.filter(template::Column::Way.eq(way));
    }
    if let Some(after) = &page.after {
        rows = rows.filter(template::Column::Id.lt(after.key::<CouponTemplateId>()?));
    }
    let rows = rows.order_by_desc(template::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    Ok(Page::take(rows, page.first, |row| row.id))
}

/// How many coupons of these kinds stand where.
pub async fn counts(op: &Op, ids: &[CouponTemplateId]) -> Result<HashMap<CouponTemplateId, Vec<(State, i64)>>, Fault> {
    let rows: Vec<(CouponTemplateId, CouponState, i64)> = table::Entity::find()
        .select_only()
        .columns([table::Column::Template, table::Column::State])
        .column_as(table::Column::Id.count(), "n")
        .filter(table::Column::Template.is_in(ids.iter().copied()))
        .group_by(table::Column::Template)
        .group_by(table::Column::State)
        .into_tuple()
        .all(op.reader())
        .await?;
    let mut of: HashMap<CouponTemplateId, Vec<(State, i64)>> = HashMap::new();
    for (template, at, n) in rows {
        of.entry(template).or_default().push((state(at), n));
    }
    Ok(of)
}

/// The terms a kind of coupon has.
pub fn terms(row: &Template) -> Result<Terms, Fault> {
    Ok(serde_json::from_value(row.terms.clone())?)
}

/// A name for a page's rows.
pub fn titles(templates: &HashMap<CouponTemplateId, Template>, id: CouponTemplateId) -> LocalizedText {
    templates.get(&id).map(|row| row.title.clone()).unwrap_or_default()
}

/// Whether a coupon can be used at a time, as a state people understand: over is over before the sweep says so.
pub fn state_at(row: &Coupon, now: Timestamp) -> State {
    match state(row.state) {
        State::Available if row.valid_until <= now => State::Expired,
        state => state,
    }
}

/// One coupon.
pub async fn coupon(op: &Op, id: CouponId) -> Result<Option<Coupon>, Fault> {
    Ok(table::Entity::find_by_id(id).one(op.reader()).await?)
}
