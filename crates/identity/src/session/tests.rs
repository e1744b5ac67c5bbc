//! Sessions on a real database.

use std::sync::Arc;

use kernel::{Actor, Timestamp, days, minutes, seconds};
use platform::{
    Op, Registry,
    worker::{Worker, WorkerSettings},
};

use super::{
    Kind, SignedIn,
    service::{RefreshSession, authenticate, list, refresh, revoke, revoke_others},
};
use crate::{
    customer::service::{SignInByWeChat, sign_in_by_wechat},
    session::events::topic,
    tests::mall::{Mall, refusal},
};

async fn sign_in(mall: &Mall, device: &str) -> SignedIn {
    let cmd = SignInByWeChat { code: "app/ann".into(), device: Some(device.into()) };
    sign_in_by_wechat(&mall.nobody(), cmd).await.expect("signs in").0
}

fn at_the_shop(signed_in: &SignedIn) -> RefreshSession {
    RefreshSession { kind: Kind::Customer, token: signed_in.refresh_token.clone() }
}

#[tokio::test]
async fn a_token_says_who_asks_until_its_time_is_over() {
    let mall = Mall::open().await;
    let signed_in = sign_in(&mall, "phone").await;
    let now = mall.nobody().now();
    assert_eq!(signed_in.refresh_expires_at, now + days(30));
    let authenticated = authenticate(&mall.test.platform, Some(&signed_in.access_token)).await.expect("is good");
    assert!(matches!(authenticated.actor, Actor::Customer { .. }));
    assert_eq!(authenticated.expires_at, Some(now + minutes(15)));
    assert_eq!(authenticate(&mall.test.platform, None).await.expect("is nobody").actor, Actor::Anonymous);
    mall.test.clock.advance(minutes(15));
    assert_eq!(refusal(authenticate(&mall.test.platform, Some(&signed_in.access_token)).await), "TOKEN_EXPIRED");
}

#[tokio::test]
async fn what_we_did_not_sign_opens_nothing() {
    let (mall, other) = (Mall::open().await, Mall::open().await);
    let foreign = sign_in(&other, "phone").await.access_token;
    let token = sign_in(&mall, "phone").await.access_token;
    let mut parts = token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let none = "eyJhbGciOiJub25lIiwia2lkIjoidGVzdCJ9";
    let unsigned = format!("{none}.{}.", parts[1]);
    let hs256 = format!("eyJhbGciOiJIUzI1NiIsImtpZCI6InRlc3QifQ.{}.{}", parts[1], parts[2]);
    let last = parts[2].pop().expect("has a signature");
    let bent = format!("{}.{}.{}{}", parts[0], parts[1], parts[2], if last == 'A' { 'Q' } else { 'A' });
    for bad in [foreign, unsigned, hs256, bent, String::new(), "a.b.c".into(), "x".repeat(5000)] {
        assert_eq!(refusal(authenticate(&mall.test.platform, Some(&bad)).await), "TOKEN_INVALID", "{bad}");
    }
}

