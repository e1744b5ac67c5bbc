//! A part of a benchmark that is a process of its own, and what it costs.

use std::{
    fs::read_to_string,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// Kernel ticks per second, as `/proc` counts them.
const TICKS: f64 = 100.0;

/// A process of this program.
pub struct Part {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Part {
    /// Starts one with as many file descriptors as the system gives.
    pub fn start(arguments: &[&str]) -> Self {
        let program = std::env::current_exe().expect("a program knows where it is");
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -n $(ulimit -Hn); exec \"$0\" \"$@\""])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process starts");
        let (input, output) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        Self { child, input, output: BufReader::new(output) }
    }

    /// The next line it says.
    pub fn hear(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the other process speaks");
        line.trim().to_owned()
    }

    /// Says a line to it.
    pub fn tell(&mut self, line: &str) {
        writeln!(self.input, "{line}").expect("the other process listens");
    }

    /// Seconds of processor it has used.
    pub fn cpu_seconds(&self) -> f64 {
        let stat = read_to_string(format!("/proc/{}/stat", self.child.id())).expect("a running process");
        let after_name = stat.rsplit_once(')').expect("a name in brackets").1;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        // utime and stime are the 14th and 15th field of all, the name is the second.
        [fields[11], fields[12]].iter().map(|ticks| ticks.parse::<f64>().expect("a number") / TICKS).sum()
    }

    /// Bytes of memory it holds.
    pub fn rss(&self) -> f64 {
        let status = read_to_string(format!("/proc/{}/status", self.child.id())).expect("a running process");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a process has memory");
        line.split_whitespace().nth(1).expect("a number").parse::<f64>().expect("a number") * 1024.0
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
