//! Staff on a real database.

use std::collections::BTreeSet;

use kernel::{Actor, PageRequest, Permission, RoleId, StaffId, days, minutes, seconds};
use platform::Op;

use super::{
    query::{Role, StaffMember},
    service::{self, ChangePassword, DisableTotp, NewRole, NewStaff, RoleUpdate, SetRoles, SignIn, StaffSignedIn},
    totp,
};
use crate::{
    session::service::authenticate,
    tests::mall::{Mall, refusal},
};

const BOSS: &str = "boss@mall.example";
const PASSWORD: &str = "correct horse battery";

fn with(email: &str, password: &str) -> SignIn {
    SignIn { email: email.into(), password: password.into(), totp: None, device: None }
}

async fn mall() -> (Mall, Op) {
    let mall = Mall::open().await;
    let system = mall.test.platform.system("test");
    service::ensure_owner(&system, BOSS, PASSWORD).await.expect("makes the owner");
    let boss = enter(&mall, with(BOSS, PASSWORD)).await;
    (mall, boss)
}

async fn enter(mall: &Mall, cmd: SignIn) -> Op {
    let signed_in = service::sign_in(&mall.nobody(), cmd).await.expect("signs in");
    mall.with(&signed_in.session.expect("has a session").access_token).await
}

fn permissions(op: &Op) -> BTreeSet<Permission> {
    match &op.actor {
        Actor::Staff { permissions, .. } => permissions.clone(),
        other => panic!("{other} is not staff"),
    }
}

async fn role(op: &Op, name: &str, permissions: &[Permission]) -> Role {
    let new = NewRole { name: name.into(), permissions: permissions.iter().copied().collect() };
    service::create_role(op, new).await.expect("makes the role")
}

async fn hire(op: &Op, email: &str, roles: &[RoleId]) -> (StaffMember, String) {
    let new = NewStaff { email: email.into(), name: "Somebody".into(), roles: roles.iter().copied().collect() };
    service::create(op, new).await.expect("adds them")
}

/// Hires somebody who has chosen this password.
async fn clerk(mall: &Mall, boss: &Op, (email, roles): (&str, &[RoleId])) -> Op {
    let (_, one_time) = hire(boss, email, roles).await;
    let op = enter(mall, with(email, &one_time)).await;
    service::change_password(&op, ChangePassword { current: one_time, new: PASSWORD.into() }).await.expect("chooses");
    enter(mall, with(email, PASSWORD)).await
}

fn id(op: &Op) -> StaffId {
    op.actor.staff().expect("is staff")
}

#[tokio::test]
async fn an_owner_may_everything_and_making_one_twice_makes_one() {
    let (mall, boss) = mall().await;
    assert_eq!(permissions(&boss), Permission::ALL.into_iter().collect());
    let system = mall.test.platform.system("test");
    let again = service::ensure_owner(&system, " BOSS@mall.example ", "another long password").await.expect("finds them");
    assert_eq!(again.id, id(&boss));
    assert_eq!(service::members(&boss, PageRequest { first: 10, after: None }).await.expect("lists").rows.len(), 1);
    enter(&mall, with(BOSS, PASSWORD)).await;
    assert_eq!(refusal(service::ensure_owner(&system, "new@mall.example", "short").await), "PASSWORD_TOO_SHORT");
}

#[tokio::test]
async fn five_failures_lock_the_door_whether_or_not_anybody_lives_there() {
    let (mall, _) = mall().await;
    for email in [BOSS, "nobody@mall.example", "not an email"] {
        for _ in 0..5 {
            let refused = service::sign_in(&mall.nobody(), with(email, "a wrong password")).await;
            assert_eq!(refusal(refused), "STAFF_CREDENTIALS_INVALID", "{email}");
        }
        assert_eq!(refusal(service::sign_in(&mall.nobody(), with(email, PASSWORD)).await), "STAFF_LOCKED", "{email}");
    }
    mall.test.clock.advance(minutes(15));
    for _ in 0..5 {
        assert_eq!(refusal(service::sign_in(&mall.nobody(), with(BOSS, "a wrong password")).await), "STAFF_CREDENTIALS_INVALID");
    }
    mall.test.clock.advance(minutes(29));
    assert_eq!(refusal(service::sign_in(&mall.nobody(), with(BOSS, PASSWORD)).await), "STAFF_LOCKED");
    mall.test.clock.advance(minutes(1));
    enter(&mall, with(BOSS, PASSWORD)).await;
    for _ in 0..4 {
        assert_eq!(refusal(service::sign_in(&mall.nobody(), with(BOSS, "a wrong password")).await), "STAFF_CREDENTIALS_INVALID");
    }
    enter(&mall, with(BOSS, PASSWORD)).await;
    mall.test.clock.advance(days(2));
    super::jobs::forget_attempts(mall.nobody()).await.expect("sweeps");
}

