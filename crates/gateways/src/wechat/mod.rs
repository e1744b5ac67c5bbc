//! WeChat Pay v3 (微信支付): mini-programs and pages in WeChat (JSAPI), phone browsers (H5), codes to scan (Native).
//!
//! - charges: `/v3/pay/transactions/{jsapi,h5,native}`, by `out_trade_no`, close, query;
//! - refunds: `/v3/refund/domestic/refunds`, by `out_refund_no`;
//! - notifications: signed, then sealed with the APIv3 key (AES-256-GCM);
//! - [`transfer`]: money to a person who confirms it (the 2025 API);
//! - [`shipping`]: telling WeChat that goods are under way, without which it keeps the money;
//! - bills: the day's transactions as the file WeChat hands out.
//!
//! `wire` says how messages are signed and how certificates rotate.

mod messages;
pub mod shipping;
pub mod transfer;
mod wire;

use std::sync::{Arc, RwLock};

use async_trait::async_trait;
use aws_lc_rs::digest;
use kernel::{Clock, Currency, Money, Timestamp};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use trade::payment::gateway::{
    ChargeCreated, ChargeRef, ChargeState, Gateway, GatewayError, NewCharge, NewRefund, NewTransfer, Notification, NotificationKind,
    NotificationRefused, PayAction, PayProduct, RefundRef, RefundState, Reply, ShippedGoods, TransferState,
};

pub use crate::http::Timeouts;
use crate::{
    ConfigError,
    crypto::{RsaPrivateKey, RsaPublicKey, nonce, open_gcm},
    http,
};
use messages::{At, Event, Prepaid, Refund, RefundTold, Transaction, TransferTold};
pub use transfer::TransferScene;
use wire::{Certificates, Said, Wire};

/// How to reach WeChat Pay, who we are, and whom to believe.
#[derive(Clone, Debug)]
pub struct WeChatPayConfig {
    /// Where the pay API is (`https://api.mch.weixin.qq.com`).
    pub base_url: String,
    /// Where the mini-program API is (`https://api.weixin.qq.com`), for the shipping upload.
    pub api_url: String,
    /// The merchant (`1900000001`).
    pub mchid: String,
    /// The mini-program or official account the payers are known in.
    pub appid: String,
    /// Its secret; without it shipments are not reported.
    pub app_secret: Option<SecretString>,
    /// The serial number of the merchant's API certificate.
    pub serial: String,
    /// The private key of that certificate (`apiclient_key.pem`).
    pub private_key: SecretString,
    /// The APIv3 key, 32 letters.
    pub api_v3_key: SecretString,
    /// The public-key mode: `PUB_KEY_ID_…` and the PEM of the key. Without it platform certificates are downloaded.
    pub public_key: Option<(String, String)>,
    /// In which scene people are paid out.
    pub transfer_scene: TransferScene,
    /// How long calls may take.
    pub timeouts: Timeouts,
}

/// WeChat Pay, seen from the mall.
pub struct WeChatPay {
    wire: Wire,
    appid: String,
    shipping: Option<shipping::Reports>,
    transfer_scene: TransferScene,
}

