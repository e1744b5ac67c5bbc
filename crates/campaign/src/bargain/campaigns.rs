//! What staff do with campaigns.

use std::collections::HashMap;

use catalog::prices::service::{self as history, Offered};
use entity::campaign::{bargain as table, bargain_sku as prices};
use kernel::{BargainId, Failure, LocalizedText, Money, ProductId, SkuId};
use platform::{Op, rows};
use sea_orm::{
    ActiveEnum,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    console::{
        self,
        preview::{self, PreviewLine},
        rules,
    },
    exclusive::{
        self,
        service::{Claim, PlayRef},
    },
};

use super::{
    KIND,
    error::EditRefused,
    events::CampaignChanged,
    rules::{
        campaign::{CampaignRefused, CampaignState, Step, Window},
        terms::Terms,
    },
    store::{self, Campaign},
};

/// The longest title in one language.
const MOST_TITLE: usize = 120;

/// A campaign as staff write it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its name, by language.
    pub title: LocalizedText,
    /// What it sells.
    pub product: ProductId,
    /// When customers may begin.
    pub window: Window,
    /// What it promises.
    pub terms: Terms,
}

/// Writes a campaign nobody sees yet.
pub async fn create(op: &Op, draft: Draft) -> Result<BargainId, Failure<EditRefused>> {
    let draft = checked(op, draft).await?;
    let id: BargainId = op.new_id();
    let mut tx = op.begin().await?;
    let row = table::ActiveModel {
        id: Set(id),
        title: Set(draft.title),
        product: Set(draft.product),
        state: Set(table::BargainState::Draft),
        starts_at: Set(draft.window.starts_at),
        ends_at: Set(draft.window.ends_at),
        created_at: Set(op.now()),
        updated_at: Set(op.now()),
        ..Default::default()
    };
    table::Entity::insert(store::with_terms(row, &draft.terms)).exec_without_returning(&*tx).await?;
    rows::insert(&*tx, store::price_rows(id, &draft.terms)).await?;
    tx.emit(&CampaignChanged { bargain: id });
    tx.commit().await?;
    Ok(id)
}

/// Changes a draft. Once published a campaign keeps its rules.
pub async fn update(op: &Op, id: BargainId, draft: Draft) -> Result<BargainId, Failure<EditRefused>> {
    let draft = checked(op, draft).await?;
    let mut tx = op.begin().await?;
    let before = store::lock_campaign(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    if before.state() != CampaignState::Draft {
        return Err(EditRefused::Campaign(CampaignRefused::Frozen).into());
    }
    let row = table::ActiveModel {
        id: Unchanged(id),
        title: Set(draft.title),
        product: Set(draft.product),
        state: NotSet,
        starts_at: Set(draft.window.starts_at),
        ends_at: Set(draft.window.ends_at),
        updated_at: Set(op.now()),
        ..Default::default()
    };
    table::Entity::update(store::with_terms(row, &draft.terms)).exec(&*tx).await?;
    prices::Entity::delete_many().filter(prices::Column::Bargain.eq(id)).exec(&*tx).await?;
    rows::insert(&*tx, store::price_rows(id, &draft.terms)).await?;
    tx.emit(&CampaignChanged { bargain: id });
    tx.commit().await?;
    Ok(id)
}

/// Publishes, pauses, resumes or ends a campaign. A step taken already is a success.
pub async fn step(op: &Op, id: BargainId, step: Step) -> Result<BargainId, Failure<EditRefused>> {
    let mut tx = op.begin().await?;
    let before = store::lock_campaign(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    let next =
        rules::step(before.state(), step, (before.window(), op.now())).map_err(CampaignRefused::from).map_err(EditRefused::Campaign)?;
    let play = PlayRef { kind: KIND, id: id.to_string() };
    match (before.state(), next) {
        (CampaignState::Draft, _) => {
            let claim = Claim {
                play,
                title: before.row.title.get(op.locale).to_owned(),
                skus: before.terms.skus().into_iter().collect(),
                starts_at: std::cmp::max(before.row.starts_at, op.now()),
                ends_at: before.row.ends_at,
            };
            exclusive::service::claim(&tx, claim).await.map_err(Failure::widen)?;
            history::offer(&mut tx, op, asked(&before)).await?;
        }
        (_, CampaignState::Ended) => {
            exclusive::service::release(&tx, &play, op.now()).await?;
            history::withdraw(&mut tx, op, (KIND, &play.id)).await?;
        }
        _ => {}
    }
    if next != before.state() {
        let moved = table::Entity::update_many()
            .col_expr(table::Column::State, Expr::value(table::BargainState::from(next).to_value()))
            .col_expr(table::Column::UpdatedAt, Expr::value(op.now().0))
            .filter(table::Column::Id.eq(id).and(table::Column::State.eq(before.row.state)))
            .exec(&*tx)
            .await?;
        if moved.rows_affected == 1 {
            tx.emit(&CampaignChanged { bargain: id });
        }
    }
    tx.commit().await?;
    Ok(id)
}

/// A draft with the rules of another campaign, as long as it and from now on.
pub async fn copy(op: &Op, id: BargainId) -> Result<BargainId, Failure<EditRefused>> {
    let Campaign { row, terms } = store::campaign(op.reader(), id).await?.ok_or(EditRefused::NotFound)?;
    let window = Window { starts_at: row.starts_at, ends_at: row.ends_at }.again(op.now());
    create(op, Draft { title: row.title, product: row.product, window, terms }).await
}

/// What a campaign gives away, SKU by SKU, when all that can be bought is sold at the floor.
pub async fn preview(op: &Op, (id, costs): (BargainId, &HashMap<SkuId, Money>)) -> Result<Vec<PreviewLine>, Failure<EditRefused>> {
    let Campaign { terms, .. } = store::campaign(op.reader(), id).await?.ok_or(EditRefused::NotFound)?;
    if !preview::comparable(costs, terms.currency) {
        return Err(EditRefused::Currency.into());
    }
    Ok(console::service::from_shelf(op, &terms.floors(), costs).await?)
}

/// What a campaign asks for its SKUs, for the history of prices: of each the floor, the least that anybody pays.
fn asked(campaign: &Campaign) -> Offered {
    Offered {
        kind: KIND,
        id: campaign.row.id.to_string(),
        title: Some(campaign.row.title.clone()),
        starts_at: campaign.row.starts_at,
        ends_at: Some(campaign.row.ends_at),
        prices: campaign.terms.floors(),
    }
}

/// The draft, if it can be promised: sound terms, and no price above what everybody pays anyway.
async fn checked(op: &Op, draft: Draft) -> Result<Draft, Failure<EditRefused>> {
    let title = draft.title.0.values().all(|text| text.chars().count() <= MOST_TITLE);
    if draft.title.is_blank() || !title {
        return Err(EditRefused::Title.into());
    }
    draft.window.checked(op.now()).map_err(CampaignRefused::from).map_err(EditRefused::Campaign)?;
    let wanted: Vec<_> = draft.terms.skus().into_iter().collect();
    let known = catalog::product::service::skus(op, &wanted).await?;
    for prices in &draft.terms.prices {
        let sku = known.get(&prices.sku).filter(|sku| sku.product == draft.product && sku.on_sale).ok_or(EditRefused::ForeignSku)?;
        if sku.price.currency != draft.terms.currency {
            return Err(EditRefused::Currency.into());
        }
        if prices.first > sku.price.minor {
            return Err(EditRefused::FirstPrice.into());
        }
    }
    let terms = draft.terms.checked().map_err(EditRefused::Terms)?;
    Ok(Draft { terms, ..draft })
}
