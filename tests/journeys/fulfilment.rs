//! How goods reach the shopper: split parcels, a store's counter, vouchers, pasted addresses, spreadsheets, new prices.

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::days;
use serde_json::{Value, json};
use testkit::{
    Api, Customer, Purchase, both_backends, cents, fresh_key,
    shopping::{PLACE, Quote},
    yuan,
};

const SHIP: &str = "mutation($input: OrderShipInput!) { orderShip(input: $input) { order { id status isPartlyShipped parcels { number carrierCode trackingNo state contents { quantity } } } userErrors { code message } } }";
const SAVE: &str = "mutation($input: AddressSaveInput!) { addressSave(input: $input) { address { id regionCode isDefault } userErrors { code message } } }";
const STORE: &str = "mutation($input: StoreSaveInput!) { storeSave(input: $input) { store { id } userErrors { code message } } }";
const READY: &str = "mutation($id: ID!) { orderReadyForPickup(id: $id) { order { status } userErrors { code message } } }";
const HAND_OVER: &str =
    "mutation($input: OrderHandOverInput!) { orderHandOver(input: $input) { order { status } userErrors { code message } } }";
const IMPORT: &str = "mutation($input: ShipmentImportInput!) { shipmentImport(input: $input) { report { shipped known refused rows { row outcome code } csv } userErrors { code message } } }";
const REPRICE: &str = "mutation($input: OrderRepriceInput!) { orderReprice(input: $input) { order { total { amount } trace { step amount { amount } } } userErrors { code message } } }";

fn placed(quote: &Quote, more: Value) -> Value {
    let mut input = json!({
        "quoteId": quote.id, "expectedTotal": { "amount": quote.total.minor, "currency": "CNY" }, "idempotencyKey": fresh_key(),
    });
    if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
        input.extend(more);
    }
    json!({ "input": input })
}

/// Places an order in a way of its own, and pays it.
async fn bought(by: &Customer, quote: &Quote, more: Value) -> Purchase {
    let answer = by.shop(PLACE, placed(quote, more)).await;
    let order = answer.ok("orderPlace")["order"]["id"].as_str().expect("an id").to_owned();
    Purchase { order, team: None, total: quote.total, buyer: by.clone() }.paid().await
}

