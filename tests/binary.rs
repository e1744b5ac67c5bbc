//! The binary itself: what it refuses at the start, how small it is, how it stops.

use platform::crypto::Crypto;
use serde_json::{Value, json};
use testkit::{
    Api, Client, Server,
    process::{Program, free_port},
};

const LIEBIAN: &str = env!("CARGO_BIN_EXE_liebian");

/// The binary on an empty SQLite file in a folder of its own, and where it will answer.
fn program() -> (tempfile::TempDir, Program, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let port = free_port();
    let program =
        Program::new(LIEBIAN, folder.path()).with("LISTEN", format!("127.0.0.1:{port}")).with("SECRET_KEYS", Crypto::generate("k1"));
    (folder, program, format!("http://127.0.0.1:{port}"))
}

#[tokio::test]
async fn what_is_configured_wrongly_is_refused_with_a_sentence() {
    let (_folder, program, _) = program();
    for (name, value, sentence) in [
        ("WORKRES", "3", "LIEBIAN_WORKRES: there is no such setting; perhaps write LIEBIAN_WORKERS."),
        ("WORKERS", "many", "LIEBIAN_WORKERS: “many” is not a whole number from 1 to 256; write one"),
        ("SECRET_KEYS", "hunter2", "LIEBIAN_SECRET_KEYS: a secret key is not of the form id:base64"),
        ("DATABASE_URL", "mysql://root@localhost/mall", "LIEBIAN_DATABASE_URL: write sqlite://path/to/file.db or postgres://"),
    ] {
        let ended = program.clone().with(name, value).run(&["serve"]).await;
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success() && said.contains(sentence), "{name}={value}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[tokio::test]
async fn the_doctor_says_what_is_missing_and_is_content_after_a_migration() {
    let (_folder, program, _) = program();
    let sick = program.run(&["doctor"]).await;
    let said = String::from_utf8_lossy(&sick.stdout).into_owned();
    assert!(!sick.status.success() && said.contains("✗ database") && said.contains("liebian migrate"), "{said}");
    assert!(program.run(&["migrate"]).await.status.success());
    let healthy = program.run(&["doctor"]).await;
    assert!(healthy.status.success(), "{}", String::from_utf8_lossy(&healthy.stdout));
}

#[tokio::test]
async fn those_that_start_at_once_on_an_empty_postgres_migrate_it_once() {
    let server = Server::postgres();
    let (_folder, program, _) = program();
    let program = program.with("DATABASE_URL", format!("{}/postgres", server.postgres_url()));
    let migrations = futures_util::future::join_all((0..4).map(|_| program.run(&["migrate"]))).await;
    for migrated in migrations {
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    }
}

#[tokio::test]
async fn it_starts_stays_small_and_stops_when_told() {
    let (_folder, program, url) = program();
    assert!(program.run(&["migrate"]).await.status.success());
    let running = program.start(&["serve"], &url).await;
    let anybody = Client::anonymous(&url);
    assert_eq!(anybody.shop("{ __typename }", json!({})).await.body["data"]["__typename"], "Query");
    let memory = running.memory();
    let mut watching = anybody.socket(Api::Shop).await;
    let stopping = tokio::spawn(running.terminate());
    let code = watching.closed().await;
    assert_eq!(stopping.await.expect("it ends"), Some(0));
    assert!((1001..=4999).contains(&code), "{code}");
    assert!(memory < 60 * 1024, "{memory} kB");
}

#[tokio::test]
async fn it_starts_without_redis_and_finds_it_whenever_it_comes() {
    let (_folder, program, url) = program();
    let redis = Server::redis();
    let address = redis.redis_url();
    drop(redis);
    let running = program.with("REDIS_URL", address.clone()).start(&["serve"], &url).await;
    let anybody = Client::anonymous(&url);
    let before = anybody.get("/readyz").await;
    assert_eq!((before.body["redis"].as_bool(), before.body["database"].as_bool()), (Some(false), Some(true)), "{}", before.shown());
    assert_eq!(anybody.shop("{ __typename }", json!({})).await.body["data"]["__typename"], "Query");
    let _redis = Server::redis_at(&address);
    until(&anybody, |ready| ready["redis"] == true).await;
    assert_eq!(running.terminate().await, Some(0));
}

/// Asks until it is so; half a minute at most.
async fn until(anybody: &Client, fits: impl Fn(&Value) -> bool) {
    let asking = async {
        let mut look = tokio::time::interval(std::time::Duration::from_millis(50));
        loop {
            look.tick().await;
            if fits(&anybody.get("/readyz").await.body) {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), asking).await.expect("it heals within half a minute");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traces_reach_a_collector() {
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let collector = axum::Router::new().route(
        "/v1/traces",
        axum::routing::post(move |body: axum::body::Bytes| {
            let told = told.clone();
            async move {
                let _ = told.send(body.len());
            }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}/v1/traces", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, collector).await });
    let (_folder, program, url) = program();
    let running = program.with("OTLP_ENDPOINT", endpoint).with("OTLP_PERCENT", "100").start(&["serve"], &url).await;
    Client::anonymous(&url).shop("{ __typename }", json!({})).await;
    assert_eq!(running.terminate().await, Some(0));
    let bytes = heard.recv().await.expect("the collector hears before the process ends");
    assert!(bytes > 0);
}
