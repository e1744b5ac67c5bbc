//! Runs a command beside a private PostgreSQL and Redis: `with-servers cargo test -p platform`. The command finds them in
//! `LIEBIAN_TEST_POSTGRES` and `LIEBIAN_TEST_REDIS`; both are gone when it ends.

use std::process::{Command, ExitCode};

use testkit::servers;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else { return ExitCode::from(2) };
    let (postgres, redis) = (servers::Server::postgres(), servers::Server::redis());
    let status = Command::new(program)
        .args(words)
        .env("LIEBIAN_TEST_POSTGRES", postgres.postgres_url())
        .env("LIEBIAN_TEST_REDIS", redis.redis_url())
        .status();
    match status {
        Ok(status) => ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)),
        Err(_) => ExitCode::from(127),
    }
}
