//! What staff and shoppers ask and do, through the API; and that every refusal speaks every language.

use async_graphql::{EmptySubscription, ObjectType, Request, Schema, Variables};
use catalog::product::{
    query,
    rules::{Draft, SkuDraft},
    service as products,
};
use kernel::{Actor, Currency, CustomerId, Locale, LocalizedText, Money, Permission, Refusal, SessionId, SkuId, StaffId, Timestamp};
use platform::{Op, messages::is_written, testing::TestPlatform};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    AdminMutation, AdminQuery, EditRefused, ShopMutation, ShopQuery,
    coupon::{self, rules::WhyNot},
    freight::service::EstimateRefused,
};

struct Mall {
    _test: TestPlatform,
    op: Op,
    skus: Vec<SkuId>,
}

impl Mall {
    async fn opens() -> Self {
        let test = TestPlatform::open(crate::plug).await;
        let op = test.platform.system("test");
        let mut skus = Vec::new();
        for code in ["TEA", "CUP"] {
            let sku = SkuDraft {
                id: None,
                code: code.to_owned(),
                choices: vec![],
                price: Money::new(10_000, Currency::Cny),
                market_price: None,
                weight_grams: 700,
                image: None,
                stock: Some(5),
            };
            let draft = Draft { title: LocalizedText::new("茶", "Tea"), skus: vec![sku], ..Draft::default() };
            let product = products::create(&op, draft).await.expect("is made").id;
            products::publish(&op, product).await.expect("is published");
            let of = query::skus_of(&op, &[product]).await.expect("reads").remove(&product).unwrap_or_default();
            skus.extend(of.into_iter().map(|sku| sku.id));
        }
        Self { _test: test, op, skus }
    }

    fn staff(&self, permissions: &[Permission]) -> Op {
        let (id, session) = (StaffId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(1)));
        Op { actor: Actor::Staff { id, session, permissions: permissions.iter().copied().collect() }, ..self.op.clone() }
    }

    fn shopper(&self, n: u128) -> Op {
        let actor = Actor::Customer { id: CustomerId(Uuid::from_u128(n)), session: SessionId(Uuid::from_u128(n)) };
        Op { actor, locale: Locale::En, ..self.op.clone() }
    }

    /// What staff who may do all of this are answered.
    async fn admin(&self, document: &str, variables: Value) -> Value {
        let schema = Schema::new(AdminQuery::default(), AdminMutation::default(), EmptySubscription);
        let by = self.staff(&[Permission::PromotionRead, Permission::PromotionWrite, Permission::CatalogRead, Permission::CatalogWrite]);
        ask(&schema, &by, (document, variables)).await
    }

    async fn shop(&self, by: &Op, document: &str, variables: Value) -> Value {
        let schema = Schema::new(ShopQuery::default(), ShopMutation::default(), EmptySubscription);
        ask(&schema, by, (document, variables)).await
    }
}

async fn ask<Q, M>(schema: &Schema<Q, M, EmptySubscription>, by: &Op, (document, variables): (&str, Value)) -> Value
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
{
    let request = crate::loaders(by, Request::new(document).variables(Variables::from_json(variables))).data(by.clone());
    let request = catalog::loaders(by, request);
    let response = schema.execute(request).await;
    assert!(response.errors.is_empty(), "{document}: {:?}", response.errors);
    response.data.into_json().expect("is JSON")
}

fn window(op: &Op) -> (String, String) {
    let day = 86_400_000;
    (op.now().to_rfc3339(), Timestamp(op.now().0 + 30 * day).to_rfc3339())
}

