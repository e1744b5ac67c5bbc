//! Alipay (支付宝), signed with RSA2 under public keys, or under certificates (公钥证书).
//!
//! | way to pay | method | what the shopper gets |
//! |---|---|---|
//! | H5 | `alipay.trade.wap.pay` | an address to open (signed here, nobody is called) |
//! | Page | `alipay.trade.page.pay` | an address to open |
//! | App | `alipay.trade.app.pay` | a text for the SDK |
//! | Native | `alipay.trade.precreate` | a code to scan |
//! | Jsapi | `alipay.trade.create` | a trade number for the mini-program |
//!
//! Traps that are tests: a fully refunded trade is `TRADE_CLOSED` like one nobody paid; `refund_fee` is the sum of all
//! refunds, not this one; `fund_change: N` does not say that nothing was refunded; an answer is signed as the exact text
//! that stands in it; a trade nobody scanned does not exist yet.
//!
//! Alipay's numbers are letters, digits and underscores: our dashes travel as underscores.

mod signing;

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Clock, Currency, Money, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use trade::payment::gateway::{
    ChargeCreated, ChargeRef, ChargeState, Gateway, GatewayError, NewCharge, NewRefund, Notification, NotificationKind,
    NotificationRefused, PayAction, PayProduct, RefundRef, RefundState, Reply,
};

pub use crate::http::Timeouts;
use crate::{
    ConfigError,
    crypto::{RsaPrivateKey, RsaPublicKey},
    decimal, http,
    x509::{Certificate, alipay_number},
};
use signing::Params;
pub(crate) use signing::escaped;

/// How to reach Alipay, who we are, and whom to believe.
#[derive(Clone, Debug)]
pub struct AlipayConfig {
    /// Where its gateway is (`https://openapi.alipay.com/gateway.do`).
    pub gateway_url: String,
    /// The application (`2021…`).
    pub app_id: String,
    /// The seller (`2088…`): notifications for another one are not believed.
    pub seller_id: String,
    /// The application's private key.
    pub private_key: SecretString,
    /// Alipay's public key for this application; in certificate mode the PEM of Alipay's certificate.
    pub alipay_public_key: String,
    /// The certificate mode: the PEMs of the application's certificate and of Alipay's roots.
    pub certificates: Option<(String, String)>,
    /// How long calls may take.
    pub timeouts: Timeouts,
}

/// Alipay, seen from the mall.
pub struct Alipay {
    gateway_url: String,
    app_id: String,
    seller_id: String,
    key: RsaPrivateKey,
    alipay_key: RsaPublicKey,
    /// The numbers of the application's certificate and of Alipay's roots.
    certificates: Option<(String, String)>,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
}

/// A signed answer.
struct Said {
    code: String,
    sub_code: String,
    message: String,
    body: Value,
}

impl Said {
    fn is_ok(&self) -> bool {
        self.code == "10000"
    }

    /// What was asked for, or what the caller may do next.
    fn accepted<T: DeserializeOwned>(self) -> Result<T, GatewayError> {
        if !self.is_ok() {
            return Err(self.into_error());
        }
        serde_json::from_value(self.body).map_err(|error| GatewayError::Unknown(format!("the answer does not read: {error}")))
    }

    fn into_error(self) -> GatewayError {
        let text = format!("{} {}: {}", self.code, self.sub_code, self.message);
        match (self.code.as_str(), self.sub_code.trim_start_matches("aop.")) {
            // Our account is empty, or we ask too often: the same number may be asked for later.
            (_, "ACQ.SELLER_BALANCE_NOT_ENOUGH" | "isv.app-call-limited" | "isp.call-limited") => GatewayError::Unavailable(text),
            // It broke inside, or is not finished, or is paid already: a question tells.
            (_, "ACQ.SYSTEM_ERROR" | "ACQ.TRADE_HAS_SUCCESS" | "ACQ.TRADE_HAS_FINISHED") | ("20000" | "10003", _) => {
                GatewayError::Unknown(text)
            }
            // Our key or our contract is wrong, not the request: it was not looked at.
            ("20001" | "40006", _) | (_, "isv.invalid-signature") => GatewayError::Unavailable(text),
            ("40001" | "40002" | "40004", _) => {
                let code = if self.sub_code.is_empty() { self.code } else { self.sub_code };
                GatewayError::Refused { code, message: self.message }
            }
            _ => GatewayError::Unknown(text),
        }
    }
}

