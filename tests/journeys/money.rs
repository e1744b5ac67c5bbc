//! Wallets, points, statements and bills: every number a person sees is the books' own.

use kernel::hours;
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use testkit::{Client, Customer, both_backends, cents, fresh_key, yuan};

const TOP_UP: &str = "mutation($input: WalletTopUpInput!) { walletTopUpBegin(input: $input) { topUp { id topUpNo state action { url } } userErrors { code message } } }";
const BALANCES: &str = "{ walletBalances { amount currency } }";
const PAY: &str = "mutation($input: OrderPayInput!) { orderPay(input: $input) { payment { state product } userErrors { code message } } }";
const REFUND: &str =
    "mutation($input: OrderRefundInput!) { orderRefund(input: $input) { refund { refundNo } userErrors { code message } } }";
const RECONCILE: &str =
    "mutation { ledgerReconcile { reconciliation { found checked findings { check subject detail } } userErrors { code } } }";

/// Puts money into a wallet at the bank's own page.
async fn fills_the_wallet(who: &Customer, minor: i64) {
    let input = json!({ "amount": { "amount": minor, "currency": "CNY" }, "gateway": "sandbox", "idempotencyKey": fresh_key() });
    let begun = who.shop(TOP_UP, json!({ "input": input })).await;
    let top_up = begun.ok("walletTopUpBegin")["topUp"].clone();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client can be built");
    let page = format!("{}/pay", top_up["action"]["url"].as_str().expect("an address"));
    assert_eq!(http.post(page).send().await.expect("the bank answers").status(), StatusCode::SEE_OTHER);
}

async fn wallet(who: &Customer) -> Option<i64> {
    who.shop(BALANCES, json!({})).await.ok("walletBalances")[0]["amount"].as_i64()
}

async fn pays_by_balance(who: &Customer, order: &str) -> testkit::Answer {
    let input = json!({ "orderId": order, "gateway": "balance", "idempotencyKey": fresh_key() });
    who.shop(PAY, json!({ "input": input })).await
}

async fn proved(owner: &Client) {
    let run = owner.admin(RECONCILE, json!({})).await.ok("ledgerReconcile")["reconciliation"].clone();
    assert_eq!(run["found"], 0, "{run}");
}

