//! WeChat Pay v3: charges, refunds, certificates, transfers, bills; and the two calls of the mini-program API that a
//! shipping upload needs.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    digest,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{OriginalUri, Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Clock, Currency, Money, Timestamp, days};
use serde_json::{Value, json};

use super::{
    certificate,
    desk::{ChargeStatus, Desk, DeskCharge, DeskRefund, Event, EventKind, Letter, No, RefundStatus, Said, Voice, front, serve},
    rsa::{Owner, RsaKey},
};
use crate::{
    callbacks::CallbackPolicy,
    faults::{Operation, Tamper},
    protocol::random_hex,
};

/// How answers and reports are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// By a platform certificate, to be downloaded.
    Certificates,
    /// By the merchant's WeChat Pay public key.
    PublicKey,
}

/// What the merchant is told when it signs up.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The merchant.
    pub mchid: String,
    /// The mini-program.
    pub appid: String,
    /// Its secret.
    pub app_secret: String,
    /// The serial of the merchant's API certificate.
    pub serial: String,
    /// The merchant's private key, PKCS#8 in base64.
    pub private_key: String,
    /// The APIv3 key.
    pub api_v3_key: String,
    /// The id and the key of the public-key mode.
    pub public_key: Option<(String, String)>,
}

struct PlatformKey {
    serial: String,
    key: RsaKey,
    certificate: String,
}

struct Keys {
    merchant: RsaKey,
    mchid: String,
    appid: String,
    app_secret: String,
    serial: String,
    api_v3_key: String,
    trust: Trust,
    /// The last one signs.
    platform: Mutex<Vec<Arc<PlatformKey>>>,
    clock: Arc<dyn Clock>,
}

/// A signed report: headers and body.
pub type Report = (Vec<(String, String)>, Vec<u8>);

/// A transfer in the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The merchant's number.
    pub no: String,
    /// The payee.
    pub openid: String,
    /// The payee's name, as it was unsealed.
    pub name: Option<String>,
    /// How much, in cents.
    pub amount: i64,
    /// `WAIT_USER_CONFIRM`, `SUCCESS`, `CANCELLED` …
    pub state: String,
    asked: String,
    notify_url: String,
}

/// The simulated provider. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct WeChatPay {
    keys: Arc<Keys>,
    desk: Desk,
    public_url: String,
    nonces: Arc<Mutex<BTreeSet<String>>>,
    transfers: Arc<Mutex<BTreeMap<String, Transfer>>>,
    shipments: Arc<Mutex<Vec<Value>>>,
    tokens: Arc<Mutex<Vec<String>>>,
}

front!(WeChatPay);

const PUBLIC_KEY: &str = "PUB_KEY_ID_0110000000012025111100000000000001";

impl Keys {
    fn signer(&self) -> Arc<PlatformKey> {
        let platform = self.platform.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(platform.last().expect("there is always one"))
    }

    /// The headers of what WeChat signs.
    fn headers(&self, body: &[u8], (now, tamper): (Timestamp, Option<&Tamper>)) -> Vec<(String, String)> {
        let mut seconds = now.0.div_euclid(1000);
        if tamper == Some(&Tamper::Stale) {
            seconds -= 3600;
        }
        let (nonce, signer) = (random_hex::<16>(), self.signer());
        let message = [format!("{seconds}\n{nonce}\n").as_bytes(), body, b"\n"].concat();
        let (mut serial, mut signature) = (signer.serial.clone(), signer.key.sign_base64(&message));
        match tamper {
            Some(Tamper::Signature) => signature = STANDARD.encode([7_u8; 256]),
            Some(Tamper::UnknownKey) => {
                serial = "DEADBEEF".to_owned();
                signature = RsaKey::of(Owner::Stranger).sign_base64(&message);
            }
            _ => {}
        }
        vec![
            ("Wechatpay-Timestamp".to_owned(), seconds.to_string()),
            ("Wechatpay-Nonce".to_owned(), nonce),
            ("Wechatpay-Serial".to_owned(), serial),
            ("Wechatpay-Signature".to_owned(), signature),
        ]
    }

    fn seal(&self, text: &str, associated: &str) -> (String, String) {
        let nonce = random_hex::<6>();
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, self.api_v3_key.as_bytes()).expect("32 bytes"));
        let mut sealed = text.as_bytes().to_vec();
        let unique = Nonce::try_assume_unique_for_key(nonce.as_bytes()).expect("12 bytes");
        key.seal_in_place_append_tag(unique, Aad::from(associated.as_bytes()), &mut sealed).expect("a short text");
        (nonce, STANDARD.encode(sealed))
    }

    /// A report: sealed, then signed.
    fn report(&self, (id, at): (&str, Timestamp), event_type: &str, inside: &Value, tamper: Option<&Tamper>) -> Report {
        let (nonce, ciphertext) = self.seal(&inside.to_string(), "transaction");
        let body = json!({
            "id": id,
            "create_time": beijing(at),
            "resource_type": "encrypt-resource",
            "event_type": event_type,
            "summary": "支付成功",
            "resource": {
                "original_type": "transaction",
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": ciphertext,
                "associated_data": "transaction",
                "nonce": nonce,
            },
        });
        let body = body.to_string().into_bytes();
        let mut headers = self.headers(&body, (self.clock.now(), tamper));
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        (headers, body)
    }
}

