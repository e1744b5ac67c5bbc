//! The commands.

use std::{io::Write, path::PathBuf, sync::Arc};

use clap::{Parser, Subcommand};
use platform::clock::SystemClock;

use crate::{
    app::{self, Start},
    config::Sources,
    doctor, telemetry,
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
}

/// Runs one command; the answer is the exit code.
pub async fn run(cli: Cli) -> anyhow::Result<u8> {
    let sources = Sources::usual(cli.config.as_deref())?;
    let config = sources.read()?;
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
    }
    Ok(0)
}

/// Prints a line for the person at the terminal.
pub(crate) fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{line}")
}
