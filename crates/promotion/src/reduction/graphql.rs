//! Reductions as shoppers and staff see them.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use kernel::{Currency, Failure, Money, Permission, ReductionId, SkuId, Timestamp};
use platform::graphql::{Access, ContextExt, LocalizedTextInput, LocalizedTextObject, Long, MoneyObject, answer, page_request, payload};

use super::{
    rules::{Effect, Measure, Off, Terms, Tier},
    service::{self, Draft, Row},
};
use crate::{
    EditRefused,
    graphql::{PromotionScope, PromotionScopeInput, PromotionState, small},
    offer::{Step, Window},
};

/// What a reduction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ReductionKind {
    /// The highest step that is reached takes off.
    Tiers,
    /// For every so much, so much off.
    Every,
    /// Of every n pieces, the cheapest has a share off.
    NthPiece,
    /// Any n pieces for one price.
    AnyFor,
    /// These things together for one price.
    Bundle,
    /// From so much on, something is given along.
    Gift,
}

/// What steps count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ReductionMeasure {
    /// What the covered goods cost, in minor units.
    Amount,
    /// How many pieces they are.
    Pieces,
}

impl From<Measure> for ReductionMeasure {
    fn from(measure: Measure) -> Self {
        match measure {
            Measure::Amount => Self::Amount,
            Measure::Pieces => Self::Pieces,
        }
    }
}

impl From<ReductionMeasure> for Measure {
    fn from(measure: ReductionMeasure) -> Self {
        match measure {
            ReductionMeasure::Amount => Self::Amount,
            ReductionMeasure::Pieces => Self::Pieces,
        }
    }
}

/// A step: from so much on, so much off.
#[derive(Clone, Debug, SimpleObject)]
pub struct ReductionTier {
    /// From this amount (in minor units) or number of pieces on.
    from: Long,
    /// So much off.
    off: Option<MoneyObject>,
    /// Or this share, in basis points.
    off_bps: Option<i32>,
}

/// A thing of a bundle.
#[derive(Clone, Debug, SimpleObject)]
pub struct ReductionItem {
    /// Which SKU.
    sku_id: SkuId,
    /// How many.
    quantity: i32,
}

/// What a reduction does; the fields of its kind are set.
#[derive(Clone, Debug, SimpleObject)]
pub struct ReductionEffect {
    /// Which kind.
    kind: ReductionKind,
    /// What is counted, of tiers, every and gifts.
    measure: Option<ReductionMeasure>,
    /// The steps.
    tiers: Vec<ReductionTier>,
    /// For every so much, or from so much on: an amount in minor units or a number of pieces.
    from: Option<Long>,
    /// So much off.
    off: Option<MoneyObject>,
    /// At most so often.
    most_times: Option<i32>,
    /// Of so many pieces, or so many pieces together.
    pieces: Option<i32>,
    /// The share off, in basis points.
    off_bps: Option<i32>,
    /// For this much together.
    price: Option<MoneyObject>,
    /// What belongs together, or what is given along.
    items: Vec<ReductionItem>,
}

impl ReductionEffect {
    fn of(effect: &Effect, currency: Currency) -> Self {
        let money = |minor: i64| MoneyObject::from(Money::new(minor, currency));
        let item = |sku_id: SkuId, quantity: i64| ReductionItem { sku_id, quantity: small(quantity) };
        let blank = |kind| Self {
            kind,
            measure: None,
            tiers: Vec::new(),
            from: None,
            off: None,
            most_times: None,
            pieces: None,
            off_bps: None,
            price: None,
            items: Vec::new(),
        };
        match effect {
            Effect::Tiers { measure, tiers } => {
                let tier = |tier: &Tier| match tier.off {
                    Off::Minor(minor) => ReductionTier { from: Long(tier.from), off: Some(money(minor)), off_bps: None },
                    Off::Bps(bps) => ReductionTier { from: Long(tier.from), off: None, off_bps: Some(small(bps)) },
                };
                Self { measure: Some((*measure).into()), tiers: tiers.iter().map(tier).collect(), ..blank(ReductionKind::Tiers) }
            }
            Effect::Every { measure, each, off_minor, most_times } => Self {
                measure: Some((*measure).into()),
                from: Some(Long(*each)),
                off: Some(money(*off_minor)),
                most_times: most_times.map(small),
                ..blank(ReductionKind::Every)
            },
            Effect::NthPiece { n, off_bps } => {
                Self { pieces: Some(small(*n)), off_bps: Some(small(*off_bps)), ..blank(ReductionKind::NthPiece) }
            }
            Effect::AnyFor { pieces, price_minor } => {
                Self { pieces: Some(small(*pieces)), price: Some(money(*price_minor)), ..blank(ReductionKind::AnyFor) }
            }
            Effect::Bundle { items, price_minor } => Self {
                price: Some(money(*price_minor)),
                items: items.iter().map(|(sku, quantity)| item(*sku, *quantity)).collect(),
                ..blank(ReductionKind::Bundle)
            },
            Effect::Gift { measure, from, sku, quantity } => Self {
                measure: Some((*measure).into()),
                from: Some(Long(*from)),
                items: vec![item(*sku, *quantity)],
                ..blank(ReductionKind::Gift)
            },
        }
    }
}

