//! The story of a team, from the leader's order to the end.

use entity::campaign::{group_buy_seat::SeatState, group_buy_team::TeamState};
use kernel::{hours, minutes};

use super::crowd::{Crowd, customer, teams_of};
use crate::group_buy::{
    query,
    rules::team::{SeatRefused, WhenFull},
    rules::terms::Terms,
    service,
};

#[tokio::test]
async fn a_team_is_nobodys_business_until_its_leader_has_paid() {
    let crowd = Crowd::gathers(teams_of(3)).await;
    let (team, order) = crowd.opens(1, WhenFull::Refund).await;
    assert_eq!(crowd.team(team).await.state, TeamState::Pending);
    assert_eq!(crowd.joins(2, team).await, Err(SeatRefused::Closed));
    assert!(query::visible_team(&crowd.op(), team).await.expect("reads").is_none());
    assert!(query::open_teams(&crowd.op(), crowd.campaign, None).await.expect("reads").is_empty());

    crowd.pays(order).await;
    let opened = crowd.team(team).await;
    assert_eq!((opened.state, opened.deadline), (TeamState::Open, Some(crowd.op().now() + hours(24))));
    assert_eq!(query::open_teams(&crowd.op(), crowd.campaign, None).await.expect("reads").len(), 1);
    crowd.is_sound().await;
}

#[tokio::test]
async fn the_last_payment_forms_it_and_a_second_notice_of_it_changes_nothing() {
    let crowd = Crowd::gathers(teams_of(3)).await;
    let team = crowd.leads(1).await;
    crowd.joins_and_pays(2, team).await;
    let last = crowd.joins(3, team).await.expect("there is a seat");
    assert_eq!(crowd.joins(4, team).await, Err(SeatRefused::Full { joinable: vec![] }));
    for _ in 0..3 {
        crowd.pays(last).await;
        let formed = crowd.team(team).await;
        assert_eq!((formed.state, formed.confirmed, formed.held), (TeamState::Formed, 3, 0));
    }
    assert!(crowd.given_back().await.is_empty());
    crowd.is_sound().await;
}

#[tokio::test]
async fn the_deadline_gives_every_paid_seat_its_own_refund() {
    let crowd = Crowd::gathers(teams_of(4)).await;
    let team = crowd.leads(1).await;
    let second = crowd.joins_and_pays(2, team).await;
    crowd.test.clock.advance(hours(24) - minutes(1));
    let unpaid = crowd.joins(3, team).await.expect("there is a seat");
    crowd.test.clock.advance(minutes(1));
    for _ in 0..2 {
        service::expire_teams(&crowd.op()).await.expect("sweeps");
        assert_eq!(crowd.team(team).await.state, TeamState::Failed);
        assert_eq!(crowd.given_back().await.len(), 2);
    }
    assert!(crowd.given_back().await.contains(&second));
    assert_eq!(crowd.seats_of(unpaid).await[0].state, SeatState::Released);
    crowd.pays(unpaid).await;
    assert!(crowd.given_back().await.contains(&unpaid), "a payment after the end goes back at once");
    crowd.is_sound().await;
}

#[tokio::test]
async fn virtual_completion_is_for_teams_above_the_threshold_and_marked() {
    let crowd = Crowd::gathers(Terms { virtual_from_percent: Some(50), ..teams_of(4) }).await;
    let (lonely, paired) = (crowd.leads(1).await, crowd.leads(2).await);
    crowd.joins_and_pays(3, paired).await;
    crowd.test.clock.advance(hours(24));
    service::expire_teams(&crowd.op()).await.expect("sweeps");
    assert_eq!(crowd.team(lonely).await.state, TeamState::Failed);
    let formed = crowd.team(paired).await;
    assert_eq!((formed.state, formed.confirmed, formed.virtual_seats), (TeamState::Formed, 2, 2));
    crowd.is_sound().await;
}

#[tokio::test]
async fn an_unpaid_seat_is_given_up_and_its_order_finds_another() {
    let crowd = Crowd::gathers(teams_of(3)).await;
    let team = crowd.leads(1).await;
    let slow = crowd.joins(2, team).await.expect("there is a seat");
    crowd.test.clock.advance(minutes(10));
    service::lapse_holds(&crowd.op()).await.expect("sweeps");
    assert_eq!(crowd.seats_of(slow).await[0].state, SeatState::Released);
    crowd.joins_and_pays(3, team).await;
    crowd.pays(slow).await;
    assert_eq!(crowd.team(team).await.state, TeamState::Formed);
    assert_eq!(crowd.seats_of(slow).await[0].seat_no, 3);
    crowd.is_sound().await;
}

