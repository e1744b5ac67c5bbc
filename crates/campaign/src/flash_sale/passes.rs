//! Passes: purchases prepared before they count.
//!
//! Everything that takes time is done here, once and without a hurry: the quote, the freight, the checks of the address, the
//! sealed copy of it, the order's id. What is left for the moment that counts is to take the goods and write it down.

use entity::campaign::flash_sale_pass as table;
use kernel::{CustomerId, Failure, Fault, FlashSaleId, FlashSalePassId, Money, OrderId, SkuId, Timestamp};
use platform::{IdempotencyKey, Op};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde::Serialize;
use trade::{
    order::{
        placing,
        rules::{Delivery, Origin},
        service::{self as orders, PlaceOrder, Prepared},
    },
    quote::{
        PlayRef,
        service::{self as quotes, NewQuote, WantedLine},
    },
};

use super::{
    KIND,
    error::PassRefused,
    rules::{
        counter::Ask,
        sale::{Phase, State},
    },
    store,
};

/// A purchase to be prepared.
#[derive(Clone, Debug, Serialize)]
pub struct NewPass {
    /// In which sale.
    pub flash_sale: FlashSaleId,
    /// Of what.
    pub sku: SkuId,
    /// How many.
    pub quantity: i64,
    /// How it reaches the shopper.
    pub delivery: Delivery,
    /// What the shopper asks for.
    pub note: Option<String>,
    /// Whether the shopper confirms which of the goods cannot be given back without a reason.
    pub confirms_exceptions: bool,
}

/// A prepared purchase.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Its id: whoever shows it buys.
    pub id: FlashSalePassId,
    /// In which sale.
    pub flash_sale: FlashSaleId,
    /// Whose.
    pub customer: CustomerId,
    /// Of what.
    pub sku: SkuId,
    /// How many.
    pub quantity: i64,
    /// The order it becomes.
    pub order: OrderId,
    /// What that costs, freight and all.
    pub total: Money,
    /// When it was made.
    pub created_at: Timestamp,
    pub(super) prepared: Prepared,
}

impl Pass {
    /// What it asks for at the counter.
    pub fn ask(&self) -> Ask {
        Ask { pass: self.id, customer: self.customer, sku: self.sku, quantity: self.quantity }
    }

    /// Everything its order will say.
    pub fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// A pass as it was kept.
    pub fn of(row: table::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id,
            flash_sale: row.flash_sale,
            customer: row.customer,
            sku: row.sku,
            quantity: row.quantity,
            order: row.order_id,
            total: Money::new(row.total_minor, row.currency),
            created_at: row.created_at,
            prepared: serde_json::from_value(row.prepared)?,
        })
    }

    /// As it is kept.
    pub fn row(&self) -> Result<table::ActiveModel, Fault> {
        Ok(table::ActiveModel {
            id: Set(self.id),
            flash_sale: Set(self.flash_sale),
            customer: Set(self.customer),
            sku: Set(self.sku),
            quantity: Set(self.quantity),
            order_id: Set(self.order),
            total_minor: Set(self.total.minor),
            currency: Set(self.total.currency),
            prepared: Set(serde_json::to_value(&self.prepared)?),
            created_at: Set(self.created_at),
        })
    }
}

/// Prepares a purchase. The same key answers the same pass.
pub async fn prepare(op: &Op, wanted: NewPass, key: &str) -> Result<Pass, Failure<PassRefused>> {
    let customer = op.customer()?;
    let key = IdempotencyKey::new(op, "flash_sale_prepare", key, &wanted).map_err(Failure::widen)?;
    let ready = ready(op, wanted).await;
    let mut tx = op.begin().await?;
    if let Some(known) = tx.claim::<FlashSalePassId>(&key).await.map_err(Failure::widen)? {
        drop(tx);
        return find(op, known).await?.ok_or_else(|| PassRefused::NotFound.into());
    }
    let (wanted, prepared) = ready?;
    let prepared = placing::redeem_early(&mut tx, prepared).await.map_err(Failure::widen)?;
    let pass = Pass {
        id: op.new_id(),
        flash_sale: wanted.flash_sale,
        customer,
        sku: wanted.sku,
        quantity: wanted.quantity,
        order: prepared.order(),
        total: prepared.quote().total,
        created_at: op.now(),
        prepared,
    };
    table::Entity::insert(pass.row()?).exec_without_returning(&*tx).await?;
    tx.remember(&key, &pass.id).await?;
    tx.commit().await?;
    Ok(pass)
}

/// Asks trade for the price and checks everything an order needs.
async fn ready(op: &Op, wanted: NewPass) -> Result<(NewPass, Prepared), Failure<PassRefused>> {
    let sale = store::sale(op.reader(), wanted.flash_sale).await?;
    let sale = sale.filter(|sale| sale.state() != State::Draft).ok_or(PassRefused::NotFound)?;
    if sale.phase(op.now()) == Phase::Ended {
        return Err(PassRefused::Over.into());
    }
    if sale.price(wanted.sku).is_none() {
        return Err(PassRefused::NotOffered.into());
    }
    if !(1..=sale.row.most_per_order).contains(&wanted.quantity) {
        return Err(PassRefused::OrderLimit(sale.row.most_per_order).into());
    }
    let play = PlayRef { kind: KIND.to_owned(), id: wanted.flash_sale.to_string(), team: None, team_size: None };
    let lines = vec![WantedLine { sku: wanted.sku, quantity: wanted.quantity }];
    let asked = NewQuote { lines, play: Some(play), delivery: orders::way(&wanted.delivery), ..NewQuote::default() };
    let quote = quotes::create(op, asked).await.map_err(Failure::widen)?;
    if quote.lines.len() != 1 || quote.lines.iter().any(|line| line.quantity != wanted.quantity) {
        return Err(PassRefused::MoreThanAsked.into());
    }
    let order = PlaceOrder {
        quote: quote.id,
        expected_total: quote.total,
        delivery: wanted.delivery.clone(),
        note: wanted.note.clone(),
        confirms_exceptions: wanted.confirms_exceptions,
        origin: Some(Origin { kind: KIND.to_owned(), id: wanted.flash_sale.to_string() }),
        hold: false,
    };
    let prepared = orders::prepare(op, order).await.map_err(Failure::widen)?;
    Ok((wanted, prepared))
}

/// A pass, whoever's it is.
pub(super) async fn find(op: &Op, id: FlashSalePassId) -> Result<Option<Pass>, Fault> {
    table::Entity::find_by_id(id).one(op.reader()).await?.map(Pass::of).transpose()
}
