//! What must hold whatever happened: between the mall, its books and the bank.

use std::collections::BTreeMap;

use entity::campaign::{group_buy_seat as seat, group_buy_team as team};
use entity::trade::{payment, refund, trade_order as order, wallet_top_up};
use sandbox::{
    Bank,
    protocol::{ChargeStatus, RefundStatus},
};
use sea_orm::{DatabaseConnection, EntityTrait};

use crate::app::TestApp;

impl TestApp {
    /// The ledger sums to zero, its chain is unbroken.
    pub async fn the_books_are_right(&self) {
        let report = trade::ledger::service::verify(&self.op(), |_| ()).await.expect("the ledger can be walked");
        assert!(report.breaks.is_empty(), "{:?}", report.breaks);
    }

    /// Every payment the bank took is an order that goes on, or money that went back, once.
    pub async fn every_payment_bought_something_or_went_back(&self) {
        let connection = self.database.connect().await;
        check(&connection, &self.bank).await;
        connection.close().await.expect("the connection closes");
    }
}

/// Compares the mall's database with the bank's books. Everything must have come to rest.
pub async fn check(db: &DatabaseConnection, bank: &Bank) {
    let orders: BTreeMap<_, _> = rows::<order::Entity>(db).await.into_iter().map(|row| (row.id, row)).collect();
    let payments = rows::<payment::Entity>(db).await;
    let refunds = rows::<refund::Entity>(db).await;
    let top_ups = rows::<wallet_top_up::Entity>(db).await;
    let mut wrong = Vec::new();

    for charge in bank.charges().into_iter().filter(|charge| charge.status == ChargeStatus::Succeeded) {
        let (number, paid) = (&charge.request.merchant_charge_no, charge.request.amount.minor);
        // What fills a wallet buys nothing yet; the books know it.
        if top_ups.iter().any(|top_up| top_up.top_up_no == *number && top_up.amount_minor == paid) {
            continue;
        }
        let Some(payment) = payments.iter().find(|payment| payment.payment_no == *number) else {
            wrong.push(format!("the bank took {number} for a payment nobody knows"));
            continue;
        };
        let order = &orders[&payment.order_id];
        let refunds = bank.refunds().into_iter().filter(|refund| refund.request.merchant_charge_no == *number);
        let back: i64 = refunds.filter(|refund| refund.status == RefundStatus::Succeeded).map(|refund| refund.request.amount.minor).sum();
        let over = matches!(order.status, order::OrderStatus::Cancelled | order::OrderStatus::Refunded);
        let expected = if over { paid } else { payment.refunded_minor };
        if back != expected {
            wrong.push(format!("order {} is {:?}; {paid} was paid and {back} of {expected} went back", order.order_no, order.status));
        }
    }
    for order in orders.values().filter(|order| !matches!(order.status, order::OrderStatus::PendingPayment | order::OrderStatus::Cancelled))
    {
        let paid = payments.iter().filter(|payment| payment.order_id == order.id).any(|payment| {
            // The wallets are the mall's own bank, and the other providers have books of their own.
            let at_the_bank = || bank.charge(&payment.payment_no).is_some_and(|charge| charge.status == ChargeStatus::Succeeded);
            (payment.gateway != "sandbox" && payment.charged_minor > 0) || at_the_bank()
        });
        if !paid {
            wrong.push(format!("order {} is {:?} without a paid charge", order.order_no, order.status));
        }
    }
    let mut asked = BTreeMap::new();
    for refund in &refunds {
        *asked.entry(refund.refund_no.clone()).or_insert(0) += 1;
    }
    wrong.extend(asked.into_iter().filter(|(_, times)| *times > 1).map(|(no, times)| format!("refund {no} is there {times} times")));

    let seats = rows::<seat::Entity>(db).await;
    for team in rows::<team::Entity>(db).await {
        let of_team = || seats.iter().filter(|seat| seat.team == team.id);
        let taken = of_team().filter(|seat| matches!(seat.state, seat::SeatState::Confirmed | seat::SeatState::Reserved)).count();
        if i64::try_from(taken).unwrap_or(i64::MAX) > team.size {
            wrong.push(format!("team {} of {} has {taken} members", team.id, team.size));
        }
        let awaiting = of_team()
            .filter(|seat| orders.get(&seat.order_id).is_some_and(|order| order.status == order::OrderStatus::AwaitingTeam))
            .count();
        if matches!(team.state, team::TeamState::Formed | team::TeamState::Failed) && awaiting > 0 {
            wrong.push(format!("team {} is {:?} and {awaiting} orders still wait for it", team.id, team.state));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn rows<E: EntityTrait>(db: &DatabaseConnection) -> Vec<E::Model> {
    E::find().all(db).await.expect("a table can be read")
}
