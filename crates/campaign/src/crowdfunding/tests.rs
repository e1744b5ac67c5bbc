//! Crowdfunding in a small mall with real orders, stock, a bank and a ledger.

use std::sync::Arc;

use entity::campaign::{crowdfunding as table, crowdfunding_pledge as pledge, crowdfunding_tier as tier};
use kernel::{CrowdfundingId, Currency, Failure, LocalizedText, OrderId, Refusal, TierId, days, hours};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio::task::JoinSet;
use trade::{
    order::rules::Status,
    quote::{PlayRef, service as quotes},
};

use super::{
    KIND,
    campaigns::{self, Draft, News, Question, TierDraft},
    error::BackRefused,
    query,
    rules::{Funding, Goal},
    service::{self, Made, Pledge},
};
use crate::{
    console::rules::{Step, Window},
    demo::address,
    group_buy::tests::shop::Shop,
};

/// A crowdfunding of a tea of 79.00: an early bird of 59.00, three of them, numbered; and as many as one likes for 69.00.
pub(crate) async fn draft(shop: &Shop, goal: Goal, funding: Funding) -> Draft {
    let now = shop.op().now();
    let tier = |price, stock, numbered| TierDraft {
        title: LocalizedText::new("早鸟", "Early bird"),
        sku: shop.sku,
        price,
        stock,
        numbered,
        most_per_customer: Some(2),
    };
    Draft {
        title: LocalizedText::new("新茶众筹", "New tea"),
        product: shop.product().await,
        window: Window { starts_at: now, ends_at: now + days(10) },
        ship_by: now + days(40),
        goal,
        funding,
        currency: Currency::Cny,
        tiers: vec![tier(5_900, Some(3), true), tier(6_900, None, false)],
        stretch: vec![(goal.asked() * 2, LocalizedText::new("再送茶杯", "A cup on top"))],
    }
}

async fn published(shop: &Shop, goal: Goal, funding: Funding) -> (CrowdfundingId, Vec<TierId>) {
    let id = campaigns::create(&shop.op(), draft(shop, goal, funding).await).await.expect("is written");
    campaigns::step(&shop.op(), id, Step::Publish).await.expect("is published");
    shop.settle().await;
    (id, campaigns::tiers_of(shop.op().reader(), id).await.expect("reads").iter().map(|tier| tier.id).collect())
}

async fn wish(shop: &Shop, n: usize, tier: TierId) -> Pledge {
    let play = PlayRef { kind: KIND.to_owned(), id: tier.to_string(), team: None, team_size: None };
    let lines = vec![quotes::WantedLine { sku: shop.sku, quantity: 1 }];
    let new = quotes::NewQuote { lines, play: Some(play), ..Default::default() };
    let quote = quotes::create(&shop.by(n), new).await.expect("has a price");
    Pledge {
        tier,
        quote: quote.id,
        expected_total: quote.total,
        address: address(),
        confirms_exceptions: false,
        idempotency_key: format!("key-{}", quote.id),
    }
}

async fn pledges(shop: &Shop, n: usize, tier: TierId) -> Made {
    service::make(&shop.by(n), wish(shop, n, tier).await).await.expect("is held")
}

async fn backs(shop: &Shop, n: usize, tier: TierId) -> Made {
    let made = pledges(shop, n, tier).await;
    shop.pays(n, made.order).await;
    made
}

async fn row(shop: &Shop, id: CrowdfundingId) -> table::Model {
    query::get(&shop.op(), id, query::Eyes::Staff).await.expect("reads").expect("is there")
}

async fn pledge_of(shop: &Shop, order: OrderId) -> pledge::Model {
    let found = pledge::Entity::find().filter(pledge::Column::OrderId.eq(order)).one(shop.op().reader()).await;
    found.expect("reads").expect("is there")
}

async fn taken(shop: &Shop, tier: TierId) -> i64 {
    tier::Entity::find_by_id(tier).one(shop.op().reader()).await.expect("reads").expect("is there").taken
}

