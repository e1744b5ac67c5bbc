//! What shoppers do with after-sale cases.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject, Subscription};
use catalog::media::graphql::{MediaUploadBeginInput, MediaUploadBeginPayload};
use futures_util::{Stream, StreamExt};
use kernel::{AfterSaleId, MediaId, Money, OrderId, OrderLineId, SkuId, Timestamp};
use platform::graphql::{Access, ContextExt, MoneyInput, MoneyObject, answer, live, page_request, payload, personal};

use super::types::{
    AfterSaleCase, AfterSaleConnection, AfterSaleKind, AfterSaleParcelInput, AfterSalePayload, AfterSaleReason, AfterSaleSayInput,
    AfterSaleUpdate, ended,
};
use crate::after_sale::{
    query::{self, CaseFilter},
    service::{self, RequestCase, Say, ShipBack, WantedPieces},
};

/// What can be asked about a line of an order.
#[derive(SimpleObject)]
pub struct AfterSaleOption {
    /// Which line.
    order_line_id: OrderLineId,
    /// How many of its pieces are neither back nor in a case.
    pieces_left: i32,
    /// What those are worth.
    worth: MoneyObject,
    /// Whether it cannot be given back without a reason, as the shopper confirmed.
    excepted: bool,
}

/// What can be asked about an order.
#[derive(SimpleObject)]
pub struct AfterSaleOptions {
    /// Line by line.
    lines: Vec<AfterSaleOption>,
    /// Until when goods can be given back without a reason, once they arrived.
    no_reason_until: Option<Timestamp>,
    /// Until when what is broken, wrong or missing can be said, once they arrived.
    fault_until: Option<Timestamp>,
}

/// A shopper's questions about their cases.
#[derive(Default)]
pub struct AfterSaleShopQuery;

#[Object]
impl AfterSaleShopQuery {
    /// The signed-in shopper's after-sale cases, the newest first.
    #[graphql(guard = "Access::Customer")]
    async fn after_sales(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many; 20 when not said, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<AfterSaleConnection> {
        let op = ctx.op()?;
        let filter = CaseFilter { customer: Some(answer(ctx, op.customer())?), ..CaseFilter::default() };
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::list(op, filter, page).await)?.map(AfterSaleCase::from).into())
    }

    /// One of the signed-in shopper's cases.
    #[graphql(guard = "Access::Customer")]
    async fn after_sale(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: AfterSaleId) -> Result<Option<AfterSaleCase>> {
        Ok(answer(ctx, service::get(ctx.op()?, id).await)?.map(Into::into))
    }

    /// What can be asked about one of the signed-in shopper's orders.
    #[graphql(guard = "Access::Customer")]
    async fn after_sale_options(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "About which order.")] order_id: OrderId,
    ) -> Result<Option<AfterSaleOptions>> {
        let Some(options) = answer(ctx, service::options(ctx.op()?, order_id).await)? else { return Ok(None) };
        let lines = options.lines.into_iter().map(|line| AfterSaleOption {
            order_line_id: line.line,
            pieces_left: i32::try_from(line.pieces_left).unwrap_or(i32::MAX),
            worth: Money::new(line.worth, options.currency).into(),
            excepted: line.excepted,
        });
        Ok(Some(AfterSaleOptions { lines: lines.collect(), no_reason_until: options.no_reason_until, fault_until: options.fault_until }))
    }
}

/// Some pieces a shopper asks about.
#[derive(InputObject)]
pub struct AfterSaleLineInput {
    /// Of which line of the order.
    order_line_id: OrderLineId,
    /// How many.
    quantity: i32,
    /// What is wanted instead, of the same product and price; the same when not said. Only for an exchange.
    replacement_sku_id: Option<SkuId>,
}

