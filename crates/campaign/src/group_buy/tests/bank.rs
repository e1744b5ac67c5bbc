//! A bank that believes us: charges are paid when the test says so, refunds succeed unless the test forbids one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use async_trait::async_trait;
use kernel::{Money, Timestamp};
use trade::payment::gateway::{
    ChargeCreated, ChargeRef, ChargeState, Gateway, GatewayError, NewCharge, NewRefund, Notification, NotificationKind,
    NotificationRefused, PayAction, RefundRef, RefundState,
};

/// The bank's books.
#[derive(Default)]
pub(crate) struct Bank {
    charges: Mutex<BTreeMap<String, Money>>,
    paid: Mutex<BTreeSet<String>>,
    refunds: Mutex<BTreeMap<String, Money>>,
    forbidden: Mutex<BTreeSet<String>>,
}

impl Bank {
    /// The shopper pays a charge; the answer is what the bank reports.
    pub(crate) fn takes(&self, charge_no: &str, at: Timestamp) -> Vec<u8> {
        let amount = *self.charges.lock().expect("no panic").get(charge_no).expect("the mall asked for it");
        self.paid.lock().expect("no panic").insert(charge_no.to_owned());
        let report = Notification {
            event_id: format!("paid-{charge_no}"),
            kind: NotificationKind::ChargeSucceeded,
            charge_no: charge_no.to_owned(),
            refund_no: None,
            provider_id: format!("bank-{charge_no}"),
            amount,
            merchant: "mall".to_owned(),
            happened_at: at,
            reason: None,
            raw: String::new(),
        };
        serde_json::to_vec(&report).expect("plain data")
    }

    /// From now on refunds of this charge fail.
    pub(crate) fn refuses_refunds_of(&self, charge_no: &str) {
        self.forbidden.lock().expect("no panic").insert(charge_no.to_owned());
    }

    /// The bank is in order again.
    pub(crate) fn allows_refunds(&self) {
        self.forbidden.lock().expect("no panic").clear();
    }

    /// The number of the last charge the mall asked for, of those that begin like this.
    pub(crate) fn charge_of(&self, prefix: &str) -> Option<String> {
        self.charges.lock().expect("no panic").keys().rfind(|no| no.starts_with(prefix)).cloned()
    }

    /// What was given back, by refund number.
    pub(crate) fn gave_back(&self) -> BTreeMap<String, Money> {
        self.refunds.lock().expect("no panic").clone()
    }

    /// What is left of what was paid.
    pub(crate) fn balance(&self) -> i64 {
        let charges = self.charges.lock().expect("no panic");
        let paid: i64 = self.paid.lock().expect("no panic").iter().filter_map(|no| charges.get(no)).map(|money| money.minor).sum();
        paid - self.gave_back().values().map(|money| money.minor).sum::<i64>()
    }
}

#[async_trait]
impl Gateway for Bank {
    fn code(&self) -> &'static str {
        "sandbox"
    }

    async fn create(&self, charge: NewCharge) -> Result<ChargeCreated, GatewayError> {
        let provider_charge_id = format!("bank-{}", charge.charge_no);
        self.charges.lock().expect("no panic").insert(charge.charge_no, charge.amount);
        Ok(ChargeCreated { provider_charge_id, action: PayAction::Redirect("https://bank.example/pay".to_owned()) })
    }

    async fn query(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        let charge_no = charge.charge_no.as_str();
        let provider_charge_id = format!("bank-{charge_no}");
        let amount = self.charges.lock().expect("no panic").get(charge_no).copied();
        let paid = self.paid.lock().expect("no panic").contains(charge_no);
        Ok(match amount {
            None => ChargeState::Absent,
            Some(amount) if paid => ChargeState::Succeeded { provider_charge_id, amount, paid_at: Timestamp(0) },
            Some(_) => ChargeState::Pending { provider_charge_id },
        })
    }

    async fn close(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        match self.query(charge).await? {
            ChargeState::Pending { .. } | ChargeState::Absent => Ok(ChargeState::Closed),
            state => Ok(state),
        }
    }

    async fn refund(&self, refund: NewRefund) -> Result<RefundState, GatewayError> {
        if self.forbidden.lock().expect("no panic").contains(&refund.charge_no) {
            return Err(GatewayError::Unavailable("out of order".to_owned()));
        }
        let provider_refund_id = format!("bank-{}", refund.refund_no);
        let amount = *self.refunds.lock().expect("no panic").entry(refund.refund_no).or_insert(refund.amount);
        Ok(RefundState::Succeeded { provider_refund_id, amount, refunded_at: Timestamp(0) })
    }

    async fn query_refund(&self, refund: &RefundRef) -> Result<RefundState, GatewayError> {
        let refund_no = refund.refund_no.as_str();
        let provider_refund_id = format!("bank-{refund_no}");
        Ok(match self.gave_back().get(refund_no) {
            Some(&amount) => RefundState::Succeeded { provider_refund_id, amount, refunded_at: Timestamp(0) },
            None => RefundState::Absent,
        })
    }

    async fn verify_notification(&self, _: &[(String, String)], body: &[u8]) -> Result<Notification, NotificationRefused> {
        serde_json::from_slice(body).map_err(|error| NotificationRefused::Malformed(error.to_string()))
    }
}
