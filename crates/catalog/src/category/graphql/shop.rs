//! What shoppers see.

use async_graphql::{Context, Object, Result};
use kernel::CategoryId;
use platform::graphql::{ContextExt, answer};

use crate::{
    category::service,
    graphql::loaders::{ChildrenOf, load},
    media::graphql::Media,
};

/// A shelf of the mall.
pub struct Category(pub service::Category);

/// A shelf of the mall.
#[Object]
impl Category {
    /// The shelf.
    async fn id(&self) -> CategoryId {
        self.0.id
    }

    /// Its name in the reader's language.
    async fn name(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.name.get(ctx.op()?.locale))
    }

    /// Its picture.
    async fn icon(&self, ctx: &Context<'_>) -> Result<Option<Media>> {
        match self.0.icon {
            Some(icon) => Media::load(ctx, icon).await,
            None => Ok(None),
        }
    }

    /// The shelf it stands on; none at the top.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        match self.0.parent {
            Some(parent) => Ok(load(ctx, parent).await?.map(Category)),
            None => Ok(None),
        }
    }

    /// The shelves on it, in their order.
    async fn children(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        Ok(load(ctx, ChildrenOf(self.0.id)).await?.unwrap_or_default().into_iter().map(Category).collect())
    }
}

/// What shoppers ask about shelves.
#[derive(Default)]
pub struct CategoryShopQuery;

#[Object]
impl CategoryShopQuery {
    /// The shelves at the top, in their order.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let all = answer(ctx, service::all(ctx.op()?).await)?;
        Ok(all.into_iter().filter(|shelf| shelf.parent.is_none()).map(Category).collect())
    }

    /// One shelf.
    async fn category(&self, ctx: &Context<'_>, #[graphql(desc = "The shelf.")] id: CategoryId) -> Result<Option<Category>> {
        Ok(load(ctx, id).await?.map(Category))
    }
}
