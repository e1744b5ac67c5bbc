//! Alipay's gateway: one address, the method in a parameter, everything signed with RSA2.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Clock, Currency, Money, Timestamp, hours};
use serde_json::{Value, json};

use super::{
    desk::{ChargeStatus, Desk, DeskCharge, DeskRefund, Event, EventKind, Letter, No, RefundStatus, Said, Voice, front, plain, serve},
    rsa::{Owner, RsaKey},
};
use crate::{
    callbacks::CallbackPolicy,
    faults::{Operation, Tamper},
    protocol::random_hex,
};

/// What the merchant is told when it signs up.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The application.
    pub app_id: String,
    /// The seller.
    pub seller_id: String,
    /// The application's private key, PKCS#8 in base64.
    pub private_key: String,
    /// Alipay's public key, in base64.
    pub alipay_public_key: String,
}

struct Keys {
    app_id: String,
    seller_id: String,
    merchant: RsaKey,
    alipay: RsaKey,
}

/// The simulated provider. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Alipay {
    keys: Arc<Keys>,
    desk: Desk,
}

front!(Alipay);

type Params = BTreeMap<String, String>;

fn decoded(form: &str) -> Params {
    let plain = |text: &str| {
        let (bytes, mut out, mut at) = (text.as_bytes(), Vec::new(), 0);
        while at < bytes.len() {
            match bytes[at] {
                b'+' => out.push(b' '),
                b'%' => {
                    let hex = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
                    out.push(hex.unwrap_or(b'?'));
                    at += 2;
                }
                byte => out.push(byte),
            }
            at += 1;
        }
        String::from_utf8_lossy(&out).into_owned()
    };
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (plain(name), plain(value))).filter(|(_, value)| !value.is_empty()).collect()
}

fn encoded(params: &Params) -> String {
    let escape = |text: &str| {
        text.bytes()
            .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect::<String>()
    };
    params.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect::<Vec<_>>().join("&")
}

