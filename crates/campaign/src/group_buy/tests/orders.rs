//! From the quote to the parcel or the money back, with trade's real orders, payments and refunds.

use std::collections::BTreeSet;

use entity::campaign::{group_buy_seat::SeatState, group_buy_team::TeamState};
use kernel::{Failure, Refusal, hours, minutes};
use platform::worker::Backlog;
use tokio::task::JoinSet;
use trade::order::{
    rules::{CancelReason, Status},
    service::CancelOrder,
};

use super::shop::Shop;
use crate::group_buy::{
    error::SitRefused,
    query,
    rules::{
        team::{SeatRefused, WhenFull},
        terms::Joiners,
    },
    service::{self, JoinTeam, OpenTeam},
};

#[tokio::test]
async fn a_team_forms_and_its_orders_may_ship() {
    let shop = Shop::opens().await;
    let leader = shop.leads(0, 3).await;
    let second = shop.joins_and_pays(1, leader.team).await;
    for order in [leader.order, second.order] {
        assert_eq!(shop.status(order).await, Status::AwaitingTeam);
    }
    let third = shop.joins_and_pays(2, leader.team).await;
    assert_eq!(shop.team(leader.team).await.state, TeamState::Formed);
    for order in [leader.order, second.order, third.order] {
        assert_eq!(shop.status(order).await, Status::ToShip);
    }
    // The leader saved 5.00 of 49.00; the others paid the price of a team of three.
    assert_eq!(shop.bank.balance(), 4_400 + 4_900 + 4_900);
    assert_eq!(shop.backlog().await, Backlog::default());
}

#[tokio::test]
async fn a_team_that_fails_gives_everything_back_once() {
    let shop = Shop::opens().await;
    let leader = shop.leads(0, 3).await;
    let second = shop.joins_and_pays(1, leader.team).await;
    shop.advance(hours(24)).await;
    assert_eq!(shop.team(leader.team).await.state, TeamState::Failed);
    for _ in 0..3 {
        for seated in [leader, second] {
            assert_eq!(shop.status(seated.order).await, Status::Refunded);
            assert_eq!(shop.seat(seated).await.state, SeatState::Refunded);
        }
        assert_eq!((shop.bank.balance(), shop.bank.gave_back().len()), (0, 2));
        shop.advance(minutes(5)).await;
    }
    assert_eq!(shop.backlog().await, Backlog::default());
}

#[tokio::test]
async fn a_member_whose_refund_fails_holds_up_nobody() {
    let shop = Shop::opens().await;
    let leader = shop.leads(0, 3).await;
    let second = shop.joins_and_pays(1, leader.team).await;
    shop.forbids_refunds_of(leader.order).await;
    shop.advance(hours(24)).await;
    assert_eq!(shop.status(second.order).await, Status::Refunded);
    assert_eq!(shop.status(leader.order).await, Status::AwaitingTeam);
    assert_eq!(shop.seat(leader).await.state, SeatState::Confirmed);
    shop.bank.allows_refunds();
    for _ in 0..12 {
        shop.advance(minutes(10)).await;
    }
    assert_eq!(shop.status(leader.order).await, Status::Refunded);
    assert_eq!((shop.bank.balance(), shop.bank.gave_back().len()), (0, 2));
}

