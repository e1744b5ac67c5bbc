//! The catalog as its callers see it: what is asked, in which language, at how many statements.

use std::collections::BTreeSet;

use async_graphql::{EmptyMutation, EmptySubscription, ObjectType, Request, Schema, SubscriptionType, Variables};
use futures_util::StreamExt;
use kernel::{Actor, CustomerId, Locale, Permission, SessionId, StaffId};
use platform::{
    Op, Registry,
    messages::is_written,
    worker::{Worker, WorkerSettings},
};
use serde_json::{Value, json};

use crate::{
    AdminMutation, AdminQuery, ShopQuery, ShopSubscription, category, demo,
    fixtures::{mall, on_sale, tea},
    inventory, media, product,
};

fn shop() -> Schema<ShopQuery, EmptyMutation, ShopSubscription> {
    Schema::new(ShopQuery::default(), EmptyMutation, ShopSubscription::default())
}

fn admin() -> Schema<AdminQuery, AdminMutation, EmptySubscription> {
    Schema::new(AdminQuery::default(), AdminMutation::default(), EmptySubscription)
}

fn staff(op: &Op, permissions: &[Permission]) -> Op {
    let actor =
        Actor::Staff { id: op.new_id::<StaffId>(), session: op.new_id::<SessionId>(), permissions: permissions.iter().copied().collect() };
    Op { actor, ..op.clone() }
}

fn request(op: &Op, query: &str, variables: Value) -> Request {
    crate::loaders(op, Request::new(query).variables(Variables::from_json(variables)).data(op.clone()))
}

async fn ask<Q, M, S>(schema: &Schema<Q, M, S>, op: &Op, query: &str, variables: Value) -> Value
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let response = schema.execute(request(op, query, variables)).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    response.data.into_json().expect("is JSON")
}

async fn code<Q, M, S>(schema: &Schema<Q, M, S>, op: &Op, query: &str) -> Option<String>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let response = schema.execute(request(op, query, json!({}))).await;
    let extensions = response.errors.first()?.extensions.as_ref()?;
    extensions.get("reason").or_else(|| extensions.get("code")).map(|code| code.to_string().trim_matches('"').to_owned())
}

const EVERYTHING: &str =
    "query($first: Int) { products(first: $first) { edges { cursor node { id title isInStock cover { url } media { url width }
    priceRange { min { amount currency } } options { name values } attributes { name value }
    categories { name icon { url } parent { id } children { id } }
    skus { code label available price { amount } image { url } product { title } } } } pageInfo { hasNextPage endCursor } } }";

#[tokio::test]
async fn a_list_of_sixty_rows_costs_hardly_more_statements_than_one_of_two() {
    // Which levels of a query meet in one batch hangs on when the database answers: the bound is one batch per level.
    let (test, op) = mall().await;
    demo::seed(&op).await.expect("is put up");
    let mut costs = BTreeSet::new();
    for first in [2, 20, 60] {
        let before = test.platform.db.statements();
        let answer = ask(&shop(), &op, EVERYTHING, json!({ "first": first })).await;
        costs.insert(test.platform.db.statements() - before);
        assert_eq!(answer["products"]["edges"].as_array().map(Vec::len), Some(first));
    }
    assert!(costs.iter().all(|cost| *cost <= 14), "{costs:?}");

    let reader = staff(&op, &[Permission::CatalogRead]);
    let list =
        "query($first: Int) { products(first: $first) { edges { node { title { zhCn en } status cover { url } categories { name { zhCn } }
        skus { code stock { onHand available } image { url } product { id } } } } } categories { name { en } icon { url } } }";
    let mut costs = BTreeSet::new();
    for first in [2, 60] {
        let before = test.platform.db.statements();
        ask(&admin(), &reader, list, json!({ "first": first })).await;
        costs.insert(test.platform.db.statements() - before);
    }
    assert!(costs.iter().all(|cost| *cost <= 12), "{costs:?}");
}

