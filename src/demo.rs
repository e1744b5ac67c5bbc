//! `liebian demo`: a make-believe mall with goods, faces, sixty days of orders and running group buys.
//!
//! The history is not written into tables: the mall runs with a clock that begins sixty days ago, and customers buy, pay
//! at the sandbox bank, receive and return through the same services as everybody. So the demo's ledger verifies, its
//! stock adds up, and its numbers are what the code makes of them. Then the clock catches up with the real one.
//!
//! It is filled in parts, and each part that is done is remembered: a filling that is cut off goes on at the next start.

mod cases;
mod faces;
mod history;
mod offers;
mod people;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use identity::customer::demo::{faces as known_faces, mint_demo_tokens};
use kernel::{Actor, Clock, CustomerId, Failure, SessionId, Timestamp, days, hours};
use platform::{Op, clock::SystemClock, crypto::Crypto, parts};

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

/// How the filling is remembered.
const FILLING: &str = "demo";

/// When the customers came: last year, some of their points are nearly over.
const LAST_YEAR: Duration = days(355);

/// When the mall opened.
const OPENING: Duration = days(HISTORY + 1);

/// A part of the filling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Customers with faces and last year's points.
    Faces,
    /// Goods, the owner, and what the mall offers.
    Mall,
    /// One day of the history, so many days ago.
    Day(u64),
    /// Wallets, points, coupons, an order at a store.
    People,
    /// After-sale cases and complaints.
    Cases,
    /// The bank's bill.
    Bill,
    /// Group buys that run now.
    Plays,
    /// Bargains that run now.
    Bargains,
    /// A presale and a crowdfunding.
    Preorders,
}

impl Part {
    /// All of them, in the order of time.
    fn all() -> impl Iterator<Item = Self> {
        let days = (1..=HISTORY).rev().map(Self::Day);
        [Self::Faces, Self::Mall].into_iter().chain(days).chain([
            Self::People,
            Self::Cases,
            Self::Bill,
            Self::Plays,
            Self::Bargains,
            Self::Preorders,
        ])
    }

    /// How it is remembered.
    fn name(self) -> String {
        match self {
            Self::Day(day) => format!("day-{day}"),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    /// How long before now it happens.
    fn behind(self) -> Duration {
        match self {
            Self::Faces => LAST_YEAR,
            Self::Mall => OPENING,
            Self::Day(day) => history::behind(day),
            Self::People => hours(10),
            Self::Cases => hours(8),
            Self::Bill => hours(2),
            Self::Plays | Self::Bargains | Self::Preorders => Duration::ZERO,
        }
    }

    /// What is said when it begins.
    fn says(self) -> Option<&'static str> {
        match self {
            Self::Faces => Some("two dozen customers"),
            Self::Mall => Some("60 products with their pictures, stores, freight, coupons, reductions"),
            Self::Day(HISTORY) => Some("sixty days of orders, paid at the sandbox bank"),
            Self::People => Some("wallets, points, after-sale cases, a bill"),
            Self::Plays => Some("three running group buys"),
            Self::Bargains => Some("two bargains, one of them half way"),
            Self::Preorders => Some("a presale, and a crowdfunding at eighty percent"),
            Self::Day(_) | Self::Cases | Self::Bill => None,
        }
    }
}

/// A clock that can be behind the machine's, and catches up.
pub(crate) struct WalkingClock {
    behind: std::sync::atomic::AtomicI64,
}

impl WalkingClock {
    fn set_behind(&self, by: Duration) {
        self.behind.store(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for WalkingClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0.saturating_sub(self.behind.load(std::sync::atomic::Ordering::SeqCst)))
    }
}

/// What every part of the filling shares.
struct Seeding<'a> {
    app: &'a App,
    clock: &'a WalkingClock,
    op: Op,
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

/// Serves the demo mall until it is told to stop; fills it first when there is nobody in it, or goes on where an earlier
/// filling was cut off.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let missing = missing(config).await?;
    let clock = Arc::new(WalkingClock { behind: std::sync::atomic::AtomicI64::new(0) });
    // Nothing may happen today before the past is over: sweeps look at the clock, too.
    clock.set_behind(missing.first().map_or(Duration::ZERO, |part| part.behind()));
    let start = Start { clock: Arc::clone(&clock) as Arc<dyn Clock>, hands: Hands::Busy, demo: Demo::Open };
    let app = app::start(config, start).await?;
    if let Some(first) = missing.first() {
        say(if *first == Part::Faces { "Filling the demo mall, once:" } else { "Going on with filling the demo mall:" })?;
        let op = app.platform().system("demo");
        fill(&Seeding { app: &app, clock: &clock, op }, &missing).await?;
    }
    campaign::demo::rush(&app.platform().system("demo")).await?;
    welcome(app.public_url())?;
    app::told_to_stop().await?;
    app.stop().await
}

