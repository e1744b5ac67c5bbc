//! Configuration: built-in defaults < TOML file (`--config`) < `.env` in the working directory < environment.
//!
//! One table says everything: the variable, what it means, its default and how it is read. `.env.example` repeats it in
//! the same order with the same words (a test compares them). A file uses the names without the prefix, in lower case:
//! `LIEBIAN_DATABASE_URL` is `database_url`.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
};

use platform::crypto::Crypto;
use secrecy::{ExposeSecret, SecretString};

/// What every variable begins with.
const PREFIX: &str = "LIEBIAN_";

/// A value that is not configured as it must be; says what to write instead.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {advice}")]
pub struct BadSetting {
    /// Where it was written.
    pub place: String,
    /// What to write.
    pub advice: String,
}

/// Reads one value from its text; the error says what to write.
trait Setting: Sized {
    fn read(text: &str) -> Result<Self, String>;
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $variable:literal = $default:literal => $field:ident: $ty:ty),* $(,)?) => {
        /// Everything that can be configured, read and checked.
        #[derive(Clone, Debug)]
        pub struct Config {
            $($(#[doc = $doc])+ pub $field: $ty,)*
        }

        /// One line of the reference: variable, comment lines, default.
        const REFERENCE: &[(&str, &[&str], &str)] = &[$(($variable, &[$($doc),+], $default)),*];

        impl Config {
            fn read(values: &BTreeMap<String, Value>) -> Result<Self, BadSetting> {
                Ok(Self { $($field: one::<$ty>(values, $variable, $default)?,)* })
            }
        }
    };
}

settings! {
    /// Where the server listens: address and port. 0.0.0.0:8080 is every network of this machine.
    "LISTEN" = "127.0.0.1:8080" => listen: SocketAddr,
    /// The address the world reaches it under, without a slash at the end; payment providers call back there.
    /// Empty means http:// and the address above.
    "PUBLIC_URL" = "" => public_url: Option<WebAddress>,
    /// The database: sqlite://path (made when absent) or postgres://user:password@host/name.
    "DATABASE_URL" = "sqlite://data/liebian.db" => database_url: DatabaseUrl,
    /// Connections to Postgres at once (SQLite writes by one and reads by up to four).
    "DATABASE_CONNECTIONS" = "16" => database_connections: Between<1, 500>,
    /// Redis, needed as soon as there is a second process: redis://host:6379 or rediss://… Empty means this is the only one.
    "REDIS_URL" = "" => redis_url: Option<RedisUrl>,
    /// In front of every Redis key and channel: letters, digits, dashes.
    "REDIS_PREFIX" = "liebian" => redis_prefix: Name,
    /// The keys personal data is sealed with and tokens are signed by: id:base64 of 32 bytes, several by comma, the sealing
    /// one first. Needed by everything except the demo, which keeps its own beside the database.
    "SECRET_KEYS" = "" => secret_keys: Option<SecretKeys>,
    /// Where pictures and films are kept, unless a bucket is named below.
    "STORAGE_FOLDER" = "data/media" => storage_folder: PathBuf,
    /// An S3-like bucket instead of the folder (MinIO, OSS, COS, S3). Name it and the next five are needed too.
    "STORAGE_BUCKET" = "" => storage_bucket: Option<String>,
    /// The bucket's endpoint, e.g. https://oss-cn-hangzhou.aliyuncs.com
    "STORAGE_ENDPOINT" = "" => storage_endpoint: Option<WebAddress>,
    /// The bucket's region.
    "STORAGE_REGION" = "" => storage_region: Option<String>,
    /// The id of the bucket's access key.
    "STORAGE_ACCESS_KEY" = "" => storage_access_key: Option<String>,
    /// The secret of the bucket's access key.
    "STORAGE_SECRET_KEY" = "" => storage_secret_key: Option<Secret>,
    /// The address the world reads the bucket's files under, e.g. of a CDN.
    "STORAGE_PUBLIC_URL" = "" => storage_public_url: Option<WebAddress>,
    /// Networks of proxies whose X-Forwarded-For is believed, by comma: 10.0.0.0/8,::1/128. Empty believes nobody.
    "TRUSTED_PROXIES" = "" => trusted_proxies: Vec<Network>,
    /// Pages of other origins that may call the APIs from a browser, by comma: https://shop.example. Empty allows none.
    "CORS_ORIGINS" = "" => cors_origins: Vec<WebAddress>,
    /// Background jobs at once.
    "WORKERS" = "8" => workers: Between<1, 256>,
    /// On a stop: seconds given to requests, sockets and jobs to finish.
    "DRAIN_SECONDS" = "20" => drain_seconds: Between<0, 600>,
    /// The simulated bank and WeChat under /sandbox: on or off. The demo turns it on; a real mall never does.
    "SANDBOX" = "off" => sandbox: Switch,
    /// A simulated bank that runs elsewhere, in place of the built-in one: its address.
    "SANDBOX_URL" = "" => sandbox_url: Option<WebAddress>,
    /// Who we are to that bank.
    "SANDBOX_MERCHANT" = "" => sandbox_merchant: Option<String>,
    /// What we sign with: an Ed25519 key, PKCS#8 DER in base64.
    "SANDBOX_MERCHANT_KEY" = "" => sandbox_merchant_key: Option<Secret>,
    /// What that bank signs with, by comma: serial:base64 of the public key.
    "SANDBOX_BANK_KEYS" = "" => sandbox_bank_keys: Vec<PublicKey>,
    /// The mini-program whose shoppers sign in with WeChat; empty means nobody does. Its secret is needed too.
    "WECHAT_APPID" = "" => wechat_appid: Option<String>,
    /// The mini-program's secret.
    "WECHAT_SECRET" = "" => wechat_secret: Option<Secret>,
    /// Where WeChat's API is; a simulator in tests.
    "WECHAT_URL" = "https://api.weixin.qq.com" => wechat_url: WebAddress,
    /// The account of Alibaba Cloud's short message service that sends one-time codes; empty means nobody signs in by phone.
    "SMS_ACCESS_KEY" = "" => sms_access_key: Option<String>,
    /// Its secret.
    "SMS_ACCESS_SECRET" = "" => sms_access_secret: Option<Secret>,
    /// The approved signature in front of every message.
    "SMS_SIGN_NAME" = "" => sms_sign_name: Option<String>,
    /// The approved template (SMS_…) with one variable, code.
    "SMS_TEMPLATE" = "" => sms_template: Option<String>,
    /// The same in English; empty sends everybody the first.
    "SMS_TEMPLATE_EN" = "" => sms_template_en: Option<String>,
    /// The approved template that reminds of what is due (a presale's balance), with two variables, name and until; empty sends none.
    "SMS_TEMPLATE_DUE" = "" => sms_template_due: Option<String>,
    /// The same in English; empty sends everybody the first.
    "SMS_TEMPLATE_DUE_EN" = "" => sms_template_due_en: Option<String>,
    /// Where the service is; a simulator in tests.
    "SMS_URL" = "https://dysmsapi.aliyuncs.com" => sms_url: WebAddress,
    /// WeChat Pay: the merchant's number. The next three are needed with it; docs/payments.md says where they come from.
    "WECHATPAY_MCHID" = "" => wechatpay_mchid: Option<String>,
    /// The serial number of the merchant's API certificate.
    "WECHATPAY_SERIAL" = "" => wechatpay_serial: Option<String>,
    /// The private key of that certificate: the text of apiclient_key.pem, or file: and its path.
    "WECHATPAY_PRIVATE_KEY" = "" => wechatpay_private_key: Option<KeyText>,
    /// The APIv3 key, 32 letters and digits.
    "WECHATPAY_API_V3_KEY" = "" => wechatpay_api_v3_key: Option<Secret>,
    /// The mini-program or official account shoppers pay in; empty means WECHAT_APPID.
    "WECHATPAY_APPID" = "" => wechatpay_appid: Option<String>,
    /// The public-key mode: PUB_KEY_ID_… Empty means platform certificates, which are downloaded and rotate by themselves.
    "WECHATPAY_PUBLIC_KEY_ID" = "" => wechatpay_public_key_id: Option<String>,
    /// The key of that id: the text of pub_key.pem, or file: and its path.
    "WECHATPAY_PUBLIC_KEY" = "" => wechatpay_public_key: Option<KeyText>,
    /// Where WeChat Pay is; a simulator in tests.
    "WECHATPAY_URL" = "https://api.mch.weixin.qq.com" => wechatpay_url: WebAddress,
    /// Alipay: the application's number. The next three are needed with it.
    "ALIPAY_APP_ID" = "" => alipay_app_id: Option<String>,
    /// The seller's number (2088…).
    "ALIPAY_SELLER_ID" = "" => alipay_seller_id: Option<String>,
    /// The application's private key: its text, or file: and its path.
    "ALIPAY_PRIVATE_KEY" = "" => alipay_private_key: Option<KeyText>,
    /// Alipay's public key for the application (not the application's own): its text, or file: and its path.
    "ALIPAY_PUBLIC_KEY" = "" => alipay_public_key: Option<KeyText>,
    /// The certificate mode, instead of public keys: the application's certificate (appCertPublicKey_….crt), as text or file:
    /// and its path. ALIPAY_PUBLIC_KEY is alipayCertPublicKey_RSA2.crt then.
    "ALIPAY_APP_CERTIFICATE" = "" => alipay_app_certificate: Option<KeyText>,
    /// Alipay's root certificates (alipayRootCert.crt), as text or file: and its path.
    "ALIPAY_ROOT_CERTIFICATES" = "" => alipay_root_certificates: Option<KeyText>,
    /// Where Alipay's gateway is; its sandbox is https://openapi-sandbox.dl.alipaydev.com/gateway.do
    "ALIPAY_URL" = "https://openapi.alipay.com/gateway.do" => alipay_url: WebAddress,
    /// Stripe: the secret key (sk_… or rk_…). The next two are needed with it.
    "STRIPE_SECRET_KEY" = "" => stripe_secret_key: Option<Secret>,
    /// The publishable key (pk_…).
    "STRIPE_PUBLISHABLE_KEY" = "" => stripe_publishable_key: Option<String>,
    /// The secrets of the webhook (whsec_…), by comma: two while one is being replaced.
    "STRIPE_WEBHOOK_SECRETS" = "" => stripe_webhook_secrets: Vec<Secret>,
    /// Where Stripe's API is; a simulator in tests.
    "STRIPE_URL" = "https://api.stripe.com" => stripe_url: WebAddress,
    /// PayPal: the application's client id. The next three are needed with it.
    "PAYPAL_CLIENT_ID" = "" => paypal_client_id: Option<String>,
    /// Its secret.
    "PAYPAL_CLIENT_SECRET" = "" => paypal_client_secret: Option<Secret>,
    /// The id of the webhook that reports to this mall.
    "PAYPAL_WEBHOOK_ID" = "" => paypal_webhook_id: Option<String>,
    /// The merchant the money is for.
    "PAYPAL_MERCHANT_ID" = "" => paypal_merchant_id: Option<String>,
    /// Where PayPal's API is; its sandbox is https://api-m.sandbox.paypal.com
    "PAYPAL_URL" = "https://api-m.paypal.com" => paypal_url: WebAddress,
    /// The account of Kuaidi100 that tracks parcels (customer); empty means parcels are not tracked. Its key is needed too.
    "KUAIDI100_CUSTOMER" = "" => kuaidi100_customer: Option<String>,
    /// The account's key.
    "KUAIDI100_KEY" = "" => kuaidi100_key: Option<Secret>,
    /// Where Kuaidi100 is; a simulator in tests.
    "KUAIDI100_URL" = "https://poll.kuaidi100.com" => kuaidi100_url: WebAddress,
    /// What is logged: error, warn, info, debug, trace, or a filter such as info,platform=debug.
    "LOG" = "info" => log: LogFilter,
    /// How it is logged: json, pretty, or auto (pretty on a terminal).
    "LOG_FORMAT" = "auto" => log_format: LogFormat,
    /// Who may read /metrics: the bearer token a scraper sends. Empty lets this machine and private networks read.
    "METRICS_TOKEN" = "" => metrics_token: Option<Secret>,
    /// An OpenTelemetry collector that takes traces over HTTP, e.g. http://127.0.0.1:4318/v1/traces. Empty exports none.
    "OTLP_ENDPOINT" = "" => otlp_endpoint: Option<WebAddress>,
    /// Of a hundred requests so many are traced.
    "OTLP_PERCENT" = "10" => otlp_percent: Between<0, 100>,
}

/// A value and where it was written.
#[derive(Clone, Debug)]
struct Value {
    text: String,
    place: String,
}

/// Where values come from, weakest first.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    values: BTreeMap<String, Value>,
}

