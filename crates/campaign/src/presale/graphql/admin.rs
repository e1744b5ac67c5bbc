//! What staff ask and do.

use async_graphql::{Context, InputObject, Object, Result, Subscription};
use entity::campaign::presale as table;
use futures_util::{Stream, StreamExt};
use kernel::{Currency, Failure, Permission, PresaleId, ProductId, SkuId, Timestamp};
use platform::graphql::{Access, ContextExt, LocalizedTextInput, MoneyInput, answer, live, page_request, payload};

use super::types::{
    Presale, PresaleConnection, PresaleMode, PresaleProgress, PresaleReservation, PresaleReservationConnection, PresaleReservationState,
    PresaleState,
};
use crate::{
    console::{
        self,
        graphql::{PlayCostInput, PlayPreview},
        rules::{Step, Window},
    },
    presale::{
        campaigns::{self, Draft, SkuDraft},
        error::EditRefused,
        query::{self, Eyes, Whose},
        rules::{Lapse, TermsRefused},
    },
};

/// What a presale asks for one SKU.
#[derive(InputObject)]
pub struct PresaleSkuInput {
    /// Which: a SKU of the product.
    sku_id: SkuId,
    /// What one piece costs altogether.
    price: MoneyInput,
    /// What is paid down for one; not needed when everything is paid at once. At most a fifth of the price when it can be
    /// lost.
    deposit: Option<MoneyInput>,
    /// What the deposit counts against the price; as much as it is when absent.
    deposit_worth: Option<MoneyInput>,
    /// How many there are.
    stock: i32,
}

/// A presale.
#[derive(InputObject)]
pub struct PresaleInput {
    /// What it is called.
    title: LocalizedTextInput,
    /// What it sells.
    product_id: ProductId,
    /// What is paid first.
    mode: PresaleMode,
    /// Whether a deposit is lost when the balance is not paid in time; else it goes back.
    #[graphql(default)]
    forfeits: bool,
    /// Whether a lower price at the time of the balance is given to those who paid down.
    #[graphql(default)]
    protects_price: bool,
    /// It sells from then on; at once when absent.
    starts_at: Option<Timestamp>,
    /// Until then.
    ends_at: Timestamp,
    /// The balance is paid from then on; from the end when absent.
    balance_from: Option<Timestamp>,
    /// Until then; needed with a deposit.
    balance_until: Option<Timestamp>,
    /// Everything is shipped by then.
    ship_by: Timestamp,
    /// Pieces one customer may have; any number when absent.
    per_customer_limit: Option<i32>,
    /// What it asks for what: 1 to 100 SKUs.
    skus: Vec<PresaleSkuInput>,
}

impl PresaleInput {
    fn draft(self, now: Timestamp) -> std::result::Result<Draft, EditRefused> {
        let currency = self.skus.first().map_or(Currency::Cny, |sku| sku.price.currency);
        let amounts = self.skus.iter().flat_map(|sku| [Some(&sku.price), sku.deposit.as_ref(), sku.deposit_worth.as_ref()]);
        if amounts.flatten().any(|amount| amount.currency != currency) {
            return Err(EditRefused::Terms(TermsRefused::Amounts));
        }
        let sku = |sku: PresaleSkuInput| SkuDraft {
            sku: sku.sku_id,
            price: sku.price.amount.0,
            deposit: sku.deposit.map_or(0, |deposit| deposit.amount.0),
            worth: sku.deposit_worth.map(|worth| worth.amount.0),
            stock: sku.stock.into(),
        };
        Ok(Draft {
            title: self.title.into(),
            product: self.product_id,
            mode: self.mode.into(),
            lapse: if self.forfeits { Lapse::Forfeit } else { Lapse::Refund },
            protects_price: self.protects_price,
            currency,
            window: Window { starts_at: self.starts_at.unwrap_or(now), ends_at: self.ends_at },
            balance: Window { starts_at: self.balance_from.unwrap_or(self.ends_at), ends_at: self.balance_until.unwrap_or(self.ends_at) },
            ship_by: self.ship_by,
            most_per_customer: self.per_customer_limit.map(Into::into),
            skus: self.skus.into_iter().map(sku).collect(),
        })
    }
}

platform::payload! {
    /// The presale, as it is now.
    pub struct PresalePayload {
        /// The presale.
        presale: Presale,
    }
}

/// Queries.
#[derive(Default)]
pub struct AdminQuery;

