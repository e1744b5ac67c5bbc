//! Phase two of placing, inside the caller's transaction: quotes are redeemed, orders written, stock is put aside.
//!
//! One way for one order and for many: [`place`] is [`place_all`] with one. The number of statements that write orders,
//! lines and timelines does not depend on how many there are; so that a play that sells a thousand things at once pays for
//! a few statements and one commit.

use catalog::inventory::{
    allotments::{self, Portion},
    service::{self as inventory, ReserveStock},
};
use kernel::{AllotmentId, Failure, Fault, Money, SkuId, Timestamp, hours};
use platform::{Op, Tx, rows};
use promotion::{
    coupon::{self, service::Hold},
    time_discount::holds as time_discount,
};

use super::{
    Refused, events,
    rules::{self, Status},
    service::{self, Happened, Order, Prepared, Upkeep},
};
use crate::{TradeSettings, cart, points, quote::service as quotes};

/// Where the goods of an order are put aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goods {
    /// On the shelf everybody buys from.
    Shelf,
    /// In a play's own stock.
    Allotment(AllotmentId),
}

/// One of many orders placed together.
#[derive(Clone, Debug)]
pub struct Placing {
    /// What is bought.
    pub prepared: Prepared,
    /// Who buys, for the timeline.
    pub by: String,
    /// Cancelled when not paid by then.
    pub pay_by: Timestamp,
}

/// Keeps a quote for a prepared purchase from now on: no other order redeems it, and placing does not have to.
pub async fn redeem_early(tx: &mut Tx, prepared: Prepared) -> Result<Prepared, Failure<Refused>> {
    if !quotes::redeem(tx, prepared.quote.id, prepared.id).await? {
        return Err(Refused::QuoteUsed.into());
    }
    Ok(Prepared { redeemed: true, ..prepared })
}

/// Places one order, off the shelf.
pub async fn place(tx: &mut Tx, op: &Op, prepared: Prepared) -> Result<Order, Failure<Refused>> {
    let pay_by = op.now() + op.port::<TradeSettings>()?.pay_within;
    let one = vec![Placing { prepared, by: op.actor.to_string(), pay_by }];
    let placed = place_all(tx, op, (one, Goods::Shelf)).await?;
    placed.into_iter().next().ok_or_else(|| Fault::internal("an order was placed and is not there").into())
}

/// Places many orders: all of them or, refused, none; then the caller's transaction must not commit.
pub async fn place_all(tx: &mut Tx, op: &Op, (wanted, goods): (Vec<Placing>, Goods)) -> Result<Vec<Order>, Failure<Refused>> {
    let written = write(tx, op, (wanted, goods)).await?;
    take_goods(tx, op, written).await
}

/// Orders that are written and have no goods yet: the transaction must not commit before [`take_goods`].
#[must_use]
pub struct Written {
    orders: Vec<Order>,
    goods: Wanted,
}

/// What is taken from where.
enum Wanted {
    Shelf(Vec<ReserveStock>),
    Allotment(AllotmentId, Vec<Portion>),
}

/// The first half of placing: everything that concerns nobody but the buyers. A play whose buyers all want one row does this
/// before it locks that row.
pub async fn write(tx: &mut Tx, op: &Op, (wanted, goods): (Vec<Placing>, Goods)) -> Result<Written, Failure<Refused>> {
    let (mut orders, mut rows) = (Vec::with_capacity(wanted.len()), Vec::with_capacity(wanted.len()));
    let (mut lines, mut told) = (Vec::with_capacity(wanted.len()), Vec::with_capacity(wanted.len()));
    for Placing { prepared, by, pay_by } in &wanted {
        if !prepared.redeemed && !quotes::redeem(tx, prepared.quote.id, prepared.id).await? {
            return Err(Refused::QuoteUsed.into());
        }
        let order = drafted(op, prepared, *pay_by);
        rows.push(service::row(&order, prepared.quote.id)?);
        lines.extend(service::lines(op, &order, (&prepared.quote, &prepared.skus, &prepared.exceptions))?);
        let placed = Happened { order: order.id, kind: "PLACED", note: None, amount: Some(order.total) };
        told.push(service::told(op, (placed, false), by.clone()));
        orders.push(order);
    }
    rows::insert(&**tx, rows).await?;
    rows::insert(&**tx, lines).await?;
    rows::insert(&**tx, told).await?;
    for (order, Placing { prepared, .. }) in orders.iter().zip(&wanted) {
        if prepared.quote.from_cart {
            let ordered: Vec<SkuId> = prepared.quote.lines.iter().map(|line| line.sku).collect();
            cart::service::take_out(tx, order.customer, &ordered).await?;
        }
        hold_benefits(tx, op, (order, prepared)).await?;
        tx.emit(&events::OrderPlaced {
            order: order.id,
            customer: order.customer,
            origin: order.origin.clone(),
            total: order.total,
            pay_by: order.pay_by,
        });
    }
    let goods = wanted_goods((&orders, &wanted), goods);
    if let Wanted::Allotment(allotment, portions) = &goods {
        allotments::hand_out(tx, op, (*allotment, portions)).await?;
    }
    Ok(Written { orders, goods })
}