impl Sources {
    /// The usual places: the file if one is named, `.env`, the environment.
    pub fn usual(file: Option<&Path>) -> Result<Self, BadSetting> {
        let mut sources = Self::default();
        if let Some(file) = file {
            let text = std::fs::read_to_string(file).map_err(|error| {
                bad(file.display(), format!("the file cannot be read ({error}); name one that can, or leave --config out"))
            })?;
            sources = sources.file(&text, &file.display().to_string())?;
        }
        if let Ok(dotenv) = dotenvy::from_path_iter(".env") {
            let pairs = dotenv
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| bad(".env", format!("a line is not NAME=value ({error}); write one setting a line")))?;
            sources = sources.variables(".env", pairs)?;
        }
        sources.variables(
            "environment",
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// The text of a TOML file.
    pub fn file(mut self, toml: &str, place: &str) -> Result<Self, BadSetting> {
        let file = config::Config::builder()
            .add_source(config::File::from_str(toml, config::FileFormat::Toml))
            .build()
            .and_then(config::Config::try_deserialize::<BTreeMap<String, config::Value>>)
            .map_err(|error| bad(place, format!("it is not TOML ({error}); write lines such as listen = \"127.0.0.1:8080\"")))?;
        for (key, value) in file {
            let place = format!("{key} in {place}");
            let name = key.to_ascii_uppercase();
            known(&name, &place, str::to_ascii_lowercase)?;
            let text = value.into_string().map_err(|_| bad(&place, format!("write one text or number: {key} = \"…\"")))?;
            self.values.insert(name, Value { text, place });
        }
        Ok(self)
    }

    /// Variables; those of others are left alone, unknown ones of ours refused.
    pub fn variables(mut self, place: &str, pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, BadSetting> {
        for (variable, text) in pairs {
            let Some(name) = variable.strip_prefix(PREFIX) else { continue };
            let place = if place == "environment" { variable.clone() } else { format!("{variable} in {place}") };
            known(name, &place, |name| format!("{PREFIX}{name}"))?;
            self.values.insert(name.to_owned(), Value { text, place });
        }
        Ok(self)
    }

    /// One value, stronger than all before.
    #[must_use]
    pub fn with(mut self, name: &str, text: impl Into<String>) -> Self {
        self.values.insert(name.to_owned(), Value { text: text.into(), place: format!("{PREFIX}{name}") });
        self
    }

    /// One value, weaker than all before.
    #[must_use]
    pub fn or(mut self, name: &str, text: impl Into<String>) -> Self {
        let empty = self.values.get(name).is_none_or(|value| value.text.trim().is_empty());
        if empty { self.with(name, text) } else { std::mem::take(&mut self) }
    }

    /// Reads and checks everything.
    pub fn read(&self) -> Result<Config, BadSetting> {
        let config = Config::read(&self.values)?;
        config.check()?;
        Ok(config)
    }
}

impl Config {
    /// What no single value shows.
    fn check(&self) -> Result<(), BadSetting> {
        let elsewhere: [(&str, bool); 3] = [
            ("SANDBOX_MERCHANT", self.sandbox_merchant.is_some()),
            ("SANDBOX_MERCHANT_KEY", self.sandbox_merchant_key.is_some()),
            ("SANDBOX_BANK_KEYS", !self.sandbox_bank_keys.is_empty()),
        ];
        if let Some((name, _)) = elsewhere.iter().find(|(_, given)| self.sandbox_url.is_some() != *given) {
            return Err(bad(
                format!("{PREFIX}{name}"),
                format!("a bank elsewhere needs {PREFIX}SANDBOX_URL and this together: write both or neither"),
            ));
        }
        if self.wechat_appid.is_some() != self.wechat_secret.is_some() {
            let missing = if self.wechat_appid.is_some() { "WECHAT_SECRET" } else { "WECHAT_APPID" };
            return Err(bad(
                format!("{PREFIX}{missing}"),
                "the mini-program's appid and secret belong together: write both or neither".to_owned(),
            ));
        }
        if self.kuaidi100_customer.is_some() != self.kuaidi100_key.is_some() {
            let missing = if self.kuaidi100_customer.is_some() { "KUAIDI100_KEY" } else { "KUAIDI100_CUSTOMER" };
            return Err(bad(
                format!("{PREFIX}{missing}"),
                "the tracking account's customer and key belong together: write both or neither".to_owned(),
            ));
        }
        let texts = [
            ("SMS_ACCESS_KEY", self.sms_access_key.is_some()),
            ("SMS_ACCESS_SECRET", self.sms_access_secret.is_some()),
            ("SMS_SIGN_NAME", self.sms_sign_name.is_some()),
            ("SMS_TEMPLATE", self.sms_template.is_some()),
        ];
        if texts.iter().any(|(_, given)| *given)
            && let Some((name, _)) = texts.iter().find(|(_, given)| !given)
        {
            return Err(bad(
                format!("{PREFIX}{name}"),
                "text messages need all four of their settings: write it, or empty the others".to_owned(),
            ));
        }
        self.check_providers()?;
        let bucket: [(&str, bool); 5] = [
            ("STORAGE_ENDPOINT", self.storage_endpoint.is_some()),
            ("STORAGE_REGION", self.storage_region.is_some()),
            ("STORAGE_ACCESS_KEY", self.storage_access_key.is_some()),
            ("STORAGE_SECRET_KEY", self.storage_secret_key.is_some()),
            ("STORAGE_PUBLIC_URL", self.storage_public_url.is_some()),
        ];
        for (name, given) in bucket {
            if self.storage_bucket.is_some() && !given {
                return Err(bad(
                    format!("{PREFIX}{name}"),
                    format!("a bucket is named, so this is needed too: write it, or empty {PREFIX}STORAGE_BUCKET"),
                ));
            }
            if self.storage_bucket.is_none() && given {
                return Err(bad(format!("{PREFIX}{name}"), format!("no bucket is named: write {PREFIX}STORAGE_BUCKET too, or empty this")));
            }
        }
        Ok(())
    }

    /// A payment provider is configured whole or not at all.
    fn check_providers(&self) -> Result<(), BadSetting> {
        let wechat = [
            ("WECHATPAY_MCHID", self.wechatpay_mchid.is_some()),
            ("WECHATPAY_SERIAL", self.wechatpay_serial.is_some()),
            ("WECHATPAY_PRIVATE_KEY", self.wechatpay_private_key.is_some()),
            ("WECHATPAY_API_V3_KEY", self.wechatpay_api_v3_key.is_some()),
        ];
        let public_key = [
            ("WECHATPAY_PUBLIC_KEY_ID", self.wechatpay_public_key_id.is_some()),
            ("WECHATPAY_PUBLIC_KEY", self.wechatpay_public_key.is_some()),
        ];
        let alipay = [
            ("ALIPAY_APP_ID", self.alipay_app_id.is_some()),
            ("ALIPAY_SELLER_ID", self.alipay_seller_id.is_some()),
            ("ALIPAY_PRIVATE_KEY", self.alipay_private_key.is_some()),
            ("ALIPAY_PUBLIC_KEY", self.alipay_public_key.is_some()),
        ];
        let alipay_certificates = [
            ("ALIPAY_APP_CERTIFICATE", self.alipay_app_certificate.is_some()),
            ("ALIPAY_ROOT_CERTIFICATES", self.alipay_root_certificates.is_some()),
        ];
        let stripe = [
            ("STRIPE_SECRET_KEY", self.stripe_secret_key.is_some()),
            ("STRIPE_PUBLISHABLE_KEY", self.stripe_publishable_key.is_some()),
            ("STRIPE_WEBHOOK_SECRETS", !self.stripe_webhook_secrets.is_empty()),
        ];
        let paypal = [
            ("PAYPAL_CLIENT_ID", self.paypal_client_id.is_some()),
            ("PAYPAL_CLIENT_SECRET", self.paypal_client_secret.is_some()),
            ("PAYPAL_WEBHOOK_ID", self.paypal_webhook_id.is_some()),
            ("PAYPAL_MERCHANT_ID", self.paypal_merchant_id.is_some()),
        ];
        for group in [&wechat[..], &public_key, &alipay, &alipay_certificates, &stripe, &paypal] {
            let some = group.iter().find(|(_, given)| *given);
            if let (Some((given, _)), Some((missing, _))) = (some, group.iter().find(|(_, given)| !given)) {
                let advice = format!("{PREFIX}{given} is set, so this is needed too: write it, or empty the others of that provider");
                return Err(bad(format!("{PREFIX}{missing}"), advice));
            }
        }
        if self.wechatpay_mchid.is_some() && self.wechatpay_appid.is_none() && self.wechat_appid.is_none() {
            return Err(bad(format!("{PREFIX}WECHATPAY_APPID"), "name the mini-program shoppers pay in, here or as WECHAT_APPID"));
        }
        Ok(())
    }

    /// The keys, or what to write.
    pub fn keys(&self) -> Result<&str, BadSetting> {
        let keys = self.secret_keys.as_ref().map(|keys| keys.0.expose_secret());
        keys.ok_or_else(|| {
            bad(
                format!("{PREFIX}SECRET_KEYS"),
                format!(
                    "it is missing. Keep this one, made just now, safe and secret, and write {PREFIX}SECRET_KEYS={}",
                    Crypto::generate("k1")
                ),
            )
        })
    }

    /// The address the world reaches the server under; `bound` is where it really listens.
    pub fn public_url(&self, bound: SocketAddr) -> String {
        self.public_url.as_ref().map_or_else(|| format!("http://{bound}"), |url| url.0.clone())
    }
}

/// The reference as `.env.example` prints it.
pub fn example() -> String {
    let mut text = String::from(
        "# Every variable, in the order of src/config.rs. Copy this file to .env and change what you need;\n\
         # what is commented out has its default. A file given by --config uses the same names without the\n\
         # prefix, in lower case: listen = \"127.0.0.1:8080\".\n",
    );
    for (variable, comment, default) in REFERENCE {
        text.push('\n');
        for line in *comment {
            text.push_str(&format!("#{line}\n"));
        }
        text.push_str(&format!("#{PREFIX}{variable}={default}\n"));
    }
    text
}

fn one<T: Setting>(values: &BTreeMap<String, Value>, name: &str, default: &str) -> Result<T, BadSetting> {
    let (text, place) = values.get(name).map_or((default, format!("{PREFIX}{name}")), |value| (value.text.trim(), value.place.clone()));
    T::read(text).map_err(|advice| bad(place, advice))
}

fn known(name: &str, place: &str, spell: impl Fn(&str) -> String) -> Result<(), BadSetting> {
    if REFERENCE.iter().any(|(variable, ..)| *variable == name) {
        return Ok(());
    }
    let nearest = REFERENCE.iter().map(|(variable, ..)| *variable).min_by_key(|variable| distance(variable, name)).unwrap_or_default();
    Err(bad(place, format!("there is no such setting; perhaps write {}. All of them are in .env.example", spell(nearest))))
}

/// How many letters must change to make one word the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn bad(place: impl ToString, advice: impl Into<String>) -> BadSetting {
    BadSetting { place: place.to_string(), advice: advice.into() }
}

impl<T: Setting> Setting for Option<T> {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::read(text).map(Some) }
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(text: &str) -> Result<Self, String> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(T::read).collect()
    }
}

