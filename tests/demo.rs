//! The demo as a process: it is filled however often it is killed meanwhile, its books add up, and the simulators of the
//! payment providers are there to be paid at.

use serde_json::{Value, json};
use testkit::{
    Client, fresh_key,
    process::{Program, free_port},
};

const LIEBIAN: &str = env!("CARGO_BIN_EXE_liebian");

const PRODUCTS: &str = "{ products(first: 20) { edges { node { skus { id available } } } } }";
const QUOTE: &str =
    "mutation($input: QuoteCreateInput!) { quoteCreate(input: $input) { quote { id total { amount currency } } userErrors { code } } }";
const PLACE: &str = "mutation($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }";
const PAY: &str = "mutation($input: OrderPayInput!) { orderPay(input: $input) { payment { id action { qrCode } } userErrors { code } } }";
const SYNC: &str = "mutation($id: ID!) { paymentSync(id: $id) { payment { state } userErrors { code } } }";

/// A shopper of the demo, signed in as the first page does it.
async fn somebody(url: &str) -> Client {
    let anybody = Client::anonymous(url);
    let faces = anybody.get("/demo/customers").await.body;
    let signed_in = anybody.post("/demo/sign-in", &json!({ "customer": faces[0]["id"] })).await.body;
    anybody.with_token(signed_in["accessToken"].as_str().expect("a token"))
}

/// Something is ordered that is there.
async fn order(shopper: &Client) -> Value {
    let products = shopper.shop(PRODUCTS, json!({})).await;
    let skus = products.ok("products")["edges"].as_array().expect("a list").iter().flat_map(|edge| edge["node"]["skus"].as_array());
    let sku = skus.flatten().find(|sku| sku["available"].as_i64() > Some(5)).expect("something is there")["id"].clone();
    let lines = json!([{ "skuId": sku, "quantity": 1 }]);
    let quote = shopper.shop(QUOTE, json!({ "input": { "lines": lines } })).await.ok("quoteCreate")["quote"].clone();
    let address = json!({ "recipient": "Ann", "phone": "13800138000", "region": "上海市徐汇区", "street": "衡山路 1 号" });
    let input =
        json!({ "quoteId": quote["id"], "expectedTotal": quote["total"], "shippingAddress": address, "idempotencyKey": fresh_key() });
    shopper.shop(PLACE, json!({ "input": input })).await.ok("orderPlace")["order"]["id"].clone()
}

#[tokio::test]
async fn a_demo_that_is_killed_while_it_is_filled_goes_on_and_is_paid_at_a_simulator() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let listen = format!("127.0.0.1:{}", free_port());
    let url = format!("http://{listen}");
    let program = Program::new(LIEBIAN, folder.path()).with("LISTEN", &listen);
    let filling = program.start(&["demo"], &url).await;
    filling.until_it_says("sixty days of orders").await;
    filling.kill().await;
    let demo = program.start(&["demo"], &url).await;
    demo.until_it_says("Going on with filling the demo mall").await;
    demo.until_it_says("Ctrl-C stops it").await;

    let shopper = somebody(&url).await;
    let order = order(&shopper).await;
    let input = json!({ "orderId": order, "gateway": "wechat", "product": "NATIVE", "idempotencyKey": fresh_key() });
    let payment = shopper.shop(PAY, json!({ "input": input })).await.ok("orderPay")["payment"].clone();
    let code = payment["action"]["qrCode"].as_str().expect("a code to scan").to_owned();
    let scanned = reqwest::Client::new().post(format!("{url}/sandbox/wechat-pay/shopper/pay")).body(code).send().await;
    assert_eq!(scanned.expect("the simulator answers").status(), 204);
    let synced = shopper.shop(SYNC, json!({ "id": payment["id"] })).await;
    assert_eq!(synced.ok("paymentSync")["payment"]["state"], "SUCCEEDED");
    assert_eq!(demo.terminate().await, Some(0), "it stops when it is told to");

    let key = std::fs::read_to_string(folder.path().join("data/demo.key")).expect("the demo has a key");
    let program = program.with("DATABASE_URL", "sqlite://data/demo.db").with("SECRET_KEYS", key.trim());
    let books = program.run(&["ledger", "verify"]).await;
    assert!(books.status.success(), "{}", String::from_utf8_lossy(&books.stderr));
}
