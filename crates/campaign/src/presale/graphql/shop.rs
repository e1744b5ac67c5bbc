//! What shoppers ask and do.

use async_graphql::{Context, InputObject, Object, Result, Subscription};
use futures_util::{Stream, StreamExt};
use kernel::{Failure, PresaleId, PresaleReservationId, QuoteId};
use platform::graphql::{Access, ContextExt, MoneyInput, answer, live, page_request, payload, personal};
use trade::order::graphql::{Order, ShippingAddressInput};

use super::types::{Presale, PresaleBalances, PresaleConnection, PresaleProgress, PresaleReservation, PresaleReservationConnection};
use crate::presale::{
    error::BuyRefused,
    query::{self, Eyes, Whose},
    service::{self, Ordered, PayBalance, Reserve},
};

/// Pieces to be reserved.
#[derive(InputObject)]
pub struct PresaleReserveInput {
    /// In which presale.
    presale_id: PresaleId,
    /// The quote made for it: of one SKU, and for a deposit with nothing to carry.
    quote_id: QuoteId,
    /// What you expect to pay now: the order is refused when it is another amount.
    expected_total: MoneyInput,
    /// 8 to 64 letters, digits, dots, dashes or underscores; the same key has one effect.
    idempotency_key: String,
    /// Where it goes, when everything is paid at once; a deposit carries nothing yet.
    shipping_address: Option<ShippingAddressInput>,
    /// Whether the shopper confirms that goods with a `returnException` cannot be given back without a reason. Needed when
    /// there are any.
    #[graphql(default)]
    confirm_return_exceptions: bool,
}

/// A balance to be paid.
#[derive(InputObject)]
pub struct PresaleBalanceInput {
    /// Of which reservation.
    reservation_id: PresaleReservationId,
    /// The quote made for it.
    quote_id: QuoteId,
    /// What you expect to pay: the order is refused when it is another amount.
    expected_total: MoneyInput,
    /// 8 to 64 letters, digits, dots, dashes or underscores; the same key has one effect.
    idempotency_key: String,
    /// Where it goes.
    shipping_address: ShippingAddressInput,
    /// Whether the shopper confirms that goods with a `returnException` cannot be given back without a reason. Needed when
    /// there are any.
    #[graphql(default)]
    confirm_return_exceptions: bool,
}

platform::payload! {
    /// The reservation, and its order to be paid.
    pub struct PresaleOrderPayload {
        /// The reservation.
        reservation: PresaleReservation,
        /// Your order.
        order: Order,
    }
}

/// Queries.
#[derive(Default)]
pub struct ShopQuery;

#[Object(name = "PresaleShopQuery")]
impl ShopQuery {
    /// Presales, the newest first.
    #[graphql(complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1")]
    async fn presales(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<PresaleConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::list(ctx.op()?, (Eyes::Shop, None), page).await)?.map(Presale).into())
    }

    /// One presale; null when there is none.
    async fn presale(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: PresaleId) -> Result<Option<Presale>> {
        Ok(answer(ctx, query::get(ctx.op()?, id, Eyes::Shop).await)?.map(Presale))
    }

    /// What you reserved, the newest first.
    #[graphql(guard = "Access::Customer", complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1")]
    async fn presale_my_reservations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<PresaleReservationConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::reservations(ctx.op()?, Whose::Mine, page).await)?.map(PresaleReservation).into())
    }
}

/// Mutations.
#[derive(Default)]
pub struct ShopMutation;

#[Object(name = "PresaleShopMutation")]
impl ShopMutation {
    /// Reserves pieces: places the order of your deposit (or of everything). They are yours once it is paid.
    #[graphql(guard = "Access::Customer")]
    async fn presale_reserve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you reserve.")] input: PresaleReserveInput,
    ) -> Result<PresaleOrderPayload> {
        let wanted = Reserve {
            presale: input.presale_id,
            quote: input.quote_id,
            expected_total: input.expected_total.into(),
            address: input.shipping_address.map(Into::into),
            confirms_exceptions: input.confirm_return_exceptions,
            idempotency_key: input.idempotency_key,
        };
        ordered(ctx, service::reserve(ctx.op()?, wanted).await).await
    }

    /// Orders the balance of a reservation, within its window. The order brings the goods.
    #[graphql(guard = "Access::Customer")]
    async fn presale_pay_balance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose balance.")] input: PresaleBalanceInput,
    ) -> Result<PresaleOrderPayload> {
        let wanted = PayBalance {
            reservation: input.reservation_id,
            quote: input.quote_id,
            expected_total: input.expected_total.into(),
            address: input.shipping_address.into(),
            confirms_exceptions: input.confirm_return_exceptions,
            idempotency_key: input.idempotency_key,
        };
        ordered(ctx, service::balance(ctx.op()?, wanted).await).await
    }
}

async fn ordered(ctx: &Context<'_>, done: std::result::Result<Ordered, Failure<BuyRefused>>) -> Result<PresaleOrderPayload> {
    let read = query::ordered(ctx.op()?, done).await;
    payload(ctx, read, |(row, order)| PresaleOrderPayload {
        reservation: Some(row.into()),
        order: Some(order.into()),
        ..Default::default()
    })
}

/// Subscriptions.
#[derive(Default)]
pub struct ShopSubscription;

#[Subscription(name = "PresaleShopSubscription")]
impl ShopSubscription {
    /// A presale as it is now, then after every change and at the very moment a window opens or closes.
    async fn presale_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: PresaleId,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<PresaleProgress>> + use<>> {
        let frames = live(ctx, query::watch(ctx.op()?, (id, Eyes::Shop), after).await)?;
        Ok(frames.map(|frame| frame.map(PresaleProgress::from)))
    }

    /// What you have to pay the balance of: now, whenever you are reminded, once it is paid, and at the very moment the
    /// time of the first is over.
    #[graphql(guard = "Access::Customer", directive = personal::apply())]
    async fn presale_my_balances(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<PresaleBalances>> + use<>> {
        let frames = live(ctx, query::watch_balances(ctx.op()?, after).await)?;
        Ok(frames.map(|frame| frame.map(PresaleBalances::from)))
    }
}
