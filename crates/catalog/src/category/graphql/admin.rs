//! What staff see and arrange.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result};
use kernel::{CategoryId, MediaId, Permission, Timestamp};
use platform::graphql::{Access, ContextExt, LocalizedTextInput, LocalizedTextObject, answer, payload};

use crate::{
    category::service::{self, CategoryChange, NewCategory},
    media::graphql::Media,
};

/// A shelf as staff see it.
pub struct CatalogCategory(pub service::Category);

/// A shelf as staff see it.
#[Object]
impl CatalogCategory {
    /// The shelf.
    async fn id(&self) -> CategoryId {
        self.0.id
    }

    /// The shelf it stands on; none at the top.
    async fn parent_id(&self) -> Option<CategoryId> {
        self.0.parent
    }

    /// Its place among its siblings; smaller is earlier.
    async fn position(&self) -> i32 {
        i32::try_from(self.0.position).unwrap_or(i32::MAX)
    }

    /// Its name.
    async fn name(&self) -> LocalizedTextObject {
        (&self.0.name).into()
    }

    /// Its picture.
    async fn icon(&self, ctx: &Context<'_>) -> Result<Option<Media>> {
        match self.0.icon {
            Some(icon) => Media::load(ctx, icon).await,
            None => Ok(None),
        }
    }

    /// When it was put up.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it was changed last.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// What staff ask about shelves.
#[derive(Default)]
pub struct CategoryAdminQuery;

#[Object]
impl CategoryAdminQuery {
    /// Every shelf, siblings in their order.
    #[graphql(guard = "Access::Staff(Permission::CatalogRead)")]
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<CatalogCategory>> {
        Ok(answer(ctx, service::all(ctx.op()?).await)?.into_iter().map(CatalogCategory).collect())
    }
}

/// A new shelf.
#[derive(InputObject)]
pub struct CategoryCreateInput {
    /// The shelf it stands on; none at the top.
    pub parent_id: Option<CategoryId>,
    /// Its place among its siblings; smaller is earlier.
    #[graphql(default = 0)]
    pub position: i32,
    /// Its name; Chinese is needed.
    pub name: LocalizedTextInput,
    /// Its picture.
    pub icon_id: Option<MediaId>,
}

/// What changes about a shelf; what is not given stays.
#[derive(InputObject)]
pub struct CategoryUpdateInput {
    /// The shelf.
    pub id: CategoryId,
    /// The shelf it shall stand on; null is the top.
    pub parent_id: MaybeUndefined<CategoryId>,
    /// Its place among its siblings.
    pub position: Option<i32>,
    /// Its name, in all languages.
    pub name: Option<LocalizedTextInput>,
    /// Its picture; null takes it away.
    pub icon_id: MaybeUndefined<MediaId>,
}

platform::payload! {
    /// The shelf, as it is now.
    pub struct CategoryCreatePayload {
        /// The shelf.
        category: CatalogCategory,
    }
}

platform::payload! {
    /// The shelf, as it is now.
    pub struct CategoryUpdatePayload {
        /// The shelf.
        category: CatalogCategory,
    }
}

platform::payload! {
    /// What was taken down.
    pub struct CategoryDeletePayload {
        /// The shelf that is gone.
        deleted_id: CategoryId,
    }
}

/// How staff arrange shelves.
#[derive(Default)]
pub struct CategoryAdminMutation;

#[Object]
impl CategoryAdminMutation {
    /// Puts up a shelf.
    #[graphql(guard = "Access::Staff(Permission::CatalogWrite)")]
    async fn category_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The shelf.")] input: CategoryCreateInput,
    ) -> Result<CategoryCreatePayload> {
        let CategoryCreateInput { parent_id: parent, position, name, icon_id: icon } = input;
        let new = NewCategory { parent, position: i64::from(position), name: name.into(), icon };
        let created = service::create(ctx.op()?, new).await;
        payload(ctx, created, |row| CategoryCreatePayload { category: Some(CatalogCategory(row)), ..Default::default() })
    }

    /// Changes or moves a shelf.
    #[graphql(guard = "Access::Staff(Permission::CatalogWrite)")]
    async fn category_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: CategoryUpdateInput,
    ) -> Result<CategoryUpdatePayload> {
        let change = CategoryChange {
            parent: given(input.parent_id),
            position: input.position.map(i64::from),
            name: input.name.map(Into::into),
            icon: given(input.icon_id),
        };
        let updated = service::update(ctx.op()?, input.id, change).await;
        payload(ctx, updated, |row| CategoryUpdatePayload { category: Some(CatalogCategory(row)), ..Default::default() })
    }

    /// Takes an empty shelf down.
    #[graphql(guard = "Access::Staff(Permission::CatalogWrite)")]
    async fn category_delete(&self, ctx: &Context<'_>, #[graphql(desc = "The shelf.")] id: CategoryId) -> Result<CategoryDeletePayload> {
        let deleted = service::delete(ctx.op()?, id).await;
        payload(ctx, deleted, |id| CategoryDeletePayload { deleted_id: Some(id), ..Default::default() })
    }
}

/// What was given, null included.
pub(crate) fn given<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}
