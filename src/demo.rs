//! `liebian demo`: a make-believe mall with goods, faces, sixty days of orders and running group buys.
//!
//! The history is not written into tables: the mall runs with a clock that begins sixty days ago, and customers buy, pay
//! at the sandbox bank, receive and return through the same services as everybody. So the demo's ledger verifies, its
//! stock adds up, and its numbers are what the code makes of them. Then the clock catches up with the real one.

mod faces;
mod history;

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use identity::customer::demo::{faces as known_faces, mint_demo_tokens};
use kernel::{Clock, CustomerId, Timestamp, days};
use platform::{Op, clock::SystemClock, crypto::Crypto};

use crate::{
    app::{self, App, Demo, Hands, Start},
    bank::write_secret,
    cli::say,
    config::{Config, Sources},
};

/// The owner of the demo mall. Nothing is secret here: the command prints it.
const OWNER: (&str, &str) = ("demo@liebian.example", "welcome-to-liebian");

/// How far back the demo's history goes, in days.
const HISTORY: u64 = 60;

/// A clock that can be behind the machine's, and catches up.
pub(crate) struct WalkingClock {
    behind: std::sync::atomic::AtomicI64,
}

impl WalkingClock {
    fn set_behind(&self, by: std::time::Duration) {
        self.behind.store(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for WalkingClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0.saturating_sub(self.behind.load(std::sync::atomic::Ordering::SeqCst)))
    }
}

/// What every step of the seeding shares.
struct Seeding<'a> {
    app: &'a App,
    clock: &'a WalkingClock,
    op: Op,
}

impl Seeding<'_> {
    /// Whether the day that is being made lies so far back.
    fn clock_is_older_than(&self, age: std::time::Duration) -> bool {
        SystemClock.now().since(self.clock.now()) > age
    }
}

/// The demo's own settings, beneath what the environment says: a database of its own, the sandbox on, keys of its own.
pub fn config(sources: Sources) -> anyhow::Result<Config> {
    let sources =
        sources.or("DATABASE_URL", "sqlite://data/demo.db").or("STORAGE_FOLDER", "data/demo-media").or("SANDBOX", "on").or("LOG", "warn");
    let config = sources.read()?;
    if config.secret_keys.is_some() {
        return Ok(config);
    }
    let folder = config.database_url.file().and_then(std::path::Path::parent).map_or_else(|| PathBuf::from("data"), PathBuf::from);
    std::fs::create_dir_all(&folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let file = folder.join("demo.key");
    let keys = match std::fs::read_to_string(&file) {
        Ok(keys) => keys.trim().to_owned(),
        Err(_) => {
            let keys = Crypto::generate("demo");
            write_secret(&file, keys.as_bytes())?;
            keys
        }
    };
    Ok(sources.or("SECRET_KEYS", keys).read()?)
}

/// Serves the demo mall until it is told to stop; fills it first when there is nobody in it.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let clock = Arc::new(WalkingClock { behind: std::sync::atomic::AtomicI64::new(0) });
    let start = Start { clock: Arc::clone(&clock) as Arc<dyn Clock>, hands: Hands::Busy, demo: Demo::Open };
    let app = app::start(config, start).await?;
    let op = app.platform().system("demo");
    if known_faces(&op).await?.is_empty() {
        say("Filling the demo mall, once:")?;
        seed(&Seeding { app: &app, clock: &clock, op }).await?;
    }
    campaign::demo::rush(&app.platform().system("demo")).await?;
    welcome(app.public_url())?;
    app::told_to_stop().await?;
    app.stop().await
}

/// Access tokens of so many demo customers, one a line. Refused where nobody seeded a demo: nobody is signed in without
/// proof in a real mall.
pub async fn tokens(config: &Config, count: usize) -> anyhow::Result<()> {
    let platform = app::open(config, Arc::new(SystemClock)).await?;
    let op = platform.system("demo");
    if known_faces(&op).await?.is_empty() {
        anyhow::bail!("this is not a demo mall, so nobody is signed in without proof; `liebian demo` makes one");
    }
    for token in mint_demo_tokens(&op, count).await? {
        say(&token)?;
    }
    Ok(())
}

async fn seed(seeding: &Seeding<'_>) -> anyhow::Result<()> {
    let op = &seeding.op;
    seeding.clock.set_behind(days(HISTORY + 1));
    step("60 products with their pictures")?;
    let skus = catalog::demo::seed(op).await?;
    step("two dozen customers and the owner")?;
    let customers = faces::seed(op).await?;
    identity::staff::access::ensure_owner(op, OWNER.0, OWNER.1).await.map_err(|e| anyhow::anyhow!("the demo's owner: {e}"))?;
    step("sixty days of orders, paid at the sandbox bank")?;
    history::seed(seeding, (&customers, &skus)).await?;
    seeding.clock.set_behind(std::time::Duration::ZERO);
    step("three running group buys")?;
    campaign::demo::seed(op, &customers, async |order| history::pay(seeding, order).await).await?;
    step("two bargains, one of them half way")?;
    campaign::demo::bargain::seed(op, &customers).await?;
    seeding.app.worker().settle().await?;
    Ok(())
}

fn welcome(url: &str) -> anyhow::Result<()> {
    let lines = [
        String::new(),
        "  裂变 Liebian is open.".to_owned(),
        String::new(),
        format!("  {url}/               try it: pick a customer, join a team, pay"),
        format!("  {url}/shop/graphql   the shoppers' API (GraphiQL in a browser)"),
        format!("  {url}/admin/         the merchants' application"),
        format!("  {url}/admin/graphql  the merchants' API"),
        String::new(),
        format!("  sign in to the merchants' side as  {}  with  {}", OWNER.0, OWNER.1),
        "  shoppers need no password here: choose one on the first page".to_owned(),
        "  Ctrl-C stops it; `rm -r data` forgets it".to_owned(),
        String::new(),
    ];
    Ok(say(&lines.join("\n"))?)
}

/// One line of progress.
fn step(what: &str) -> std::io::Result<()> {
    say(&format!("  · {what}"))
}

/// The customers a visitor may play.
type Customers = Vec<CustomerId>;