impl Voice for Arc<Keys> {
    fn write(&self, event: &Event, tamper: Option<&Tamper>, _: Timestamp) -> Option<Letter> {
        let mchid = if let Some(Tamper::Merchant(other)) = tamper { other } else { &self.mchid };
        let charge_no = if let Some(Tamper::ChargeNo(other)) = tamper { other } else { &event.charge.no };
        let currency = if let Some(Tamper::Currency(other)) = tamper { *other } else { event.charge.amount.currency };
        let currency = format!("{currency:?}").to_uppercase();
        let changed = |minor: i64| if let Some(Tamper::Amount(other)) = tamper { *other } else { minor };
        let (event_type, inside) = match (event.kind, &event.refund) {
            (EventKind::Paid, _) => {
                let total = changed(event.charge.amount.minor);
                let inside = json!({
                    "mchid": mchid, "appid": self.appid, "out_trade_no": charge_no, "transaction_id": event.charge.paid_by,
                    "trade_type": "JSAPI", "trade_state": "SUCCESS", "trade_state_desc": "支付成功", "bank_type": "CMC",
                    "success_time": beijing(event.at), "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
                    "amount": { "total": total, "payer_total": total, "currency": currency, "payer_currency": currency },
                });
                ("TRANSACTION.SUCCESS", inside)
            }
            (EventKind::RefundEnded, Some(refund)) => {
                let (event_type, status) = match refund.status {
                    RefundStatus::Failed(_) => ("REFUND.ABNORMAL", "ABNORMAL"),
                    _ => ("REFUND.SUCCESS", "SUCCESS"),
                };
                let back = changed(refund.amount.minor);
                let inside = json!({
                    "mchid": mchid, "out_trade_no": charge_no, "transaction_id": event.charge.paid_by,
                    "out_refund_no": refund.no, "refund_id": refund.id, "refund_status": status,
                    "success_time": beijing(event.at), "user_received_account": "支付用户零钱",
                    "amount": { "total": event.charge.amount.minor, "refund": back, "payer_total": event.charge.amount.minor, "payer_refund": back },
                });
                (event_type, inside)
            }
            // WeChat reports no closing.
            _ => return None,
        };
        let (headers, body) = self.report((&event.id, event.at), event_type, &inside, tamper);
        let url = event.refund.as_ref().map_or(&event.charge.notify_url, |refund| &refund.notify_url).clone();
        Some(Letter { url, headers, body })
    }

    fn is_heard(&self, status: u16, _: &str) -> bool {
        status == 200 || status == 204
    }
}

fn beijing(at: Timestamp) -> String {
    // Eight hours ahead, written as such.
    let local = (at + kernel::hours(8)).to_rfc3339();
    format!("{}+08:00", &local[..19])
}

impl WeChatPay {
    /// A provider with one merchant, and what that merchant is told. `public_url` is where [`router`] is mounted.
    pub fn open(public_url: impl Into<String>, (clock, callbacks, trust): (Arc<dyn Clock>, CallbackPolicy, Trust)) -> (Self, Credentials) {
        let merchant = RsaKey::of(Owner::WeChatMerchant);
        let keys = Keys {
            mchid: "1900000109".to_owned(),
            appid: "wxd678efh567hg6787".to_owned(),
            app_secret: random_hex::<16>(),
            serial: random_hex::<20>().to_uppercase(),
            api_v3_key: random_hex::<16>(),
            platform: Mutex::new(vec![platform_key(RsaKey::of(Owner::WeChatPlatform), (&*clock, trust))]),
            merchant,
            trust,
            clock: Arc::clone(&clock),
        };
        let credentials = Credentials {
            mchid: keys.mchid.clone(),
            appid: keys.appid.clone(),
            app_secret: keys.app_secret.clone(),
            serial: keys.serial.clone(),
            private_key: keys.merchant.private(),
            api_v3_key: keys.api_v3_key.clone(),
            public_key: (trust == Trust::PublicKey).then(|| (PUBLIC_KEY.to_owned(), keys.signer().key.public())),
        };
        let keys = Arc::new(keys);
        let desk = Desk::new(clock, callbacks, Arc::clone(&keys));
        let provider = Self {
            keys,
            desk,
            public_url: public_url.into(),
            nonces: Arc::default(),
            transfers: Arc::default(),
            shipments: Arc::default(),
            tokens: Arc::default(),
        };
        (provider, credentials)
    }

    fn desk(&self) -> &Desk {
        &self.desk
    }

    /// A new platform certificate signs from now on; the old one stays on the list.
    pub fn rotate_certificate(&self) {
        let fresh = platform_key(RsaKey::generate(), (&*self.keys.clock, self.keys.trust));
        self.keys.platform.lock().unwrap_or_else(PoisonError::into_inner).push(fresh);
    }

