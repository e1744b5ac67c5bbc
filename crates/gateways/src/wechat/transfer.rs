//! Money from the merchant to a person, who confirms it in WeChat (商家转账, the API of 2025).
//!
//! ```text
//! ACCEPTED ─▶ PROCESSING ─▶ WAIT_USER_CONFIRM ── the payee confirms ─▶ TRANSFERING ─▶ SUCCESS | FAIL
//!                                  └── we cancel, or 24 hours pass ─▶ CANCELING ─▶ CANCELLED
//! ```

use kernel::Currency;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use trade::payment::gateway::{GatewayError, NewTransfer, TransferState};

use super::WeChatPay;

/// From this on (¥2 000) the payee's real name must be given.
const NAME_FROM: i64 = 200_000;

/// In which scene transfers happen, as WeChat approved it for the merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferScene {
    /// Its number (`1005`: commission, 佣金报酬).
    pub id: String,
    /// What the scene wants to know: kind and content (`岗位类型`, `推广员`).
    pub reports: Vec<(String, String)>,
}

impl Default for TransferScene {
    fn default() -> Self {
        let reports = [("岗位类型", "推广员"), ("报酬说明", "推广报酬")];
        Self { id: "1005".to_owned(), reports: reports.map(|(kind, content)| (kind.to_owned(), content.to_owned())).to_vec() }
    }
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
}

impl Told {
    fn state(self, transfer_no: &str) -> Result<TransferState, GatewayError> {
        if self.out_bill_no != transfer_no {
            return Err(GatewayError::Unknown("the answer is about something else".into()));
        }
        Ok(match self.state.as_str() {
            "ACCEPTED" | "PROCESSING" | "TRANSFERING" | "CANCELING" => TransferState::Processing,
            "WAIT_USER_CONFIRM" => TransferState::AwaitingPayee { package: self.package_info },
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
    pub(super) async fn ask_transfer(&self, new: &NewTransfer) -> Result<TransferState, GatewayError> {
        bill_no(&new.transfer_no)?;
        let refused = |message: &str| GatewayError::Refused { code: "PARAM_ERROR".into(), message: message.into() };
        if new.amount.currency != Currency::Cny || new.amount.minor <= 0 {
            return Err(refused("transfers are of yuan, above zero"));
        }
        let mut asked = json!({
            "appid": self.appid,
            "out_bill_no": new.transfer_no,
            "transfer_scene_id": self.transfer_scene.id,
            "openid": new.payee,
            "transfer_amount": new.amount.minor,
            "transfer_remark": crate::http::shortened(&new.remark, 96),
            "notify_url": new.notify_url,
            "transfer_scene_report_infos": self.transfer_scene.reports.iter()
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
    pub(super) async fn ask_about_transfer(&self, transfer_no: &str) -> Result<TransferState, GatewayError> {
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
}

fn bill_no(text: &str) -> Result<(), GatewayError> {
    let fits = (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits {
        Ok(())
    } else {
        Err(GatewayError::Refused { code: "PARAM_ERROR".into(), message: "a number is 1 to 32 letters and digits".into() })
    }
}
