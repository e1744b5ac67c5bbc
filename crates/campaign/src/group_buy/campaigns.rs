//! What staff do with campaigns, and what the clock does with them.

use std::collections::HashMap;

use catalog::prices::service::{self as history, Offered};
use entity::campaign::{group_buy as table, group_buy_sku as prices};
use kernel::{Failure, Fault, GroupBuyId, LocalizedText, Money, ProductId, SkuId, Timestamp};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveEnum,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    console::{
        self,
        preview::{self, PreviewLine},
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
        campaign::{self, CampaignRefused, CampaignState, Step, Window},
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
    /// When it sells.
    pub window: Window,
    /// What it promises.
    pub terms: Terms,
}

/// Writes a campaign nobody sees yet.
pub async fn create(op: &Op, draft: Draft) -> Result<GroupBuyId, Failure<EditRefused>> {
    let draft = checked(op, draft).await?;
    let id: GroupBuyId = op.new_id();
    let mut tx = op.begin().await?;
    let row = table::ActiveModel {
        id: Set(id),
        title: Set(draft.title),
        product: Set(draft.product),
        state: Set(table::GroupBuyState::Draft),
        starts_at: Set(draft.window.starts_at),
        ends_at: Set(draft.window.ends_at),
        created_at: Set(op.now()),
        updated_at: Set(op.now()),
        ..Default::default()
    };
    table::Entity::insert(store::with_terms(row, &draft.terms)).exec_without_returning(&*tx).await?;
    rows::insert(&*tx, store::price_rows(id, &draft.terms)).await?;
    tx.emit(&CampaignChanged { group_buy: id });
    tx.commit().await?;
    Ok(id)
}