#[tokio::test]
async fn staff_offer_a_coupon_and_shoppers_take_it_once() {
    let mall = Mall::opens().await;
    let (from, until) = window(&mall.op);
    let input = |amount: i64| {
        json!({ "title": { "zhCn": "立减", "en": "Ten off" }, "way": "CLAIM", "quota": 2, "startsAt": from, "endsAt": until,
            "terms": { "kind": "CASH", "amount": amount, "currency": "CNY", "minSpend": 5000, "validDays": 7 } })
    };
    let create = "mutation($input: CouponTemplateInput!) { couponTemplateCreate(input: $input) {
        couponTemplate { id state title terms { benefit { kind amount { amount } } minSpend { amount } validDays group withReductions } }
        userErrors { __typename ... on BasicError { code field message } } } }";
    let refused = mall.admin(create, json!({ "input": input(0) })).await;
    assert_eq!(refused["couponTemplateCreate"]["userErrors"][0]["code"], "PROMOTION_TERMS_INVALID");
    assert_eq!(refused["couponTemplateCreate"]["userErrors"][0]["field"], "benefit");
    let made = mall.admin(create, json!({ "input": input(1000) })).await;
    let template = &made["couponTemplateCreate"]["couponTemplate"];
    assert_eq!((&template["state"], &template["terms"]["benefit"]["amount"]["amount"]), (&json!("DRAFT"), &json!(1000)));
    let id = template["id"].clone();
    let ann = mall.shopper(1);
    let claim = "mutation($id: ID!) { couponClaim(templateId: $id) { coupon { id status title validUntil } userErrors { ... on BasicError { code } ... on LimitReached { code limit } } } }";
    let early = mall.shop(&ann, claim, json!({ "id": id })).await;
    assert_eq!(early["couponClaim"]["userErrors"][0]["code"], "COUPON_NOT_OFFERED");
    let activate = "mutation($id: ID!) { couponTemplateActivate(id: $id) { couponTemplate { state } userErrors { __typename } } }";
    assert_eq!(mall.admin(activate, json!({ "id": id })).await["couponTemplateActivate"]["couponTemplate"]["state"], "ACTIVE");
    let offers = "{ couponOffers { templateId title left had perCustomer terms { benefit { kind } scope { productIds } } } }";
    let offered = mall.shop(&ann, offers, json!({})).await;
    assert_eq!((&offered["couponOffers"][0]["left"], &offered["couponOffers"][0]["had"]), (&json!(2), &json!(0)));
    let taken = mall.shop(&ann, claim, json!({ "id": id })).await;
    assert_eq!(taken["couponClaim"]["coupon"]["title"], "Ten off");
    let again = mall.shop(&ann, claim, json!({ "id": id })).await;
    assert_eq!(again["couponClaim"]["userErrors"][0], json!({ "code": "COUPON_LIMIT_REACHED", "limit": 1 }));
    let own = mall
        .shop(&ann, "{ myCoupons(status: AVAILABLE) { edges { node { id status orderId } } pageInfo { hasNextPage } } }", json!({}))
        .await;
    assert_eq!(own["myCoupons"]["edges"].as_array().map(Vec::len), Some(1));
    let counts = "query($id: ID!) { couponTemplate(id: $id) { taken counts { available held spent expired } }
        couponTemplates(way: CLAIM) { edges { node { id titleTexts { zhCn } quota perCustomer } } } }";
    let counts = mall.admin(counts, json!({ "id": id })).await;
    assert_eq!(counts["couponTemplate"]["counts"]["available"], 1);
    let give = "mutation($id: ID!, $to: [ID!]!) { couponGive(templateId: $id, customerIds: $to, idempotencyKey: \"give-0001\") { given userErrors { __typename } } }";
    let given = mall.admin(give, json!({ "id": id, "to": [CustomerId(Uuid::from_u128(7))] })).await;
    assert_eq!(given["couponGive"]["given"], 1);
    let theirs = "query($of: ID!) { customerCoupons(customerId: $of) { edges { node { title source status } } } }";
    let theirs = mall.admin(theirs, json!({ "of": CustomerId(Uuid::from_u128(7)) })).await;
    assert_eq!(theirs["customerCoupons"]["edges"][0]["node"]["source"], "staff:give-0001");
}

