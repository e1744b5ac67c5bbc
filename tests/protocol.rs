//! The official judges of the protocols against the real mall: the audit of GraphQL over HTTP, the `graphql-ws` client and
//! every close code, server-sent events. The scripts are in `tests/protocol/`.

use std::{path::Path, process::Stdio};

use serde_json::json;
use testkit::{Backend, TestApp};
use tokio::process::Command;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protocol");

/// Runs one script against one API; its own report is shown when it fails.
async fn judged(app: &TestApp, (script, path): (&str, &str), documents: serde_json::Value) {
    assert!(
        Path::new(FOLDER).join("node_modules").exists(),
        "the scripts need their packages: `make test` runs `npm ci` in tests/protocol"
    );
    let judge = Command::new("node")
        .args([script, &format!("{}{path}", app.url())])
        .env("DOCUMENTS", documents.to_string())
        .current_dir(FOLDER)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let judge = judge.await.expect("node runs");
    assert!(
        judge.status.success(),
        "{script} {path}:\n{}{}",
        String::from_utf8_lossy(&judge.stdout),
        String::from_utf8_lossy(&judge.stderr)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_audit_of_graphql_over_http_passes() {
    let app = TestApp::start(Backend::Sqlite).await;
    judged(&app, ("http-audit.mjs", "/shop/graphql"), json!({})).await;
    judged(&app, ("http-audit.mjs", "/admin/graphql"), json!({})).await;
}
