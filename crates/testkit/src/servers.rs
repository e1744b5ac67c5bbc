//! PostgreSQL and Redis instances of our own: started once per process, on sockets nobody else knows, without care for
//! power cuts, and gone with the process however it ends: a shell waits for the end of a pipe that dies with us.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::OnceLock,
};

use platform::crypto::random_bytes;

/// Prepares and runs a server, and says `started`; a line of input ends it as a crash would and starts it again; the end of the
/// input is the end of everything. `$1` is the folder, `$2` where the programs are.
const POSTGRES: &str = r#"
trap '' INT TERM HUP
cd "$1" || exit 1
"$2/initdb" -D data -U liebian -A trust -E UTF8 --locale=C.UTF-8 --no-sync >log 2>&1 || { cat log >&2; rm -rf "$1"; exit 1; }
begin() {
  "$2/postgres" -D data -k "$1" -c listen_addresses= -c max_connections=500 -c shared_buffers=64MB \
    -c fsync=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=128MB >>log 2>&1 &
  pid=$!
  tries=0
  until "$2/pg_isready" -q -h "$1"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ] || ! kill -0 "$pid" 2>/dev/null; then cat log >&2; kill -9 "$pid" 2>/dev/null; rm -rf "$1"; exit 1; fi
    sleep 0.05
  done
  echo started
}
begin "$1" "$2"
while read -r _; do
  kill -QUIT "$pid"
  wait "$pid"
  begin "$1" "$2"
done
kill -QUIT "$pid" 2>/dev/null
wait "$pid" 2>/dev/null
rm -rf "$1"
"#;

/// The same for Redis; `$2` is the program.
const REDIS: &str = r#"
trap '' INT TERM HUP
cd "$1" || exit 1
"$2" --port 0 --unixsocket "$1/redis.sock" --save "" --appendonly no >log 2>&1 &
pid=$!
tries=0
until [ -S "$1/redis.sock" ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 600 ] || ! kill -0 "$pid" 2>/dev/null; then cat log >&2; kill -9 "$pid" 2>/dev/null; rm -rf "$1"; exit 1; fi
  sleep 0.05
done
echo started
cat >/dev/null
kill -9 "$pid" 2>/dev/null
wait "$pid" 2>/dev/null
rm -rf "$1"
"#;

/// A server that lives as long as this value or this process.
pub struct Server {
    folder: PathBuf,
    // Dropped first: its end is what the shell waits for.
    pipe: Option<ChildStdin>,
    says: BufReader<ChildStdout>,
    shell: Child,
}

impl Server {
    /// Starts a PostgreSQL; [`postgres`] is the one everybody shares.
    pub fn postgres() -> Self {
        let programs = postgres_programs();
        let root = output("id", &["-u"]) == "0";
        let user = if root { Some("postgres") } else { None };
        Self::start(POSTGRES, &programs, user, "PostgreSQL")
    }

    /// Starts a Redis; [`redis`] is the one everybody shares.
    pub fn redis() -> Self {
        Self::start(REDIS, &found("redis-server", &[]), None, "Redis")
    }

    /// Starts a Redis where one was before.
    pub fn redis_at(url: &str) -> Self {
        let folder = url.trim_start_matches("redis+unix://").trim_end_matches("/redis.sock");
        Self::start_in(Path::new(folder).to_owned(), (REDIS, &found("redis-server", &[])), None, "Redis")
    }

    fn start(script: &str, program: &Path, user: Option<&str>, name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("liebian-{}", hex::encode(random_bytes::<8>())));
        Self::start_in(folder, (script, program), user, name)
    }

    fn start_in(folder: PathBuf, (script, program): (&str, &Path), user: Option<&str>, name: &str) -> Self {
        std::fs::create_dir(&folder).expect("a temporary folder can be made");
        let mut command = match user {
            Some(user) => {
                assert!(Command::new("chown").arg(user).arg(&folder).status().is_ok_and(|status| status.success()), "chown to {user}");
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--", "sh", "-c"]);
                command
            }
            None => {
                let mut command = Command::new("sh");
                command.arg("-c");
                command
            }
        };
        let command = command.args([script, "sh"]).arg(&folder).arg(program).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = command.spawn().unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let (pipe, says) = (shell.stdin.take(), BufReader::new(shell.stdout.take().expect("the output is a pipe")));
        let mut server = Self { folder, pipe, says, shell };
        server.starts(name);
        server
    }

    fn starts(&mut self, name: &str) {
        let mut line = String::new();
        self.says.read_line(&mut line).expect("the shell answers");
        assert_eq!(line.trim(), "started", "{name} did not start; what it said is above");
    }

    /// Ends a PostgreSQL in the middle of whatever it does and starts it again: it recovers from its log.
    pub fn postgres_crashes(&mut self) {
        writeln!(self.pipe.as_mut().expect("open until dropped"), "again").expect("the shell listens");
        self.starts("PostgreSQL");
    }

    /// `postgres://…` without a database's name.
    pub fn postgres_url(&self) -> String {
        format!("postgres://liebian@{}", self.folder.display().to_string().replace('/', "%2F"))
    }

    /// `redis+unix://…`
    pub fn redis_url(&self) -> String {
        format!("redis+unix://{}/redis.sock", self.folder.display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.shell.wait();
    }
}

/// The PostgreSQL of this process.
pub fn postgres() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::postgres)
}

/// The Redis of this process.
pub fn redis() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::redis)
}

/// Where `initdb` and `postgres` are; Debian keeps them away from the path. Not `pg_ctl`: it would put the server out of our hands.
fn postgres_programs() -> PathBuf {
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    versions.retain(|bin| bin.join("initdb").exists() && bin.join("postgres").exists());
    versions.sort_by_key(|bin| bin.parent().and_then(Path::file_name).and_then(|name| name.to_str()?.parse::<u32>().ok()));
    let program = versions.pop().map_or_else(|| found("initdb", &["/usr/local/pgsql/bin"]), |bin| bin.join("initdb"));
    program.parent().expect("a program is in a folder").to_owned()
}

/// A program on the path or in one of some folders; installed when it is nowhere.
fn found(program: &str, elsewhere: &[&str]) -> PathBuf {
    let look = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .chain(elsewhere.iter().map(PathBuf::from))
            .map(|folder| folder.join(program))
            .find(|file| file.exists())
    };
    look().unwrap_or_else(|| panic!("{program} is not installed; `make need-test` installs it"))
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
