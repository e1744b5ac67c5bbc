//! What is done about refunds behind the requests.

use entity::trade::refund::RefundStatus;
use kernel::{Fault, RefundId};
use platform::{Job, Op};
use serde::{Deserialize, Serialize};

use super::service::{self, Refund};
use crate::payment::{
    gateway::{GatewayError, NewRefund, RefundState},
    service as payments,
};

/// How many silent refunds one run asks about.
const BATCH: u64 = 50;

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

/// Asks the provider, with the same number however often. An answer that is lost is asked for again by the next try.
pub(super) async fn send(op: Op, job: SendRefund) -> Result<(), Fault> {
    let refund = service::find(&op, job.refund).await?.ok_or_else(|| Fault::corrupt(format!("{} is gone", job.refund)))?;
    if matches!(refund.status, RefundStatus::Succeeded | RefundStatus::Failed) {
        return Ok(());
    }
    let (payment, gateway) = provider(&op, &refund).await?;
    let asked = NewRefund {
        refund_no: refund.refund_no.clone(),
        charge_no: payment.payment_no,
        amount: refund.amount,
        reason: refund.reason_text.clone().unwrap_or_else(|| refund.reason.clone()),
    };
    match gateway.refund(asked).await {
        Ok(state) => service::heard(&op, &refund, state).await,
        Err(GatewayError::Refused { code, message }) => {
            let failed = RefundState::Failed { provider_refund_id: String::new(), reason: format!("{code}: {message}") };
            service::heard(&op, &refund, failed).await
        }
        Err(lost) => Err(lost.into()),
    }
}

/// Asks about refunds nobody reported on. One that cannot be asked about does not hold up the others.
pub(super) async fn query_pending(op: Op) -> Result<(), Fault> {
    for refund in service::silent(&op, BATCH).await? {
        if let Err(fault) = ask(&op, &refund).await {
            tracing::warn!(refund = %refund.id, %fault, "a silent refund could not be asked about");
        }
        service::ask_later(&op, refund.id).await?;
    }
    Ok(())
}

async fn ask(op: &Op, refund: &Refund) -> Result<(), Fault> {
    let (_, gateway) = provider(op, refund).await?;
    let state = gateway.query_refund(&refund.refund_no).await.map_err(Fault::from)?;
    service::heard(op, refund, state).await
}

async fn provider(op: &Op, refund: &Refund) -> Result<(payments::Payment, std::sync::Arc<dyn crate::payment::gateway::Gateway>), Fault> {
    let payment = payments::get(op, refund.payment).await?.ok_or_else(|| Fault::corrupt(format!("{} is gone", refund.payment)))?;
    let gateway =
        payments::gateway(op, &payment.gateway)?.ok_or_else(|| Fault::internal(format!("the gateway {} is gone", payment.gateway)))?;
    Ok((payment, gateway))
}
