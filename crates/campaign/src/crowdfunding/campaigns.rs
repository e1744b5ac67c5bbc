//! What staff do with crowdfundings.

use std::collections::{BTreeMap, HashMap};

use catalog::prices::service::{self as history, Offered};
use entity::campaign::{
    crowdfunding as table, crowdfunding_poll as poll, crowdfunding_stretch as stretch, crowdfunding_tier as tier,
    crowdfunding_update as news,
};
use kernel::{
    CrowdfundingId, CrowdfundingPollId, CrowdfundingUpdateId, Currency, Failure, Fault, LocalizedText, Money, ProductId, SkuId, Timestamp,
};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    KIND,
    error::EditRefused,
    events::CrowdfundingChanged,
    rules::{Funding, Goal},
    service,
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

/// The most rewards, and the most stretch goals.
const MOST_TIERS: usize = 50;

/// A reward as staff write it.
#[derive(Clone, Debug)]
pub struct TierDraft {
    /// What it is called.
    pub title: LocalizedText,
    /// What a backer gets.
    pub sku: SkuId,
    /// For how much, in minor units.
    pub price: i64,
    /// How many there are; any number when absent.
    pub stock: Option<i64>,
    /// Whether each piece has a number of its own.
    pub numbered: bool,
    /// Pieces one backer may have.
    pub most_per_customer: Option<i64>,
}

/// A crowdfunding as staff write it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its name.
    pub title: LocalizedText,
    /// What is made.
    pub product: ProductId,
    /// When it gathers.
    pub window: Window,
    /// When the rewards are shipped at the latest.
    pub ship_by: Timestamp,
    /// What it asks for.
    pub goal: Goal,
    /// What happens when that is missed.
    pub funding: Funding,
    /// In which currency.
    pub currency: Currency,
    /// Its rewards.
    pub tiers: Vec<TierDraft>,
    /// What is promised beyond the goal.
    pub stretch: Vec<(i64, LocalizedText)>,
}

/// Where a row stands.
pub fn stand(state: table::CrowdfundingState) -> Stand {
    match state {
        table::CrowdfundingState::Draft => Stand::Draft,
        table::CrowdfundingState::Published => Stand::Published,
        table::CrowdfundingState::Paused => Stand::Paused,
        table::CrowdfundingState::Succeeded | table::CrowdfundingState::Failed => Stand::Ended,
    }
}

/// When a row gathers.
pub fn window(row: &table::Model) -> Window {
    Window { starts_at: row.starts_at, ends_at: row.ends_at }
}

/// What a row asks for.
pub fn goal(row: &table::Model) -> Goal {
    match row.goal_kind {
        table::GoalKind::Amount => Goal::Amount(row.goal),
        table::GoalKind::Units => Goal::Units(row.goal),
    }
}

/// Writes a crowdfunding nobody sees yet.
pub async fn create(op: &Op, draft: Draft) -> Result<CrowdfundingId, Failure<EditRefused>> {
    let draft = checked(op, draft).await?;
    let row = row(op, (op.new_id(), op.now()), &draft);
    let mut tx = op.begin().await?;
    table::Entity::insert(row.clone().into_active_model()).exec_without_returning(&*tx).await?;
    parts(&tx, op, (row.id, &draft)).await?;
    tx.emit(&CrowdfundingChanged { crowdfunding: row.id });
    tx.commit().await?;
    Ok(row.id)
}

