//! What shoppers see and do.

use async_graphql::{Context, Object, Result, SimpleObject};
use kernel::{CouponId, CouponTemplateId, Failure, Locale, OrderId, Timestamp};
use platform::{
    Op,
    graphql::{Access, ContextExt, answer, page_request, payload},
};

use super::types::{CouponStatus, CouponTerms};
use crate::{
    coupon::{
        Refused,
        query::{self, Coupon, Template},
        service,
    },
    graphql::small,
};

/// A coupon that can be taken.
#[derive(SimpleObject)]
pub struct CouponOffer {
    /// Takes it: `couponClaim`.
    template_id: CouponTemplateId,
    /// What it is called.
    title: String,
    /// What it gives.
    terms: CouponTerms,
    /// How many are left; any number when not said.
    left: Option<i32>,
    /// How many one may have.
    per_customer: i32,
    /// How many the asker has had.
    #[graphql(directive = platform::graphql::personal::apply())]
    had: i32,
    /// It can be taken until then.
    until: Timestamp,
}

impl CouponOffer {
    fn of(locale: Locale, row: Template, had: i64) -> std::result::Result<Self, kernel::Fault> {
        Ok(Self {
            template_id: row.id,
            title: row.title.get(locale).to_owned(),
            terms: (&query::terms(&row)?).into(),
            left: row.quota.map(|quota| small(quota - row.taken)),
            per_customer: small(row.per_customer),
            had: small(had),
            until: row.claim_until,
        })
    }
}

/// A coupon of the shopper.
#[derive(SimpleObject)]
#[graphql(name = "Coupon")]
pub struct ShopCoupon {
    /// Which; name it when a price is wanted.
    id: CouponId,
    /// Of which kind.
    template_id: CouponTemplateId,
    /// What it is called.
    title: String,
    /// What it gives.
    terms: CouponTerms,
    /// Where it stands.
    status: CouponStatus,
    /// It can be used from then on.
    valid_from: Timestamp,
    /// It can be used until then.
    valid_until: Timestamp,
    /// Which order holds or spent it.
    order_id: Option<OrderId>,
    /// When it was taken.
    taken_at: Timestamp,
}

impl ShopCoupon {
    fn of(op: &Op, row: Coupon, kind: &Template) -> std::result::Result<Self, kernel::Fault> {
        Ok(Self {
            id: row.id,
            template_id: row.template,
            title: kind.title.get(op.locale).to_owned(),
            terms: (&query::terms(kind)?).into(),
            status: query::state_at(&row, op.now()).into(),
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            order_id: row.order_id,
            taken_at: row.taken_at,
        })
    }
}

platform::connection! {
    /// Coupons of a shopper.
    pub struct CouponConnection, CouponEdge of ShopCoupon
}

platform::payload! {
    /// What became of taking a coupon.
    pub struct CouponTakePayload {
        /// The coupon.
        coupon: ShopCoupon,
    }
}

/// What shoppers ask about coupons.
#[derive(Default)]
pub struct CouponShopQuery;

#[Object]
impl CouponShopQuery {
    /// The coupons that can be taken now.
    async fn coupon_offers(&self, ctx: &Context<'_>) -> Result<Vec<CouponOffer>> {
        let op = ctx.op()?;
        let offered = answer(ctx, query::offered(op).await)?;
        let ids: Vec<CouponTemplateId> = offered.iter().map(|row| row.id).collect();
        let had = match op.actor.customer() {
            Some(customer) => answer(ctx, query::had(op, (customer, &ids)).await)?,
            None => Default::default(),
        };
        let offers = offered.into_iter().map(|row| {
            let had = had.get(&row.id).copied().unwrap_or(0);
            CouponOffer::of(op.locale, row, had)
        });
        answer(ctx, offers.collect::<std::result::Result<_, kernel::Fault>>())
    }

    /// The shopper's own coupons, the newest first.
    #[graphql(guard = "Access::Customer", complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1")]
    async fn my_coupons(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand there.")] status: Option<CouponStatus>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the coupon to go on behind.")] after: Option<String>,
    ) -> Result<CouponConnection> {
        let op = ctx.op()?;
        let page = page_request(ctx, first, after)?;
        let customer = answer(ctx, op.customer())?;
        let page = answer(ctx, query::coupons_of(op, (customer, status.map(Into::into)), page).await)?;
        let kinds: Vec<CouponTemplateId> = page.rows.iter().map(|(_, row)| row.template).collect();
        let kinds = answer(ctx, query::templates(op, &kinds).await)?;
        let rows = page.rows.into_iter().map(|(cursor, row)| {
            let kind = kinds.get(&row.template).ok_or_else(|| kernel::Fault::corrupt("a coupon without its kind"))?;
            Ok((cursor, ShopCoupon::of(op, row, kind)?))
        });
        let rows = answer(ctx, rows.collect::<std::result::Result<Vec<_>, kernel::Fault>>())?;
        Ok(kernel::Page { rows, more: page.more }.into())
    }
}

/// What shoppers do about coupons.
#[derive(Default)]
pub struct CouponShopMutation;

#[Object]
impl CouponShopMutation {
    /// Takes a coupon that is offered.
    #[graphql(guard = "Access::Customer")]
    async fn coupon_claim(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which kind of coupon.")] template_id: CouponTemplateId,
    ) -> Result<CouponTakePayload> {
        let op = ctx.op()?;
        let taken = service::claim(op, template_id).await;
        payload(ctx, shown(op, taken).await, |coupon| CouponTakePayload { coupon: Some(coupon), ..Default::default() })
    }

    /// Redeems a code. A single-use code that the asker has redeemed already answers its coupon again.
    #[graphql(guard = "Access::Customer")]
    async fn coupon_redeem(&self, ctx: &Context<'_>, #[graphql(desc = "The code.")] code: String) -> Result<CouponTakePayload> {
        let op = ctx.op()?;
        let taken = service::redeem(op, &code).await;
        payload(ctx, shown(op, taken).await, |coupon| CouponTakePayload { coupon: Some(coupon), ..Default::default() })
    }
}

async fn shown(op: &Op, taken: std::result::Result<CouponId, Failure<Refused>>) -> std::result::Result<ShopCoupon, Failure<Refused>> {
    let row = query::coupon(op, taken?).await?.ok_or(Refused::NotFound)?;
    let kinds = query::templates(op, &[row.template]).await?;
    let kind = kinds.get(&row.template).ok_or(Refused::NotFound)?;
    Ok(ShopCoupon::of(op, row, kind)?)
}
