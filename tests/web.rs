//! The mall as people use it: the real binary with its demo, and its pages clicked through in a real browser. The scripts
//! are in `web-admin/e2e/`; every step of theirs also asks whether the page can be used with a keyboard and read aloud.

use std::{path::Path, process::Stdio};

use platform::crypto::Crypto;
use serde_json::json;
use testkit::{
    Client,
    process::{Program, free_port},
};
use tokio::process::Command;

const LIEBIAN: &str = env!("CARGO_BIN_EXE_liebian");
const WEB_ADMIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/web-admin");

/// The ways into the demo; a mall that serves for real answers none of them.
const DEMO_WAYS: [&str; 2] = ["/demo/customers", "/demo/sign-in"];

/// The binary in a folder of its own, and where it will answer.
fn program() -> (tempfile::TempDir, Program, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let listen = format!("127.0.0.1:{}", free_port());
    let program = Program::new(LIEBIAN, folder.path()).with("LISTEN", &listen);
    (folder, program, format!("http://{listen}"))
}

/// Runs one script in a browser; its own report is shown when a step fails.
async fn clicked(script: &str, url: &str) {
    let installed = Path::new(WEB_ADMIN).join("node_modules").exists();
    assert!(installed, "the scripts need their packages: `make test` runs `npm ci` in web-admin");
    let clicks =
        Command::new("node").arg(script).env("LIEBIAN_URL", url).current_dir(WEB_ADMIN).stdin(Stdio::null()).kill_on_drop(true).output();
    let clicks = clicks.await.expect("node runs");
    let report = format!("{}{}", String::from_utf8_lossy(&clicks.stdout), String::from_utf8_lossy(&clicks.stderr));
    assert!(clicks.status.success(), "{script}:\n{report}");
}

#[tokio::test]
async fn a_newcomer_opens_two_windows_and_the_owner_watches() {
    let (folder, program, url) = program();
    let demo = program.start(&["demo"], &url).await;
    demo.until_it_says("Ctrl-C stops it").await;
    for way in DEMO_WAYS {
        assert_ne!(Client::anonymous(&url).get(way).await.status, 404, "{way}");
    }
    clicked("e2e/shop.mjs", &url).await;
    clicked("e2e/admin.mjs", &url).await;
    clicked("e2e/desk.mjs", &url).await;
    assert_eq!(demo.terminate().await, Some(0), "it stops when it is told to");
    let key = std::fs::read_to_string(folder.path().join("data/demo.key")).expect("the demo has a key");
    let program = program.with("DATABASE_URL", "sqlite://data/demo.db").with("SECRET_KEYS", key.trim());
    let books = program.run(&["ledger", "verify"]).await;
    assert!(books.status.success(), "{}", String::from_utf8_lossy(&books.stderr));
}

#[tokio::test]
async fn a_mall_that_serves_has_no_way_into_the_demo() {
    let (_folder, program, url) = program();
    let running = program.with("SECRET_KEYS", Crypto::generate("k1")).start(&["serve"], &url).await;
    let anybody = Client::anonymous(&url);
    for way in DEMO_WAYS {
        assert_eq!(anybody.get(way).await.status, 404, "{way}");
        assert_eq!(anybody.post(way, &json!({ "customer": "1" })).await.status, 404, "{way}");
    }
    assert_eq!(running.terminate().await, Some(0));
}
