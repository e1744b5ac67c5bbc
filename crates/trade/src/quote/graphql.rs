//! Quotes as shoppers see them.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use kernel::{CouponId, Failure, Locale, Money, QuoteId, Refusal, SkuId, TeamId, Timestamp};
use platform::Op;
use platform::graphql::{Access, ContextExt, Long, MoneyObject, answer, payload};
use promotion::{
    coupon::{graphql::CouponTerms, rules::WhyNot},
    freight::rules::Delivery,
    pricing::{PricedLine, TraceLine, words},
};

use super::{
    PlayRef, QuoteRefused,
    preview::{self, Choice, CouponView, Preview},
    service::{self, NewQuote, WantedLine},
};

/// A price promised to one shopper for a while.
#[derive(SimpleObject)]
pub struct Quote {
    /// Names the promise when the order is placed.
    id: QuoteId,
    /// The priced lines.
    lines: Vec<QuoteLine>,
    /// What the lines cost together.
    goods: MoneyObject,
    /// What bringing them costs.
    shipping: MoneyObject,
    /// Tax and duty that are added; nothing where prices include them.
    tax: MoneyObject,
    /// What the shopper gives to others.
    donation: MoneyObject,
    /// What is paid; pass it as `expectedTotal`.
    total: MoneyObject,
    /// The coupons it is priced with; the order holds them.
    coupon_ids: Vec<CouponId>,
    /// How many points are spent: no more than help.
    points: Long,
    /// What they take off.
    points_worth: MoneyObject,
    /// How the goods come.
    delivery: QuoteDelivery,
    /// Where they go: the 6-digit code of the district.
    region_code: Option<String>,
    /// How the total came about; the amounts sum to it.
    trace: Vec<PriceTraceLine>,
    /// The promise ends.
    expires_at: Timestamp,
    /// The server's time, to run the countdown by.
    server_time: Timestamp,
}

/// One priced line.
#[derive(SimpleObject)]
pub struct QuoteLine {
    /// The SKU.
    sku_id: SkuId,
    /// How many.
    quantity: i32,
    /// Per piece, before discounts on the whole.
    unit_price: MoneyObject,
    /// Per piece times quantity.
    subtotal: MoneyObject,
    /// The line's share of discounts on the whole.
    discount: MoneyObject,
    /// What the line costs.
    payable: MoneyObject,
    /// How many of them are given along.
    gifts: i32,
}

/// How the goods come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum QuoteDelivery {
    /// By a carrier.
    #[default]
    Ship,
    /// The shopper fetches them.
    PickUp,
    /// There is nothing to carry.
    Virtual,
}

impl From<&Delivery> for QuoteDelivery {
    fn from(delivery: &Delivery) -> Self {
        match delivery {
            Delivery::Ship { .. } => Self::Ship,
            Delivery::PickUp => Self::PickUp,
            Delivery::Virtual => Self::Virtual,
        }
    }
}

/// One step of how a total came about.
#[derive(SimpleObject)]
pub struct PriceTraceLine {
    /// The calculator: base_price, play_price, lower_price, reduction, gift, coupon, points, shipping, tax, donation.
    step: String,
    /// Why, as a stable code.
    code: String,
    /// Why, in the reader's language.
    text: String,
    /// On which line; the whole basket when not said.
    sku_id: Option<SkuId>,
    /// By how much the total changed; negative for a discount.
    amount: MoneyObject,
}

impl PriceTraceLine {
    /// The line, with its sentence in the reader's language.
    pub fn of(locale: Locale, line: TraceLine) -> Self {
        let text = words::text(locale, &line);
        Self { step: line.step.into_owned(), code: line.code.into_owned(), text, sku_id: line.sku, amount: line.amount.into() }
    }
}

impl From<PricedLine> for QuoteLine {
    fn from(line: PricedLine) -> Self {
        Self {
            sku_id: line.sku,
            quantity: i32::try_from(line.quantity).unwrap_or(i32::MAX),
            unit_price: line.unit_price.into(),
            subtotal: line.subtotal.into(),
            discount: line.discount.into(),
            payable: line.payable.into(),
            gifts: i32::try_from(line.gifts).unwrap_or(i32::MAX),
        }
    }
}