impl Setting for SocketAddr {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("“{text}” is not an address and port; write for example 127.0.0.1:8080"))
    }
}

impl Setting for PathBuf {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("it is empty; write a folder, for example data/media".to_owned()) } else { Ok(text.into()) }
    }
}

impl Setting for String {
    fn read(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

/// A text that no log shows.
#[derive(Clone, Debug)]
pub struct Secret(pub SecretString);

impl Setting for Secret {
    fn read(text: &str) -> Result<Self, String> {
        Ok(Self(text.into()))
    }
}

/// A key: its text (PEM or base64), or `file:` and the path of one. No log shows it.
#[derive(Clone, Debug)]
pub struct KeyText(pub SecretString);

impl Setting for KeyText {
    fn read(text: &str) -> Result<Self, String> {
        let Some(path) = text.strip_prefix("file:") else { return Ok(Self(text.into())) };
        let read = std::fs::read_to_string(path);
        read.map(|text| Self(text.into()))
            .map_err(|error| format!("{path} cannot be read ({error}); name a file that can, or write the key itself"))
    }
}

/// `http://…` or `https://…` without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress(pub String);

impl Setting for WebAddress {
    fn read(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).unwrap_or_default();
        let parsed = text.parse::<axum::http::Uri>().ok().and_then(|uri| uri.host().map(|host| !host.is_empty()));
        if rest.is_empty() || parsed != Some(true) {
            return Err(format!("“{text}” is not a web address; write for example https://mall.example"));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

/// `sqlite://path` or `postgres://…`.
#[derive(Clone)]
pub struct DatabaseUrl(pub String);

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.split("://").next().unwrap_or_default())
    }
}

impl DatabaseUrl {
    /// The SQLite file, when it is one.
    pub fn file(&self) -> Option<&Path> {
        self.0.strip_prefix("sqlite://").map(|path| Path::new(path.split('?').next().unwrap_or(path)))
    }
}

impl Setting for DatabaseUrl {
    fn read(text: &str) -> Result<Self, String> {
        let rest = ["sqlite://", "postgres://", "postgresql://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        match rest {
            Some(path) if text.starts_with("sqlite:") && (path.contains(":memory:") || path.contains("mode=memory")) => {
                Err("a database in memory is another one for every connection; write sqlite:// and a file, for example sqlite://data/liebian.db".to_owned())
            }
            Some(rest) if !rest.is_empty() => Ok(Self(text.to_owned())),
            _ => Err("write sqlite://path/to/file.db or postgres://user:password@host/name".to_owned()),
        }
    }
}

/// `redis://…` or `rediss://…`.
#[derive(Clone)]
pub struct RedisUrl(pub String);

impl std::fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("redis")
    }
}