/// Changes a draft. What is published keeps what it promised.
pub async fn update(op: &Op, id: CrowdfundingId, draft: Draft) -> Result<CrowdfundingId, Failure<EditRefused>> {
    let draft = checked(op, draft).await?;
    let mut tx = op.begin().await?;
    let before = lock(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    if before.state != table::CrowdfundingState::Draft {
        return Err(EditRefused::Frozen.into());
    }
    let row = row(op, (id, before.created_at), &draft);
    table::Entity::update(row.into_active_model().reset_all()).exec(&*tx).await?;
    tier::Entity::delete_many().filter(tier::Column::Crowdfunding.eq(id)).exec(&*tx).await?;
    stretch::Entity::delete_many().filter(stretch::Column::Crowdfunding.eq(id)).exec(&*tx).await?;
    parts(&tx, op, (id, &draft)).await?;
    tx.emit(&CrowdfundingChanged { crowdfunding: id });
    tx.commit().await?;
    Ok(id)
}

/// A draft that promises the same, for as long, from now on.
pub async fn copy(op: &Op, id: CrowdfundingId) -> Result<CrowdfundingId, Failure<EditRefused>> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?.ok_or(EditRefused::NotFound)?;
    let shift = |at: Timestamp| op.now() + at.since(row.starts_at);
    let tiers = tiers_of(op.reader(), id).await?;
    let stretch = stretch::Entity::find().filter(stretch::Column::Crowdfunding.eq(id)).all(op.reader()).await?;
    let draft = Draft {
        window: Window { starts_at: op.now(), ends_at: shift(row.ends_at) },
        ship_by: shift(row.ship_by),
        goal: goal(&row),
        funding: if row.keeps_all { Funding::KeepItAll } else { Funding::AllOrNothing },
        currency: row.currency,
        tiers: tiers
            .into_iter()
            .map(|tier| TierDraft {
                title: tier.title,
                sku: tier.sku,
                price: tier.price_minor,
                stock: tier.stock,
                numbered: tier.numbered,
                most_per_customer: tier.most_per_customer,
            })
            .collect(),
        stretch: stretch.into_iter().map(|row| (row.goal, row.title)).collect(),
        title: row.title,
        product: row.product,
    };
    create(op, draft).await
}

/// Publishes, pauses, resumes or ends a crowdfunding. A step taken already is a success.
pub async fn step(op: &Op, id: CrowdfundingId, step: Step) -> Result<CrowdfundingId, Failure<EditRefused>> {
    let mut tx = op.begin().await?;
    let row = lock(&tx, id).await?.ok_or(EditRefused::NotFound)?;
    let before = stand(row.state);
    let next = rules::step(before, step, (window(&row), op.now()))?;
    if next == before {
        return Ok(id);
    }
    let play = PlayRef { kind: KIND, id: id.to_string() };
    if next == Stand::Ended {
        service::settle_locked(&mut tx, op, &row).await?;
        exclusive::service::release(&tx, &play, op.now()).await?;
        history::withdraw(&mut tx, op, (KIND, &play.id)).await?;
    } else {
        if before == Stand::Draft {
            let tiers = tiers_of(&*tx, id).await?;
            history::offer(&mut tx, op, asked(&row, &tiers)).await?;
            let claim = Claim {
                play,
                title: row.title.get(op.locale).to_owned(),
                skus: tiers.iter().map(|tier| tier.sku).collect(),
                starts_at: std::cmp::max(row.starts_at, op.now()),
                ends_at: row.ends_at,
            };
            exclusive::service::claim(&tx, claim).await.map_err(Failure::widen)?;
            op.platform.deadlines.sweep(super::SETTLE, row.ends_at);
        }
        let state = if next == Stand::Paused { table::CrowdfundingState::Paused } else { table::CrowdfundingState::Published };
        table::Entity::update_many()
            .col_expr(table::Column::State, Expr::value(state.to_value()))
            .col_expr(table::Column::UpdatedAt, Expr::value(op.now().0))
            .filter(table::Column::Id.eq(id).and(table::Column::State.eq(row.state)))
            .exec(&*tx)
            .await?;
        tx.emit(&CrowdfundingChanged { crowdfunding: id });
    }
    tx.commit().await?;
    Ok(id)
}

/// What a crowdfunding asks for its SKUs, for the history of prices: of each the cheapest reward's.
fn asked(row: &table::Model, tiers: &[tier::Model]) -> Offered {
    let mut lowest: BTreeMap<SkuId, i64> = BTreeMap::new();
    for tier in tiers {
        let known = lowest.entry(tier.sku).or_insert(tier.price_minor);
        *known = Ord::min(*known, tier.price_minor);
    }
    Offered {
        kind: KIND,
        id: row.id.to_string(),
        title: Some(row.title.clone()),
        starts_at: row.starts_at,
        ends_at: Some(row.ends_at),
        prices: lowest.into_iter().map(|(sku, minor)| (sku, Money::new(minor, row.currency))).collect(),
    }
}

