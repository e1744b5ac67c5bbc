//! What is done about payments behind the requests.

use futures_util::{StreamExt, stream};
use kernel::{Fault, OrderId};
use platform::{Job, Op};
use serde::{Deserialize, Serialize};

use super::{
    gateway::{GatewayError, ShippedGoods},
    service::{self, Payment},
};
use crate::order::{events::OrderShipped, service as orders};

/// How many silent payments one run asks about.
const BATCH: u64 = 50;

/// How many at once.
const AT_ONCE: usize = 8;

/// The charges of a cancelled order can no longer be paid; one that was paid meanwhile goes back.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CloseCharges {
    pub(crate) order: OrderId,
}

impl Job for CloseCharges {
    const KIND: &'static str = "payment.close_charges";

    fn dedupe(&self) -> Option<String> {
        Some(self.order.to_string())
    }
}

/// Closes what is open at the provider. What it does not answer now is asked by the sweep once the charge has run out.
pub(super) async fn close_charges(op: Op, job: CloseCharges) -> Result<(), Fault> {
    service::close_open(&op, job.order).await
}

/// Tells the provider that took the money that the goods are under way. A provider that does not answer is told later;
/// one that refuses is a matter for a person, and no reason to try for ever.
pub(super) async fn report_shipment(op: Op, shipped: OrderShipped) -> Result<(), Fault> {
    let Some(order) = orders::get(&op, shipped.order).await? else { return Ok(()) };
    let Some(payment) = (match order.paid_by {
        Some(payment) => service::get(&op, payment).await?,
        None => None,
    }) else {
        return Ok(());
    };
    let Some(gateway) = service::gateway(&op, &payment.gateway)? else { return Ok(()) };
    let digits: String = orders::address(&op, &order)?.phone.chars().filter(char::is_ascii_digit).collect();
    let parcels = shipped.parcels.into_iter().map(|parcel| (parcel.carrier_code.unwrap_or(parcel.carrier), parcel.tracking_no));
    let goods = ShippedGoods {
        charge: payment.charge(),
        payer: payment.payer().map(str::to_owned),
        description: format!("裂变 {}", order.order_no),
        parcels: parcels.filter(|(_, number)| !number.is_empty()).collect(),
        phone_tail: digits.len().checked_sub(4).map(|start| digits[start..].to_owned()),
        shipped_at: op.now(),
    };
    match gateway.shipped(goods).await {
        Err(GatewayError::Refused { code, message }) => {
            tracing::error!(order = %order.id, code, message, "the provider does not take the shipment; a person must look");
            Ok(())
        }
        told => Ok(told?),
    }
}

/// Asks about payments nobody reported on. One that cannot be asked about never holds up the others.
pub(crate) async fn query_pending(op: Op) -> Result<(), Fault> {
    let silent = service::silent(&op, BATCH).await?;
    stream::iter(silent)
        .for_each_concurrent(AT_ONCE, |payment| {
            let op = op.clone();
            async move {
                if let Err(fault) = look(&op, &payment).await {
                    tracing::warn!(payment = %payment.id, %fault, "a silent payment could not be asked about");
                }
            }
        })
        .await;
    Ok(())
}

async fn look(op: &Op, payment: &Payment) -> Result<(), Fault> {
    if service::take(op, payment).await? { service::ask(op, payment).await } else { Ok(()) }
}
