//! Rows and aggregates: how a record is locked and read, and how its changes are written and told.
//!
//! Lock order: the record first, then the helper's day, then whatever trade and catalog lock for the order.

use std::collections::BTreeSet;

use entity::campaign::{
    bargain as campaign, bargain_cut as cut_table, bargain_helper_day as helper_day, bargain_record as record, bargain_sku as sku,
};
use kernel::{BargainId, BargainRecordId, CustomerId, Fault, Timestamp, hours};
use platform::{Op, Tx};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{
    EXPIRE_RECORDS,
    events::{CutMade, FloorReached, RecordExpired, RecordOrdered, RecordPaid, RecordPayExpired, RecordReopened, RecordStarted},
    rules::{
        campaign::{CampaignState, Phase, Window, phase},
        record::{Change, Cut, Record, State},
        terms::{BuyAt, FirstCut, Goal, Prices, RecordTerms, Terms},
    },
};

/// The same words on both sides of the border between tables and rules.
macro_rules! same { ($($table:path = $rules:path { $($word:ident),* })*) => {$(
    impl From<$table> for $rules {
        fn from(word: $table) -> Self { match word { $(<$table>::$word => Self::$word),* } }
    }
    impl From<$rules> for $table {
        fn from(word: $rules) -> Self { match word { $(<$rules>::$word => Self::$word),* } }
    }
)*}; }

same! {
    campaign::BargainState = CampaignState { Draft, Published, Paused, Ended }
    record::RecordState = State { Running, FloorReached, Ordered, Paid, Expired, PayExpired }
}

/// A campaign with its prices.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Its row.
    pub row: campaign::Model,
    /// What it promises.
    pub terms: Terms,
}

impl Campaign {
    /// Where staff put it.
    pub fn state(&self) -> CampaignState {
        self.row.state.into()
    }

    /// When customers may begin.
    pub fn window(&self) -> Window {
        Window { starts_at: self.row.starts_at, ends_at: self.row.ends_at }
    }

    /// Where it stands at a moment.
    pub fn phase(&self, now: Timestamp) -> Phase {
        phase(self.state(), self.window(), now)
    }

    /// From its row and its prices.
    pub fn of(row: campaign::Model, prices: Vec<sku::Model>) -> Result<Self, Fault> {
        let small = |n: i64| u32::try_from(n).map_err(|_| Fault::corrupt(format!("campaign {}: {n} is out of bounds", row.id)));
        let terms = Terms {
            currency: row.currency,
            prices: prices.into_iter().map(|row| Prices { sku: row.sku, first: row.first_minor, floor: row.floor_minor }).collect(),
            goal: match (row.cuts, row.average_cut_minor) {
                (Some(cuts), _) => Goal::Cuts(small(cuts)?),
                (None, Some(average)) => Goal::AverageCut(average),
                (None, None) => return Err(Fault::corrupt(format!("campaign {} has no goal", row.id))),
            },
            run_hours: small(row.run_hours)?,
            pay_hours: small(row.pay_hours)?,
            first_cut: if row.owner_cuts_first { FirstCut::Owner } else { FirstCut::Helper },
            new_customer_draws: small(row.new_customer_draws)?,
            helper_daily_limit: row.helper_daily_limit.map(small).transpose()?,
            buy: if row.sold_at_any_price { BuyAt::CurrentPrice } else { BuyAt::Floor },
            most_per_customer: row.most_per_customer.map(small).transpose()?,
        };
        Ok(Self { row, terms })
    }
}

/// The columns that hold a campaign's terms.
pub(super) fn with_terms(mut row: campaign::ActiveModel, terms: &Terms) -> campaign::ActiveModel {
    row.currency = Set(terms.currency);
    (row.cuts, row.average_cut_minor) = match terms.goal {
        Goal::Cuts(cuts) => (Set(Some(cuts.into())), Set(None)),
        Goal::AverageCut(average) => (Set(None), Set(Some(average))),
    };
    row.run_hours = Set(terms.run_hours.into());
    row.pay_hours = Set(terms.pay_hours.into());
    row.owner_cuts_first = Set(terms.first_cut == FirstCut::Owner);
    row.new_customer_draws = Set(terms.new_customer_draws.into());
    row.helper_daily_limit = Set(terms.helper_daily_limit.map(i64::from));
    row.sold_at_any_price = Set(terms.buy == BuyAt::CurrentPrice);
    row.most_per_customer = Set(terms.most_per_customer.map(i64::from));
    row
}

/// The price rows of a campaign's terms.
pub(super) fn price_rows(id: BargainId, terms: &Terms) -> Vec<sku::ActiveModel> {
    let row = |prices: &Prices| sku::Model { bargain: id, sku: prices.sku, first_minor: prices.first, floor_minor: prices.floor };
    terms.prices.iter().map(|prices| row(prices).into_active_model()).collect()
}

