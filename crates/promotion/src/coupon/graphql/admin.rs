//! What staff see and do.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use kernel::{CouponId, CouponTemplateId, Currency, CustomerId, OrderId, Permission, Timestamp};
use platform::graphql::{Access, ContextExt, LocalizedTextInput, LocalizedTextObject, Long, answer, page_request, payload};

use super::loaders;
use super::types::{CouponKind, CouponReturn, CouponStatus, CouponTerms, CouponWay};
use crate::{
    EditRefused,
    coupon::{
        query::{self, TemplateFilter},
        rules::{Benefit, State, Terms, Validity},
        service::{self, GiveCoupons},
        templates::{self, Draft},
    },
    graphql::{PromotionScopeInput, PromotionState, small},
    offer::{Step, Window},
};

/// A kind of coupon, as staff see it.
pub struct CouponTemplate(query::Template);

/// A kind of coupon, as staff see it.
#[Object]
impl CouponTemplate {
    /// Which.
    async fn id(&self) -> CouponTemplateId {
        self.0.id
    }

    /// What it is called, in every language.
    async fn title_texts(&self) -> LocalizedTextObject {
        (&self.0.title).into()
    }

    /// What it is called.
    async fn title(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.title.get(ctx.op()?.locale))
    }

    /// Where it stands.
    async fn state(&self) -> PromotionState {
        self.0.state.into()
    }

    /// What it gives.
    async fn terms(&self, ctx: &Context<'_>) -> Result<CouponTerms> {
        Ok((&answer(ctx, query::terms(&self.0))?).into())
    }

    /// How a customer comes by it.
    async fn way(&self) -> CouponWay {
        self.0.way.into()
    }

    /// The word that gives it to whoever knows it.
    async fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// How many there are; any number when not said.
    async fn quota(&self) -> Option<Long> {
        self.0.quota.map(Long)
    }

    /// How many were taken.
    async fn taken(&self) -> Long {
        Long(self.0.taken)
    }

    /// How many one customer may have.
    async fn per_customer(&self) -> i32 {
        small(self.0.per_customer)
    }

    /// It can be had from then on.
    async fn starts_at(&self) -> Timestamp {
        self.0.claim_from
    }

    /// It can be had until then.
    async fn ends_at(&self) -> Timestamp {
        self.0.claim_until
    }

    /// When staff changed it last.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }

    /// Where the coupons stand that were taken.
    async fn counts(&self, ctx: &Context<'_>) -> Result<CouponCounts> {
        let counts = loaders::counts(ctx, self.0.id).await?;
        let of = |state| counts.iter().find(|(at, _)| *at == state).map_or(Long(0), |(_, n)| Long(*n));
        Ok(CouponCounts { available: of(State::Available), held: of(State::Held), spent: of(State::Spent), expired: of(State::Expired) })
    }
}

/// Where the coupons of a kind stand.
#[derive(SimpleObject)]
pub struct CouponCounts {
    /// Their owners' to use.
    available: Long,
    /// Parts of orders that wait for their money.
    held: Long,
    /// Parts of paid orders.
    spent: Long,
    /// Too late.
    expired: Long,
}

/// A customer's coupon, as staff see it.
#[derive(SimpleObject)]
pub struct CustomerCoupon {
    /// Which.
    id: CouponId,
    /// Of which kind.
    template_id: CouponTemplateId,
    /// What it is called.
    title: String,
    /// Whose.
    customer_id: CustomerId,
    /// Where it stands.
    status: CouponStatus,
    /// By which happening it came.
    source: String,
    /// It can be used from then on.
    valid_from: Timestamp,
    /// It can be used until then.
    valid_until: Timestamp,
    /// Which order holds or spent it.
    order_id: Option<OrderId>,
    /// When it was taken.
    taken_at: Timestamp,
}

/// A single-use code.
#[derive(SimpleObject)]
pub struct CouponCode {
    /// The code.
    code: String,
    /// Who used it.
    used_by: Option<CustomerId>,
    /// When.
    used_at: Option<Timestamp>,
}

platform::connection! {
    /// Kinds of coupons.
    pub struct CouponTemplateConnection, CouponTemplateEdge of CouponTemplate
}

platform::connection! {
    /// Customers' coupons.
    pub struct CustomerCouponConnection, CustomerCouponEdge of CustomerCoupon
}

platform::connection! {
    /// Single-use codes.
    pub struct CouponCodeConnection, CouponCodeEdge of CouponCode
}