#[tokio::test]
async fn staff_make_a_product_and_shoppers_read_it_in_their_language() {
    let (_test, op) = mall().await;
    let (shop, admin) = (shop(), admin());
    let writer = staff(&op, &[Permission::CatalogRead, Permission::CatalogWrite]);
    let made = ask(
        &admin,
        &writer,
        "mutation { categoryCreate(input: {name: {zhCn: \"茶\", en: \"Tea\"}}) { category { id } userErrors { code } } }",
        json!({}),
    )
    .await;
    let shelf = made["categoryCreate"]["category"]["id"].clone();
    let create = "mutation($input: ProductCreateInput!) { productCreate(input: $input) { product { id status updatedAt skus { id code } } userErrors { code field message } } }";
    let input = json!({ "title": { "zhCn": "大红袍", "en": "Da Hong Pao" }, "categoryIds": [shelf], "externalReference": "ERP-7",
        "options": [{ "name": { "zhCn": "规格", "en": "Size" }, "values": [{ "zhCn": "小", "en": "Small" }, { "zhCn": "大", "en": "Large" }] }],
        "skus": [{ "code": "S", "choices": [0], "price": { "amount": 5900, "currency": "CNY" }, "stock": 3 },
                 { "code": "L", "choices": [1], "price": { "amount": "2147483648", "currency": "CNY" }, "marketPrice": { "amount": 2147483649_i64, "base": "RECOMMENDED_RETAIL" }, "weightGrams": 125 }] });
    let made = ask(&admin, &writer, create, json!({ "input": input })).await;
    let product = &made["productCreate"]["product"];
    assert_eq!(product["status"], "DRAFT", "{made}");
    let id = product["id"].clone();
    let seen = "query($id: ID!) { product(id: $id) { title isOnSale isInStock skus { label available marketPrice { amount } marketPriceBase } categories { name } } }";
    assert_eq!(ask(&shop, &op, seen, json!({ "id": id })).await["product"], Value::Null, "a draft is not shown");
    let publish = "mutation($id: ID!) { productPublish(id: $id) { product { status publishedAt } userErrors { code } } }";
    assert_eq!(ask(&admin, &writer, publish, json!({ "id": id })).await["productPublish"]["product"]["status"], "ON_SALE");
    let english = Op { locale: Locale::En, ..op.clone() };
    let answer = ask(&shop, &english, seen, json!({ "id": id })).await;
    assert_eq!(
        answer["product"],
        json!({ "title": "Da Hong Pao", "isOnSale": true, "isInStock": true, "categories": [{ "name": "Tea" }],
            "skus": [{ "label": "Small", "available": 3, "marketPrice": null, "marketPriceBase": null },
                { "label": "Large", "available": 0, "marketPrice": { "amount": 2147483649_i64 }, "marketPriceBase": "RECOMMENDED_RETAIL" }] })
    );
    assert_eq!(ask(&shop, &op, seen, json!({ "id": id })).await["product"]["title"], "大红袍");

    let refused = ask(&admin, &Op { locale: Locale::En, ..writer.clone() }, create, json!({ "input": input })).await;
    assert_eq!(refused["productCreate"]["product"], Value::Null);
    let error = &refused["productCreate"]["userErrors"][0];
    assert_eq!((&error["code"], &error["field"]), (&json!("PRODUCT_REFERENCE_TAKEN"), &json!("externalReference")));
    assert_eq!(error["message"], "This external reference is taken.");

    let sku = product["skus"][0]["id"].clone();
    let adjust = "mutation($id: ID!, $delta: Long!) { skuStockAdjust(input: {skuId: $id, delta: $delta, reason: \"盘点\", idempotencyKey: \"key-0001\"})
        { stock { onHand available } userErrors { code ... on InsufficientStock { available } } } }";
    let too_few = ask(&admin, &writer, adjust, json!({ "id": sku, "delta": -4 })).await;
    assert_eq!(too_few["skuStockAdjust"]["userErrors"][0], json!({ "code": "INVENTORY_OUT_OF_BOUNDS", "available": 3 }));
    let adjusted = ask(&admin, &writer, adjust, json!({ "id": sku, "delta": 4 })).await;
    assert_eq!(adjusted["skuStockAdjust"]["stock"], json!({ "onHand": 7, "available": 7 }));
    let journal = ask(
        &admin,
        &writer,
        "query($id: ID!) { skuStockMovements(skuId: $id) { edges { node { kind delta onHand } } } }",
        json!({ "id": sku }),
    )
    .await;
    let kinds: Vec<&Value> =
        journal["skuStockMovements"]["edges"].as_array().expect("a list").iter().map(|edge| &edge["node"]["kind"]).collect();
    assert_eq!(kinds.len(), 2);

    let begin = "mutation { mediaUploadBegin(input: {fileName: \"a.svg\", contentType: \"image/svg+xml\", bytes: 10}) { uploadUrl userErrors { code } } }";
    let refused = ask(&admin, &writer, begin, json!({})).await;
    assert_eq!(refused["mediaUploadBegin"], json!({ "uploadUrl": null, "userErrors": [{ "code": "MEDIA_TYPE_UNSUPPORTED" }] }));
}

