//! Commands and reads of products.

use std::collections::HashMap;

use entity::catalog::{media, product, sku};
use kernel::{Fault, LocalizedText, MediaId, Money, ProductId, SkuId};
use platform::Op;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// What another context needs to know to sell a SKU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkuInfo {
    /// The SKU.
    pub sku: SkuId,
    /// Its product.
    pub product: ProductId,
    /// Unique in the mall.
    pub code: String,
    /// The product's title.
    pub title: LocalizedText,
    /// The chosen options as one text ("Red / XL"); blank when there is nothing to choose.
    pub options_label: LocalizedText,
    /// What one costs.
    pub price: Money,
    /// What one weighs.
    pub weight_grams: i64,
    /// Its picture, else the product's cover.
    pub image_url: Option<String>,
    /// Whether it can be bought now, stock aside.
    pub on_sale: bool,
}

/// What there is to know about these SKUs; unknown ones are not in the answer.
pub async fn skus(op: &Op, ids: &[SkuId]) -> Result<HashMap<SkuId, SkuInfo>, Fault> {
    let skus = sku::Entity::find().filter(sku::Column::Id.is_in(ids.iter().copied())).all(op.reader()).await?;
    if skus.is_empty() {
        return Ok(HashMap::new());
    }
    let products = product::Entity::find().filter(product::Column::Id.is_in(skus.iter().map(|sku| sku.product))).all(op.reader()).await?;
    let products: HashMap<ProductId, product::Model> = products.into_iter().map(|row| (row.id, row)).collect();
    let picture = |sku: &sku::Model| -> Option<MediaId> {
        sku.image.or_else(|| products.get(&sku.product).and_then(|product| product.media.0.first().copied()))
    };
    let pictures = media::Entity::find().filter(media::Column::Id.is_in(skus.iter().filter_map(picture))).all(op.reader()).await?;
    let pictures: HashMap<MediaId, String> = pictures.into_iter().map(|row| (row.id, op.platform.storage.url(&row.key))).collect();
    let info = |sku: sku::Model| {
        let product = products.get(&sku.product)?;
        let info = SkuInfo {
            sku: sku.id,
            product: sku.product,
            title: product.title.clone(),
            price: Money::new(sku.price_minor, sku.currency),
            weight_grams: sku.weight_grams,
            image_url: picture(&sku).and_then(|id| pictures.get(&id).cloned()),
            on_sale: product.status == product::ProductStatus::OnSale && sku.status == sku::SkuStatus::Active,
            code: sku.code,
            options_label: sku.label,
        };
        Some((sku.id, info))
    };
    Ok(skus.into_iter().filter_map(info).collect())
}
