//! Money from the merchant to a person, who confirms it in WeChat (商家转账, the API of 2025).
//!
//! ```text
//! ACCEPTED ─▶ PROCESSING ─▶ WAIT_USER_CONFIRM ── the payee confirms ─▶ TRANSFERING ─▶ SUCCESS | FAIL
//!                                  └── we cancel, or 24 hours pass ─▶ CANCELING ─▶ CANCELLED
//! ```

use kernel::{Currency, Money};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use trade::payment::gateway::{GatewayError, NotificationRefused};

use super::WeChatPay;

/// From this on (¥2 000) the payee's real name must be given.
const NAME_FROM: i64 = 200_000;

/// A transfer to ask for. The same number with the same content is the same transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTransfer {
    /// Our number: 1–32 letters and digits.
    pub transfer_no: String,
    /// The scene it happens in, as WeChat approved it (`1005`: commission, 佣金报酬).
    pub scene_id: String,
    /// What the scene wants to know: kind and content (`岗位类型`, `推广员`).
    pub scene_reports: Vec<(String, String)>,
    /// The payee.
    pub openid: String,
    /// The payee's real name; sealed on its way. Needed from ¥2 000 on, not allowed below ¥0.30.
    pub real_name: Option<String>,
    /// How much.
    pub amount: Money,
    /// What the payee reads.
    pub remark: String,
    /// Where WeChat reports to.
    pub notify_url: String,
}

/// Where a transfer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferState {
    /// WeChat never heard of it.
    Absent,
    /// WeChat is at it.
    Processing,
    /// The payee must confirm; this is handed to `wx.requestMerchantTransfer`.
    WaitingForPayee {
        /// `package_info`, told once, when the transfer is asked for.
        package: Option<String>,
    },
    /// The payee has the money.
    Succeeded {
        /// WeChat's number.
        provider_id: String,
    },
    /// It came to nothing, and may be asked for anew under another number.
    Failed {
        /// In WeChat's words.
        reason: String,
    },
}

#[derive(Deserialize)]
struct Told {
    out_bill_no: String,
    #[serde(default)]
    transfer_bill_no: String,
    state: String,
    #[serde(default)]
    fail_reason: Option<String>,
    #[serde(default)]
    package_info: Option<String>,
    #[serde(default)]
    transfer_amount: Option<i64>,
}

impl Told {
    fn state(self, transfer_no: &str) -> Result<TransferState, GatewayError> {
        if self.out_bill_no != transfer_no {
            return Err(GatewayError::Unknown("the answer is about something else".into()));
        }
        Ok(match self.state.as_str() {
            "ACCEPTED" | "PROCESSING" | "TRANSFERING" | "CANCELING" => TransferState::Processing,
            "WAIT_USER_CONFIRM" => TransferState::WaitingForPayee { package: self.package_info },
            "SUCCESS" => TransferState::Succeeded { provider_id: self.transfer_bill_no },
            "FAIL" => TransferState::Failed { reason: self.fail_reason.unwrap_or_default() },
            "CANCELLED" => TransferState::Failed { reason: "CANCELLED".to_owned() },
            other => return Err(GatewayError::Unknown(format!("the state {other} is unknown"))),
        })
    }
}

const BILLS: &str = "/v3/fund-app/mch-transfer/transfer-bills";

impl WeChatPay {
    /// Asks for a transfer.
    pub async fn transfer(&self, new: &NewTransfer) -> Result<TransferState, GatewayError> {
        bill_no(&new.transfer_no)?;
        let refused = |message: &str| GatewayError::Refused { code: "PARAM_ERROR".into(), message: message.into() };
        if new.amount.currency != Currency::Cny || new.amount.minor <= 0 {
            return Err(refused("transfers are of yuan, above zero"));
        }
        let mut asked = json!({
            "appid": self.appid,
            "out_bill_no": new.transfer_no,
            "transfer_scene_id": new.scene_id,
            "openid": new.openid,
            "transfer_amount": new.amount.minor,
            "transfer_remark": crate::http::shortened(&new.remark, 96),
            "notify_url": new.notify_url,
            "transfer_scene_report_infos": new.scene_reports.iter()
                .map(|(kind, content)| json!({ "info_type": kind, "info_content": content })).collect::<Vec<_>>(),
        });
        let mut sealed_for = None;
        match &new.real_name {
            None if new.amount.minor >= NAME_FROM => return Err(refused("from ¥2 000 on the payee's real name is needed")),
            Some(name) if new.amount.minor >= 30 => {
                let (serial, key) = self.wire.sealing_key().await?;
                asked["user_name"] = json!(key.seal_oaep(name).map_err(|_| refused("the name does not fit"))?);
                sealed_for = Some(serial);
            }
            _ => {}
        }
        let url = format!("{}{BILLS}", self.wire.base_url);
        let mut request = self.wire.request(Method::POST, &url, BILLS, asked.to_string());
        if let Some(serial) = sealed_for.filter(|_| self.wire.public_key.is_none()) {
            request = request.header("Wechatpay-Serial", serial);
        }
        let answer = crate::http::send(request).await?;
        let verified = self.wire.verify(|name| answer.header(name), &answer.body).await;
        verified.map_err(|why| GatewayError::Unknown(format!("not to be believed: {why}")))?;
        let said = super::wire::Said { status: answer.status, body: answer.body };
        said.accepted::<Told>()?.state(&new.transfer_no)
    }

    /// What WeChat knows of a transfer.
    pub async fn query_transfer(&self, transfer_no: &str) -> Result<TransferState, GatewayError> {
        bill_no(transfer_no)?;
        let said = self.ask(Method::GET, &format!("{BILLS}/out-bill-no/{transfer_no}"), None).await?;
        if !said.status.is_success() {
            let refused = said.refused();
            return if refused.code() == "NOT_FOUND" { Ok(TransferState::Absent) } else { Err(refused.into_error()) };
        }
        said.accepted::<Told>()?.state(transfer_no)
    }

    /// Takes back a transfer that the payee has not confirmed.
    pub async fn cancel_transfer(&self, transfer_no: &str) -> Result<TransferState, GatewayError> {
        bill_no(transfer_no)?;
        let path = format!("{BILLS}/out-bill-no/{transfer_no}/cancel");
        self.wire.call(Method::POST, &path, None).await?.accepted::<Told>()?.state(transfer_no)
    }

    /// Reads the report of a transfer that ended: our number, how it ended, how much.
    pub async fn transfer_notification(
        &self,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<(String, TransferState, Option<Money>), NotificationRefused> {
        let (event, opened) = self.opened(headers, body).await?;
        let malformed = |why: String| NotificationRefused::Malformed(why);
        if event.event_type != "MCHTRANSFER.BILL.FINISHED" {
            return Err(malformed(format!("{} is not about a transfer", event.event_type)));
        }
        let told: Told = serde_json::from_slice(&opened).map_err(|error| malformed(error.to_string()))?;
        let (transfer_no, amount) = (told.out_bill_no.clone(), told.transfer_amount.map(|minor| Money::new(minor, Currency::Cny)));
        let state = told.state(&transfer_no).map_err(|error| malformed(error.to_string()))?;
        Ok((transfer_no, state, amount))
    }
}

fn bill_no(text: &str) -> Result<(), GatewayError> {
    let fits = (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits {
        Ok(())
    } else {
        Err(GatewayError::Refused { code: "PARAM_ERROR".into(), message: "a number is 1 to 32 letters and digits".into() })
    }
}
