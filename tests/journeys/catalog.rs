//! From a picture on the merchant's disk to a shopper's search, and the stock that is watched live.

use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::json;
use testkit::{Api, both_backends, fresh_key, yuan};

/// The smallest picture there is: one pixel.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15,
    0xc4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0, 1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E',
    b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

both_backends! {
    async fn a_merchant_puts_a_tea_on_the_shelf_and_a_shopper_finds_it(app: TestApp) {
        let owner = app.owner().await;
        let begin = "mutation($input: MediaUploadBeginInput!) { mediaUploadBegin(input: $input) { mediaId uploadUrl userErrors { code } } }";
        let picture = json!({ "fileName": "tea.png", "contentType": "image/png", "bytes": PIXEL.len() });
        let begun = owner.admin(begin, json!({ "input": picture })).await;
        let ticket = begun.ok("mediaUploadBegin");
        let (media, url) = (&ticket["mediaId"], ticket["uploadUrl"].as_str().expect("an address").to_owned());
        for _ in 0..2 {
            let sent = app.stranger().send(Method::PUT, &url, &[(CONTENT_TYPE, "image/png")], PIXEL.to_vec()).await;
            assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.shown());
        }
        let create = "mutation($input: ProductCreateInput!) { productCreate(input: $input) { product { id } userErrors { code message } } }";
        let tea = json!({
            "title": { "zhCn": "武夷大红袍", "en": "Big Red Robe" },
            "mediaIds": [media],
            "skus": [{ "code": "ROBE-1", "price": { "amount": 12_800, "currency": "CNY" }, "stock": 5 }],
        });
        let product = owner.admin(create, json!({ "input": tea })).await.ok("productCreate")["product"]["id"].clone();
        let publish = "mutation($id: ID!) { productPublish(id: $id) { userErrors { code } } }";
        owner.admin(publish, json!({ "id": product })).await.ok("productPublish");
        app.settle().await;
        let find = "query($text: String) { products(filter: {search: $text}) { edges { node { id title cover { url } } } } }";
        for (language, word, title) in [("zh-CN", "大红袍", "武夷大红袍"), ("en", "robe", "Big Red Robe")] {
            let found = app.stranger().speaking(language).shop(find, json!({ "text": word })).await;
            let node = &found.ok("products")["edges"][0]["node"];
            assert_eq!((node["id"].clone(), node["title"].as_str()), (product.clone(), Some(title)), "{}", found.shown());
            let shown = app.stranger().get(node["cover"]["url"].as_str().expect("a picture")).await;
            assert_eq!((shown.status, shown.bytes.as_slice()), (StatusCode::OK, PIXEL));
            assert!(shown.headers["cache-control"].to_str().is_ok_and(|caching| caching.contains("immutable")));
        }
    }

    async fn a_shopper_watches_the_stock_change_and_resumes_where_they_were(app: TestApp) {
        let (owner, tea) = (app.owner().await, app.product("tea", yuan(79), 10).await);
        let watch = "subscription($sku: ID!, $after: String) { skuStockChanged(skuId: $sku, after: $after) { available cursor gap } }";
        let mut over_socket = app.stranger().watch(Api::Shop, watch, json!({ "sku": tea.sku })).await;
        let mut over_events = app.stranger().events(Api::Shop, watch, json!({ "sku": tea.sku })).await;
        let first = over_socket.next().await;
        assert_eq!(first["skuStockChanged"]["available"], 10);
        assert_eq!(over_events.data().await["skuStockChanged"]["available"], 10);
        let adjust = "mutation($input: SkuStockAdjustInput!) { skuStockAdjust(input: $input) { userErrors { code } } }";
        let delivery = json!({ "skuId": tea.sku, "delta": 5, "reason": "a delivery", "idempotencyKey": fresh_key() });
        for _ in 0..2 {
            owner.admin(adjust, json!({ "input": delivery })).await.ok("skuStockAdjust");
        }
        app.settle().await;
        assert_eq!(over_socket.next().await["skuStockChanged"]["available"], 15);
        assert_eq!(over_events.data().await["skuStockChanged"]["available"], 15);
        let cursor = first["skuStockChanged"]["cursor"].clone();
        let mut again = app.stranger().watch(Api::Shop, watch, json!({ "sku": tea.sku, "after": cursor })).await;
        let resumed = again.next().await;
        assert_eq!((&resumed["skuStockChanged"]["available"], &resumed["skuStockChanged"]["gap"]), (&json!(15), &json!(false)));
        let mut lost = app.stranger().watch(Api::Shop, watch, json!({ "sku": tea.sku, "after": "elsewhere:1" })).await;
        assert_eq!(lost.next().await["skuStockChanged"]["gap"], true);
    }
}
