//! Everything that is on offer, from the back office to the checkout, and what becomes of it when goods go back.

use kernel::days;
use serde_json::{Value, json};
use testkit::{Client, Customer, Goods, Purchase, TestApp, both_backends, fresh_key, yuan};

use super::after_sale::{arrives, goes_back};

const QUOTE: &str = "mutation($input: QuoteCreateInput!) { quoteCreate(input: $input) { quote {
    id total { amount } goods { amount } shipping { amount } points pointsWorth { amount } couponIds
    lines { unitPrice { amount } discount { amount } payable { amount } } trace { step code amount { amount } }
} userErrors { code message } } }";
const POINTS: &str = "{ points { available frozen held debt } }";
const COUPONS: &str = "{ myCoupons { edges { node { id status } } } }";

/// What staff have put up, and the shopper has in hand.
struct Offers {
    level: Value,
    coupon: Value,
}

/// Staff write something of this kind, by its input.
async fn staff(owner: &Client, (field, ty, selection): (&str, &str, &str), input: Value) -> Value {
    let document = format!("mutation($input: {ty}!) {{ {field}(input: $input) {{ {selection} userErrors {{ code message }} }} }}");
    owner.admin(&document, json!({ "input": input })).await.ok(field).clone()
}

/// Staff let it run.
async fn activated(owner: &Client, field: &str, id: &Value) {
    let document = format!("mutation($id: ID!) {{ {field}(id: $id) {{ userErrors {{ code message }} }} }}");
    owner.admin(&document, json!({ "id": id })).await.ok(field);
}

/// A price for members and one for today, a reduction, a coupon, points, and freight by region.
async fn put_up(app: &TestApp, (ann, owner): (&Customer, &Client), tea: &Goods) -> Offers {
    let title = |zh: &str, en: &str| json!({ "zhCn": zh, "en": en });
    let (from, until) = (app.now().to_rfc3339(), (app.now() + days(30)).to_rfc3339());

    let gold = json!({ "rank": 1, "name": title("金卡", "Gold"), "offBps": 500 });
    let level = staff(owner, ("memberLevelSave", "MemberLevelInput", "memberLevel { id }"), gold).await["memberLevel"]["id"].clone();
    let put = "mutation($who: ID!, $level: ID) { memberPut(customerId: $who, levelId: $level) { userErrors { code message } } }";
    owner.admin(put, json!({ "who": ann.id, "level": level })).await.ok("memberPut");

    let today = json!({ "title": title("限时购", "Today only"), "startsAt": from, "endsAt": until, "prices": [{ "skuId": tea.sku, "price": 9_000 }] });
    let today = staff(owner, ("timeDiscountCreate", "TimeDiscountInput", "timeDiscount { id }"), today).await;
    activated(owner, "timeDiscountActivate", &today["timeDiscount"]["id"]).await;

    let effect = json!({ "kind": "TIERS", "tiers": [{ "from": 15_000, "off": 2_000 }] });
    let less =
        json!({ "title": title("满减", "The more the less"), "currency": "CNY", "effect": effect, "startsAt": from, "endsAt": until });
    let less = staff(owner, ("reductionCreate", "ReductionInput", "reduction { id }"), less).await;
    activated(owner, "reductionActivate", &less["reduction"]["id"]).await;

    let terms = json!({ "kind": "CASH", "amount": 1_000, "currency": "CNY", "validDays": 30 });
    let welcome = json!({ "title": title("新人券", "Welcome"), "terms": terms, "way": "CLAIM", "startsAt": from, "endsAt": until });
    let welcome = staff(owner, ("couponTemplateCreate", "CouponTemplateInput", "couponTemplate { id }"), welcome).await;
    let welcome = welcome["couponTemplate"]["id"].clone();
    activated(owner, "couponTemplateActivate", &welcome).await;
    let claim = "mutation($id: ID!) { couponClaim(templateId: $id) { userErrors { code message } } }";
    ann.shop(claim, json!({ "id": welcome })).await.ok("couponClaim");
    let coupon = ann.shop(COUPONS, json!({})).await.ok("myCoupons")["edges"][0]["node"]["id"].clone();

    let rules = json!([
        { "first": 1_000, "firstFee": 2_000 },
        { "regions": ["33"], "first": 100, "firstFee": 600, "next": 100, "nextFee": 100 },
    ]);
    let freight = json!({ "name": "by weight", "chargedBy": "WEIGHT", "currency": "CNY", "rules": rules });
    let freight = staff(owner, ("freightTemplateCreate", "FreightTemplateInput", "freightTemplate { id }"), freight).await;
    let settings =
        json!({ "points": { "points": 100, "amount": 100, "mostBps": 5_000 }, "freightTemplateId": freight["freightTemplate"]["id"] });
    staff(owner, ("pricingSettingsUpdate", "PricingSettingsInput", ""), settings).await;
    let given = json!({ "customerId": ann.id, "points": 700, "reason": "welcome", "idempotencyKey": fresh_key() });
    staff(owner, ("pointsAdjust", "PointsAdjustInput", ""), given).await;
    app.settle().await;
    Offers { level, coupon }
}