#[tokio::test]
async fn a_payment_that_comes_too_late_gets_what_its_buyer_chose() {
    let shop = Shop::opens().await;
    let (first, second) = (shop.leads(0, 2).await, shop.leads(1, 2).await);

    // Both seats are held in turn and given up; then somebody else fills the team.
    let opener = shop.joins(2, first.team, WhenFull::OpenNew).await.expect("a seat");
    let mover = shop.joins(3, second.team, WhenFull::JoinOther).await.expect("a seat");
    shop.advance(minutes(10)).await;
    let giver = shop.joins(4, second.team, WhenFull::Refund).await.expect("the seat is free again");
    shop.advance(minutes(10)).await;
    shop.joins_and_pays(5, first.team).await;
    shop.joins_and_pays(6, second.team).await;
    assert_eq!(shop.seat(opener).await.state, SeatState::Released);

    shop.pays(2, opener.order).await;
    let led = shop.team(shop.seats_of(opener.order).await.last().expect("sits").team).await;
    assert_eq!((led.state, led.leader, led.size), (TeamState::Open, shop.customers[2], 2));
    assert_eq!(shop.status(opener.order).await, Status::AwaitingTeam);

    shop.pays(3, mover.order).await;
    assert_eq!(shop.team(led.id).await.state, TeamState::Formed, "the only open team took the mover");
    assert_eq!((shop.status(opener.order).await, shop.status(mover.order).await), (Status::ToShip, Status::ToShip));

    shop.pays(4, giver.order).await;
    assert_eq!(shop.status(giver.order).await, Status::Refunded);
    assert_eq!(shop.seat(giver).await.state, SeatState::Refunded);
    assert_eq!(shop.bank.gave_back().len(), 1);
    assert_eq!(shop.backlog().await, Backlog::default());
}

#[tokio::test]
async fn who_comes_too_late_is_told_where_to_go() {
    let shop = Shop::opens().await;
    let full = shop.leads(0, 2).await;
    let open = shop.leads(1, 2).await;
    shop.joins_and_pays(2, full.team).await;
    let refused = shop.joins(3, full.team, WhenFull::Refund).await.expect_err("is full");
    assert!(matches!(refused, SitRefused::Seat(SeatRefused::Full { joinable }) if joinable == [open.team]));
}

