//! How fast one change reaches everybody: `make bench-live`.
//!
//! Four servers, each a process of its own on one core, told the same events and watched by the same load client:
//!
//! - **engine**: our transport, shared executions; the design that is measured;
//! - **direct**: one loop that writes the same bytes into every socket, with no GraphQL and no protocol: the limit;
//! - **task**: an axum WebSocket and a task per subscriber that forwards a broadcast of the same bytes;
//! - **stock**: the subscription service of async-graphql-axum with its defaults.
//!
//! Rounds alternate between the designs; medians are printed with their range. `single` has one event in flight, the next
//! is told when everybody has it; `batched` has eight. At last, what subscribing and completing costs.

mod load;
mod server;

use std::io::Write;

use bench_kit::{
    figures::{Summary, machine},
    part::Part,
    say,
};
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DESIGNS: [&str; 4] = ["engine", "direct", "task", "stock"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server", design] => server::serve(design),
        ["load", address, sockets, seconds] => load::run(address, number(sockets), number(seconds)),
        ["cycle", address, cycles] => load::cycle(address, number(cycles)),
        _ => compare(&arguments),
    }
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_else(|_| panic!("{text} is not a number"))
}

/// One round of one design.
#[derive(Clone, Copy)]
struct Round {
    per_second: f64,
    p50: f64,
    p99: f64,
    cpu_per_million: f64,
    bytes_idle: f64,
}

fn round(design: &str, sockets: usize, mode: &str, seconds: usize) -> Option<Round> {
    let mut server = Part::start(&["server", design]);
    let address = server.hear();
    let empty = server.rss();
    let mut load = Part::start(&["load", &address, &sockets.to_string(), &seconds.to_string()]);
    load.tell(mode);
    if load.hear() != "connected" {
        return None;
    }
    let bytes_idle = (server.rss() - empty) / sockets as f64;
    load.tell("go");
    load.hear();
    let before = server.cpu_seconds();
    load.tell("go");
    let result = load.hear();
    let cpu = server.cpu_seconds() - before;
    let mut figures = result.split_whitespace().map(|figure| figure.parse::<f64>().expect("a figure"));
    let mut figure = || figures.next().expect("another figure");
    let (delivered, elapsed, p50, p99) = (figure(), figure(), figure(), figure());
    Some(Round { per_second: delivered / elapsed, p50, p99, cpu_per_million: cpu / delivered * 1e6, bytes_idle })
}

/// Subscribing, the first state and completing, so many times: per second, and microseconds of the server's CPU each.
fn cycles(design: &str, cycles: usize) -> (f64, f64) {
    let mut server = Part::start(&["server", design]);
    let address = server.hear();
    let mut load = Part::start(&["cycle", &address, &cycles.to_string()]);
    load.hear();
    let before = server.cpu_seconds();
    load.tell("go");
    let seconds: f64 = load.hear().parse().expect("a figure");
    let cpu = server.cpu_seconds() - before;
    (cycles as f64 / seconds, cpu / cycles as f64 * 1e6)
}

fn compare(arguments: &[String]) {
    let chosen = |name: &str, default: &str| {
        let found = arguments.iter().find_map(|argument| argument.strip_prefix(name)?.strip_prefix('=').map(str::to_owned));
        found.unwrap_or_else(|| default.to_owned())
    };
    let sizes: Vec<usize> = chosen("--sockets", "1000,5000,10000").split(',').map(number).collect();
    let (rounds, seconds) = (number(&chosen("--rounds", "3")), number(&chosen("--seconds", "3")));
    say(&format!("{}\n{rounds} rounds of {seconds} s each, designs in turn; median (lowest–highest)\n", machine()));
    say("| sockets | events | design | messages/s | of direct | p50 ms | p99 ms | CPU s per million | bytes per idle subscriber |");
    say("|---|---|---|---|---|---|---|---|---|");
    let mut table = Vec::new();
    for sockets in sizes {
        for mode in ["single", "batched"] {
            let mut found: Vec<Vec<Round>> = vec![Vec::new(); DESIGNS.len()];
            for nth in 0..rounds {
                for (design, rounds) in DESIGNS.iter().zip(&mut found) {
                    let _ = write!(std::io::stderr(), "\r{sockets} sockets, {mode}, round {}: {design}      ", nth + 1);
                    rounds.extend(round(design, sockets, mode, seconds));
                }
            }
            let _ = write!(std::io::stderr(), "\r{:60}\r", "");
            let limit = Summary::of(found[1].iter().map(|round| round.per_second));
            for (design, rounds) in DESIGNS.iter().zip(&found) {
                let of = |figure: fn(&Round) -> f64| Summary::of(rounds.iter().map(figure));
                let (rate, p50, p99) = (of(|r| r.per_second), of(|r| r.p50), of(|r| r.p99));
                let (cpu, idle) = (of(|r| r.cpu_per_million), of(|r| r.bytes_idle));
                let share = rate.median / limit.median * 100.0;
                say(&format!(
                    "| {sockets} | {mode} | {design} | {} | {share:.0} % | {} | {} | {} | {} |",
                    rate.shown(0),
                    p50.shown(1),
                    p99.shown(1),
                    cpu.shown(1),
                    idle.shown(0)
                ));
                table.push(json!({
                    "sockets": sockets, "events": mode, "design": design, "messagesPerSecond": rate.median, "ofDirect": share / 100.0,
                    "p50Ms": p50.median, "p99Ms": p99.median, "cpuSecondsPerMillion": cpu.median, "bytesPerIdleSubscriber": idle.median,
                }));
            }
        }
    }
    say("\n| design | subscribe, first state, complete: per second | CPU µs each |\n|---|---|---|");
    let mut cycled = Vec::new();
    for design in ["engine", "stock"] {
        let found: Vec<(f64, f64)> = (0..rounds).map(|_| cycles(design, 10_000)).collect();
        let (rate, cpu) = (Summary::of(found.iter().map(|found| found.0)), Summary::of(found.iter().map(|found| found.1)));
        say(&format!("| {design} | {} | {} |", rate.shown(0), cpu.shown(0)));
        cycled.push(json!({ "design": design, "cyclesPerSecond": rate.median, "cpuMicrosecondsPerCycle": cpu.median }));
    }
    let report = json!({ "machine": machine(), "rounds": rounds, "seconds": seconds, "results": table, "cycles": cycled });
    std::fs::create_dir_all("target").and_then(|()| std::fs::write("target/bench-live.json", report.to_string())).expect("written");
    say("\nAs JSON: target/bench-live.json");
}