#[derive(serde::Deserialize)]
struct Trade {
    out_trade_no: String,
    #[serde(default)]
    trade_no: String,
    #[serde(default)]
    trade_status: String,
    #[serde(default)]
    total_amount: String,
    #[serde(default)]
    send_pay_date: Option<String>,
    #[serde(default)]
    qr_code: Option<String>,
}

#[derive(serde::Deserialize)]
struct Refunded {
    #[serde(default)]
    out_trade_no: String,
    #[serde(default)]
    out_request_no: String,
    #[serde(default)]
    trade_no: String,
    #[serde(default)]
    fund_change: Option<String>,
    #[serde(default)]
    refund_status: Option<String>,
    #[serde(default)]
    refund_amount: Option<String>,
    #[serde(default)]
    gmt_refund_pay: Option<String>,
}

impl Alipay {
    /// Checks the configuration and makes a gateway of it. Calls nobody yet.
    pub fn new(config: &AlipayConfig, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(&config.app_id) {
            return Err(ConfigError::Field("the Alipay application id", "must be digits"));
        }
        if !digits(&config.seller_id) {
            return Err(ConfigError::Field("the Alipay seller id", "must be digits (2088…)"));
        }
        let key = RsaPrivateKey::parse(config.private_key.expose_secret())
            .map_err(|_| ConfigError::Field("the application's private key", "must be an RSA key, PKCS#8 or PKCS#1"))?;
        let alipay_key = if config.alipay_public_key.contains("BEGIN CERTIFICATE") {
            Certificate::parse(&config.alipay_public_key).map(|certificate| certificate.key)
        } else {
            RsaPublicKey::parse(&config.alipay_public_key)
        };
        let alipay_key = alipay_key
            .map_err(|_| ConfigError::Field("Alipay's public key", "must be an RSA public key (or certificate) as Alipay shows it"))?;
        let certificates = match &config.certificates {
            Some((app, root)) => {
                let unfit =
                    |_| ConfigError::Field("Alipay's certificates", "must be the PEMs Alipay hands out (appCertPublicKey, alipayRootCert)");
                Some((alipay_number(app).map_err(unfit)?, alipay_number(root).map_err(unfit)?))
            }
            None => None,
        };
        Ok(Self {
            gateway_url: http::base(&config.gateway_url, "the address of Alipay's gateway")?,
            app_id: config.app_id.clone(),
            seller_id: config.seller_id.clone(),
            key,
            alipay_key,
            certificates,
            client: http::client(config.timeouts)?,
            clock,
        })
    }

    /// The parameters of a call, signed.
    fn signed(&self, method: &str, content: &Value, (notify_url, return_url): (Option<&str>, Option<&str>)) -> Params {
        let mut params = Params::default();
        params.set("app_id", &self.app_id);
        params.set("method", method);
        params.set("format", "JSON");
        params.set("charset", "utf-8");
        params.set("sign_type", "RSA2");
        params.set("timestamp", beijing(self.clock.now()));
        params.set("version", "1.0");
        params.set("notify_url", notify_url.unwrap_or_default());
        params.set("return_url", return_url.unwrap_or_default());
        if let Some((app, root)) = &self.certificates {
            params.set("app_cert_sn", app);
            params.set("alipay_root_cert_sn", root);
        }
        params.set("biz_content", content.to_string());
        let signature = self.key.sign(params.text(&["sign"]).as_bytes());
        params.set("sign", signature);
        params
    }