#[tokio::test]
async fn a_code_is_made_by_staff_and_redeemed_by_a_shopper() {
    let mall = Mall::opens().await;
    let (from, until) = window(&mall.op);
    let input = json!({ "title": { "zhCn": "兑换" }, "way": "CODE", "code": "hello", "perCustomer": 3, "startsAt": from, "endsAt": until,
        "terms": { "kind": "PERCENT", "offBps": 1500, "cap": 2000, "currency": "CNY", "validFrom": from, "validUntil": until, "alone": true } });
    let create = "mutation($input: CouponTemplateInput!) { couponTemplateCreate(input: $input) { couponTemplate { id code terms { alone validUntil benefit { offBps cap { amount } } } } userErrors { __typename } } }";
    let made = mall.admin(create, json!({ "input": input })).await;
    let id = made["couponTemplateCreate"]["couponTemplate"]["id"].clone();
    mall.admin("mutation($id: ID!) { couponTemplateActivate(id: $id) { userErrors { __typename } } }", json!({ "id": id })).await;
    let make = "mutation($id: ID!) { couponCodesMake(templateId: $id, count: 2) { codes userErrors { __typename } } }";
    let codes = mall.admin(make, json!({ "id": id })).await["couponCodesMake"]["codes"].clone();
    let redeem =
        "mutation($code: String!) { couponRedeem(code: $code) { coupon { templateId } userErrors { ... on BasicError { code field } } } }";
    let ann = mall.shopper(1);
    for code in [&codes[0], &json!("HELLO")] {
        let redeemed = mall.shop(&ann, redeem, json!({ "code": code })).await;
        assert_eq!(redeemed["couponRedeem"]["coupon"]["templateId"], id);
    }
    let wrong = mall.shop(&ann, redeem, json!({ "code": "GOODBYE" })).await;
    assert_eq!(wrong["couponRedeem"]["userErrors"][0], json!({ "code": "COUPON_CODE_INVALID", "field": "code" }));
    let list = "query($id: ID!) { couponCodes(templateId: $id, first: 1) { edges { node { code usedBy } } pageInfo { hasNextPage } } }";
    assert_eq!(mall.admin(list, json!({ "id": id })).await["couponCodes"]["pageInfo"]["hasNextPage"], true);
}

#[tokio::test]
async fn staff_run_reductions_and_lower_prices() {
    let mall = Mall::opens().await;
    let (from, until) = window(&mall.op);
    let create = "mutation($input: ReductionInput!) { reductionCreate(input: $input) { reduction { id state effect { kind tiers { from off { amount } offBps } items { quantity } } } userErrors { ... on BasicError { code field } } } }";
    let input = |effect: Value| json!({ "input": { "title": { "zhCn": "满减" }, "effect": effect, "currency": "CNY", "startsAt": from, "endsAt": until } });
    let made = mall
        .admin(create, input(json!({ "kind": "TIERS", "tiers": [{ "from": 9900, "off": 1000 }, { "from": 19900, "offBps": 1500 }] })))
        .await;
    let id = made["reductionCreate"]["reduction"]["id"].clone();
    for wrong in [
        json!({ "kind": "TIERS" }),
        json!({ "kind": "TIERS", "tiers": [{ "from": 1 }] }),
        json!({ "kind": "GIFT", "from": 1 }),
        json!({ "kind": "NTH_PIECE", "pieces": 1, "offBps": 100 }),
    ] {
        let refused = mall.admin(create, input(wrong.clone())).await;
        assert_eq!(refused["reductionCreate"]["userErrors"][0]["code"], "PROMOTION_TERMS_INVALID", "{wrong}");
    }
    for right in [
        json!({ "kind": "EVERY", "from": 10000, "off": 500, "mostTimes": 3 }),
        json!({ "kind": "NTH_PIECE", "pieces": 2, "offBps": 5000 }),
        json!({ "kind": "ANY_FOR", "pieces": 3, "price": 9900 }),
        json!({ "kind": "BUNDLE", "price": 9900, "items": [{ "skuId": mall.skus[0] }, { "skuId": mall.skus[1] }] }),
        json!({ "kind": "GIFT", "measure": "PIECES", "from": 2, "items": [{ "skuId": mall.skus[1] }] }),
    ] {
        let made = mall.admin(create, input(right.clone())).await;
        assert_eq!(made["reductionCreate"]["reduction"]["effect"]["kind"], right["kind"], "{made}");
    }
    let foreign = input(json!({ "kind": "GIFT", "from": 1, "items": [{ "skuId": mall.op.new_id::<SkuId>() }] }));
    assert_eq!(mall.admin(create, foreign).await["reductionCreate"]["userErrors"][0]["code"], "PROMOTION_PRICE_INVALID");
    mall.admin("mutation($id: ID!) { reductionActivate(id: $id) { userErrors { __typename } } }", json!({ "id": id })).await;
    let running = mall.shop(&mall.op, "{ reductionsRunning { id title until effect { kind } } }", json!({})).await;
    assert_eq!(running["reductionsRunning"].as_array().map(Vec::len), Some(1));
    let update = "mutation($id: ID!, $input: ReductionInput!) { reductionUpdate(id: $id, input: $input) { userErrors { ... on BasicError { code } } } }";
    let mut other = input(json!({ "kind": "EVERY", "from": 1, "off": 1 }));
    other["id"] = id.clone();
    assert_eq!(mall.admin(update, other).await["reductionUpdate"]["userErrors"][0]["code"], "PROMOTION_TERMS_FIXED");
    mall.admin("mutation($id: ID!) { reductionStop(id: $id) { userErrors { __typename } } }", json!({ "id": id })).await;
    assert_eq!(mall.shop(&mall.op, "{ reductionsRunning { id } }", json!({})).await["reductionsRunning"], json!([]));
    assert_eq!(
        mall.admin("{ reductions(state: DRAFT) { edges { node { id } } } }", json!({})).await["reductions"]["edges"]
            .as_array()
            .map(Vec::len),
        Some(5)
    );

    let lower = "mutation($input: TimeDiscountInput!) { timeDiscountCreate(input: $input) { timeDiscount { id prices { skuId price offBps } } userErrors { ... on BasicError { code } } } }";
    let lowered = |price: Value| json!({ "input": { "title": { "zhCn": "限时" }, "startsAt": from, "endsAt": until, "prices": [price] } });
    let made = mall.admin(lower, lowered(json!({ "skuId": mall.skus[0], "price": 9000 }))).await;
    assert_eq!(made["timeDiscountCreate"]["timeDiscount"]["prices"][0]["price"], 9000);
    for wrong in
        [json!({ "skuId": mall.skus[0] }), json!({ "skuId": mall.skus[0], "price": 10000 }), json!({ "skuId": mall.skus[0], "offBps": 0 })]
    {
        assert_eq!(mall.admin(lower, lowered(wrong)).await["timeDiscountCreate"]["userErrors"][0]["code"], "PROMOTION_PRICE_INVALID");
    }
    let id = made["timeDiscountCreate"]["timeDiscount"]["id"].clone();
    let activate = "mutation($id: ID!) { timeDiscountActivate(id: $id) { timeDiscount { state prices { skuId } } } }";
    assert_eq!(mall.admin(activate, json!({ "id": id })).await["timeDiscountActivate"]["timeDiscount"]["state"], "ACTIVE");
    let list = "{ timeDiscounts { edges { node { title state prices { price } } } } }";
    assert_eq!(mall.admin(list, json!({})).await["timeDiscounts"]["edges"][0]["node"]["prices"][0]["price"], 9000);
}