/// A wish to give goods back, or to have them changed.
#[derive(InputObject)]
pub struct AfterSaleRequestInput {
    /// Of which order.
    order_id: OrderId,
    /// What is wanted.
    kind: AfterSaleKind,
    /// Why.
    reason: AfterSaleReason,
    /// Why, in words; 500 characters at most.
    #[graphql(default)]
    note: String,
    /// Which pieces.
    lines: Vec<AfterSaleLineInput>,
    /// Less than the pieces are worth, for goods that are kept. Only for a refund.
    amount: Option<MoneyInput>,
    /// Pictures that prove it, sent in before (`evidenceUploadBegin`); 9 at most.
    #[graphql(default)]
    media_ids: Vec<MediaId>,
    /// One effect per key.
    idempotency_key: String,
}

/// What a shopper does with cases.
#[derive(Default)]
pub struct AfterSaleShopMutation;

#[Object]
impl AfterSaleShopMutation {
    /// Asks to give goods of a paid order back, or to have them changed. A small refund of a good shopper is under way at
    /// once; else the merchant answers until `dueAt`, or has agreed.
    #[graphql(guard = "Access::Customer")]
    async fn after_sale_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The wish.")] input: AfterSaleRequestInput,
    ) -> Result<AfterSalePayload> {
        let lines = input.lines.into_iter().map(|line| WantedPieces {
            line: line.order_line_id,
            quantity: i64::from(line.quantity),
            replacement: line.replacement_sku_id,
        });
        let wanted = RequestCase {
            order: input.order_id,
            kind: input.kind.into(),
            reason: input.reason.into(),
            note: input.note,
            lines: lines.collect(),
            amount: input.amount.map(Into::into),
            media: input.media_ids,
        };
        ended(ctx, service::request(ctx.op()?, wanted, &input.idempotency_key).await)
    }

    /// Gives a case up, as long as nothing was sent.
    #[graphql(guard = "Access::Customer")]
    async fn after_sale_cancel(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: AfterSaleId) -> Result<AfterSalePayload> {
        ended(ctx, service::cancel(ctx.op()?, id).await)
    }

    /// Says that the goods were sent back to `returnTo`.
    #[graphql(guard = "Access::Customer")]
    async fn after_sale_ship_back(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The parcel.")] input: AfterSaleParcelInput,
    ) -> Result<AfterSalePayload> {
        let sent = ShipBack { case: input.id, carrier: input.carrier, tracking_no: input.tracking_no };
        ended(ctx, service::ship_back(ctx.op()?, sent).await)
    }

    /// Says that the replacement arrived.
    #[graphql(guard = "Access::Customer")]
    async fn after_sale_confirm(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: AfterSaleId) -> Result<AfterSalePayload> {
        ended(ctx, service::confirm(ctx.op()?, id).await)
    }

    /// Adds words and pictures to a case.
    #[graphql(guard = "Access::Customer")]
    async fn after_sale_say(&self, ctx: &Context<'_>, #[graphql(desc = "What.")] input: AfterSaleSayInput) -> Result<AfterSalePayload> {
        ended(ctx, service::say(ctx.op()?, Say { case: input.id, note: input.note, media: input.media_ids }).await)
    }

    /// Announces a picture that proves something and answers where to send its bytes.
    #[graphql(guard = "Access::Customer")]
    async fn evidence_upload_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The picture.")] input: MediaUploadBeginInput,
    ) -> Result<MediaUploadBeginPayload> {
        let begun = service::begin_upload(ctx.op()?, input.into()).await;
        payload(ctx, begun, Into::into)
    }
}

/// What a shopper watches of cases.
#[derive(Default)]
pub struct AfterSaleShopSubscription;

#[Subscription]
impl AfterSaleShopSubscription {
    /// One of the signed-in shopper's cases: as it stands, then at every change.
    #[graphql(guard = "Access::Customer", directive = personal::apply())]
    async fn after_sale_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: AfterSaleId,
        #[graphql(desc = "The last cursor that was seen.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<AfterSaleUpdate>> + use<>> {
        Ok(live(ctx, query::watch(ctx.op()?, id, after).await)?.map(|frame| frame.map(Into::into)))
    }
}
