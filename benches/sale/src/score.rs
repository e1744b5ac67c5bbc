//! Figures of turns, and how they are shown.

use std::time::Duration;

use bench_kit::{figures::Summary, say};
use serde_json::{Value, json};

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

    /// For another process: what it did and how long each took, in milliseconds.
    pub fn told(&self) -> String {
        self.each.iter().map(|took| format!("{:.3}", took.as_secs_f64() * 1e3)).collect::<Vec<_>>().join(" ")
    }

    /// What processes told that worked at the same time.
    pub fn of_processes(took: Duration, told: &[String]) -> Self {
        let each = told.iter().flat_map(|told| told.split_whitespace()).map(|one| one.parse::<f64>().expect("a figure"));
        Self::of(took, each.map(|one| Duration::from_secs_f64(one / 1e3)).collect())
    }

    fn at(&self, percent: usize) -> f64 {
        let index = (self.each.len() * percent / 100).min(self.each.len().saturating_sub(1));
        self.each.get(index).map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
    }
}

/// The middle rate.
pub fn median(scores: &[Score]) -> f64 {
    Summary::of(scores.iter().map(|score| score.per_second)).median
}

/// Every line that was shown.
#[derive(Default)]
pub struct Table(Vec<Value>);

impl Table {
    /// Shows one contender beside its limit.
    pub fn line(&mut self, (backend, what): (&str, &str), scores: &[Score], limit: f64) {
        let Summary { median: rate, lowest: low, highest: high } = Summary::of(scores.iter().map(|score| score.per_second));
        let at = |percent| Summary::of(scores.iter().map(|score| score.at(percent))).median;
        let (p50, p99) = (at(50), at(99));
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
