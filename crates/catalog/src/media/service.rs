//! Taking, storing and finding pictures.

use std::{collections::HashMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use entity::catalog::media as table;
use kernel::{Failure, Fault, MediaId, Page, PageRequest, Timestamp, minutes};
use platform::{Op, crypto::sha256_hex, rows};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};

use super::rules::{self, Format, Refused};

/// Uploads are `PUT {UPLOAD_PATH}/{token}`.
pub const UPLOAD_PATH: &str = "/uploads";

/// How long an announced upload may take to come.
const OPEN: Duration = minutes(15);

/// What upload tokens are sealed for.
const PLACE: &str = "media.upload";

/// A stored picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// The upload.
    pub id: MediaId,
    /// Where the world reads it.
    pub url: String,
    /// Its MIME type.
    pub content_type: String,
    /// How large it is.
    pub bytes: i64,
    /// In pixels, when known.
    pub width: Option<i64>,
    /// In pixels, when known.
    pub height: Option<i64>,
    /// As its uploader called it.
    pub file_name: String,
    /// When it came.
    pub created_at: Timestamp,
}

/// A picture announced.
#[derive(Clone, Debug)]
pub struct BeginUpload {
    /// As its uploader calls it.
    pub file_name: String,
    /// Its MIME type.
    pub content_type: String,
    /// How large it is.
    pub bytes: i64,
}

/// Where to send an announced picture.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The picture's id once it is there.
    pub media: MediaId,
    /// A path on this server; PUT the bytes there.
    pub upload_url: String,
    /// Not later than this.
    pub expires_at: Timestamp,
}

/// What a token promises.
#[derive(Serialize, Deserialize)]
struct Announced {
    media: MediaId,
    file_name: String,
    content_type: String,
    bytes: i64,
    by: String,
    until: Timestamp,
}

/// Announces a picture: what would be refused later is refused now.
pub fn begin(op: &Op, upload: BeginUpload) -> Result<Ticket, Failure<Refused>> {
    let file_name = upload.file_name.trim();
    if file_name.is_empty() || file_name.chars().count() > 200 || file_name.chars().any(char::is_control) {
        return Err(Refused::FileName.into());
    }
    let format = Format::uploadable(&upload.content_type).ok_or(Refused::Type)?;
    if usize::try_from(upload.bytes).map_or(true, |bytes| bytes == 0 || bytes > rules::MOST_BYTES) {
        return Err(Refused::Size.into());
    }
    let (media, until) = (op.new_id::<MediaId>(), op.now() + OPEN);
    let announced = Announced {
        media,
        file_name: file_name.to_owned(),
        content_type: format.content_type().to_owned(),
        bytes: upload.bytes,
        by: op.actor.to_string(),
        until,
    };
    let token = BASE64.encode(op.crypto().seal(PLACE, &serde_json::to_string(&announced)?)?);
    Ok(Ticket { media, upload_url: format!("{UPLOAD_PATH}/{token}"), expires_at: until })
}

/// Takes the bytes of an announced picture; the token is the right to send them. Twice is once.
pub async fn store_upload(op: &Op, token: &str, content_type: &str, bytes: Vec<u8>) -> Result<Media, Failure<Refused>> {
    let sealed = BASE64.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Refused::Token)?;
    let announced = op.crypto().open(PLACE, &sealed).map_err(|_| Refused::Token)?;
    let announced: Announced = serde_json::from_str(&announced)?;
    if announced.until < op.now() {
        return Err(Refused::Token.into());
    }
    if Format::uploadable(content_type) != Format::uploadable(&announced.content_type) {
        return Err(Refused::Type.into());
    }
    if i64::try_from(bytes.len()).ok() != Some(announced.bytes) {
        return Err(Refused::Size.into());
    }
    let (format, dimensions) = rules::check(content_type, &bytes)?;
    let picture = Picture { id: announced.media, file_name: announced.file_name, format, dimensions, bytes, by: announced.by };
    Ok(store(op, picture).await?)
}

/// A checked picture.
struct Picture {
    id: MediaId,
    file_name: String,
    format: Format,
    dimensions: Option<(u32, u32)>,
    bytes: Vec<u8>,
    by: String,
}

async fn store(op: &Op, picture: Picture) -> Result<Media, Fault> {
    let row = file(op, picture).await?;
    let tx = op.begin().await?;
    insert(&*tx, vec![row.clone()]).await?;
    tx.commit().await?;
    Ok(seen(op, row))
}

