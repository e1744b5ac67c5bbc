//! Everything at once: concurrent tasks on one database, exact winners. Numbers are those of the list of races every
//! release survives.

use entity::campaign::{group_buy, group_buy_seat::SeatState, group_buy_team::TeamState};
use kernel::{OrderId, hours, minutes};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use tokio::task::JoinSet;

use super::crowd::{Crowd, teams_of};
use crate::group_buy::{
    rules::team::{SeatRefused, WhenFull},
    service,
};

/// Race 1, at the door: of many who want the last seat one gets it.
#[tokio::test(flavor = "multi_thread")]
async fn many_want_the_last_seat_and_one_gets_it() {
    let crowd = Crowd::gathers(teams_of(2)).await;
    let team = crowd.leads(1).await;
    let mut wants = JoinSet::new();
    for n in 2..22 {
        let crowd = crowd.clone();
        wants.spawn(async move { crowd.joins(n, team).await });
    }
    let answers = wants.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.iter().all(|answer| answer.is_ok() || *answer == Err(SeatRefused::Full { joinable: vec![] })));
    crowd.is_sound().await;
}

/// Race 1, at the till: everybody's hold has run out, one seat is free, and all payments arrive at once. One forms the
/// team; each of the others gets what they chose.
#[tokio::test(flavor = "multi_thread")]
async fn many_pay_for_the_last_seat_and_nobody_has_paid_for_nothing() {
    let crowd = Crowd::gathers(teams_of(2)).await;
    let team = crowd.leads(1).await;
    let choices = [WhenFull::Refund, WhenFull::JoinOther, WhenFull::OpenNew];
    let mut late: Vec<OrderId> = Vec::new();
    for n in 0..12_u8 {
        late.push(crowd.joins_or(n + 2, team, choices[usize::from(n % 3)]).await.expect("the seat is free again"));
        crowd.test.clock.advance(minutes(10));
        service::lapse_holds(&crowd.op()).await.expect("sweeps");
    }
    pay_all(&crowd, &late).await;
    let formed = crowd.team(team).await;
    assert_eq!((formed.state, formed.confirmed), (TeamState::Formed, 2));
    crowd.is_sound().await;
    let mut seated = 0;
    for order in &late {
        seated += usize::from(crowd.seats_of(*order).await.iter().any(|seat| seat.state == SeatState::Confirmed));
    }
    assert_eq!(seated + crowd.given_back().await.len(), late.len());
}

/// Race 2: two payments of a team of three, neither the last when it began, together the last.
#[tokio::test(flavor = "multi_thread")]
async fn two_payments_at_once_form_the_team() {
    for _ in 0..5 {
        let crowd = Crowd::gathers(teams_of(3)).await;
        let team = crowd.leads(1).await;
        let orders = [crowd.joins(2, team).await.expect("a seat"), crowd.joins(3, team).await.expect("a seat")];
        pay_all(&crowd, &orders).await;
        assert_eq!(crowd.team(team).await.state, TeamState::Formed);
        crowd.is_sound().await;
    }
}

/// Race 3: the same payment is told many times, at once, after the team is full.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_told_many_times_has_one_effect() {
    let crowd = Crowd::gathers(teams_of(2)).await;
    let team = crowd.leads(1).await;
    let late = crowd.joins_or(2, team, WhenFull::OpenNew).await.expect("a seat");
    crowd.test.clock.advance(minutes(10));
    service::lapse_holds(&crowd.op()).await.expect("sweeps");
    crowd.joins_and_pays(3, team).await;
    let mut told = JoinSet::new();
    for _ in 0..8 {
        let crowd = crowd.clone();
        // Whoever comes second may stumble over the first and be tried again; that is what jobs are for.
        told.spawn(async move { while service::paid(&crowd.op(), late).await.is_err() {} });
    }
    told.join_all().await;
    crowd.pays(late).await;
    assert_eq!(crowd.seats_of(late).await.iter().filter(|seat| seat.state == SeatState::Confirmed).count(), 1);
    assert!(crowd.given_back().await.is_empty());
    crowd.is_sound().await;
}