async fn quoted(ann: &Customer, (tea, region): (&Goods, &str), coupon: &Value) -> Value {
    let lines = json!([{ "skuId": tea.sku, "quantity": 2 }]);
    let input = json!({ "lines": lines, "couponIds": [coupon], "points": 5_000, "regionCode": region });
    ann.shop(QUOTE, json!({ "input": input })).await.ok("quoteCreate")["quote"].clone()
}

async fn placed(ann: &Customer, quote: &Value) -> Purchase {
    let address = json!({ "recipient": "安", "phone": "13800138000", "region": "浙江省杭州市西湖区", "regionCode": "330106", "street": "文三路 1 号" });
    let total = json!({ "amount": quote["total"]["amount"], "currency": "CNY" });
    let input = json!({ "quoteId": quote["id"], "expectedTotal": total, "shippingAddress": address, "idempotencyKey": fresh_key() });
    let order = ann.shop(testkit::shopping::PLACE, json!({ "input": input })).await.ok("orderPlace")["order"].clone();
    let id = order["id"].as_str().expect("an id").to_owned();
    let total = kernel::Money::new(order["total"]["amount"].as_i64().expect("an amount"), kernel::Currency::Cny);
    Purchase { order: id, team: None, total, buyer: ann.clone() }
}

async fn coupon_status(ann: &Customer) -> Value {
    ann.shop(COUPONS, json!({})).await.ok("myCoupons")["edges"][0]["node"]["status"].clone()
}