    /// What was told about shipments.
    pub fn shipments(&self) -> Vec<Value> {
        self.shipments.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All access tokens are void from now on.
    pub fn forget_tokens(&self) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The transfers, by number.
    pub fn transfers(&self) -> Vec<Transfer> {
        self.transfers.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The payee confirms a transfer: the report WeChat sends, to be posted by the test.
    pub fn confirm_transfer(&self, no: &str) -> Option<Report> {
        let mut transfers = self.transfers.lock().unwrap_or_else(PoisonError::into_inner);
        let transfer = transfers.get_mut(no).filter(|transfer| transfer.state == "WAIT_USER_CONFIRM")?;
        transfer.state = "SUCCESS".to_owned();
        let inside = json!({
            "out_bill_no": transfer.no, "transfer_bill_no": format!("13300{}", transfer.no), "state": "SUCCESS",
            "mch_id": self.keys.mchid, "transfer_amount": transfer.amount, "openid": transfer.openid,
            "create_time": beijing(self.desk.now()), "update_time": beijing(self.desk.now()),
        });
        Some(self.keys.report((&random_hex::<16>(), self.desk.now()), "MCHTRANSFER.BILL.FINISHED", &inside, None))
    }

    /// The shopper pays with what the device was handed: an H5 address, a code, or `prepay_id=…`. False: it takes no money.
    pub fn shopper_pays(&self, handed: &str) -> bool {
        let charge = self.desk.charge_by(|charge| handed.contains(&charge.id));
        charge.is_some_and(|charge| self.desk.pay(&charge.no).is_ok())
    }

    fn answer(&self, said: Said, forged: bool) -> Response {
        let tamper = forged.then_some(Tamper::Signature);
        let mut response = Response::builder().status(said.status).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in self.keys.headers(&said.body, (self.desk.now(), tamper.as_ref())) {
            response = response.header(name, value);
        }
        response.body(Body::from(said.body)).expect("base64 and digits are header values")
    }
}

fn platform_key(key: RsaKey, (clock, trust): (&dyn Clock, Trust)) -> Arc<PlatformKey> {
    let mut serial = [0_u8; 20];
    aws_lc_rs::rand::fill(&mut serial).expect("the system's randomness does not fail");
    serial[0] = 0x5D;
    let now = clock.now();
    let certificate = certificate::pem(&key, &serial, (now - days(1), now + days(5 * 365)));
    let serial = if trust == Trust::PublicKey { PUBLIC_KEY.to_owned() } else { hex::encode_upper(serial) };
    Arc::new(PlatformKey { serial, key, certificate })
}

/// The pay API below `/v3`, the mini-program API below `/cgi-bin` and `/wxa`, the shopper's phone at `/shopper/pay`.
pub fn router(provider: WeChatPay) -> Router {
    Router::new()
        .route("/v3/pay/transactions/{product}", post(create))
        .route("/v3/pay/transactions/out-trade-no/{no}", get(query))
        .route("/v3/pay/transactions/out-trade-no/{no}/close", post(close))
        .route("/v3/refund/domestic/refunds", post(refund))
        .route("/v3/refund/domestic/refunds/{no}", get(query_refund))
        .route("/v3/certificates", get(certificates))
        .route("/v3/bill/tradebill", get(bill))
        .route("/v3/billdownload/file", get(bill_file))
        .route("/v3/fund-app/mch-transfer/transfer-bills", post(transfer))
        .route("/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{no}", get(query_transfer))
        .route("/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{no}/cancel", post(cancel_transfer))
        .route("/cgi-bin/stable_token", post(token))
        .route("/wxa/sec/order/upload_shipping_info", post(shipping))
        .route("/shopper/pay", post(shopper))
        .route("/pay/{id}", get(page))
        .with_state(provider)
}

fn wrong(status: u16, code: &str, message: &str) -> Said {
    Said::json(status, &json!({ "code": code, "message": message }))
}

/// Proves the caller and hands out the body, as text and as JSON.
async fn admitted(provider: &WeChatPay, request: Request) -> Result<(HeaderMap, Value, String), Said> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 64 * 1024).await.map_err(|_| wrong(400, "PARAM_ERROR", "the body is too long"))?;
    let body = String::from_utf8(body.to_vec()).map_err(|_| wrong(400, "PARAM_ERROR", "the body is not UTF-8"))?;
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
    let whole = uri.path_and_query().map_or("/", |path| path.as_str());
    // What is signed begins where the real host's paths begin, wherever this one is mounted.
    let path = &whole[whole.find("/v3/").unwrap_or(0)..];
    let unsigned = |message: &str| wrong(401, "SIGN_ERROR", message);
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if text("accept") != Some("application/json") || text("user-agent").is_none_or(str::is_empty) {
        return Err(wrong(400, "PARAM_ERROR", "Accept and User-Agent are needed"));
    }
    let authorization = text("authorization").and_then(|value| value.strip_prefix("WECHATPAY2-SHA256-RSA2048 "));
    let authorization = authorization.ok_or_else(|| unsigned("Authorization is missing"))?;
    let mut fields = BTreeMap::new();
    for part in authorization.split(',') {
        let (name, value) = part.split_once('=').ok_or_else(|| unsigned("Authorization does not read"))?;
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        fields.insert(name, value.ok_or_else(|| unsigned("Authorization does not read"))?);
    }
    let field = |name: &str| fields.get(name).copied().ok_or_else(|| unsigned("a field of Authorization is missing"));
    let (mchid, nonce, timestamp) = (field("mchid")?, field("nonce_str")?, field("timestamp")?);
    let (serial, signature) = (field("serial_no")?, field("signature")?);
    let keys = &provider.keys;
    if mchid != keys.mchid || serial != keys.serial {
        return Err(unsigned("an unknown merchant or certificate"));
    }
    let seconds: i64 = timestamp.parse().map_err(|_| unsigned("the timestamp does not read"))?;
    if (seconds - provider.desk.now().0.div_euclid(1000)).abs() > 300 {
        return Err(unsigned("the timestamp is more than five minutes off"));
    }
    let method = parts.method.as_str();
    if !keys.merchant.verifies(format!("{method}\n{path}\n{timestamp}\n{nonce}\n{body}\n").as_bytes(), signature) {
        return Err(unsigned("the signature does not fit"));
    }
    if !provider.nonces.lock().unwrap_or_else(PoisonError::into_inner).insert(nonce.to_owned()) {
        return Err(unsigned("this chance was used before"));
    }
    if keys.trust == Trust::PublicKey && text("wechatpay-serial") != Some(PUBLIC_KEY) {
        return Err(wrong(400, "PARAM_ERROR", "Wechatpay-Serial names no public key of this merchant"));
    }
    let json = if body.is_empty() {
        Value::Null
    } else if text("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        serde_json::from_str(&body).map_err(|_| wrong(400, "PARAM_ERROR", "the body is not JSON"))?
    } else {
        return Err(wrong(400, "PARAM_ERROR", "Content-Type must be application/json"));
    };
    Ok((parts.headers, json, body))
}