#[tokio::test]
async fn the_same_key_opens_one_team_however_often_it_is_sent() {
    let shop = Shop::opens().await;
    let purchase = shop.purchase(0, (None, Some(3)), WhenFull::Refund).await;
    let wanted = OpenTeam { group_buy: shop.campaign, size: Some(3), purchase };
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(service::open(&shop.by(0), wanted.clone()).await.expect("one answer"));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let teams = query::my_teams(&shop.by(0), kernel::PageRequest { first: 10, after: None }).await.expect("reads");
    assert_eq!(teams.rows.len(), 1);
    let other = OpenTeam { size: None, ..wanted };
    let Err(Failure::Refused(refused)) = service::open(&shop.by(0), other).await else { panic!("another input, the same key") };
    assert_eq!(refused.code(), "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn teams_near_a_place_are_those_whose_leader_lives_there() {
    let shop = Shop::opens().await;
    let mut teams = Vec::new();
    for (n, (region, code)) in [("浙江省杭州市西湖区", None), ("浙江省宁波市", None), ("somewhere", Some("330106"))].into_iter().enumerate()
    {
        let mut purchase = shop.purchase(n, (None, Some(3)), WhenFull::Refund).await;
        purchase.address.region = region.to_owned();
        purchase.address.region_code = code.map(str::to_owned);
        let wanted = OpenTeam { group_buy: shop.campaign, size: Some(3), purchase };
        let seated = service::open(&shop.by(n), wanted).await.expect("opens");
        shop.pays(n, seated.order).await;
        teams.push(seated.team);
    }
    let near = async |code: Option<&str>| -> BTreeSet<_> {
        let found = query::open_teams(&shop.by(9), shop.campaign, code).await.expect("reads");
        found.into_iter().map(|team| team.id).collect()
    };
    let all = BTreeSet::from_iter(teams.iter().copied());
    let hangzhou = BTreeSet::from([teams[0], teams[2]]);
    assert_eq!(near(None).await, all);
    assert_eq!(near(Some("33")).await, all, "the province");
    assert_eq!(near(Some("3301")).await, hangzhou, "the city");
    assert_eq!(near(Some("330108")).await, hangzhou, "of a district the city");
    assert!(near(Some("4403")).await.is_empty());
}

#[tokio::test]
async fn a_quote_is_good_for_its_team_and_nothing_else() {
    let shop = Shop::opens().await;
    let (one, other) = (shop.leads(0, 2).await, shop.leads(1, 3).await);
    let for_one = shop.purchase(2, (Some(one.team), None), WhenFull::Refund).await;
    let Err(Failure::Refused(refused)) = service::join(&shop.by(2), JoinTeam { team: other.team, purchase: for_one.clone() }).await else {
        panic!("the price of another team")
    };
    assert_eq!(refused.code(), "GROUP_BUY_QUOTE_MISMATCH");
    let opening = OpenTeam { group_buy: shop.campaign, size: None, purchase: for_one.clone() };
    let Err(Failure::Refused(refused)) = service::open(&shop.by(2), opening).await else { panic!("a member's price") };
    assert_eq!(refused.code(), "GROUP_BUY_QUOTE_MISMATCH");
    assert!(service::join(&shop.by(3), JoinTeam { team: one.team, purchase: for_one.clone() }).await.is_err(), "somebody else's quote");
    service::join(&shop.by(2), JoinTeam { team: one.team, purchase: for_one }).await.expect("the right one");
}

#[tokio::test]
async fn only_new_friends_may_join_but_anybody_may_lead() {
    let shop = Shop::opens_with(|terms| terms.joiners = Joiners::NewCustomers).await;
    let team = shop.leads(0, 2).await;
    shop.joins_and_pays(1, team.team).await;
    let again = shop.leads(1, 2).await;
    let refused = shop.joins(0, again.team, WhenFull::Refund).await.expect_err("bought before");
    assert_eq!(refused.code(), "GROUP_BUY_NEW_CUSTOMERS_ONLY");
    shop.joins_and_pays(2, again.team).await;
}

#[tokio::test]
async fn nobody_buys_more_than_the_campaign_allows() {
    let shop = Shop::opens_with(|terms| (terms.most_per_order, terms.most_per_customer) = (1, Some(1))).await;
    let team = shop.leads(0, 2).await;
    shop.joins_and_pays(1, team.team).await;
    let next = shop.leads(2, 2).await;
    let refused = shop.joins(1, next.team, WhenFull::Refund).await.expect_err("has one already");
    assert_eq!(refused.code(), "GROUP_BUY_CUSTOMER_LIMIT");
}

#[tokio::test]
async fn a_cancelled_order_frees_its_seat_at_once() {
    let shop = Shop::opens().await;
    let team = shop.leads(0, 2).await;
    let seated = shop.joins(1, team.team, WhenFull::Refund).await.expect("a seat");
    assert!(shop.joins(2, team.team, WhenFull::Refund).await.is_err());
    let cancel = CancelOrder { order: seated.order, reason: CancelReason::Shopper };
    trade::order::service::cancel(&shop.by(1), cancel).await.expect("is cancelled");
    shop.settle().await;
    shop.joins(2, team.team, WhenFull::Refund).await.expect("the seat is free");
}

#[tokio::test]
async fn an_order_never_paid_ends_its_seat_and_its_team() {
    let shop = Shop::opens().await;
    let pending = shop.opens_team(0, 2).await;
    shop.advance(minutes(30)).await;
    assert_eq!(shop.status(pending.order).await, Status::Cancelled);
    assert_eq!(shop.team(pending.team).await.state, TeamState::Failed);
    assert_eq!(shop.backlog().await, Backlog::default());
}

#[tokio::test]
async fn no_seat_is_taken_when_the_shelf_is_empty() {
    let shop = Shop::opens().await;
    let team = shop.leads(0, 2).await;
    let before = shop.team(team.team).await;
    shop.empties_the_shelf().await;
    let refused = shop.joins(1, team.team, WhenFull::Refund).await.expect_err("nothing left");
    assert_eq!(refused.code(), "INVENTORY_INSUFFICIENT_STOCK");
    assert_eq!(shop.team(team.team).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_order_the_last_seat_and_one_order_is_placed() {
    let shop = std::sync::Arc::new(Shop::opens().await);
    let team = shop.leads(0, 2).await;
    let mut wants = JoinSet::new();
    for n in 1..21 {
        let shop = std::sync::Arc::clone(&shop);
        wants.spawn(async move { shop.joins(n, team.team, WhenFull::Refund).await.map_err(|refused| refused.code()) });
    }
    let answers = wants.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.iter().all(|answer| answer.is_ok() || *answer == Err("GROUP_BUY_TEAM_FULL")), "{answers:?}");
}