/// What a crowdfunding gives away, reward by reward, with what its goods cost if that is known.
pub async fn preview(op: &Op, id: CrowdfundingId, costs: HashMap<SkuId, Money>) -> Result<Vec<PreviewLine>, Failure<EditRefused>> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?.ok_or(EditRefused::NotFound)?;
    if !preview::comparable(&costs, row.currency) {
        return Err(EditRefused::Currency.into());
    }
    let tiers = tiers_of(op.reader(), id).await?;
    let known = catalog::product::service::skus(op, &tiers.iter().map(|tier| tier.sku).collect::<Vec<_>>()).await?;
    let line = |tier: &tier::Model| {
        let regular = known.get(&tier.sku)?.price;
        let price = Money::new(tier.price_minor, row.currency);
        Some(preview::line(Offer { sku: tier.sku, regular, price, cost: costs.get(&tier.sku).copied(), units: tier.stock }))
    };
    Ok(tiers.iter().filter_map(line).collect::<Result<_, _>>().map_err(Fault::from)?)
}

/// News for the backers, or a question to them.
#[derive(Clone, Debug)]
pub struct News {
    /// What it is about.
    pub title: LocalizedText,
    /// What there is to say.
    pub body: LocalizedText,
}

/// Tells the backers something; whoever watches sees it at once.
pub async fn post(op: &Op, id: CrowdfundingId, wanted: News) -> Result<CrowdfundingId, Failure<EditRefused>> {
    let title = titled(wanted.title)?;
    let mut tx = op.begin().await?;
    published(&tx, id).await?;
    let update: CrowdfundingUpdateId = op.new_id();
    let row = news::Model { id: update, crowdfunding: id, title, body: wanted.body, created_at: op.now() };
    news::Entity::insert(row.into_active_model()).exec_without_returning(&*tx).await?;
    tx.emit(&CrowdfundingChanged { crowdfunding: id });
    tx.commit().await?;
    Ok(id)
}

/// A question to the backers.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is asked.
    pub question: LocalizedText,
    /// What they may answer: 2 to 20.
    pub options: Vec<LocalizedText>,
    /// Until when.
    pub closes_at: Timestamp,
}

/// Asks the backers; who pledged has one vote.
pub async fn ask(op: &Op, id: CrowdfundingId, wanted: Question) -> Result<CrowdfundingId, Failure<EditRefused>> {
    let question = titled(wanted.question)?;
    let options = wanted.options.into_iter().map(titled).collect::<Result<Vec<_>, _>>()?;
    if !(2..=20).contains(&options.len()) {
        return Err(EditRefused::Title.into());
    }
    if wanted.closes_at <= op.now() {
        return Err(StepRefused::Window.into());
    }
    let mut tx = op.begin().await?;
    published(&tx, id).await?;
    let row: CrowdfundingPollId = op.new_id();
    let row = poll::Model {
        id: row,
        crowdfunding: id,
        question,
        options: serde_json::to_value(options)?,
        closes_at: wanted.closes_at,
        created_at: op.now(),
    };
    poll::Entity::insert(row.into_active_model()).exec_without_returning(&*tx).await?;
    tx.emit(&CrowdfundingChanged { crowdfunding: id });
    tx.commit().await?;
    Ok(id)
}

async fn published(tx: &Tx, id: CrowdfundingId) -> Result<(), Failure<EditRefused>> {
    let row = lock(tx, id).await?.ok_or(EditRefused::NotFound)?;
    if row.state == table::CrowdfundingState::Draft { Err(StepRefused::WrongState.into()) } else { Ok(()) }
}

/// A crowdfunding, locked: whoever holds it decides.
pub(super) async fn lock(tx: &Tx, id: CrowdfundingId) -> Result<Option<table::Model>, Fault> {
    Ok(table::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?)
}

