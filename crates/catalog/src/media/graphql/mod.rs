//! Pictures as GraphQL sees them.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use kernel::{MediaId, Permission, Timestamp};
use platform::graphql::{Access, ContextExt, answer, page_request, payload};

use super::service::{self, BeginUpload};
use crate::graphql::loaders::load;

/// A picture.
#[derive(Clone, Debug)]
pub struct Media(pub service::Media);

impl Media {
    /// The picture, together with all others that are asked for at the same time.
    pub async fn load(ctx: &Context<'_>, id: MediaId) -> Result<Option<Self>> {
        Ok(load(ctx, id).await?.map(Self))
    }
}

/// A picture.
#[Object]
impl Media {
    /// The picture.
    async fn id(&self) -> MediaId {
        self.0.id
    }

    /// Where to read it: a path on this server or a whole address. What lies there never changes.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// Its MIME type.
    async fn content_type(&self) -> &str {
        &self.0.content_type
    }

    /// Its width in pixels, when known.
    async fn width(&self) -> Option<i32> {
        self.0.width.and_then(|width| i32::try_from(width).ok())
    }

    /// Its height in pixels, when known.
    async fn height(&self) -> Option<i32> {
        self.0.height.and_then(|height| i32::try_from(height).ok())
    }
}

/// A picture as staff see it.
#[derive(SimpleObject)]
pub struct MediaUpload {
    /// The picture.
    pub media: Media,
    /// As its uploader called it.
    pub file_name: String,
    /// How large it is.
    pub bytes: i32,
    /// When it came.
    pub created_at: Timestamp,
}

impl From<service::Media> for MediaUpload {
    fn from(media: service::Media) -> Self {
        let bytes = i32::try_from(media.bytes).unwrap_or(i32::MAX);
        Self { file_name: media.file_name.clone(), bytes, created_at: media.created_at, media: Media(media) }
    }
}

platform::connection! {
    /// Pictures.
    pub struct MediaUploadConnection, MediaUploadEdge of MediaUpload
}

/// What staff see of the pictures.
#[derive(Default)]
pub struct MediaAdminQuery;

#[Object]
impl MediaAdminQuery {
    /// Every picture, the newest first.
    #[graphql(guard = "Access::Staff(Permission::CatalogRead)")]
    async fn media_uploads(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the picture to go on behind.")] after: Option<String>,
    ) -> Result<MediaUploadConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, service::page(ctx.op()?, page).await)?.map(Into::into).into())
    }
}

/// A picture announced.
#[derive(InputObject)]
pub struct MediaUploadBeginInput {
    /// As it is called on the uploader's machine.
    pub file_name: String,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub content_type: String,
    /// How large it is; 5 MiB at most.
    pub bytes: i32,
}

platform::payload! {
    /// Where to send an announced picture.
    pub struct MediaUploadBeginPayload {
        /// PUT the bytes there with the announced content type. The address is the right to do so; keep it to yourself.
        upload_url: String,
        /// The picture's id once the bytes are there.
        media_id: MediaId,
        /// Not later than this.
        expires_at: Timestamp,
    }
}

impl From<MediaUploadBeginInput> for BeginUpload {
    fn from(input: MediaUploadBeginInput) -> Self {
        Self { file_name: input.file_name, content_type: input.content_type, bytes: i64::from(input.bytes) }
    }
}

impl From<service::Ticket> for MediaUploadBeginPayload {
    fn from(ticket: service::Ticket) -> Self {
        Self {
            upload_url: Some(ticket.upload_url),
            media_id: Some(ticket.media),
            expires_at: Some(ticket.expires_at),
            user_errors: Vec::new(),
        }
    }
}

/// What staff change of the pictures.
#[derive(Default)]
pub struct MediaAdminMutation;

#[Object]
impl MediaAdminMutation {
    /// Announces a picture and answers where to send its bytes.
    #[graphql(guard = "Access::Staff(Permission::CatalogWrite)")]
    async fn media_upload_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The picture.")] input: MediaUploadBeginInput,
    ) -> Result<MediaUploadBeginPayload> {
        payload(ctx, service::begin(ctx.op()?, input.into()), Into::into)
    }
}
