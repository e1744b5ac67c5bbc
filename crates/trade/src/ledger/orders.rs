//! Telling the books about an order's money.

use kernel::{Fault, Money};
use platform::{Op, Tx};

use super::{
    Account, Posting,
    rules::{self, Parts, Refunded, Trace},
    service::{is_booked, post},
};
use crate::{order::service::Order, payment::service::Payment};

/// A charge succeeded: the provider has the money, and we owe goods for it.
pub(crate) async fn charged(tx: &mut Tx, op: &Op, payment: &Payment) -> Result<(), Fault> {
    let clearing = Account::clearing(&payment.gateway);
    post(tx, op, Posting::transfer("charge", &payment.payment_no, Account::OrderHeld, clearing, payment.amount)).await
}

/// An order was paid: what coupons and points pay of it, the mall pays.
pub(crate) async fn paid(tx: &mut Tx, op: &Op, order: &Order) -> Result<(), Fault> {
    post(tx, op, Posting::of("order_paid", &order.order_no, rules::charged(parts(order)))).await
}

/// What a deposit that was lost is booked as.
const FORFEITED: &str = "deposit_forfeited";

/// A deposit is lost: what is left of it is earned, once and for all.
pub(crate) async fn forfeited(tx: &mut Tx, op: &Op, order: &Order) -> Result<(), Fault> {
    if is_booked(&**tx, FORFEITED, &order.order_no).await? {
        return Ok(());
    }
    post(tx, op, Posting::of(FORFEITED, &order.order_no, rules::forfeited(parts(order), order.refunded.minor))).await
}

/// An order's time for complaints is over: what is left of its money is earned, unless it was by forfeiture.
pub(crate) async fn completed(tx: &mut Tx, op: &Op, order: &Order) -> Result<(), Fault> {
    if is_booked(&**tx, FORFEITED, &order.order_no).await? {
        return Ok(());
    }
    post(tx, op, Posting::of("order_completed", &order.order_no, rules::completed(parts(order), order.refunded.minor))).await
}

/// Money that went back.
pub(crate) struct Back<'a> {
    /// The charge it came by.
    pub(crate) payment: &'a Payment,
    /// The refund's number.
    pub(crate) refund_no: &'a str,
    /// How much.
    pub(crate) amount: Money,
}

/// A refund succeeded: of the order's own money, or of a charge the order could not take.
pub(crate) async fn refunded(tx: &mut Tx, op: &Op, (order, back): (&Order, Back<'_>)) -> Result<(), Fault> {
    let clearing = Account::clearing(&back.payment.gateway);
    if order.paid_by != Some(back.payment.id) {
        return post(tx, op, Posting::transfer("refund", back.refund_no, clearing, Account::OrderHeld, back.amount)).await;
    }
    let earned = is_booked(&**tx, "order_completed", &order.order_no).await? || is_booked(&**tx, FORFEITED, &order.order_no).await?;
    let back = (back.refund_no, Refunded { to: clearing, amount: back.amount.minor, before: order.refunded.minor, earned });
    post(tx, op, Posting::of("refund", back.0, rules::refunded(parts(order), back.1))).await
}

/// The parts of an order's price, off its trace.
fn parts(order: &Order) -> Parts {
    let trace: Vec<Trace<'_>> = order.trace.iter().map(|line| Trace { step: &line.step, minor: line.amount.minor }).collect();
    Parts::of(order.total, order.shipping, &trace)
}