/// A campaign and its prices.
pub(super) async fn campaign(db: &impl ConnectionTrait, id: BargainId) -> Result<Option<Campaign>, Fault> {
    let Some(row) = campaign::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    with_prices(db, row).await.map(Some)
}

/// A campaign and its prices, its row locked against other editors.
pub(super) async fn lock_campaign(tx: &Tx, id: BargainId) -> Result<Option<Campaign>, Fault> {
    let Some(row) = campaign::Entity::find_by_id(id).lock_exclusive().one(&**tx).await? else { return Ok(None) };
    with_prices(&**tx, row).await.map(Some)
}

async fn with_prices(db: &impl ConnectionTrait, row: campaign::Model) -> Result<Campaign, Fault> {
    let prices = sku::Entity::find().filter(sku::Column::Bargain.eq(row.id)).order_by_asc(sku::Column::Sku).all(db).await?;
    Campaign::of(row, prices)
}

/// How many records of a campaign a customer began.
pub(super) async fn begun(tx: &Tx, bargain: BargainId, owner: CustomerId) -> Result<u64, Fault> {
    use sea_orm::PaginatorTrait;
    let theirs = record::Column::Bargain.eq(bargain).and(record::Column::Owner.eq(owner));
    Ok(record::Entity::find().filter(theirs).count(&**tx).await?)
}

/// What was cut of a record so far: by whom, and which share.
pub(super) async fn cuts_made(tx: &Tx, id: BargainRecordId) -> Result<Vec<(CustomerId, u32)>, Fault> {
    let rows: Vec<(CustomerId, i64)> = cut_table::Entity::find()
        .select_only()
        .columns([cut_table::Column::Helper, cut_table::Column::ShareNo])
        .filter(cut_table::Column::Record.eq(id))
        .into_tuple()
        .all(&**tx)
        .await?;
    let share = |(helper, no)| Ok((helper, u32::try_from(no).map_err(|_| Fault::corrupt(format!("{id}: share {no}")))?));
    rows.into_iter().map(share).collect()
}

/// The shares that are taken.
pub(super) fn shares(made: &[(CustomerId, u32)]) -> BTreeSet<u32> {
    made.iter().map(|(_, share)| *share).collect()
}

/// Counts a cut of a helper's day; `false` when they made as many as they may.
pub(super) async fn count_today(tx: &Tx, op: &Op, (bargain, helper, most): (BargainId, CustomerId, u32)) -> Result<bool, Fault> {
    // The day is China's, where the campaigns run.
    let day = (op.now() + hours(8)).yyyymmdd();
    let row = helper_day::ActiveModel { bargain: Set(bargain), helper: Set(helper), day: Set(day), cuts: Set(1) };
    let before = Expr::col((helper_day::Entity, helper_day::Column::Cuts));
    let again = OnConflict::columns([helper_day::Column::Bargain, helper_day::Column::Helper, helper_day::Column::Day])
        .value(helper_day::Column::Cuts, before.clone().add(1))
        .action_and_where(before.lt(i64::from(most)))
        .to_owned();
    Ok(helper_day::Entity::insert(row).on_conflict(again).exec_without_returning(&**tx).await? == 1)
}

/// A record under its lock.
pub(super) struct Locked {
    /// Of which campaign.
    pub bargain: BargainId,
    /// The record as it is.
    pub record: Record,
}

/// A record somebody begins.
pub(super) struct Begun {
    /// In which campaign.
    pub bargain: BargainId,
    /// Of which product.
    pub product: kernel::ProductId,
    /// As the rules made it.
    pub record: Record,
    /// What is public of its seed.
    pub seed_hash: String,
    /// The seed.
    pub sealed_seed: String,
}

impl Locked {
    /// Locks a record and reads it.
    pub(super) async fn of(tx: &Tx, id: BargainRecordId) -> Result<Option<Self>, Fault> {
        let Some(row) = record::Entity::find_by_id(id).lock_exclusive().one(&**tx).await? else { return Ok(None) };
        Ok(Some(Self { bargain: row.bargain, record: aggregate(&row)? }))
    }

    /// A record that is not written yet: nobody else can know it, so it needs no lock.
    pub(super) async fn new(tx: &mut Tx, op: &Op, begun: Begun) -> Result<Self, Fault> {
        let Begun { bargain, product, record, seed_hash, sealed_seed } = begun;
        let row = record::Model {
            id: record.id,
            bargain,
            owner: record.owner,
            product,
            sku: record.terms.prices.sku,
            state: record.state.into(),
            terms: serde_json::to_value(&record.terms)?,
            first_minor: record.terms.prices.first,
            floor_minor: record.terms.prices.floor,
            price_minor: record.price,
            cuts: record.terms.cuts.into(),
            cuts_made: record.cuts_made.into(),
            seed_hash,
            sealed_seed,
            deadline: record.deadline,
            pay_by: None,
            order_id: None,
            running_in: Some(bargain),
            created_at: op.now(),
            ended_at: None,
        };
        record::Entity::insert(row.into_active_model()).exec_without_returning(&**tx).await?;
        op.platform.deadlines.sweep(EXPIRE_RECORDS, record.deadline);
        let (owner, sku, deadline) = (record.owner, record.terms.prices.sku, record.deadline);
        tx.emit(&RecordStarted { bargain, record: record.id, owner, sku, deadline });
        Ok(Self { bargain, record })
    }

