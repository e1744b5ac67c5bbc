//! The official judges of the protocols against the real mall: the audit of GraphQL over HTTP, the `graphql-ws` client and
//! every close code, server-sent events. The scripts are in `tests/protocol/`.

use std::{path::Path, process::Stdio};

use serde_json::json;
use testkit::{Backend, TestApp, yuan};
use tokio::process::Command;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protocol");

/// Runs one script against one API; its own report is shown when it fails.
async fn judged(app: &TestApp, (script, path): (&str, &str), documents: serde_json::Value) {
    let installed = Path::new(FOLDER).join("node_modules").exists();
    assert!(installed, "the scripts need their packages: `make test` runs `npm ci` in tests/protocol");
    let judge = Command::new("node")
        .args([script, &format!("{}{path}", app.url())])
        .env("DOCUMENTS", documents.to_string())
        .current_dir(FOLDER)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let judge = judge.await.expect("node runs");
    let report = format!("{}{}", String::from_utf8_lossy(&judge.stdout), String::from_utf8_lossy(&judge.stderr));
    assert!(judge.status.success(), "{script} {path}:\n{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_audit_of_graphql_over_http_passes() {
    let app = TestApp::start(Backend::Sqlite).await;
    for path in ["/shop/graphql", "/admin/graphql"] {
        judged(&app, ("http-audit.mjs", path), json!({})).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rules_of_sockets_and_of_server_sent_events_are_kept() {
    let app = TestApp::start(Backend::Sqlite).await;
    let (ann, tea) = (app.customer("ann").await, app.product("tea", yuan(79), 10).await);
    let stock = json!({ "query": "subscription($sku: ID!) { skuStockChanged(skuId: $sku) { available cursor } }", "variables": { "sku": tea.sku } });
    let documents = json!({
        "token": ann.token(),
        "mutation": "mutation { customerProfileUpdate(input: {nickname: \"Ann\"}) { userErrors { code } } }",
        "subscription": stock,
        "endless": stock,
    });
    judged(&app, ("ws.mjs", "/shop/graphql"), documents.clone()).await;
    judged(&app, ("sse.mjs", "/shop/graphql"), documents).await;
    app.settle().await;
}
