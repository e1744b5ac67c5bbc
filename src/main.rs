//! The binary: see [`liebian::cli`].

use std::process::ExitCode;

use clap::Parser;
use liebian::cli::{Cli, run};

/// Faster under load than the system's, and, without huge pages, no larger at idle.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "liebian: {error:#}");
            ExitCode::FAILURE
        }
    }
}
