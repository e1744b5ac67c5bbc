//! Levels of membership as shoppers and staff see them.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use kernel::{CustomerId, Failure, MemberLevelId, Permission, SkuId, Timestamp};
use platform::graphql::{Access, ContextExt, LocalizedTextInput, LocalizedTextObject, Long, answer, payload};

use super::service::{self, Draft, Level, PriceRow, PutOn};
use crate::{EditRefused, graphql::small};

/// The level the shopper stands on.
#[derive(SimpleObject)]
pub struct MyMemberLevel {
    /// Which.
    id: MemberLevelId,
    /// What it is called.
    name: String,
    /// What it saves on everything without a price of its own, in basis points.
    off_bps: i32,
}

/// What a level pays for a SKU.
#[derive(SimpleObject)]
pub struct MemberPrice {
    /// Which SKU.
    sku_id: SkuId,
    /// Its price for the level, in minor units of its currency.
    price: Long,
}

/// A level of membership.
pub struct MemberLevel(Level, Vec<PriceRow>);

/// A level of membership.
#[Object]
impl MemberLevel {
    /// Which.
    async fn id(&self) -> MemberLevelId {
        self.0.id
    }

    /// The larger is the better.
    async fn rank(&self) -> i32 {
        small(self.0.rank)
    }

    /// What it is called, in every language.
    async fn name_texts(&self) -> LocalizedTextObject {
        (&self.0.name).into()
    }

    /// What it is called.
    async fn name(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.name.get(ctx.op()?.locale))
    }

    /// What it saves on everything without a price of its own, in basis points.
    async fn off_bps(&self) -> i32 {
        small(self.0.off_bps)
    }

    /// What it pays for single SKUs.
    async fn prices(&self) -> Vec<MemberPrice> {
        self.1.iter().map(|row| MemberPrice { sku_id: row.sku, price: Long(row.price_minor) }).collect()
    }
}

/// A level of membership.
#[derive(InputObject)]
pub struct MemberLevelInput {
    /// Which; a new one when not said.
    pub id: Option<MemberLevelId>,
    /// The larger is the better; each once.
    pub rank: i32,
    /// What it is called.
    pub name: LocalizedTextInput,
    /// What it saves on everything without a price of its own, in basis points.
    #[graphql(default)]
    pub off_bps: i32,
}

/// What a level pays for a SKU.
#[derive(InputObject)]
pub struct MemberPriceInput {
    /// Which SKU.
    pub sku_id: SkuId,
    /// Its price for the level, in minor units of its currency; without it, the level's usual share off.
    pub price: Option<Long>,
}

platform::payload! {
    /// The level, as it is now.
    pub struct MemberLevelPayload {
        /// The level.
        member_level: MemberLevel,
    }
}

platform::payload! {
    /// What became of `memberLevelDelete`.
    pub struct MemberLevelDeletePayload {
        /// The level that is gone.
        id: MemberLevelId,
    }
}

platform::payload! {
    /// What became of `memberPut`.
    pub struct MemberPutPayload {
        /// Who.
        customer_id: CustomerId,
    }
}

/// What shoppers ask about their membership.
#[derive(Default)]
pub struct MemberShopQuery;

#[Object]
impl MemberShopQuery {
    /// The level the shopper stands on now.
    #[graphql(guard = "Access::Customer")]
    async fn my_member_level(&self, ctx: &Context<'_>) -> Result<Option<MyMemberLevel>> {
        let op = ctx.op()?;
        let customer = answer(ctx, op.customer())?;
        let level = answer(ctx, service::level_of(op, customer).await)?;
        let shown =
            |level: Level| MyMemberLevel { id: level.id, name: level.name.get(op.locale).to_owned(), off_bps: small(level.off_bps) };
        Ok(level.map(shown))
    }
}

/// What staff ask about levels.
#[derive(Default)]
pub struct MemberAdminQuery;

#[Object]
impl MemberAdminQuery {
    /// Every level, the best first.
    #[graphql(guard = "Access::Staff(Permission::PromotionRead)")]
    async fn member_levels(&self, ctx: &Context<'_>) -> Result<Vec<MemberLevel>> {
        let op = ctx.op()?;
        let levels = answer(ctx, service::levels(op).await)?;
        let ids: Vec<MemberLevelId> = levels.iter().map(|level| level.id).collect();
        let mut prices = answer(ctx, service::prices_of(op, &ids).await)?;
        Ok(levels
            .into_iter()
            .map(|level| {
                let own = prices.remove(&level.id).unwrap_or_default();
                MemberLevel(level, own)
            })
            .collect())
    }
}

/// What staff do about levels.
#[derive(Default)]
pub struct MemberAdminMutation;

#[Object]
impl MemberAdminMutation {
    /// Writes a level, or changes it.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn member_level_save(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The level.")] input: MemberLevelInput,
    ) -> Result<MemberLevelPayload> {
        let draft = Draft { rank: i64::from(input.rank), name: input.name.into(), off_bps: i64::from(input.off_bps) };
        kept(ctx, service::save(ctx.op()?, input.id, draft).await).await
    }

    /// Deletes a level nobody stands on, with its prices.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn member_level_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: MemberLevelId,
    ) -> Result<MemberLevelDeletePayload> {
        let gone = service::delete(ctx.op()?, id).await;
        payload(ctx, gone, |id| MemberLevelDeletePayload { id: Some(id), ..Default::default() })
    }

    /// Sets what a level pays for these SKUs; the others keep their prices.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn member_prices_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which level.")] level_id: MemberLevelId,
        #[graphql(desc = "The prices; 1 to 500 SKUs.")] prices: Vec<MemberPriceInput>,
    ) -> Result<MemberLevelPayload> {
        let prices = prices.into_iter().map(|price| (price.sku_id, price.price.map(|price| price.0))).collect();
        kept(ctx, service::set_prices(ctx.op()?, level_id, prices).await).await
    }

    /// Puts a customer on a level, or takes them off.
    #[graphql(guard = "Access::Staff(Permission::PromotionWrite)")]
    async fn member_put(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] customer_id: CustomerId,
        #[graphql(desc = "Where; nowhere when not said.")] level_id: Option<MemberLevelId>,
        #[graphql(desc = "Until then; for ever when not said.")] until: Option<Timestamp>,
    ) -> Result<MemberPutPayload> {
        let put = service::put_on(ctx.op()?, PutOn { customer: customer_id, level: level_id, until }).await;
        payload(ctx, put, |customer_id| MemberPutPayload { customer_id: Some(customer_id), ..Default::default() })
    }
}

async fn kept(ctx: &Context<'_>, row: std::result::Result<Level, Failure<EditRefused>>) -> Result<MemberLevelPayload> {
    match row {
        Ok(level) => {
            let mut prices = answer(ctx, service::prices_of(ctx.op()?, &[level.id]).await)?;
            let own = prices.remove(&level.id).unwrap_or_default();
            Ok(MemberLevelPayload { member_level: Some(MemberLevel(level, own)), ..Default::default() })
        }
        Err(failure) => payload(ctx, Err::<Level, _>(failure), |_| MemberLevelPayload::default()),
    }
}
