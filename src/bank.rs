//! Whom this mall takes money through: the providers that are configured, the built-in bank under `/sandbox` or one that
//! runs elsewhere, and beside the built-in bank a simulator of every provider that is not configured.

use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use axum::Router;
use gateways::{
    Guarded, Patience,
    alipay::{Alipay, AlipayConfig},
    paypal::{PayPal, PayPalConfig},
    stripe::{Stripe, StripeConfig},
    wechat::{Timeouts, TransferScene, WeChatPay, WeChatPayConfig},
};
use kernel::Clock;
use sandbox::providers::{alipay, paypal, stripe, wechat_pay};
use sandbox::{Bank, BankConfig, BankKey, Merchant};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use trade::payment::{
    gateway::{Gateway, Gateways},
    gateways::sandbox::{SandboxGateway, SandboxGatewayConfig},
};

use crate::config::{Config, Switch};

/// Who the mall is to the built-in bank.
const MERCHANT: &str = "liebian";

/// The sandbox as this start has it.
#[derive(Default)]
pub struct Sandbox {
    /// What the mall takes money through.
    pub gateways: Gateways,
    /// The built-in bank, when it is on.
    pub bank: Option<Bank>,
    /// The simulators of providers, mounted below `/sandbox`.
    simulators: Router,
}

/// The keys of both sides of the built-in bank; kept beside its books, so that a restart finds the same bank.
#[derive(Serialize, Deserialize)]
struct Keys {
    bank_serial: String,
    bank_private_key: String,
    bank_public_key: String,
    merchant_key: String,
    merchant_public_key: String,
}