/// Admits, works, signs.
async fn answered(
    provider: WeChatPay,
    (operation, request): (Operation, Request),
    work: impl FnOnce(&WeChatPay, Value) -> Result<Said, Said>,
) -> Response {
    let (_, json, _) = match admitted(&provider, request).await {
        Ok(admitted) => admitted,
        Err(said) => return provider.answer(said, false),
    };
    let busy = wrong(429, "FREQUENCY_LIMITED", "too often");
    let desk = provider.desk.clone();
    let by = provider.clone();
    serve(&desk, operation, (busy, move |said, forged| provider.answer(said, forged)), async move {
        work(&by, json).unwrap_or_else(|said| said)
    })
    .await
}

fn param(message: &str) -> Said {
    wrong(400, "PARAM_ERROR", message)
}

/// A text of so many bytes.
fn text<'v>(json: &'v Value, (name, least, most): (&str, usize, usize)) -> Result<&'v str, Said> {
    let found = json.pointer(&format!("/{}", name.replace('.', "/"))).and_then(Value::as_str);
    found.filter(|text| (least..=most).contains(&text.len())).ok_or_else(|| param(&format!("{name} is {least} to {most} bytes of text")))
}

fn cents(json: &Value, name: &str) -> Result<i64, Said> {
    json["amount"][name].as_i64().filter(|minor| *minor > 0).ok_or_else(|| param(&format!("amount.{name} is a whole number above zero")))
}

/// No field beside these: a misspelt one would be ignored in silence.
fn only(json: &Value, names: &[&str]) -> Result<(), Said> {
    let object = json.as_object().ok_or_else(|| param("an object is expected"))?;
    match object.keys().find(|key| !names.contains(&key.as_str())) {
        Some(unknown) => Err(param(&format!("{unknown} is unknown"))),
        None => Ok(()),
    }
}

