//! What happens to one record, from its beginning to its order.

use entity::campaign::bargain_record::RecordState;
use kernel::{Refusal, days, hours, minutes};
use platform::worker::Backlog;
use trade::order::rules::Status;

use super::shop::{Shop, said};
use crate::bargain::{
    query,
    rules::terms::{BuyAt, FirstCut, Goal},
    service::{self, HelpBargain},
};

#[tokio::test]
async fn friends_cut_to_the_floor_and_the_owner_buys_there() {
    let shop = Shop::opens().await;
    let record = shop.starts(0).await;
    let begun = shop.record(record).await;
    assert_eq!((begun.state, begun.price_minor, begun.deadline), (RecordState::Running, 7_900, begun.created_at + hours(24)));
    let hash = begun.seed_hash;
    shop.many_help((1, 9), record).await;
    shop.is_sound(record).await;
    assert_eq!(shop.purchase(0, record).await.expect_err("above the floor"), "BARGAIN_NOT_AT_FLOOR");
    shop.helps(10, record).await.expect("the last cut");
    let reached = shop.record(record).await;
    assert_eq!((reached.state, reached.price_minor), (RecordState::FloorReached, 2_900));
    assert_eq!((reached.pay_by, reached.seed_hash), (Some(shop.op().now() + hours(12)), hash));
    shop.is_sound(record).await;
    let order = shop.buys(0, record).await;
    assert_eq!(shop.record(record).await.order_id, Some(order));
    shop.pays(0, order).await;
    assert_eq!((shop.record(record).await.state, shop.status(order).await), (RecordState::Paid, Status::ToShip));
    assert_eq!((shop.bank.balance(), shop.backlog().await), (2_900, Backlog::default()));
    shop.is_sound(record).await;
}

/// Trap: "you cut ¥x" while the price did not move.
#[tokio::test]
async fn what_a_helper_is_told_is_what_the_price_fell_by() {
    let shop = Shop::opens().await;
    let record = shop.starts(0).await;
    for n in 1..=10 {
        let before = shop.record(record).await.price_minor;
        let helped = shop.helps(n, record).await.expect("may cut");
        let told = service::cut_of(&shop.op(), &helped).await.expect("reads").expect("is there");
        let after = shop.record(record).await.price_minor;
        assert_eq!((told.amount_minor, told.price_minor), (before - after, after));
        assert!(told.amount_minor >= 1);
    }
}

/// Race 9 in slow motion: a helper who asks again is told the cut they made, and makes none.
#[tokio::test]
async fn helping_again_answers_the_cut_that_was_made() {
    let shop = Shop::opens().await;
    let record = shop.starts(0).await;
    let first = shop.helps(1, record).await.expect("may cut");
    let after = shop.record(record).await;
    let again = shop.helps(1, record).await.expect("was made");
    assert_eq!((first.again, again.again), (false, true));
    assert_eq!(shop.record(record).await, after);
    shop.advance(days(2)).await;
    assert!(shop.helps(1, record).await.expect("was made, whenever it is asked").again);
    assert_eq!(shop.helps(0, record).await.expect_err("nobody helps themselves").code(), "BARGAIN_CLOSED");
}

/// Race 10.
#[tokio::test]
async fn nobody_helps_after_the_window_even_before_the_sweep() {
    let shop = Shop::opens().await;
    let record = shop.starts(0).await;
    shop.helps(1, record).await.expect("may cut");
    shop.test.clock.advance(hours(24));
    assert_eq!(shop.helps(2, record).await.expect_err("too late").code(), "BARGAIN_CLOSED");
    assert_eq!(shop.record(record).await.state, RecordState::Running);
    shop.settle().await;
    let expired = shop.record(record).await;
    assert_eq!((expired.state, expired.running_in, expired.cuts_made), (RecordState::Expired, None, 1));
    assert_eq!(shop.helps(2, record).await.expect_err("too late").code(), "BARGAIN_CLOSED");
    assert_eq!(shop.purchase(0, record).await.expect_err("over"), "BARGAIN_CLOSED");
    shop.is_sound(record).await;
    shop.starts(0).await;
}

