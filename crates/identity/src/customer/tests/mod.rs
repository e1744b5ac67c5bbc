//! Shoppers on a real database.

mod texts;
mod wechat;

use entity::identity::{customer, phone_code};
use kernel::{CustomerId, Locale, PageRequest, days, minutes};
use sea_orm::{EntityTrait, PaginatorTrait};

use super::{
    codes, demo,
    demo::DemoCustomer,
    rules::Phone,
    service::{self, BindPhone, ProfileUpdate, SignInByCode, SignInByWeChat},
};
use crate::{
    session::service::authenticate,
    tests::mall::{Acting, Mall, refusal},
};

const ANN: &str = "13800138000";
const ANN_E164: &str = "+8613800138000";

fn by_wechat(code: &str) -> SignInByWeChat {
    SignInByWeChat { code: code.into(), device: None }
}

fn by_code(phone: &str, code: &str) -> SignInByCode {
    SignInByCode { phone: phone.into(), code: code.into(), device: None }
}

/// Another code than this.
fn wrong(code: &str) -> String {
    let digit = if code.starts_with('0') { '1' } else { '0' };
    format!("{digit}{}", &code[1..])
}

async fn customers(mall: &Mall) -> u64 {
    customer::Entity::find().count(mall.nobody().reader()).await.expect("counts")
}

#[tokio::test]
async fn a_wechat_user_is_one_customer_in_all_mini_programs_of_the_merchant() {
    let mall = Mall::open().await;
    let op = mall.nobody();
    let sign_in = |code: &'static str| {
        let op = op.clone();
        async move { service::sign_in_by_wechat(&op, by_wechat(code)).await.expect("signs in").1.id }
    };
    let ann = sign_in("a/ann").await;
    assert_eq!(sign_in("a/ann").await, ann);
    // The merchant binds the mini-program to the open platform: from now on a union id comes too.
    assert_eq!(sign_in("a/ann/union-ann").await, ann);
    assert_eq!(sign_in("b/ann-there/union-ann").await, ann);
    assert_eq!(sign_in("b/ann-there").await, ann);
    assert_ne!(sign_in("b/ann").await, ann);
    assert_eq!(customers(&mall).await, 2);
    assert_eq!(refusal(service::sign_in_by_wechat(&op, by_wechat("garbage")).await), "WECHAT_CODE_INVALID");
}

#[tokio::test]
async fn many_first_sign_ins_at_once_make_one_customer() {
    let mall = Mall::open().await;
    for codes in [["a/eve"; 8], ["a/bob/u", "b/bob/u", "a/bob/u", "b/bob/u", "a/bob/u", "b/bob/u", "a/bob/u", "b/bob/u"]] {
        let before = customers(&mall).await;
        let callers = codes.map(|code| {
            let op = mall.nobody();
            tokio::spawn(async move { service::sign_in_by_wechat(&op, by_wechat(code)).await.expect("signs in").1.id })
        });
        let mut ids = std::collections::BTreeSet::new();
        for caller in callers {
            ids.insert(caller.await.expect("does not panic"));
        }
        assert_eq!((ids.len(), customers(&mall).await), (1, before + 1));
    }
}

#[tokio::test]
async fn a_code_signs_in_once_and_the_phone_is_nowhere_in_clear() {
    let mall = Mall::open().await;
    let op = mall.nobody();
    assert_eq!(codes::send(&op, "138 0013 8000").await.expect("sends"), op.now() + minutes(1));
    let code = mall.code_sent_to(ANN_E164);
    let (_, ann) = service::sign_in_by_code(&op, by_code(ANN, &code)).await.expect("signs in");
    assert_eq!(ann.phone_masked.as_deref(), Some("138****8000"));
    assert_eq!(refusal(service::sign_in_by_code(&op, by_code(ANN, &code)).await), "OTP_EXPIRED");

    let row = customer::Entity::find().one(op.reader()).await.expect("reads").expect("is there");
    let stored = phone_code::Entity::find().one(op.reader()).await.expect("reads").expect("is there");
    assert!(!format!("{row:?}{stored:?}").contains("0138"));

    mall.test.clock.advance(minutes(1));
    codes::send(&op, ANN).await.expect("sends");
    let again = service::sign_in_by_code(&op, by_code(ANN, &mall.code_sent_to(ANN_E164))).await.expect("signs in").1;
    assert_eq!(again.id, ann.id);
}

