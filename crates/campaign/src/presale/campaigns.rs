//! What staff do with presales.

use std::collections::{BTreeSet, HashMap};

use catalog::prices::service::{self as history, Offered};
use entity::campaign::{presale as table, presale_sku as sku};
use kernel::{Currency, Failure, Fault, LocalizedText, Money, PresaleId, ProductId, SkuId, Timestamp};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    KIND, TICK,
    error::EditRefused,
    events::PresaleChanged,
    rules::{Lapse, Terms},
};
use crate::{
    console::{
        preview::{self, Offer, PreviewLine},
        rules::{self, Stand, Step, StepRefused, Window},
    },
    exclusive::{
        self,
        service::{Claim, PlayRef},
    },
};

/// The longest title in one language.
const MOST_TITLE: usize = 120;

/// The most SKUs of a presale.
const MOST_SKUS: usize = 100;

/// What a presale asks for one SKU.
#[derive(Clone, Copy, Debug)]
pub struct SkuDraft {
    /// Which.
    pub sku: SkuId,
    /// What one piece costs altogether, in minor units.
    pub price: i64,
    /// What is paid down for one; not read when everything is paid at once.
    pub deposit: i64,
    /// What the deposit counts against the price; as much as it is when absent.
    pub worth: Option<i64>,
    /// How many there are.
    pub stock: i64,
}

/// A presale as staff write it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its name.
    pub title: LocalizedText,
    /// What it sells.
    pub product: ProductId,
    /// What is paid first.
    pub mode: table::PresaleMode,
    /// What happens to a deposit when the balance does not come.
    pub lapse: Lapse,
    /// Whether a lower price at the time of the balance is given to those who paid down.
    pub protects_price: bool,
    /// In which currency.
    pub currency: Currency,
    /// When it sells.
    pub window: Window,
    /// When the balance is paid.
    pub balance: Window,
    /// Shipped by then.
    pub ship_by: Timestamp,
    /// Pieces one customer may have.
    pub most_per_customer: Option<i64>,
    /// What it asks for what.
    pub skus: Vec<SkuDraft>,
}

/// Where a row stands.
pub fn stand(state: table::PresaleState) -> Stand {
    match state {
        table::PresaleState::Draft => Stand::Draft,
        table::PresaleState::Published => Stand::Published,
        table::PresaleState::Paused => Stand::Paused,
        table::PresaleState::Ended => Stand::Ended,
    }
}

fn stored(stand: Stand) -> table::PresaleState {
    match stand {
        Stand::Draft => table::PresaleState::Draft,
        Stand::Published => table::PresaleState::Published,
        Stand::Paused => table::PresaleState::Paused,
        Stand::Ended => table::PresaleState::Ended,
    }
}

/// When a row sells.
pub fn window(row: &table::Model) -> Window {
    Window { starts_at: row.starts_at, ends_at: row.ends_at }
}

/// What a presale promises for a SKU.
pub fn terms(row: &table::Model, sku: &sku::Model) -> Terms {
    Terms {
        currency: row.currency,
        price: sku.price_minor,
        deposit: sku.deposit_minor,
        worth: sku.worth_minor,
        in_full: sku.in_full,
        lapse: if row.forfeits { Lapse::Forfeit } else { Lapse::Refund },
        protects_price: row.protects_price,
        ship_by: row.ship_by,
    }
}

/// Writes a presale nobody sees yet.
pub async fn create(op: &Op, draft: Draft) -> Result<PresaleId, Failure<EditRefused>> {
    let draft = checked(op, draft).await?;
    let row = row(op, (op.new_id(), op.now()), &draft);
    let mut tx = op.begin().await?;
    table::Entity::insert(row.clone().into_active_model()).exec_without_returning(&*tx).await?;
    rows::insert(&*tx, sku_rows(row.id, &draft)).await?;
    tx.emit(&PresaleChanged { presale: row.id });
    tx.commit().await?;
    Ok(row.id)
}