impl Quote {
    fn of(op: &Op, quote: service::Quote) -> Self {
        Self {
            id: quote.id,
            lines: quote.lines.into_iter().map(Into::into).collect(),
            goods: quote.goods.into(),
            shipping: quote.shipping.into(),
            tax: quote.tax.into(),
            donation: quote.donation.into(),
            total: quote.total.into(),
            coupon_ids: quote.coupons,
            points: Long(quote.points),
            points_worth: quote.points_worth.into(),
            delivery: (&quote.delivery).into(),
            region_code: quote.delivery.region().map(str::to_owned),
            trace: quote.trace.into_iter().map(|line| PriceTraceLine::of(op.locale, line)).collect(),
            expires_at: quote.expires_at,
            server_time: op.now(),
        }
    }
}

/// What something would cost now, without a promise, and what the shopper's coupons would do.
#[derive(SimpleObject)]
pub struct PricePreview {
    /// The priced lines.
    lines: Vec<QuoteLine>,
    /// What the lines cost together.
    goods: MoneyObject,
    /// What bringing them costs.
    shipping: MoneyObject,
    /// Tax and duty that are added.
    tax: MoneyObject,
    /// What the shopper gives to others.
    donation: MoneyObject,
    /// What would be paid.
    total: MoneyObject,
    /// How many points would be spent.
    points: Long,
    /// What they would take off.
    points_worth: MoneyObject,
    /// How the total comes about; the amounts sum to it.
    trace: Vec<PriceTraceLine>,
    /// The coupons it is priced with.
    coupon_ids: Vec<CouponId>,
    /// The shopper's coupons, the soonest to end first: what each would save alone, or why it cannot be used.
    coupons: Vec<PreviewCoupon>,
    /// The coupons that save most together.
    best_coupon_ids: Vec<CouponId>,
}

/// A coupon of the shopper beside what they want.
#[derive(SimpleObject)]
pub struct PreviewCoupon {
    /// Which.
    id: CouponId,
    /// What it is called.
    title: String,
    /// What it gives.
    terms: CouponTerms,
    /// Whether it can be used on this.
    usable: bool,
    /// What it would save alone.
    saves: Option<MoneyObject>,
    /// Why it cannot be used, as a stable code.
    reason: Option<String>,
    /// Why it cannot be used, in the reader's language.
    reason_text: Option<String>,
    /// How much more of what it covers is needed.
    missing: Option<MoneyObject>,
}

impl PricePreview {
    fn of(op: &Op, preview: Preview) -> Self {
        let priced = preview.priced;
        Self {
            lines: priced.lines.into_iter().map(Into::into).collect(),
            goods: priced.goods.into(),
            shipping: priced.shipping.into(),
            tax: priced.tax.into(),
            donation: priced.donation.into(),
            total: priced.total.into(),
            points: Long(priced.points),
            points_worth: priced.points_worth.into(),
            trace: priced.trace.into_iter().map(|line| PriceTraceLine::of(op.locale, line)).collect(),
            coupon_ids: priced.coupons.iter().map(|(coupon, _)| *coupon).collect(),
            coupons: preview.coupons.into_iter().map(|view| PreviewCoupon::of(op.locale, view)).collect(),
            best_coupon_ids: preview.best,
        }
    }
}

impl PreviewCoupon {
    fn of(locale: Locale, view: CouponView) -> Self {
        let why = view.saves.as_ref().err().copied();
        let currency = view.coupon.terms.currency;
        Self {
            id: view.coupon.id,
            title: view.coupon.title.get(locale).to_owned(),
            terms: (&view.coupon.terms).into(),
            usable: why.is_none(),
            saves: view.saves.ok().map(Into::into),
            reason: why.map(|why| why.code().to_owned()),
            reason_text: why.map(|why| platform::messages::message(locale, why.code(), &why.detail())),
            missing: why.and_then(|why| match why {
                WhyNot::TooLittle(minor) => Some(Money::new(minor, currency).into()),
                _ => None,
            }),
        }
    }
}

/// A SKU and how many of it.
#[derive(InputObject)]
pub struct QuoteLineInput {
    /// The SKU.
    sku_id: SkuId,
    /// How many; 1 to 999.
    quantity: i32,
}

/// The marketing play that sets the price.
#[derive(InputObject)]
pub struct PlayInput {
    /// Which kind of play: `group_buy`.
    kind: String,
    /// Which one: the campaign's id.
    id: ID,
    /// The team that is joined; none opens a new one.
    team_id: Option<TeamId>,
    /// For how many a new team is opened, where the campaign offers several sizes.
    team_size: Option<i32>,
}