#[tokio::test]
async fn a_code_hears_five_guesses_even_all_at_once() {
    let mall = Mall::open().await;
    codes::send(&mall.nobody(), ANN).await.expect("sends");
    let code = mall.code_sent_to(ANN_E164);
    let guesses = (0..20).map(|_| {
        let (op, guess) = (mall.nobody(), by_code(ANN, &wrong(&code)));
        tokio::spawn(async move { refusal(service::sign_in_by_code(&op, guess).await) })
    });
    let mut heard = 0;
    for guess in guesses.collect::<Vec<_>>() {
        match guess.await.expect("does not panic") {
            "OTP_WRONG" => heard += 1,
            answer => assert_eq!(answer, "OTP_EXPIRED"),
        }
    }
    assert_eq!(heard, 5);
    assert_eq!(refusal(service::sign_in_by_code(&mall.nobody(), by_code(ANN, &code)).await), "OTP_EXPIRED");
}

#[tokio::test]
async fn of_many_with_the_right_code_one_signs_in() {
    let mall = Mall::open().await;
    codes::send(&mall.nobody(), ANN).await.expect("sends");
    let code = mall.code_sent_to(ANN_E164);
    let callers = (0..8).map(|_| {
        let (op, cmd) = (mall.nobody(), by_code(ANN, &code));
        tokio::spawn(async move { service::sign_in_by_code(&op, cmd).await.is_ok() })
    });
    let mut winners = 0;
    for caller in callers.collect::<Vec<_>>() {
        winners += i32::from(caller.await.expect("does not panic"));
    }
    assert_eq!((winners, customers(&mall).await), (1, 1));
}

#[tokio::test]
async fn a_code_is_dead_after_five_minutes_and_when_the_next_is_sent() {
    let mall = Mall::open().await;
    let op = mall.nobody();
    codes::send(&op, ANN).await.expect("sends");
    let first = mall.code_sent_to(ANN_E164);
    mall.test.clock.advance(minutes(1));
    codes::send(&op, ANN).await.expect("sends");
    let second = mall.code_sent_to(ANN_E164);
    if first != second {
        assert_eq!(refusal(service::sign_in_by_code(&op, by_code(ANN, &first)).await), "OTP_WRONG");
    }
    mall.test.clock.advance(minutes(5));
    assert_eq!(refusal(service::sign_in_by_code(&op, by_code(ANN, &second)).await), "OTP_EXPIRED");
    assert_eq!(refusal(service::sign_in_by_code(&op, by_code("13900139000", "123456")).await), "OTP_EXPIRED");
    assert_eq!(refusal(service::sign_in_by_code(&op, by_code("nonsense", "123456")).await), "PHONE_INVALID");
}

#[tokio::test]
async fn codes_are_sent_once_a_minute_ten_times_a_day_and_not_endlessly_to_one_address() {
    let mall = Mall::open().await;
    let op = mall.nobody();
    let two = [codes::send(&op, ANN), codes::send(&op, ANN)];
    let [one, two] = two;
    let (one, two) = tokio::join!(one, two);
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|sent| **sent).count(), 1);
    for _ in 1..10 {
        mall.test.clock.advance(minutes(1));
        codes::send(&op, ANN).await.expect("sends");
    }
    mall.test.clock.advance(minutes(1));
    assert_eq!(refusal(codes::send(&op, ANN).await), "OTP_TOO_OFTEN");
    mall.test.clock.advance(days(1));
    codes::send(&op, ANN).await.expect("sends the next day");

    let mut from_one_address = mall.nobody();
    from_one_address.request.ip = Some([203, 0, 113, 7].into());
    for n in 0..10 {
        codes::send(&from_one_address, &format!("1390000000{n}")).await.expect("sends");
    }
    assert_eq!(refusal(codes::send(&from_one_address, "13900000010").await), "OTP_TOO_OFTEN");
}

