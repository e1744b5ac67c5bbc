//! A bargain for whoever comes first.

use kernel::{minutes, seconds};
use serde_json::json;
use testkit::{
    Api, both_backends,
    flash_sale::{PROGRESS, QUEUE, Sale},
    fresh_key,
    shopping::{CANCEL, PAY},
    yuan,
};

both_backends! {
    async fn a_sale_begins_sells_out_and_what_is_not_paid_comes_back_before_everybodys_eyes(app: TestApp) {
        let (ann, bob, cid) = (app.customer("ann").await, app.customer("bob").await, app.customer("cid").await);
        let tea = app.product("tea", yuan(79), 10).await;
        let sale = app.flash_sale(&tea, Sale { stock: 2, price: yuan(9), starts_in: 60, each: 1 }).await;
        assert_eq!(app.available(tea.sku).await, 8);
        let mut stock = app.stranger().watches_stock(&sale).await;
        let first = stock.next().await["flashSaleStock"]["flashSale"].clone();
        assert_eq!((&first["phase"], &first["items"][0]["left"]), (&json!("UPCOMING"), &json!(2)));
        let owner = app.owner().await;
        let mut staff = owner.watch(Api::Admin, PROGRESS, json!({ "id": sale.id })).await;
        staff.next().await;

        let mut passes = Vec::new();
        for shopper in [&ann, &bob, &cid] {
            passes.push(shopper.prepares(&sale, &fresh_key()).await);
        }
        assert_eq!(ann.shows(&passes[0]).await["answer"], "NOT_STARTED");
        app.advance(seconds(60)).await;
        stock.until(|data| data["flashSaleStock"]["flashSale"]["phase"] == "RUNNING").await;

        let bought = ann.shows(&passes[0]).await;
        assert_eq!((&bought["answer"], &bought["order"]["status"]), (&json!("ACCEPTED"), &json!("PENDING_PAYMENT")));
        assert_eq!(bought["order"]["origin"]["kind"], "flash_sale");
        assert_eq!(ann.shows(&passes[0]).await["order"]["id"], bought["order"]["id"], "the same pass is the same order");
        let unpaid = bob.shows(&passes[1]).await;
        assert_eq!(unpaid["answer"], "ACCEPTED");
        app.settle().await;
        let full = stock.until(|data| data["flashSaleStock"]["flashSale"]["soldOut"] == true).await;
        assert_eq!(full["flashSaleStock"]["flashSale"]["items"][0]["takenBps"], 10_000);
        let late = cid.shows(&passes[2]).await;
        assert_eq!((&late["answer"], &late["left"]), (&json!("SOLD_OUT"), &json!(0)));
        let mut place = cid.watch(Api::Shop, QUEUE, json!({ "id": passes[2] })).await;
        place.next().await;

        let pay = json!({ "orderId": bought["order"]["id"], "gateway": "sandbox", "idempotencyKey": fresh_key() });
        let paying = ann.shop(PAY, json!({ "input": pay })).await.ok("orderPay").clone();
        let cashier = paying["payment"]["action"]["url"].as_str().expect("the bank has a page").to_owned();
        reqwest::Client::new().post(format!("{cashier}/pay")).send().await.expect("the bank answers");
        app.settle().await;
        bob.shop(CANCEL, json!({ "id": unpaid["order"]["id"] })).await.ok("orderCancel");
        app.settle().await;
        stock.until(|data| data["flashSaleStock"]["flashSale"]["items"][0]["left"] == 1).await;
        assert_eq!(cid.shows(&passes[2]).await["answer"], "ACCEPTED");
        place.until(|data| data["flashSaleQueue"]["answer"] == "ACCEPTED" && data["flashSaleQueue"]["order"]["id"].is_string()).await;
        app.advance(minutes(6)).await;
        staff.until(|data| {
            let counts = &data["flashSaleProgress"]["flashSale"]["counts"][0];
            (&counts["left"], &counts["reserved"], &counts["sold"]) == (&json!(1), &json!(0), &json!(1))
        }).await;
        app.advance(minutes(60)).await;
        stock.until(|data| data["flashSaleStock"]["flashSale"]["phase"] == "ENDED").await;
        let mut staff = app.owner().await.watch(Api::Admin, PROGRESS, json!({ "id": sale.id })).await;
        staff.until(|data| data["flashSaleProgress"]["flashSale"]["counts"][0]["returned"] == 1).await;
        assert_eq!(app.available(tea.sku).await, 9);
        app.the_books_are_right().await;
        app.every_payment_bought_something_or_went_back().await;
        testkit::flash_sale::check(&app.database.connect().await).await;
    }

    async fn merchants_write_stop_and_end_a_sale(app: TestApp) {
        let owner = app.owner().await;
        let tea = app.product("tea", yuan(79), 10).await;
        let sale = app.flash_sale(&tea, Sale { stock: 4, price: yuan(9), starts_in: 0, each: 1 }).await;
        let ann = app.customer("ann").await;
        let pass = ann.prepares(&sale, &fresh_key()).await;
        for (step, answer) in [("Pause", "PAUSED"), ("Resume", "ACCEPTED"), ("EndEarly", "ACCEPTED")] {
            let document = format!("mutation($id: ID!) {{ flashSale{step}(input: {{id: $id}}) {{ flashSale {{ state phase }} userErrors {{ code message }} }} }}");
            owner.admin(&document, json!({ "id": sale.id })).await.ok(&format!("flashSale{step}"));
            app.settle().await;
            assert_eq!(ann.shows(&pass).await["answer"], answer, "{step}");
        }
        assert_eq!(app.available(tea.sku).await, 9, "one is sold, the rest is back on the shelf");
        let bob = app.customer("bob").await;
        assert_eq!(bob.tries_to_prepare(&sale, &fresh_key()).await.refused("flashSalePrepare"), "FLASH_SALE_OVER");
        let copy = "mutation($id: ID!) { flashSaleCopy(input: {id: $id}) { flashSale { id state items { skuId stock price { amount } } } userErrors { code message } } }";
        let copied = owner.admin(copy, json!({ "id": sale.id })).await.ok("flashSaleCopy")["flashSale"].clone();
        assert_eq!((&copied["state"], &copied["items"][0]["stock"], &copied["items"][0]["price"]["amount"]), (&json!("DRAFT"), &json!(4), &json!(900)));
        let update = "mutation($input: FlashSaleUpdateInput!) { flashSaleUpdate(input: $input) { flashSale { id } userErrors { code message } } }";
        let terms = json!({
            "title": { "zhCn": "x", "en": "x" },
            "startsAt": app.now().to_rfc3339(),
            "endsAt": (app.now() + kernel::hours(1)).to_rfc3339(),
            "items": [{ "skuId": tea.sku, "price": { "amount": 100, "currency": "CNY" }, "stock": 1 }],
        });
        let fixed = owner.admin(update, json!({ "input": { "id": sale.id, "terms": terms } })).await;
        assert_eq!(fixed.refused("flashSaleUpdate"), "FLASH_SALE_STATE_INVALID");
        let purchases = "query($id: ID!) { flashSalePurchases(flashSaleId: $id) { edges { node { state orderId quantity } } } }";
        let listed = owner.admin(purchases, json!({ "id": sale.id })).await.ok("flashSalePurchases")["edges"].clone();
        assert_eq!(listed[0]["node"]["state"], "RESERVED");
        app.settle().await;
    }
}
