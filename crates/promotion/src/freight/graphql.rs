//! Freight as shoppers and staff see it.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use catalog::product::{graphql::CatalogProduct, service::SetParcel};
use kernel::{Currency, Failure, FreightTemplateId, Money, Permission, SkuId, Timestamp};
use platform::graphql::{Access, ContextExt, Long, MoneyObject, answer, page_request, payload};

use super::{
    rules::{ChargedBy, Rule, Template},
    service::{self, Estimate, Row},
};
use crate::{EditRefused, graphql::small};

/// What a fee counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum FreightChargedBy {
    /// Grams.
    Weight,
    /// Pieces.
    Piece,
    /// Cubic centimetres.
    Volume,
}

/// What it costs to some regions.
#[derive(Clone, Debug, SimpleObject)]
pub struct FreightRule {
    /// To regions whose 6-digit code begins like one of these; everywhere else when none is named.
    regions: Vec<String>,
    /// Nothing is carried there.
    refused: bool,
    /// The first so many grams, pieces or cubic centimetres …
    first: Long,
    /// … cost this much.
    first_fee: MoneyObject,
    /// Every further so many …
    next: Long,
    /// … cost this much.
    next_fee: MoneyObject,
    /// Free from this price of the goods on.
    free_from: Option<MoneyObject>,
    /// Free from so many pieces on.
    free_from_pieces: Option<i32>,
}

/// What bringing things costs.
pub struct FreightTemplate(Row);

/// What bringing things costs.
#[Object]
impl FreightTemplate {
    /// Which.
    async fn id(&self) -> FreightTemplateId {
        self.0.id
    }

    /// What staff call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Of every amount.
    async fn currency(&self) -> Currency {
        self.0.currency
    }

    /// What the fee counts.
    async fn charged_by(&self, ctx: &Context<'_>) -> Result<FreightChargedBy> {
        Ok(match self.terms(ctx)?.by {
            ChargedBy::Weight => FreightChargedBy::Weight,
            ChargedBy::Piece => FreightChargedBy::Piece,
            ChargedBy::Volume => FreightChargedBy::Volume,
        })
    }

    /// By region; one is for everywhere else.
    async fn rules(&self, ctx: &Context<'_>) -> Result<Vec<FreightRule>> {
        let money = |minor: i64| MoneyObject::from(Money::new(minor, self.0.currency));
        let rule = |rule: Rule| FreightRule {
            regions: rule.regions,
            refused: rule.refused,
            first: Long(rule.first),
            first_fee: money(rule.first_fee_minor),
            next: Long(rule.next),
            next_fee: money(rule.next_fee_minor),
            free_from: rule.free_from_minor.map(money),
            free_from_pieces: rule.free_from_pieces.map(small),
        };
        Ok(self.terms(ctx)?.rules.into_iter().map(rule).collect())
    }

    /// When staff changed it last.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

impl FreightTemplate {
    fn terms(&self, ctx: &Context<'_>) -> Result<Template> {
        answer(ctx, serde_json::from_value(self.0.terms.clone()).map_err(kernel::Fault::from))
    }
}

platform::connection! {
    /// Freight templates.
    pub struct FreightTemplateConnection, FreightTemplateEdge of FreightTemplate
}

/// What it costs to some regions.
#[derive(InputObject)]
pub struct FreightRuleInput {
    /// To regions whose 6-digit code begins like one of these (two, four or six digits); everywhere else when none is
    /// named, and one rule is for that.
    #[graphql(default)]
    pub regions: Vec<String>,
    /// Nothing is carried there.
    #[graphql(default)]
    pub refused: bool,
    /// The first so many grams, pieces or cubic centimetres …
    #[graphql(default_with = "Long(0)")]
    pub first: Long,
    /// … cost this much, in minor units.
    #[graphql(default_with = "Long(0)")]
    pub first_fee: Long,
    /// Every further so many …
    #[graphql(default_with = "Long(0)")]
    pub next: Long,
    /// … cost this much, in minor units.
    #[graphql(default_with = "Long(0)")]
    pub next_fee: Long,
    /// Free from this price of the goods on, in minor units.
    pub free_from: Option<Long>,
    /// Free from so many pieces on.
    pub free_from_pieces: Option<i32>,
}

/// What bringing things costs.
#[derive(InputObject)]
pub struct FreightTemplateInput {
    /// What staff call it; each once.
    pub name: String,
    /// Of every amount.
    pub currency: Currency,
    /// What the fee counts.
    pub charged_by: FreightChargedBy,
    /// By region; exactly one for everywhere else.
    pub rules: Vec<FreightRuleInput>,
}

impl From<FreightTemplateInput> for Template {
    fn from(input: FreightTemplateInput) -> Self {
        let rule = |rule: FreightRuleInput| Rule {
            regions: rule.regions,
            refused: rule.refused,
            first: rule.first.0,
            first_fee_minor: rule.first_fee.0,
            next: rule.next.0,
            next_fee_minor: rule.next_fee.0,
            free_from_minor: rule.free_from.map(|from| from.0),
            free_from_pieces: rule.free_from_pieces.map(i64::from),
        };
        Self {
            name: input.name,
            currency: input.currency,
            by: match input.charged_by {
                FreightChargedBy::Weight => ChargedBy::Weight,
                FreightChargedBy::Piece => ChargedBy::Piece,
                FreightChargedBy::Volume => ChargedBy::Volume,
            },
            rules: input.rules.into_iter().map(rule).collect(),
        }
    }
}

/// How a SKU is carried and taxed.
#[derive(InputObject)]
pub struct SkuParcelInput {
    /// Which SKU.
    pub sku_id: SkuId,
    /// The room one takes in a parcel, in cubic centimetres.
    #[graphql(default)]
    pub volume_cm3: i32,
    /// The freight template it goes by; the mall's usual one when not said.
    pub freight_template_id: Option<FreightTemplateId>,
    /// The tax on it where tax is added to prices, in basis points.
    #[graphql(default)]
    pub tax_bps: i32,
}

platform::payload! {
    /// The template, as it is now.
    pub struct FreightTemplatePayload {
        /// The template.
        freight_template: FreightTemplate,
    }
}

platform::payload! {
    /// What became of `freightTemplateDelete`.
    pub struct FreightTemplateDeletePayload {
        /// The template that is gone.
        id: FreightTemplateId,
    }
}

platform::payload! {
    /// What became of `skuParcelSet`.
    pub struct SkuParcelSetPayload {
        /// The SKU's product.
        product: CatalogProduct,
    }
}

/// A SKU and how many of it.
#[derive(InputObject)]
pub struct FreightLineInput {
    /// The SKU.
    pub sku_id: SkuId,
    /// How many.
    pub quantity: i32,
}

/// What bringing something to a region would cost.
#[derive(SimpleObject)]
pub struct FreightEstimate {
    /// What it would cost, before coupons and reductions of the goods; nothing when it is not carried there.
    fee: Option<MoneyObject>,
    /// Whether it is carried there.
    carried: bool,
    /// Whether enough is bought to have it brought for nothing.
    free_by_rule: bool,
}

/// What shoppers ask about freight.
#[derive(Default)]
pub struct FreightShopQuery;

#[Object]
impl FreightShopQuery {
    /// What bringing these things to a region would cost at their usual prices. A quote says it exactly.
    async fn freight_estimate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Each SKU once; 1 to 50.")] lines: Vec<FreightLineInput>,
        #[graphql(desc = "Where to: the 6-digit code of the district.")] region_code: Option<String>,
    ) -> Result<FreightEstimate> {
        let lines = lines.into_iter().map(|line| (line.sku_id, i64::from(line.quantity))).collect();
        let estimate = answer(ctx, service::estimate(ctx.op()?, lines, region_code).await)?;
        Ok(match estimate {
            Estimate::Fee { fee, free } => FreightEstimate { fee: Some(fee.into()), carried: true, free_by_rule: free },
            Estimate::NotCarried => FreightEstimate { fee: None, carried: false, free_by_rule: false },
        })
    }
}

