//! Figures of processes, and of rounds.

use std::fs::read_to_string;

/// Kernel ticks per second, as `/proc` counts them.
const TICKS: f64 = 100.0;

/// Seconds of processor a process has used.
pub fn cpu_seconds(pid: u32) -> f64 {
    let stat = read_to_string(format!("/proc/{pid}/stat")).expect("a running process");
    let after_name = stat.rsplit_once(')').expect("a name in brackets").1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    // utime and stime are the 14th and 15th field of all, the name is the second.
    [fields[11], fields[12]].iter().map(|ticks| ticks.parse::<f64>().expect("a number") / TICKS).sum()
}

/// Bytes of memory a process holds.
pub fn rss(pid: u32) -> f64 {
    let status = read_to_string(format!("/proc/{pid}/status")).expect("a running process");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a process has memory");
    line.split_whitespace().nth(1).expect("a number").parse::<f64>().expect("a number") * 1024.0
}

/// What it runs on.
pub fn machine() -> String {
    let cpus = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpus.lines().find_map(|line| line.strip_prefix("model name")).map_or("unknown", |model| model.trim_matches([' ', '\t', ':']));
    let cores = cpus.lines().filter(|line| line.starts_with("processor")).count();
    let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let busy = read_to_string("/proc/loadavg").unwrap_or_default();
    let busy = busy.split_whitespace().next().unwrap_or("?").to_owned();
    format!("{model}, {cores} cores shared by server and load client, Linux {}, load before the start {busy}", kernel.trim())
}

/// The middle of some figures, and their ends.
pub struct Summary {
    pub median: f64,
    lowest: f64,
    highest: f64,
}

impl Summary {
    pub fn of(figures: impl Iterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.collect();
        figures.sort_by(f64::total_cmp);
        let at = |n: usize| figures.get(n).copied().unwrap_or(f64::NAN);
        Self { median: at(figures.len() / 2), lowest: at(0), highest: at(figures.len().saturating_sub(1)) }
    }

    pub fn shown(&self, decimals: usize) -> String {
        let Self { median, lowest, highest } = self;
        format!("**{median:.decimals$}** ({lowest:.decimals$}–{highest:.decimals$})")
    }
}