/// Keeps the bytes; the row is the caller's to write.
async fn file(op: &Op, picture: Picture) -> Result<table::Model, Fault> {
    let digest = sha256_hex(&picture.bytes);
    let key = format!("{}/{digest}.{}", &digest[..2], picture.format.extension());
    let bytes = i64::try_from(picture.bytes.len()).unwrap_or(i64::MAX);
    op.platform.storage.put(&key, picture.bytes).await?;
    Ok(table::Model {
        id: picture.id,
        key,
        content_type: picture.format.content_type().to_owned(),
        bytes,
        width: picture.dimensions.map(|(width, _)| i64::from(width)),
        height: picture.dimensions.map(|(_, height)| i64::from(height)),
        file_name: picture.file_name,
        uploaded_by: picture.by,
        created_at: op.now(),
    })
}

async fn insert(db: &impl ConnectionTrait, rows: Vec<table::Model>) -> Result<(), Fault> {
    let rows = rows.into_iter().map(|row| table::ActiveModel {
        id: Set(row.id),
        key: Set(row.key),
        content_type: Set(row.content_type),
        bytes: Set(row.bytes),
        width: Set(row.width),
        height: Set(row.height),
        file_name: Set(row.file_name),
        uploaded_by: Set(row.uploaded_by),
        created_at: Set(row.created_at),
    });
    let known = OnConflict::column(table::Column::Id).do_nothing().to_owned();
    rows::insert_or(db, (rows, known)).await?;
    Ok(())
}

/// A drawing of our own.
pub(crate) struct Drawing {
    pub(crate) file_name: String,
    pub(crate) svg: String,
    pub(crate) side: u32,
}

/// Stores drawings of our own, in their order: the only way an SVG comes in.
pub(crate) async fn store_drawings(op: &Op, drawings: Vec<Drawing>) -> Result<Vec<MediaId>, Fault> {
    let mut rows = Vec::with_capacity(drawings.len());
    for drawing in drawings {
        let picture = Picture {
            id: op.new_id(),
            file_name: drawing.file_name,
            format: Format::Svg,
            dimensions: Some((drawing.side, drawing.side)),
            bytes: drawing.svg.into_bytes(),
            by: op.actor.to_string(),
        };
        rows.push(file(op, picture).await?);
    }
    let ids = rows.iter().map(|row| row.id).collect();
    let tx = op.begin().await?;
    for rows in rows.chunks(500) {
        insert(&*tx, rows.to_vec()).await?;
    }
    tx.commit().await?;
    Ok(ids)
}

/// These pictures; unknown ones are not in the answer.
pub async fn by_ids(op: &Op, ids: &[MediaId]) -> Result<HashMap<MediaId, Media>, Fault> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = table::Entity::find().filter(table::Column::Id.is_in(ids.iter().copied())).all(op.reader()).await?;
    Ok(rows.into_iter().map(|row| (row.id, seen(op, row))).collect())
}

/// Whether all of these are stored.
pub async fn all_stored(db: &impl ConnectionTrait, ids: &[MediaId]) -> Result<bool, Fault> {
    let distinct: std::collections::BTreeSet<_> = ids.iter().copied().collect();
    if distinct.is_empty() {
        return Ok(true);
    }
    let found = table::Entity::find().filter(table::Column::Id.is_in(distinct.iter().copied())).count(db).await?;
    Ok(usize::try_from(found).ok() == Some(distinct.len()))
}

/// Whether this actor sent all of these in.
pub async fn all_sent_by(op: &Op, ids: &[MediaId]) -> Result<bool, Fault> {
    let distinct: std::collections::BTreeSet<_> = ids.iter().copied().collect();
    if distinct.is_empty() {
        return Ok(true);
    }
    let theirs = table::Entity::find().filter(table::Column::Id.is_in(distinct.iter().copied()));
    let found = theirs.filter(table::Column::UploadedBy.eq(op.actor.to_string())).count(op.reader()).await?;
    Ok(usize::try_from(found).ok() == Some(distinct.len()))
}

/// Every picture of the merchant, the newest first. What shoppers send in as evidence is shown where it belongs.
pub async fn page(op: &Op, page: PageRequest) -> Result<Page<Media>, Failure<kernel::CursorError>> {
    let ours = table::Column::UploadedBy.not_like(format!("{}%", kernel::CustomerId::PREFIX));
    let mut rows = table::Entity::find().filter(ours).order_by_desc(table::Column::Id).limit(page.first + 1);
    if let Some(after) = page.after {
        rows = rows.filter(table::Column::Id.lt(after.key::<MediaId>()?));
    }
    let rows = rows.all(op.reader()).await?;
    Ok(Page::take(rows, page.first, |row| row.id).map(|row| seen(op, row)))
}

fn seen(op: &Op, row: table::Model) -> Media {
    Media {
        id: row.id,
        url: op.platform.storage.url(&row.key),
        content_type: row.content_type,
        bytes: row.bytes,
        width: row.width,
        height: row.height,
        file_name: row.file_name,
        created_at: row.created_at,
    }
}