/// What a coupon gives, on what, and with what else.
#[derive(InputObject)]
pub struct CouponTermsInput {
    /// What it gives.
    pub kind: CouponKind,
    /// So much off, of a cash coupon, in minor units.
    pub amount: Option<Long>,
    /// The share off, in basis points, of a percent coupon.
    pub off_bps: Option<i32>,
    /// No more than this, of a percent or free-shipping coupon, in minor units.
    pub cap: Option<Long>,
    /// How many pieces for nothing, of an exchange coupon.
    pub pieces: Option<i32>,
    /// Of every amount.
    pub currency: Currency,
    /// On what; everything when not said.
    pub scope: Option<PromotionScopeInput>,
    /// What the covered goods must cost at least, in minor units.
    #[graphql(default_with = "Long(0)")]
    pub min_spend: Long,
    /// It can be used from then on, with `validUntil`.
    pub valid_from: Option<Timestamp>,
    /// It can be used until then.
    pub valid_until: Option<Timestamp>,
    /// Or for so many days from when it is taken.
    pub valid_days: Option<i32>,
    /// Not in the first days after it is taken.
    #[graphql(default)]
    pub valid_after_days: i32,
    /// Of one group, one coupon per order.
    #[graphql(default_with = "\"usual\".to_owned()")]
    pub group: String,
    /// Goes with no other coupon.
    #[graphql(default)]
    pub alone: bool,
    /// Goes with full reductions.
    #[graphql(default = true)]
    pub with_reductions: bool,
    /// Goes with the prices of plays.
    #[graphql(default)]
    pub with_plays: bool,
    /// When it comes back after a refund.
    #[graphql(default_with = "CouponReturn::WholeRefund")]
    pub returns: CouponReturn,
}

/// A kind of coupon.
#[derive(InputObject)]
pub struct CouponTemplateInput {
    /// What it is called.
    pub title: LocalizedTextInput,
    /// What it gives; fixed once it was offered.
    pub terms: CouponTermsInput,
    /// How a customer comes by it; fixed once it was offered.
    pub way: CouponWay,
    /// A word that gives it to whoever knows it, of 4 to 32 characters, where it is had by code.
    pub code: Option<String>,
    /// How many there are; any number when not said.
    pub quota: Option<Long>,
    /// How many one customer may have.
    #[graphql(default = 1)]
    pub per_customer: i32,
    /// It can be had from then on.
    pub starts_at: Timestamp,
    /// It can be had until then.
    pub ends_at: Timestamp,
}

impl CouponTermsInput {
    /// The terms; what the kind needs and is not said is nothing, which the rules refuse.
    fn terms(self) -> Terms {
        let (amount, cap_minor) = (self.amount.map_or(0, |amount| amount.0), self.cap.map(|cap| cap.0));
        let benefit = match self.kind {
            CouponKind::Cash => Benefit::Cash { minor: amount },
            CouponKind::Percent => Benefit::Percent { off_bps: i64::from(self.off_bps.unwrap_or(0)), cap_minor },
            CouponKind::FreeShipping => Benefit::FreeShipping { cap_minor },
            CouponKind::Exchange => Benefit::Exchange { pieces: i64::from(self.pieces.unwrap_or(0)) },
        };
        let validity = match (self.valid_days, self.valid_from, self.valid_until) {
            (Some(days), _, _) => Validity::Days { after: i64::from(self.valid_after_days), days: i64::from(days) },
            (None, from, Some(until)) => Validity::Fixed { from: from.unwrap_or(Timestamp(0)), until },
            (None, _, None) => Validity::Days { after: 0, days: 0 },
        };
        Terms {
            benefit,
            currency: self.currency,
            scope: self.scope.unwrap_or_default().into(),
            min_spend_minor: self.min_spend.0,
            validity,
            group: self.group,
            alone: self.alone,
            with_reductions: self.with_reductions,
            with_plays: self.with_plays,
            returns: self.returns.into(),
        }
    }
}

impl From<CouponTemplateInput> for Draft {
    fn from(input: CouponTemplateInput) -> Self {
        Self {
            title: input.title.into(),
            terms: input.terms.terms(),
            way: input.way.into(),
            code: input.code,
            quota: input.quota.map(|quota| quota.0),
            per_customer: i64::from(input.per_customer),
            window: Window { starts_at: input.starts_at, ends_at: input.ends_at },
        }
    }
}

platform::payload! {
    /// The kind of coupon, as it is now.
    pub struct CouponTemplatePayload {
        /// The kind of coupon.
        coupon_template: CouponTemplate,
    }
}

platform::payload! {
    /// What became of `couponCodesMake`.
    pub struct CouponCodesMakePayload {
        /// The new codes.
        codes: Vec<String>,
    }
}

platform::payload! {
    /// What became of `couponGive`.
    pub struct CouponGivePayload {
        /// How many customers have it from this command.
        given: i32,
    }
}

/// What staff ask about coupons.
#[derive(Default)]
pub struct CouponAdminQuery;

