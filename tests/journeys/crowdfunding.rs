//! Backers pay for what is made only if enough of them do.

use kernel::{days, minutes};
use serde_json::{Value, json};
use testkit::{Api, Customer, Goods, Purchase, TestApp, both_backends, cents, yuan};

use super::plays::{bought, ids, staff};

const PROGRESS: &str = "subscription($id: ID!) { crowdfundingProgress(id: $id) { gap serverTime crowdfunding {
    state backers units progressBps endsAt raised { amount } tiers { id left } stretchGoals { reached } updates { title } } } }";

/// A crowdfunding of so many pieces on these goods, and its reward: all of them numbered.
async fn put_up(app: &TestApp, (goods, pieces): (&Goods, i64)) -> (String, String) {
    let owner = app.owner().await;
    let title = json!({ "zhCn": "新茶众筹", "en": "New tea" });
    let input = json!({
        "title": title, "productId": goods.product, "goalKind": "UNITS", "goal": pieces,
        "endsAt": (app.now() + days(7)).to_rfc3339(), "shipBy": (app.now() + days(30)).to_rfc3339(),
        "tiers": [{ "title": title, "skuId": goods.sku, "price": { "amount": 5_900, "currency": "CNY" }, "stock": 5, "numbered": true }],
        "stretchGoals": [{ "goal": pieces + 1, "title": title }],
    });
    let create = "mutation($input: CrowdfundingInput!) { crowdfundingCreate(input: $input) { crowdfunding { id tiers { id } } userErrors { code message } } }";
    let made = owner.admin(create, json!({ "input": input })).await.ok("crowdfundingCreate")["crowdfunding"].clone();
    let id = ids(&made["id"]);
    staff(&owner, "crowdfundingPublish", &id).await;
    (id, ids(&made["tiers"][0]["id"]))
}

async fn pledges(who: &Customer, (goods, tier): (&Goods, &str)) -> Purchase {
    let quote = who.asks_the_price(&[(goods.sku, 1)], json!({ "kind": "crowdfunding", "id": tier })).await;
    let pledge = "mutation($input: CrowdfundingPledgeInput!) { crowdfundingPledge(input: $input) { pledge { id } order { id total { amount currency } } userErrors { code message } } }";
    bought(who, (pledge, "crowdfundingPledge"), (&quote, json!({ "tierId": tier }))).await
}

fn shown(data: &Value) -> &Value {
    &data["crowdfundingProgress"]["crowdfunding"]
}

both_backends! {
    async fn a_goal_is_reached_before_everybodys_eyes(app: TestApp) {
        let (ann, bob) = (app.customer("ann").await, app.customer("bob").await);
        let tea = app.product("tea", yuan(79), 10).await;
        let (id, tier) = put_up(&app, (&tea, 2)).await;
        let mut watching = app.stranger().watch(Api::Shop, PROGRESS, json!({ "id": id })).await;
        let first = watching.next().await;
        assert_eq!((shown(&first)["state"].as_str(), shown(&first)["backers"].as_i64()), (Some("PUBLISHED"), Some(0)));
        let one = pledges(&ann, (&tea, &tier)).await.paid().await;
        app.settle().await;
        let half = watching.until(|data| shown(data)["backers"] == 1).await;
        assert_eq!((shown(&half)["progressBps"].as_i64(), shown(&half)["tiers"][0]["left"].as_i64()), (Some(5_000), Some(4)));
        assert_eq!(one.status().await, "AWAITING_TEAM");
        let two = pledges(&bob, (&tea, &tier)).await.paid().await;
        app.settle().await;
        watching.until(|data| shown(data)["progressBps"] == 10_000).await;
        let owner = app.owner().await;
        let post = "mutation($id: ID!, $text: LocalizedTextInput!) { crowdfundingPostUpdate(id: $id, title: $text, body: $text) { userErrors { code message } } }";
        owner.admin(post, json!({ "id": id, "text": { "zhCn": "开工了", "en": "Work began" } })).await.ok("crowdfundingPostUpdate");
        app.settle().await;
        watching.until(|data| shown(data)["updates"].as_array().is_some_and(|news| news.len() == 1)).await;
        app.advance(days(7)).await;
        watching.until(|data| shown(data)["state"] == "SUCCEEDED").await;
        for (name, order) in [("ann", &one), ("bob", &two)] {
            assert_eq!(app.customer(name).await.order(&order.order).await["status"], "TO_SHIP");
        }
        assert_eq!((app.money_at_the_bank(), app.available(tea.sku).await), (yuan(2 * 59), 8));
        app.the_books_are_right().await;
    }

    async fn a_goal_that_is_missed_gives_all_the_money_back(app: TestApp) {
        let (ann, bob) = (app.customer("ann").await, app.customer("bob").await);
        let tea = app.product("tea", yuan(79), 10).await;
        let (id, tier) = put_up(&app, (&tea, 3)).await;
        let paid = [pledges(&ann, (&tea, &tier)).await.paid().await, pledges(&bob, (&tea, &tier)).await.paid().await];
        app.settle().await;
        assert_eq!(app.money_at_the_bank(), yuan(2 * 59));
        app.advance(days(7)).await;
        app.advance(minutes(1)).await;
        let state = app.stranger().shop("query($id: ID!) { crowdfunding(id: $id) { state } }", json!({ "id": id })).await;
        assert_eq!(state.ok("crowdfunding")["state"], "FAILED");
        for (name, order) in ["ann", "bob"].into_iter().zip(&paid) {
            assert_eq!(app.customer(name).await.order(&order.order).await["status"], "REFUNDED");
        }
        assert_eq!((app.money_at_the_bank(), app.available(tea.sku).await, app.bank.refunds().len()), (cents(0), 10, 2));
        app.the_books_are_right().await;
    }

    async fn two_plays_do_not_sell_one_article_at_once(app: TestApp) {
        let tea = app.product("tea", yuan(79), 10).await;
        let (id, _) = put_up(&app, (&tea, 3)).await;
        let owner = app.owner().await;
        let copy = "mutation($id: ID!) { crowdfundingCopy(id: $id) { crowdfunding { id } userErrors { code message } } }";
        let copy = ids(&owner.admin(copy, json!({ "id": id })).await.ok("crowdfundingCopy")["crowdfunding"]["id"]);
        let publish = "mutation($id: ID!) { crowdfundingPublish(id: $id) { userErrors { code message } } }";
        let refused = owner.admin(publish, json!({ "id": copy })).await;
        assert_eq!(refused.refused("crowdfundingPublish"), "PLAY_CONFLICT");
        assert!(refused.message().is_none_or(|said| said.contains("新茶众筹") || said.contains("New tea")), "{}", refused.shown());
        // What the shopper sees before the cart: the list price, and the play that sells it.
        let offers = "query($id: ID!) { product(id: $id) { offers { price { amount } compareAt { amount } appliedActivity { kind } play { kind id } endsAt serverTime } } }";
        let offer = app.stranger().shop(offers, json!({ "id": tea.product })).await.ok("product")["offers"][0].clone();
        assert_eq!((&offer["play"]["kind"], &offer["play"]["id"]), (&json!("crowdfunding"), &json!(id)), "{offer}");
        staff(&owner, "crowdfundingEndEarly", &id).await;
        owner.admin(publish, json!({ "id": copy })).await.ok("crowdfundingPublish");
        app.settle().await;
    }
}
