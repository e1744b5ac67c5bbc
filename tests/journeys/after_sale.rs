//! After the purchase: goods that go back, goods that are changed, and a no that is overruled.

use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use testkit::{Answer, Api, Client, Customer, Goods, Purchase, TestApp, both_backends, fresh_key, yuan};

/// The smallest picture there is: one pixel.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15,
    0xc4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0, 1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E',
    b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

const CASE: &str = "case { id caseNo state amount { amount } returnTo } userErrors { code message }";
const LINES: &str = "query($id: ID!) { order(id: $id) { lines { id } refunded { amount } afterSales { state } } }";

/// Buys, pays, and has it at home.
async fn at_home(app: &TestApp, (buyer, owner): (&Customer, &Client), (goods, quantity): (&Goods, i64)) -> Purchase {
    let order = buyer.buys(goods, quantity).await.paid().await;
    app.settle().await;
    arrives((buyer, owner), &order).await;
    order
}

/// A paid order is sent and taken.
pub(super) async fn arrives((buyer, owner): (&Customer, &Client), order: &Purchase) {
    let ship = "mutation($input: OrderShipInput!) { orderShip(input: $input) { order { status } userErrors { code message } } }";
    let tracking = format!("SF{}", &order.order[order.order.len() - 12..]);
    let parcel = json!({ "id": order.order, "carrier": "SF", "trackingNo": tracking, "idempotencyKey": fresh_key() });
    owner.admin(ship, json!({ "input": parcel })).await.ok("orderShip");
    let receive = "mutation($id: ID!) { orderReceive(id: $id) { userErrors { code message } } }";
    buyer.shop(receive, json!({ "id": order.order })).await.ok("orderReceive");
}

/// A piece goes the whole way back: asked for, agreed to, sent, looked at. The case that came of it.
pub(super) async fn goes_back(app: &TestApp, (buyer, owner): (&Customer, &Client), (order, with_shipping): (&Purchase, bool)) -> Value {
    let case = asks(buyer, order, ("RETURN", "FAULTY", 1), &[]).await.ok("afterSaleRequest")["case"].clone();
    let yes = json!({ "id": case["id"], "returnTo": "武夷山茶场路 1 号" });
    by_input(owner, Api::Admin, ("afterSaleApprove", "AfterSaleApproveInput", yes)).await.ok("afterSaleApprove");
    let number = case["caseNo"].as_str().expect("a number");
    let parcel = json!({ "id": case["id"], "carrier": "YTO", "trackingNo": format!("YT{}", number.replace('-', "")) });
    by_input(buyer, Api::Shop, ("afterSaleShipBack", "AfterSaleParcelInput", parcel)).await.ok("afterSaleShipBack");
    by_id(owner, Api::Admin, ("afterSaleReceive", &case["id"])).await.ok("afterSaleReceive");
    let fine = json!({ "id": case["id"], "restock": true, "includeShipping": with_shipping });
    by_input(owner, Api::Admin, ("afterSalePass", "AfterSalePassInput", fine)).await.ok("afterSalePass");
    app.settle().await;
    case
}

async fn asks(buyer: &Customer, order: &Purchase, (kind, reason, quantity): (&str, &str, i64), media: &[Value]) -> Answer {
    let line = buyer.shop(LINES, json!({ "id": order.order })).await.ok("order")["lines"][0]["id"].clone();
    let input = json!({
        "orderId": order.order,
        "kind": kind,
        "reason": reason,
        "note": "a crack in the tin",
        "lines": [{ "orderLineId": line, "quantity": quantity }],
        "mediaIds": media,
        "idempotencyKey": fresh_key(),
    });
    let document = format!("mutation($input: AfterSaleRequestInput!) {{ afterSaleRequest(input: $input) {{ {CASE} }} }}");
    buyer.shop(&document, json!({ "input": input })).await
}

async fn by_id(client: &Client, api: Api, (field, id): (&str, &Value)) -> Answer {
    let document = format!("mutation($id: ID!) {{ {field}(id: $id) {{ {CASE} }} }}");
    client.ask(api, &document, json!({ "id": id })).await
}

async fn by_input(client: &Client, api: Api, (field, ty, input): (&str, &str, Value)) -> Answer {
    let document = format!("mutation($input: {ty}!) {{ {field}(input: $input) {{ {CASE} }} }}");
    client.ask(api, &document, json!({ "input": input })).await
}