#[Object(name = "PresaleAdminQuery")]
impl AdminQuery {
    /// Presales, the newest first.
    #[graphql(
        guard = "Access::Staff(Permission::PresaleRead)",
        complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1"
    )]
    async fn presales(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<PresaleState>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<PresaleConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, query::list(ctx.op()?, (Eyes::Staff, state.map(Into::into)), page).await)?.map(Presale).into())
    }

    /// One presale; null when there is none.
    #[graphql(guard = "Access::Staff(Permission::PresaleRead)")]
    async fn presale(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: PresaleId) -> Result<Option<Presale>> {
        Ok(answer(ctx, query::get(ctx.op()?, id, Eyes::Staff).await)?.map(Presale))
    }

    /// The reservations of a presale, the newest first.
    #[graphql(
        guard = "Access::Staff(Permission::PresaleRead)",
        complexity = "usize::try_from(first.unwrap_or(20)).unwrap_or(100) * child_complexity + 1"
    )]
    async fn presale_reservations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which one.")] presale_id: PresaleId,
        #[graphql(desc = "Only in this state.")] state: Option<PresaleReservationState>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<PresaleReservationConnection> {
        let page = page_request(ctx, first, after)?;
        let whose = Whose::Of(presale_id, state.map(Into::into));
        Ok(answer(ctx, query::reservations(ctx.op()?, whose, page).await)?.map(PresaleReservation).into())
    }

    /// What a presale gives away at the most, SKU by SKU, before it is published; null when there is none.
    #[graphql(guard = "Access::Staff(Permission::PresaleRead)")]
    async fn presale_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: PresaleId,
        #[graphql(desc = "What one unit costs the merchant, where it is known.")] costs: Option<Vec<PlayCostInput>>,
    ) -> Result<Option<PlayPreview>> {
        PlayPreview::answer(ctx, campaigns::preview(ctx.op()?, id, console::graphql::costs(costs)).await, &EditRefused::NotFound)
    }
}

/// Mutations.
#[derive(Default)]
pub struct AdminMutation;

#[Object(name = "PresaleAdminMutation")]
impl AdminMutation {
    /// Writes a presale no shopper sees yet.
    #[graphql(guard = "Access::Staff(Permission::PresaleWrite)")]
    async fn presale_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it promises.")] input: PresaleInput,
    ) -> Result<PresalePayload> {
        let op = ctx.op()?;
        let created = match input.draft(op.now()) {
            Ok(draft) => campaigns::create(op, draft).await,
            Err(refused) => Err(refused.into()),
        };
        edited(ctx, created).await
    }

    /// Changes a presale that is still a draft; what is published keeps what it promised.
    #[graphql(guard = "Access::Staff(Permission::PresaleWrite)")]
    async fn presale_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: PresaleId,
        #[graphql(desc = "What it promises.")] input: PresaleInput,
    ) -> Result<PresalePayload> {
        let op = ctx.op()?;
        let updated = match input.draft(op.now()) {
            Ok(draft) => campaigns::update(op, id, draft).await,
            Err(refused) => Err(refused.into()),
        };
        edited(ctx, updated).await
    }

    /// A draft that promises the same from now on.
    #[graphql(guard = "Access::Staff(Permission::PresaleWrite)")]
    async fn presale_copy(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] id: PresaleId) -> Result<PresalePayload> {
        edited(ctx, campaigns::copy(ctx.op()?, id).await).await
    }

    /// Shows a presale; it sells within its window. Refused while another play sells one of its SKUs then.
    #[graphql(guard = "Access::Staff(Permission::PresaleWrite)")]
    async fn presale_publish(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] id: PresaleId) -> Result<PresalePayload> {
        edited(ctx, campaigns::step(ctx.op()?, id, Step::Publish).await).await
    }

    /// Lets nobody new reserve. Balances go on.
    #[graphql(guard = "Access::Staff(Permission::PresaleWrite)")]
    async fn presale_pause(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] id: PresaleId) -> Result<PresalePayload> {
        edited(ctx, campaigns::step(ctx.op()?, id, Step::Pause).await).await
    }

    /// Lets a paused presale go on.
    #[graphql(guard = "Access::Staff(Permission::PresaleWrite)")]
    async fn presale_resume(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] id: PresaleId) -> Result<PresalePayload> {
        edited(ctx, campaigns::step(ctx.op()?, id, Step::Resume).await).await
    }

    /// Ends a presale before its time. What is reserved goes on to its own windows.
    #[graphql(guard = "Access::Staff(Permission::PresaleWrite)")]
    async fn presale_end_early(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] id: PresaleId) -> Result<PresalePayload> {
        edited(ctx, campaigns::step(ctx.op()?, id, Step::End).await).await
    }
}

async fn edited(ctx: &Context<'_>, done: std::result::Result<PresaleId, Failure<EditRefused>>) -> Result<PresalePayload> {
    let row = query::edited(ctx.op()?, done).await;
    payload(ctx, row, |row: table::Model| PresalePayload { presale: Some(row.into()), ..Default::default() })
}

/// Subscriptions.
#[derive(Default)]
pub struct AdminSubscription;

#[Subscription(name = "PresaleAdminSubscription")]
impl AdminSubscription {
    /// A presale as it is now, then after every change and at the very moment a window opens or closes.
    #[graphql(guard = "Access::Staff(Permission::PresaleRead)")]
    async fn presale_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: PresaleId,
        #[graphql(desc = "The last cursor you saw, to be told of a gap.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<PresaleProgress>> + use<>> {
        let frames = live(ctx, query::watch(ctx.op()?, (id, Eyes::Staff), after).await)?;
        Ok(frames.map(|frame| frame.map(PresaleProgress::from)))
    }
}