/// Changes a draft. What is published keeps what it promised.
pub async fn update(op: &Op, id: PresaleId, draft: Draft) -> Result<PresaleId, Failure<EditRefused>> {
    let draft = checked(op, draft).await?;
    let mut tx = op.begin().await?;
    let before = lock(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    if before.state != table::PresaleState::Draft {
        return Err(EditRefused::Frozen.into());
    }
    let row = row(op, (id, before.created_at), &draft);
    table::Entity::update(row.into_active_model().reset_all()).exec(&*tx).await?;
    sku::Entity::delete_many().filter(sku::Column::Presale.eq(id)).exec(&*tx).await?;
    rows::insert(&*tx, sku_rows(id, &draft)).await?;
    tx.emit(&PresaleChanged { presale: id });
    tx.commit().await?;
    Ok(id)
}

/// A draft that promises the same, for as long, from now on.
pub async fn copy(op: &Op, id: PresaleId) -> Result<PresaleId, Failure<EditRefused>> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?.ok_or(EditRefused::NotFound)?;
    let skus = skus_of(op.reader(), id).await?;
    let shift = |at: Timestamp| op.now() + at.since(row.starts_at);
    let draft = Draft {
        mode: row.mode,
        lapse: if row.forfeits { Lapse::Forfeit } else { Lapse::Refund },
        protects_price: row.protects_price,
        currency: row.currency,
        window: Window { starts_at: op.now(), ends_at: shift(row.ends_at) },
        balance: Window { starts_at: shift(row.balance_from), ends_at: shift(row.balance_until) },
        ship_by: shift(row.ship_by),
        most_per_customer: row.most_per_customer,
        skus: skus
            .iter()
            .map(|sku| SkuDraft {
                sku: sku.sku,
                price: sku.price_minor,
                deposit: sku.deposit_minor,
                worth: Some(sku.worth_minor),
                stock: sku.stock,
            })
            .collect(),
        title: row.title,
        product: row.product,
    };
    create(op, draft).await
}