/// A reduction that runs now.
#[derive(SimpleObject)]
pub struct RunningReduction {
    /// Which.
    id: ReductionId,
    /// What it is called.
    title: String,
    /// What it does.
    effect: ReductionEffect,
    /// On what.
    scope: PromotionScope,
    /// It runs until then.
    until: Timestamp,
}

/// A reduction, as staff see it.
pub struct Reduction(Row);

/// A reduction, as staff see it.
#[Object]
impl Reduction {
    /// Which.
    async fn id(&self) -> ReductionId {
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

    /// What it does.
    async fn effect(&self, ctx: &Context<'_>) -> Result<ReductionEffect> {
        let terms = self.terms(ctx)?;
        Ok(ReductionEffect::of(&terms.effect, terms.currency))
    }

    /// On what.
    async fn scope(&self, ctx: &Context<'_>) -> Result<PromotionScope> {
        Ok((&self.terms(ctx)?.scope).into())
    }

    /// Also on goods with the price of a play.
    async fn with_plays(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.terms(ctx)?.with_plays)
    }

    /// The larger goes first.
    async fn priority(&self) -> i32 {
        small(self.0.priority)
    }

    /// It runs from then on.
    async fn starts_at(&self) -> Timestamp {
        self.0.starts_at
    }

    /// It runs until then.
    async fn ends_at(&self) -> Timestamp {
        self.0.ends_at
    }

    /// When staff changed it last.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

impl Reduction {
    fn terms(&self, ctx: &Context<'_>) -> Result<Terms> {
        answer(ctx, serde_json::from_value(self.0.terms.clone()).map_err(kernel::Fault::from))
    }
}

platform::connection! {
    /// Reductions.
    pub struct ReductionConnection, ReductionEdge of Reduction
}

/// A step: from so much on, an amount or a share off.
#[derive(InputObject)]
pub struct ReductionTierInput {
    /// From this amount (in minor units) or number of pieces on.
    pub from: Long,
    /// So much off, in minor units.
    pub off: Option<Long>,
    /// Or this share, in basis points.
    pub off_bps: Option<i32>,
}

/// A thing of a bundle, or a gift.
#[derive(InputObject)]
pub struct ReductionItemInput {
    /// Which SKU.
    pub sku_id: SkuId,
    /// How many.
    #[graphql(default = 1)]
    pub quantity: i32,
}

/// What a reduction does; say the fields of its kind.
#[derive(InputObject)]
pub struct ReductionEffectInput {
    /// Which kind.
    pub kind: ReductionKind,
    /// What is counted, of tiers, every and gifts.
    #[graphql(default_with = "ReductionMeasure::Amount")]
    pub measure: ReductionMeasure,
    /// The steps, of tiers, the lowest first.
    #[graphql(default)]
    pub tiers: Vec<ReductionTierInput>,
    /// For every so much (every), from so much on (gift): an amount in minor units or a number of pieces.
    pub from: Option<Long>,
    /// So much off (every), in minor units.
    pub off: Option<Long>,
    /// At most so often (every).
    pub most_times: Option<i32>,
    /// Of so many pieces (nth piece), so many pieces (any for).
    pub pieces: Option<i32>,
    /// The share off (nth piece), in basis points; 10 000 is for nothing.
    pub off_bps: Option<i32>,
    /// For this much together (any for, bundle), in minor units.
    pub price: Option<Long>,
    /// What belongs together (bundle), what is given along (gift: one).
    #[graphql(default)]
    pub items: Vec<ReductionItemInput>,
}

/// A reduction.
#[derive(InputObject)]
pub struct ReductionInput {
    /// What it is called.
    pub title: LocalizedTextInput,
    /// What it does; fixed once it was offered.
    pub effect: ReductionEffectInput,
    /// Of every amount; fixed once it was offered.
    pub currency: Currency,
    /// On what; everything when not said. Fixed once it was offered.
    pub scope: Option<PromotionScopeInput>,
    /// Also on goods with the price of a play.
    #[graphql(default)]
    pub with_plays: bool,
    /// The larger goes first: a line takes part in one reduction.
    #[graphql(default)]
    pub priority: i32,
    /// It runs from then on.
    pub starts_at: Timestamp,
    /// It runs until then.
    pub ends_at: Timestamp,
}

impl ReductionEffectInput {
    /// The effect; what its kind needs and is not said is nothing, which the rules refuse.
    fn effect(self) -> std::result::Result<Effect, EditRefused> {
        let number = |n: Option<i32>| i64::from(n.unwrap_or(0));
        let amount = |n: Option<Long>| n.map_or(0, |n| n.0);
        let tier = |tier: ReductionTierInput| {
            let off = match (tier.off, tier.off_bps) {
                (Some(minor), None) => Off::Minor(minor.0),
                (None, Some(bps)) => Off::Bps(i64::from(bps)),
                _ => return Err(EditRefused::Terms("effect.tiers")),
            };
            Ok(Tier { from: tier.from.0, off })
        };
        Ok(match self.kind {
            ReductionKind::Tiers => {
                let tiers = self.tiers.into_iter().map(tier).collect::<std::result::Result<_, _>>()?;
                Effect::Tiers { measure: self.measure.into(), tiers }
            }
            ReductionKind::Every => Effect::Every {
                measure: self.measure.into(),
                each: amount(self.from),
                off_minor: amount(self.off),
                most_times: self.most_times.map(i64::from),
            },
            ReductionKind::NthPiece => Effect::NthPiece { n: number(self.pieces), off_bps: number(self.off_bps) },
            ReductionKind::AnyFor => Effect::AnyFor { pieces: number(self.pieces), price_minor: amount(self.price) },
            ReductionKind::Bundle => Effect::Bundle {
                items: self.items.into_iter().map(|item| (item.sku_id, i64::from(item.quantity))).collect(),
                price_minor: amount(self.price),
            },
            ReductionKind::Gift => {
                let [gift]: [ReductionItemInput; 1] = self.items.try_into().map_err(|_| EditRefused::Terms("effect.items"))?;
                let (sku, quantity) = (gift.sku_id, i64::from(gift.quantity));
                Effect::Gift { measure: self.measure.into(), from: amount(self.from), sku, quantity }
            }
        })
    }
}

impl ReductionInput {
    fn draft(self) -> std::result::Result<Draft, Failure<EditRefused>> {
        Ok(Draft {
            title: self.title.into(),
            terms: Terms {
                effect: self.effect.effect()?,
                currency: self.currency,
                scope: self.scope.unwrap_or_default().into(),
                with_plays: self.with_plays,
            },
            priority: i64::from(self.priority),
            window: Window { starts_at: self.starts_at, ends_at: self.ends_at },
        })
    }
}

platform::payload! {
    /// The reduction, as it is now.
    pub struct ReductionPayload {
        /// The reduction.
        reduction: Reduction,
    }
}

/// What shoppers ask about reductions.
#[derive(Default)]
pub struct ReductionShopQuery;

#[Object]
impl ReductionShopQuery {
    /// The reductions that run now.
    async fn reductions_running(&self, ctx: &Context<'_>) -> Result<Vec<RunningReduction>> {
        let op = ctx.op()?;
        let running = answer(ctx, service::running(op).await)?;
        let shown = running.into_iter().map(|reduction| RunningReduction {
            id: reduction.id,
            title: reduction.title.get(op.locale).to_owned(),
            effect: ReductionEffect::of(&reduction.terms.effect, reduction.terms.currency),
            scope: (&reduction.terms.scope).into(),
            until: reduction.ends_at,
        });
        Ok(shown.collect())
    }
}

/// What staff ask about reductions.
#[derive(Default)]
pub struct ReductionAdminQuery;

#[Object]
impl ReductionAdminQuery {
    /// Reductions, the newest first.
    #[graphql(
        guard = "Access::Staff(Permission::PromotionRead)",
        complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1"
    )]
    async fn reductions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<PromotionState>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the row to go on behind.")] after: Option<String>,
    ) -> Result<ReductionConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, service::list(ctx.op()?, state.map(Into::into), page).await)?.map(Reduction).into())
    }

    /// One reduction.
    #[graphql(guard = "Access::Staff(Permission::PromotionRead)")]
    async fn reduction(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: ReductionId) -> Result<Option<Reduction>> {
        Ok(answer(ctx, service::get(ctx.op()?, id).await)?.map(Reduction))
    }
}