/// Opens what the configuration names.
pub fn open(config: &Config, public_url: &str, clock: Arc<dyn Clock>) -> anyhow::Result<Sandbox> {
    if let (Some(url), Some(merchant), Some(key)) = (&config.sandbox_url, &config.sandbox_merchant, &config.sandbox_merchant_key) {
        let keys = config.sandbox_bank_keys.iter().map(|key| (key.serial.clone(), key.key.clone())).collect();
        let access = SandboxGatewayConfig::new(&url.0, merchant, key.0.expose_secret(), keys);
        let gateways = real(config, gateways(&access, Arc::clone(&clock))?, &clock)?;
        return Ok(Sandbox { gateways, ..Sandbox::default() });
    }
    if config.sandbox == Switch::Off {
        return Ok(Sandbox { gateways: real(config, Gateways::new(), &clock)?, ..Sandbox::default() });
    }
    let folder = folder(config);
    std::fs::create_dir_all(&folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let keys = keys(&folder.join("keys.json"))?;
    let url = format!("{public_url}/sandbox");
    let access = SandboxGatewayConfig::new(&url, MERCHANT, &keys.merchant_key, vec![(keys.bank_serial.clone(), keys.bank_public_key)]);
    let bank = BankConfig {
        public_url: url,
        merchants: vec![Merchant { id: MERCHANT.to_owned(), public_key: keys.merchant_public_key }],
        keys: vec![BankKey { serial: keys.bank_serial, private_key: keys.bank_private_key }],
        journal: Some(folder.join("books.jsonl")),
        callbacks: sandbox::CallbackPolicy::default(),
    };
    let bank = Bank::open(bank, Arc::clone(&clock)).context("the sandbox bank")?;
    let known = real(config, gateways(&access, Arc::clone(&clock))?, &clock)?;
    let (gateways, simulators) = simulated(known, public_url, &clock)?;
    Ok(Sandbox { gateways, bank: Some(bank), simulators })
}

/// With every provider that is configured, each behind its guard.
fn real(config: &Config, mut gateways: Gateways, clock: &Arc<dyn Clock>) -> anyhow::Result<Gateways> {
    if let (Some(mchid), Some(serial), Some(key), Some(api_v3_key)) =
        (&config.wechatpay_mchid, &config.wechatpay_serial, &config.wechatpay_private_key, &config.wechatpay_api_v3_key)
    {
        let appid = config.wechatpay_appid.clone().or(config.wechat_appid.clone()).unwrap_or_default();
        let same_app = config.wechat_appid.as_ref() == Some(&appid);
        let public_key = config.wechatpay_public_key_id.clone().zip(config.wechatpay_public_key.as_ref());
        let settings = WeChatPayConfig {
            base_url: config.wechatpay_url.0.clone(),
            api_url: config.wechat_url.0.clone(),
            mchid: mchid.clone(),
            app_secret: config.wechat_secret.as_ref().filter(|_| same_app).map(|secret| secret.0.clone()),
            appid,
            serial: serial.clone(),
            private_key: key.0.clone(),
            api_v3_key: api_v3_key.0.clone(),
            public_key: public_key.map(|(id, key)| (id, key.0.expose_secret().to_owned())),
            transfer_scene: TransferScene::default(),
            timeouts: Timeouts::default(),
        };
        let gateway = WeChatPay::new(&settings, Arc::clone(clock)).context("WeChat Pay")?;
        gateways = gateways.with(guarded(gateway, clock));
    }
    if let (Some(app_id), Some(seller_id), Some(key), Some(public_key)) =
        (&config.alipay_app_id, &config.alipay_seller_id, &config.alipay_private_key, &config.alipay_public_key)
    {
        let certificates = config.alipay_app_certificate.as_ref().zip(config.alipay_root_certificates.as_ref());
        let settings = AlipayConfig {
            gateway_url: config.alipay_url.0.clone(),
            app_id: app_id.clone(),
            seller_id: seller_id.clone(),
            private_key: key.0.clone(),
            alipay_public_key: public_key.0.expose_secret().to_owned(),
            certificates: certificates.map(|(app, root)| (app.0.expose_secret().to_owned(), root.0.expose_secret().to_owned())),
            timeouts: Timeouts::default(),
        };
        gateways = gateways.with(guarded(Alipay::new(&settings, Arc::clone(clock)).context("Alipay")?, clock));
    }
    if let (Some(secret_key), Some(publishable_key)) = (&config.stripe_secret_key, &config.stripe_publishable_key) {
        let settings = StripeConfig {
            base_url: config.stripe_url.0.clone(),
            secret_key: secret_key.0.clone(),
            publishable_key: publishable_key.clone(),
            webhook_secrets: config.stripe_webhook_secrets.iter().map(|secret| secret.0.clone()).collect(),
            timeouts: Timeouts::default(),
        };
        gateways = gateways.with(guarded(Stripe::new(&settings, Arc::clone(clock)).context("Stripe")?, clock));
    }
    if let (Some(client_id), Some(client_secret), Some(webhook_id), Some(merchant_id)) =
        (&config.paypal_client_id, &config.paypal_client_secret, &config.paypal_webhook_id, &config.paypal_merchant_id)
    {
        let settings = PayPalConfig {
            base_url: config.paypal_url.0.clone(),
            client_id: client_id.clone(),
            client_secret: client_secret.0.clone(),
            webhook_id: webhook_id.clone(),
            merchant_id: merchant_id.clone(),
            timeouts: Timeouts::default(),
        };
        gateways = gateways.with(guarded(PayPal::new(&settings, Arc::clone(clock)).context("PayPal")?, clock));
    }
    Ok(gateways)
}

/// With a simulator of every provider that is not known yet, and where they are mounted. Their books are lost at a stop.
fn simulated(mut gateways: Gateways, public_url: &str, clock: &Arc<dyn Clock>) -> anyhow::Result<(Gateways, Router)> {
    let mut routes = Router::new();
    let (callbacks, timeouts) = (sandbox::CallbackPolicy::default(), Timeouts::default());
    if gateways.get("wechat").is_none() {
        let url = format!("{public_url}/sandbox/wechat-pay");
        let (provider, told) = wechat_pay::WeChatPay::open(&url, (Arc::clone(clock), callbacks, wechat_pay::Trust::PublicKey));
        let settings = WeChatPayConfig {
            base_url: url.clone(),
            api_url: url,
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
        gateways = gateways.with(guarded(WeChatPay::new(&settings, Arc::clone(clock)).context("the simulated WeChat Pay")?, clock));
        routes = routes.nest("/sandbox/wechat-pay", wechat_pay::router(provider));
    }
    if gateways.get("alipay").is_none() {
        let (provider, told) = alipay::Alipay::open((Arc::clone(clock), callbacks));
        let settings = AlipayConfig {
            gateway_url: format!("{public_url}/sandbox/alipay/gateway.do"),
            app_id: told.app_id,
            seller_id: told.seller_id,
            private_key: told.private_key.into(),
            alipay_public_key: told.alipay_public_key,
            certificates: None,
            timeouts,
        };
        gateways = gateways.with(guarded(Alipay::new(&settings, Arc::clone(clock)).context("the simulated Alipay")?, clock));
        routes = routes.nest("/sandbox/alipay", alipay::router(provider));
    }
    if gateways.get("stripe").is_none() {
        let (provider, told) = stripe::Stripe::open((Arc::clone(clock), callbacks));
        provider.report_to(format!("{public_url}/pay/notify/stripe"));
        let settings = StripeConfig {
            base_url: format!("{public_url}/sandbox/stripe"),
            secret_key: told.secret_key.into(),
            publishable_key: told.publishable_key,
            webhook_secrets: vec![told.webhook_secret.into()],
            timeouts,
        };
        gateways = gateways.with(guarded(Stripe::new(&settings, Arc::clone(clock)).context("the simulated Stripe")?, clock));
        routes = routes.nest("/sandbox/stripe", stripe::router(provider));
    }
    if gateways.get("paypal").is_none() {
        let url = format!("{public_url}/sandbox/paypal");
        let (provider, told) = paypal::PayPal::open(&url, (Arc::clone(clock), callbacks));
        provider.report_to(format!("{public_url}/pay/notify/paypal"));
        let settings = PayPalConfig {
            base_url: url,
            client_id: told.client_id,
            client_secret: told.client_secret.into(),
            webhook_id: told.webhook_id,
            merchant_id: told.merchant_id,
            timeouts,
        };
        gateways = gateways.with(guarded(PayPal::new(&settings, Arc::clone(clock)).context("the simulated PayPal")?, clock));
        routes = routes.nest("/sandbox/paypal", paypal::router(provider));
    }
    Ok((gateways, routes))
}

fn guarded(gateway: impl Gateway, clock: &Arc<dyn Clock>) -> Arc<dyn Gateway> {
    Arc::new(Guarded::new(Arc::new(gateway), Patience::default(), Arc::clone(clock)))
}

impl Sandbox {
    /// The bank's pages and API, when it is built in.
    pub fn routes(&self) -> Router {
        let bank = self.bank.as_ref().map_or_else(Router::new, |bank| Router::new().nest("/sandbox", sandbox::router(bank.clone())));
        bank.merge(self.simulators.clone())
    }
}

fn gateways(access: &SandboxGatewayConfig, clock: Arc<dyn Clock>) -> anyhow::Result<Gateways> {
    let gateway = SandboxGateway::new(access, clock).context("the sandbox bank's client")?;
    Ok(Gateways::new().with(Arc::new(gateway)))
}

/// Beside the database file, so that a demo is one folder.
fn folder(config: &Config) -> PathBuf {
    let beside = config.database_url.file().and_then(Path::parent).map_or_else(|| PathBuf::from("data"), Path::to_owned);
    let name = config.database_url.file().and_then(Path::file_stem).map_or_else(|| "liebian".into(), std::ffi::OsStr::to_string_lossy);
    beside.join(format!("{name}-bank"))
}

fn keys(file: &Path) -> anyhow::Result<Keys> {
    if let Ok(text) = std::fs::read_to_string(file) {
        return serde_json::from_str(&text)
            .with_context(|| format!("{} is not what was written there; remove it together with the books beside it", file.display()));
    }
    let (fresh, credentials) = BankConfig::fresh("http://unused.invalid", MERCHANT);
    let bank = fresh.keys.into_iter().next().context("a fresh bank has a key")?;
    let merchant = fresh.merchants.into_iter().next().context("a fresh bank has a merchant")?;
    let (bank_serial, bank_public_key) = credentials.bank_public_keys.into_iter().next().context("a fresh bank has a public key")?;
    let keys = Keys {
        bank_serial,
        bank_private_key: bank.private_key,
        bank_public_key,
        merchant_key: credentials.merchant_key,
        merchant_public_key: merchant.public_key,
    };
    write_secret(file, serde_json::to_string_pretty(&keys)?.as_bytes())?;
    Ok(keys)
}

/// Writes a file only its owner may read.
pub(crate) fn write_secret(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    let opened = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file);
    opened.and_then(|mut file| file.write_all(content)).with_context(|| format!("{} cannot be written", file.display()))
}