#[Object]
impl CouponAdminQuery {
    /// Kinds of coupons, the newest first.
    #[graphql(
        guard = "Access::Staff(Permission::PromotionRead)",
        complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1"
    )]
    async fn coupon_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<PromotionState>,
        #[graphql(desc = "Only had this way.")] way: Option<CouponWay>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the row to go on behind.")] after: Option<String>,
    ) -> Result<CouponTemplateConnection> {
        let page = page_request(ctx, first, after)?;
        let filter = TemplateFilter { state: state.map(Into::into), way: way.map(Into::into) };
        Ok(answer(ctx, query::all(ctx.op()?, filter, page).await)?.map(CouponTemplate).into())
    }

    /// One kind of coupon.
    #[graphql(guard = "Access::Staff(Permission::PromotionRead)")]
    async fn coupon_template(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: CouponTemplateId) -> Result<Option<CouponTemplate>> {
        Ok(answer(ctx, templates::get(ctx.op()?, id).await)?.map(CouponTemplate))
    }

    /// The single-use codes of a kind of coupon.
    #[graphql(
        guard = "Access::Staff(Permission::PromotionWrite)",
        complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1"
    )]
    async fn coupon_codes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which kind.")] template_id: CouponTemplateId,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the row to go on behind.")] after: Option<String>,
    ) -> Result<CouponCodeConnection> {
        let page = page_request(ctx, first, after)?;
        let page = answer(ctx, templates::codes(ctx.op()?, template_id, page).await)?;
        Ok(page.map(|row| CouponCode { code: row.code, used_by: row.used_by, used_at: row.used_at }).into())
    }

    /// A customer's coupons, the newest first.
    #[graphql(
        guard = "Access::Staff(Permission::PromotionRead)",
        complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1"
    )]
    async fn customer_coupons(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] customer_id: CustomerId,
        #[graphql(desc = "Only those that stand there.")] status: Option<CouponStatus>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the row to go on behind.")] after: Option<String>,
    ) -> Result<CustomerCouponConnection> {
        let op = ctx.op()?;
        let page = page_request(ctx, first, after)?;
        let page = answer(ctx, query::coupons_of(op, (customer_id, status.map(Into::into)), page).await)?;
        let kinds: Vec<CouponTemplateId> = page.rows.iter().map(|(_, row)| row.template).collect();
        let kinds = answer(ctx, query::templates(op, &kinds).await)?;
        let shown = |row: query::Coupon| CustomerCoupon {
            id: row.id,
            template_id: row.template,
            title: query::titles(&kinds, row.template).get(op.locale).to_owned(),
            customer_id: row.customer,
            status: query::state_at(&row, op.now()).into(),
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            order_id: row.order_id,
            taken_at: row.taken_at,
            source: row.source,
        };
        Ok(page.map(shown).into())
    }
}

/// What staff do about coupons.
#[derive(Default)]
pub struct CouponAdminMutation;

#[Object]
impl CouponAdminMutation {
    /// Writes a kind of coupon nobody sees yet.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn coupon_template_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The kind of coupon.")] input: CouponTemplateInput,
    ) -> Result<CouponTemplatePayload> {
        kept(ctx, templates::create(ctx.op()?, input.into()).await)
    }

    /// Changes a kind of coupon. What it gives is fixed once it was offered; name, numbers and window are not.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn coupon_template_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: CouponTemplateId,
        #[graphql(desc = "The kind of coupon, all of it.")] input: CouponTemplateInput,
    ) -> Result<CouponTemplatePayload> {
        kept(ctx, templates::update(ctx.op()?, id, input.into()).await)
    }

    /// Offers a kind of coupon. Twice is once.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn coupon_template_activate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: CouponTemplateId,
    ) -> Result<CouponTemplatePayload> {
        kept(ctx, templates::step(ctx.op()?, id, Step::Activate).await)
    }

    /// Takes a kind of coupon back; what people hold they keep. Twice is once.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn coupon_template_stop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: CouponTemplateId,
    ) -> Result<CouponTemplatePayload> {
        kept(ctx, templates::step(ctx.op()?, id, Step::Stop).await)
    }

    /// Makes single-use codes for a kind of coupon that is had by code.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn coupon_codes_make(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which kind.")] template_id: CouponTemplateId,
        #[graphql(desc = "How many; 1 to 1000.")] count: i32,
    ) -> Result<CouponCodesMakePayload> {
        let made = templates::make_codes(ctx.op()?, template_id, i64::from(count)).await;
        payload(ctx, made, |codes| CouponCodesMakePayload { codes: Some(codes), ..Default::default() })
    }

    /// Gives one coupon to each of these customers, or none to anybody. The same key gives once.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn coupon_give(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which kind.")] template_id: CouponTemplateId,
        #[graphql(desc = "To whom; 500 at most.")] customer_ids: Vec<CustomerId>,
        #[graphql(desc = "8 to 64 letters, digits, dots, dashes or underscores.")] idempotency_key: String,
    ) -> Result<CouponGivePayload> {
        let given = service::give(ctx.op()?, GiveCoupons { template: template_id, customers: customer_ids }, &idempotency_key).await;
        payload(ctx, given, |given| CouponGivePayload { given: Some(i32::try_from(given).unwrap_or(i32::MAX)), ..Default::default() })
    }
}

fn kept(ctx: &Context<'_>, row: std::result::Result<query::Template, kernel::Failure<EditRefused>>) -> Result<CouponTemplatePayload> {
    payload(ctx, row, |row| CouponTemplatePayload { coupon_template: Some(CouponTemplate(row)), ..Default::default() })
}
