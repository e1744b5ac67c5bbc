//! What things cost, as shoppers see it, and what they cost before, as staff do.

use async_graphql::{Context, Object, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use kernel::{Locale, Money, Permission, ProductId, SkuId, Timestamp};
use platform::graphql::{Access, ContextExt, MoneyObject, answer, live};

use super::{
    Activity,
    rules::{Base, Named},
    service::{self, Shown, Span},
};

/// What lowers a price, or sells a SKU beside it.
#[derive(Clone, Debug, SimpleObject)]
pub struct OfferActivity {
    /// Its kind: `time_discount`, `member_price`, or a play's (`group_buy`, `flash_sale`, `bargain`, `presale`,
    /// `crowdfunding`).
    pub kind: String,
    /// Which one.
    pub id: String,
    /// What it is called, in the reader's language.
    pub title: String,
}

impl OfferActivity {
    fn of(activity: &Activity, locale: Locale) -> Self {
        Self { kind: activity.kind.clone(), id: activity.id.clone(), title: activity.title.get(locale).to_owned() }
    }
}

/// Whose price a SKU's market price is. It is said wherever the price is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(remote = "Named")]
pub enum MarketPriceBase {
    /// What its maker recommends to ask.
    RecommendedRetail,
    /// What this mall asked first.
    FirstPrice,
    /// What it costs elsewhere.
    OtherChannel,
}

/// Which price is struck through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum CompareBase {
    /// The lowest price of the seven days before the reduction began.
    LowestOfSevenDays,
    /// What its maker recommends to ask: to be said beside it.
    RecommendedRetail,
    /// What this mall asked first: to be said beside it.
    FirstPrice,
    /// What it costs elsewhere: to be said beside it.
    OtherChannel,
}

impl From<Base> for CompareBase {
    fn from(base: Base) -> Self {
        match base {
            Base::LowestOfSevenDays => Self::LowestOfSevenDays,
            Base::Named(Named::RecommendedRetail) => Self::RecommendedRetail,
            Base::Named(Named::FirstPrice) => Self::FirstPrice,
            Base::Named(Named::OtherChannel) => Self::OtherChannel,
        }
    }
}

/// What a SKU costs now: one price, as the cart will charge it.
#[derive(Clone, Debug, SimpleObject)]
pub struct SkuOffer {
    /// Which SKU.
    pub sku_id: SkuId,
    /// What one costs now.
    pub price: MoneyObject,
    /// What it costs without any offer.
    pub list_price: MoneyObject,
    /// What may be shown struck through, with `compareBase` said beside it; null when nothing may.
    pub compare_at: Option<MoneyObject>,
    /// What the struck-through price is; null when there is none.
    pub compare_base: Option<CompareBase>,
    /// What lowers the price; null when nothing does.
    pub applied_activity: Option<OfferActivity>,
    /// The play that sells it now, at a price of its own; null when none does.
    pub play: Option<OfferActivity>,
    /// When the price or the play is over; null while nobody knows.
    pub ends_at: Option<Timestamp>,
    /// The server's time, to count down with.
    pub server_time: Timestamp,
}

impl SkuOffer {
    /// An offer as it is shown at a time, in a language.
    pub fn of(shown: &Shown, (locale, server_time): (Locale, Timestamp)) -> Self {
        let offer = &shown.offer;
        Self {
            sku_id: offer.sku,
            price: offer.price.into(),
            list_price: offer.list.into(),
            compare_at: shown.compare_at.map(|(price, _)| price.into()),
            compare_base: shown.compare_at.map(|(_, base)| base.into()),
            applied_activity: offer.applied.as_ref().map(|activity| OfferActivity::of(activity, locale)),
            play: offer.play.as_ref().map(|play| OfferActivity::of(play, locale)),
            ends_at: offer.ends_at,
            server_time,
        }
    }
}

/// What the SKUs of a product cost at a moment, and where to go on from.
#[derive(SimpleObject)]
pub struct ProductOffers {
    /// Pass it as `after` to go on behind this state.
    pub cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    pub gap: bool,
    /// The server's time, to count down with.
    pub server_time: Timestamp,
    /// One offer per SKU, in the product's order.
    pub offers: Vec<SkuOffer>,
}

/// What shoppers watch of prices.
#[derive(Default)]
pub struct PricesShopSubscription;

#[Subscription]
impl PricesShopSubscription {
    /// What the SKUs of a product cost everybody: now, after every change, and at the very moment an offer ends. Prices
    /// for members are in `Product.offers`.
    async fn product_offers_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product.")] product_id: ProductId,
        #[graphql(desc = "The cursor of the last state that was seen.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ProductOffers>> + use<>> {
        let op = ctx.op()?;
        let locale = op.locale;
        let frames = live(ctx, service::watch(op, product_id, after).await)?;
        Ok(frames.map(move |frame| {
            frame.map(|frame| {
                let offers = frame.value.iter().map(|shown| SkuOffer::of(shown, (locale, frame.server_time))).collect();
                ProductOffers { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, offers }
            })
        }))
    }
}

/// A price of a SKU from one moment to another, and who decided it.
pub struct PriceSpan(Span);

/// A price of a SKU from one moment to another, and who decided it.
#[Object]
impl PriceSpan {
    /// What was asked.
    async fn price(&self) -> MoneyObject {
        Money::new(self.0.price_minor, self.0.currency).into()
    }

    /// Whose price it was: `list`, `time_discount`, or a play's kind.
    async fn source_kind(&self) -> &str {
        &self.0.source_kind
    }

    /// Which offer; blank for the list price.
    async fn source_id(&self) -> &str {
        &self.0.source_id
    }

    /// What the offer was called; null for the list price.
    async fn title(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let locale = ctx.op()?.locale;
        Ok(self.0.title.as_ref().map(|title| title.get(locale)))
    }

    /// From then on.
    async fn starts_at(&self) -> Timestamp {
        self.0.starts_at
    }

    /// Until then; null while nobody knows.
    async fn ends_at(&self) -> Option<Timestamp> {
        self.0.ends_at
    }

    /// Who decided it.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// When it was decided.
    async fn decided_at(&self) -> Timestamp {
        self.0.created_at
    }
}

/// What staff ask about prices.
#[derive(Default)]
pub struct PricesAdminQuery;

#[Object]
impl PricesAdminQuery {
    /// What was asked for a SKU and by whom, the latest first; at most 200.
    #[graphql(guard = "Access::Staff(Permission::CatalogRead)")]
    async fn sku_price_history(&self, ctx: &Context<'_>, #[graphql(desc = "The SKU.")] sku_id: SkuId) -> Result<Vec<PriceSpan>> {
        Ok(answer(ctx, service::history(ctx.op()?, sku_id).await)?.into_iter().map(PriceSpan).collect())
    }
}
