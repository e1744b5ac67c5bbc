//! From a configuration to a running mall, and back to a standstill that loses nothing.
//!
//! ```text
//! start: bind ─▶ open the platform (migrates) ─▶ ports ─▶ schemas ─▶ routes ─▶ background hands ─▶ serve
//! stop:  /readyz says no ─▶ sockets close at moments of their own ─▶ requests finish ─▶ jobs finish ─▶ close
//! ```

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use kernel::Clock;
use platform::{Platform, Settings, StorageSettings, clock::SystemClock, ports::Ports, storage::S3, worker::Worker};
use realtime::{Origins, TrustedDocuments};
use sandbox::Bank;
use secrecy::ExposeSecret;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use trade::payment::gateway::Gateways;

use crate::{
    bank::{self, Sandbox},
    config::Config,
    http::{self, mall::Apis},
    registry, telemetry, worker,
};

/// What a start may do differently: tests move the clock and the hands themselves, the demo adds its sign-in.
pub struct Start {
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Whether jobs and sweeps run by themselves; tests settle them by hand.
    pub hands: Hands,
    /// Whether the demo's sign-in is there.
    pub demo: Demo,
}

/// Whether background work runs by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hands {
    /// It does.
    Busy,
    /// Only when [`Worker::settle`] is called.
    Still,
}

/// Whether customers may sign in without proving who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demo {
    /// They may: everything in this mall is make-believe.
    Open,
    /// The routes do not even exist.
    Absent,
}

impl Default for Start {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), hands: Hands::Busy, demo: Demo::Absent }
    }
}

/// A running mall.
pub struct App {
    addr: SocketAddr,
    public_url: String,
    platform: Arc<Platform>,
    worker: Worker,
    shell: http::Shell,
    apis: Apis,
    bank: Option<Bank>,
    drain: Duration,
    serving: JoinHandle<std::io::Result<()>>,
    working: Option<JoinHandle<()>>,
    stop_serving: CancellationToken,
    stop_working: CancellationToken,
}