#[tokio::test]
async fn nonsense_and_strangers_are_refused() {
    let (_test, op) = mall().await;
    let anonymous = Op { actor: Actor::Anonymous, ..op.clone() };
    let customer = Op { actor: Actor::Customer { id: op.new_id::<CustomerId>(), session: op.new_id::<SessionId>() }, ..op.clone() };
    let reader = staff(&op, &[Permission::CatalogRead]);
    let delete = "mutation { categoryDelete(id: \"cat_00000000000000000000000000000000\") { deletedId userErrors { code } } }";
    assert_eq!(code(&admin(), &anonymous, "{ products { edges { cursor } } }").await.as_deref(), Some("UNAUTHENTICATED"));
    assert_eq!(code(&admin(), &customer, "{ products { edges { cursor } } }").await.as_deref(), Some("FORBIDDEN"));
    assert_eq!(code(&admin(), &reader, delete).await.as_deref(), Some("FORBIDDEN"));
    for (query, reason) in [
        ("{ products(first: 0) { edges { cursor } } }", "PAGE_SIZE_INVALID"),
        ("{ products(first: 101) { edges { cursor } } }", "PAGE_SIZE_INVALID"),
        ("{ products(after: \"zz\") { edges { cursor } } }", "CURSOR_INVALID"),
        ("{ products(filter: {priceMin: -1}) { edges { cursor } } }", "PRODUCT_PRICE_RANGE_INVALID"),
    ] {
        assert_eq!(code(&shop(), &anonymous, query).await.as_deref(), Some(reason), "{query}");
    }
    for bad in [
        "{ product(id: \"prd_xyz\") { id } }",
        "{ product(id: 7) { id } }",
        "{ product(id: \"cat_00000000000000000000000000000000\") { id } }",
    ] {
        assert_eq!(shop().execute(request(&anonymous, bad, json!({}))).await.errors.len(), 1, "{bad}");
    }
    let unknown = ask(&shop(), &anonymous, "{ product(id: \"prd_00000000000000000000000000000000\") { id } }", json!({})).await;
    assert_eq!(unknown["product"], Value::Null);
}