    /// One call whose answer is signed.
    async fn call(&self, method: &str, content: &Value, notify_url: Option<&str>) -> Result<Said, GatewayError> {
        let params = self.signed(method, content, (notify_url, None));
        let request = self
            .client
            .post(format!("{}?charset=utf-8", self.gateway_url))
            .header("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")
            .body(params.encoded());
        let answer = http::send(request).await?;
        if !answer.status.is_success() {
            return Err(GatewayError::Unknown(format!("status {}", answer.status.as_u16())));
        }
        let raw = std::str::from_utf8(&answer.body).map_err(|_| GatewayError::Unknown("the answer is not text".into()))?;
        self.read(method, raw)
    }

    /// Reads an answer, if Alipay signed it.
    fn read(&self, method: &str, raw: &str) -> Result<Said, GatewayError> {
        let doubtful = |why: &str| GatewayError::Unknown(format!("the answer is not to be believed: {why}"));
        let name = format!("{}_response", method.replace('.', "_"));
        let text = signing::signed_text(raw, &name).or_else(|| signing::signed_text(raw, "error_response"));
        let text = text.ok_or_else(|| doubtful("it answers something else"))?;
        let whole: Value = serde_json::from_str(raw).map_err(|_| doubtful("it is not whole"))?;
        let signature = whole["sign"].as_str().ok_or_else(|| doubtful("it is not signed"))?;
        self.alipay_key.verify(text.as_bytes(), signature).map_err(|_| doubtful("the signature does not fit"))?;
        let body: Value = serde_json::from_str(text).map_err(|_| doubtful("it does not read"))?;
        let part = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let message = if part("sub_msg").is_empty() { part("msg") } else { part("sub_msg") };
        Ok(Said { code: part("code"), sub_code: part("sub_code"), message, body })
    }

    fn state(&self, charge_no: &str, trade: Trade) -> Result<ChargeState, GatewayError> {
        if trade.out_trade_no != number(charge_no)? {
            return Err(GatewayError::Unknown("the answer is about something else".into()));
        }
        let paid_at = trade.send_pay_date.as_deref().filter(|at| !at.is_empty());
        match trade.trade_status.as_str() {
            "WAIT_BUYER_PAY" => Ok(ChargeState::Pending { provider_charge_id: trade.trade_no }),
            "TRADE_CLOSED" if paid_at.is_none() => Ok(ChargeState::Closed),
            // Closed with a date of payment: it was paid, and all of it went back since.
            "TRADE_SUCCESS" | "TRADE_FINISHED" | "TRADE_CLOSED" => {
                let amount = decimal::money(&trade.total_amount, Currency::Cny);
                let paid_at = paid_at.map_or_else(|| Some(self.clock.now()), at);
                let (Some(amount), Some(paid_at)) = (amount, paid_at) else {
                    return Err(GatewayError::Unknown("paid, but not when or how much".into()));
                };
                Ok(ChargeState::Succeeded { provider_charge_id: trade.trade_no, amount, paid_at })
            }
            other => Err(GatewayError::Unknown(format!("the state {other} is unknown"))),
        }
    }

    /// Whether Alipay signed these parameters. Payment notifications leave `sign_type` out of the signed text; those of the
    /// service market keep it in, even when they do not send it: as Alipay's own SDKs do, all are tried.
    fn believe(&self, params: &Params) -> Result<(), NotificationRefused> {
        let signature = params.get("sign").ok_or(NotificationRefused::Malformed("unsigned".into()))?;
        let fits = |text: String| self.alipay_key.verify(text.as_bytes(), signature).is_ok();
        let mut kept = params.clone();
        kept.set("sign_type", "RSA2");
        let believed = fits(params.text(&["sign", "sign_type"])) || fits(kept.text(&["sign"]));
        if believed { Ok(()) } else { Err(NotificationRefused::BadSignature) }
    }
}