both_backends! {
    async fn a_wallet_is_filled_spent_and_filled_again_by_a_refund(app: TestApp) {
        let (ann, bob, owner) = (app.customer("ann").await, app.customer("bob").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        assert_eq!(wallet(&ann).await, None);
        let order = ann.buys(&tea, 1).await;
        assert_eq!(pays_by_balance(&ann, &order.order).await.refused("orderPay"), "WALLET_INSUFFICIENT");
        fills_the_wallet(&ann, 10_000).await;
        app.settle().await;
        assert_eq!((wallet(&ann).await, wallet(&bob).await), (Some(10_000), None));
        let paid = pays_by_balance(&ann, &order.order).await;
        assert_eq!(paid.ok("orderPay")["payment"], json!({ "state": "SUCCEEDED", "product": "BALANCE" }));
        app.settle().await;
        assert_eq!((order.status().await.as_str(), wallet(&ann).await), ("TO_SHIP", Some(2_100)));
        let part = json!({ "orderId": order.order, "amount": { "amount": 900, "currency": "CNY" }, "reason": "late", "idempotencyKey": fresh_key() });
        owner.admin(REFUND, json!({ "input": part })).await.ok("orderRefund");
        app.settle().await;
        assert_eq!((wallet(&ann).await, app.money_at_the_bank()), (Some(3_000), cents(10_000)));
        let statement = "{ walletStatement { edges { node { kind amount { amount } balance { amount } } } } }";
        let lines = ann.shop(statement, json!({})).await.ok("walletStatement")["edges"].clone();
        let shown: Vec<(&str, i64, i64)> = lines.as_array().expect("a list").iter().map(|edge| {
            let node = &edge["node"];
            (node["kind"].as_str().unwrap_or_default(), node["amount"]["amount"].as_i64().unwrap_or_default(), node["balance"]["amount"].as_i64().unwrap_or_default())
        }).collect();
        assert_eq!(shown, [("wallet_refund", 900, 3_000), ("wallet_charge", -7_900, 2_100), ("top_up", 10_000, 10_000)]);
        let export = "mutation($input: StatementExportInput!) { statementExport(input: $input) { url userErrors { code } } }";
        let input = json!({ "subject": "WALLET", "form": "CSV", "from": (app.now() - hours(24)).to_rfc3339(), "until": (app.now() + hours(24)).to_rfc3339() });
        let url = ann.shop(export, json!({ "input": input })).await.ok("statementExport")["url"].as_str().expect("an address").to_owned();
        let file = app.stranger().get(&url).await;
        let text = String::from_utf8(file.bytes).expect("is text");
        assert_eq!((file.status, text.lines().count()), (StatusCode::OK, 4), "{text}");
        proved(&owner).await;
        app.the_books_are_right().await;
    }

    async fn points_are_given_spent_given_back_and_earned(app: TestApp) {
        let (ann, owner) = (app.customer("ann").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        let adjust = "mutation($input: PointsAdjustInput!) { pointsAdjust(input: $input) { points { available } userErrors { code message } } }";
        let input = |points: i64| json!({ "customerId": ann.id, "points": points, "reason": "welcome", "idempotencyKey": fresh_key() });
        assert_eq!(owner.admin(adjust, json!({ "input": input(500) })).await.ok("pointsAdjust")["points"]["available"], 500);
        assert_eq!(owner.admin(adjust, json!({ "input": input(-501) })).await.refused("pointsAdjust"), "POINTS_NOT_ENOUGH");
        let mine = "{ points { available frozen held debt } }";
        let order = ann.buys(&tea, 1).await.paid().await;
        app.settle().await;
        let ship = "mutation($input: OrderShipInput!) { orderShip(input: $input) { order { status } userErrors { code message } } }";
        let parcel = json!({ "id": order.order, "carrier": "SF", "trackingNo": "SF10086", "idempotencyKey": fresh_key() });
        owner.admin(ship, json!({ "input": parcel })).await.ok("orderShip");
        let receive = "mutation($id: ID!) { orderReceive(id: $id) { order { status } userErrors { code message } } }";
        ann.shop(receive, json!({ "id": order.order })).await.ok("orderReceive");
        app.settle().await;
        let has = ann.shop(mine, json!({})).await.ok("points").clone();
        assert_eq!(has, json!({ "available": 500, "frozen": 79, "held": 0, "debt": 0 }));
        app.advance(hours(24 * 8)).await;
        let ann = app.customer("ann").await;
        let has = ann.shop(mine, json!({})).await.ok("points").clone();
        assert_eq!(has, json!({ "available": 579, "frozen": 0, "held": 0, "debt": 0 }));
        proved(&app.owner().await).await;
        app.the_books_are_right().await;
    }

    async fn a_providers_bill_is_uploaded_and_what_differs_is_settled(app: TestApp) {
        let (ann, owner) = (app.customer("ann").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        ann.buys(&tea, 1).await.paid().await;
        app.settle().await;
        let number = app.bank.charges()[0].request.merchant_charge_no.clone();
        let now = app.now();
        let (from, until) = ((now - hours(12)).to_rfc3339(), (now + hours(12)).to_rfc3339());
        let bill = format!(
            "happened_at,kind,merchant_no,provider_no,amount_minor,currency,status\n{at},CHARGE,{number},c1,7900,CNY,SUCCEEDED\n{at},CHARGE,nobody,c2,100,CNY,SUCCEEDED\n",
            at = now.to_rfc3339()
        );
        let begin = "mutation($input: ProviderBillUploadBeginInput!) { providerBillUploadBegin(input: $input) { uploadUrl userErrors { code message } } }";
        let input = json!({ "gateway": "sandbox", "fileName": "bill.csv", "bytes": bill.len(), "from": from, "until": until });
        let begun = owner.admin(begin, json!({ "input": input })).await;
        let url = begun.ok("providerBillUploadBegin")["uploadUrl"].as_str().expect("an address").to_owned();
        let sent = app.stranger().send(Method::PUT, &url, &[(CONTENT_TYPE, "text/csv")], bill.into_bytes()).await;
        assert_eq!((sent.status, &sent.body["matched"], &sent.body["differences"]), (StatusCode::CREATED, &json!(1), &json!(1)), "{}", sent.shown());
        let open = "{ billDifferences(state: OPEN) { edges { node { id problem number theirs { amount } } } } }";
        let found = owner.admin(open, json!({})).await.ok("billDifferences")["edges"][0]["node"].clone();
        assert_eq!((found["problem"].as_str(), found["number"].as_str(), found["theirs"]["amount"].as_i64()), (Some("MISSING_HERE"), Some("nobody"), Some(100)));
        let resolve = "mutation($id: ID!) { billDifferenceResolve(id: $id, note: \"a test of theirs\") { difference { state note } userErrors { code } } }";
        let settled = owner.admin(resolve, json!({ "id": found["id"] })).await;
        assert_eq!(settled.ok("billDifferenceResolve")["difference"]["state"], "RESOLVED");
        assert_eq!(owner.admin(open, json!({})).await.ok("billDifferences")["edges"], Value::Array(vec![]));
        app.the_books_are_right().await;
    }
}