#[tokio::test]
async fn a_shopper_watches_the_stock() {
    let (test, op) = mall().await;
    let worker = Worker::new(test.platform.clone(), Registry::default(), WorkerSettings::default());
    let (_, skus) = on_sale(&op, tea("live")).await;
    worker.settle().await.expect("settles");
    let query = "subscription($id: ID!) { skuStockChanged(skuId: $id) { cursor gap serverTime skuId available } }";
    let mut frames = shop().execute_stream(request(&op, query, json!({ "id": skus[0] }))).boxed();
    let first = frames.next().await.expect("a frame").data.into_json().expect("is JSON");
    assert_eq!(first["skuStockChanged"]["available"], 10);
    let change = inventory::service::AdjustStock { sku: skus[0], delta: -3, reason: "破损".into(), key: "key-0001".into() };
    inventory::service::adjust(&op, change).await.expect("is adjusted");
    worker.settle().await.expect("settles");
    let second = frames.next().await.expect("a frame").data.into_json().expect("is JSON");
    assert_eq!(second["skuStockChanged"]["available"], 7);
    assert_ne!(first["skuStockChanged"]["cursor"], second["skuStockChanged"]["cursor"]);
}

#[tokio::test]
async fn everything_is_described() {
    let (_test, op) = mall().await;
    let introspect =
        "{ __schema { types { name kind description fields(includeDeprecated: true) { name description args { name description } }
        inputFields { name description } enumValues { name description } } } }";
    for schema in [ask(&shop(), &op, introspect, json!({})).await, ask(&admin(), &op, introspect, json!({})).await] {
        for kind in schema["__schema"]["types"].as_array().expect("a list") {
            let name = kind["name"].as_str().unwrap_or_default();
            if name.starts_with("__") || ["ID", "Int", "Float", "String", "Boolean"].contains(&name) {
                continue;
            }
            assert!(kind["description"].is_string(), "{name} is not described");
            for list in ["fields", "inputFields", "enumValues"] {
                for member in kind[list].as_array().into_iter().flatten() {
                    assert!(member["description"].is_string(), "{name}.{} is not described", member["name"]);
                    for argument in member["args"].as_array().into_iter().flatten() {
                        assert!(argument["description"].is_string(), "{name}.{}({}) is not described", member["name"], argument["name"]);
                    }
                }
            }
        }
    }
}

#[test]
fn every_refusal_has_its_sentence_in_every_language() {
    fn codes<R: kernel::Refusal>(refusals: impl IntoIterator<Item = R>) -> Vec<&'static str> {
        refusals.into_iter().map(|refusal| refusal.code()).collect()
    }
    use category::Refused as C;
    use inventory::{Refused as I, error::AdjustRefused as A};
    use media::Refused as M;
    use product::{Refused as P, query::ListRefused as L};
    let sku = kernel::SkuId(uuid::Uuid::nil());
    let all = [
        codes([C::NotFound, C::Name, C::NoParent, C::Cycle, C::TooDeep, C::NotEmpty, C::NoIcon]),
        codes([I::InsufficientStock { sku, available: 0 }, I::Quantity, I::Nothing, I::Settled, I::ReturnTooLarge]),
        codes([A::NoSku, A::Delta, A::OutOfBounds { available: 0 }, A::Reason]),
        codes([M::Type, M::Size, M::Pixels, M::FileName, M::Token]),
        codes([L::Cursor(kernel::CursorError), L::PriceRange, L::Search]),
        codes([
            P::NotFound,
            P::Title,
            P::TooLong { field: "title", limit: 1 },
            P::TooMany { field: "skus", limit: 1 },
            P::Options,
            P::Attributes,
            P::NoSkus,
            P::Choices,
            P::SameChoices,
            P::Code,
            P::CodeTaken,
            P::ForeignSku,
            P::Price,
            P::MarketPrice,
            P::NotFirstPrice,
            P::Currency,
            P::Weight,
            P::Stock,
            P::StockKnown,
            P::NoCategory,
            P::NoMedia,
            P::Reference,
            P::ReferenceTaken,
            P::Changed,
            P::Draft,
            P::OptionsWithoutSkus,
        ]),
    ];
    for code in all.concat() {
        for locale in Locale::ALL {
            assert!(is_written(locale, code), "{code} has no sentence in {}", locale.tag());
        }
    }
}