/// Race 4: the deadline and the last payment at the same instant. Either the team formed and nobody is refunded, or it
/// failed and everybody is, the last payer too.
#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_and_the_last_payment_at_the_same_instant() {
    for round in 0..10 {
        let crowd = Crowd::gathers(teams_of(2)).await;
        let team = crowd.leads(1).await;
        crowd.test.clock.advance(hours(24) - minutes(1));
        let last = crowd.joins(2, team).await.expect("a seat");
        crowd.test.clock.advance(minutes(1));
        let (payer, sweeper) = (crowd.clone(), crowd.clone());
        let pay = tokio::spawn(async move { payer.pays(last).await });
        let expire = tokio::spawn(async move { service::expire_teams(&sweeper.op()).await.expect("sweeps") });
        if round % 2 == 0 {
            expire.await.expect("no panic");
            pay.await.expect("no panic");
        } else {
            pay.await.expect("no panic");
            expire.await.expect("no panic");
        }
        let (state, back) = (crowd.team(team).await.state, crowd.given_back().await.len());
        assert!(matches!((state, back), (TeamState::Formed, 0) | (TeamState::Failed, 2)), "{state:?} with {back} refunds");
        crowd.is_sound().await;
    }
}

/// Race 5: one member has their money back already when the team fails: they are not given it twice, and hold nobody up.
#[tokio::test]
async fn a_member_refunded_before_the_team_fails_is_refunded_once() {
    let crowd = Crowd::gathers(teams_of(4)).await;
    let team = crowd.leads(1).await;
    let (gone, stays) = (crowd.joins_and_pays(2, team).await, crowd.joins_and_pays(3, team).await);
    service::refunded(&crowd.op(), gone).await.expect("frees the seat");
    crowd.test.clock.advance(hours(24));
    service::expire_teams(&crowd.op()).await.expect("sweeps");
    let back = crowd.given_back().await;
    assert!(!back.contains(&gone) && back.contains(&stays) && back.len() == 2);
    crowd.is_sound().await;
}

/// Race 7: the campaign is edited while a team gathers. The team keeps its size, its price and its deadline.
#[tokio::test]
async fn editing_the_campaign_leaves_a_gathering_team_as_it_was_promised() {
    let crowd = Crowd::gathers(teams_of(3)).await;
    let team = crowd.leads(1).await;
    let before = crowd.team(team).await;
    group_buy::Entity::update_many()
        .col_expr(group_buy::Column::TeamHours, Expr::value(1_i64))
        .col_expr(group_buy::Column::NewCustomersOnly, Expr::value(true))
        .filter(group_buy::Column::Id.eq(crowd.campaign))
        .exec(crowd.test.platform.db.writer())
        .await
        .expect("edits");
    crowd.test.clock.advance(hours(2));
    service::expire_teams(&crowd.op()).await.expect("sweeps");
    crowd.joins_and_pays(2, team).await;
    crowd.joins_and_pays(3, team).await;
    let after = crowd.team(team).await;
    assert_eq!((after.state, after.size, after.deadline, after.terms), (TeamState::Formed, 3, before.deadline, before.terms));
}

/// One customer clicks in many places at once: the table lets one in, whatever everybody read before.
#[tokio::test(flavor = "multi_thread")]
async fn one_customer_everywhere_at_once_sits_once() {
    let crowd = Crowd::gathers(teams_of(3)).await;
    let mut teams = Vec::new();
    for n in 1..6 {
        teams.push(crowd.leads(n).await);
    }
    let mut clicks = JoinSet::new();
    for team in teams {
        let crowd = crowd.clone();
        clicks.spawn(async move { crowd.joins(50, team).await });
    }
    let answers = clicks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    crowd.is_sound().await;
}

async fn pay_all(crowd: &Crowd, orders: &[OrderId]) {
    let mut payments = JoinSet::new();
    for order in orders {
        let (crowd, order) = (crowd.clone(), *order);
        payments.spawn(async move { crowd.pays(order).await });
    }
    payments.join_all().await;
}
