//! What staff do with kinds of coupons.

use entity::promotion::{
    coupon_code as code,
    coupon_template::{self as table, CouponWay, OfferState},
};
use kernel::{CouponTemplateId, CursorError, Failure, Fault, LocalizedText, Page, PageRequest};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr,
    sea_query::{Expr, ExprTrait},
};

use super::{
    query::Template,
    rules::Terms,
    service::{locked, normal},
};
use crate::{
    EditRefused,
    error::titled,
    offer::{self, Step, Window},
};

/// The most single-use codes made at once.
pub const MOST_CODES: i64 = 1_000;

/// A kind of coupon as staff write it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What it is called.
    pub title: LocalizedText,
    /// What it gives.
    pub terms: Terms,
    /// How a customer comes by it.
    pub way: CouponWay,
    /// A word that gives it to whoever knows it; single-use codes are made beside it.
    pub code: Option<String>,
    /// How many there are; any number when not said.
    pub quota: Option<i64>,
    /// How many one customer may have.
    pub per_customer: i64,
    /// When it can be had.
    pub window: Window,
}

/// Writes a kind of coupon nobody sees yet.
pub async fn create(op: &Op, draft: Draft) -> Result<Template, Failure<EditRefused>> {
    let draft = checked(op, draft)?;
    let id: CouponTemplateId = op.new_id();
    let tx = op.begin().await?;
    let row = table::ActiveModel { state: Set(OfferState::Draft), taken: Set(0), created_at: Set(op.now()), ..written(op, (id, &draft))? };
    table::Entity::insert(row).exec_without_returning(&*tx).await.map_err(taken)?;
    done(op, tx, id).await
}

/// Changes a kind of coupon. What it gives, and how one comes by it, is fixed once it was offered; name, numbers and
/// window are not. Fewer than were taken is refused.
pub async fn update(op: &Op, id: CouponTemplateId, draft: Draft) -> Result<Template, Failure<EditRefused>> {
    let draft = checked(op, draft)?;
    let tx = op.begin().await?;
    let before = locked(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    let same = before.terms == serde_json::to_value(&draft.terms)? && before.way == draft.way;
    if before.state != OfferState::Draft && !same {
        return Err(EditRefused::Fixed.into());
    }
    if draft.quota.is_some_and(|quota| quota < before.taken) {
        return Err(EditRefused::Quota.into());
    }
    table::Entity::update(written(op, (id, &draft))?).exec(&*tx).await.map_err(taken)?;
    done(op, tx, id).await
}

/// Offers a kind of coupon, or takes it back: what people hold they keep. Twice is once.
pub async fn step(op: &Op, id: CouponTemplateId, step: Step) -> Result<Template, Failure<EditRefused>> {
    let tx = op.begin().await?;
    let before = locked(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    if step == Step::Activate {
        Window { starts_at: before.claim_from, ends_at: before.claim_until }.checked(op.now())?;
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

/// Makes single-use codes for a kind of coupon that is had by code.
pub async fn make_codes(op: &Op, id: CouponTemplateId, count: i64) -> Result<Vec<String>, Failure<EditRefused>> {
    if !(1..=MOST_CODES).contains(&count) {
        return Err(EditRefused::Terms("count").into());
    }
    let tx = op.begin().await?;
    let row = locked(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    if row.way != CouponWay::Code {
        return Err(EditRefused::Terms("way").into());
    }
    let codes: Vec<String> = (0..count).map(|_| spelt(op.random_bytes())).collect();
    let rows = codes.iter().map(|text| code::ActiveModel {
        code: Set(text.clone()),
        template: Set(id),
        used_by: Set(None),
        used_at: Set(None),
        created_at: Set(op.now()),
    });
    rows::insert(&*tx, rows).await?;
    tx.commit().await?;
    Ok(codes)
}

/// The single-use codes of a kind of coupon, in their alphabetical order.
pub async fn codes(op: &Op, id: CouponTemplateId, page: PageRequest) -> Result<Page<code::Model>, Failure<CursorError>> {
    let mut rows = code::Entity::find().filter(code::Column::Template.eq(id));
    if let Some(after) = &page.after {
        rows = rows.filter(code::Column::Code.gt(after.key::<String>()?));
    }
    let rows = rows.order_by_asc(code::Column::Code).limit(page.first + 1).all(op.reader()).await?;
    Ok(Page::take(rows, page.first, |row| row.code.clone()))
}

/// One kind of coupon.
pub async fn get(op: &Op, id: CouponTemplateId) -> Result<Option<Template>, Fault> {
    Ok(table::Entity::find_by_id(id).one(op.reader()).await?)
}

/// Sixteen letters that are not mistaken for each other: 80 bits.
fn spelt(bytes: [u8; 16]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

fn checked(op: &Op, draft: Draft) -> Result<Draft, EditRefused> {
    let terms = draft.terms.checked().map_err(|wrong| EditRefused::Terms(wrong.0))?;
    if draft.per_customer < 1 || draft.per_customer > 1_000 {
        return Err(EditRefused::Terms("perCustomer"));
    }
    if draft.quota.is_some_and(|quota| quota < 1) {
        return Err(EditRefused::Terms("quota"));
    }
    let code = draft.code.as_deref().map(normal);
    let speakable = |code: &String| (4..=32).contains(&code.chars().count()) && draft.way == CouponWay::Code;
    if !code.as_ref().is_none_or(speakable) {
        return Err(EditRefused::Terms("code"));
    }
    Ok(Draft { title: titled(draft.title)?, terms, code, window: draft.window.checked(op.now())?, ..draft })
}

fn written(op: &Op, (id, draft): (CouponTemplateId, &Draft)) -> Result<table::ActiveModel, Fault> {
    Ok(table::ActiveModel {
        id: Set(id),
        title: Set(draft.title.clone()),
        terms: Set(serde_json::to_value(&draft.terms)?),
        kind: Set(draft.terms.benefit.code().to_owned()),
        way: Set(draft.way),
        code: Set(draft.code.clone()),
        quota: Set(draft.quota),
        per_customer: Set(draft.per_customer),
        claim_from: Set(draft.window.starts_at),
        claim_until: Set(draft.window.ends_at),
        updated_at: Set(op.now()),
        ..Default::default()
    })
}

async fn done(op: &Op, tx: Tx, id: CouponTemplateId) -> Result<Template, Failure<EditRefused>> {
    tx.commit().await?;
    Ok(get(op, id).await?.ok_or(EditRefused::NotFound)?)
}

fn taken(error: DbErr) -> Failure<EditRefused> {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => EditRefused::Taken("code").into(),
        _ => error.into(),
    }
}
