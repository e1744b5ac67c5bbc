//! WeChat Pay's messages, as far as they are read. Read liberally: WeChat adds fields without asking.

use kernel::{Currency, Money, Timestamp};
use serde::{Deserialize, Deserializer};

/// A time in RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At(pub(super) Timestamp);

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Timestamp::parse_rfc3339(&text).map(Self).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 date and time"))
    }
}

/// What was asked for; what the payer pays may be less, WeChat's own coupons make up for it.
#[derive(Deserialize)]
pub(super) struct TransactionAmount {
    pub(super) total: i64,
    #[serde(default)]
    pub(super) currency: Option<String>,
}

impl TransactionAmount {
    pub(super) fn money(&self) -> Option<Money> {
        let currency = self.currency.as_deref().map_or(Some(Currency::Cny), crate::decimal::currency)?;
        Some(Money::new(self.total, currency))
    }
}

#[derive(Deserialize)]
pub(super) struct Transaction {
    pub(super) mchid: String,
    pub(super) out_trade_no: String,
    pub(super) trade_state: String,
    pub(super) transaction_id: Option<String>,
    pub(super) amount: Option<TransactionAmount>,
    pub(super) success_time: Option<At>,
}

#[derive(Deserialize)]
pub(super) struct RefundAmount {
    pub(super) refund: i64,
    #[serde(default)]
    pub(super) currency: Option<String>,
}

impl RefundAmount {
    pub(super) fn money(&self) -> Option<Money> {
        TransactionAmount { total: self.refund, currency: self.currency.clone() }.money()
    }
}

#[derive(Deserialize)]
pub(super) struct Refund {
    pub(super) out_refund_no: String,
    pub(super) out_trade_no: String,
    pub(super) refund_id: String,
    pub(super) status: String,
    pub(super) amount: RefundAmount,
    pub(super) success_time: Option<At>,
}

#[derive(Deserialize)]
pub(super) struct Prepaid {
    pub(super) prepay_id: Option<String>,
    pub(super) code_url: Option<String>,
    pub(super) h5_url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) create_time: At,
    pub(super) event_type: String,
    pub(super) resource: Resource,
}

#[derive(Deserialize)]
pub(super) struct Resource {
    pub(super) algorithm: String,
    pub(super) ciphertext: String,
    #[serde(default)]
    pub(super) associated_data: String,
    pub(super) nonce: String,
}

/// What a refund notification tells.
#[derive(Deserialize)]
pub(super) struct RefundTold {
    pub(super) mchid: String,
    pub(super) out_trade_no: String,
    pub(super) out_refund_no: String,
    pub(super) refund_id: String,
    pub(super) refund_status: String,
    pub(super) amount: RefundAmount,
    pub(super) success_time: Option<At>,
}

/// What the notification of a transfer that ended tells.
#[derive(Deserialize)]
pub(super) struct TransferTold {
    pub(super) mch_id: String,
    pub(super) out_bill_no: String,
    pub(super) transfer_bill_no: String,
    pub(super) transfer_amount: i64,
}
