//! Figures of turns, and how they are shown.

use std::{fs::read_to_string, io::Write, time::Duration};

use serde_json::{Value, json};

/// Writes a line.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// What it runs on.
pub fn machine() -> String {
    let cpus = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpus.lines().find_map(|line| line.strip_prefix("model name")).map_or("unknown", |model| model.trim_matches([' ', '\t', ':']));
    let cores = cpus.lines().filter(|line| line.starts_with("processor")).count();
    let busy = read_to_string("/proc/loadavg").unwrap_or_default();
    let busy = busy.split_whitespace().next().unwrap_or("?").to_owned();
    format!("{model}, {cores} cores shared by callers, server and database, load before the start {busy}")
}

/// One turn of one contender.
pub struct Score {
    /// Done in a second.
    pub per_second: f64,
    each: Vec<Duration>,
}

impl Score {
    /// So many took so long each, and all together.
    pub fn of(took: Duration, mut each: Vec<Duration>) -> Self {
        each.sort();
        Self { per_second: each.len() as f64 / took.as_secs_f64(), each }
    }

    /// A turn of which only the rate is known.
    pub fn rate(done: usize, took: Duration) -> Self {
        Self { per_second: done as f64 / took.as_secs_f64(), each: Vec::new() }
    }

    fn at(&self, percent: usize) -> f64 {
        let index = (self.each.len() * percent / 100).min(self.each.len().saturating_sub(1));
        self.each.get(index).map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
    }
}

fn middle(figures: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let at = |n: usize| figures.get(n).copied().unwrap_or(f64::NAN);
    (at(figures.len() / 2), at(0), at(figures.len().saturating_sub(1)))
}

/// The middle rate.
pub fn median(scores: &[Score]) -> f64 {
    middle(scores.iter().map(|score| score.per_second)).0
}

/// Every line that was shown.
#[derive(Default)]
pub struct Table(Vec<Value>);

impl Table {
    /// Shows one contender beside its limit.
    pub fn line(&mut self, (backend, what): (&str, &str), scores: &[Score], limit: f64) {
        let (rate, low, high) = middle(scores.iter().map(|score| score.per_second));
        let (p50, p99) = (middle(scores.iter().map(|score| score.at(50))).0, middle(scores.iter().map(|score| score.at(99))).0);
        say(&format!(
            "  {backend:<10} {what:<20} {rate:>10.0} /s  ({low:.0} … {high:.0})  {:>6.1} % of bare   p50 {p50:>8.2} ms   p99 {p99:>8.2} ms",
            rate / limit * 1e2
        ));
        let finite = |figure: f64| if figure.is_finite() { json!(figure) } else { Value::Null };
        self.0.push(json!({
            "backend": backend, "what": what, "perSecond": finite(rate), "lowest": finite(low), "highest": finite(high),
            "p50Ms": finite(p50), "p99Ms": finite(p99), "ofBare": finite(rate / limit),
        }));
    }

    /// All of it, for programs.
    pub fn json(&self) -> String {
        Value::from(self.0.clone()).to_string()
    }
}
