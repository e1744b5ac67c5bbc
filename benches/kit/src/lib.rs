//! What benchmarks share: parts that run as processes of their own, figures and how they are shown, and sockets that watch
//! and cost little themselves.

pub mod figures;
pub mod part;
pub mod socket;

use std::io::{BufRead, Write};

/// Writes a line.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The next line somebody says to this process.
pub fn heard() -> String {
    let mut line = String::new();
    let _ = std::io::stdin().lock().read_line(&mut line);
    line.trim().to_owned()
}

/// A number from the environment.
pub fn setting(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// The machine's time, as all its processes see it, in nanoseconds: two of them measure one way between them.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures the real time")]
pub fn nanoseconds() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}