#[async_trait]
impl Gateway for Alipay {
    fn code(&self) -> &'static str {
        "alipay"
    }

    fn products(&self) -> &'static [PayProduct] {
        &[PayProduct::H5, PayProduct::Page, PayProduct::Native, PayProduct::App, PayProduct::Jsapi]
    }

    fn takes(&self, currency: Currency) -> bool {
        currency == Currency::Cny
    }

    fn payer_scope(&self, product: PayProduct) -> Option<(&'static str, String)> {
        (product == PayProduct::Jsapi).then(|| ("alipay", self.app_id.clone()))
    }

    async fn create(&self, charge: NewCharge) -> Result<ChargeCreated, GatewayError> {
        if charge.amount.currency != Currency::Cny {
            return Err(GatewayError::Refused { code: "CURRENCY".into(), message: "Alipay takes yuan here".into() });
        }
        let mut content = json!({
            "out_trade_no": number(&charge.charge_no)?,
            "total_amount": decimal::decimal(charge.amount),
            "subject": subject(&charge.description),
            "time_expire": beijing(charge.expires_at),
        });
        let urls = (Some(charge.notify_url.as_str()), charge.return_url.as_deref());
        let mut hosted = |method: &str, product_code: &str| {
            content["product_code"] = json!(product_code);
            self.signed(method, &content, urls).encoded()
        };
        let nobody_yet = |action| Ok(ChargeCreated { provider_charge_id: String::new(), action });
        match charge.product {
            PayProduct::H5 => {
                let text = hosted("alipay.trade.wap.pay", "QUICK_WAP_WAY");
                nobody_yet(PayAction::Redirect(format!("{}?{text}", self.gateway_url)))
            }
            PayProduct::Page => {
                let text = hosted("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY");
                nobody_yet(PayAction::Redirect(format!("{}?{text}", self.gateway_url)))
            }
            PayProduct::App => {
                let text = hosted("alipay.trade.app.pay", "QUICK_MSECURITY_PAY");
                nobody_yet(PayAction::OrderString(text))
            }
            PayProduct::Native => {
                let trade: Trade = self.call("alipay.trade.precreate", &content, urls.0).await?.accepted()?;
                same(&content["out_trade_no"], &trade.out_trade_no)?;
                let code = trade.qr_code.ok_or_else(|| GatewayError::Unknown("accepted, but without a code".into()))?;
                nobody_yet(PayAction::QrCode(code))
            }
            PayProduct::Jsapi => {
                content["product_code"] = json!("JSAPI_PAY");
                content["op_app_id"] = json!(self.app_id);
                // Old ids of buyers are sixteen digits; those of applications are not.
                let payer = charge.payer.as_deref().unwrap_or_default();
                let is_user = payer.len() == 16 && payer.bytes().all(|b| b.is_ascii_digit());
                content[if is_user { "buyer_id" } else { "buyer_open_id" }] = json!(payer);
                let trade: Trade = self.call("alipay.trade.create", &content, urls.0).await?.accepted()?;
                same(&content["out_trade_no"], &trade.out_trade_no)?;
                Ok(ChargeCreated { provider_charge_id: trade.trade_no.clone(), action: PayAction::TradeNo(trade.trade_no) })
            }
            PayProduct::Card | PayProduct::Balance => {
                Err(GatewayError::Refused { code: "PRODUCT".into(), message: "Alipay has no such way to pay".into() })
            }
        }
    }

    async fn query(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        let content = json!({ "out_trade_no": number(&charge.charge_no)? });
        let said = self.call("alipay.trade.query", &content, None).await?;
        if said.sub_code == "ACQ.TRADE_NOT_EXIST" {
            return Ok(ChargeState::Absent);
        }
        self.state(&charge.charge_no, said.accepted()?)
    }

    async fn close(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        let content = json!({ "out_trade_no": number(&charge.charge_no)? });
        let said = self.call("alipay.trade.close", &content, None).await?;
        match said.sub_code.as_str() {
            "ACQ.TRADE_NOT_EXIST" => Ok(ChargeState::Absent),
            // It is in no state to be closed: paid, or closed already.
            "ACQ.TRADE_STATUS_ERROR" | "ACQ.REASON_TRADE_STATUS_INVALID" => self.query(charge).await,
            _ if said.is_ok() => Ok(ChargeState::Closed),
            _ => Err(said.into_error()),
        }
    }

    async fn refund(&self, refund: NewRefund) -> Result<RefundState, GatewayError> {
        let content = json!({
            "out_trade_no": number(&refund.charge_no)?,
            "out_request_no": number(&refund.refund_no)?,
            "refund_amount": decimal::decimal(refund.amount),
            "refund_reason": http::shortened(&refund.reason, 256),
        });
        let said: Refunded = self.call("alipay.trade.refund", &content, None).await?.accepted()?;
        same(&content["out_trade_no"], &said.out_trade_no)?;
        if said.fund_change.as_deref() == Some("Y") {
            let provider_refund_id = format!("{}-{}", said.trade_no, content["out_request_no"].as_str().unwrap_or_default());
            return Ok(RefundState::Succeeded { provider_refund_id, amount: refund.amount, refunded_at: self.clock.now() });
        }
        // Nothing moved by this call: it had moved before, or it is on its way. A question tells; its answer may lag.
        let known = RefundRef {
            refund_no: refund.refund_no.clone(),
            provider_refund_id: None,
            charge: ChargeRef { charge_no: refund.charge_no, provider_charge_id: refund.provider_charge_id },
        };
        match self.query_refund(&known).await? {
            RefundState::Absent => Ok(RefundState::Processing { provider_refund_id: refund.refund_no }),
            state => Ok(state),
        }
    }

    async fn query_refund(&self, refund: &RefundRef) -> Result<RefundState, GatewayError> {
        let content = json!({
            "out_trade_no": number(&refund.charge.charge_no)?,
            "out_request_no": number(&refund.refund_no)?,
            "query_options": ["gmt_refund_pay"],
        });
        let said = self.call("alipay.trade.fastpay.refund.query", &content, None).await?;
        if said.sub_code == "ACQ.TRADE_NOT_EXIST" {
            return Ok(RefundState::Absent);
        }
        let told: Refunded = said.accepted()?;
        if told.out_request_no.is_empty() && told.refund_status.is_none() {
            return Ok(RefundState::Absent);
        }
        same(&content["out_request_no"], &told.out_request_no)?;
        let provider_refund_id = format!("{}-{}", told.trade_no, told.out_request_no);
        match told.refund_status.as_deref() {
            Some("REFUND_SUCCESS") => {
                let amount = told.refund_amount.as_deref().and_then(|text| decimal::money(text, Currency::Cny));
                let amount = amount.ok_or_else(|| GatewayError::Unknown("refunded, but not how much".into()))?;
                let refunded_at = told.gmt_refund_pay.as_deref().and_then(at).unwrap_or_else(|| self.clock.now());
                Ok(RefundState::Succeeded { provider_refund_id, amount, refunded_at })
            }
            _ => Ok(RefundState::Processing { provider_refund_id }),
        }
    }

    async fn verify_notification(&self, _: &[(String, String)], body: &[u8]) -> Result<Notification, NotificationRefused> {
        let raw = std::str::from_utf8(body).map_err(|error| NotificationRefused::Malformed(error.to_string()))?;
        let params = Params::decoded(raw).ok_or_else(|| NotificationRefused::Malformed("a parameter stands twice".into()))?;
        self.believe(&params)?;
        let need = |name: &'static str| params.get(name).ok_or_else(|| NotificationRefused::Malformed(format!("{name} is missing")));
        let for_us = params.get("app_id") == Some(self.app_id.as_str()) && params.get("seller_id").is_none_or(|id| id == self.seller_id);
        if !for_us {
            return Err(NotificationRefused::ForeignMerchant);
        }
        let told = Notification {
            event_id: need("notify_id")?.to_owned(),
            kind: NotificationKind::Other,
            charge_no: params.get("out_trade_no").map(ours).unwrap_or_default(),
            refund_no: None,
            provider_id: params.get("trade_no").unwrap_or_default().to_owned(),
            amount: Money::zero(Currency::Cny),
            merchant: self.seller_id.clone(),
            happened_at: params.get("gmt_payment").or(params.get("notify_time")).and_then(at).unwrap_or_else(|| self.clock.now()),
            reason: None,
            raw: raw.to_owned(),
        };
        if params.get("notify_type").is_some_and(|kind| kind != "trade_status_sync") {
            return Ok(told);
        }
        match need("trade_status")? {
            "TRADE_SUCCESS" | "TRADE_FINISHED" => {
                let amount = decimal::money(need("total_amount")?, Currency::Cny);
                let amount = amount.ok_or_else(|| NotificationRefused::Malformed("an amount that is none".into()))?;
                Ok(Notification { kind: NotificationKind::ChargeSucceeded, amount, ..told })
            }
            // Refunded to the last cent: it was paid once. Only a question tells what of it we know.
            "TRADE_CLOSED" if params.get("refund_fee").is_some() => Ok(Notification { kind: NotificationKind::ChargeMoved, ..told }),
            "TRADE_CLOSED" => Ok(Notification { kind: NotificationKind::ChargeClosed, ..told }),
            _ => Ok(told),
        }
    }

    fn acknowledgement(&self) -> Reply {
        Reply { status: 200, content_type: "text/plain", body: "success" }
    }

    fn rejection(&self) -> Option<Reply> {
        Some(Reply { status: 200, content_type: "text/plain", body: "failure" })
    }

    async fn bill(&self, day: &str) -> Result<Vec<u8>, GatewayError> {
        #[derive(serde::Deserialize)]
        struct Where {
            bill_download_url: String,
        }
        let content = json!({ "bill_type": "trade", "bill_date": day });
        let found: Where = self.call("alipay.data.dataservice.bill.downloadurl.query", &content, None).await?.accepted()?;
        let request = self.client.get(found.bill_download_url).timeout(kernel::minutes(2));
        let answer = http::send_up_to(request, http::BILL_LIMIT).await?;
        if answer.status.is_success() { Ok(answer.body) } else { Err(GatewayError::Unknown("the bill did not arrive".into())) }
    }
}

