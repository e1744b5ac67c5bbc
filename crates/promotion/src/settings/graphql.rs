//! The settings as staff see them.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use kernel::{FreightTemplateId, Permission};
use platform::graphql::{Access, ContextExt, Long, answer, payload};

use super::{
    rules::{PointsTerms, Settings, TaxMode},
    service,
};
use crate::graphql::small;

/// How tax and duty come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "PricingTaxMode")]
pub enum PricingTaxMode {
    /// Prices include it.
    Included,
    /// It is added to what the goods cost, by each SKU's rate.
    Added,
}

/// What points are worth at checkout.
#[derive(SimpleObject)]
pub struct PricingPoints {
    /// So many points …
    points: Long,
    /// … take off so much, in minor units.
    amount: Long,
    /// The most of the goods' price that points pay, in basis points.
    most_bps: i32,
}

/// What the merchant sets for all prices.
#[derive(SimpleObject)]
pub struct PricingSettings {
    /// What points are worth; none are taken when not said.
    points: Option<PricingPoints>,
    /// How tax comes about.
    tax: PricingTaxMode,
    /// Whether the shopper may give to others with an order.
    donations: bool,
    /// What bringing a SKU without a template of its own costs; nothing when not said.
    freight_template_id: Option<FreightTemplateId>,
}

impl From<Settings> for PricingSettings {
    fn from(settings: Settings) -> Self {
        let points =
            |terms: PointsTerms| PricingPoints { points: Long(terms.points), amount: Long(terms.minor), most_bps: small(terms.most_bps) };
        Self {
            points: settings.points.map(points),
            tax: match settings.tax {
                TaxMode::Included => PricingTaxMode::Included,
                TaxMode::Added => PricingTaxMode::Added,
            },
            donations: settings.donations,
            freight_template_id: settings.freight,
        }
    }
}

/// What points are worth at checkout.
#[derive(InputObject)]
pub struct PricingPointsInput {
    /// So many points …
    pub points: Long,
    /// … take off so much, in minor units.
    pub amount: Long,
    /// The most of the goods' price that points pay, in basis points.
    #[graphql(default = 10000)]
    pub most_bps: i32,
}

/// What the merchant sets for all prices, all of it.
#[derive(InputObject)]
pub struct PricingSettingsInput {
    /// What points are worth; none are taken when not said.
    pub points: Option<PricingPointsInput>,
    /// How tax comes about.
    #[graphql(default_with = "PricingTaxMode::Included")]
    pub tax: PricingTaxMode,
    /// Whether the shopper may give to others with an order.
    #[graphql(default)]
    pub donations: bool,
    /// What bringing a SKU without a template of its own costs; nothing when not said.
    pub freight_template_id: Option<FreightTemplateId>,
}

impl From<PricingSettingsInput> for Settings {
    fn from(input: PricingSettingsInput) -> Self {
        let points =
            |terms: PricingPointsInput| PointsTerms { points: terms.points.0, minor: terms.amount.0, most_bps: i64::from(terms.most_bps) };
        Self {
            points: input.points.map(points),
            tax: match input.tax {
                PricingTaxMode::Included => TaxMode::Included,
                PricingTaxMode::Added => TaxMode::Added,
            },
            donations: input.donations,
            freight: input.freight_template_id,
        }
    }
}

platform::payload! {
    /// The settings, as they are now.
    pub struct PricingSettingsPayload {
        /// The settings.
        settings: PricingSettings,
    }
}

/// What staff ask about the settings of prices.
#[derive(Default)]
pub struct SettingsAdminQuery;

#[Object]
impl SettingsAdminQuery {
    /// What the merchant sets for all prices.
    #[graphql(guard = "Access::Staff(Permission::PromotionRead)")]
    async fn pricing_settings(&self, ctx: &Context<'_>) -> Result<PricingSettings> {
        Ok(answer(ctx, service::get(ctx.op()?).await)?.into())
    }
}

/// What staff do about the settings of prices.
#[derive(Default)]
pub struct SettingsAdminMutation;

#[Object]
impl SettingsAdminMutation {
    /// Keeps new settings, all of them.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn pricing_settings_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The settings.")] input: PricingSettingsInput,
    ) -> Result<PricingSettingsPayload> {
        let kept = service::set(ctx.op()?, input.into()).await;
        payload(ctx, kept, |settings| PricingSettingsPayload { settings: Some(settings.into()), ..Default::default() })
    }
}