both_backends! {
    async fn a_cracked_tin_goes_back_with_a_picture_while_both_sides_watch(app: TestApp) {
        let (ann, owner) = (app.customer("ann").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        let order = at_home(&app, (&ann, &owner), (&tea, 2)).await;

        let begin = "mutation($input: MediaUploadBeginInput!) { evidenceUploadBegin(input: $input) { mediaId uploadUrl userErrors { code } } }";
        let picture = json!({ "fileName": "crack.png", "contentType": "image/png", "bytes": PIXEL.len() });
        let begun = ann.shop(begin, json!({ "input": picture })).await;
        let ticket = begun.ok("evidenceUploadBegin").clone();
        let url = ticket["uploadUrl"].as_str().expect("an address").to_owned();
        let sent = app.stranger().send(Method::PUT, &url, &[(CONTENT_TYPE, "image/png")], PIXEL.to_vec()).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.shown());

        let feed = "subscription { afterSaleFeed { cursor waiting caseId what } }";
        let mut feed = owner.watch(Api::Admin, feed, json!({})).await;
        assert_eq!(feed.next().await["afterSaleFeed"]["waiting"], 0);
        let asked = asks(&ann, &order, ("RETURN", "FAULTY", 1), &[ticket["mediaId"].clone()]).await;
        let case = asked.ok("afterSaleRequest")["case"].clone();
        assert_eq!((case["state"].as_str(), case["amount"]["amount"].as_i64()), (Some("REQUESTED"), Some(7_900)));
        app.settle().await;
        let news = feed.next().await["afterSaleFeed"].clone();
        assert_eq!((&news["caseId"], news["what"].as_str()), (&case["id"], Some("REQUESTED")));

        let watch = "subscription($id: ID!) { afterSaleUpdated(id: $id) { cursor gap case { state timeline { what by media { url } } } } }";
        let mut watching = ann.watch(Api::Shop, watch, json!({ "id": case["id"] })).await;
        let first = watching.next().await["afterSaleUpdated"]["case"].clone();
        let shown = app.stranger().get(first["timeline"][0]["media"][0]["url"].as_str().expect("a picture")).await;
        assert_eq!((shown.status, shown.bytes.as_slice()), (StatusCode::OK, PIXEL));

        let yes = json!({ "id": case["id"], "returnTo": "武夷山茶场路 1 号" });
        let agreed = by_input(&owner, Api::Admin, ("afterSaleApprove", "AfterSaleApproveInput", yes)).await;
        assert_eq!(agreed.ok("afterSaleApprove")["case"]["state"], "AWAITING_RETURN");
        let parcel = json!({ "id": case["id"], "carrier": "YTO", "trackingNo": "YT1234567890" });
        by_input(&ann, Api::Shop, ("afterSaleShipBack", "AfterSaleParcelInput", parcel)).await.ok("afterSaleShipBack");
        by_id(&owner, Api::Admin, ("afterSaleReceive", &case["id"])).await.ok("afterSaleReceive");
        let fine = json!({ "id": case["id"], "restock": true });
        by_input(&owner, Api::Admin, ("afterSalePass", "AfterSalePassInput", fine)).await.ok("afterSalePass");
        app.settle().await;
        watching.until(|data| data["afterSaleUpdated"]["case"]["state"] == "DONE").await;
        let seen = ann.shop(LINES, json!({ "id": order.order })).await;
        let seen = seen.ok("order");
        assert_eq!((seen["refunded"]["amount"].as_i64(), seen["afterSales"][0]["state"].as_str()), (Some(7_900), Some("DONE")));
        assert_eq!((app.money_at_the_bank(), app.available(tea.sku).await), (yuan(79), 9));
        app.the_books_are_right().await;
    }

    async fn a_no_is_overruled_and_somebody_elses_case_is_nobodys_business(app: TestApp) {
        let (ann, bob, owner) = (app.customer("ann").await, app.customer("bob").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        let order = at_home(&app, (&ann, &owner), (&tea, 1)).await;
        let case = asks(&ann, &order, ("REFUND_ONLY", "DAMAGED", 1), &[]).await.ok("afterSaleRequest")["case"]["id"].clone();
        assert_eq!(by_id(&bob, Api::Shop, ("afterSaleCancel", &case)).await.refused("afterSaleCancel"), "NOT_FOUND");
        let no = json!({ "id": case, "note": "it left whole" });
        by_input(&owner, Api::Admin, ("afterSaleReject", "AfterSaleSayInput", no)).await.ok("afterSaleReject");

        let file = "mutation($input: ComplaintFileInput!) { complaintFile(input: $input) { complaint { id state } userErrors { code message } } }";
        let complaint = json!({ "orderId": order.order, "afterSaleId": case, "topic": "REJECTED", "note": "look at it", "idempotencyKey": fresh_key() });
        let filed = ann.shop(file, json!({ "input": complaint })).await;
        let complaint = filed.ok("complaintFile")["complaint"]["id"].clone();
        let decide = "mutation($input: ComplaintDecideInput!) { complaintDecide(input: $input) { complaint { state timeline { what by } } userErrors { code message } } }";
        let decision = json!({ "id": complaint, "verdict": "UPHELD", "note": "it was cracked" });
        assert_eq!(owner.admin(decide, json!({ "input": decision })).await.refused("complaintDecide"), "COMPLAINT_MERCHANT_FIRST");
        let answer = "mutation($input: ComplaintSayInput!) { complaintAnswer(input: $input) { userErrors { code message } } }";
        owner.admin(answer, json!({ "input": { "id": complaint, "note": "we cannot tell" } })).await.ok("complaintAnswer");
        let decided = owner.admin(decide, json!({ "input": decision })).await;
        assert_eq!(decided.ok("complaintDecide")["complaint"]["state"], "UPHELD");
        app.settle().await;
        assert_eq!((order.status().await.as_str(), app.money_at_the_bank()), ("REFUNDED", yuan(0)));
        app.the_books_are_right().await;
    }

    async fn what_cannot_be_given_back_is_said_and_confirmed_before_it_is_bought(app: TestApp) {
        let (ann, owner) = (app.customer("ann").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        let rule = "mutation($input: SkuReturnRuleSetInput!) { skuReturnRuleSet(input: $input) { userErrors { code message } } }";
        owner.admin(rule, json!({ "input": { "skuIds": [tea.sku], "exception": "PERISHABLE" } })).await.ok("skuReturnRuleSet");
        let quote = ann.quote(&tea, 1).await;
        assert_eq!(ann.places(&quote, &fresh_key()).await.refused("orderPlace"), "ORDER_RETURN_EXCEPTIONS");
        app.settle().await;
    }
}
