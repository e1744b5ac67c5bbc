//! The real binary as a process of its own, to be stopped, killed and started again.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use tokio::process::{Child, Command};

/// A program and the settings it runs with; nothing of this process's environment reaches it.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    settings: Vec<(String, String)>,
    folder: PathBuf,
}

impl Program {
    /// The binary, run in a folder.
    pub fn new(path: impl AsRef<Path>, folder: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned(), settings: Vec::new(), folder: folder.as_ref().to_owned() }
    }

    /// With one more setting: `LIEBIAN_{name}`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.push((format!("LIEBIAN_{name}"), value.into()));
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.args(arguments).env_clear().env("PATH", path).envs(self.settings.clone()).current_dir(&self.folder);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Runs it to its end.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().await.expect("the binary runs")
    }

    /// Starts it and waits until it answers under `url`.
    pub async fn start(&self, arguments: &[&str], url: &str) -> Running {
        let log = self.folder.join("liebian.log");
        let open = || std::fs::OpenOptions::new().create(true).append(true).open(&log).expect("a log can be written");
        let child = self.command(arguments).stdout(open()).stderr(open()).spawn().expect("the binary starts");
        let mut running = Running { child, log };
        running.wait_until_it_answers(url).await;
        running
    }
}

/// A process that answers.
pub struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    async fn wait_until_it_answers(&mut self, url: &str) {
        let http = reqwest::Client::new();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(120);
        let mut look = tokio::time::interval(Duration::from_millis(20));
        loop {
            look.tick().await;
            if http.get(format!("{url}/healthz")).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            let ended = self.child.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "the binary ended: {ended:?}\n{}", self.said());
            assert!(tokio::time::Instant::now() < deadline, "the binary does not answer\n{}", self.said());
        }
    }

    /// What it wrote.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it has written `words`; five minutes at most.
    pub async fn until_it_says(&self, words: &str) {
        let reading = async {
            let mut look = tokio::time::interval(Duration::from_millis(50));
            while !self.said().contains(words) {
                look.tick().await;
            }
        };
        let read = tokio::time::timeout(Duration::from_secs(300), reading).await;
        assert!(read.is_ok(), "it never says {words:?}:\n{}", self.said());
    }

    /// SIGKILL: it gets no chance to finish anything.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("a child can be killed");
    }

    /// SIGTERM, and its exit code.
    pub async fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().expect("it runs").to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill runs");
        assert!(told.success());
        let ended = tokio::time::timeout(Duration::from_secs(60), self.child.wait()).await.expect("it ends within a minute");
        ended.expect("a child ends").code()
    }

    /// The memory it holds for itself, in kB. Pages of its own program file are not among it: they are the page cache's,
    /// and a development build, which is not optimised, touches many.
    pub fn memory(&self) -> u64 {
        let id = self.child.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("Linux tells");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("it has memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

/// A port nobody listens on just now.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