/// What a price is wanted for.
#[derive(InputObject)]
pub struct QuoteCreateInput {
    /// Each SKU once. Leave it out to quote what can be bought of the cart.
    lines: Option<Vec<QuoteLineInput>>,
    /// The play that sets the price; the catalog's price when not said.
    play: Option<PlayInput>,
    /// Which of the shopper's coupons to use.
    #[graphql(default)]
    coupon_ids: Vec<CouponId>,
    /// Use the coupons that save most, instead of those that are named.
    #[graphql(default)]
    best_coupons: bool,
    /// How many points to spend at most; no more are taken than help.
    points: Option<Long>,
    /// How the goods come.
    #[graphql(default)]
    delivery: QuoteDelivery,
    /// Where they go: the 6-digit code of the district. Without it, freight is what it costs to everywhere else.
    region_code: Option<String>,
    /// What the shopper gives to others, in minor units.
    donation: Option<Long>,
}

platform::payload! {
    /// What became of `quoteCreate`.
    pub struct QuoteCreatePayload {
        /// The promise.
        quote: Quote,
    }
}

/// Questions about quotes.
#[derive(Default)]
pub struct QuoteQuery;

#[Object]
impl QuoteQuery {
    /// A quote of the signed-in shopper.
    #[graphql(guard = "Access::Customer")]
    async fn quote(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: QuoteId) -> Result<Option<Quote>> {
        let op = ctx.op()?;
        Ok(answer(ctx, service::get(op, id).await)?.map(|quote| Quote::of(op, quote)))
    }

    /// What the cart, or what is named, would cost now, line by line, and what the shopper's coupons would do. Promises
    /// nothing; a refusal is an error with its reason.
    #[graphql(guard = "Access::Customer", directive = platform::graphql::personal::apply())]
    async fn price_preview(&self, ctx: &Context<'_>, #[graphql(desc = "What is wanted.")] input: QuoteCreateInput) -> Result<PricePreview> {
        let op = ctx.op()?;
        Ok(PricePreview::of(op, answer(ctx, previewed(op, input).await)?))
    }
}

/// Making quotes.
#[derive(Default)]
pub struct QuoteMutation;

#[Object]
impl QuoteMutation {
    /// Promises a price for a quarter of an hour.
    #[graphql(guard = "Access::Customer")]
    async fn quote_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: QuoteCreateInput,
    ) -> Result<QuoteCreatePayload> {
        let op = ctx.op()?;
        payload(ctx, promised(op, input).await, |quote| QuoteCreatePayload { quote: Some(Quote::of(op, quote)), ..Default::default() })
    }
}

async fn promised(op: &Op, input: QuoteCreateInput) -> std::result::Result<service::Quote, Failure<QuoteRefused>> {
    let (mut wanted, from) = input.wanted();
    if from.best {
        let wishes = if from.cart { preview::of_cart(op, wanted.clone()).await? } else { wanted.clone() };
        wanted.coupons = preview::best(op, (op.customer()?, &wishes)).await?;
    }
    match from.cart {
        true => service::create_from_cart(op, wanted).await,
        false => service::create(op, wanted).await,
    }
}

async fn previewed(op: &Op, input: QuoteCreateInput) -> std::result::Result<Preview, Failure<QuoteRefused>> {
    let (wanted, from) = input.wanted();
    let wanted = if from.cart { preview::of_cart(op, wanted).await? } else { wanted };
    preview::preview(op, (&wanted, if from.best { Choice::Best } else { Choice::Named })).await
}

/// Where lines and coupons come from.
struct Sources {
    /// From the cart.
    cart: bool,
    /// The coupons that save most.
    best: bool,
}

impl QuoteCreateInput {
    fn wanted(self) -> (NewQuote, Sources) {
        // A size that is no number of people is one that no campaign offers.
        let size = |size: i32| u32::try_from(size).unwrap_or(0);
        let play = |play: PlayInput| PlayRef { kind: play.kind, id: play.id.0, team: play.team_id, team_size: play.team_size.map(size) };
        let line = |line: QuoteLineInput| WantedLine { sku: line.sku_id, quantity: i64::from(line.quantity) };
        let from = Sources { cart: self.lines.is_none(), best: self.best_coupons };
        let wanted = NewQuote {
            lines: self.lines.unwrap_or_default().into_iter().map(line).collect(),
            play: self.play.map(play),
            coupons: if from.best { Vec::new() } else { self.coupon_ids },
            points: self.points.map_or(0, |points| points.0),
            delivery: match self.delivery {
                QuoteDelivery::Ship => Delivery::Ship { region: self.region_code },
                QuoteDelivery::PickUp => Delivery::PickUp,
                QuoteDelivery::Virtual => Delivery::Virtual,
            },
            donation_minor: self.donation.map_or(0, |donation| donation.0),
        };
        (wanted, from)
    }
}