/// What was raised is what the paid pledges say, and no reward is taken without a pledge.
async fn is_sound(shop: &Shop, id: CrowdfundingId) {
    let row = row(shop, id).await;
    let all = pledge::Entity::find().filter(pledge::Column::Crowdfunding.eq(id)).all(shop.op().reader()).await.expect("reads");
    if row.ended_at.is_none() {
        let paid: Vec<_> = all.iter().filter(|pledge| pledge.state == pledge::PledgeState::Pledged).collect();
        let sums = (paid.iter().map(|p| p.amount_minor).sum::<i64>(), paid.iter().map(|p| p.quantity).sum::<i64>());
        assert_eq!((row.raised_minor, row.units, row.backers), (sums.0, sums.1, i64::try_from(paid.len()).expect("few")));
    }
    let live = |pledge: &&pledge::Model| matches!(pledge.state, pledge::PledgeState::Reserved | pledge::PledgeState::Pledged);
    for tier in campaigns::tiers_of(shop.op().reader(), id).await.expect("reads") {
        let held: i64 = all.iter().filter(live).filter(|pledge| pledge.tier == tier.id).map(|pledge| pledge.quantity).sum();
        assert!(tier.taken >= held, "{} are held, {} are taken", held, tier.taken);
    }
}

#[tokio::test]
async fn a_goal_reached_turns_pledges_into_orders_to_ship() {
    let shop = Shop::opens_idle().await;
    let (id, tiers) = published(&shop, Goal::Amount(12_000), Funding::AllOrNothing).await;
    let (first, second) = (backs(&shop, 0, tiers[0]).await, backs(&shop, 1, tiers[1]).await);
    assert_eq!((row(&shop, id).await.raised_minor, row(&shop, id).await.backers), (12_800, 2));
    assert_eq!(shop.status(first.order).await, Status::AwaitingTeam, "nothing ships before the deadline");
    shop.advance(days(10)).await;
    assert_eq!(row(&shop, id).await.state, table::CrowdfundingState::Succeeded);
    for made in [first, second] {
        assert_eq!(shop.status(made.order).await, Status::ToShip);
    }
    is_sound(&shop, id).await;
}

/// One refund that cannot be made holds up nobody, and is made when the bank is in order again.
#[tokio::test]
async fn a_goal_missed_gives_every_pledge_back_even_behind_a_poisoned_one() {
    let shop = Shop::opens_idle().await;
    let (id, tiers) = published(&shop, Goal::Units(10), Funding::AllOrNothing).await;
    let mut made = Vec::new();
    for n in 0..3 {
        made.push(backs(&shop, n, tiers[1]).await);
    }
    assert_eq!(shop.bank.balance(), 3 * 6_900);
    shop.forbids_refunds_of(made[0].order).await;
    shop.advance(days(10)).await;
    assert_eq!(row(&shop, id).await.state, table::CrowdfundingState::Failed);
    assert_eq!(shop.bank.balance(), 6_900, "the others have their money back");
    shop.bank.allows_refunds();
    for _ in 0..4 {
        shop.advance(hours(6)).await;
    }
    assert_eq!(shop.bank.balance(), 0);
    for made in &made {
        assert_eq!(pledge_of(&shop, made.order).await.state, pledge::PledgeState::Refunded);
    }
    assert_eq!(shop.bank.gave_back().len(), 3, "each once");
    assert_eq!(shop.available().await, 100, "what never left is on the shelf");
}