#[tokio::test]
async fn a_phone_is_bound_by_who_proves_to_have_it_and_to_one_customer() {
    let mall = Mall::open().await;
    let nobody = mall.nobody();
    let sign_in = |code| service::sign_in_by_wechat(&nobody, by_wechat(code));
    let (ann, bob) = (sign_in("a/ann").await.expect("signs in").0, sign_in("a/bob").await.expect("signs in").0);
    let (ann, bob) = (mall.with(&ann.access_token).await, mall.with(&bob.access_token).await);
    let bind = |op: platform::Op, code: String| async move { service::bind_phone(&op, BindPhone { phone: ANN.into(), code }).await };
    codes::send(&ann, ANN).await.expect("sends");
    let code = mall.code_sent_to(ANN_E164);
    assert_eq!(refusal(bind(ann.clone(), wrong(&code)).await), "OTP_WRONG");
    assert_eq!(bind(ann.clone(), code).await.expect("binds").phone_masked.as_deref(), Some("138****8000"));

    mall.test.clock.advance(minutes(1));
    codes::send(&bob, ANN).await.expect("sends");
    assert_eq!(refusal(bind(bob, mall.code_sent_to(ANN_E164)).await), "PHONE_TAKEN");
    mall.test.clock.advance(minutes(1));
    codes::send(&ann, ANN).await.expect("sends");
    let again = bind(ann.clone(), mall.code_sent_to(ANN_E164)).await.expect("theirs already is no error");
    assert_eq!(Some(again.id), ann.actor.customer());

    mall.test.clock.advance(minutes(1));
    codes::send(&ann, ANN).await.expect("sends");
    let by_phone = service::sign_in_by_code(&mall.nobody(), by_code(ANN, &mall.code_sent_to(ANN_E164))).await.expect("signs in").1;
    assert_eq!(by_phone.id, again.id);
}

#[tokio::test]
async fn a_profile_changes_in_what_is_given() {
    let mall = Mall::open().await;
    let ann = service::sign_in_by_wechat(&mall.nobody(), by_wechat("a/ann")).await.expect("signs in").0;
    let ann = mall.with(&ann.access_token).await;
    let update = |cmd: ProfileUpdate| service::update_profile(&ann, cmd);
    let named = ProfileUpdate { nickname: Some(" 安 ".into()), avatar_url: Some(Some("/media/ann.png".into())), locale: Some(Locale::En) };
    let now = update(named).await.expect("changes");
    assert_eq!((now.nickname.as_str(), now.avatar_url.as_deref(), now.locale), ("安", Some("/media/ann.png"), Locale::En));
    let now = update(ProfileUpdate { avatar_url: Some(None), ..Default::default() }).await.expect("changes");
    assert_eq!((now.nickname.as_str(), now.avatar_url), ("安", None));
    update(ProfileUpdate::default()).await.expect("nothing changes nothing");
    let bad = ProfileUpdate { nickname: Some(" ".into()), ..Default::default() };
    assert_eq!(refusal(update(bad).await), "NICKNAME_INVALID");
    let bad = ProfileUpdate { avatar_url: Some(Some("javascript:alert(1)".into())), ..Default::default() };
    assert_eq!(refusal(update(bad).await), "AVATAR_URL_INVALID");
}

async fn demo_customers(mall: &Mall) -> Vec<CustomerId> {
    let op = mall.test.platform.system("seed");
    let new = |(handle, nickname, phone): (&str, &str, &str)| DemoCustomer {
        handle: handle.into(),
        nickname: nickname.into(),
        avatar_url: None,
        phone: Some(phone.into()),
        registered_at: op.now() - days(30),
    };
    let all = [("ann", "Annabel", ANN), ("bob", "ann_y", "13900139000"), ("eve", "annoy", "+442079460123")].map(new);
    demo::ensure_all(&op, all.to_vec()).await.expect("makes them")
}