    /// Writes what happens and tells it. No change writes nothing.
    pub(super) async fn go(self, tx: &mut Tx, op: &Op, changes: &[Change]) -> Result<Self, Fault> {
        if changes.is_empty() {
            return Ok(self);
        }
        let after = changes.iter().fold(self.record.clone(), |record, change| record.apply(change));
        for change in changes {
            if let Change::Cut(cut) = change {
                cut_table::Entity::insert(self.cut_row(cut).into_active_model()).exec_without_returning(&**tx).await?;
            }
        }
        self.write(tx, op, &after).await?;
        for change in changes {
            self.tell(tx, op, (change, &after));
        }
        Ok(Self { record: after, ..self })
    }

    /// The price moves by what was cut, not to what somebody thinks it is.
    async fn write(&self, tx: &Tx, op: &Op, after: &Record) -> Result<(), Fault> {
        let before: record::RecordState = self.record.state.into();
        let (cut, cuts) = (self.record.price - after.price, i64::from(after.cuts_made) - i64::from(self.record.cuts_made));
        let mut update = record::Entity::update_many()
            .col_expr(record::Column::State, Expr::value(record::RecordState::from(after.state).to_value()))
            .col_expr(record::Column::PriceMinor, Expr::col(record::Column::PriceMinor).sub(cut))
            .col_expr(record::Column::CutsMade, Expr::col(record::Column::CutsMade).add(cuts))
            .col_expr(record::Column::PayBy, Expr::value(after.pay_by.map(|at| at.0)))
            .col_expr(record::Column::OrderId, Expr::value(after.order));
        if after.is_over() {
            update = update
                .col_expr(record::Column::RunningIn, Expr::value(None::<BargainId>))
                .col_expr(record::Column::EndedAt, Expr::value(op.now().0));
        }
        let here = record::Column::Id.eq(after.id).and(record::Column::State.eq(before));
        let update = update.filter(here.and(record::Column::CutsMade.eq(i64::from(self.record.cuts_made))));
        match update.exec(&**tx).await?.rows_affected {
            1 => Ok(()),
            _ => Err(Fault::corrupt(format!("{} changed under its lock", after.id))),
        }
    }

    fn cut_row(&self, cut: &Cut) -> cut_table::Model {
        cut_table::Model {
            record: self.record.id,
            no: cut.no.into(),
            helper: cut.helper,
            share_no: cut.share.no.into(),
            amount_minor: cut.share.minor,
            price_minor: cut.price,
            draws: cut.draws.into(),
            salt: cut.salt.clone(),
            created_at: cut.at,
        }
    }

    fn tell(&self, tx: &mut Tx, op: &Op, (change, after): (&Change, &Record)) {
        let (bargain, record, owner) = (self.bargain, self.record.id, self.record.owner);
        let money = |minor| after.terms.money(minor);
        match change {
            Change::Cut(cut) => tx.emit(&CutMade {
                bargain,
                record,
                no: cut.no,
                helper: cut.helper,
                draws: cut.draws,
                amount: money(cut.share.minor),
                price: money(cut.price),
                remaining: money(cut.price - after.terms.prices.floor),
            }),
            Change::FloorReached { pay_by } => {
                op.platform.deadlines.sweep(EXPIRE_RECORDS, *pay_by);
                tx.emit(&FloorReached { bargain, record, owner, pay_by: *pay_by });
            }
            Change::Ordered(order) => tx.emit(&RecordOrdered { bargain, record, owner, order: *order, price: money(after.price) }),
            Change::Reopened => tx.emit(&RecordReopened { bargain, record, owner }),
            Change::Paid => {
                if let Some(order) = after.order {
                    tx.emit(&RecordPaid { bargain, record, owner, order });
                }
            }
            Change::Expired => tx.emit(&RecordExpired { bargain, record, owner }),
            Change::PayExpired => tx.emit(&RecordPayExpired { bargain, record, owner }),
        }
    }
}

/// A record as the rules know it.
pub(super) fn aggregate(row: &record::Model) -> Result<Record, Fault> {
    let terms: RecordTerms = serde_json::from_value(row.terms.clone())?;
    Ok(Record {
        id: row.id,
        owner: row.owner,
        terms,
        state: row.state.into(),
        price: row.price_minor,
        cuts_made: u32::try_from(row.cuts_made).map_err(|_| Fault::corrupt(format!("{}: cuts", row.id)))?,
        deadline: row.deadline,
        pay_by: row.pay_by,
        order: row.order_id,
    })
}
