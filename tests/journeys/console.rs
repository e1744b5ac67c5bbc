//! What staff do with a play before and while it runs, and what they may claim of a price.

use kernel::{days, hours};
use serde_json::{Value, json};
use testkit::{Client, Deal, Goods, both_backends, yuan};

use super::plays::ids;

/// What a play comes to when a piece costs so much.
async fn preview(owner: &Client, (field, id): (&str, &str), (tea, cost): (&Goods, i64)) -> Value {
    let document = format!(
        "query($id: ID!, $costs: [PlayCostInput!]) {{ {field}(id: $id, costs: $costs) {{ worstCase {{ amount }} lines {{ \
         regularPrice {{ amount }} price {{ amount }} margin {{ amount }} units worstCase {{ amount }} }} }} }}"
    );
    let costs = json!([{ "skuId": tea.sku, "cost": { "amount": cost, "currency": "CNY" } }]);
    owner.admin(&document, json!({ "id": id, "costs": costs })).await.ok(field).clone()
}

/// A step that answers the play under `play`.
async fn step(owner: &Client, (field, play): (&str, &str), id: &str) -> Value {
    let document =
        format!("mutation($id: ID!) {{ {field}(input: {{ id: $id }}) {{ {play} {{ id state }} userErrors {{ code message }} }} }}");
    owner.admin(&document, json!({ "id": id })).await.ok(field)[play].clone()
}

/// What was asked for the tea, and by whom.
async fn asked(owner: &Client, tea: &Goods) -> Vec<(String, i64)> {
    let document = "query($sku: ID!) { skuPriceHistory(skuId: $sku) { sourceKind price { amount } } }";
    let spans = owner.admin(document, json!({ "sku": tea.sku })).await.ok("skuPriceHistory").clone();
    let span = |span: &Value| (ids(&span["sourceKind"]), span["price"]["amount"].as_i64().expect("an amount"));
    spans.as_array().expect("a list").iter().map(span).collect()
}

/// What the shopper is shown of the tea's price.
async fn shown(somebody: &Client, tea: &Goods) -> Value {
    let offers = "query($id: ID!) { product(id: $id) { offers { price { amount } compareAt { amount } compareBase } } }";
    somebody.shop(offers, json!({ "id": tea.product })).await.ok("product")["offers"][0].clone()
}

both_backends! {
    async fn staff_know_what_a_play_costs_and_copy_what_is_frozen(app: TestApp) {
        let (owner, tea) = (app.owner().await, app.product("tea", yuan(79), 10).await);
        let team = app.group_buy(&tea, Deal::of(2, yuan(59))).await;
        let line = json!({ "regularPrice": { "amount": 7_900 }, "price": { "amount": 5_900 }, "margin": { "amount": 1_900 },
            "units": 10, "worstCase": { "amount": 20_000 } });
        let whole = json!({ "worstCase": { "amount": 20_000 }, "lines": [line] });
        assert_eq!(preview(&owner, ("groupBuyPreview", &team.id), (&tea, 4_000)).await, whole);

        // Its copy is a draft that waits until the article is free.
        let copy = step(&owner, ("groupBuyCopy", "groupBuy"), &team.id).await;
        assert_eq!(copy["state"], "DRAFT");
        let publish = "mutation($id: ID!) { groupBuyPublish(input: { id: $id }) { userErrors { code message } } }";
        let refused = owner.admin(publish, json!({ "id": copy["id"] })).await;
        assert_eq!(refused.refused("groupBuyPublish"), "PLAY_CONFLICT");
        app.advance(hours(1)).await;
        let owner = app.owner().await;
        assert_eq!(step(&owner, ("groupBuyEndEarly", "groupBuy"), &team.id).await["state"], "ENDED");
        assert_eq!(step(&owner, ("groupBuyPublish", "groupBuy"), &ids(&copy["id"])).await["state"], "RUNNING");
        assert_eq!(step(&owner, ("groupBuyEndEarly", "groupBuy"), &ids(&copy["id"])).await["state"], "ENDED");

        let bargain = app.bargain(&tea, (yuan(29), 4), json!({})).await;
        let floor = preview(&owner, ("bargainPreview", &bargain.id), (&tea, 4_000)).await;
        assert_eq!((&floor["lines"][0]["margin"]["amount"], &floor["worstCase"]["amount"]), (&json!(-1_100), &json!(50_000)), "{floor}");
        let history = asked(&owner, &tea).await;
        for (kind, price) in [("list", 7_900), ("group_buy", 5_900), ("bargain", 2_900)] {
            assert!(history.contains(&(kind.to_owned(), price)), "{kind}: {history:?}");
        }
        app.settle().await;
    }

    async fn a_price_above_the_weeks_lowest_is_struck_through_with_its_base_only(app: TestApp) {
        let tea = app.product("tea", yuan(79), 10).await;
        app.advance(days(1)).await;
        // The tea was in a bargain down to 29 yuan, within the week.
        let bargain = app.bargain(&tea, (yuan(29), 4), json!({})).await;
        app.advance(days(1)).await;
        let owner = app.owner().await;
        step(&owner, ("bargainEndEarly", "bargain"), &bargain.id).await;
        let (from, until) = (app.now().to_rfc3339(), (app.now() + days(30)).to_rfc3339());
        let cheaper = json!({ "title": { "zhCn": "限时购", "en": "Today" }, "startsAt": from, "endsAt": until,
            "prices": [{ "skuId": tea.sku, "price": 6_900 }] });
        let create = "mutation($input: TimeDiscountInput!) { timeDiscountCreate(input: $input) { timeDiscount { id } userErrors { code message } } }";
        let id = owner.admin(create, json!({ "input": cheaper })).await.ok("timeDiscountCreate")["timeDiscount"]["id"].clone();
        let run = "mutation($id: ID!) { timeDiscountActivate(id: $id) { userErrors { code message } } }";
        owner.admin(run, json!({ "id": id })).await.ok("timeDiscountActivate");
        app.settle().await;
        let bare = json!({ "price": { "amount": 6_900 }, "compareAt": null, "compareBase": null });
        assert_eq!(shown(&app.stranger(), &tea).await, bare, "29 yuan were asked in the week: 79 is no base");

        // Named, another price may stand there, and the shopper is told what it is.
        let sku = "query($id: ID!) { product(id: $id) { skus { id code price { amount currency } } } }";
        let sku = owner.admin(sku, json!({ "id": tea.product })).await.ok("product")["skus"][0].clone();
        let save = "mutation($input: ProductUpdateInput!) { productUpdate(input: $input) { product { skus { marketPriceBase } } userErrors { code field } } }";
        let named = |amount: i64, base: &str| {
            let sku = json!({ "id": sku["id"], "code": sku["code"], "price": sku["price"], "marketPrice": { "amount": amount, "base": base } });
            json!({ "input": { "id": tea.product, "skus": [sku] } })
        };
        assert_eq!(owner.admin(save, named(9_900, "FIRST_PRICE")).await.refused("productUpdate"), "PRODUCT_FIRST_PRICE_NOT_ASKED");
        for (amount, base) in [(9_900, "RECOMMENDED_RETAIL"), (7_900, "FIRST_PRICE"), (8_800, "OTHER_CHANNEL")] {
            owner.admin(save, named(amount, base)).await.ok("productUpdate");
            let told = json!({ "price": { "amount": 6_900 }, "compareAt": { "amount": amount }, "compareBase": base });
            assert_eq!(shown(&app.stranger(), &tea).await, told);
        }
        app.settle().await;
    }
}