both_backends! {
    async fn all_offers_are_bought_with_at_once_and_come_back_with_the_goods(app: TestApp) {
        let (ann, owner) = (app.customer("ann").await, app.owner().await);
        let tea = app.product("tea", yuan(100), 20).await;
        let offers = put_up(&app, (&ann, &owner), &tea).await;

        // Today's price beats the member's five percent.
        let quote = quoted(&ann, (&tea, "330106"), &offers.coupon).await;
        assert_eq!(quote["lines"][0]["unitPrice"]["amount"], 9_000, "{quote}");
        // The member's own price beats today's; elsewhere the parcel costs more.
        let set = "mutation($level: ID!, $prices: [MemberPriceInput!]!) { memberPricesSet(levelId: $level, prices: $prices) { userErrors { code message } } }";
        owner.admin(set, json!({ "level": offers.level, "prices": [{ "skuId": tea.sku, "price": 8_800 }] })).await.ok("memberPricesSet");
        let far = quoted(&ann, (&tea, "110101"), &offers.coupon).await;
        assert_eq!((&far["lines"][0]["unitPrice"]["amount"], &far["shipping"]["amount"]), (&json!(8_800), &json!(2_000)), "{far}");
        // 2 × 88 − 20 − 10 − 7 = 139; 200 g to Zhejiang: 6 + 1.
        let quote = quoted(&ann, (&tea, "330106"), &offers.coupon).await;
        assert_eq!((&quote["goods"]["amount"], &quote["shipping"]["amount"]), (&json!(13_900), &json!(700)), "{quote}");
        assert_eq!((&quote["points"], &quote["couponIds"]), (&json!(700), &json!([offers.coupon])), "{quote}");
        let trace = quote["trace"].as_array().expect("a list");
        assert_eq!(trace.iter().map(|line| line["amount"]["amount"].as_i64().unwrap_or_default()).sum::<i64>(), 14_600, "{quote}");
        let steps: Vec<&str> = trace.iter().filter_map(|line| line["step"].as_str()).collect();
        assert_eq!(steps, ["base_price", "lower_price", "reduction", "coupon", "points", "shipping"]);

        // Bought to the end: what was promised is what is paid, and what was used is gone.
        let order = placed(&ann, &quote).await;
        assert_eq!((order.total.minor, coupon_status(&ann).await), (14_600, json!("HELD")));
        let points = ann.shop(POINTS, json!({})).await.ok("points").clone();
        assert_eq!(points, json!({ "available": 0, "frozen": 0, "held": 700, "debt": 0 }));
        let order = order.paid().await;
        app.settle().await;
        assert_eq!((order.status().await.as_str(), app.money_at_the_bank().minor), ("TO_SHIP", 14_600));
        arrives((&ann, &owner), &order).await;
        app.settle().await;
        let points = ann.shop(POINTS, json!({})).await.ok("points").clone();
        assert_eq!((points, coupon_status(&ann).await), (json!({ "available": 0, "frozen": 139, "held": 0, "debt": 0 }), json!("SPENT")));

        // One of two goes back: half the goods' money, points in proportion, the coupon not yet.
        let case = goes_back(&app, (&ann, &owner), (&order, false)).await;
        assert_eq!((&case["amount"]["amount"], app.money_at_the_bank().minor), (&json!(6_950), 14_600 - 6_950));
        let points = ann.shop(POINTS, json!({})).await.ok("points").clone();
        assert_eq!((points, coupon_status(&ann).await), (json!({ "available": 333, "frozen": 69, "held": 0, "debt": 0 }), json!("SPENT")));

        // The other one too, and what it cost to bring them: everything is as it was.
        goes_back(&app, (&ann, &owner), (&order, true)).await;
        let points = ann.shop(POINTS, json!({})).await.ok("points").clone();
        assert_eq!(points, json!({ "available": 700, "frozen": 0, "held": 0, "debt": 0 }));
        assert_eq!((order.status().await.as_str(), coupon_status(&ann).await), ("REFUNDED", json!("AVAILABLE")));
        assert_eq!((app.money_at_the_bank().minor, app.available(tea.sku).await), (0, 20));
        app.the_books_are_right().await;
    }

    async fn a_limited_price_goes_up_to_its_limit_and_what_is_cancelled_goes_again(app: TestApp) {
        let (ann, bob, owner) = (app.customer("ann").await, app.customer("bob").await, app.owner().await);
        let tea = app.product("tea", yuan(100), 20).await;
        let (from, until) = (app.now().to_rfc3339(), (app.now() + days(3)).to_rfc3339());
        let today = json!({ "title": { "zhCn": "限时购", "en": "Today only" }, "startsAt": from, "endsAt": until,
            "prices": [{ "skuId": tea.sku, "price": 9_000 }], "mostPerCustomer": 2, "mostInAll": 3 });
        let none = json!({ "title": today["title"], "startsAt": from, "endsAt": until, "prices": today["prices"], "mostInAll": 0 });
        let create = "mutation($input: TimeDiscountInput!) { timeDiscountCreate(input: $input) { userErrors { code } } }";
        let refused = owner.admin(create, json!({ "input": none })).await;
        assert_eq!(refused.refused("timeDiscountCreate"), "PROMOTION_TERMS_INVALID");
        let today = staff(&owner, ("timeDiscountCreate", "TimeDiscountInput", "timeDiscount { id }"), today).await;
        activated(&owner, "timeDiscountActivate", &today["timeDiscount"]["id"]).await;

        let price = async |who: &Customer, quantity: i64| {
            let input = json!({ "lines": [{ "skuId": tea.sku, "quantity": quantity }], "regionCode": "330106" });
            who.shop(QUOTE, json!({ "input": input })).await.ok("quoteCreate")["quote"].clone()
        };
        let seen = |quote: &Value| {
            let trace = quote["trace"].as_array().expect("a list");
            let code = trace.iter().find(|line| line["step"] == "lower_price").map(|line| line["code"].clone());
            (quote["lines"][0]["unitPrice"]["amount"].clone(), code.expect("says why"))
        };
        let used = async || {
            let list = "{ timeDiscounts { edges { node { mostPerCustomer mostInAll used } } } }";
            owner.admin(list, json!({})).await.ok("timeDiscounts")["edges"][0]["node"].clone()
        };
        assert_eq!(seen(&price(&ann, 3).await), (json!(10_000), json!("TIME_DISCOUNT_LIMIT")));
        let quote = price(&ann, 2).await;
        assert_eq!(seen(&quote), (json!(9_000), json!("TIME_DISCOUNT")));
        let order = placed(&ann, &quote).await;
        assert_eq!(used().await, json!({ "mostPerCustomer": 2, "mostInAll": 3, "used": 2 }));
        assert_eq!(seen(&price(&ann, 1).await), (json!(10_000), json!("TIME_DISCOUNT_LIMIT")));
        assert_eq!(seen(&price(&bob, 2).await), (json!(10_000), json!("TIME_DISCOUNT_TAKEN")));
        assert_eq!(seen(&price(&bob, 1).await), (json!(9_000), json!("TIME_DISCOUNT")));

        order.cancelled().await.ok("orderCancel");
        assert_eq!(used().await["used"], json!(0));
        assert_eq!(seen(&price(&ann, 2).await), (json!(9_000), json!("TIME_DISCOUNT")));
        app.settle().await;
        app.the_books_are_right().await;
    }
}