fn trade_no(text: &str) -> Result<(), Said> {
    let fits = (6..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-|*".contains(&b));
    if fits { Ok(()) } else { Err(param("out_trade_no is 6 to 32 of A-Z a-z 0-9 _ - | *")) }
}

fn web(url: &str) -> Result<(), Said> {
    let plain = (url.starts_with("http://") || url.starts_with("https://")) && !url.contains('?');
    if plain { Ok(()) } else { Err(param("notify_url is an address without a query")) }
}

async fn create(State(provider): State<WeChatPay>, Path(product): Path<String>, request: Request) -> Response {
    answered(provider, (Operation::CreateCharge, request), |provider, asked| {
        only(&asked, &["appid", "mchid", "description", "out_trade_no", "time_expire", "notify_url", "amount", "payer", "scene_info"])?;
        only(&asked["amount"], &["total", "currency"])?;
        if asked["appid"] != provider.keys.appid.as_str() || asked["mchid"] != provider.keys.mchid.as_str() {
            return Err(wrong(400, "APPID_MCHID_NOT_MATCH", "appid and mchid do not belong together"));
        }
        let (no, description) = (text(&asked, ("out_trade_no", 6, 32))?, text(&asked, ("description", 1, 127))?);
        trade_no(no)?;
        let notify_url = text(&asked, ("notify_url", 1, 255))?;
        web(notify_url)?;
        if asked["amount"]["currency"] != "CNY" {
            return Err(param("amount.currency is CNY"));
        }
        let expires = text(&asked, ("time_expire", 25, 25))?;
        let expires_at = Timestamp::parse_rfc3339(expires).ok_or_else(|| param("time_expire is RFC 3339"))?;
        if expires_at <= provider.desk.now() {
            return Err(param("time_expire is over"));
        }
        match product.as_str() {
            "jsapi" => drop(text(&asked, ("payer.openid", 20, 128))?),
            "h5" => {
                text(&asked, ("scene_info.payer_client_ip", 7, 45))?;
                text(&asked, ("scene_info.h5_info.type", 1, 32))?;
            }
            "native" => {}
            _ => return Err(wrong(404, "RESOURCE_NOT_EXISTS", "there is no such product")),
        }
        let _ = description;
        let charge = DeskCharge {
            no: no.to_owned(),
            id: format!("wx{}", random_hex::<15>()),
            paid_by: format!("4200{}", digits(24)),
            amount: Money::new(cents(&asked, "total")?, Currency::Cny),
            asked: format!("{product} {asked}"),
            notify_url: notify_url.to_owned(),
            status: ChargeStatus::Pending,
            expires_at: Some(expires_at),
            paid_at: None,
            created_at: provider.desk.now(),
        };
        let charge = provider.desk.open_charge(charge).map_err(|no| match no {
            No::Paid => wrong(400, "ORDERPAID", "该订单已支付"),
            No::Closed => wrong(400, "ORDER_CLOSED", "该订单已关闭"),
            _ => wrong(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致"),
        })?;
        Ok(Said::json(
            200,
            &match product.as_str() {
                "jsapi" => json!({ "prepay_id": charge.id }),
                "h5" => json!({ "h5_url": format!("{}/pay/{}?package=1", provider.public_url, charge.id) }),
                _ => json!({ "code_url": format!("weixin://wxpay/bizpayurl?pr={}", charge.id) }),
            },
        ))
    })
    .await
}

fn digits(count: usize) -> String {
    let mut bytes = vec![0_u8; count];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's randomness does not fail");
    bytes.iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

fn known(provider: &WeChatPay, no: &str) -> Result<DeskCharge, Said> {
    provider.desk.charge(no).ok_or_else(|| wrong(404, "ORDER_NOT_EXIST", "订单不存在"))
}

async fn query(
    State(provider): State<WeChatPay>,
    Path(no): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
    request: Request,
) -> Response {
    answered(provider, (Operation::QueryCharge, request), |provider, _| {
        if asked.get("mchid") != Some(&provider.keys.mchid) {
            return Err(param("mchid is missing"));
        }
        let charge = known(provider, &no)?;
        let refunded = provider.desk.refunds_of(&no).iter().any(|refund| !matches!(refund.status, RefundStatus::Failed(_)));
        let mut told = json!({
            "mchid": provider.keys.mchid, "appid": provider.keys.appid, "out_trade_no": no,
            "trade_state": match charge.status {
                ChargeStatus::Paid if refunded => "REFUND",
                ChargeStatus::Paid => "SUCCESS",
                ChargeStatus::Closed => "CLOSED",
                _ => "NOTPAY",
            },
            "trade_state_desc": "…",
            "amount": { "total": charge.amount.minor, "currency": "CNY" },
        });
        if let Some(paid_at) = charge.paid_at {
            told["transaction_id"] = json!(charge.paid_by);
            told["success_time"] = json!(beijing(paid_at));
        }
        Ok(Said::json(200, &told))
    })
    .await
}

async fn close(State(provider): State<WeChatPay>, Path(no): Path<String>, request: Request) -> Response {
    answered(provider, (Operation::CloseCharge, request), |provider, asked| {
        only(&asked, &["mchid"])?;
        if asked["mchid"] != provider.keys.mchid.as_str() {
            return Err(param("mchid is missing"));
        }
        known(provider, &no)?;
        match provider.desk.close(&no) {
            Err(No::Paid) => Err(wrong(400, "ORDERPAID", "该订单已支付")),
            _ => Ok(Said { status: 204, body: Vec::new() }),
        }
    })
    .await
}

fn refund_view(refund: &DeskRefund, charge: &DeskCharge) -> Value {
    let mut told = json!({
        "refund_id": refund.id, "out_refund_no": refund.no, "transaction_id": charge.paid_by, "out_trade_no": charge.no,
        "channel": "ORIGINAL", "user_received_account": "支付用户零钱", "create_time": beijing(refund.created_at),
        "status": match refund.status {
            RefundStatus::Processing => "PROCESSING",
            RefundStatus::Back => "SUCCESS",
            RefundStatus::Failed(_) => "ABNORMAL",
        },
        "amount": { "total": charge.amount.minor, "refund": refund.amount.minor, "payer_total": charge.amount.minor,
            "payer_refund": refund.amount.minor, "settlement_refund": refund.amount.minor, "settlement_total": charge.amount.minor,
            "discount_refund": 0, "currency": "CNY" },
    });
    if let Some(at) = refund.ended_at {
        told["success_time"] = json!(beijing(at));
    }
    told
}

async fn refund(State(provider): State<WeChatPay>, request: Request) -> Response {
    answered(provider, (Operation::CreateRefund, request), |provider, asked| {
        only(&asked, &["out_trade_no", "out_refund_no", "reason", "notify_url", "amount"])?;
        only(&asked["amount"], &["refund", "total", "currency"])?;
        let (charge_no, no) = (text(&asked, ("out_trade_no", 6, 32))?, text(&asked, ("out_refund_no", 1, 64))?);
        if !no.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-|*@".contains(&b)) {
            return Err(param("out_refund_no is letters, digits and _-|*@"));
        }
        text(&asked, ("reason", 1, 80))?;
        let notify_url = text(&asked, ("notify_url", 8, 256))?;
        web(notify_url)?;
        let charge = provider.desk.charge(charge_no).ok_or_else(|| wrong(404, "RESOURCE_NOT_EXISTS", "订单不存在"))?;
        if cents(&asked, "total")? != charge.amount.minor || asked["amount"]["currency"] != "CNY" {
            return Err(wrong(400, "INVALID_REQUEST", "订单金额不一致"));
        }
        let refund = DeskRefund {
            no: no.to_owned(),
            charge_no: charge_no.to_owned(),
            id: format!("5030{}", digits(24)),
            amount: Money::new(cents(&asked, "refund")?, Currency::Cny),
            notify_url: notify_url.to_owned(),
            status: RefundStatus::Processing,
            created_at: provider.desk.now(),
            ended_at: None,
        };
        let refund = provider.desk.open_refund(refund).map_err(|no| match no {
            No::NotPaid => wrong(400, "INVALID_REQUEST", "订单未支付"),
            No::TooMuch => wrong(400, "INVALID_REQUEST", "申请退款金额超过订单剩余可退金额"),
            _ => wrong(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致"),
        })?;
        Ok(Said::json(200, &refund_view(&refund, &charge)))
    })
    .await
}

async fn query_refund(State(provider): State<WeChatPay>, Path(no): Path<String>, request: Request) -> Response {
    answered(provider, (Operation::QueryRefund, request), |provider, _| {
        let refund = provider.desk.refund(&no).ok_or_else(|| wrong(404, "RESOURCE_NOT_EXISTS", "退款单不存在"))?;
        let charge = known(provider, &refund.charge_no)?;
        Ok(Said::json(200, &refund_view(&refund, &charge)))
    })
    .await
}

async fn certificates(State(provider): State<WeChatPay>, request: Request) -> Response {
    if let Err(said) = admitted(&provider, request).await {
        return provider.answer(said, false);
    }
    let platform = provider.keys.platform.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let data: Vec<Value> = platform
        .iter()
        .map(|key| {
            let (nonce, ciphertext) = provider.keys.seal(&key.certificate, "certificate");
            json!({
                "serial_no": key.serial,
                "effective_time": beijing(provider.desk.now()),
                "expire_time": beijing(provider.desk.now() + days(5 * 365)),
                "encrypt_certificate": {
                    "algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "associated_data": "certificate", "ciphertext": ciphertext,
                },
            })
        })
        .collect();
    provider.answer(Said::json(200, &json!({ "data": data })), false)
}

/// The day's bill as WeChat writes it: a heading, a line per transaction (every field behind a backtick), two lines of sums.
fn bill_text(provider: &WeChatPay) -> String {
    let mut text = String::from(
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n",
    );
    let yuan = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
    let (mut lines, mut paid, mut back) = (0, 0, 0);
    for charge in provider.charges().iter().filter(|charge| charge.paid_at.is_some()) {
        let at = charge.paid_at.map(beijing).unwrap_or_default().replace('T', " ");
        let head =
            format!("`{},`{},`{},`0,`,`{},`{},`o1,`JSAPI", &at[..19], provider.keys.appid, provider.keys.mchid, charge.paid_by, charge.no);
        let total = yuan(charge.amount.minor);
        text.push_str(&format!(
            "{head},`SUCCESS,`OTHERS,`CNY,`{total},`0.00,`0,`0,`0.00,`0.00,`,`,`茶,`,`0.00000,`0.60%,`{total},`0.00,`\r\n"
        ));
        (lines, paid) = (lines + 1, paid + charge.amount.minor);
        for refund in provider.desk.refunds_of(&charge.no) {
            let amount = yuan(refund.amount.minor);
            text.push_str(&format!(
                "{head},`REFUND,`OTHERS,`CNY,`0.00,`0.00,`{},`{},`{amount},`0.00,`ORIGINAL,`SUCCESS,`茶,`,`0.00000,`0.60%,`0.00,`{amount},`\r\n",
                refund.id, refund.no
            ));
            (lines, back) = (lines + 1, back + refund.amount.minor);
        }
    }
    text.push_str("总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n");
    text.push_str(&format!("`{lines},`{},`{},`0.00,`0.00000,`{},`{}\r\n", yuan(paid), yuan(back), yuan(paid), yuan(back)));
    text
}

async fn bill(State(provider): State<WeChatPay>, Query(asked): Query<BTreeMap<String, String>>, request: Request) -> Response {
    if let Err(said) = admitted(&provider, request).await {
        return provider.answer(said, false);
    }
    let day = asked.get("bill_date").filter(|day| day.len() == 10);
    if day.is_none() || asked.get("bill_type").map(String::as_str) != Some("ALL") {
        return provider.answer(param("bill_date and bill_type are needed"), false);
    }
    let hash = hex::encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bill_text(&provider).as_bytes()));
    let url = format!("{}/v3/billdownload/file?token=sandbox", provider.public_url);
    provider.answer(Said::json(200, &json!({ "hash_type": "SHA1", "hash_value": hash, "download_url": url })), false)
}

/// The file itself is not signed; its hash was.
async fn bill_file(State(provider): State<WeChatPay>, request: Request) -> Response {
    match admitted(&provider, request).await {
        Ok(_) => bill_text(&provider).into_response(),
        Err(said) => provider.answer(said, false),
    }
}

fn transfer_view(transfer: &Transfer) -> Value {
    json!({
        "out_bill_no": transfer.no, "transfer_bill_no": format!("13300{}", transfer.no), "state": transfer.state,
        "create_time": "2025-11-11T08:00:00+08:00", "transfer_amount": transfer.amount, "openid": transfer.openid,
        "package_info": format!("affffddafdfafddffda=={}", transfer.no),
    })
}

async fn transfer(State(provider): State<WeChatPay>, request: Request) -> Response {
    let (headers, asked, _) = match admitted(&provider, request).await {
        Ok(admitted) => admitted,
        Err(said) => return provider.answer(said, false),
    };
    let busy = wrong(429, "FREQUENCY_LIMITED", "too often");
    let (desk, by) = (provider.desk.clone(), provider.clone());
    serve(&desk, Operation::CreateTransfer, (busy, move |said, forged| provider.answer(said, forged)), async move {
        let serial = headers.get("wechatpay-serial").and_then(|value| value.to_str().ok());
        transferred(&by, (serial, &asked)).unwrap_or_else(|said| said)
    })
    .await
}

fn transferred(provider: &WeChatPay, (serial, asked): (Option<&str>, &Value)) -> Result<Said, Said> {
    only(
        asked,
        &[
            "appid",
            "out_bill_no",
            "transfer_scene_id",
            "openid",
            "user_name",
            "transfer_amount",
            "transfer_remark",
            "notify_url",
            "user_recv_perception",
            "transfer_scene_report_infos",
        ],
    )?;
    let no = text(asked, ("out_bill_no", 1, 32))?;
    if !no.bytes().all(|b| b.is_ascii_alphanumeric()) || asked["appid"] != provider.keys.appid.as_str() {
        return Err(param("out_bill_no is letters and digits, appid is ours"));
    }
    text(asked, ("transfer_scene_id", 1, 36))?;
    text(asked, ("transfer_remark", 1, 96))?;
    let openid = text(asked, ("openid", 20, 64))?;
    let reports = asked["transfer_scene_report_infos"].as_array().filter(|reports| !reports.is_empty());
    reports.ok_or_else(|| param("transfer_scene_report_infos is needed"))?;
    let amount = asked["transfer_amount"].as_i64().filter(|amount| *amount > 0).ok_or_else(|| param("transfer_amount"))?;
    let name = match asked["user_name"].as_str() {
        None if amount >= 200_000 => return Err(param("user_name is needed from ¥2000 on")),
        None => None,
        Some(_) if amount < 30 => return Err(param("user_name is not allowed below ¥0.30")),
        Some(sealed) => {
            let platform = provider.keys.platform.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let key = platform.into_iter().find(|key| Some(key.serial.as_str()) == serial);
            let key = key.ok_or_else(|| param("Wechatpay-Serial names no key"))?;
            Some(key.key.opens(sealed).ok_or_else(|| param("user_name does not open"))?)
        }
    };
    // The sealed name differs each time; everything else must be the same.
    let mut content = asked.clone();
    content["user_name"] = json!(name);
    let new = Transfer {
        no: no.to_owned(),
        openid: openid.to_owned(),
        name,
        amount,
        state: "WAIT_USER_CONFIRM".to_owned(),
        asked: content.to_string(),
        notify_url: asked["notify_url"].as_str().unwrap_or_default().to_owned(),
    };
    let mut transfers = provider.transfers.lock().unwrap_or_else(PoisonError::into_inner);
    let known = transfers.entry(new.no.clone()).or_insert_with(|| new.clone());
    if known.asked != new.asked || known.notify_url != new.notify_url {
        return Err(wrong(400, "ALREADY_EXISTS", "the number was used for something else"));
    }
    Ok(Said::json(200, &transfer_view(known)))
}

async fn query_transfer(State(provider): State<WeChatPay>, Path(no): Path<String>, request: Request) -> Response {
    answered(provider, (Operation::QueryRefund, request), |provider, _| {
        let transfers = provider.transfers();
        let found = transfers.iter().find(|transfer| transfer.no == no);
        found.map(|transfer| Said::json(200, &transfer_view(transfer))).ok_or_else(|| wrong(404, "NOT_FOUND", "记录不存在"))
    })
    .await
}

async fn cancel_transfer(State(provider): State<WeChatPay>, Path(no): Path<String>, request: Request) -> Response {
    answered(provider, (Operation::CloseCharge, request), |provider, _| {
        let mut transfers = provider.transfers.lock().unwrap_or_else(PoisonError::into_inner);
        let transfer = transfers.get_mut(&no).ok_or_else(|| wrong(404, "NOT_FOUND", "记录不存在"))?;
        if transfer.state != "WAIT_USER_CONFIRM" {
            return Err(wrong(400, "INVALID_REQUEST", "the transfer can no longer be taken back"));
        }
        transfer.state = "CANCELLED".to_owned();
        Ok(Said::json(200, &transfer_view(transfer)))
    })
    .await
}

async fn token(State(provider): State<WeChatPay>, body: String) -> Response {
    let asked: Value = serde_json::from_str(&body).unwrap_or_default();
    let right = asked["grant_type"] == "client_credential"
        && asked["appid"] == provider.keys.appid.as_str()
        && asked["secret"] == provider.keys.app_secret.as_str();
    if !right {
        return json!({ "errcode": 40125, "errmsg": "invalid appsecret" }).to_string().into_response();
    }
    let token = random_hex::<32>();
    provider.tokens.lock().unwrap_or_else(PoisonError::into_inner).push(token.clone());
    json!({ "access_token": token, "expires_in": 7200 }).to_string().into_response()
}

async fn shipping(State(provider): State<WeChatPay>, Query(asked): Query<BTreeMap<String, String>>, body: String) -> Response {
    let says = |code: i64, message: &str| json!({ "errcode": code, "errmsg": message }).to_string().into_response();
    let known =
        asked.get("access_token").is_some_and(|token| provider.tokens.lock().unwrap_or_else(PoisonError::into_inner).contains(token));
    if !known {
        return says(40_001, "invalid credential, access_token is invalid or not latest");
    }
    let Ok(report) = serde_json::from_str::<Value>(&body) else { return says(47_001, "data format error") };
    let key = &report["order_key"];
    let charge = key["out_trade_no"].as_str().and_then(|no| provider.desk.charge(no));
    let Some(charge) = charge.filter(|c| c.status == ChargeStatus::Paid && key["mchid"] == provider.keys.mchid.as_str()) else {
        return says(10_060_001, "支付单不存在");
    };
    let parcels = report["shipping_list"].as_array().map_or(0, Vec::len);
    let whole = match report["delivery_mode"].as_i64() {
        Some(1) => parcels == 1,
        Some(2) => (1..=10).contains(&parcels) && report["is_all_delivered"].is_boolean(),
        _ => false,
    };
    if !whole {
        return says(268_485_216, "参数错误");
    }
    let item = &report["shipping_list"][0];
    let (kind, desc) = (report["logistics_type"].as_i64(), item["item_desc"].as_str().unwrap_or_default());
    let express = kind == Some(1) && item["tracking_no"].is_string() && item["express_company"].is_string();
    let time = report["upload_time"].as_str().and_then(Timestamp::parse_rfc3339);
    if !(express || matches!(kind, Some(3 | 4))) || desc.is_empty() || desc.chars().count() > 120 || time.is_none() {
        return says(268_485_216, "参数错误");
    }
    if report["payer"]["openid"].as_str().is_none_or(str::is_empty) {
        return says(40_003, "invalid openid");
    }
    let mut shipments = provider.shipments.lock().unwrap_or_else(PoisonError::into_inner);
    if shipments.iter().any(|known| known["order_key"]["out_trade_no"] == charge.no.as_str()) {
        return says(10_060_002, "支付单已完成发货，无法继续发货");
    }
    shipments.push(report);
    says(0, "ok")
}

async fn shopper(State(provider): State<WeChatPay>, body: String) -> StatusCode {
    if provider.shopper_pays(&body) { StatusCode::NO_CONTENT } else { StatusCode::CONFLICT }
}

/// Where an H5 address leads.
async fn page(State(provider): State<WeChatPay>, Path(id): Path<String>) -> Response {
    match provider.desk.charge_by(|charge| charge.id == id) {
        Some(charge) => {
            format!("WeChat Pay (sandbox): {} — POST {id} to {}/shopper/pay", charge.amount, provider.public_url).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
