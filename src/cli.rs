//! The commands.

mod bargain;

use std::{io::Write, path::PathBuf, sync::Arc};

use clap::{Parser, Subcommand};
use platform::clock::SystemClock;
use trade::ledger::service::Progress;

use crate::{
    app::{self, Start},
    config::{Config, Sources},
    demo, doctor, telemetry,
};

/// Liebian (裂变): the realtime social-commerce engine.
#[derive(Debug, Parser)]
#[command(version, about, long_about = None)]
pub struct Cli {
    /// A TOML file of settings; LIEBIAN_… variables are stronger. All of them are in .env.example.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the mall until it is told to stop.
    Serve,
    /// Brings the database up to date.
    Migrate,
    /// Writes what is made from the code: schema/shop.graphql, schema/admin.graphql and .env.example.
    Schema,
    /// Checks what the mall needs and says what to do about what is missing.
    Doctor,
    /// A make-believe mall with customers, orders and a bank, served until it is told to stop. Never on a real database.
    Demo {
        #[command(subcommand)]
        command: Option<DemoCommand>,
    },
    /// Bargains.
    Bargain {
        #[command(subcommand)]
        command: BargainCommand,
    },
    /// The books.
    Ledger {
        #[command(subcommand)]
        command: LedgerCommand,
    },
}

#[derive(Debug, Subcommand)]
enum DemoCommand {
    /// Prints access tokens of so many demo customers, one a line; refused outside a demo mall.
    Tokens {
        /// How many.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        count: u32,
    },
}

#[derive(Debug, Subcommand)]
enum BargainCommand {
    /// Computes every cut of a bargain again, from its proof alone (docs/bargain.md); exits with 1 when one is not what the
    /// seed and its helper make it, and with 2 while the seed is not shown yet.
    Verify {
        /// A file with the proof as JSON (`-`: standard input), or the id of a record in this mall's database.
        #[arg(value_name = "FILE|RECORD")]
        proof: String,
    },
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// Walks the sealed ledger from its first block and sums every account; exits with 1 when anything was changed.
    Verify,
}

/// Runs one command; the answer is the exit code.
pub async fn run(cli: Cli) -> anyhow::Result<u8> {
    let sources = Sources::usual(cli.config.as_deref())?;
    let config = match cli.command {
        Command::Demo { .. } => demo::config(sources)?,
        _ => sources.read()?,
    };
    let _telemetry = telemetry::start(&config)?;
    match cli.command {
        Command::Serve => {
            let app = app::start(&config, Start::default()).await?;
            app::told_to_stop().await?;
            app.stop().await?;
        }
        Command::Migrate => {
            let platform = app::open(&config, Arc::new(SystemClock)).await?;
            say(&format!("The database is up to date ({} changes pending).", platform.pending_migrations().await?))?;
        }
        Command::Schema => {
            let made = [
                (".env.example", crate::config::example()),
                ("schema/shop.graphql", schema::shop_sdl()),
                ("schema/admin.graphql", schema::admin_sdl()),
            ];
            for (file, content) in made {
                std::fs::write(file, content)?;
                say(&format!("written: {file}"))?;
            }
        }
        Command::Doctor => return doctor::run(&config).await,
        Command::Demo { command: None } => demo::run(&config).await?,
        Command::Demo { command: Some(DemoCommand::Tokens { count }) } => demo::tokens(&config, usize::try_from(count)?).await?,
        Command::Bargain { command: BargainCommand::Verify { proof } } => return bargain::verify(&config, &proof).await,
        Command::Ledger { command: LedgerCommand::Verify } => return verify(&config).await,
    }
    Ok(0)
}

/// Proves the books; the answer is the exit code.
async fn verify(config: &Config) -> anyhow::Result<u8> {
    let platform = app::open(config, Arc::new(SystemClock)).await?;
    let report = trade::ledger::service::verify(&platform.system("ledger_verify"), |progress| {
        let _ = match progress {
            Progress::Blocks { done, total } if done % 100 == 0 || done == total => say(&format!("  walked {done} of {total} blocks")),
            Progress::Blocks { .. } => Ok(()),
            Progress::Accounts { done, total } => say(&format!("  compared {done} of {total} balances with their entries")),
        };
    })
    .await?;
    for broken in &report.breaks {
        say(&format!("✗ {broken}"))?;
    }
    let (blocks, sealed, unsealed, accounts) = (report.blocks, report.sealed, report.unsealed, report.accounts);
    say(&format!("{blocks} blocks seal {sealed} postings, {unsealed} wait for the next block"))?;
    say(&format!("{accounts} accounts stand as their entries sum, {} breaks", report.breaks.len()))?;
    Ok(u8::from(!report.breaks.is_empty()))
}

/// Prints a line for the person at the terminal.
pub(crate) fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{line}")
}