#[tokio::test]
async fn staff_keep_levels_and_put_customers_on_them() {
    let mall = Mall::opens().await;
    let save = "mutation($input: MemberLevelInput!) { memberLevelSave(input: $input) { memberLevel { id rank offBps name } userErrors { ... on BasicError { code field } } } }";
    let gold = mall.admin(save, json!({ "input": { "rank": 2, "name": { "zhCn": "金卡", "en": "Gold" }, "offBps": 500 } })).await;
    let id = gold["memberLevelSave"]["memberLevel"]["id"].clone();
    let twice = mall.admin(save, json!({ "input": { "rank": 2, "name": { "zhCn": "银卡" } } })).await;
    assert_eq!(twice["memberLevelSave"]["userErrors"][0], json!({ "code": "PROMOTION_NAME_TAKEN", "field": "rank" }));
    let prices = "mutation($id: ID!, $prices: [MemberPriceInput!]!) { memberPricesSet(levelId: $id, prices: $prices) { memberLevel { prices { skuId price } } userErrors { ... on BasicError { code } } } }";
    let set = mall.admin(prices, json!({ "id": id, "prices": [{ "skuId": mall.skus[0], "price": 8000 }] })).await;
    assert_eq!(set["memberPricesSet"]["memberLevel"]["prices"][0]["price"], 8000);
    let ann = mall.shopper(1);
    let put = "mutation($who: ID!, $id: ID) { memberPut(customerId: $who, levelId: $id) { customerId userErrors { __typename } } }";
    mall.admin(put, json!({ "who": CustomerId(Uuid::from_u128(1)), "id": id })).await;
    assert_eq!(
        mall.shop(&ann, "{ myMemberLevel { name offBps } }", json!({})).await["myMemberLevel"],
        json!({ "name": "Gold", "offBps": 500 })
    );
    let delete = "mutation($id: ID!) { memberLevelDelete(id: $id) { id userErrors { ... on BasicError { code } } } }";
    assert_eq!(mall.admin(delete, json!({ "id": id })).await["memberLevelDelete"]["userErrors"][0]["code"], "PROMOTION_IN_USE");
    mall.admin(put, json!({ "who": CustomerId(Uuid::from_u128(1)) })).await;
    assert_eq!(mall.shop(&ann, "{ myMemberLevel { name } }", json!({})).await["myMemberLevel"], Value::Null);
    assert_eq!(mall.admin(delete, json!({ "id": id })).await["memberLevelDelete"]["id"], id);
    assert_eq!(mall.admin("{ memberLevels { id } }", json!({})).await["memberLevels"], json!([]));
}