impl Setting for RedisUrl {
    fn read(text: &str) -> Result<Self, String> {
        let known = ["redis://", "rediss://", "redis+unix://", "unix://"].iter().any(|scheme| text.starts_with(scheme));
        if known {
            Ok(Self(text.to_owned()))
        } else {
            Err("write redis://host:6379, or leave it empty when this is the only process".to_owned())
        }
    }
}

/// Letters, digits and dashes.
#[derive(Clone, Debug)]
pub struct Name(pub String);

impl Setting for Name {
    fn read(text: &str) -> Result<Self, String> {
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if plain {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("“{text}” has something else than letters, digits and dashes; write for example liebian"))
        }
    }
}

/// The master keys.
#[derive(Clone, Debug)]
pub struct SecretKeys(pub SecretString);

impl Setting for SecretKeys {
    fn read(text: &str) -> Result<Self, String> {
        match Crypto::parse(text) {
            Ok(_) => Ok(Self(text.into())),
            Err(error) => {
                Err(format!("{error}; write id:base64 of 32 bytes, for example this one made just now: {}", Crypto::generate("k1")))
            }
        }
    }
}

/// A serial and a public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its name.
    pub serial: String,
    /// 32 bytes in base64.
    pub key: String,
}

impl Setting for PublicKey {
    fn read(text: &str) -> Result<Self, String> {
        let parts = text.split_once(':').filter(|(serial, key)| !serial.is_empty() && !key.is_empty());
        let (serial, key) =
            parts.ok_or_else(|| format!("“{text}” is not serial:key; write the bank's serial, a colon and its public key in base64"))?;
        Ok(Self { serial: serial.to_owned(), key: key.to_owned() })
    }
}