/// Changes a campaign that is not over. Teams that gather keep what they were promised; only new ones notice.
pub async fn update(op: &Op, id: GroupBuyId, draft: Draft) -> Result<GroupBuyId, Failure<EditRefused>> {
    let draft = checked(op, draft).await?;
    let mut tx = op.begin().await?;
    let before = store::lock_campaign(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    if before.state() == CampaignState::Ended {
        return Err(EditRefused::Campaign(CampaignRefused::WrongState).into());
    }
    let same_product = before.row.product == draft.product && before.terms.currency == draft.terms.currency;
    if before.state() != CampaignState::Draft && !same_product {
        return Err(EditRefused::ProductFixed.into());
    }
    let after = claimed(op, (id, &draft.title), (draft.window, &draft.terms));
    let offered = asked((id, &draft.title), (draft.window, &draft.terms));
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
    if before.state() != CampaignState::Draft {
        exclusive::service::claim(&tx, after).await.map_err(Failure::widen)?;
        history::offer(&mut tx, op, offered).await?;
    }
    prices::Entity::delete_many().filter(prices::Column::GroupBuy.eq(id)).exec(&*tx).await?;
    rows::insert(&*tx, store::price_rows(id, &draft.terms)).await?;
    tx.emit(&CampaignChanged { group_buy: id });
    tx.commit().await?;
    Ok(id)
}

/// Publishes, pauses, resumes or ends a campaign. A step taken already is a success.
pub async fn step(op: &Op, id: GroupBuyId, step: Step) -> Result<GroupBuyId, Failure<EditRefused>> {
    let mut tx = op.begin().await?;
    let before = store::lock_campaign(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    let next = campaign::step(before.state(), step, before.window(), op.now()).map_err(EditRefused::Campaign)?;
    match (before.state(), next) {
        (CampaignState::Draft, _) => {
            let claim = claimed(op, (id, &before.row.title), (before.window(), &before.terms));
            exclusive::service::claim(&tx, claim).await.map_err(Failure::widen)?;
            history::offer(&mut tx, op, asked((id, &before.row.title), (before.window(), &before.terms))).await?;
        }
        (_, CampaignState::Ended) => {
            exclusive::service::release(&tx, &play(id), op.now()).await?;
            history::withdraw(&mut tx, op, (KIND, &id.to_string())).await?;
        }
        _ => {}
    }
    go(&mut tx, op, (&before, next)).await?;
    tx.commit().await?;
    Ok(id)
}

/// A draft that promises the same as another campaign, as long as it and from now on.
pub async fn copy(op: &Op, id: GroupBuyId) -> Result<GroupBuyId, Failure<EditRefused>> {
    let known = store::campaign(op.reader(), id).await?.ok_or(EditRefused::NotFound)?;
    let window = known.window().again(op.now());
    create(op, Draft { title: known.row.title, product: known.row.product, window, terms: known.terms }).await
}

/// What a campaign gives away, SKU by SKU, when all that can be bought is sold to leaders of the cheapest size.
pub async fn preview(op: &Op, (id, costs): (GroupBuyId, &HashMap<SkuId, Money>)) -> Result<Vec<PreviewLine>, Failure<EditRefused>> {
    let Campaign { terms, .. } = store::campaign(op.reader(), id).await?.ok_or(EditRefused::NotFound)?;
    if !preview::comparable(costs, terms.currency) {
        return Err(EditRefused::Currency.into());
    }
    let brings: Vec<_> = terms.skus().into_iter().filter_map(|sku| Some((sku, terms.brings(sku)?))).collect();
    Ok(console::service::from_shelf(op, &brings, costs).await?)
}

/// Begins and ends campaigns whose time has come.
pub async fn tick(op: &Op) -> Result<(), Fault> {
    let now = op.now();
    let begins = table::Column::State.eq(table::GroupBuyState::Scheduled).and(table::Column::StartsAt.lte(now));
    let lives = [table::GroupBuyState::Scheduled, table::GroupBuyState::Running, table::GroupBuyState::Paused];
    let ends = table::Column::State.is_in(lives).and(table::Column::EndsAt.lte(now));
    let due: Vec<GroupBuyId> = table::Entity::find()
        .select_only()
        .column(table::Column::Id)
        .filter(begins.or(ends))
        .limit(100)
        .into_tuple()
        .all(op.reader())
        .await?;
    for id in due {
        let mut tx = op.begin().await?;
        if let Some(before) = store::lock_campaign(&tx, id).await? {
            let next = campaign::tick(before.state(), before.window(), now);
            go(&mut tx, op, (&before, next)).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

async fn go(tx: &mut Tx, op: &Op, (before, next): (&Campaign, CampaignState)) -> Result<(), Fault> {
    if next == before.state() {
        return Ok(());
    }
    let moved = table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(table::GroupBuyState::from(next).to_value()))
        .col_expr(table::Column::UpdatedAt, Expr::value(op.now().0))
        .filter(table::Column::Id.eq(before.row.id).and(table::Column::State.eq(before.row.state)))
        .exec(&**tx)
        .await?;
    if moved.rows_affected == 1 {
        tx.emit(&CampaignChanged { group_buy: before.row.id });
    }
    Ok(())
}

fn play(id: GroupBuyId) -> PlayRef {
    PlayRef { kind: KIND, id: id.to_string() }
}

/// What a campaign asks for its SKUs, for the history of prices: of each the least that anybody pays in a team.
fn asked((id, title): (GroupBuyId, &LocalizedText), (window, terms): (Window, &Terms)) -> Offered {
    Offered {
        kind: KIND,
        id: id.to_string(),
        title: Some(title.clone()),
        starts_at: window.starts_at,
        ends_at: Some(window.ends_at),
        prices: terms.skus().into_iter().filter_map(|sku| Some((sku, terms.lowest(sku)?))).collect(),
    }
}

/// What a published campaign wants for itself.
fn claimed(op: &Op, (id, title): (GroupBuyId, &LocalizedText), (window, terms): (Window, &Terms)) -> Claim {
    Claim {
        play: play(id),
        title: title.get(op.locale).to_owned(),
        skus: terms.skus().into_iter().collect(),
        starts_at: std::cmp::max(window.starts_at, op.now()),
        ends_at: window.ends_at,
    }
}

/// The draft, if it can be promised: sound terms, and every price below what everybody pays anyway.
async fn checked(op: &Op, draft: Draft) -> Result<Draft, Failure<EditRefused>> {
    let title = draft.title.0.values().all(|text| text.chars().count() <= MOST_TITLE);
    if draft.title.is_blank() || !title {
        return Err(EditRefused::Title.into());
    }
    draft.window.checked(op.now()).map_err(CampaignRefused::from).map_err(EditRefused::Campaign)?;
    let terms = draft.terms.checked().map_err(EditRefused::Terms)?;
    let wanted: Vec<_> = terms.skus().into_iter().collect();
    let known = catalog::product::service::skus(op, &wanted).await?;
    for price in &terms.prices {
        let sku = known.get(&price.sku).filter(|sku| sku.product == draft.product && sku.on_sale).ok_or(EditRefused::ForeignSku)?;
        if sku.price.currency != terms.currency {
            return Err(EditRefused::Currency.into());
        }
        if price.minor >= sku.price.minor {
            return Err(EditRefused::NotCheaper.into());
        }
    }
    Ok(Draft { terms, ..draft })
}

/// A window from now on.
pub fn from_now(op: &Op, length: std::time::Duration) -> Window {
    let now: Timestamp = op.now();
    Window { starts_at: now, ends_at: now + length }
}