/// The rewards of a crowdfunding, in their order.
pub(super) async fn tiers_of(db: &impl ConnectionTrait, id: CrowdfundingId) -> Result<Vec<tier::Model>, Fault> {
    Ok(tier::Entity::find().filter(tier::Column::Crowdfunding.eq(id)).order_by_asc(tier::Column::Position).all(db).await?)
}

fn row(op: &Op, (id, created_at): (CrowdfundingId, Timestamp), draft: &Draft) -> table::Model {
    let (goal_kind, goal) = match draft.goal {
        Goal::Amount(goal) => (table::GoalKind::Amount, goal),
        Goal::Units(goal) => (table::GoalKind::Units, goal),
    };
    table::Model {
        id,
        title: draft.title.clone(),
        product: draft.product,
        state: table::CrowdfundingState::Draft,
        goal_kind,
        goal,
        keeps_all: draft.funding == Funding::KeepItAll,
        currency: draft.currency,
        starts_at: draft.window.starts_at,
        ends_at: draft.window.ends_at,
        ship_by: draft.ship_by,
        raised_minor: 0,
        units: 0,
        backers: 0,
        created_at,
        updated_at: op.now(),
        ended_at: None,
    }
}

async fn parts(tx: &Tx, op: &Op, (id, draft): (CrowdfundingId, &Draft)) -> Result<(), Fault> {
    let tiers = draft.tiers.iter().zip(0..).map(|(tier, position)| {
        let row = tier::Model {
            id: op.new_id(),
            crowdfunding: id,
            position,
            title: tier.title.clone(),
            sku: tier.sku,
            price_minor: tier.price,
            stock: tier.stock,
            taken: 0,
            numbered: tier.numbered,
            most_per_customer: tier.most_per_customer,
        };
        row.into_active_model()
    });
    rows::insert(&**tx, tiers).await?;
    if !draft.stretch.is_empty() {
        let rows = draft.stretch.iter().map(|(goal, title)| stretch::Model { crowdfunding: id, goal: *goal, title: title.clone() });
        rows::insert(&**tx, rows.map(IntoActiveModel::into_active_model)).await?;
    }
    Ok(())
}

fn titled(title: LocalizedText) -> Result<LocalizedText, EditRefused> {
    let short = title.0.values().all(|text| text.chars().count() <= MOST_TITLE);
    if title.is_blank() || !short { Err(EditRefused::Title) } else { Ok(title) }
}

/// The draft, if it can be promised.
async fn checked(op: &Op, draft: Draft) -> Result<Draft, Failure<EditRefused>> {
    let title = titled(draft.title)?;
    let window = draft.window.checked(op.now())?;
    if draft.ship_by < window.ends_at {
        return Err(StepRefused::Window.into());
    }
    let goals: std::collections::BTreeSet<i64> = draft.stretch.iter().map(|(goal, _)| *goal).collect();
    let beyond = goals.len() == draft.stretch.len() && goals.first().is_none_or(|first| *first > draft.goal.asked());
    if draft.goal.asked() < 1 || !beyond {
        return Err(EditRefused::Amount.into());
    }
    if !(1..=MOST_TIERS).contains(&draft.tiers.len()) || draft.stretch.len() > MOST_TIERS {
        return Err(EditRefused::Tiers.into());
    }
    let known = catalog::product::service::skus(op, &draft.tiers.iter().map(|tier| tier.sku).collect::<Vec<_>>()).await?;
    for tier in &draft.tiers {
        titled(tier.title.clone())?;
        let sku = known.get(&tier.sku).filter(|sku| sku.product == draft.product && sku.on_sale).ok_or(EditRefused::Tiers)?;
        let counts = tier.stock.is_none_or(|stock| stock >= 1) && tier.most_per_customer.is_none_or(|most| most >= 1);
        if !counts {
            return Err(EditRefused::Tiers.into());
        }
        if tier.price < 1 || sku.price.currency != draft.currency {
            return Err(EditRefused::Amount.into());
        }
    }
    Ok(Draft { title, window, ..draft })
}
