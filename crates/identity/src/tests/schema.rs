//! Both schemas build, everything in them is described, and a list of shoppers costs one statement.

use async_graphql::{EmptySubscription, Schema};
use kernel::Permission;
use serde_json::Value;

use crate::{
    AdminMutation, AdminQuery, ShopMutation, ShopQuery,
    customer::{Due, codes, demo, service},
    staff,
    tests::mall::{Acting, Mall},
};

const INTROSPECTION: &str = "{ __schema { types { kind name description
    fields(includeDeprecated: true) { name description args { name description } }
    inputFields { name description } enumValues { name description } } } }";

fn described(schema: &Value) {
    for ty in schema["__schema"]["types"].as_array().expect("is a list") {
        let name = ty["name"].as_str().unwrap_or_default();
        if name.starts_with("__") || name.ends_with("Query") || name.ends_with("Mutation") || ty["kind"] == "SCALAR" {
            continue;
        }
        assert!(ty["description"].is_string(), "{name}");
    }
    for ty in schema["__schema"]["types"].as_array().expect("is a list") {
        let name = ty["name"].as_str().filter(|name| !name.starts_with("__")).unwrap_or_default();
        for kind in ["fields", "inputFields", "enumValues"] {
            for field in ty[kind].as_array().into_iter().flatten().filter(|_| !name.is_empty()) {
                assert!(field["description"].is_string(), "{name}.{}", field["name"]);
                for argument in field["args"].as_array().into_iter().flatten() {
                    assert!(argument["description"].is_string(), "{name}.{}({})", field["name"], argument["name"]);
                }
            }
        }
    }
}

#[tokio::test]
async fn everything_is_described() {
    let mall = Mall::open().await;
    let shop = Schema::build(ShopQuery::default(), ShopMutation::default(), EmptySubscription).data(mall.nobody()).finish();
    let admin = Schema::build(AdminQuery::default(), AdminMutation::default(), EmptySubscription).data(mall.nobody()).finish();
    described(&shop.execute(INTROSPECTION).await.data.into_json().expect("is JSON"));
    described(&admin.execute(INTROSPECTION).await.data.into_json().expect("is JSON"));
}

#[tokio::test]
async fn who_has_a_phone_is_reminded_of_what_is_due() {
    let mall = Mall::open().await;
    let op = mall.nobody();
    let person = |n: usize, phone: Option<&str>| demo::DemoCustomer {
        handle: format!("due-{n}"),
        nickname: format!("Due {n}"),
        avatar_url: None,
        phone: phone.map(str::to_owned),
        registered_at: op.now(),
    };
    let made = demo::ensure_all(&op, vec![person(0, Some("13800138000")), person(1, None)]).await.expect("are made");
    let due = |_| Due { name: "tea".to_owned(), until: op.now() };
    assert!(service::remind(&op, made[0], due).await.expect("sends"));
    assert!(!service::remind(&op, made[1], due).await.expect("has no phone"));
    assert_eq!(mall.code_sent_to("+8613800138000"), "tea");
}

#[tokio::test]
async fn a_shopper_signs_in_and_sees_themselves() {
    let mall = Mall::open().await;
    let schema = Schema::build(ShopQuery::default(), ShopMutation::default(), EmptySubscription).finish();
    let ask = |op: platform::Op, text: String| {
        let request = crate::loaders(&op, async_graphql::Request::new(text)).data(op);
        let schema = schema.clone();
        async move { schema.execute(request).await }
    };
    codes::send(&mall.nobody(), "13800138000").await.expect("sends");
    let code = mall.code_sent_to("+8613800138000");
    let sign_in = |code: &str| {
        format!(
            r#"mutation {{ customerSignInByOtp(input: {{ phone: "138 0013 8000", code: "{code}", device: "test" }}) {{
            session {{ accessToken }} customer {{ phone }} userErrors {{ __typename code field message }} }} }}"#
        )
    };
    let refused = ask(mall.nobody(), sign_in("x")).await.data.into_json().expect("is JSON");
    assert_eq!(refused["customerSignInByOtp"]["userErrors"][0]["code"], "OTP_WRONG");
    let done = ask(mall.nobody(), sign_in(&code)).await.data.into_json().expect("is JSON");
    assert_eq!(done["customerSignInByOtp"]["customer"]["phone"], "138****8000");
    let op = mall.with(done["customerSignInByOtp"]["session"]["accessToken"].as_str().expect("has a token")).await;
    let me = ask(op.clone(), "{ me { nickname locale phone } sessions { device current } }".into()).await;
    assert!(me.errors.is_empty(), "{:?}", me.errors);
    assert_eq!(me.data.into_json().expect("is JSON")["sessions"][0]["device"], "test");
    let cleared = ask(op.clone(), r#"mutation { customerProfileUpdate(input: { nickname: "Ann", avatarUrl: null }) { customer { nickname avatarUrl } userErrors { code } } }"#.into()).await;
    assert_eq!(cleared.data.into_json().expect("is JSON")["customerProfileUpdate"]["customer"]["nickname"], "Ann");
    let nobody = ask(mall.nobody(), "{ me { id } }".into()).await;
    assert_eq!(nobody.errors[0].extensions.as_ref().and_then(|e| e.get("code")).cloned(), Some("UNAUTHENTICATED".into()));
}