impl WeChatPay {
    /// Checks the configuration and makes a gateway of it. Calls nobody yet.
    pub fn new(config: &WeChatPayConfig, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        let digits = !config.mchid.is_empty() && config.mchid.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            return Err(ConfigError::Field("the WeChat Pay merchant id", "must be digits"));
        }
        if config.appid.is_empty() || !config.appid.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(ConfigError::Field("the WeChat appid", "must be letters and digits"));
        }
        if config.serial.is_empty() || !config.serial.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ConfigError::Field("the serial of the merchant's API certificate", "must be hexadecimal"));
        }
        if config.api_v3_key.expose_secret().len() != 32 {
            return Err(ConfigError::Field("the APIv3 key", "must be 32 letters and digits"));
        }
        let public_key = match &config.public_key {
            Some((id, _)) if !id.starts_with(wire::PUBLIC_KEY_ID) => {
                return Err(ConfigError::Field("the id of the WeChat Pay public key", "must begin with PUB_KEY_ID_"));
            }
            Some((id, pem)) => {
                let key = RsaPublicKey::parse(pem);
                Some((id.clone(), key.map_err(|_| ConfigError::Field("the WeChat Pay public key", "must be a PEM of an RSA public key"))?))
            }
            None => None,
        };
        let key = RsaPrivateKey::parse(config.private_key.expose_secret())
            .map_err(|_| ConfigError::Field("the merchant's private key", "must be a PEM of an RSA key (apiclient_key.pem)"))?;
        let client = http::client(config.timeouts)?;
        let api_url = http::base(&config.api_url, "the address of WeChat's API")?;
        let shipping = config.app_secret.clone().map(|secret| shipping::Reports::new(api_url, config.appid.clone(), secret));
        let wire = Wire {
            base_url: http::base(&config.base_url, "the address of WeChat Pay")?,
            mchid: config.mchid.clone(),
            serial: config.serial.clone(),
            key,
            api_v3_key: config.api_v3_key.expose_secret().as_bytes().to_vec(),
            public_key,
            certificates: RwLock::new(Certificates::default()),
            client,
            clock,
        };
        Ok(Self { wire, appid: config.appid.clone(), shipping, transfer_scene: config.transfer_scene.clone() })
    }

    async fn ask(&self, method: Method, path: &str, body: Option<serde_json::Value>) -> Result<Said, GatewayError> {
        self.wire.call(method, path, body.map(|body| body.to_string())).await
    }

    /// The charge asked about, and no other.
    fn state(&self, charge_no: &str, told: Transaction) -> Result<ChargeState, GatewayError> {
        if told.mchid != self.wire.mchid || told.out_trade_no != charge_no {
            return Err(GatewayError::Unknown("the answer is about something else".into()));
        }
        let provider_charge_id = told.transaction_id.unwrap_or_default();
        match told.trade_state.as_str() {
            // REFUND: it was paid, and some of it went back since.
            "SUCCESS" | "REFUND" => {
                let amount = told.amount.and_then(|amount| amount.money());
                let (Some(amount), Some(At(paid_at))) = (amount, told.success_time) else {
                    return Err(GatewayError::Unknown("paid, but not when or how much".into()));
                };
                Ok(ChargeState::Succeeded { provider_charge_id, amount, paid_at })
            }
            "NOTPAY" | "USERPAYING" | "ACCEPT" => Ok(ChargeState::Pending { provider_charge_id }),
            "CLOSED" | "REVOKED" | "PAYERROR" => Ok(ChargeState::Closed),
            other => Err(GatewayError::Unknown(format!("the state {other} is unknown"))),
        }
    }

    fn refund_state(&self, refund_no: &str, told: Refund) -> Result<RefundState, GatewayError> {
        if told.out_refund_no != refund_no {
            return Err(GatewayError::Unknown("the answer is about something else".into()));
        }
        let provider_refund_id = told.refund_id;
        match told.status.as_str() {
            "SUCCESS" => {
                let (Some(amount), Some(At(refunded_at))) = (told.amount.money(), told.success_time) else {
                    return Err(GatewayError::Unknown("refunded, but not when or how much".into()));
                };
                Ok(RefundState::Succeeded { provider_refund_id, amount, refunded_at })
            }
            "PROCESSING" => Ok(RefundState::Processing { provider_refund_id }),
            "CLOSED" | "ABNORMAL" => Ok(RefundState::Failed { provider_refund_id, reason: told.status }),
            other => Err(GatewayError::Unknown(format!("the state {other} is unknown"))),
        }
    }

    /// What `wx.requestPayment` needs, signed by us.
    fn jsapi(&self, prepay_id: &str) -> PayAction {
        let (time_stamp, nonce_str) = (http::now_seconds(&*self.wire.clock).to_string(), nonce());
        let package = format!("prepay_id={prepay_id}");
        let message = format!("{}\n{time_stamp}\n{nonce_str}\n{package}\n", self.appid);
        PayAction::WeChatJsapi {
            app_id: self.appid.clone(),
            time_stamp,
            nonce_str,
            package,
            sign_type: "RSA".to_owned(),
            pay_sign: self.wire.key.sign(message.as_bytes()),
        }
    }

    /// Opens a notification: its signature first, then its seal.
    async fn opened(&self, headers: &[(String, String)], body: &[u8]) -> Result<(Event, Vec<u8>), NotificationRefused> {
        self.wire.verify(|name| http::one(headers, name), body).await?;
        let malformed = |error: &dyn std::fmt::Display| NotificationRefused::Malformed(error.to_string());
        let event: Event = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
        if event.resource.algorithm != "AEAD_AES_256_GCM" {
            return Err(malformed(&"sealed in an unknown way"));
        }
        let Event { resource, .. } = &event;
        let opened = open_gcm(&self.wire.api_v3_key, &resource.nonce, (&resource.associated_data, &resource.ciphertext))
            .map_err(|_| NotificationRefused::Malformed("the seal does not open".into()))?;
        Ok((event, opened))
    }
}