/// Publishes, pauses, resumes or ends a presale. What is reserved goes on to its own windows. A step taken already is a
/// success.
pub async fn step(op: &Op, id: PresaleId, step: Step) -> Result<PresaleId, Failure<EditRefused>> {
    let mut tx = op.begin().await?;
    let row = lock(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    let before = stand(row.state);
    let next = rules::step(before, step, (window(&row), op.now()))?;
    if next == before {
        return Ok(id);
    }
    let play = PlayRef { kind: KIND, id: id.to_string() };
    if next == Stand::Ended {
        exclusive::service::release(&tx, &play, op.now()).await?;
        history::withdraw(&mut tx, op, (KIND, &play.id)).await?;
    } else if before == Stand::Draft {
        let skus = skus_of(&*tx, id).await?;
        history::offer(&mut tx, op, asked(&row, &skus)).await?;
        let claim = Claim {
            play,
            title: row.title.get(op.locale).to_owned(),
            skus: skus.iter().map(|sku| sku.sku).collect(),
            starts_at: std::cmp::max(row.starts_at, op.now()),
            ends_at: row.ends_at,
        };
        exclusive::service::claim(&tx, claim).await.map_err(Failure::widen)?;
        op.platform.deadlines.sweep(TICK, row.ends_at);
    }
    go(&mut tx, op, (&row, next)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Moves a locked presale.
pub(super) async fn go(tx: &mut Tx, op: &Op, (row, next): (&table::Model, Stand)) -> Result<(), Fault> {
    table::Entity::update_many()
        .col_expr(table::Column::State, Expr::value(stored(next).to_value()))
        .col_expr(table::Column::UpdatedAt, Expr::value(op.now().0))
        .filter(table::Column::Id.eq(row.id).and(table::Column::State.eq(row.state)))
        .exec(&**tx)
        .await?;
    tx.emit(&PresaleChanged { presale: row.id });
    Ok(())
}

/// What a presale asks for its SKUs, for the history of prices.
fn asked(row: &table::Model, skus: &[sku::Model]) -> Offered {
    Offered {
        kind: KIND,
        id: row.id.to_string(),
        title: Some(row.title.clone()),
        starts_at: row.starts_at,
        ends_at: Some(row.ends_at),
        prices: skus.iter().map(|sku| (sku.sku, terms(row, sku).brings())).collect(),
    }
}

/// What a presale gives away, SKU by SKU, with what its goods cost if that is known.
pub async fn preview(op: &Op, id: PresaleId, costs: HashMap<SkuId, Money>) -> Result<Vec<PreviewLine>, Failure<EditRefused>> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?.ok_or(EditRefused::NotFound)?;
    if !preview::comparable(&costs, row.currency) {
        return Err(EditRefused::Currency.into());
    }
    let skus = skus_of(op.reader(), id).await?;
    let known = catalog::product::service::skus(op, &skus.iter().map(|sku| sku.sku).collect::<Vec<_>>()).await?;
    let line = |sku: &sku::Model| {
        let terms = terms(&row, sku);
        let (regular, price) = (known.get(&sku.sku)?.price, terms.brings());
        Some(preview::line(Offer { sku: sku.sku, regular, price, cost: costs.get(&sku.sku).copied(), units: Some(sku.stock) }))
    };
    Ok(skus.iter().filter_map(line).collect::<Result<_, _>>().map_err(Fault::from)?)
}

/// A presale, locked.
pub(super) async fn lock(tx: &Tx, id: PresaleId) -> Result<Option<table::Model>, Fault> {
    Ok(table::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?)
}

/// What a presale asks for what.
pub(super) async fn skus_of(db: &impl ConnectionTrait, id: PresaleId) -> Result<Vec<sku::Model>, Fault> {
    Ok(sku::Entity::find().filter(sku::Column::Presale.eq(id)).order_by_asc(sku::Column::Sku).all(db).await?)
}

fn row(op: &Op, (id, created_at): (PresaleId, Timestamp), draft: &Draft) -> table::Model {
    table::Model {
        id,
        title: draft.title.clone(),
        product: draft.product,
        state: table::PresaleState::Draft,
        mode: draft.mode,
        forfeits: draft.lapse == Lapse::Forfeit,
        protects_price: draft.protects_price,
        currency: draft.currency,
        starts_at: draft.window.starts_at,
        ends_at: draft.window.ends_at,
        balance_from: draft.balance.starts_at,
        balance_until: draft.balance.ends_at,
        ship_by: draft.ship_by,
        most_per_customer: draft.most_per_customer,
        reserved: 0,
        paid: 0,
        created_at,
        updated_at: op.now(),
    }
}

fn sku_rows(id: PresaleId, draft: &Draft) -> Vec<sku::ActiveModel> {
    let in_full = draft.mode == table::PresaleMode::Full;
    let row = |sku: &SkuDraft| sku::Model {
        presale: id,
        sku: sku.sku,
        price_minor: sku.price,
        deposit_minor: if in_full { sku.price } else { sku.deposit },
        worth_minor: if in_full { sku.price } else { sku.worth.unwrap_or(sku.deposit) },
        forfeits: draft.lapse == Lapse::Forfeit,
        in_full,
        stock: sku.stock,
        taken: 0,
    };
    draft.skus.iter().map(|sku| row(sku).into_active_model()).collect()
}

/// The draft, if it can be promised. Windows of a presale that is paid at once have no balance: they close with it.
async fn checked(op: &Op, draft: Draft) -> Result<Draft, Failure<EditRefused>> {
    let short = draft.title.0.values().all(|text| text.chars().count() <= MOST_TITLE);
    if draft.title.is_blank() || !short {
        return Err(EditRefused::Title.into());
    }
    let window = draft.window.checked(op.now())?;
    let in_full = draft.mode == table::PresaleMode::Full;
    let balance = if in_full { Window { starts_at: window.ends_at, ends_at: window.ends_at } } else { draft.balance };
    let follow =
        window.ends_at <= balance.starts_at && (in_full || balance.starts_at < balance.ends_at) && balance.ends_at <= draft.ship_by;
    if !follow || draft.most_per_customer.is_some_and(|most| most < 1) {
        return Err(StepRefused::Window.into());
    }
    let named: BTreeSet<SkuId> = draft.skus.iter().map(|sku| sku.sku).collect();
    if !(1..=MOST_SKUS).contains(&draft.skus.len()) || named.len() != draft.skus.len() {
        return Err(EditRefused::Skus.into());
    }
    let known = catalog::product::service::skus(op, &draft.skus.iter().map(|sku| sku.sku).collect::<Vec<_>>()).await?;
    let draft = Draft { window, balance, ..draft };
    for sku in &draft.skus {
        let fits = |info: &&catalog::product::service::SkuInfo| info.product == draft.product && info.on_sale;
        let info = known.get(&sku.sku).filter(fits).ok_or(EditRefused::Skus)?;
        if sku.stock < 1 || info.price.currency != draft.currency {
            return Err(EditRefused::Skus.into());
        }
        let terms = Terms {
            currency: draft.currency,
            price: sku.price,
            deposit: if in_full { sku.price } else { sku.deposit },
            worth: if in_full { sku.price } else { sku.worth.unwrap_or(sku.deposit) },
            in_full,
            lapse: draft.lapse,
            protects_price: draft.protects_price,
            ship_by: draft.ship_by,
        };
        terms.checked().map_err(EditRefused::Terms)?;
    }
    Ok(draft)
}
