//! Live results through the real mall: many watchers, one execution; cursors over HTTP and sockets.

use catalog::inventory::service::{AdjustStock, adjust};
use kernel::{Permission, SkuId};
use serde_json::{Value, json};
use testkit::{Api, TestApp, both_backends, yuan};

const STOCK: &str = "subscription($id: ID!, $after: String) { skuStockChanged(skuId: $id, after: $after) { available cursor gap } }";

/// A SKU with ten on its shelf.
async fn shelf(app: &TestApp) -> SkuId {
    app.product("tea", yuan(59), 10).await.sku
}

async fn add_one(app: &TestApp, sku: SkuId) {
    let key = format!("key-{}", app.op().request.id);
    adjust(&app.op(), AdjustStock { sku, delta: 1, reason: "found".into(), key }).await.expect("the shelf has room");
    app.settle().await;
}

fn available(data: &Value) -> i64 {
    data["skuStockChanged"]["available"].as_i64().unwrap_or_else(|| panic!("{data}"))
}

both_backends! {
    /// Statements do not grow with the watchers: each change is read once, however many see it.
    async fn a_hundred_watchers_cost_the_database_what_one_costs(app: TestApp) {
        let sku = shelf(&app).await;
        let stranger = app.stranger();
        let mut watchers = vec![stranger.watch(Api::Shop, STOCK, json!({ "id": sku })).await];
        assert_eq!(available(&watchers[0].next().await), 10);

        let before = app.statements();
        add_one(&app, sku).await;
        assert_eq!(available(&watchers[0].next().await), 11);
        let for_one = app.statements() - before;

        while watchers.len() < 100 {
            watchers.push(stranger.watch(Api::Shop, STOCK, json!({ "id": sku })).await);
            assert_eq!(available(&watchers.last_mut().expect("just pushed").next().await), 11);
        }
        let joined = app.statements() - before - for_one;
        assert!(joined < 10, "{joined} statements for 99 who joined");
        let mut events = stranger.events(Api::Shop, STOCK, json!({ "id": sku })).await;
        assert_eq!(available(&events.data().await), 11);

        let before = app.statements();
        add_one(&app, sku).await;
        for watcher in &mut watchers {
            assert_eq!(available(&watcher.next().await), 12);
        }
        assert_eq!(available(&events.data().await), 12);
        let for_all = app.statements() - before;
        assert!(for_all <= for_one + 5, "{for_all} statements instead of {for_one}");
    }

    async fn a_cursor_resumes_and_a_foreign_one_is_a_gap(app: TestApp) {
        let sku = shelf(&app).await;
        let stranger = app.stranger();
        let mut watcher = stranger.watch(Api::Shop, STOCK, json!({ "id": sku })).await;
        let cursor = watcher.next().await["skuStockChanged"]["cursor"].clone();
        for (after, gap, before) in [(cursor, false, 10), (json!("elsewhere:1"), true, 11)] {
            let mut resumed = stranger.watch(Api::Shop, STOCK, json!({ "id": sku, "after": after })).await;
            let first = resumed.next().await;
            assert_eq!((available(&first), &first["skuStockChanged"]["gap"]), (before, &json!(gap)));
            add_one(&app, sku).await;
            assert_eq!(available(&resumed.next().await), before + 1);
            assert_eq!(available(&watcher.next().await), before + 1);
        }
    }

    async fn a_session_that_ends_elsewhere_closes_its_sockets_and_streams(app: TestApp) {
        let sku = shelf(&app).await;
        // The same customer on two devices.
        let (phone, tablet) = (app.customer("ann").await, app.customer("ann").await);
        let mut here = phone.watch(Api::Shop, STOCK, json!({ "id": sku })).await;
        let mut there = tablet.watch(Api::Shop, STOCK, json!({ "id": sku })).await;
        let mut streamed = tablet.events(Api::Shop, STOCK, json!({ "id": sku })).await;
        here.next().await;
        there.next().await;
        streamed.data().await;
        let others = "mutation { sessionRevokeOthers { userErrors { code } } }";
        phone.shop(others, json!({})).await.ok("sessionRevokeOthers");
        app.settle().await;
        assert_eq!(there.socket().closed().await, 4403);
        assert_eq!(streamed.next().await, None);
        add_one(&app, sku).await;
        assert_eq!(available(&here.next().await), 11);
    }

    /// Staff's figures of the day follow the money.
    async fn todays_sales_are_told_to_staff_who_may_read_orders(app: TestApp) {
        let sales = "subscription($after: String) { salesToday(after: $after) { cursor gap sold { orders paid { amount } } } }";
        let (ann, tea) = (app.customer("ann").await, app.product("tea", yuan(59), 10).await);
        assert_eq!(app.staff(&[Permission::CatalogRead]).await.watch(Api::Admin, sales, json!({})).await.refused().await, "FORBIDDEN");
        let mut figures = app.staff(&[Permission::OrderRead]).await.watch(Api::Admin, sales, json!({})).await;
        assert_eq!(figures.next().await["salesToday"]["sold"], json!([]));
        ann.buys(&tea, 2).await.paid().await;
        app.settle().await;
        let told = figures.next().await;
        let sold = &told["salesToday"]["sold"][0];
        let number = |value: &Value| value.to_string().trim_matches('"').to_owned();
        assert_eq!((number(&sold["orders"]), number(&sold["paid"]["amount"])), ("1".to_owned(), "11800".to_owned()), "{told}");
    }
}
