//! Keeping freight templates, and saying how a SKU is carried.

use catalog::product::service::{self as products, SetParcel};
use entity::promotion::freight_template as table;
use kernel::{CursorError, Failure, Fault, FreightTemplateId, Page, PageRequest, SkuId};
use platform::{Op, Tx};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr};

use super::rules::{Delivery, Template};
use crate::{
    EditRefused, book,
    pricing::{Basket, BasketLine, Facts, Offers, PricingRefused, price},
};

/// A stored template.
pub type Row = table::Model;

/// Writes a template.
pub async fn create(op: &Op, template: Template) -> Result<Row, Failure<EditRefused>> {
    let id: FreightTemplateId = op.new_id();
    let row = row(op, (id, template))?;
    let tx = op.begin().await?;
    table::Entity::insert(table::ActiveModel { created_at: Set(op.now()), ..row }).exec_without_returning(&*tx).await.map_err(taken)?;
    done(op, tx, id).await
}

/// Changes a template; quotes that are promised already keep their price until they are over.
pub async fn update(op: &Op, id: FreightTemplateId, template: Template) -> Result<Row, Failure<EditRefused>> {
    let row = row(op, (id, template))?;
    let tx = op.begin().await?;
    table::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?.ok_or(EditRefused::NotFound)?;
    table::Entity::update(row).exec(&*tx).await.map_err(taken)?;
    done(op, tx, id).await
}

/// Deletes a template nothing goes by.
pub async fn delete(op: &Op, id: FreightTemplateId) -> Result<FreightTemplateId, Failure<EditRefused>> {
    let used = book::current(op).await?.settings.freight == Some(id) || products::any_goes_by(op, id).await?;
    if used {
        return Err(EditRefused::InUse.into());
    }
    let mut tx = op.begin().await?;
    table::Entity::delete_by_id(id).exec(&*tx).await?;
    book::turn(&mut tx);
    tx.commit().await?;
    Ok(id)
}

/// Says how a SKU is carried and taxed.
pub async fn set_parcel(op: &Op, parcel: SetParcel) -> Result<kernel::ProductId, Failure<ParcelRefused>> {
    if let Some(template) = parcel.freight_template
        && get(op, template).await?.is_none()
    {
        return Err(ParcelRefused::Template(EditRefused::Terms("freightTemplateId")).into());
    }
    Ok(products::set_parcel(op, parcel).await.map_err(Failure::widen)?.product)
}

/// Why a SKU's parcel is not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParcelRefused {
    /// There is no such template.
    #[error(transparent)]
    Template(EditRefused),
    /// The catalog does not keep it.
    #[error(transparent)]
    Catalog(#[from] catalog::product::Refused),
}

impl kernel::Refusal for ParcelRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Template(refused) => refused.code(),
            Self::Catalog(refused) => refused.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Template(refused) => refused.field(),
            Self::Catalog(refused) => refused.field(),
        }
    }
}

/// One template.
pub async fn get(op: &Op, id: FreightTemplateId) -> Result<Option<Row>, Fault> {
    Ok(table::Entity::find_by_id(id).one(op.reader()).await?)
}

/// The templates, the newest first.
pub async fn list(op: &Op, page: PageRequest) -> Result<Page<Row>, Failure<CursorError>> {
    let mut rows = table::Entity::find();
    if let Some(after) = &page.after {
        rows = rows.filter(table::Column::Id.lt(after.key::<FreightTemplateId>()?));
    }
    let rows = rows.order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    Ok(Page::take(rows, page.first, |row| row.id))
}

fn row(op: &Op, (id, template): (FreightTemplateId, Template)) -> Result<table::ActiveModel, Failure<EditRefused>> {
    let template = Template { name: template.name.trim().to_owned(), ..template }.checked().map_err(|wrong| EditRefused::Terms(wrong.0))?;
    Ok(table::ActiveModel {
        id: Set(id),
        name: Set(template.name.clone()),
        currency: Set(template.currency),
        terms: Set(serde_json::to_value(&template)?),
        updated_at: Set(op.now()),
        ..Default::default()
    })
}

async fn done(op: &Op, mut tx: Tx, id: FreightTemplateId) -> Result<Row, Failure<EditRefused>> {
    book::turn(&mut tx);
    tx.commit().await?;
    Ok(get(op, id).await?.ok_or(EditRefused::NotFound)?)
}

fn taken(error: DbErr) -> Failure<EditRefused> {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => EditRefused::Taken("name").into(),
        _ => error.into(),
    }
}

/// What bringing something would cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimate {
    /// So much, or nothing because enough is bought.
    Fee {
        /// What it costs.
        fee: kernel::Money,
        /// Whether a rule made it free.
        free: bool,
    },
    /// It is not carried there.
    NotCarried,
}

/// Why there is no estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EstimateRefused {
    /// Nothing, too much, or nothing that is sold.
    #[error("name 1 to 50 SKUs that are sold, each once")]
    Lines,
    /// Not six digits.
    #[error("a region is named by six digits")]
    Region,
}

impl kernel::Refusal for EstimateRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Lines => "FREIGHT_LINES_INVALID",
            Self::Region => "QUOTE_REGION_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Lines => Some("lines"),
            Self::Region => Some("regionCode"),
        }
    }
}

/// What bringing these things to a region would cost at their usual prices: the very steps of a price, without offers.
pub async fn estimate(op: &Op, lines: Vec<(SkuId, i64)>, region: Option<String>) -> Result<Estimate, Failure<EstimateRefused>> {
    let delivery = Delivery::Ship { region };
    if !delivery.is_sane() {
        return Err(EstimateRefused::Region.into());
    }
    if lines.is_empty() || lines.len() > 50 || lines.iter().any(|(_, quantity)| !(1..=999).contains(quantity)) {
        return Err(EstimateRefused::Lines.into());
    }
    let known = products::skus(op, &lines.iter().map(|(sku, _)| *sku).collect::<Vec<_>>()).await?;
    let book = book::current(op).await?;
    let mut wanted = Vec::with_capacity(lines.len());
    for (sku, quantity) in lines {
        let info = known.get(&sku).filter(|info| info.on_sale).ok_or(EstimateRefused::Lines)?;
        let facts =
            Facts { weight_grams: info.weight_grams, volume_cm3: info.volume_cm3, freight: info.freight_template, ..Facts::default() };
        wanted.push(BasketLine { sku, quantity, base_price: info.price, play: None, facts });
    }
    let currency = wanted.first().ok_or(EstimateRefused::Lines)?.base_price.currency;
    let offers = Offers {
        delivery,
        freight: std::sync::Arc::clone(&book.freight),
        settings: std::sync::Arc::clone(&book.settings),
        ..Offers::default()
    };
    match price(Basket { currency, lines: wanted, offers }) {
        Ok(priced) => {
            let free = priced.trace.iter().any(|line| line.code == "FREIGHT_FREE");
            Ok(Estimate::Fee { fee: priced.shipping, free })
        }
        Err(PricingRefused::NotCarried(_)) => Ok(Estimate::NotCarried),
        Err(_) => Err(EstimateRefused::Lines.into()),
    }
}