#[tokio::test]
async fn who_pays_late_joins_the_fullest_other_team_if_they_chose_so() {
    let crowd = Crowd::gathers(teams_of(3)).await;
    let team = crowd.leads(1).await;
    let late = crowd.joins_or(2, team, WhenFull::JoinOther).await.expect("there is a seat");
    let (empty, fuller) = (crowd.leads(3).await, crowd.leads(4).await);
    crowd.joins_and_pays(5, fuller).await;
    full_without(&crowd, team).await;
    crowd.pays(late).await;
    assert_eq!(crowd.team(fuller).await.state, TeamState::Formed);
    assert_eq!(crowd.team(empty).await.confirmed, 1);
    let seats = crowd.seats_of(late).await;
    assert_eq!(seats.iter().map(|seat| seat.state).collect::<Vec<_>>(), [SeatState::Released, SeatState::Confirmed]);
    crowd.pays(late).await;
    crowd.is_sound().await;
}

#[tokio::test]
async fn who_pays_late_leads_a_new_team_if_they_chose_so() {
    let crowd = Crowd::gathers(teams_of(3)).await;
    let team = crowd.leads(1).await;
    let late = crowd.joins_or(2, team, WhenFull::OpenNew).await.expect("there is a seat");
    full_without(&crowd, team).await;
    crowd.pays(late).await;
    let seat = crowd.seats_of(late).await.pop().expect("sits");
    let led = crowd.team(seat.team).await;
    assert_eq!((led.state, led.leader, led.confirmed), (TeamState::Open, customer(2), 1));
    assert_eq!(led.deadline, Some(crowd.op().now() + hours(24)));
    crowd.is_sound().await;
}

#[tokio::test]
async fn who_finds_nothing_of_what_they_chose_gets_the_money_back() {
    for choice in [WhenFull::JoinOther, WhenFull::Refund] {
        let crowd = Crowd::gathers(teams_of(3)).await;
        let team = crowd.leads(1).await;
        let late = crowd.joins_or(2, team, choice).await.expect("there is a seat");
        full_without(&crowd, team).await;
        for _ in 0..2 {
            crowd.pays(late).await;
            assert_eq!(crowd.given_back().await, [late], "{choice:?}");
        }
        crowd.is_sound().await;
    }
}

/// The holds in `team` run out, and others fill it.
async fn full_without(crowd: &Crowd, team: kernel::TeamId) {
    crowd.test.clock.advance(minutes(10));
    service::lapse_holds(&crowd.op()).await.expect("sweeps");
    crowd.joins_and_pays(101, team).await;
    crowd.joins_and_pays(102, team).await;
    assert_eq!(crowd.team(team).await.state, TeamState::Formed);
}

#[tokio::test]
async fn the_next_member_leads_when_the_leader_leaves() {
    let crowd = Crowd::gathers(teams_of(3)).await;
    let (team, leader) = crowd.opens(1, WhenFull::Refund).await;
    crowd.pays(leader).await;
    let second = crowd.joins_and_pays(2, team).await;
    service::refunded(&crowd.op(), leader).await.expect("frees the seat");
    let led = crowd.team(team).await;
    assert_eq!((led.state, led.leader, led.confirmed), (TeamState::Open, customer(2), 1));
    service::refunded(&crowd.op(), second).await.expect("frees the seat");
    assert_eq!(crowd.team(team).await.state, TeamState::Failed);
    crowd.is_sound().await;
}

#[tokio::test]
async fn a_cancelled_order_frees_its_seat_and_ends_a_team_that_never_began() {
    let crowd = Crowd::gathers(teams_of(2)).await;
    let team = crowd.leads(1).await;
    let order = crowd.joins(2, team).await.expect("there is a seat");
    service::cancelled(&crowd.op(), order).await.expect("frees the seat");
    assert_eq!(crowd.team(team).await.held, 0);
    let (pending, order) = crowd.opens(3, WhenFull::Refund).await;
    service::cancelled(&crowd.op(), order).await.expect("frees the seat");
    assert_eq!(crowd.team(pending).await.state, TeamState::Failed);
    crowd.opens(3, WhenFull::Refund).await;
    crowd.is_sound().await;
}

#[tokio::test]
async fn nobody_sits_in_two_unfinished_teams_of_a_campaign() {
    let crowd = Crowd::gathers(teams_of(2)).await;
    let (one, other) = (crowd.leads(1).await, crowd.leads(2).await);
    assert_eq!(crowd.joins(1, other).await, Err(SeatRefused::AlreadyGathering));
    crowd.joins_and_pays(3, one).await;
    assert_eq!(crowd.team(one).await.state, TeamState::Formed);
    crowd.joins_and_pays(1, other).await;
    assert_eq!(crowd.team(other).await.state, TeamState::Formed);
    crowd.is_sound().await;
}

#[tokio::test]
async fn a_formed_team_stays_formed_when_a_member_leaves_later() {
    let crowd = Crowd::gathers(teams_of(2)).await;
    let team = crowd.leads(1).await;
    let order = crowd.joins_and_pays(2, team).await;
    service::refunded(&crowd.op(), order).await.expect("notes it");
    let formed = crowd.team(team).await;
    assert_eq!((formed.state, formed.confirmed), (TeamState::Formed, 2));
    assert_eq!(crowd.seats_of(order).await[0].state, SeatState::Refunded);
}