/// Race 11: ordered, not paid, cancelled, bought again.
#[tokio::test]
async fn an_unpaid_order_gives_the_record_back() {
    let shop = Shop::opens().await;
    let record = shop.starts(0).await;
    shop.many_help((1, 10), record).await;
    let first = shop.buys(0, record).await;
    assert_eq!(shop.purchase(0, record).await.expect_err("is ordered"), "BARGAIN_ALREADY_ORDERED");
    shop.advance(minutes(30)).await;
    assert_eq!(shop.status(first).await, Status::Cancelled, "nobody paid in time");
    assert_eq!(shop.record(record).await.state, RecordState::FloorReached);
    let second = shop.buys(0, record).await;
    shop.cancels(0, second).await;
    let third = shop.buys(0, record).await;
    shop.pays(0, third).await;
    assert_eq!((shop.record(record).await.state, shop.record(record).await.order_id), (RecordState::Paid, Some(third)));
    assert_eq!((shop.bank.balance(), shop.backlog().await), (2_900, Backlog::default()));
    shop.is_sound(record).await;
}

#[tokio::test]
async fn an_order_cancelled_after_the_deadline_ends_the_record() {
    let shop = Shop::opens().await;
    let record = shop.starts(0).await;
    shop.many_help((1, 10), record).await;
    shop.advance(hours(12) - minutes(10)).await;
    let order = shop.buys(0, record).await;
    shop.advance(minutes(29)).await;
    assert_eq!(shop.record(record).await.state, RecordState::Ordered, "an order that waits is not taken away");
    shop.advance(minutes(1)).await;
    assert_eq!((shop.status(order).await, shop.record(record).await.state), (Status::Cancelled, RecordState::PayExpired));
    shop.is_sound(record).await;
}

#[tokio::test]
async fn a_floor_nobody_pays_for_runs_out() {
    let shop = Shop::opens().await;
    let record = shop.starts(0).await;
    shop.many_help((1, 10), record).await;
    shop.advance(hours(12)).await;
    assert_eq!(shop.record(record).await.state, RecordState::PayExpired);
    assert_eq!(shop.purchase(0, record).await.expect_err("over"), "BARGAIN_CLOSED");
    shop.is_sound(record).await;
}

#[tokio::test]
async fn where_it_is_sold_at_any_price_the_price_of_the_order_stands_still() {
    let shop = Shop::opens_with(|terms| terms.buy = BuyAt::CurrentPrice).await;
    let record = shop.starts(0).await;
    shop.many_help((1, 3), record).await;
    let stale = shop.purchase(0, record).await.expect("has a price");
    shop.helps(4, record).await.expect("may cut");
    let refused = said(service::buy(&shop.by(0), stale).await).expect_err("the price fell since");
    assert_eq!(refused.code(), "ORDER_PRICE_CHANGED");
    let price = shop.record(record).await.price_minor;
    let order = shop.buys(0, record).await;
    assert_eq!(shop.helps(5, record).await.expect_err("is ordered").code(), "BARGAIN_ORDERED");
    shop.cancels(0, order).await;
    assert_eq!(shop.record(record).await.state, RecordState::Running);
    shop.helps(5, record).await.expect("goes on");
    let lower = shop.record(record).await.price_minor;
    assert!(lower < price);
    let order = shop.buys(0, record).await;
    shop.pays(0, order).await;
    assert_eq!((shop.record(record).await.state, shop.bank.balance()), (RecordState::Paid, lower));
    shop.is_sound(record).await;
}

#[tokio::test]
async fn only_the_owner_buys_and_only_what_was_bargained_for() {
    let shop = Shop::opens().await;
    let record = shop.starts(0).await;
    shop.many_help((1, 10), record).await;
    assert_eq!(shop.purchase(1, record).await.expect_err("somebody else's"), "BARGAIN_NOT_FOUND");
    let other = shop.starts(1).await;
    let purchase = shop.purchase(0, record).await.expect("has a price");
    let wrong = service::BuyBargain { record: other, ..purchase };
    assert_eq!(said(service::buy(&shop.by(0), wrong).await).expect_err("somebody else's").code(), "BARGAIN_NOT_FOUND");
}