#[tokio::test]
async fn freight_is_estimated_by_region_and_a_template_in_use_stays() {
    let mall = Mall::opens().await;
    let create = "mutation($input: FreightTemplateInput!) { freightTemplateCreate(input: $input) { freightTemplate { id name chargedBy rules { regions firstFee { amount } } } userErrors { ... on BasicError { code field } } } }";
    let input = |name: &str, rules: Value| json!({ "input": { "name": name, "currency": "CNY", "chargedBy": "WEIGHT", "rules": rules } });
    let rules = json!([
        { "first": 1000, "firstFee": 1000, "next": 500, "nextFee": 200, "freeFrom": 50000 },
        { "regions": ["33", "31"], "first": 1000, "firstFee": 600, "next": 1000, "nextFee": 100 },
        { "regions": ["65"], "refused": true }
    ]);
    let made = mall.admin(create, input("usual", rules.clone())).await;
    let id = made["freightTemplateCreate"]["freightTemplate"]["id"].clone();
    let twice = mall.admin(create, input(" usual ", rules)).await;
    assert_eq!(twice["freightTemplateCreate"]["userErrors"][0], json!({ "code": "PROMOTION_NAME_TAKEN", "field": "name" }));
    let wrong = mall.admin(create, input("other", json!([{ "regions": ["33"] }]))).await;
    assert_eq!(wrong["freightTemplateCreate"]["userErrors"][0]["field"], "rules");
    let estimate = "query($lines: [FreightLineInput!]!, $to: String) { freightEstimate(lines: $lines, regionCode: $to) { carried freeByRule fee { amount } } }";
    let of = |quantity: i32, to: Option<&str>| json!({ "lines": [{ "skuId": mall.skus[0], "quantity": quantity }], "to": to });
    let free = mall.shop(&mall.op, estimate, of(1, None)).await;
    assert_eq!(free["freightEstimate"]["fee"]["amount"], 0, "nothing goes by a template yet");
    let settings = "mutation($id: ID) { pricingSettingsUpdate(input: { freightTemplateId: $id, donations: true, points: { points: 100, amount: 100 } }) { settings { freightTemplateId donations tax points { mostBps } } userErrors { __typename } } }";
    assert_eq!(mall.admin(settings, json!({ "id": id })).await["pricingSettingsUpdate"]["settings"]["points"]["mostBps"], 10000);
    for (quantity, to, fee) in [(1, None, 1000), (2, None, 1200), (2, Some("330106"), 700), (5, Some("110101"), 0)] {
        let told = mall.shop(&mall.op, estimate, of(quantity, to)).await;
        assert_eq!(told["freightEstimate"]["fee"]["amount"], fee, "{quantity} to {to:?}");
    }
    assert_eq!(mall.shop(&mall.op, estimate, of(1, Some("650102"))).await["freightEstimate"]["carried"], false);
    let delete = "mutation($id: ID!) { freightTemplateDelete(id: $id) { id userErrors { ... on BasicError { code } } } }";
    assert_eq!(mall.admin(delete, json!({ "id": id })).await["freightTemplateDelete"]["userErrors"][0]["code"], "PROMOTION_IN_USE");
    let parcel = "mutation($input: SkuParcelInput!) { skuParcelSet(input: $input) { product { skus { volumeCm3 freightTemplateId taxBps } } userErrors { ... on BasicError { code field } } } }";
    let set =
        mall.admin(parcel, json!({ "input": { "skuId": mall.skus[0], "volumeCm3": 900, "freightTemplateId": id, "taxBps": 1300 } })).await;
    assert_eq!(set["skuParcelSet"]["product"]["skus"][0], json!({ "volumeCm3": 900, "freightTemplateId": id, "taxBps": 1300 }));
    let none = json!({ "input": { "skuId": mall.skus[0], "freightTemplateId": mall.op.new_id::<kernel::FreightTemplateId>() } });
    assert_eq!(mall.admin(parcel, none).await["skuParcelSet"]["userErrors"][0]["field"], "freightTemplateId");
    mall.admin(settings, json!({ "id": null })).await;
    assert_eq!(
        mall.admin(delete, json!({ "id": id })).await["freightTemplateDelete"]["userErrors"][0]["code"],
        "PROMOTION_IN_USE",
        "a SKU goes by it"
    );
    mall.admin(parcel, json!({ "input": { "skuId": mall.skus[0] } })).await;
    assert_eq!(mall.admin(delete, json!({ "id": id })).await["freightTemplateDelete"]["id"], id);
    assert_eq!(
        mall.admin("{ freightTemplates { edges { node { id } } } pricingSettings { freightTemplateId } }", json!({})).await["freightTemplates"]
            ["edges"],
        json!([])
    );
}