/// What staff ask about freight.
#[derive(Default)]
pub struct FreightAdminQuery;

#[Object]
impl FreightAdminQuery {
    /// Freight templates, the newest first.
    #[graphql(
        guard = "Access::Staff(Permission::PromotionRead)",
        complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1"
    )]
    async fn freight_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the row to go on behind.")] after: Option<String>,
    ) -> Result<FreightTemplateConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, service::list(ctx.op()?, page).await)?.map(FreightTemplate).into())
    }

    /// One freight template.
    #[graphql(guard = "Access::Staff(Permission::PromotionRead)")]
    async fn freight_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: FreightTemplateId,
    ) -> Result<Option<FreightTemplate>> {
        Ok(answer(ctx, service::get(ctx.op()?, id).await)?.map(FreightTemplate))
    }
}

/// What staff do about freight.
#[derive(Default)]
pub struct FreightAdminMutation;

#[Object]
impl FreightAdminMutation {
    /// Writes a freight template.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn freight_template_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The template.")] input: FreightTemplateInput,
    ) -> Result<FreightTemplatePayload> {
        kept(ctx, service::create(ctx.op()?, input.into()).await)
    }

    /// Changes a freight template; quotes that are promised keep their price until they are over.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn freight_template_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: FreightTemplateId,
        #[graphql(desc = "The template, all of it.")] input: FreightTemplateInput,
    ) -> Result<FreightTemplatePayload> {
        kept(ctx, service::update(ctx.op()?, id, input.into()).await)
    }

    /// Deletes a freight template nothing goes by.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn freight_template_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: FreightTemplateId,
    ) -> Result<FreightTemplateDeletePayload> {
        let gone = service::delete(ctx.op()?, id).await;
        payload(ctx, gone, |id| FreightTemplateDeletePayload { id: Some(id), ..Default::default() })
    }

    /// Says how a SKU is carried and taxed.
    #[graphql(guard = "Access::Staff(Permission::CatalogWrite)")]
    async fn sku_parcel_set(&self, ctx: &Context<'_>, #[graphql(desc = "How.")] input: SkuParcelInput) -> Result<SkuParcelSetPayload> {
        let parcel = SetParcel {
            sku: input.sku_id,
            volume_cm3: i64::from(input.volume_cm3),
            freight_template: input.freight_template_id,
            tax_bps: i64::from(input.tax_bps),
        };
        match service::set_parcel(ctx.op()?, parcel).await {
            Ok(product) => Ok(SkuParcelSetPayload { product: CatalogProduct::load(ctx, product).await?, ..Default::default() }),
            Err(failure) => payload(ctx, Err::<(), _>(failure), |()| SkuParcelSetPayload::default()),
        }
    }
}

fn kept(ctx: &Context<'_>, row: std::result::Result<Row, Failure<EditRefused>>) -> Result<FreightTemplatePayload> {
    payload(ctx, row, |row| FreightTemplatePayload { freight_template: Some(FreightTemplate(row)), ..Default::default() })
}