/// A whole number from `LOW` to `HIGH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between<const LOW: u32, const HIGH: u32>(pub u32);

impl<const LOW: u32, const HIGH: u32> Setting for Between<LOW, HIGH> {
    fn read(text: &str) -> Result<Self, String> {
        let number = u32::from_str(text).ok().filter(|number| (LOW..=HIGH).contains(number));
        number.map(Self).ok_or_else(|| format!("“{text}” is not a whole number from {LOW} to {HIGH}; write one"))
    }
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

impl Setting for Switch {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            other => Err(format!("“{other}” is neither; write on or off")),
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
    /// Pretty on a terminal, else JSON.
    Auto,
}

impl Setting for LogFormat {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            "auto" => Ok(Self::Auto),
            other => Err(format!("“{other}” is no format; write json, pretty or auto")),
        }
    }
}

/// Directives of the log filter.
#[derive(Clone, Debug)]
pub struct LogFilter(pub String);

impl Setting for LogFilter {
    fn read(text: &str) -> Result<Self, String> {
        match tracing_subscriber::EnvFilter::builder().parse(text) {
            Ok(_) if !text.is_empty() => Ok(Self(text.to_owned())),
            _ => Err(format!("“{text}” is no filter; write error, warn, info, debug or trace, or for example info,platform=debug")),
        }
    }
}

