//! `liebian doctor`: what the mall needs, one line each, with what to do about what is missing.

use std::time::Duration;

use kernel::{Clock, Timestamp};
use platform::{bus::Bus, clock::SystemClock, crypto::Crypto, db::Db};

use crate::{app, cli::say, config::Config};

/// The first day this could have been released; a clock before it is wrong.
const RELEASED: Timestamp = Timestamp(1_767_225_600_000);

/// What was found: all is well and some words, or what to do.
type Found = Result<String, String>;

/// Checks everything, prints it, answers the exit code.
pub async fn run(config: &Config) -> anyhow::Result<u8> {
    let findings: [(&str, Found); 6] = [
        ("clock", clock()),
        ("keys", keys(config)),
        ("database", database(config).await),
        ("migrations", migrations(config).await),
        ("redis", redis(config).await),
        ("storage", storage(config).await),
    ];
    let mut healthy = true;
    for (what, found) in findings {
        let (sign, words) = match found {
            Ok(words) => ("✓", words),
            Err(words) => {
                healthy = false;
                ("✗", words)
            }
        };
        say(&format!("{sign} {what:<11} {words}"))?;
    }
    Ok(u8::from(!healthy))
}

fn clock() -> Found {
    let now = SystemClock.now();
    if now < RELEASED {
        return Err(format!("it shows {}, which is past; set the clock (NTP) before money moves", now.to_rfc3339()));
    }
    Ok(now.to_rfc3339())
}

fn keys(config: &Config) -> Found {
    let keys = config.keys().map_err(|error| error.to_string())?;
    let crypto = Crypto::parse(keys).map_err(|error| error.to_string())?;
    let sealed = crypto.seal("doctor", "ok").and_then(|sealed| crypto.open("doctor", &sealed));
    sealed.map_err(|fault| format!("sealing does not work: {fault}"))?;
    Ok(format!("{} (the first seals)", crypto.key_ids().collect::<Vec<_>>().join(", ")))
}

async fn database(config: &Config) -> Found {
    if let Some(file) = config.database_url.file()
        && !file.exists()
    {
        return Err(format!("{} does not exist yet; `liebian migrate` makes it", file.display()));
    }
    let db = connect(config).await?;
    db.ping().await.map_err(|fault| fault.to_string())?;
    Ok(format!("{:?} answers", db.backend()))
}

async fn connect(config: &Config) -> Result<Db, String> {
    let connected = tokio::time::timeout(Duration::from_secs(15), Db::connect(&config.database_url.0, 1)).await;
    match connected {
        Ok(Ok(db)) => Ok(db),
        Ok(Err(fault)) => Err(format!("{fault}; check LIEBIAN_DATABASE_URL and that the server runs")),
        Err(_) => Err("no answer within 15 s; check LIEBIAN_DATABASE_URL and that the server runs".to_owned()),
    }
}

async fn migrations(config: &Config) -> Found {
    if config.database_url.file().is_some_and(|file| !file.exists()) {
        return Err("there is no database yet; run `liebian migrate`".to_owned());
    }
    let pending = platform::pending_migrations(&connect(config).await?).await.map_err(|fault| fault.to_string())?;
    if pending == 0 { Ok("up to date".to_owned()) } else { Err(format!("{pending} changes are missing; run `liebian migrate`")) }
}

async fn redis(config: &Config) -> Found {
    let Some(url) = &config.redis_url else { return Ok("none: this is the only process".to_owned()) };
    let bus = Bus::redis(&url.0, &config.redis_prefix.0).map_err(|fault| fault.to_string())?;
    let answered = tokio::time::timeout(Duration::from_secs(5), bus.ping()).await;
    match answered {
        Ok(Ok(())) => Ok("answers".to_owned()),
        Ok(Err(fault)) => {
            Err(format!("{fault}; start it or correct LIEBIAN_REDIS_URL (without it live changes reach other processes late)"))
        }
        Err(_) => Err("no answer within 5 s; start it or correct LIEBIAN_REDIS_URL".to_owned()),
    }
}

async fn storage(config: &Config) -> Found {
    let storage = app::storage(config).map_err(|error| error.to_string())?.open().map_err(|fault| fault.to_string())?;
    let written = async {
        storage.put("doctor/ok.txt", b"ok".to_vec()).await?;
        storage.get("doctor/ok.txt").await
    };
    match written.await {
        Ok(Some(_)) => Ok(storage.url("")),
        Ok(None) => Err("a file just written is not there; check LIEBIAN_STORAGE_…".to_owned()),
        Err(fault) => Err(format!("{fault}; check LIEBIAN_STORAGE_… and who may write there")),
    }
}