#[tokio::test]
async fn asking_again_within_seconds_asks_the_database_nothing() {
    let mall = Mall::open().await;
    let token = sign_in(&mall, "phone").await.access_token;
    authenticate(&mall.test.platform, Some(&token)).await.expect("is good");
    let before = mall.statements();
    authenticate(&mall.test.platform, Some(&token)).await.expect("is good");
    assert_eq!(mall.statements(), before);
    mall.test.clock.advance(seconds(5));
    authenticate(&mall.test.platform, Some(&token)).await.expect("is good");
    assert_eq!(mall.statements(), before + 1);
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_coming_late_with_it_ends_the_session() {
    let mall = Mall::open().await;
    let op = mall.nobody();
    let first = sign_in(&mall, "phone").await;
    let second = refresh(&op, at_the_shop(&first)).await.expect("the first use gives the next");
    assert_ne!(first.refresh_token, second.refresh_token);

    mall.test.clock.advance(seconds(10));
    assert_eq!(refusal(refresh(&op, at_the_shop(&first)).await), "REFRESH_TOKEN_JUST_USED");
    let third = refresh(&op, at_the_shop(&second)).await.expect("an honest double submit harms nobody");

    mall.test.clock.advance(seconds(1));
    assert_eq!(refusal(refresh(&op, at_the_shop(&first)).await), "REFRESH_TOKEN_REUSED");
    assert_eq!(refusal(refresh(&op, at_the_shop(&third)).await), "SESSION_REVOKED");
    assert_eq!(refusal(authenticate(&mall.test.platform, Some(&third.access_token)).await), "SESSION_REVOKED");
}

#[tokio::test]
async fn of_many_at_once_with_one_refresh_token_one_gets_the_next() {
    let mall = Mall::open().await;
    let first = sign_in(&mall, "phone").await;
    let callers = (0..12).map(|_| {
        let (op, cmd) = (mall.nobody(), at_the_shop(&first));
        tokio::spawn(async move { refresh(&op, cmd).await })
    });
    let (mut winners, mut losers) = (Vec::new(), Vec::new());
    for caller in callers.collect::<Vec<_>>() {
        match caller.await.expect("does not panic") {
            Ok(signed_in) => winners.push(signed_in),
            refused => losers.push(refusal(refused)),
        }
    }
    assert_eq!((winners.len(), losers), (1, vec!["REFRESH_TOKEN_JUST_USED"; 11]));
    refresh(&mall.nobody(), at_the_shop(&winners[0])).await.expect("the winner goes on");
}

#[tokio::test]
async fn doors_months_and_garbage_are_refused() {
    let mall = Mall::open().await;
    let op = mall.nobody();
    let signed_in = sign_in(&mall, "phone").await;
    let at_staff = RefreshSession { kind: Kind::Staff, ..at_the_shop(&signed_in) };
    assert_eq!(refusal(refresh(&op, at_staff).await), "REFRESH_TOKEN_INVALID");
    let garbage = RefreshSession { kind: Kind::Customer, token: "rt_nothing".into() };
    assert_eq!(refusal(refresh(&op, garbage).await), "REFRESH_TOKEN_INVALID");
    mall.test.clock.advance(days(30));
    assert_eq!(refusal(refresh(&op, at_the_shop(&signed_in)).await), "REFRESH_TOKEN_EXPIRED");
}

#[tokio::test]
async fn devices_are_listed_and_can_be_signed_out() {
    let mall = Mall::open().await;
    let phone = sign_in(&mall, "phone").await;
    mall.test.clock.advance(seconds(1));
    let tablet = sign_in(&mall, "tablet").await;
    mall.test.clock.advance(seconds(1));
    let watch = sign_in(&mall, "watch").await;
    let (op, on_tablet) = (mall.with(&phone.access_token).await, mall.with(&tablet.access_token).await);
    let devices = |list: Vec<super::service::SessionInfo>| list.into_iter().filter_map(|info| info.device).collect::<Vec<_>>();
    assert_eq!(devices(list(&op).await.expect("lists")), ["watch", "tablet", "phone"]);
    let current: Vec<bool> = list(&op).await.expect("lists").into_iter().map(|info| info.current).collect();
    assert_eq!(current, [false, false, true]);

    let tablet_id = on_tablet.actor.session().expect("has a session");
    revoke(&op, tablet_id).await.expect("ends");
    revoke(&op, tablet_id).await.expect("ended already is no error");
    assert_eq!(refusal(authenticate(&mall.test.platform, Some(&tablet.access_token)).await), "SESSION_REVOKED");
    assert_eq!(revoke_others(&op).await.expect("ends"), 1);
    assert_eq!(refusal(authenticate(&mall.test.platform, Some(&watch.access_token)).await), "SESSION_REVOKED");
    assert_eq!(devices(list(&op).await.expect("lists")), ["phone"]);

    let stranger = SignInByWeChat { code: "app/bob".into(), device: None };
    let stranger = sign_in_by_wechat(&mall.nobody(), stranger).await.expect("signs in").0;
    let stranger = mall.with(&stranger.access_token).await;
    assert_eq!(refusal(revoke(&stranger, op.actor.session().expect("has one")).await), "SESSION_NOT_FOUND");
    assert!(authenticate(&mall.test.platform, Some(&phone.access_token)).await.is_ok());
}

/// Another node has its own memory; it learns of an end within five seconds.
#[tokio::test]
async fn another_node_believes_for_five_seconds_at_most() {
    let mall = Mall::open().await;
    let signed_in = sign_in(&mall, "phone").await;
    let op = mall.with(&signed_in.access_token).await;
    // What another node would do: end the session without telling this one.
    let mut tx = op.begin().await.expect("begins");
    let (id, owner) = (op.actor.session().expect("has one"), super::Owner::of(&op.actor).expect("has one"));
    let whose = super::service::Whose::Session(id, owner);
    let _elsewhere = super::service::revoke_all(&mut tx, &op, (whose, super::Ended::SignedOut)).await.expect("ends");
    tx.commit().await.expect("commits");
    assert!(authenticate(&mall.test.platform, Some(&signed_in.access_token)).await.is_ok());
    mall.test.clock.advance(seconds(5));
    assert_eq!(refusal(authenticate(&mall.test.platform, Some(&signed_in.access_token)).await), "SESSION_REVOKED");
}

#[tokio::test]
async fn an_end_is_told_to_the_sockets_and_forgotten_in_time() {
    let mall = Mall::open().await;
    let mut registry = Registry::default();
    crate::register(&mut registry);
    let worker = Worker::new(Arc::clone(&mall.test.platform), registry, WorkerSettings::default());
    let signed_in = sign_in(&mall, "phone").await;
    let op = mall.with(&signed_in.access_token).await;
    let session = op.actor.session().expect("has one");
    let watched = mall.test.platform.bus.watch(&topic(session));
    revoke(&op, session).await.expect("ends");
    worker.settle().await.expect("settles");
    assert!(watched.has_changed().expect("is open"));

    let rows = |op: Op| async move {
        use sea_orm::{EntityTrait, PaginatorTrait};
        let sessions = entity::identity::session::Entity::find().count(op.reader()).await.expect("counts");
        sessions + entity::identity::refresh_token::Entity::find().count(op.reader()).await.expect("counts")
    };
    assert_eq!(rows(op.clone()).await, 2);
    mall.test.clock.advance(days(31));
    super::jobs::forget_ended(op.clone()).await.expect("sweeps");
    assert_eq!(rows(op.clone()).await, 0);
    assert!(op.now() > Timestamp(0));
}