#[tokio::test]
async fn what_staff_may_not_do_they_do_not() {
    let mall = Mall::opens().await;
    let schema = Schema::new(AdminQuery::default(), AdminMutation::default(), EmptySubscription);
    let reader = mall.staff(&[Permission::PromotionRead]);
    let request =
        Request::new("mutation { memberLevelSave(input: { rank: 1, name: { zhCn: \"x\" } }) { userErrors { __typename } } }").data(reader);
    assert!(!schema.execute(request).await.errors.is_empty());
}

#[tokio::test]
async fn a_discount_is_previewed_paused_resumed_ended_and_copied_and_what_it_promises_is_fixed() {
    let mall = Mall::opens().await;
    let (from, until) = window(&mall.op);
    let input = |price: i64| json!({ "title": { "zhCn": "限时" }, "startsAt": from, "endsAt": until, "prices": [{ "skuId": mall.skus[0], "price": price }] });
    let create = "mutation($input: TimeDiscountInput!) { timeDiscountCreate(input: $input) { timeDiscount { id state } userErrors { ... on BasicError { code } } } }";
    let id = mall.admin(create, json!({ "input": input(9_000) })).await["timeDiscountCreate"]["timeDiscount"]["id"].clone();
    let update = "mutation($id: ID!, $input: TimeDiscountInput!) { timeDiscountUpdate(id: $id, input: $input) { timeDiscount { state } userErrors { ... on BasicError { code } } } }";
    let updates = |price: i64| json!({ "id": id, "input": input(price) });
    assert_eq!(mall.admin(update, updates(8_000)).await["timeDiscountUpdate"]["timeDiscount"]["state"], "DRAFT");

    let preview = "query($id: ID!, $costs: [PlayCostInput!]) { timeDiscountPreview(id: $id, costs: $costs) { lines { skuId units
        regularPrice { amount } price { amount } margin { amount } } worstCase { amount } } }";
    let cost =
        |currency: &str| json!({ "id": id, "costs": [{ "skuId": mall.skus[0], "cost": { "amount": 8_500, "currency": currency } }] });
    let known = mall.admin(preview, cost("CNY")).await["timeDiscountPreview"].clone();
    let line = json!({ "skuId": mall.skus[0], "units": 5, "regularPrice": { "amount": 10_000 }, "price": { "amount": 8_000 }, "margin": { "amount": -500 } });
    assert_eq!(known, json!({ "lines": [line], "worstCase": { "amount": 10_000 } }));
    let nobody = json!({ "id": kernel::TimeDiscountId(Uuid::from_u128(9)) });
    assert_eq!(mall.admin(preview, nobody).await["timeDiscountPreview"], Value::Null);

    let offer = || async { crate::offers::current(&mall.op, &mall.skus).await.expect("reads")[&mall.skus[0]].price.minor };
    let step = |name: &'static str| {
        let (mall, id) = (&mall, id.clone());
        async move {
            let document = format!(
                "mutation($id: ID!) {{ {name}(id: $id) {{ timeDiscount {{ id state startsAt prices {{ price }} }} userErrors {{ ... on BasicError {{ code }} }} }} }}"
            );
            mall.admin(&document, json!({ "id": id })).await[name].clone()
        }
    };
    assert_eq!(step("timeDiscountStop").await["userErrors"][0]["code"], "PROMOTION_STATE_INVALID", "a draft is not paused");
    for (name, state, price) in [
        ("timeDiscountActivate", "ACTIVE", 8_000),
        ("timeDiscountActivate", "ACTIVE", 8_000),
        ("timeDiscountStop", "STOPPED", 10_000),
        ("timeDiscountStop", "STOPPED", 10_000),
        ("timeDiscountActivate", "ACTIVE", 8_000),
        ("timeDiscountEndEarly", "ENDED", 10_000),
        ("timeDiscountEndEarly", "ENDED", 10_000),
    ] {
        assert_eq!((step(name).await["timeDiscount"]["state"].clone(), offer().await), (json!(state), price), "{name}");
        let fixed = mall.admin(update, updates(7_000)).await;
        assert_eq!(fixed["timeDiscountUpdate"]["userErrors"][0]["code"], "PROMOTION_TERMS_FIXED", "after {name}");
    }
    assert_eq!(step("timeDiscountActivate").await["userErrors"][0]["code"], "PROMOTION_STATE_INVALID", "what is ended stays so");
    let asked = catalog::prices::service::history(&mall.op, mall.skus[0]).await.expect("reads");
    let over = |span: &catalog::prices::service::Span| span.ends_at.is_some_and(|at| at <= mall.op.now());
    assert!(asked.iter().filter(|span| span.source_kind == "time_discount").all(over), "{asked:?}");

    let copy = step("timeDiscountCopy").await["timeDiscount"].clone();
    let tomorrow = Timestamp(Timestamp::parse_rfc3339(&from).expect("a time").0 + 86_400_000).to_rfc3339();
    assert_eq!((&copy["state"], &copy["prices"], &copy["startsAt"]), (&json!("DRAFT"), &json!([{ "price": 8_000 }]), &json!(tomorrow)));
    let ended = mall.admin("{ timeDiscounts(state: ENDED) { edges { node { id } } } }", json!({})).await;
    assert_eq!(ended["timeDiscounts"]["edges"], json!([{ "node": { "id": id } }]));
}