/// What is not there yet, in the order of time.
async fn missing(config: &Config) -> anyhow::Result<Vec<Part>> {
    let platform = app::open(config, Arc::new(SystemClock)).await?;
    let op = platform.system("demo");
    let done: BTreeSet<String> = parts::done(&op, FILLING).await?;
    let filled_before = done.is_empty() && !known_faces(&op).await?.is_empty();
    platform.db.clone().close().await?;
    if filled_before {
        say("This demo mall was filled by an earlier version; `rm -r data` makes a new one with all there is to see.")?;
        return Ok(Vec::new());
    }
    Ok(Part::all().filter(|part| !done.contains(&part.name())).collect())
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

/// Does what is missing, part by part. A part that was cut off is done again: what has a name is found by it, and what an
/// earlier try ordered ends like every other order.
async fn fill(seeding: &Seeding<'_>, missing: &[Part]) -> anyhow::Result<()> {
    let op = &seeding.op;
    let (mut customers, mut skus) = (Customers::new(), Vec::new());
    for part in missing {
        if let Some(says) = part.says() {
            step(says)?;
        }
        seeding.clock.set_behind(part.behind());
        if customers.is_empty() {
            customers = faces::seed(op).await?;
        }
        if skus.is_empty() && *part != Part::Faces {
            skus = catalog::demo::seed(op).await?;
        }
        match part {
            Part::Faces => people::old_points(op, &customers).await?,
            Part::Mall => {
                let owner = identity::staff::access::ensure_owner(op, OWNER.0, OWNER.1).await;
                owner.map_err(|e| anyhow::anyhow!("the demo's owner: {e}"))?;
                offers::seed(op).await?;
            }
            Part::Day(day) => history::day(seeding, *day, (&customers, &skus)).await?,
            Part::People => {
                offers::hand_out(op, &customers).await?;
                people::seed(seeding, (&customers, &skus)).await?;
            }
            Part::Cases => cases::seed(seeding).await?,
            Part::Bill => cases::bill(seeding).await?,
            Part::Plays => {
                campaign::demo::seed(op, &customers, async |order| history::pay(seeding, order).await).await?;
            }
            Part::Bargains => {
                campaign::demo::bargain::seed(op, &customers).await?;
            }
            Part::Preorders => campaign::demo::preorders(op, &customers, async |order| history::pay(seeding, order).await).await?,
        }
        seeding.app.worker().settle().await?;
        parts::mark(op, (FILLING, &part.name())).await?;
    }
    seeding.clock.set_behind(Duration::ZERO);
    Ok(())
}

/// The same platform, on behalf of a customer.
fn acting(op: &Op, customer: CustomerId) -> Op {
    Op { actor: Actor::Customer { id: customer, session: op.new_id::<SessionId>() }, ..op.clone() }
}

/// The demo has no business being refused.
fn refused<R: std::error::Error + Send + Sync + 'static>(failure: Failure<R>) -> anyhow::Error {
    anyhow::anyhow!("the demo was refused: {failure}")
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
        "  money moves at the sandbox bank, or at simulators of WeChat Pay, Alipay, Stripe and PayPal below /sandbox".to_owned(),
        "  (docs/payments.md); the bank keeps its books over a restart, the simulators forget theirs".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_the_filling_follow_each_other_in_time_and_have_names_of_their_own() {
        let all: Vec<Part> = Part::all().collect();
        assert!(all.windows(2).all(|pair| pair[0].behind() >= pair[1].behind()), "{all:?}");
        assert_eq!(all.iter().map(|part| part.name()).collect::<BTreeSet<_>>().len(), all.len());
    }
}
