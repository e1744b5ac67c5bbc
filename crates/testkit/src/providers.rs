//! The payment providers, simulated, each on a port of its own, and a mall that takes money through all of them.

use std::{sync::Arc, time::Duration};

use axum::Router;
use entity::identity::customer_identity;
use kernel::{Clock, Currency, Money};
use platform::testing::FakeClock;
use sandbox::{
    CallbackPolicy, Faults,
    providers::{DeskCharge, DeskRefund, alipay::Alipay, paypal::PayPal, stripe::Stripe, wechat_pay, wechat_pay::WeChatPay},
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use trade::payment::gateway::Gateways;

use crate::{app::TestApp, database::Backend, mall::Mall, people::Customer, shopping::fresh_key};

/// The providers' codes.
pub const PROVIDERS: [&str; 4] = ["wechat", "alipay", "stripe", "paypal"];

/// Begins to pay through any provider.
pub const PAY_THROUGH: &str = "mutation($input: OrderPayInput!) { orderPay(input: $input) { payment { id paymentNo state product action {
    kind url qrCode orderString tradeNo wechat { appId timeStamp nonceStr package signType paySign } stripe { clientSecret publishableKey }
} } userErrors { code message } } }";

/// Asks a provider how a payment stands.
pub const SYNC: &str = "mutation($id: ID!) { paymentSync(id: $id) { payment { state } userErrors { code } } }";

/// Who the shopper is where paying needs one.
pub const PAYER: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

/// What to pay an order through a provider with, by a fresh key.
pub fn pay_input((gateway, product, order): (&str, Option<&str>, &str)) -> Value {
    json!({ "input": { "orderId": order, "gateway": gateway, "product": product, "payer": PAYER, "idempotencyKey": fresh_key() } })
}

/// A way to pay whose charge the provider knows before the shopper does anything, where the usual one is not.
pub fn known_at_once(gateway: &str) -> Option<&'static str> {
    (gateway == "alipay").then_some("NATIVE")
}

/// What 79.00 are where a provider is used.
pub fn price(gateway: &str) -> Money {
    Money::new(7_900, if gateway == "paypal" { Currency::Usd } else { Currency::Cny })
}

/// What the device holds.
#[track_caller]
pub fn handed(action: &Value) -> String {
    let held = match action["kind"].as_str() {
        Some("REDIRECT" | "PAYPAL_APPROVE") => &action["url"],
        Some("QR_CODE") => &action["qrCode"],
        Some("ORDER_STRING") => &action["orderString"],
        Some("TRADE_NO") => &action["tradeNo"],
        Some("WECHAT_JSAPI") => &action["wechat"]["package"],
        Some("STRIPE_CONFIRM") => &action["stripe"]["clientSecret"],
        _ => panic!("no action: {action}"),
    };
    held.as_str().unwrap_or_else(|| panic!("no text: {held}")).to_owned()
}

/// All of them.
pub struct Providers {
    /// WeChat Pay.
    pub wechat: WeChatPay,
    /// Alipay.
    pub alipay: Alipay,
    /// Stripe.
    pub stripe: Stripe,
    /// PayPal.
    pub paypal: PayPal,
    serving: Vec<JoinHandle<()>>,
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
    (listener, url)
}

fn serve(listener: TcpListener, router: Router) -> JoinHandle<()> {
    tokio::spawn(async move {
        let _ = axum::serve(listener, router).await;
    })
}