/// Connects, migrates, serves.
pub async fn start(config: &Config, start: Start) -> anyhow::Result<App> {
    let metrics = telemetry::metrics()?;
    let listener = TcpListener::bind(config.listen).await.with_context(|| {
        format!("nobody can listen on {}: is another liebian running? LIEBIAN_LISTEN names another address", config.listen)
    })?;
    let addr = listener.local_addr()?;
    let public_url = config.public_url(addr);
    let sandbox = bank::open(config, &public_url, Arc::clone(&start.clock))?;
    let platform = open_with(config, start.clock, (&sandbox, start.demo, &public_url)).await?;
    let worker = worker::hands(&platform, registry::registry(), config);
    let shell = http::Shell::new(Arc::clone(&platform), config.clone(), metrics);
    let apis = Apis::new(&platform, &live_settings(config, &public_url), &TrustedDocuments::default());
    let mut more = apis.routes().merge(sandbox.routes());
    if start.demo == Demo::Open {
        more = more.merge(http::demo::routes(&platform));
    }
    let router = http::router(&shell, more);
    let (stop_serving, stop_working) = (CancellationToken::new(), CancellationToken::new());
    let working = match start.hands {
        Hands::Busy => Some(worker::start(&worker, &platform, stop_working.clone()).await?),
        Hands::Still => None,
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let stopped = stop_serving.clone().cancelled_owned();
    let serving = tokio::spawn(async move { axum::serve(listener, service).with_graceful_shutdown(stopped).await });
    tracing::info!(%addr, %public_url, backend = ?platform.db.backend(), "serving");
    let drain = Duration::from_secs(u64::from(config.drain_seconds.0));
    Ok(App { addr, public_url, platform, worker, shell, apis, bank: sandbox.bank, drain, serving, working, stop_serving, stop_working })
}

/// The pages that may call may open sockets, too; so may mini-programs, which name this origin.
fn live_settings(config: &Config, public_url: &str) -> realtime::Settings {
    const MINI_PROGRAMS: &str = "https://servicewechat.com";
    let mut settings = realtime::Settings::default();
    if !config.cors_origins.is_empty() {
        let ours = [public_url.trim_end_matches('/').to_owned(), MINI_PROGRAMS.to_owned()];
        settings.connections.origins = Origins::Named(config.cors_origins.iter().map(|origin| origin.0.clone()).chain(ours).collect());
    }
    settings
}

/// Connects to everything and brings the database up to date, without serving.
pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Arc<Platform>> {
    open_with(config, clock, (&Sandbox::default(), Demo::Absent, &config.public_url(config.listen))).await
}

async fn open_with(
    config: &Config,
    clock: Arc<dyn Clock>,
    (sandbox, demo, public_url): (&Sandbox, Demo, &str),
) -> anyhow::Result<Arc<Platform>> {
    if let Some(folder) = config.database_url.file().and_then(Path::parent) {
        std::fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    }
    let its_clock = Arc::clone(&clock);
    let settings = Settings {
        database_url: config.database_url.0.clone(),
        database_connections: config.database_connections.0,
        redis_url: config.redis_url.as_ref().map(|url| url.0.clone()),
        redis_prefix: config.redis_prefix.0.clone(),
        secret_keys: config.keys()?.to_owned(),
        storage: storage(config)?,
        clock,
    };
    let mut ports = Ports::default();
    ports.plug::<Gateways>(Arc::new(sandbox.gateways.clone()));
    registry::plug(&mut ports, config, (demo, public_url, its_clock))?;
    Ok(Platform::open(settings, |plugged| *plugged = ports).await?)
}

pub(crate) fn storage(config: &Config) -> anyhow::Result<StorageSettings> {
    let Some(bucket) = &config.storage_bucket else {
        return Ok(StorageSettings::Folder { path: config.storage_folder.clone(), public_base: "/media".to_owned() });
    };
    let needed = "checked when the configuration was read";
    Ok(StorageSettings::S3 {
        access: S3 {
            endpoint: config.storage_endpoint.as_ref().context(needed)?.0.clone(),
            region: config.storage_region.clone().context(needed)?,
            bucket: bucket.clone(),
            access_key: config.storage_access_key.clone().context(needed)?,
            secret_key: config.storage_secret_key.as_ref().context(needed)?.0.expose_secret().to_owned(),
        },
        public_base: config.storage_public_url.as_ref().context(needed)?.0.clone(),
    })
}

impl App {
    /// For tests, after they moved the clock: tokens may have run out on live sockets.
    pub fn clock_moved(&self) {
        self.apis.look_at_the_clock();
        self.platform.deadlines.look_at_the_clock();
    }

    /// From now on `/readyz` says no, so that balancers send nobody new.
    pub fn drain(&self) {
        self.shell.drain();
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address the world reaches it under.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// What it runs on.
    pub fn platform(&self) -> &Arc<Platform> {
        &self.platform
    }

    /// The built-in bank, when it is on.
    pub fn bank(&self) -> Option<&Bank> {
        self.bank.as_ref()
    }

    /// Its background hands.
    pub fn worker(&self) -> &Worker {
        &self.worker
    }

    /// Stops without losing anything that was begun, as far as the configured patience goes.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.shell.drain();
        tracing::info!("stopping: finishing what was begun");
        self.stop_serving.cancel();
        self.stop_working.cancel();
        let finished = async {
            self.apis.drain().await;
            if let Ok(Err(error)) = self.serving.await {
                tracing::error!(%error, "serving ended badly");
            }
            if let Some(working) = self.working
                && let Err(error) = working.await
            {
                tracing::error!(%error, "background work ended badly");
            }
        };
        if tokio::time::timeout(self.drain, finished).await.is_err() {
            tracing::warn!("patience ran out; what is unfinished goes on at the next start");
        }
        self.platform.db.clone().close().await?;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Waits for SIGTERM or Ctrl-C.
pub async fn told_to_stop() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}