#[tokio::test]
async fn keep_it_all_ships_what_was_pledged() {
    let shop = Shop::opens_idle().await;
    let (id, tiers) = published(&shop, Goal::Units(10), Funding::KeepItAll).await;
    let made = backs(&shop, 0, tiers[1]).await;
    shop.advance(days(10)).await;
    assert_eq!(row(&shop, id).await.state, table::CrowdfundingState::Succeeded);
    assert_eq!(shop.status(made.order).await, Status::ToShip);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_reward_is_one_backers() {
    let shop = Arc::new(Shop::opens_idle().await);
    let (id, tiers) = published(&shop, Goal::Units(10), Funding::AllOrNothing).await;
    for n in 0..2 {
        backs(&shop, n, tiers[0]).await;
    }
    let mut wants = JoinSet::new();
    for n in 2..14 {
        let (wanted, op) = (wish(&shop, n, tiers[0]).await, shop.by(n));
        wants.spawn(async move { service::make(&op, wanted).await });
    }
    let answers = wants.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let refused = |answer: &Result<Made, Failure<BackRefused>>| match answer {
        Err(Failure::Refused(refused)) => Refusal::code(refused) == "CROWDFUNDING_REWARD_SOLD_OUT",
        other => other.is_ok(),
    };
    assert!(answers.iter().all(refused), "{answers:?}");
    assert_eq!(taken(&shop, tiers[0]).await, 3);
    is_sound(&shop, id).await;
}

#[tokio::test]
async fn numbered_rewards_are_numbered_and_what_is_not_paid_is_free_again() {
    let shop = Shop::opens_idle().await;
    let (id, tiers) = published(&shop, Goal::Units(10), Funding::AllOrNothing).await;
    let unpaid = pledges(&shop, 0, tiers[0]).await;
    let (one, two) = (backs(&shop, 1, tiers[0]).await, backs(&shop, 2, tiers[0]).await);
    assert_eq!(pledge_of(&shop, one.order).await.edition_no, Some(1));
    assert_eq!(pledge_of(&shop, two.order).await.edition_no, Some(2));
    assert_eq!(taken(&shop, tiers[0]).await, 3);
    shop.advance(hours(2)).await;
    assert_eq!(shop.status(unpaid.order).await, Status::Cancelled);
    assert_eq!((taken(&shop, tiers[0]).await, pledge_of(&shop, unpaid.order).await.state), (2, pledge::PledgeState::Released));
    assert_eq!(pledge_of(&shop, backs(&shop, 3, tiers[0]).await.order).await.edition_no, Some(3));
    is_sound(&shop, id).await;
}

/// The payment of the goal and the deadline at the same instant: whoever holds the lock decides, and money follows.
#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_and_the_last_payment_come_out_one_way() {
    for _ in 0..4 {
        let shop = Arc::new(Shop::opens_idle().await);
        let (id, tiers) = published(&shop, Goal::Units(2), Funding::AllOrNothing).await;
        backs(&shop, 0, tiers[1]).await;
        // Ordered and paid before the deadline, heard of at it.
        shop.test.clock.advance(days(10) - kernel::minutes(5));
        let last = pledges(&shop, 1, tiers[1]).await;
        shop.pays_unheard(1, last.order).await;
        let paid_at = shop.op().now();
        shop.test.clock.advance(kernel::minutes(5));
        let (counts, ends) = (shop.op(), shop.op());
        let order = last.order;
        let (counted, ended) = tokio::join!(
            tokio::spawn(async move { service::paid(&counts, (order, paid_at)).await }),
            tokio::spawn(async move { service::settle_due(&ends).await })
        );
        counted.expect("no panic").expect("counts");
        ended.expect("no panic").expect("ends");
        shop.settle().await;
        let row = row(&shop, id).await;
        match row.state {
            table::CrowdfundingState::Succeeded => {
                assert_eq!((row.backers, shop.bank.balance()), (2, 2 * 6_900));
                assert_eq!(shop.status(last.order).await, Status::ToShip);
            }
            table::CrowdfundingState::Failed => assert_eq!((row.backers, shop.bank.balance()), (1, 0)),
            other => panic!("it is not over: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_payment_after_the_deadline_goes_back() {
    let shop = Shop::opens_idle().await;
    let (id, tiers) = published(&shop, Goal::Units(1), Funding::AllOrNothing).await;
    shop.test.clock.advance(days(10) - kernel::minutes(1));
    let late = pledges(&shop, 0, tiers[1]).await;
    shop.advance(kernel::minutes(2)).await;
    assert_eq!(row(&shop, id).await.state, table::CrowdfundingState::Failed);
    shop.pays(0, late.order).await;
    assert_eq!(shop.bank.balance(), 0);
    assert_eq!(pledge_of(&shop, late.order).await.state, pledge::PledgeState::Refunded);
}

#[tokio::test]
async fn backers_are_told_and_asked_and_nobody_else_votes() {
    let shop = Shop::opens_idle().await;
    let (id, tiers) = published(&shop, Goal::Units(5), Funding::AllOrNothing).await;
    backs(&shop, 0, tiers[1]).await;
    let text = |zh: &str, en: &str| LocalizedText::new(zh, en);
    campaigns::post(&shop.op(), id, News { title: text("开工了", "Work began"), body: text("模具好了", "Moulds are done") })
        .await
        .expect("is told");
    let asked = Question {
        question: text("什么颜色", "Which colour"),
        options: vec![text("红", "Red"), text("绿", "Green")],
        closes_at: shop.op().now() + days(1),
    };
    campaigns::ask(&shop.op(), id, asked).await.expect("is asked");
    let polls = async || query::polls(&shop.op(), &[id]).await.expect("reads").remove(&id).expect("is there");
    let poll = polls().await[0].row.id;
    for choice in [0, 1, 1] {
        service::vote(&shop.by(0), (poll, choice)).await.expect("counts");
    }
    assert_eq!(polls().await[0].votes, [0, 1], "one backer, one vote, the last one");
    for (n, choice) in [(0, 2), (0, -1), (1, 0)] {
        assert!(service::vote(&shop.by(n), (poll, choice)).await.is_err(), "{n} {choice}");
    }
    shop.advance(days(1)).await;
    assert!(service::vote(&shop.by(0), (poll, 0)).await.is_err(), "it is closed");
    assert_eq!(query::news(&shop.op(), &[id]).await.expect("reads")[&id].len(), 1);
}

#[tokio::test]
async fn what_is_published_is_frozen_and_can_be_copied() {
    let shop = Shop::opens_idle().await;
    let (id, _) = published(&shop, Goal::Units(5), Funding::AllOrNothing).await;
    let other = draft(&shop, Goal::Units(6), Funding::AllOrNothing).await;
    let Err(Failure::Refused(refused)) = campaigns::update(&shop.op(), id, other).await else { panic!("it is frozen") };
    assert_eq!(refused.code(), "CROWDFUNDING_FROZEN");
    let copy = campaigns::copy(&shop.op(), id).await.expect("is copied");
    let Err(Failure::Refused(refused)) = campaigns::step(&shop.op(), copy, Step::Publish).await else { panic!("both sell the SKU") };
    assert_eq!(refused.code(), "PLAY_CONFLICT");
    campaigns::step(&shop.op(), id, Step::Pause).await.expect("is paused");
    campaigns::step(&shop.op(), id, Step::Resume).await.expect("goes on");
    campaigns::step(&shop.op(), id, Step::End).await.expect("is ended");
    assert_eq!(row(&shop, id).await.state, table::CrowdfundingState::Failed, "nothing was raised");
    campaigns::step(&shop.op(), copy, Step::Publish).await.expect("the SKU is free");
    let history = catalog::prices::service::history(&shop.op(), shop.sku).await.expect("reads");
    let asked: Vec<_> =
        history.iter().filter(|span| span.source_kind == KIND).map(|span| (span.price_minor, span.ends_at.is_some())).collect();
    assert_eq!(asked, [(5_900, true)], "what is asked is kept; what ended in the moment it began was never asked");
    let lines = campaigns::preview(&shop.op(), copy, [(shop.sku, kernel::Money::new(3_000, Currency::Cny))].into()).await.expect("adds up");
    assert_eq!(lines[0].margin.map(|margin| margin.minor), Some(2_900));
    assert_eq!((lines[0].worst_case.map(|worst| worst.minor), lines[1].worst_case), (Some(3 * 2_000), None));
}