#[tokio::test]
async fn staff_see_a_page_of_shoppers_by_one_statement_and_only_when_they_may() {
    let mall = Mall::open().await;
    demo::mint_demo_tokens(&mall.test.platform.system("seed"), 30).await.expect("mints");
    let schema = Schema::build(AdminQuery::default(), AdminMutation::default(), EmptySubscription).finish();
    let as_staff = |permissions: &[Permission]| {
        let permissions = permissions.iter().copied().collect();
        mall.nobody().acting(kernel::Actor::Staff { id: mall.nobody().new_id(), session: mall.nobody().new_id(), permissions })
    };
    let text = r#"{ customers(search: "demo-", first: 20) { edges { node { id nickname phone } } pageInfo { hasNextPage endCursor } } }"#;
    let before = mall.statements();
    let seen = schema.execute(async_graphql::Request::new(text).data(as_staff(&[Permission::CustomerRead]))).await;
    assert!(seen.errors.is_empty(), "{:?}", seen.errors);
    assert_eq!(mall.statements() - before, 1);
    let seen = seen.data.into_json().expect("is JSON");
    assert_eq!(
        (seen["customers"]["edges"].as_array().map(Vec::len), &seen["customers"]["pageInfo"]["hasNextPage"]),
        (Some(20), &Value::Bool(true))
    );
    let refused = schema.execute(async_graphql::Request::new(text).data(as_staff(&[Permission::OrderRead]))).await;
    assert_eq!(refused.errors[0].extensions.as_ref().and_then(|e| e.get("code")).cloned(), Some("FORBIDDEN".into()));
    let unknown = format!(r#"{{ customer(id: "{}") {{ id }} }}"#, mall.nobody().new_id::<kernel::CustomerId>());
    let unknown = schema.execute(async_graphql::Request::new(unknown).data(as_staff(&[Permission::CustomerRead]))).await;
    assert!(unknown.errors.is_empty() && unknown.data.into_json().expect("is JSON")["customer"].is_null());
}

#[tokio::test]
async fn staff_sign_in_over_the_schema() {
    let mall = Mall::open().await;
    staff::service::ensure_owner(&mall.test.platform.system("seed"), "boss@mall.example", "correct horse battery").await.expect("makes");
    let schema = Schema::build(AdminQuery::default(), AdminMutation::default(), EmptySubscription).finish();
    let sign_in = r#"mutation { staffSignIn(input: { email: "boss@mall.example", password: "correct horse battery" }) {
        session { accessToken accessExpiresAt refreshToken refreshExpiresAt } totpRequired passwordChangeRequired userErrors { code } } }"#;
    let done = schema.execute(async_graphql::Request::new(sign_in).data(mall.nobody())).await;
    assert!(done.errors.is_empty(), "{:?}", done.errors);
    let done = done.data.into_json().expect("is JSON");
    assert_eq!(done["staffSignIn"]["totpRequired"], false);
    let op = mall.with(done["staffSignIn"]["session"]["accessToken"].as_str().expect("has a token")).await;
    let text = "{ viewer { email permissions roles { name owner } } staffMembers { edges { node { email roles { name } } } } roles { name permissions } }";
    let seen = schema.execute(async_graphql::Request::new(text).data(op)).await;
    assert!(seen.errors.is_empty(), "{:?}", seen.errors);
    assert_eq!(seen.data.into_json().expect("is JSON")["viewer"]["permissions"].as_array().map(Vec::len), Some(Permission::ALL.len()));
}