impl Providers {
    /// Opens them, and says what a mall must be told.
    pub async fn open(clock: Arc<dyn Clock>) -> (Self, Vec<(&'static str, String)>) {
        let policy = CallbackPolicy {
            attempts: 20,
            first_pause: Duration::from_millis(20),
            longest_pause: Duration::from_millis(200),
            timeout: Duration::from_secs(10),
        };
        let ((w, wechat_url), (a, alipay_url)) = (listen().await, listen().await);
        let ((s, stripe_url), (p, paypal_url)) = (listen().await, listen().await);
        let (wechat, for_wechat) = WeChatPay::open(&wechat_url, (Arc::clone(&clock), policy, wechat_pay::Trust::Certificates));
        let (alipay, for_alipay) = Alipay::open((Arc::clone(&clock), policy));
        let (stripe, for_stripe) = Stripe::open((Arc::clone(&clock), policy));
        let (paypal, for_paypal) = PayPal::open(&paypal_url, (clock, policy));
        let serving = vec![
            serve(w, wechat_pay::router(wechat.clone())),
            serve(a, sandbox::providers::alipay::router(alipay.clone())),
            serve(s, sandbox::providers::stripe::router(stripe.clone())),
            serve(p, sandbox::providers::paypal::router(paypal.clone())),
        ];
        let settings = vec![
            ("WECHAT_APPID", for_wechat.appid),
            ("WECHAT_SECRET", for_wechat.app_secret),
            ("WECHAT_URL", wechat_url.clone()),
            ("WECHATPAY_URL", wechat_url),
            ("WECHATPAY_MCHID", for_wechat.mchid),
            ("WECHATPAY_SERIAL", for_wechat.serial),
            ("WECHATPAY_PRIVATE_KEY", for_wechat.private_key),
            ("WECHATPAY_API_V3_KEY", for_wechat.api_v3_key),
            ("ALIPAY_URL", format!("{alipay_url}/gateway.do")),
            ("ALIPAY_APP_ID", for_alipay.app_id),
            ("ALIPAY_SELLER_ID", for_alipay.seller_id),
            ("ALIPAY_PRIVATE_KEY", for_alipay.private_key),
            ("ALIPAY_PUBLIC_KEY", for_alipay.alipay_public_key),
            ("STRIPE_URL", stripe_url),
            ("STRIPE_SECRET_KEY", for_stripe.secret_key),
            ("STRIPE_PUBLISHABLE_KEY", for_stripe.publishable_key),
            ("STRIPE_WEBHOOK_SECRETS", for_stripe.webhook_secret),
            ("PAYPAL_URL", paypal_url),
            ("PAYPAL_CLIENT_ID", for_paypal.client_id),
            ("PAYPAL_CLIENT_SECRET", for_paypal.client_secret),
            ("PAYPAL_WEBHOOK_ID", for_paypal.webhook_id),
            ("PAYPAL_MERCHANT_ID", for_paypal.merchant_id),
        ];
        (Self { wechat, alipay, stripe, paypal, serving }, settings)
    }

    /// A mall that takes money through all of them.
    pub async fn with_a_mall(backend: Backend) -> (Self, TestApp) {
        let clock = FakeClock::default();
        let (providers, settings) = Self::open(Arc::new(clock.clone())).await;
        let configure =
            move |sources| settings.into_iter().fold(sources, |sources: liebian::config::Sources, (name, value)| sources.with(name, value));
        let app = TestApp::start_on(clock, (backend, configure)).await;
        providers.report_to(app.app().public_url());
        (providers, app)
    }

    /// Where the mall is, for those providers that are told once and not with every charge.
    pub fn report_to(&self, public_url: &str) {
        self.stripe.report_to(format!("{public_url}/pay/notify/stripe"));
        self.paypal.report_to(format!("{public_url}/pay/notify/paypal"));
    }

    /// The shopper pays with what the device was handed; whether the provider took the money.
    pub fn shopper_pays(&self, (gateway, handed): (&str, &str)) -> bool {
        match gateway {
            "wechat" => self.wechat.shopper_pays(handed),
            "alipay" => self.alipay.shopper_pays(handed),
            "stripe" => self.stripe.shopper_pays(handed),
            _ => self.paypal.shopper_pays(handed),
        }
    }

    /// The switches of a provider.
    pub fn faults(&self, gateway: &str) -> &Faults {
        match gateway {
            "wechat" => self.wechat.faults(),
            "alipay" => self.alipay.faults(),
            "stripe" => self.stripe.faults(),
            _ => self.paypal.faults(),
        }
    }

    /// Callbacks wait from now on, or go out.
    pub fn hold(&self, gateway: &str, on: bool) {
        match (gateway, on) {
            ("wechat", true) => self.wechat.hold_callbacks(),
            ("wechat", false) => self.wechat.release_callbacks(),
            ("alipay", true) => self.alipay.hold_callbacks(),
            ("alipay", false) => self.alipay.release_callbacks(),
            ("stripe", true) => self.stripe.hold_callbacks(),
            ("stripe", false) => self.stripe.release_callbacks(),
            (_, true) => self.paypal.hold_callbacks(),
            (_, false) => self.paypal.release_callbacks(),
        }
    }

    /// Every report so far once more, the latest first.
    pub fn repeat_backwards(&self, gateway: &str) {
        match gateway {
            "wechat" => self.wechat.repeat_backwards(),
            "alipay" => self.alipay.repeat_backwards(),
            "stripe" => self.stripe.repeat_backwards(),
            _ => self.paypal.repeat_backwards(),
        }
    }

    /// The money comes whatever the provider's books say.
    pub fn pay_anyway(&self, (gateway, charge_no): (&str, &str)) -> bool {
        match gateway {
            "wechat" => self.wechat.pay_anyway(charge_no),
            "alipay" => self.alipay.pay_anyway(&charge_no.replace('-', "_")),
            "stripe" => self.stripe.pay_anyway(charge_no),
            _ => self.paypal.pay_anyway(charge_no),
        }
    }

    /// WeChat knows a customer as [`PAYER`].
    pub async fn knows(&self, mall: &Mall, customer: &Customer) {
        let gateways = mall.op().port::<Gateways>().expect("the mall takes money");
        let (_, appid) = gateways.get("wechat").and_then(|gateway| gateway.payee_scope()).expect("WeChat pays out");
        let known = customer_identity::ActiveModel {
            provider: Set("wechat".to_owned()),
            subject: Set(format!("{appid}:{PAYER}")),
            customer: Set(customer.id),
            created_at: Set(mall.now()),
        };
        customer_identity::Entity::insert(known).exec_without_returning(mall.platform().db.writer()).await.expect("is known");
    }

    /// What a provider was asked for.
    pub fn charges(&self, gateway: &str) -> Vec<DeskCharge> {
        match gateway {
            "wechat" => self.wechat.charges(),
            "alipay" => self.alipay.charges(),
            "stripe" => self.stripe.charges(),
            _ => self.paypal.charges(),
        }
    }

    /// What a provider gave back.
    pub fn refunds(&self, gateway: &str) -> Vec<DeskRefund> {
        match gateway {
            "wechat" => self.wechat.refunds(),
            "alipay" => self.alipay.refunds(),
            "stripe" => self.stripe.refunds(),
            _ => self.paypal.refunds(),
        }
    }

    /// What a provider holds for the mall.
    pub fn balance(&self, (gateway, currency): (&str, Currency)) -> Money {
        match gateway {
            "wechat" => self.wechat.balance(currency),
            "alipay" => self.alipay.balance(currency),
            "stripe" => self.stripe.balance(currency),
            _ => self.paypal.balance(currency),
        }
    }

    /// Does what is due in the mall and at the providers, until nothing is.
    pub async fn settle(&self, app: &TestApp) {
        for _ in 0..3 {
            app.settle().await;
            self.settled().await;
        }
        app.settle().await;
    }

    /// Waits until no report is on its way.
    pub async fn settled(&self) {
        self.wechat.settled().await;
        self.alipay.settled().await;
        self.stripe.settled().await;
        self.paypal.settled().await;
    }
}

impl Drop for Providers {
    fn drop(&mut self) {
        self.serving.iter().for_each(JoinHandle::abort);
    }
}