/// The second half: the goods are taken. An order gives its stock back at its own deadline; the stock's own is only the net
/// below.
pub async fn take_goods(tx: &mut Tx, op: &Op, Written { orders, goods }: Written) -> Result<Vec<Order>, Failure<Refused>> {
    match goods {
        Wanted::Shelf(wanted) => inventory::reserve_first(tx, op, &wanted).await.map_err(Failure::widen)?,
        Wanted::Allotment(allotment, portions) => {
            if !allotments::take_out(tx, op, (allotment, &portions)).await? {
                return Err(Fault::corrupt(format!("{allotment} holds less than its play says")).into());
            }
        }
    }
    Ok(orders)
}

fn wanted_goods((orders, wanted): (&[Order], &[Placing]), goods: Goods) -> Wanted {
    let all = orders.iter().zip(wanted).map(|(order, placing)| (order, order.pay_by + hours(1), &placing.prepared.quote.lines));
    match goods {
        Goods::Shelf => Wanted::Shelf(
            all.map(|(order, until, lines)| {
                let lines = lines.iter().map(|line| (line.sku, line.quantity)).collect();
                ReserveStock { order: order.id, lines, until }
            })
            .collect(),
        ),
        Goods::Allotment(allotment) => Wanted::Allotment(
            allotment,
            all.flat_map(|(order, until, lines)| {
                lines.iter().map(move |line| Portion { order: order.id, sku: line.sku, quantity: line.quantity, until })
            })
            .collect(),
        ),
    }
}

fn drafted(op: &Op, prepared: &Prepared, pay_by: Timestamp) -> Order {
    let (now, quote) = (op.now(), &prepared.quote);
    Order {
        id: prepared.id,
        order_no: rules::order_no(&now.yyyymmdd(), op.random_bytes()),
        customer: quote.customer,
        status: Status::PendingPayment,
        origin: prepared.origin.clone(),
        hold: prepared.hold,
        goods: quote.goods,
        shipping: quote.shipping,
        tax: quote.tax,
        donation: quote.donation,
        total: quote.total,
        refunded: Money::zero(quote.total.currency),
        trace: quote.trace.clone(),
        sealed_address: prepared.sealed_address.clone(),
        paid_by: None,
        method: prepared.method,
        store: prepared.store,
        buyer_note: prepared.note.clone(),
        carrier: None,
        tracking_no: None,
        cancel_reason: None,
        external_reference: None,
        created_at: now,
        pay_by,
        paid_at: None,
        ready_at: None,
        shipped_at: None,
        receive_by: None,
        extended_at: None,
        received_at: None,
        upkeep: Upkeep {
            coupons: !quote.coupons.is_empty(),
            points: quote.points > 0,
            virtual_goods: prepared.skus.values().any(service::is_virtual),
        },
    }
}

/// Coupons and points wait for the payment with the order.
async fn hold_benefits(tx: &mut Tx, op: &Op, (order, prepared): (&Order, &Prepared)) -> Result<(), Failure<Refused>> {
    let quote = &prepared.quote;
    if !quote.coupons.is_empty() {
        let held = Hold { order: order.id, customer: order.customer, coupons: &quote.coupons };
        coupon::service::hold(tx, op, held).await.map_err(Failure::widen)?;
    }
    time_discount::take(tx, quote.limited_pieces(order.id)).await.map_err(Failure::widen)?;
    if quote.points > 0 {
        let held = points::service::HoldPoints { order: order.id, customer: order.customer, points: quote.points };
        points::service::hold(tx, op, held).await.map_err(Failure::widen)?;
    }
    Ok(())
}