fn signed_text(params: &Params, without: &[&str]) -> String {
    let kept = params.iter().filter(|(name, _)| !without.contains(&name.as_str()));
    kept.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn yuan(money: Money) -> String {
    format!("{}.{:02}", money.minor / 100, money.minor % 100)
}

fn cents(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.')?;
    (fraction.len() == 2 && !whole.is_empty()).then_some(())?;
    format!("{whole}{fraction}").parse().ok().filter(|minor| *minor > 0)
}

fn beijing(at: Timestamp) -> String {
    (at + hours(8)).to_rfc3339()[..19].replace('T', " ")
}

fn instant(text: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(&format!("{}+08:00", text.replace(' ', "T")))
}

impl Voice for Arc<Keys> {
    fn write(&self, event: &Event, tamper: Option<&Tamper>, now: Timestamp) -> Option<Letter> {
        let charge = &event.charge;
        let mut params = Params::new();
        let mut set = |name: &str, value: String| params.insert(name.to_owned(), value);
        let amount = if let Some(Tamper::Amount(other)) = tamper { Money::new(*other, Currency::Cny) } else { charge.amount };
        set("notify_time", beijing(now));
        set("notify_type", "trade_status_sync".to_owned());
        set("notify_id", event.id.clone());
        set("charset", "utf-8".to_owned());
        set("version", "1.0".to_owned());
        set("sign_type", "RSA2".to_owned());
        set("app_id", if let Some(Tamper::Merchant(other)) = tamper { other.clone() } else { self.app_id.clone() });
        set("auth_app_id", self.app_id.clone());
        set("seller_id", self.seller_id.clone());
        set("trade_no", charge.paid_by.clone());
        set("out_trade_no", if let Some(Tamper::ChargeNo(other)) = tamper { other.clone() } else { charge.no.clone() });
        set("total_amount", yuan(amount));
        set("receipt_amount", yuan(amount));
        set("buyer_id", "2088102534368455".to_owned());
        set("subject", "裂变 拼团 & 茶".to_owned());
        set("gmt_create", beijing(charge.created_at));
        if let Some(paid_at) = charge.paid_at {
            set("gmt_payment", beijing(paid_at));
            set("fund_bill_list", json!([{ "amount": yuan(amount), "fundChannel": "ALIPAYACCOUNT" }]).to_string());
        }
        let status = match (event.kind, &event.refund) {
            (EventKind::Paid, _) => "TRADE_SUCCESS",
            (EventKind::Closed, _) => "TRADE_CLOSED",
            (EventKind::RefundEnded, Some(refund)) if refund.status == RefundStatus::Back => {
                set("out_biz_no", refund.no.clone());
                set("refund_fee", yuan(refund.amount));
                set("gmt_refund", format!("{}.123", beijing(event.at)));
                if refund.amount == charge.amount { "TRADE_CLOSED" } else { "TRADE_SUCCESS" }
            }
            _ => return None,
        };
        set("trade_status", status.to_owned());
        let stranger = (tamper == Some(&Tamper::UnknownKey)).then(|| RsaKey::of(Owner::Stranger));
        let mut signature = stranger.as_ref().unwrap_or(&self.alipay).sign_base64(signed_text(&params, &["sign", "sign_type"]).as_bytes());
        if matches!(tamper, Some(Tamper::Signature | Tamper::Stale | Tamper::Currency(_))) {
            signature = STANDARD.encode([7_u8; 256]);
        }
        params.insert("sign".to_owned(), signature);
        let headers = vec![("Content-Type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
        Some(Letter { url: charge.notify_url.clone(), headers, body: encoded(&params).into_bytes() })
    }

    /// Exactly these seven letters.
    fn is_heard(&self, status: u16, body: &str) -> bool {
        status == 200 && body == "success"
    }
}

impl Alipay {
    /// A provider with one merchant, and what that merchant is told.
    pub fn open((clock, callbacks): (Arc<dyn Clock>, CallbackPolicy)) -> (Self, Credentials) {
        let keys = Arc::new(Keys {
            app_id: "2021001161683774".to_owned(),
            seller_id: "2088531891668739".to_owned(),
            merchant: RsaKey::of(Owner::AlipayMerchant),
            alipay: RsaKey::of(Owner::Alipay),
        });
        let credentials = Credentials {
            app_id: keys.app_id.clone(),
            seller_id: keys.seller_id.clone(),
            private_key: keys.merchant.private(),
            alipay_public_key: keys.alipay.public(),
        };
        (Self { desk: Desk::new(clock, callbacks, Arc::clone(&keys)), keys }, credentials)
    }

    fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The shopper pays with what the device was handed: an address or an order string (which makes the trade), a code, or
    /// a trade number. False: it takes no money.
    pub fn shopper_pays(&self, handed: &str) -> bool {
        if handed.contains("biz_content=") {
            let params = decoded(handed.split_once('?').map_or(handed, |(_, query)| query));
            let trade = self.admitted(&params).and_then(|(method, content)| {
                let allowed = ["alipay.trade.wap.pay", "alipay.trade.page.pay", "alipay.trade.app.pay"].contains(&method.as_str());
                if allowed { self.trade(&method, &content, &params) } else { Err(business("isv.invalid-method", "not a page")) }
            });
            return trade.is_ok_and(|charge| self.desk.pay(&charge.no).is_ok());
        }
        let charge = self.desk.charge_by(|charge| handed.contains(&charge.id) || handed.contains(&charge.paid_by));
        charge.is_some_and(|charge| self.desk.pay(&charge.no).is_ok())
    }

    /// Proves the caller; the method and what it is about.
    fn admitted(&self, params: &Params) -> Result<(String, Value), Value> {
        let get = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
        let wrong =
            |code: &str, message: &str| json!({ "code": "40002", "msg": "Invalid Arguments", "sub_code": code, "sub_msg": message });
        if get("app_id") != self.keys.app_id {
            return Err(wrong("isv.invalid-app-id", "无效的AppID参数"));
        }
        for (name, value) in [("charset", "utf-8"), ("sign_type", "RSA2"), ("version", "1.0"), ("format", "JSON")] {
            if get(name) != value {
                return Err(wrong("isv.invalid-parameter", name));
            }
        }
        let at = instant(get("timestamp")).ok_or_else(|| wrong("isv.invalid-timestamp", "非法的时间戳参数"))?;
        if (at.0 - self.desk.now().0).abs() > 15 * 60_000 {
            return Err(wrong("isv.invalid-timestamp", "非法的时间戳参数"));
        }
        if !self.keys.merchant.verifies(signed_text(params, &["sign"]).as_bytes(), get("sign")) {
            return Err(wrong("isv.invalid-signature", "无效签名"));
        }
        let content: Value = serde_json::from_str(get("biz_content")).map_err(|_| wrong("isv.invalid-parameter", "biz_content"))?;
        Ok((get("method").to_owned(), content))
    }

    /// Makes the trade, or finds it.
    fn trade(&self, method: &str, content: &Value, params: &Params) -> Result<DeskCharge, Value> {
        let names = ["out_trade_no", "total_amount", "subject", "time_expire", "product_code", "buyer_id", "buyer_open_id", "op_app_id"];
        only(content, &names)?;
        let no = number(content, "out_trade_no")?;
        let amount = content["total_amount"].as_str().and_then(cents).ok_or_else(|| business("ACQ.INVALID_PARAMETER", "total_amount"))?;
        let subject = content["subject"].as_str().unwrap_or_default();
        if subject.is_empty() || subject.len() > 256 || subject.contains(['/', '=', '&']) {
            return Err(business("ACQ.INVALID_PARAMETER", "subject"));
        }
        let expires_at = content["time_expire"].as_str().and_then(instant);
        let expires_at = expires_at.ok_or_else(|| business("ACQ.INVALID_PARAMETER", "time_expire"))?;
        let product = match method {
            "alipay.trade.wap.pay" => "QUICK_WAP_WAY",
            "alipay.trade.page.pay" => "FAST_INSTANT_TRADE_PAY",
            "alipay.trade.app.pay" => "QUICK_MSECURITY_PAY",
            "alipay.trade.create" => "JSAPI_PAY",
            _ => "",
        };
        if content["product_code"].as_str().unwrap_or_default() != product {
            return Err(business("ACQ.INVALID_PARAMETER", "product_code"));
        }
        let buyer = content["buyer_id"].as_str().or(content["buyer_open_id"].as_str()).unwrap_or_default();
        if product == "JSAPI_PAY" && buyer.len() < 16 {
            return Err(business("ACQ.INVALID_PARAMETER", "buyer_id"));
        }
        let notify_url = params.get("notify_url").filter(|url| url.starts_with("http"));
        let notify_url = notify_url.ok_or_else(|| business("ACQ.INVALID_PARAMETER", "notify_url"))?;
        let charge = DeskCharge {
            no,
            id: format!("bax{}", random_hex::<8>()),
            paid_by: format!("20251111220014{}", random_hex::<7>()),
            amount: Money::new(amount, Currency::Cny),
            asked: content.to_string(),
            notify_url: notify_url.clone(),
            status: ChargeStatus::Pending,
            expires_at: Some(expires_at),
            paid_at: None,
            created_at: self.desk.now(),
        };
        self.desk.open_charge(charge).map_err(|no| match no {
            No::Paid => business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付"),
            No::Closed => business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"),
            _ => business("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"),
        })
    }

    fn work(&self, params: &Params, method: &str, content: &Value) -> Result<Value, Value> {
        let ok = |mut more: Value| {
            more["code"] = json!("10000");
            more["msg"] = json!("Success");
            more
        };
        let gone = || business("ACQ.TRADE_NOT_EXIST", "交易不存在");
        match method {
            "alipay.trade.precreate" => {
                let charge = self.trade(method, content, params)?;
                // The trade exists for the merchant only once it is scanned; the code is all there is.
                Ok(ok(json!({ "out_trade_no": charge.no, "qr_code": format!("https://qr.alipay.com/{}", charge.id) })))
            }
            "alipay.trade.create" => {
                let charge = self.trade(method, content, params)?;
                Ok(ok(json!({ "out_trade_no": charge.no, "trade_no": charge.paid_by })))
            }
            "alipay.trade.query" => {
                only(content, &["out_trade_no"])?;
                let charge = self.desk.charge(&number(content, "out_trade_no")?).ok_or_else(gone)?;
                let back: i64 =
                    self.desk.refunds_of(&charge.no).iter().filter(|r| r.status == RefundStatus::Back).map(|r| r.amount.minor).sum();
                let status = match charge.status {
                    ChargeStatus::Paid if back < charge.amount.minor => "TRADE_SUCCESS",
                    ChargeStatus::Paid | ChargeStatus::Closed => "TRADE_CLOSED",
                    _ => "WAIT_BUYER_PAY",
                };
                let mut told = json!({ "out_trade_no": charge.no, "trade_no": charge.paid_by, "trade_status": status,
                    "total_amount": yuan(charge.amount), "buyer_logon_id": "xud***@126.com" });
                if let Some(paid_at) = charge.paid_at {
                    told["send_pay_date"] = json!(beijing(paid_at));
                }
                Ok(ok(told))
            }
            "alipay.trade.close" => {
                only(content, &["out_trade_no"])?;
                let no = number(content, "out_trade_no")?;
                match self.desk.close(&no) {
                    Ok(charge) => Ok(ok(json!({ "out_trade_no": charge.no, "trade_no": charge.paid_by }))),
                    Err(No::Unknown) => Err(gone()),
                    Err(_) => Err(business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")),
                }
            }
            "alipay.trade.refund" => {
                only(content, &["out_trade_no", "out_request_no", "refund_amount", "refund_reason"])?;
                let (charge_no, no) = (number(content, "out_trade_no")?, number(content, "out_request_no")?);
                let amount =
                    content["refund_amount"].as_str().and_then(cents).ok_or_else(|| business("ACQ.INVALID_PARAMETER", "refund_amount"))?;
                let charge = self.desk.charge(&charge_no).ok_or_else(gone)?;
                let known = self.desk.refund(&no);
                let refund = DeskRefund {
                    no,
                    charge_no,
                    id: random_hex::<14>(),
                    amount: Money::new(amount, Currency::Cny),
                    notify_url: charge.notify_url.clone(),
                    status: RefundStatus::Processing,
                    created_at: self.desk.now(),
                    ended_at: None,
                };
                let refund = self.desk.open_refund(refund).map_err(|no| match no {
                    No::NotPaid => business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法"),
                    No::TooMuch => business("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"),
                    _ => business("ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求"),
                })?;
                if let RefundStatus::Failed(reason) = &refund.status {
                    return Err(business("ACQ.TRADE_NOT_ALLOW_REFUND", reason));
                }
                // The sum of all refunds, not this one; and whether money moved by this very call.
                let all: i64 =
                    self.desk.refunds_of(&charge.no).iter().filter(|r| r.status == RefundStatus::Back).map(|r| r.amount.minor).sum();
                let moved = known.is_none() && refund.status == RefundStatus::Back;
                Ok(ok(json!({ "out_trade_no": charge.no, "trade_no": charge.paid_by, "fund_change": if moved { "Y" } else { "N" },
                    "refund_fee": yuan(Money::new(all, Currency::Cny)) })))
            }
            "alipay.trade.fastpay.refund.query" => {
                only(content, &["out_trade_no", "out_request_no", "query_options"])?;
                let (charge_no, no) = (number(content, "out_trade_no")?, number(content, "out_request_no")?);
                let charge = self.desk.charge(&charge_no).ok_or_else(gone)?;
                let Some(refund) = self.desk.refund(&no) else { return Ok(ok(json!({}))) };
                let mut told = json!({ "out_trade_no": charge.no, "trade_no": charge.paid_by, "out_request_no": refund.no,
                    "total_amount": yuan(charge.amount), "refund_amount": yuan(refund.amount) });
                if refund.status == RefundStatus::Back {
                    told["refund_status"] = json!("REFUND_SUCCESS");
                    told["gmt_refund_pay"] = json!(refund.ended_at.map(beijing));
                }
                Ok(ok(told))
            }
            _ => Err(json!({ "code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-method", "sub_msg": "不存在的方法名" })),
        }
    }
}

fn business(code: &str, message: &str) -> Value {
    json!({ "code": "40004", "msg": "Business Failed", "sub_code": code, "sub_msg": message })
}

/// Letters, digits, underscores.
fn number(content: &Value, name: &str) -> Result<String, Value> {
    let found = content[name].as_str().unwrap_or_default();
    let fits = (1..=64).contains(&found.len()) && found.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if fits { Ok(found.to_owned()) } else { Err(business("ACQ.INVALID_PARAMETER", name)) }
}

fn only(content: &Value, names: &[&str]) -> Result<(), Value> {
    let unknown = content.as_object().and_then(|object| object.keys().find(|key| !names.contains(&key.as_str())));
    unknown.map_or(Ok(()), |name| Err(business("ACQ.INVALID_PARAMETER", name)))
}

/// The gateway at `/gateway.do`, the shopper's phone at `/shopper/pay`.
pub fn router(provider: Alipay) -> Router {
    Router::new().route("/gateway.do", post(call)).route("/gateway.do", get(page)).route("/shopper/pay", post(shopper)).with_state(provider)
}

async fn call(State(provider): State<Alipay>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let form = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !form.starts_with("application/x-www-form-urlencoded") || !parts.uri.query().unwrap_or_default().contains("charset=utf-8") {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let Ok(body) = to_bytes(body, 64 * 1024).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let params = decoded(&String::from_utf8_lossy(&body));
    let method = params.get("method").cloned().unwrap_or_default();
    let name = format!("{}_response", method.replace('.', "_"));
    let keys = Arc::clone(&provider.keys);
    let wrapped = move |inner: &Value, forged: bool| {
        let inner = inner.to_string();
        let signature = if forged { STANDARD.encode([7_u8; 256]) } else { keys.alipay.sign_base64(inner.as_bytes()) };
        // The answer's members stand in any order, and spaces are Alipay's to choose.
        Said { status: 200, body: format!("{{\"{name}\":{inner},\"sign\":\"{signature}\"}}").into_bytes() }
    };
    let content = match provider.admitted(&params) {
        Ok((_, content)) => content,
        Err(wrong) => return plain(wrapped(&wrong, false)),
    };
    let operation = match method.as_str() {
        "alipay.trade.query" => Operation::QueryCharge,
        "alipay.trade.close" => Operation::CloseCharge,
        "alipay.trade.refund" => Operation::CreateRefund,
        "alipay.trade.fastpay.refund.query" => Operation::QueryRefund,
        _ => Operation::CreateCharge,
    };
    let busy = json!({ "code": "40004", "msg": "Business Failed", "sub_code": "isv.app-call-limited", "sub_msg": "应用调用次数超限" });
    let desk = provider.desk.clone();
    let finish = |said: Said, forged: bool| {
        let inner: Value = serde_json::from_slice(&said.body).unwrap_or_default();
        plain(wrapped(&inner, forged))
    };
    serve(&desk, operation, (Said::json(200, &busy), finish), async move {
        Said::json(200, &provider.work(&params, &method, &content).unwrap_or_else(|refused| refused))
    })
    .await
}

/// Where the address of a page leads.
async fn page(State(provider): State<Alipay>, request: Request) -> Response {
    let params = decoded(request.uri().query().unwrap_or_default());
    match provider.admitted(&params).and_then(|(method, content)| provider.trade(&method, &content, &params)) {
        Ok(charge) => format!("Alipay (sandbox): {} — POST {} to /shopper/pay", charge.amount, charge.id).into_response(),
        Err(refused) => (StatusCode::BAD_REQUEST, refused.to_string()).into_response(),
    }
}

async fn shopper(State(provider): State<Alipay>, body: String) -> StatusCode {
    if provider.shopper_pays(&body) { StatusCode::NO_CONTENT } else { StatusCode::CONFLICT }
}
