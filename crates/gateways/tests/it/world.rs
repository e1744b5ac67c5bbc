//! A provider on a port of its own, the mall's client of it, and a shop that hears its reports.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use gateways::{
    alipay::{Alipay, AlipayConfig},
    paypal::{PayPal, PayPalConfig},
    stripe::{Stripe, StripeConfig},
    wechat::{Timeouts, TransferScene, WeChatPay, WeChatPayConfig},
};
use kernel::{Clock, Currency, Money, Timestamp, minutes};
use sandbox::{
    CallbackPolicy, Faults,
    providers::{DeskCharge, DeskRefund, alipay, paypal, stripe, wechat_pay},
};
use tokio::net::TcpListener;
use trade::payment::gateway::{
    ChargeCreated, ChargeRef, Gateway, NewCharge, NewRefund, Notification, NotificationRefused, PayAction, PayProduct, RefundRef,
};

pub const START: Timestamp = Timestamp(1_762_819_200_000);

#[derive(Clone)]
pub struct Hand(Arc<AtomicI64>);

impl Hand {
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    WeChat(wechat_pay::Trust),
    Alipay,
    Stripe,
    PayPal,
}

pub const ALL: [Kind; 5] =
    [Kind::WeChat(wechat_pay::Trust::Certificates), Kind::WeChat(wechat_pay::Trust::PublicKey), Kind::Alipay, Kind::Stripe, Kind::PayPal];

pub enum Provider {
    WeChat(wechat_pay::WeChatPay),
    Alipay(alipay::Alipay),
    Stripe(stripe::Stripe),
    PayPal(paypal::PayPal),
}

macro_rules! each {
    ($self:expr, $p:ident => $body:expr) => {
        match $self {
            Provider::WeChat($p) => $body,
            Provider::Alipay($p) => $body,
            Provider::Stripe($p) => $body,
            Provider::PayPal($p) => $body,
        }
    };
}

impl Provider {
    pub fn faults(&self) -> &Faults {
        each!(self, p => p.faults())
    }
    pub fn pays(&self, handed: &str) -> bool {
        each!(self, p => p.shopper_pays(handed))
    }
    pub fn pay_anyway(&self, no: &str) -> bool {
        each!(self, p => p.pay_anyway(no))
    }
    pub fn charges(&self) -> Vec<DeskCharge> {
        each!(self, p => p.charges())
    }
    pub fn refunds(&self) -> Vec<DeskRefund> {
        each!(self, p => p.refunds())
    }
    pub fn settle_refund(&self, no: &str, failure: Option<&str>) -> bool {
        each!(self, p => p.settle_refund(no, failure))
    }
    pub fn balance(&self, currency: Currency) -> Money {
        each!(self, p => p.balance(currency))
    }
    pub async fn settled(&self) {
        each!(self, p => p.settled().await);
    }
}

type Heard = Arc<Mutex<Vec<Result<Notification, NotificationRefused>>>>;