#[async_trait]
impl Gateway for WeChatPay {
    fn code(&self) -> &'static str {
        "wechat"
    }

    fn products(&self) -> &'static [PayProduct] {
        &[PayProduct::Jsapi, PayProduct::H5, PayProduct::Native]
    }

    fn takes(&self, currency: Currency) -> bool {
        currency == Currency::Cny
    }

    fn payer_scope(&self, product: PayProduct) -> Option<(&'static str, String)> {
        (product == PayProduct::Jsapi).then(|| ("wechat", self.appid.clone()))
    }

    async fn create(&self, charge: NewCharge) -> Result<ChargeCreated, GatewayError> {
        http::number(&charge.charge_no, 32)?;
        let mut asked = json!({
            "appid": self.appid,
            "mchid": self.wire.mchid,
            "description": http::shortened(&charge.description, 127),
            "out_trade_no": charge.charge_no,
            "time_expire": beijing(charge.expires_at),
            "notify_url": charge.notify_url,
            "amount": { "total": charge.amount.minor, "currency": crate::decimal::code(charge.amount.currency) },
        });
        let path = match charge.product {
            PayProduct::Jsapi => {
                asked["payer"] = json!({ "openid": charge.payer.as_deref().unwrap_or_default() });
                "jsapi"
            }
            PayProduct::H5 => {
                let ip = charge.client_ip.as_deref().unwrap_or("127.0.0.1");
                asked["scene_info"] = json!({ "payer_client_ip": ip, "h5_info": { "type": "Wap" } });
                "h5"
            }
            PayProduct::Native => "native",
            _ => {
                return Err(GatewayError::Refused {
                    code: "PRODUCT".into(),
                    message: "WeChat Pay offers JSAPI, H5 and Native here".into(),
                });
            }
        };
        let prepaid: Prepaid = self.ask(Method::POST, &format!("/v3/pay/transactions/{path}"), Some(asked)).await?.accepted()?;
        let missing = || GatewayError::Unknown("accepted, but not how to pay".into());
        let (id, action) = match charge.product {
            PayProduct::Jsapi => {
                let id = prepaid.prepay_id.ok_or_else(missing)?;
                let action = self.jsapi(&id);
                (id, action)
            }
            PayProduct::H5 => {
                let url = prepaid.h5_url.ok_or_else(missing)?;
                let back = charge.return_url.as_deref().map(|back| format!("&redirect_url={}", crate::alipay::escaped(back)));
                (String::new(), PayAction::Redirect(url + back.as_deref().unwrap_or_default()))
            }
            _ => (String::new(), PayAction::QrCode(prepaid.code_url.ok_or_else(missing)?)),
        };
        Ok(ChargeCreated { provider_charge_id: id, action })
    }

    async fn query(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        http::number(&charge.charge_no, 32)?;
        let path = format!("/v3/pay/transactions/out-trade-no/{}?mchid={}", charge.charge_no, self.wire.mchid);
        let said = self.ask(Method::GET, &path, None).await?;
        if !said.status.is_success() {
            let refused = said.refused();
            return match refused.code() {
                "ORDER_NOT_EXIST" | "ORDERNOTEXIST" | "RESOURCE_NOT_EXISTS" => Ok(ChargeState::Absent),
                _ => Err(refused.into_error()),
            };
        }
        self.state(&charge.charge_no, said.accepted()?)
    }

    async fn close(&self, charge: &ChargeRef) -> Result<ChargeState, GatewayError> {
        http::number(&charge.charge_no, 32)?;
        let path = format!("/v3/pay/transactions/out-trade-no/{}/close", charge.charge_no);
        let said = self.ask(Method::POST, &path, Some(json!({ "mchid": self.wire.mchid }))).await?;
        if said.status.is_success() {
            return Ok(ChargeState::Closed);
        }
        let refused = said.refused();
        match refused.code() {
            "ORDER_NOT_EXIST" | "ORDERNOTEXIST" | "RESOURCE_NOT_EXISTS" => Ok(ChargeState::Absent),
            "ORDER_CLOSED" | "ORDERCLOSED" => Ok(ChargeState::Closed),
            // Too late: the money is here.
            "ORDERPAID" | "ORDER_PAID" => self.query(charge).await,
            _ => Err(refused.into_error()),
        }
    }

    async fn refund(&self, refund: NewRefund) -> Result<RefundState, GatewayError> {
        http::number(&refund.refund_no, 64)?;
        http::number(&refund.charge_no, 32)?;
        let asked = json!({
            "out_trade_no": refund.charge_no,
            "out_refund_no": refund.refund_no,
            "reason": http::shortened(&refund.reason, 80),
            "notify_url": refund.notify_url,
            "amount": {
                "refund": refund.amount.minor,
                "total": refund.charged.minor,
                "currency": crate::decimal::code(refund.amount.currency),
            },
        });
        let told: Refund = self.ask(Method::POST, "/v3/refund/domestic/refunds", Some(asked)).await?.accepted()?;
        if told.out_trade_no != refund.charge_no || told.amount.money() != Some(refund.amount) {
            return Err(GatewayError::Unknown("the answer is about something else".into()));
        }
        self.refund_state(&refund.refund_no, told)
    }

    async fn query_refund(&self, refund: &RefundRef) -> Result<RefundState, GatewayError> {
        http::number(&refund.refund_no, 64)?;
        let said = self.ask(Method::GET, &format!("/v3/refund/domestic/refunds/{}", refund.refund_no), None).await?;
        if !said.status.is_success() {
            let refused = said.refused();
            return match refused.code() {
                "RESOURCE_NOT_EXISTS" => Ok(RefundState::Absent),
                _ => Err(refused.into_error()),
            };
        }
        self.refund_state(&refund.refund_no, said.accepted()?)
    }

    async fn verify_notification(&self, headers: &[(String, String)], body: &[u8]) -> Result<Notification, NotificationRefused> {
        let (event, opened) = self.opened(headers, body).await?;
        let malformed = |why: &str| NotificationRefused::Malformed(why.to_owned());
        let raw = String::from_utf8_lossy(&opened).into_owned();
        let told = Notification {
            event_id: event.id,
            kind: NotificationKind::Other,
            charge_no: String::new(),
            refund_no: None,
            provider_id: String::new(),
            amount: Money::zero(Currency::Cny),
            merchant: self.wire.mchid.clone(),
            happened_at: event.create_time.0,
            reason: None,
            raw,
        };
        match event.event_type.as_str() {
            "TRANSACTION.SUCCESS" => {
                let paid: Transaction = serde_json::from_slice(&opened).map_err(|error| malformed(&error.to_string()))?;
                if paid.mchid != self.wire.mchid {
                    return Err(NotificationRefused::ForeignMerchant);
                }
                if paid.trade_state != "SUCCESS" {
                    return Err(malformed("a success that is none"));
                }
                let amount = paid.amount.and_then(|amount| amount.money()).ok_or_else(|| malformed("paid, but not how much"))?;
                Ok(Notification {
                    kind: NotificationKind::ChargeSucceeded,
                    charge_no: paid.out_trade_no,
                    provider_id: paid.transaction_id.ok_or_else(|| malformed("paid, but by no transaction"))?,
                    amount,
                    happened_at: paid.success_time.map_or(told.happened_at, |at| at.0),
                    ..told
                })
            }
            // How it ended is asked for: the port has one way to say so.
            "MCHTRANSFER.BILL.FINISHED" => {
                let ended: TransferTold = serde_json::from_slice(&opened).map_err(|error| malformed(&error.to_string()))?;
                if ended.mch_id != self.wire.mchid {
                    return Err(NotificationRefused::ForeignMerchant);
                }
                Ok(Notification {
                    kind: NotificationKind::ChargeMoved,
                    charge_no: ended.out_bill_no,
                    provider_id: ended.transfer_bill_no,
                    amount: Money::new(ended.transfer_amount, Currency::Cny),
                    ..told
                })
            }
            "REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED" => {
                let back: RefundTold = serde_json::from_slice(&opened).map_err(|error| malformed(&error.to_string()))?;
                if back.mchid != self.wire.mchid {
                    return Err(NotificationRefused::ForeignMerchant);
                }
                let succeeded = back.refund_status == "SUCCESS";
                Ok(Notification {
                    kind: if succeeded { NotificationKind::RefundSucceeded } else { NotificationKind::RefundFailed },
                    charge_no: back.out_trade_no,
                    refund_no: Some(back.out_refund_no),
                    provider_id: back.refund_id,
                    amount: back.amount.money().ok_or_else(|| malformed("refunded in an unknown currency"))?,
                    happened_at: back.success_time.map_or(told.happened_at, |at| at.0),
                    reason: (!succeeded).then_some(back.refund_status),
                    ..told
                })
            }
            _ => Ok(told),
        }
    }

    fn acknowledgement(&self) -> Reply {
        Reply { status: 200, content_type: "application/json", body: r#"{"code":"SUCCESS","message":"成功"}"# }
    }

    fn rejection(&self) -> Option<Reply> {
        Some(Reply { status: 500, content_type: "application/json", body: r#"{"code":"FAIL","message":"失败"}"# })
    }

    async fn shipped(&self, goods: ShippedGoods) -> Result<(), GatewayError> {
        match &self.shipping {
            Some(reports) => reports.upload(&self.wire, &goods).await,
            None => Ok(()),
        }
    }

    fn payee_scope(&self) -> Option<(&'static str, String)> {
        Some(("wechat", self.appid.clone()))
    }

    async fn transfer(&self, transfer: NewTransfer) -> Result<TransferState, GatewayError> {
        self.ask_transfer(&transfer).await
    }

    async fn query_transfer(&self, transfer_no: &str) -> Result<TransferState, GatewayError> {
        self.ask_about_transfer(transfer_no).await
    }

    async fn bill(&self, day: &str) -> Result<Vec<u8>, GatewayError> {
        #[derive(serde::Deserialize)]
        struct Where {
            hash_value: String,
            download_url: String,
        }
        if day.len() != 10 || !day.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            return Err(GatewayError::Refused { code: "DAY".into(), message: "a day is written 2026-11-11".into() });
        }
        let said = self.ask(Method::GET, &format!("/v3/bill/tradebill?bill_date={day}&bill_type=ALL"), None).await?;
        let Where { hash_value, download_url } = said.accepted()?;
        let path = download_url.find("://").and_then(|i| download_url[i + 3..].find('/').map(|j| &download_url[i + 3 + j..]));
        let path = path.ok_or_else(|| GatewayError::Unknown("the bill has no address".into()))?;
        let request = self.wire.request(Method::GET, &download_url, path, String::new());
        let answer = http::send_up_to(request.timeout(kernel::minutes(2)), http::BILL_LIMIT).await?;
        let hash = hex::encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &answer.body));
        if !answer.status.is_success() || !hash.eq_ignore_ascii_case(&hash_value) {
            return Err(GatewayError::Unknown("the bill did not arrive whole".into()));
        }
        Ok(answer.body)
    }
}

/// RFC 3339 as WeChat writes it: Beijing's time, no fractions.
fn beijing(at: Timestamp) -> String {
    let zone = chrono::FixedOffset::east_opt(8 * 3600).expect("eight hours is an offset");
    let at = chrono::DateTime::from_timestamp_millis(at.0).unwrap_or(chrono::DateTime::UNIX_EPOCH);
    at.with_timezone(&zone).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

#[cfg(test)]
mod tests;
