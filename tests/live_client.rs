//! The TypeScript client of `clients/live/` against the real mall, over a network that is cut all the time, also in the middle
//! of a frame: it is told of every order once and in order, and ends with the stock as it is.

use std::{collections::BTreeSet, path::Path, process::Stdio, time::Duration};

use kernel::Permission;
use serde_json::json;
use testkit::{Backend, TestApp, yuan};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/live");

const ORDERS: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_live_client_misses_nothing_while_the_network_breaks() {
    assert!(Path::new(FOLDER).join("node_modules").exists(), "the client needs its packages: `make test` runs `npm ci` in clients/live");
    let built = Command::new("npm").args(["run", "-s", "build"]).current_dir(FOLDER).status().await.expect("npm runs");
    assert!(built.success());

    let app = TestApp::start(Backend::Sqlite).await;
    let (ann, tea) = (app.customer("ann").await, app.product("tea", yuan(79), 100).await);
    let staff = app.staff(&[Permission::OrderRead]).await;
    app.settle().await;
    let mall = json!({
        "url": app.url(),
        "token": staff.token(),
        "sku": tea.sku,
        "orders": ORDERS,
        "available": 100 - ORDERS,
    });
    let mut client = Command::new("node")
        .arg("test/mall.mjs")
        .env("MALL", mall.to_string())
        .current_dir(FOLDER)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node runs");
    let mut said = BufReader::new(client.stdout.take().expect("a pipe")).lines();
    let mut line = async || {
        let line = tokio::time::timeout(Duration::from_secs(60), said.next_line()).await.expect("it says something within a minute");
        line.expect("it can be read").expect("it goes on")
    };
    assert_eq!(line().await, "following");
    let mut placed = BTreeSet::new();
    for _ in 0..ORDERS {
        placed.insert(ann.buys(&tea, 1).await.order);
        app.settle().await;
    }
    let mut told = BTreeSet::new();
    while told.len() < ORDERS {
        told.insert(line().await);
    }
    assert_eq!(told, placed);
    let end = line().await;
    assert!(end.starts_with("done after "), "{end}");
    assert!(client.wait().await.expect("it ends").success());
}