#[test]
fn every_refusal_is_written_in_every_language() {
    let refusals: Vec<Box<dyn Refusal>> = vec![
        Box::new(EditRefused::NotFound),
        Box::new(EditRefused::Title),
        Box::new(EditRefused::Window),
        Box::new(EditRefused::WrongState),
        Box::new(EditRefused::Currency),
        Box::new(EditRefused::Terms("terms")),
        Box::new(EditRefused::Fixed),
        Box::new(EditRefused::Quota),
        Box::new(EditRefused::Taken("name")),
        Box::new(EditRefused::Price),
        Box::new(EditRefused::InUse),
        Box::new(coupon::Refused::NotFound),
        Box::new(coupon::Refused::NotOffered),
        Box::new(coupon::Refused::Gone),
        Box::new(coupon::Refused::Limit(1)),
        Box::new(coupon::Refused::Code),
        Box::new(coupon::Refused::Spent),
        Box::new(coupon::Refused::TooMany(1)),
        Box::new(crate::time_discount::holds::Gone),
        Box::new(WhyNot::NotYet(Timestamp(0))),
        Box::new(WhyNot::Expired),
        Box::new(WhyNot::Used),
        Box::new(WhyNot::NothingCovered),
        Box::new(WhyNot::TooLittle(1)),
        Box::new(WhyNot::Currency),
        Box::new(WhyNot::WithReduction),
        Box::new(WhyNot::WithPlay),
        Box::new(WhyNot::Group),
        Box::new(WhyNot::Alone),
        Box::new(WhyNot::NoFreight),
        Box::new(EstimateRefused::Lines),
        Box::new(EstimateRefused::Region),
    ];
    for refusal in refusals {
        for locale in Locale::ALL {
            assert!(is_written(locale, refusal.code()), "{} in {}", refusal.code(), locale.tag());
        }
    }
}
