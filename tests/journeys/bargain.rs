//! Friends cut a price down, before each other's eyes.

use std::process::Stdio;

use futures_util::future::join_all;
use kernel::{hours, minutes};
use serde_json::{Value, json};
use testkit::{both_backends, cents, yuan};
use tokio::io::AsyncWriteExt;

/// Lets the command check a proof; its exit code and what it said.
async fn verified(proof: &Value) -> (Option<i32>, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_liebian"));
    let command = command.args(["bargain", "verify", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut checking = command.spawn().expect("the command starts");
    let mut given = checking.stdin.take().expect("a pipe");
    given.write_all(proof.to_string().as_bytes()).await.expect("it reads");
    drop(given);
    let ended = checking.wait_with_output().await.expect("it ends");
    let said = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    (ended.status.code(), said)
}

both_backends! {
    async fn friends_reach_the_floor_and_anybody_can_prove_it(app: TestApp) {
        let (ann, tea) = (app.customer("ann").await, app.product("tea", yuan(79), 10).await);
        let bargain = app.bargain(&tea, (yuan(29), 4), json!({})).await;
        let record = ann.bargains(&bargain).await;
        app.settle().await;
        let mut watching = app.stranger().watches_bargain(&record, None).await;
        let first = watching.next().await["bargainProgress"].clone();
        assert_eq!((&first["record"]["remaining"]["amount"], &first["gap"]), (&json!(5_000), &json!(false)));
        assert!(first["serverTime"].is_string() && first["record"]["deadline"].is_string());
        let mut following = app.stranger().follows_cuts(&record, None).await;
        assert_eq!(following.next().await["bargainCutFeed"]["record"]["cutsMade"], 0);

        let hash = ann.bargain_record(&record).await["seedHash"].clone();
        let mut left = 5_000;
        for (n, friend) in ["bob", "cid", "dan"].into_iter().enumerate() {
            left -= app.customer(friend).await.helps(&record).await;
            app.settle().await;
            let told = following.next().await["bargainCutFeed"].clone();
            assert_eq!((&told["cut"]["no"], &told["cut"]["helper"]["nickname"]), (&json!(n + 1), &json!(friend)));
            assert_eq!(told["remaining"]["amount"], left, "to the cent");
            watching.until(|data| data["bargainProgress"]["record"]["remaining"]["amount"] == left).await;
        }
        let running = app.stranger().bargain_proof(&record).await;
        assert_eq!((&running["seed"], &running["seedHash"]), (&json!(null), &hash));
        assert_eq!(verified(&running).await.0, Some(2), "the seed is not shown yet");
        assert_eq!(ann.asks_the_bargain_price(&bargain, &record).await.refused("quoteCreate"), "BARGAIN_NOT_AT_FLOOR");

        app.customer("eve").await.helps(&record).await;
        app.settle().await;
        let reached = watching.until(|data| data["bargainProgress"]["record"]["state"] == "FLOOR_REACHED").await;
        assert_eq!(reached["bargainProgress"]["record"]["remaining"]["amount"], 0);
        let late = app.customer("fay").await.tries_to_help(&record).await;
        assert_eq!(late.refused("bargainHelp"), "BARGAIN_FLOOR_REACHED");

        let proof = app.stranger().bargain_proof(&record).await;
        assert_eq!(&proof["seedHash"], &hash);
        let (code, said) = verified(&json!({ "data": { "bargainProof": proof } })).await;
        assert!(code == Some(0) && said.contains("proved"), "{said}");
        let mut cheated = proof.clone();
        cheated["made"][1]["amountMinor"] = json!(proof["made"][1]["amountMinor"].as_i64().expect("a number") + 1);
        let (code, said) = verified(&cheated).await;
        assert!(code == Some(1) && said.contains("cut 2"), "{said}");

        let order = ann.buys_bargain(&bargain, &record).await.paid().await;
        app.settle().await;
        watching.until(|data| data["bargainProgress"]["record"]["state"] == "PAID").await;
        assert_eq!((order.status().await.as_str(), order.total), ("TO_SHIP", yuan(29)));
        assert_eq!(ann.order(&order.order).await["origin"], json!({ "kind": "bargain", "id": record }));
        assert_eq!((app.money_at_the_bank(), app.available(tea.sku).await), (yuan(29), 9));
        app.the_books_are_right().await;
    }

    async fn an_unpaid_order_gives_the_bargain_back(app: TestApp) {
        let (ann, tea) = (app.customer("ann").await, app.product("tea", yuan(79), 10).await);
        let bargain = app.bargain(&tea, (yuan(29), 2), json!({})).await;
        let record = ann.bargains(&bargain).await;
        for friend in ["bob", "cid"] {
            app.customer(friend).await.helps(&record).await;
        }
        let first = ann.buys_bargain(&bargain, &record).await;
        assert_eq!((ann.bargain_record(&record).await["state"].as_str(), app.available(tea.sku).await), (Some("ORDERED"), 9));
        first.cancelled().await.ok("orderCancel");
        app.settle().await;
        assert_eq!((ann.bargain_record(&record).await["state"].as_str(), app.available(tea.sku).await), (Some("FLOOR_REACHED"), 10));
        let second = ann.buys_bargain(&bargain, &record).await;
        app.advance(minutes(31)).await;
        let ann = app.customer("ann").await;
        assert_eq!((ann.order(&second.order).await["status"].as_str(), ann.bargain_record(&record).await["state"].as_str()), (Some("CANCELLED"), Some("FLOOR_REACHED")));
        let third = ann.buys_bargain(&bargain, &record).await.paid().await;
        app.settle().await;
        assert_eq!((third.status().await.as_str(), ann.bargain_record(&record).await["state"].as_str()), ("TO_SHIP", Some("PAID")));
        app.the_books_are_right().await;
    }

    async fn the_deadline_is_the_end_and_is_told_at_that_moment(app: TestApp) {
        let (ann, bob, tea) = (app.customer("ann").await, app.customer("bob").await, app.product("tea", yuan(79), 10).await);
        let bargain = app.bargain(&tea, (yuan(29), 5), json!({})).await;
        let record = ann.bargains(&bargain).await;
        bob.helps(&record).await;
        app.settle().await;
        let mut watching = app.stranger().watches_bargain(&record, None).await;
        watching.next().await;
        app.advance(hours(24)).await;
        watching.until(|data| data["bargainProgress"]["record"]["state"] == "EXPIRED").await;
        assert_eq!(app.customer("cid").await.tries_to_help(&record).await.refused("bargainHelp"), "BARGAIN_CLOSED");
        assert_eq!(verified(&app.stranger().bargain_proof(&record).await).await.0, Some(0), "what was cut is proved");
        app.settle().await;
    }

    // Race 8, through every layer.
    async fn fifty_friends_at_once_reach_the_floor_to_the_cent(app: TestApp) {
        let (ann, tea) = (app.customer("ann").await, app.product("tea", yuan(79), 10).await);
        let friends = app.crowd("friend", 50).await;
        let bargain = app.bargain(&tea, (cents(2_901), 50), json!({ "newCustomerDraws": 3 })).await;
        let record = ann.bargains(&bargain).await;
        let cuts = join_all(friends.iter().map(|friend| friend.helps(&record))).await;
        assert_eq!((cuts.iter().sum::<i64>(), cuts.iter().all(|cut| *cut >= 1)), (4_999, true));
        let reached = ann.bargain_record(&record).await;
        assert_eq!((reached["state"].as_str(), &reached["price"]["amount"], &reached["cutsLeft"]), (Some("FLOOR_REACHED"), &json!(2_901), &json!(0)));
        assert_eq!(verified(&app.stranger().bargain_proof(&record).await).await.0, Some(0));
        app.settle().await;
    }
}