pub struct World {
    pub kind: Kind,
    pub clock: Hand,
    pub provider: Provider,
    pub gateway: Arc<dyn Gateway>,
    pub wechat: Option<Arc<WeChatPay>>,
    pub heard: Heard,
    pub notify_url: String,
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

fn serve(listener: TcpListener, router: Router) {
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
}

async fn notified(State((gateway, heard)): State<(Arc<dyn Gateway>, Heard)>, headers: HeaderMap, body: Bytes) -> Response {
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned())).collect();
    let read = gateway.verify_notification(&headers, &body).await;
    let reply = if read.is_ok() { Some(gateway.acknowledgement()) } else { gateway.rejection() };
    heard.lock().unwrap().push(read);
    match reply {
        Some(reply) => (StatusCode::from_u16(reply.status).unwrap(), reply.body).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

impl World {
    pub async fn new(kind: Kind) -> Self {
        let clock = Hand(Arc::new(AtomicI64::new(START.0)));
        let time: Arc<dyn Clock> = Arc::new(clock.clone());
        let policy = CallbackPolicy {
            attempts: 12,
            first_pause: Duration::from_millis(5),
            longest_pause: Duration::from_millis(20),
            timeout: Duration::from_secs(5),
        };
        let timeouts = Timeouts { connect: Duration::from_secs(2), total: Duration::from_millis(700) };
        let (listener, url) = listen().await;
        let (shop, shop_url) = listen().await;
        let notify_url = format!("{shop_url}/notify");
        let mut wechat = None;
        let (provider, gateway, router): (Provider, Arc<dyn Gateway>, Router) = match kind {
            Kind::WeChat(trust) => {
                let (provider, told) = wechat_pay::WeChatPay::open(&url, (Arc::clone(&time), policy, trust));
                let config = WeChatPayConfig {
                    base_url: url.clone(),
                    api_url: url.clone(),
                    mchid: told.mchid,
                    appid: told.appid,
                    app_secret: Some(told.app_secret.into()),
                    serial: told.serial,
                    private_key: told.private_key.into(),
                    api_v3_key: told.api_v3_key.into(),
                    public_key: told.public_key,
                    transfer_scene: TransferScene::default(),
                    timeouts,
                };
                let gateway = Arc::new(WeChatPay::new(&config, time).unwrap());
                wechat = Some(Arc::clone(&gateway));
                (Provider::WeChat(provider.clone()), gateway, wechat_pay::router(provider))
            }
            Kind::Alipay => {
                let (provider, told) = alipay::Alipay::open((Arc::clone(&time), policy));
                let config = AlipayConfig {
                    gateway_url: format!("{url}/gateway.do"),
                    app_id: told.app_id,
                    seller_id: told.seller_id,
                    private_key: told.private_key.into(),
                    alipay_public_key: told.alipay_public_key,
                    certificates: None,
                    timeouts,
                };
                let gateway = Arc::new(Alipay::new(&config, time).unwrap());
                (Provider::Alipay(provider.clone()), gateway, alipay::router(provider))
            }
            Kind::Stripe => {
                let (provider, told) = stripe::Stripe::open((Arc::clone(&time), policy));
                provider.report_to(&notify_url);
                let config = StripeConfig {
                    base_url: url.clone(),
                    secret_key: told.secret_key.into(),
                    publishable_key: told.publishable_key,
                    webhook_secrets: vec!["whsec_next".to_owned().into(), told.webhook_secret.into()],
                    timeouts,
                };
                let gateway = Arc::new(Stripe::new(&config, time).unwrap());
                (Provider::Stripe(provider.clone()), gateway, stripe::router(provider))
            }
            Kind::PayPal => {
                let (provider, told) = paypal::PayPal::open(&url, (Arc::clone(&time), policy));
                provider.report_to(&notify_url);
                let config = PayPalConfig {
                    base_url: url.clone(),
                    client_id: told.client_id,
                    client_secret: told.client_secret.into(),
                    webhook_id: told.webhook_id,
                    merchant_id: told.merchant_id,
                    timeouts,
                };
                let gateway = Arc::new(PayPal::new(&config, time).unwrap());
                (Provider::PayPal(provider.clone()), gateway, paypal::router(provider))
            }
        };
        serve(listener, router);
        let heard = Heard::default();
        serve(shop, Router::new().route("/notify", post(notified)).with_state((Arc::clone(&gateway), Arc::clone(&heard))));
        Self { kind, clock, provider, gateway, wechat, heard, notify_url }
    }

    /// The product whose creation is a call of the provider's API.
    pub fn product(&self) -> PayProduct {
        match self.kind {
            Kind::WeChat(_) => PayProduct::Jsapi,
            Kind::Alipay => PayProduct::Native,
            Kind::Stripe => PayProduct::Card,
            Kind::PayPal => PayProduct::Page,
        }
    }

    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, if self.kind == Kind::PayPal { Currency::Usd } else { Currency::Cny })
    }

    pub fn charge(&self, no: &str, minor: i64) -> NewCharge {
        NewCharge {
            charge_no: no.into(),
            amount: self.money(minor),
            description: "裂变 三罐茶 & 一壶/水=茶".into(),
            notify_url: self.notify_url.clone(),
            return_url: Some("https://mall.example/#/order/1".into()),
            expires_at: self.clock.now() + minutes(30),
            payer: Some("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".into()),
            product: self.product(),
            client_ip: Some("14.23.150.211".into()),
        }
    }

    /// A charge as the mall knows it once it was answered.
    pub fn known(&self, no: &str, created: &ChargeCreated) -> ChargeRef {
        let id = Some(created.provider_charge_id.clone()).filter(|id| !id.is_empty());
        ChargeRef { charge_no: no.into(), provider_charge_id: id }
    }

    /// Asks for money and pays it; the charge as the mall knows it after the success.
    pub async fn paid(&self, no: &str, minor: i64) -> ChargeRef {
        let created = self.gateway.create(self.charge(no, minor)).await.unwrap();
        assert!(self.provider.pays(&handed(&created.action)), "{:?}: {created:?}", self.kind);
        self.settled_as(self.known(no, &created)).await
    }

    /// What a success tells: from then on the provider's number is that of the money.
    pub async fn settled_as(&self, charge: ChargeRef) -> ChargeRef {
        match self.gateway.query(&charge).await.unwrap() {
            trade::payment::gateway::ChargeState::Succeeded { provider_charge_id, .. } => {
                ChargeRef { provider_charge_id: Some(provider_charge_id), ..charge }
            }
            other => panic!("{:?}: {other:?}", self.kind),
        }
    }

    pub fn refund(&self, no: &str, (charge, charged, minor): (&ChargeRef, i64, i64)) -> NewRefund {
        NewRefund {
            refund_no: no.into(),
            charge_no: charge.charge_no.clone(),
            provider_charge_id: charge.provider_charge_id.clone(),
            charged: self.money(charged),
            notify_url: self.notify_url.clone(),
            amount: self.money(minor),
            reason: "未成团，退款".into(),
        }
    }

    pub fn asked_about(&self, no: &str, charge: &ChargeRef) -> RefundRef {
        let id = self.provider.refunds().into_iter().find(|refund| refund.no == no || refund.no == no.replace('-', "_"));
        RefundRef { refund_no: no.into(), provider_refund_id: id.map(|refund| refund.id), charge: charge.clone() }
    }

    /// A charge as it was known before the success, found in the provider's books.
    pub fn first_known(&self, no: &str) -> ChargeRef {
        let charge = self.provider.charges().into_iter().find(|charge| charge.no == no || charge.no == no.replace('-', "_"));
        ChargeRef { charge_no: no.into(), provider_charge_id: charge.map(|charge| charge.id) }
    }

    pub fn heard(&self) -> Vec<Result<Notification, NotificationRefused>> {
        self.heard.lock().unwrap().clone()
    }
}

/// What the device holds.
pub fn handed(action: &PayAction) -> String {
    match action {
        PayAction::Redirect(text)
        | PayAction::QrCode(text)
        | PayAction::OrderString(text)
        | PayAction::TradeNo(text)
        | PayAction::PayPalApprove(text) => text.clone(),
        PayAction::WeChatJsapi { package, .. } => package.clone(),
        PayAction::StripeClientSecret { client_secret, .. } => client_secret.clone(),
        other => panic!("{other:?}"),
    }
}