#[tokio::test]
async fn staff_find_by_phone_and_by_how_a_nickname_begins() {
    let mall = Mall::open().await;
    let ids = demo_customers(&mall).await;
    assert_eq!(demo_customers(&mall).await, ids);
    let op = mall.nobody();
    let find = |search: &'static str| {
        let op = op.clone();
        async move {
            let page = service::find(&op, Some(search.into()), PageRequest { first: 10, after: None }).await.expect("finds");
            page.rows.into_iter().map(|(_, customer)| customer.nickname).collect::<Vec<_>>()
        }
    };
    assert_eq!(find("138-0013-8000").await, ["Annabel"]);
    assert_eq!(find("+44 20 7946 0123").await, ["annoy"]);
    assert!(find("13700137000").await.is_empty());
    let mut found = find("ANN").await;
    found.sort();
    assert_eq!(found, ["Annabel", "ann_y", "annoy"]);
    assert_eq!(find("ann_").await, ["ann_y"]);
    assert!(find("%").await.is_empty());
    assert_eq!(find("  ").await.len(), 3);

    let first = service::find(&op, None, PageRequest { first: 2, after: None }).await.expect("finds");
    assert!(first.more);
    let after = first.rows.last().map(|(cursor, _)| cursor.clone());
    let rest = service::find(&op, None, PageRequest { first: 2, after }).await.expect("finds");
    assert_eq!((rest.rows.len(), rest.more), (1, false));
    assert_eq!(rest.rows[0].1.registered_at, op.now() - days(30));

    let before = mall.statements();
    let faces = service::summaries(&op, &ids).await.expect("loads");
    assert_eq!((faces.len(), mall.statements() - before), (3, 1));
    assert_eq!(service::registered_at(&op, ids[0]).await.expect("reads"), Some(op.now() - days(30)));
}

#[tokio::test]
async fn only_demo_customers_sign_in_without_proof() {
    let mall = Mall::open().await;
    let ids = demo_customers(&mall).await;
    let op = mall.test.platform.system("demo");
    let (signed_in, customer) = demo::demo_sign_in(&op, ids[0]).await.expect("signs in");
    assert_eq!(customer.nickname, "Annabel");
    assert!(authenticate(&mall.test.platform, Some(&signed_in.access_token)).await.is_ok());
    let real = service::sign_in_by_wechat(&mall.nobody(), by_wechat("a/ann")).await.expect("signs in").1;
    assert_eq!(refusal(demo::demo_sign_in(&op, real.id).await), "NOT_FOUND");
}

#[tokio::test]
async fn a_load_test_gets_its_tokens_by_few_statements() {
    let mall = Mall::open().await;
    let op = mall.test.platform.system("demo").acting(kernel::Actor::System("demo"));
    let before = mall.statements();
    let tokens = demo::mint_demo_tokens(&op, 1_200).await.expect("mints");
    assert!(mall.statements() - before < 40, "{}", mall.statements() - before);
    assert_eq!(tokens.iter().collect::<std::collections::BTreeSet<_>>().len(), 1_200);
    mall.test.clock.advance(minutes(600));
    assert!(authenticate(&mall.test.platform, tokens.last().map(String::as_str)).await.is_ok());
    demo::mint_demo_tokens(&op, 1_200).await.expect("mints again");
    assert_eq!(customers(&mall).await, 1_200);
}

#[tokio::test]
async fn old_codes_are_forgotten() {
    let mall = Mall::open().await;
    let op = mall.nobody();
    codes::send(&op, ANN).await.expect("sends");
    mall.test.clock.advance(days(3));
    codes::send(&op, "13900139000").await.expect("sends");
    super::jobs::forget_codes(op.clone()).await.expect("sweeps");
    let left = phone_code::Entity::find().all(op.reader()).await.expect("reads");
    let bob = Phone::parse("13900139000").expect("is one");
    assert_eq!(left.into_iter().map(|row| row.phone_index).collect::<Vec<_>>(), [service::phone_index(&op, &bob)]);
}
