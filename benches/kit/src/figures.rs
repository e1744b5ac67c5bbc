//! Figures of rounds, and the machine they were taken on.

use std::fs::read_to_string;

/// What it runs on.
pub fn machine() -> String {
    let cpus = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpus.lines().find_map(|line| line.strip_prefix("model name")).map_or("unknown", |model| model.trim_matches([' ', '\t', ':']));
    let cores = cpus.lines().filter(|line| line.starts_with("processor")).count();
    let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let busy = read_to_string("/proc/loadavg").unwrap_or_default();
    let busy = busy.split_whitespace().next().unwrap_or("?").to_owned();
    format!("{model}, {cores} cores shared by clients, servers and database, Linux {}, load before the start {busy}", kernel.trim())
}

/// The middle of some figures, and their ends.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    /// The middle one.
    pub median: f64,
    /// The lowest.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
}

impl Summary {
    /// Of figures in any order.
    pub fn of(figures: impl Iterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.collect();
        figures.sort_by(f64::total_cmp);
        let at = |n: usize| figures.get(n).copied().unwrap_or(f64::NAN);
        Self { median: at(figures.len() / 2), lowest: at(0), highest: at(figures.len().saturating_sub(1)) }
    }

    /// For a table.
    pub fn shown(&self, decimals: usize) -> String {
        let Self { median, lowest, highest } = self;
        format!("**{median:.decimals$}** ({lowest:.decimals$}–{highest:.decimals$})")
    }
}