#[tokio::test]
async fn the_owner_cuts_first_where_the_campaign_says_so() {
    let shop = Shop::opens_with(|terms| (terms.first_cut, terms.goal) = (FirstCut::Owner, Goal::Cuts(2))).await;
    let record = shop.starts(0).await;
    let cuts = shop.cuts(record).await;
    assert_eq!((cuts.len(), cuts[0].helper), (1, shop.customers[0]));
    assert_eq!(shop.helps(0, record).await.expect_err("once").code(), "BARGAIN_OWN_RECORD");
    shop.helps(1, record).await.expect("may cut");
    assert_eq!(shop.record(record).await.state, RecordState::FloorReached);
    shop.is_sound(record).await;
}

#[tokio::test]
async fn new_customers_draw_more_and_the_sum_stays() {
    let shop = Shop::opens_with(|terms| terms.new_customer_draws = 5).await;
    let (bought, record) = (shop.starts(1).await, shop.starts(0).await);
    shop.many_help((2, 10), bought).await;
    let order = shop.buys(1, bought).await;
    shop.pays(1, order).await;
    shop.helps(1, record).await.expect("may cut");
    shop.many_help((2, 9), record).await;
    let cuts = shop.cuts(record).await;
    assert_eq!(cuts.iter().map(|cut| cut.draws).collect::<Vec<_>>(), [1, 5, 5, 5, 5, 5, 5, 5, 5, 5]);
    assert_eq!(shop.record(record).await.price_minor, 2_900);
    shop.is_sound(record).await;
}

#[tokio::test]
async fn a_helper_has_so_many_cuts_a_day() {
    let shop = Shop::opens_with(|terms| terms.helper_daily_limit = Some(2)).await;
    let mut records = Vec::new();
    for n in 0..4 {
        records.push(shop.starts(n).await);
    }
    for record in &records[..2] {
        shop.helps(9, *record).await.expect("may cut");
    }
    assert_eq!(shop.helps(9, records[2]).await.expect_err("enough for today").code(), "BARGAIN_DAILY_LIMIT");
    assert!(shop.helps(9, records[0]).await.expect("was made").again, "what was made is told, whatever the limit");
    assert_eq!(shop.record(records[2]).await.cuts_made, 0);
    // The records run for a day; the next day of China's calendar begins at 16:00 UTC, twelve hours from now.
    shop.advance(hours(12)).await;
    shop.helps(9, records[2]).await.expect("another day");
}

#[tokio::test]
async fn one_unfinished_record_per_customer_and_as_many_as_they_may() {
    let shop = Shop::opens_with(|terms| terms.most_per_customer = Some(2)).await;
    let wanted = shop.start_of(0);
    let first = service::start(&shop.by(0), wanted.clone()).await.expect("begins");
    assert_eq!(service::start(&shop.by(0), wanted).await.expect("the same key, the same record"), first);
    let refused = said(service::start(&shop.by(0), shop.start_of(0)).await).expect_err("one at a time");
    assert_eq!(refused.code(), "BARGAIN_ALREADY_BARGAINING");
    shop.advance(hours(24)).await;
    shop.starts(0).await;
    shop.advance(hours(24)).await;
    let refused = said(service::start(&shop.by(0), shop.start_of(0)).await).expect_err("twice is enough");
    assert_eq!(refused.code(), "BARGAIN_CUSTOMER_LIMIT");
}

#[tokio::test]
async fn a_word_of_ones_own_is_mixed_in_and_proved() {
    let shop = Shop::opens().await;
    let record = shop.starts(0).await;
    let help = |salt: &str| HelpBargain { record, salt: salt.to_owned() };
    let refused = said(service::help(&shop.by(1), help("a|b")).await).expect_err("not a word");
    assert_eq!(refused.code(), "BARGAIN_SALT_INVALID");
    service::help(&shop.by(1), help("lucky-7")).await.expect("may cut");
    let proof = query::proof(&shop.op(), record).await.expect("reads").expect("is there");
    assert_eq!((proof.made[0].salt.as_str(), proof.seed), ("lucky-7", None));
    shop.advance(hours(24)).await;
    shop.is_sound(record).await;
}
