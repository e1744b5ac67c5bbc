//! Carts as shoppers see them.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use kernel::{Failure, Locale, ProductId, SkuId};
use platform::{
    graphql::{Access, ContextExt, MoneyObject, answer, payload},
    live::LiveRefused,
};

use super::service;
use crate::quote::service::WantedLine;

/// What a shopper means to buy. It promises nothing: a quote does.
#[derive(SimpleObject)]
pub struct Cart {
    /// The lines, the oldest first.
    lines: Vec<CartLine>,
    /// What the lines that can be bought cost today, before plays and discounts; nothing when none can.
    total: Option<MoneyObject>,
}

/// One SKU of a cart.
#[derive(SimpleObject)]
pub struct CartLine {
    /// The SKU.
    sku_id: SkuId,
    /// Its product; nothing when it is gone.
    product_id: Option<ProductId>,
    /// The product's title.
    title: String,
    /// The chosen options.
    options_label: String,
    /// Its picture.
    image_url: Option<String>,
    /// How many are wanted.
    quantity: i32,
    /// How many could be bought now.
    available: i32,
    /// What one costs today.
    unit_price: Option<MoneyObject>,
    /// What the line costs today; nothing when it cannot be bought as it stands.
    subtotal: Option<MoneyObject>,
    /// Whether it can be bought as it stands.
    buyable: bool,
}

impl Cart {
    fn of(locale: Locale, cart: service::Cart) -> Self {
        let subtotals = cart.lines.iter().filter_map(service::CartLine::subtotal);
        let total = subtotals.map(Some).reduce(|a, b| a.zip(b).and_then(|(a, b)| a.plus(b).ok())).flatten();
        Self { total: total.map(Into::into), lines: cart.lines.into_iter().map(|line| CartLine::of(locale, line)).collect() }
    }
}

impl CartLine {
    fn of(locale: Locale, line: service::CartLine) -> Self {
        let (subtotal, buyable) = (line.subtotal(), line.buyable());
        let info = line.info;
        Self {
            sku_id: line.sku,
            product_id: info.as_ref().map(|info| info.product),
            title: info.as_ref().map_or_else(String::new, |info| info.title.get(locale).to_owned()),
            options_label: info.as_ref().map_or_else(String::new, |info| info.options_label.get(locale).to_owned()),
            image_url: info.as_ref().and_then(|info| info.image_url.clone()),
            quantity: i32::try_from(line.quantity).unwrap_or(i32::MAX),
            available: i32::try_from(line.available).unwrap_or(i32::MAX),
            unit_price: info.map(|info| info.price.into()),
            subtotal: subtotal.map(Into::into),
            buyable,
        }
    }
}

/// A SKU and how many of it.
#[derive(InputObject)]
pub struct CartLineInput {
    /// The SKU.
    sku_id: SkuId,
    /// How many; 1 to 999.
    quantity: i32,
}

impl From<CartLineInput> for WantedLine {
    fn from(input: CartLineInput) -> Self {
        Self { sku: input.sku_id, quantity: i64::from(input.quantity) }
    }
}

platform::payload! {
    /// What became of a change to the cart.
    pub struct CartPayload {
        /// The cart as it stands now.
        cart: Cart,
    }
}

/// Questions about the cart.
#[derive(Default)]
pub struct CartQuery;

#[Object]
impl CartQuery {
    /// The signed-in shopper's cart.
    #[graphql(guard = "Access::Customer")]
    async fn cart(&self, ctx: &Context<'_>) -> Result<Cart> {
        let op = ctx.op()?;
        Ok(Cart::of(op.locale, answer(ctx, service::get(op).await)?))
    }
}

/// Changes to the cart.
#[derive(Default)]
pub struct CartMutation;

#[Object]
impl CartMutation {
    /// Puts more of a SKU into the cart.
    #[graphql(guard = "Access::Customer")]
    async fn cart_line_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, and how many more.")] input: CartLineInput,
    ) -> Result<CartPayload> {
        ended(ctx, service::add(ctx.op()?, input.into()).await)
    }

    /// Sets how many of a SKU in the cart are wanted.
    #[graphql(guard = "Access::Customer")]
    async fn cart_line_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, and how many.")] input: CartLineInput,
    ) -> Result<CartPayload> {
        ended(ctx, service::update(ctx.op()?, input.into()).await)
    }

    /// Takes a SKU out of the cart; one that is not in it is out already.
    #[graphql(guard = "Access::Customer")]
    async fn cart_line_remove(&self, ctx: &Context<'_>, #[graphql(desc = "The SKU.")] sku_id: SkuId) -> Result<CartPayload> {
        ended(ctx, service::remove(ctx.op()?, sku_id).await.map_err(Failure::<LiveRefused>::Fault))
    }

    /// Empties the cart.
    #[graphql(guard = "Access::Customer")]
    async fn cart_clear(&self, ctx: &Context<'_>) -> Result<CartPayload> {
        ended(ctx, service::clear(ctx.op()?).await.map_err(Failure::<LiveRefused>::Fault))
    }
}

fn ended<R: kernel::Refusal>(ctx: &Context<'_>, changed: std::result::Result<service::Cart, Failure<R>>) -> Result<CartPayload> {
    let locale = ctx.op()?.locale;
    payload(ctx, changed, |cart| CartPayload { cart: Some(Cart::of(locale, cart)), ..Default::default() })
}
