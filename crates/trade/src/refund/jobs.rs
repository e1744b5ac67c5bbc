//! What is done about refunds behind the requests.

use entity::trade::refund::RefundStatus;
use futures_util::{StreamExt, stream};
use kernel::{Fault, RefundId};
use platform::{Job, Op};
use serde::{Deserialize, Serialize};

use super::service::{self, Refund};
use crate::payment::{
    gateway::{GatewayError, NewRefund, RefundRef, RefundState},
    service as payments,
};

/// How many silent refunds one run asks about.
const BATCH: u64 = 50;

/// How many at once.
const AT_ONCE: usize = 8;

/// The provider is asked to give money back.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SendRefund {
    pub(super) refund: RefundId,
}

impl Job for SendRefund {
    const KIND: &'static str = "refund.send";

    fn dedupe(&self) -> Option<String> {
        Some(self.refund.to_string())
    }
}

/// The first try, at once. What the provider does not answer now is tried again by the sweep, for as long as it takes:
/// money that somebody waits for is never given up.
pub(super) async fn send(op: Op, job: SendRefund) -> Result<(), Fault> {
    let refund = service::find(&op, job.refund).await?.ok_or_else(|| Fault::corrupt(format!("{} is gone", job.refund)))?;
    tried(&op, &refund).await;
    Ok(())
}

/// Asks about refunds nobody reported on, and sends again what the provider never heard of. One that does not get on
/// never holds up the others.
pub(super) async fn query_pending(op: Op) -> Result<(), Fault> {
    let silent = service::silent(&op, BATCH).await?;
    stream::iter(silent)
        .for_each_concurrent(AT_ONCE, |refund| {
            let op = op.clone();
            async move {
                match service::take(&op, &refund).await {
                    Ok(true) => tried(&op, &refund).await,
                    Ok(false) => {}
                    Err(fault) => tracing::warn!(refund = %refund.id, %fault, "a refund was not taken"),
                }
            }
        })
        .await;
    Ok(())
}

async fn tried(op: &Op, refund: &Refund) {
    if let Err(fault) = go_on(op, refund).await {
        tracing::warn!(refund = %refund.id, %fault, "a refund is not through yet; it is tried again");
    }
}

/// Takes a refund one step further. The provider is asked outside any transaction, always under the same number: an
/// answer that was lost is asked for again, and money goes back once.
async fn go_on(op: &Op, refund: &Refund) -> Result<(), Fault> {
    if matches!(refund.status, RefundStatus::Succeeded | RefundStatus::Failed) {
        return Ok(());
    }
    let (payment, gateway) = provider(op, refund).await?;
    let known = match refund.status {
        RefundStatus::Processing => {
            let known = RefundRef {
                refund_no: refund.refund_no.clone(),
                provider_refund_id: refund.provider_refund_id.clone(),
                charge: payment.charge(),
            };
            gateway.query_refund(&known).await.map_err(Fault::from)?
        }
        _ => RefundState::Absent,
    };
    if known != RefundState::Absent {
        return service::heard(op, refund, known).await;
    }
    let asked = NewRefund {
        refund_no: refund.refund_no.clone(),
        provider_charge_id: payment.provider_charge_id.clone(),
        charged: payment.amount,
        notify_url: payments::notify_url(op, &payment.gateway)?,
        charge_no: payment.payment_no,
        amount: refund.amount,
        reason: refund.reason_text.clone().unwrap_or_else(|| refund.reason.clone()),
    };
    match gateway.refund(asked).await {
        Ok(state) => service::heard(op, refund, state).await,
        Err(GatewayError::Refused { code, message }) => {
            let failed = RefundState::Failed { provider_refund_id: String::new(), reason: format!("{code}: {message}") };
            service::heard(op, refund, failed).await
        }
        Err(lost) => Err(lost.into()),
    }
}

async fn provider(op: &Op, refund: &Refund) -> Result<(payments::Payment, std::sync::Arc<dyn crate::payment::gateway::Gateway>), Fault> {
    let payment = payments::get(op, refund.payment).await?.ok_or_else(|| Fault::corrupt(format!("{} is gone", refund.payment)))?;
    let gateway =
        payments::gateway(op, &payment.gateway)?.ok_or_else(|| Fault::internal(format!("the gateway {} is gone", payment.gateway)))?;
    Ok((payment, gateway))
}