/// A network: `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Whether an address is in it.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.address, ip.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => {
                u32::from(network).checked_shr(32 - self.bits).unwrap_or(0) == u32::from(ip).checked_shr(32 - self.bits).unwrap_or(0)
            }
            (IpAddr::V6(network), IpAddr::V6(ip)) => {
                u128::from(network).checked_shr(128 - self.bits).unwrap_or(0) == u128::from(ip).checked_shr(128 - self.bits).unwrap_or(0)
            }
            _ => false,
        }
    }
}

impl Setting for Network {
    fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("“{text}” is not a network; write for example 10.0.0.0/8 or 127.0.0.1");
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(widest), str::parse).map_err(|_| wrong())?;
        if bits > widest { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str, text: &str) -> String {
        Sources::default().with(name, text).read().map(drop).expect_err(text).to_string()
    }

    #[test]
    fn the_example_file_lists_every_variable_in_order_with_the_same_comments() {
        let committed = include_str!("../.env.example");
        assert_eq!(committed, example(), "run `liebian schema` or copy the right-hand side into .env.example");
        // And what it shows, uncommented, is accepted.
        let pairs = REFERENCE.iter().map(|(variable, _, default)| (format!("{PREFIX}{variable}"), (*default).to_owned()));
        Sources::default().variables(".env.example", pairs).and_then(|sources| sources.read()).expect("the defaults are possible");
    }

    #[test]
    fn the_environment_beats_the_file_and_the_file_beats_the_default() {
        let sources = Sources::default()
            .file("listen = \"127.0.0.1:1\"\nworkers = 3", "mall.toml")
            .and_then(|s| {
                s.variables("environment", [("LIEBIAN_LISTEN".to_owned(), "127.0.0.1:2".to_owned()), ("PATH".to_owned(), "x".to_owned())])
            })
            .expect("known settings");
        let config = sources.read().expect("possible values");
        assert_eq!((config.listen.port(), config.workers.0, config.redis_prefix.0.as_str()), (2, 3, "liebian"));
        assert_eq!(sources.or("WORKERS", "9").or("LOG", "warn").read().expect("possible").workers.0, 3);
    }

    #[test]
    fn unknown_settings_are_refused_with_the_nearest_name() {
        let error = Sources::default().variables("environment", [("LIEBIAN_DATABSE_URL".to_owned(), String::new())]).expect_err("a typo");
        assert_eq!(
            error.to_string(),
            "LIEBIAN_DATABSE_URL: there is no such setting; perhaps write LIEBIAN_DATABASE_URL. All of them are in .env.example"
        );
        let error = Sources::default().file("redis = \"x\"", "mall.toml").expect_err("an unknown key");
        assert!(error.to_string().starts_with("redis in mall.toml: there is no such setting; perhaps write redis_url."), "{error}");
        assert!(Sources::default().file("= 1", "mall.toml").expect_err("no TOML").to_string().starts_with("mall.toml: it is not TOML"));
    }

    #[test]
    fn impossible_values_are_refused_with_a_sentence_that_says_what_to_write() {
        for (name, text, advice) in [
            ("LISTEN", "8080", "write for example 127.0.0.1:8080"),
            ("DATABASE_URL", "mysql://x", "write sqlite://path/to/file.db or postgres://"),
            ("DATABASE_URL", "sqlite://:memory:", "write sqlite:// and a file"),
            ("DATABASE_URL", "", "write sqlite://"),
            ("DATABASE_CONNECTIONS", "0", "from 1 to 500"),
            ("WORKERS", "-1", "from 1 to 256"),
            ("WORKERS", "99999999999999999999", "from 1 to 256"),
            ("REDIS_URL", "localhost", "write redis://host:6379"),
            ("REDIS_PREFIX", "a b", "letters, digits and dashes"),
            ("SECRET_KEYS", "hunter2", "write id:base64 of 32 bytes"),
            ("PUBLIC_URL", "mall.example", "write for example https://mall.example"),
            ("TRUSTED_PROXIES", "10.0.0.0/33", "write for example 10.0.0.0/8"),
            ("SANDBOX", "true", "write on or off"),
            ("SANDBOX_URL", "http://127.0.0.1:1", "this together: write both or neither"),
            ("SANDBOX_BANK_KEYS", "x", "write the bank's serial, a colon"),
            ("STRIPE_SECRET_KEY", "sk_test_1", "STRIPE_SECRET_KEY is set, so this is needed too"),
            ("PAYPAL_WEBHOOK_ID", "W1", "PAYPAL_WEBHOOK_ID is set, so this is needed too"),
            ("ALIPAY_PRIVATE_KEY", "file:/nowhere/key.pem", "name a file that can"),
            ("LOG", "loud=very", "is no filter"),
            ("LOG_FORMAT", "xml", "write json, pretty or auto"),
            ("STORAGE_BUCKET", "pictures", "a bucket is named, so this is needed too"),
            ("STORAGE_REGION", "cn", "no bucket is named"),
        ] {
            let refused = refusal(name, text);
            assert!(refused.contains(advice), "{name}={text}: {refused}");
        }
        let missing = Sources::default().read().expect("the defaults are possible").keys().map(drop).expect_err("no keys").to_string();
        assert!(missing.contains("LIEBIAN_SECRET_KEYS=k1:"), "{missing}");
    }

    #[test]
    fn networks_contain_their_addresses_only() {
        let network = Network::read("10.1.0.0/16").expect("a network");
        assert!(network.contains(IpAddr::from([10, 1, 2, 3])));
        assert!(network.contains("::ffff:10.1.2.3".parse().expect("an address")));
        assert!(!network.contains(IpAddr::from([10, 2, 2, 3])));
        assert!(Network::read("0.0.0.0/0").expect("everything").contains(IpAddr::from([9, 9, 9, 9])));
        assert!(!Network::read("::1").expect("one").contains("::2".parse().expect("an address")));
    }

    #[test]
    fn no_log_shows_a_secret() {
        let keys = Crypto::generate("k1");
        let config =
            Sources::default().with("SECRET_KEYS", &keys).with("DATABASE_URL", "postgres://u:hunter2@h/d").with("METRICS_TOKEN", "hunter2");
        let shown = format!("{:?}", config.read().expect("possible values"));
        assert!(!shown.contains("hunter2") && !shown.contains(&keys), "{shown}");
    }
}