#[tokio::test]
async fn parallel_guesses_are_five_all_the_same() {
    let (mall, _) = mall().await;
    let guesses = (0..12).map(|_| {
        let op = mall.nobody();
        tokio::spawn(async move { refusal(service::sign_in(&op, with(BOSS, "a wrong password")).await) })
    });
    let mut looked_at = 0;
    for guess in guesses.collect::<Vec<_>>() {
        looked_at += i32::from(guess.await.expect("does not panic") == "STAFF_CREDENTIALS_INVALID");
    }
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn one_address_knocks_twenty_times_a_minute_at_most() {
    let (mall, _) = mall().await;
    let mut op = mall.nobody();
    op.request.ip = Some([203, 0, 113, 7].into());
    for n in 0..20 {
        let cmd = with(&format!("guess{n}@mall.example"), "a wrong password");
        assert_eq!(refusal(service::sign_in(&op, cmd).await), "STAFF_CREDENTIALS_INVALID");
    }
    assert_eq!(refusal(service::sign_in(&op, with(BOSS, PASSWORD)).await), "SIGN_IN_TOO_OFTEN");
}

#[tokio::test]
async fn an_authenticator_is_asked_for_and_each_code_counts_once() {
    let (mall, boss) = mall().await;
    assert_eq!(refusal(service::confirm_totp(&boss, "000000").await), "TOTP_NOT_ON");
    assert_eq!(refusal(service::enrol_totp(&boss, "a wrong password").await), "STAFF_CREDENTIALS_INVALID");
    let enrolment = service::enrol_totp(&boss, PASSWORD).await.expect("begins");
    let code = || totp::code(&enrolment.secret, boss.now()).expect("shows");
    let sign_in = |code: String| {
        let (op, cmd) = (mall.nobody(), SignIn { totp: Some(code), ..with(BOSS, PASSWORD) });
        async move { service::sign_in(&op, cmd).await }
    };
    // Until it is confirmed nobody is locked out by a QR code that was never scanned.
    enter(&mall, with(BOSS, PASSWORD)).await;
    service::confirm_totp(&boss, &code()).await.expect("confirms");
    assert_eq!(refusal(service::enrol_totp(&boss, PASSWORD).await), "TOTP_ALREADY_ON");

    let asked = service::sign_in(&mall.nobody(), with(BOSS, PASSWORD)).await.expect("is no refusal");
    assert_eq!(asked, StaffSignedIn { session: None, totp_required: true, password_change_required: false });
    assert_eq!(refusal(sign_in(code()).await), "TOTP_WRONG", "the code that confirmed is used up");
    mall.test.clock.advance(seconds(30));
    assert!(sign_in(code()).await.expect("signs in").session.is_some());
    assert_eq!(refusal(sign_in(code()).await), "TOTP_WRONG", "a replay");
    mall.test.clock.advance(seconds(30));
    assert!(sign_in(code()).await.expect("signs in").session.is_some());

    let disable = |password: &str, totp: String| DisableTotp { password: password.into(), totp };
    assert_eq!(refusal(service::disable_totp(&boss, disable(PASSWORD, code())).await), "TOTP_WRONG");
    mall.test.clock.advance(seconds(30));
    service::disable_totp(&boss, disable(PASSWORD, code())).await.expect("gives it up");
    assert_eq!(refusal(service::disable_totp(&boss, disable(PASSWORD, code())).await), "TOTP_NOT_ON");
    enter(&mall, with(BOSS, PASSWORD)).await;
}

#[tokio::test]
async fn of_many_with_one_code_one_gets_in() {
    let (mall, boss) = mall().await;
    let enrolment = service::enrol_totp(&boss, PASSWORD).await.expect("begins");
    service::confirm_totp(&boss, &totp::code(&enrolment.secret, boss.now()).expect("shows")).await.expect("confirms");
    mall.test.clock.advance(seconds(30));
    let code = totp::code(&enrolment.secret, boss.now()).expect("shows");
    let callers = (0..4).map(|_| {
        let (op, cmd) = (mall.nobody(), SignIn { totp: Some(code.clone()), ..with(BOSS, PASSWORD) });
        tokio::spawn(async move { service::sign_in(&op, cmd).await.is_ok_and(|signed_in| signed_in.session.is_some()) })
    });
    let mut inside = 0;
    for caller in callers.collect::<Vec<_>>() {
        inside += i32::from(caller.await.expect("does not panic"));
    }
    assert_eq!(inside, 1);
}

#[tokio::test]
async fn guessing_codes_locks_the_door_too() {
    let (mall, boss) = mall().await;
    let enrolment = service::enrol_totp(&boss, PASSWORD).await.expect("begins");
    service::confirm_totp(&boss, &totp::code(&enrolment.secret, boss.now()).expect("shows")).await.expect("confirms");
    for _ in 0..5 {
        // Being asked for the code in between gives no further guesses.
        assert!(service::sign_in(&mall.nobody(), with(BOSS, PASSWORD)).await.expect("is asked").totp_required);
        let guess = SignIn { totp: Some("12345".into()), ..with(BOSS, PASSWORD) };
        assert_eq!(refusal(service::sign_in(&mall.nobody(), guess).await), "TOTP_WRONG");
    }
    assert_eq!(refusal(service::sign_in(&mall.nobody(), with(BOSS, PASSWORD)).await), "STAFF_LOCKED");
}

#[tokio::test]
async fn who_was_given_a_password_may_nothing_but_choose_one() {
    let (mall, boss) = mall().await;
    let orders = role(&boss, "Orders", &[Permission::OrderRead]).await;
    let (_, one_time) = hire(&boss, "clerk@mall.example", &[orders.id]).await;
    assert_eq!(one_time.len(), 23);
    let signed_in = service::sign_in(&mall.nobody(), with("clerk@mall.example", &one_time)).await.expect("signs in");
    assert!(signed_in.password_change_required);
    let token = signed_in.session.expect("has a session").access_token;
    let clerk = mall.with(&token).await;
    assert!(permissions(&clerk).is_empty());

    let choose = |current: &str, new: &str| ChangePassword { current: current.into(), new: new.into() };
    for (current, new, code) in [
        ("a wrong password", PASSWORD, "STAFF_CREDENTIALS_INVALID"),
        (&one_time, "short", "PASSWORD_TOO_SHORT"),
        (&one_time, "clerk@mall.example", "PASSWORD_GUESSABLE"),
        (&one_time, &one_time, "PASSWORD_UNCHANGED"),
    ] {
        assert_eq!(refusal(service::change_password(&clerk, choose(current, new)).await), code);
    }
    let elsewhere = service::sign_in(&mall.nobody(), with("clerk@mall.example", &one_time)).await.expect("signs in").session;
    let elsewhere = elsewhere.expect("has a session").access_token;
    service::change_password(&clerk, choose(&one_time, PASSWORD)).await.expect("chooses");
    assert_eq!(permissions(&mall.with(&token).await), [Permission::OrderRead].into());
    assert_eq!(refusal(authenticate(&mall.test.platform, Some(&elsewhere)).await), "SESSION_REVOKED");
    assert_eq!(refusal(service::sign_in(&mall.nobody(), with("clerk@mall.example", &one_time)).await), "STAFF_CREDENTIALS_INVALID");
}

#[tokio::test]
async fn roles_count_at_once_and_a_disabled_one_is_out_at_once() {
    let (mall, boss) = mall().await;
    let orders = role(&boss, "Orders", &[Permission::OrderRead]).await;
    let stock = role(&boss, "Stock", &[Permission::CatalogRead]).await;
    let clerk = clerk(&mall, &boss, ("clerk@mall.example", &[orders.id])).await;
    let token = service::sign_in(&mall.nobody(), with("clerk@mall.example", PASSWORD)).await.expect("signs in").session;
    let token = token.expect("has a session").access_token;
    let now = |mall: &Mall| {
        let (platform, token) = (mall.test.platform.clone(), token.clone());
        async move { authenticate(&platform, Some(&token)).await }
    };

    assert_eq!(permissions(&mall.with(&token).await), [Permission::OrderRead].into());
    service::set_roles(&boss, SetRoles { staff: id(&clerk), roles: [stock.id].into() }).await.expect("sets");
    assert_eq!(permissions(&mall.with(&token).await), [Permission::CatalogRead].into());
    let wider = RoleUpdate { id: stock.id, name: Some("Shelves".into()), permissions: Some([Permission::CatalogWrite].into()) };
    assert_eq!(service::update_role(&boss, wider).await.expect("changes").name, "Shelves");
    assert_eq!(permissions(&mall.with(&token).await), [Permission::CatalogWrite].into());

    assert!(service::disable(&boss, id(&clerk)).await.expect("disables").disabled_at.is_some());
    service::disable(&boss, id(&clerk)).await.expect("already is no error");
    assert_eq!(refusal(now(&mall).await), "SESSION_REVOKED");
    assert_eq!(refusal(service::sign_in(&mall.nobody(), with("clerk@mall.example", PASSWORD)).await), "STAFF_CREDENTIALS_INVALID");
    service::enable(&boss, id(&clerk)).await.expect("enables");
    enter(&mall, with("clerk@mall.example", PASSWORD)).await;

    let (_, one_time) = service::reset_password(&boss, id(&clerk)).await.expect("resets");
    assert_eq!(refusal(service::sign_in(&mall.nobody(), with("clerk@mall.example", PASSWORD)).await), "STAFF_CREDENTIALS_INVALID");
    assert!(service::sign_in(&mall.nobody(), with("clerk@mall.example", &one_time)).await.expect("signs in").password_change_required);
}

#[tokio::test]
async fn nobody_climbs_and_nobody_locks_everybody_out() {
    let (mall, boss) = mall().await;
    let people = role(&boss, "People", &[Permission::StaffRead, Permission::StaffWrite]).await;
    let money = role(&boss, "Money", &[Permission::RefundWrite]).await;
    let owner = service::roles(&boss).await.expect("lists").into_iter().find(|role| role.owner).expect("is there");
    let clerk = clerk(&mall, &boss, ("clerk@mall.example", &[people.id])).await;
    let me = id(&clerk);
    let set = |roles: &[RoleId]| SetRoles { staff: me, roles: roles.iter().copied().collect() };

    for roles in [[people.id, money.id], [people.id, owner.id]] {
        assert_eq!(refusal(service::set_roles(&clerk, set(&roles)).await), "STAFF_OUTRANKED");
    }
    let new = NewStaff { email: "new@mall.example".into(), name: "New".into(), roles: [money.id].into() };
    assert_eq!(refusal(service::create(&clerk, new.clone()).await), "STAFF_OUTRANKED");
    let wide = RoleUpdate { id: people.id, name: None, permissions: Some(Permission::ALL.into()) };
    assert_eq!(refusal(service::update_role(&clerk, wide).await), "STAFF_OUTRANKED");
    let wide = NewRole { name: "All".into(), permissions: Permission::ALL.into() };
    assert_eq!(refusal(service::create_role(&clerk, wide).await), "STAFF_OUTRANKED");
    assert_eq!(refusal(service::reset_password(&clerk, id(&boss)).await), "STAFF_OUTRANKED");
    assert_eq!(refusal(service::disable(&clerk, me).await), "STAFF_OWN_ACCESS");
    let narrow = RoleUpdate { id: people.id, name: None, permissions: Some([Permission::StaffRead].into()) };
    assert_eq!(refusal(service::update_role(&clerk, narrow).await), "STAFF_OWN_ACCESS");

    assert_eq!(refusal(service::disable(&boss, id(&boss)).await), "STAFF_LAST_OWNER");
    assert_eq!(refusal(service::disable(&clerk, id(&boss)).await), "STAFF_LAST_OWNER");
    let demoted = SetRoles { staff: id(&boss), roles: [people.id].into() };
    assert_eq!(refusal(service::set_roles(&boss, demoted).await), "STAFF_LAST_OWNER");
    let bent = RoleUpdate { id: owner.id, name: Some("Nobody".into()), permissions: None };
    assert_eq!(refusal(service::update_role(&boss, bent).await), "ROLE_BUILT_IN");

    for (new, code) in [
        (NewStaff { email: "clerk@MALL.example".into(), ..new.clone() }, "EMAIL_TAKEN"),
        (NewStaff { email: "nonsense".into(), ..new.clone() }, "EMAIL_INVALID"),
        (NewStaff { name: " ".into(), ..new.clone() }, "NAME_INVALID"),
        (NewStaff { roles: [].into(), ..new.clone() }, "ROLES_MISSING"),
        (NewStaff { roles: [boss.new_id()].into(), ..new.clone() }, "ROLE_NOT_FOUND"),
    ] {
        assert_eq!(refusal(service::create(&boss, new).await), code);
    }
    let twin = NewRole { name: "Money".into(), permissions: BTreeSet::new() };
    assert_eq!(refusal(service::create_role(&boss, twin).await), "ROLE_NAME_TAKEN");
    assert_eq!(refusal(service::disable(&boss, boss.new_id()).await), "STAFF_NOT_FOUND");
}

#[tokio::test]
async fn two_owners_who_disable_each_other_leave_one() {
    let (mall, boss) = mall().await;
    let owner = service::roles(&boss).await.expect("lists").into_iter().find(|role| role.owner).expect("is there");
    let other = clerk(&mall, &boss, ("other@mall.example", &[owner.id])).await;
    let (a, b) = (boss.clone(), other.clone());
    let (a_id, b_id) = (id(&a), id(&b));
    let (one, two) = (
        tokio::spawn(async move { service::disable(&a, b_id).await.is_ok() }),
        tokio::spawn(async move { service::disable(&b, a_id).await.is_ok() }),
    );
    let done = [one.await.expect("does not panic"), two.await.expect("does not panic")];
    assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
}
