//! The sandbox provider of this mall: the built-in bank under `/sandbox`, or one that runs elsewhere.

use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use axum::Router;
use kernel::Clock;
use sandbox::{Bank, BankConfig, BankKey, Merchant};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use trade::payment::{
    gateway::Gateways,
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
        return Ok(Sandbox { gateways: gateways(&access, clock)?, bank: None });
    }
    if config.sandbox == Switch::Off {
        return Ok(Sandbox::default());
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
    Ok(Sandbox { gateways: gateways(&access, clock)?, bank: Some(bank) })
}

impl Sandbox {
    /// The bank's pages and API, when it is built in.
    pub fn routes(&self) -> Router {
        self.bank.as_ref().map_or_else(Router::new, |bank| Router::new().nest("/sandbox", sandbox::router(bank.clone())))
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