/// Our number in Alipay's alphabet.
fn number(ours: &str) -> Result<String, GatewayError> {
    http::number(ours, 64)?;
    Ok(ours.replace('-', "_"))
}

/// And back.
fn ours(theirs: &str) -> String {
    theirs.replace('_', "-")
}

fn same(asked: &Value, told: &str) -> Result<(), GatewayError> {
    if asked.as_str() == Some(told) { Ok(()) } else { Err(GatewayError::Unknown("the answer is about something else".into())) }
}

/// A subject has none of `/`, `=`, `&`.
fn subject(text: &str) -> String {
    http::shortened(text, 256).replace(['/', '=', '&'], " ")
}

/// `2026-11-11 08:00:00`, Beijing's time.
fn beijing(at: Timestamp) -> String {
    let at = chrono::DateTime::from_timestamp_millis(at.0).unwrap_or(chrono::DateTime::UNIX_EPOCH);
    at.with_timezone(&zone()).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn zone() -> chrono::FixedOffset {
    chrono::FixedOffset::east_opt(8 * 3600).expect("eight hours is an offset")
}

fn at(text: &str) -> Option<Timestamp> {
    let text = text.split('.').next()?;
    let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    Some(Timestamp(local.and_local_timezone(zone()).single()?.timestamp_millis()))
}

#[cfg(test)]
mod tests;