both_backends! {
    async fn a_pasted_address_becomes_an_entry_and_an_order_leaves_in_two_parcels(app: TestApp) {
        let (ann, bob, owner) = (app.customer("ann").await, app.customer("bob").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        let read = "query($text: String!) { addressParse(text: $text) { recipient phone region regionCode street regions { name } } }";
        let pasted = json!({ "text": "安然，138-0013-8000，浙江杭州西湖区蒋村街道文三路1号3幢201" });
        let parsed = ann.shop(read, pasted).await.ok("addressParse").clone();
        assert_eq!(parsed["regionCode"], "330106011", "{parsed}");
        let entry = json!({
            "recipient": parsed["recipient"], "phone": parsed["phone"], "region": parsed["region"], "street": parsed["street"],
            "regionCode": parsed["regionCode"], "label": "家",
        });
        let saved = ann.shop(SAVE, json!({ "input": entry })).await.ok("addressSave")["address"].clone();
        assert_eq!((saved["isDefault"].as_bool(), saved["regionCode"].as_str()), (Some(true), Some("330106011")));

        let quote = ann.quote(&tea, 3).await;
        let stolen = bob.quote(&tea, 1).await;
        let foreign = bob.shop(PLACE, placed(&stolen, json!({ "addressId": saved["id"] }))).await;
        assert_eq!(foreign.refused("orderPlace"), "ADDRESS_NOT_FOUND");
        let more = json!({ "addressId": saved["id"], "note": "请放快递柜" });
        let order = bought(&ann, &quote, more).await.order;
        app.settle().await;
        let shown = "query($id: ID!) { order(id: $id) { status buyerNote shippingAddress { recipient street } lines { id quantity shippedQuantity } } }";
        let seen = owner.admin(shown, json!({ "id": order })).await.ok("order").clone();
        assert_eq!((seen["buyerNote"].as_str(), seen["shippingAddress"]["recipient"].as_str()), (Some("请放快递柜"), Some("安然")));
        let line = &seen["lines"][0]["id"];
        let part = json!({ "id": order, "carrier": "顺丰", "trackingNo": "SF0000000001", "lines": [{ "lineId": line, "quantity": 1 }], "idempotencyKey": fresh_key() });
        let partly = owner.admin(SHIP, json!({ "input": part })).await.ok("orderShip")["order"].clone();
        assert_eq!((partly["status"].as_str(), partly["isPartlyShipped"].as_bool()), (Some("TO_SHIP"), Some(true)));
        let rest = json!({ "id": order, "carrier": "ZTO", "trackingNo": "7300000000001", "idempotencyKey": fresh_key() });
        let whole = owner.admin(SHIP, json!({ "input": rest })).await.ok("orderShip")["order"].clone();
        assert_eq!((whole["status"].as_str(), whole["parcels"].as_array().map(Vec::len)), (Some("SHIPPED"), Some(2)));
        assert_eq!(whole["parcels"][1]["contents"][0]["quantity"], 2);
        let extend = "mutation($id: ID!) { orderReceiptExtend(id: $id) { order { receiveBy extendedAt } userErrors { code message } } }";
        ann.shop(extend, json!({ "id": order })).await.ok("orderReceiptExtend");
        app.advance(days(16)).await;
        let ann = app.customer("ann").await;
        assert_eq!(ann.order(&order).await["status"], "SHIPPED");
        app.advance(days(1)).await;
        let ann = app.customer("ann").await;
        assert_eq!(ann.order(&order).await["status"], "RECEIVED");
        app.the_books_are_right().await;
    }

    async fn an_order_is_fetched_at_a_store_by_its_code(app: TestApp) {
        let (ann, owner) = (app.customer("ann").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        let shop = json!({ "name": "西湖店", "phone": "0571-87654321", "region": "浙江省杭州市西湖区", "street": "龙井路 1 号", "hours": "9–21", "isOpen": true });
        let store = owner.admin(STORE, json!({ "input": shop })).await.ok("storeSave")["store"]["id"].clone();
        assert_eq!(ann.shop("{ stores { id name } }", json!({})).await.ok("stores")[0]["id"], store);
        let quote = ann.quote(&tea, 1).await;
        let pickup = json!({ "pickup": { "storeId": store, "recipient": "安然", "phone": "13800138000" } });
        let order = bought(&ann, &quote, pickup).await.order;
        app.settle().await;
        assert_eq!(owner.admin(READY, json!({ "id": order })).await.ok("orderReadyForPickup")["order"]["status"], "READY_FOR_PICKUP");
        let waits = "query($id: ID!) { order(id: $id) { status pickup { code store { name } readyAt } } }";
        let waiting = ann.shop(waits, json!({ "id": order })).await.ok("order").clone();
        let code = waiting["pickup"]["code"].as_str().expect("a code").to_owned();
        assert_eq!(owner.admin(waits, json!({ "id": order })).await.ok("order")["pickup"]["code"], Value::Null);
        let wrong = if code == "00000000" { "00000001" } else { "00000000" };
        let guess = |code: &str| json!({ "input": { "id": order, "code": code } });
        assert_eq!(owner.admin(HAND_OVER, guess(wrong)).await.refused("orderHandOver"), "PICKUP_CODE_WRONG");
        assert_eq!(owner.admin(HAND_OVER, guess(&code)).await.ok("orderHandOver")["order"]["status"], "RECEIVED");
        app.settle().await;
        app.the_books_are_right().await;
    }

    async fn a_spreadsheet_ships_and_a_new_price_is_paid(app: TestApp) {
        let (ann, owner) = (app.customer("ann").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        let order = ann.buys(&tea, 1).await;
        let lower = json!({ "id": order.order, "goods": { "amount": 7_000, "currency": "CNY" }, "reason": "老顾客", "idempotencyKey": fresh_key() });
        let repriced = owner.admin(REPRICE, json!({ "input": lower })).await.ok("orderReprice")["order"].clone();
        assert_eq!(repriced["trace"].as_array().and_then(|trace| trace.last()).map(|line| line["step"].clone()), Some(json!("staff")));
        let order = order.paid().await;
        app.settle().await;
        assert_eq!((order.status().await.as_str(), app.money_at_the_bank()), ("TO_SHIP", cents(7_000)));
        let sheet = "query { shippingSheet(format: CSV) { orders content } }";
        let waiting = owner.admin(sheet, json!({})).await.ok("shippingSheet").clone();
        let text = STANDARD.decode(waiting["content"].as_str().expect("base64")).expect("base64");
        let text = String::from_utf8(text).expect("text");
        let number = text.lines().nth(1).and_then(|line| line.split(',').next()).expect("an order").to_owned();
        let file = STANDARD.encode(format!("订单号,快递公司,快递单号\n{number},顺丰,SF0000000009\nNONE,顺丰,SF0000000010\n"));
        let input = json!({ "input": { "content": file } });
        let report = owner.admin(IMPORT, input.clone()).await.ok("shipmentImport")["report"].clone();
        assert_eq!((report["shipped"].as_i64(), report["refused"].as_i64()), (Some(1), Some(1)), "{report}");
        assert_eq!(report["rows"][1]["code"], "SHEET_ORDER_UNKNOWN");
        let again = owner.admin(IMPORT, input).await.ok("shipmentImport")["report"].clone();
        assert_eq!((again["shipped"].as_i64(), again["known"].as_i64()), (Some(0), Some(1)), "{again}");
        assert_eq!(order.status().await, "SHIPPED");
        app.settle().await;
        app.the_books_are_right().await;
    }

    async fn staff_follow_every_order_and_go_on_where_they_were(app: TestApp) {
        let (ann, owner) = (app.customer("ann").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        let feed = "subscription($after: String) { orderFeed(after: $after) { cursor gap counts { status count } fact { name order { id status } } } }";
        let mut watching = owner.watch(Api::Admin, feed, json!({})).await;
        let first = watching.next().await["orderFeed"].clone();
        assert!(first["counts"].is_array(), "{first}");
        let order = ann.buys(&tea, 1).await;
        app.settle().await;
        let told = watching.next().await["orderFeed"].clone();
        assert_eq!((told["fact"]["name"].as_str(), told["fact"]["order"]["id"].as_str()), (Some("trade.order_placed.v1"), Some(order.order.as_str())));
        drop(watching);
        let order = order.paid().await;
        app.settle().await;
        let mut back = owner.watch(Api::Admin, feed, json!({ "after": told["cursor"] })).await;
        let resumed = back.next().await["orderFeed"].clone();
        assert_eq!((resumed["gap"].as_bool(), resumed["counts"].is_null()), (Some(false), true), "{resumed}");
        let paid = back.next().await["orderFeed"].clone();
        assert_eq!((paid["fact"]["name"].as_str(), order.status().await.as_str()), (Some("trade.order_paid.v1"), "TO_SHIP"));
    }

    async fn a_stranger_reports_nothing_about_parcels(app: TestApp) {
        let nobody = app.stranger();
        let answer = nobody.post("/track/notify/kuaidi100", &json!({})).await;
        assert_eq!(answer.status.as_u16(), 404, "no tracker is plugged in");
    }
}