/// What staff do about reductions.
#[derive(Default)]
pub struct ReductionAdminMutation;

#[Object]
impl ReductionAdminMutation {
    /// Writes a reduction nobody sees yet.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn reduction_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reduction.")] input: ReductionInput,
    ) -> Result<ReductionPayload> {
        let op = ctx.op()?;
        let made = match input.draft() {
            Ok(draft) => service::create(op, draft).await,
            Err(refused) => Err(refused),
        };
        kept(ctx, made)
    }

    /// Changes a reduction. What it does is fixed once it was offered; name, priority and window are not.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn reduction_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ReductionId,
        #[graphql(desc = "The reduction, all of it.")] input: ReductionInput,
    ) -> Result<ReductionPayload> {
        let op = ctx.op()?;
        let changed = match input.draft() {
            Ok(draft) => service::update(op, id, draft).await,
            Err(refused) => Err(refused),
        };
        kept(ctx, changed)
    }

    /// Offers a reduction. Twice is once.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn reduction_activate(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: ReductionId) -> Result<ReductionPayload> {
        kept(ctx, service::step(ctx.op()?, id, Step::Activate).await)
    }

    /// Takes a reduction back. Twice is once.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn reduction_stop(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: ReductionId) -> Result<ReductionPayload> {
        kept(ctx, service::step(ctx.op()?, id, Step::Stop).await)
    }
}

fn kept(ctx: &Context<'_>, row: std::result::Result<Row, Failure<EditRefused>>) -> Result<ReductionPayload> {
    payload(ctx, row, |row| ReductionPayload { reduction: Some(Reduction(row)), ..Default::default() })
}
