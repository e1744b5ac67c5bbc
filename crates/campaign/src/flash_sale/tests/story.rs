//! What happens to one sale, from the shelf to the shelf.

use kernel::{Failure, Refusal, hours, minutes};
use platform::worker::Backlog;
use trade::order::{
    rules::{CancelReason, Status},
    service::CancelOrder,
};

use super::shop::{Shop, draft, terms, unpaid};
use crate::flash_sale::{
    desk::Desk,
    error::BuyRefused,
    passes,
    rules::{
        counter::Answer,
        sale::{Phase, Step, Window},
    },
    sales::{self, Draft},
};

#[tokio::test]
async fn a_purchase_is_a_real_order_and_its_stock_is_counted_to_the_end() {
    let shop = Shop::announces(3, |_| {}).await;
    let before = shop.shelf().await;
    assert_eq!((before.available(), before.on_hand), (97, 100));
    let pass = shop.prepares(0).await;
    assert_eq!(shop.shows(0, &pass).await, Answer::NotStarted);
    shop.advance(hours(1)).await;
    assert_eq!(shop.shows(0, &pass).await, Answer::Accepted);
    assert_eq!(shop.counts().await, (2, 1, 0, 0));
    let order = trade::order::service::get(&shop.by(0), pass.order).await.expect("reads").expect("is there");
    assert_eq!((order.status, order.total, order.goods.minor), (Status::PendingPayment, pass.total, 990));
    assert_eq!(order.origin.as_ref().map(|origin| origin.kind.as_str()), Some("flash_sale"));
    assert_eq!(order.pay_by, shop.op().now() + minutes(5));
    assert_eq!(trade::order::service::address(&shop.by(0), &order).expect("opens").recipient, "演示顾客");
    shop.pays(0, pass.order).await;
    assert_eq!(shop.status(pass.order).await, Some(Status::ToShip));
    assert_eq!(shop.counts().await, (2, 0, 1, 0));
    shop.buys(1).await;
    shop.advance(hours(1)).await;
    // The second order was not paid in time, and the sale is over: two of three are back on the shelf.
    assert_eq!(shop.counts().await, (0, 0, 1, 2));
    let after = shop.shelf().await;
    assert_eq!((after.on_hand, after.reserved, after.sold), (99, 0, 1));
    assert_eq!(shop.backlog().await, Backlog::default());
    shop.is_sound().await;
}

#[tokio::test]
async fn outside_its_time_a_sale_says_why_it_does_not_sell() {
    let shop = Shop::announces(5, |_| {}).await;
    let pass = shop.prepares(0).await;
    for _ in 0..2 {
        assert_eq!(shop.shows(0, &pass).await, Answer::NotStarted);
    }
    shop.advance(hours(1)).await;
    sales::step(&shop.op(), shop.sale, Step::Pause).await.expect("pauses");
    shop.settle().await;
    assert_eq!(shop.shows(0, &pass).await, Answer::Paused);
    sales::step(&shop.op(), shop.sale, Step::Resume).await.expect("resumes");
    shop.settle().await;
    let late = shop.prepares(1).await;
    assert_eq!(shop.shows(0, &pass).await, Answer::Accepted);
    shop.test.clock.advance(hours(1));
    // The sweep has not come by yet: the clock alone ends it.
    assert_eq!(shop.sale().await.phase(shop.op().now()), Phase::Ended);
    for _ in 0..2 {
        assert_eq!(shop.shows(1, &late).await, Answer::Ended);
        assert_eq!(shop.shows(0, &pass).await, Answer::Accepted);
    }
}

#[tokio::test]
async fn unpaid_goods_can_be_bought_again_and_their_buyer_may_come_back() {
    let shop = Shop::sells(1, |_| {}).await;
    let first = shop.buys(0).await;
    let waiting = shop.prepares(1).await;
    for _ in 0..3 {
        assert_eq!(shop.shows(1, &waiting).await, Answer::SoldOut { left: 0 });
    }
    shop.advance(unpaid()).await;
    assert_eq!(shop.status(first).await, Some(Status::Cancelled));
    assert_eq!(shop.counts().await, (1, 0, 0, 0));
    assert_eq!(shop.shows(1, &waiting).await, Answer::Accepted);
    let back = CancelOrder { order: waiting.order, reason: CancelReason::Shopper };
    trade::order::service::cancel(&shop.by(1), back).await.expect("is cancelled");
    shop.settle().await;
    shop.buys(0).await;
    assert_eq!(shop.counts().await, (0, 1, 0, 0));
    shop.is_sound().await;
}

#[tokio::test]
async fn one_customer_has_no_more_than_the_session_allows() {
    let shop = Shop::sells(10, |terms| (terms.most_per_order, terms.most_per_customer) = (2, 3)).await;
    let refused = passes::prepare(&shop.by(0), shop.wish(3), "too-many").await;
    assert!(matches!(refused, Err(Failure::Refused(refused)) if refused.code() == "FLASH_SALE_ORDER_LIMIT"));
    let (two, one, more) =
        (shop.prepares_some(0, 2, "two").await, shop.prepares_some(0, 1, "one").await, shop.prepares_some(0, 1, "more").await);
    assert_eq!(shop.shows(0, &two).await, Answer::Accepted);
    assert_eq!(shop.shows(0, &one).await, Answer::Accepted);
    assert_eq!(shop.shows(0, &more).await, Answer::LimitReached { most: 3 });
    assert_eq!(shop.counts().await, (7, 3, 0, 0));
    shop.is_sound().await;
}

#[tokio::test]
async fn a_pass_shown_again_is_the_same_order_and_nobody_else_can_show_it() {
    let shop = Shop::sells(2, |_| {}).await;
    let pass = shop.prepares(0).await;
    assert_eq!(shop.prepares(0).await.id, pass.id);
    for _ in 0..3 {
        assert_eq!(shop.shows(0, &pass).await, Answer::Accepted);
    }
    assert_eq!(shop.counts().await, (1, 1, 0, 0));
    let desk = shop.op().port::<Desk>().expect("is plugged");
    let thief = desk.buy(&shop.by(1), pass.id).await;
    assert!(matches!(thief, Err(Failure::Refused(BuyRefused::NotFound))));
}

#[tokio::test]
async fn what_is_published_does_not_change_and_takes_its_stock_or_nothing() {
    let shop = Shop::announces(3, |_| {}).await;
    let op = shop.op();
    let code = |refused: Result<kernel::FlashSaleId, Failure<crate::flash_sale::error::EditRefused>>| match refused {
        Err(Failure::Refused(refused)) => refused.code(),
        other => panic!("{other:?}"),
    };
    assert_eq!(code(sales::update(&op, shop.sale, draft(&op, terms(shop.sku, 9))).await), "FLASH_SALE_STATE_INVALID");
    let later = |stock| {
        let window = Window { starts_at: op.now() + hours(3), ends_at: op.now() + hours(4) };
        Draft { window, ..draft(&op, terms(shop.sku, stock)) }
    };
    let greedy = sales::create(&op, later(98)).await.expect("is written");
    assert_eq!(code(sales::step(&op, greedy, Step::Publish).await), "INVENTORY_INSUFFICIENT_STOCK");
    assert_eq!(shop.shelf().await.available(), 97);
    sales::update(&op, greedy, later(97)).await.expect("a draft changes");
    sales::step(&op, greedy, Step::Publish).await.expect("is published");
    assert_eq!(shop.shelf().await.available(), 0);
    sales::step(&op, greedy, Step::End).await.expect("ends early");
    assert_eq!(shop.shelf().await.available(), 97);
    let rival = sales::create(&op, draft(&op, terms(shop.sku, 1))).await.expect("is written");
    assert_eq!(code(sales::step(&op, rival, Step::Publish).await), "PLAY_CONFLICT");
    let copy = sales::copy(&op, shop.sale).await.expect("is copied");
    let copied = crate::flash_sale::query::sale(&op, copy).await.expect("reads").expect("is there");
    assert_eq!((copied.terms(), copied.row.title.clone()), (shop.sale().await.terms(), shop.sale().await.row.title));
    let mut dear = terms(shop.sku, 1);
    dear.items[0].minor = 7_900;
    assert_eq!(code(sales::create(&op, draft(&op, dear)).await), "FLASH_SALE_PRICE_NOT_LOWER");
}

#[tokio::test]
async fn goods_of_a_refund_return_to_the_shelf_and_not_into_the_sale() {
    let shop = Shop::sells(2, |_| {}).await;
    let order = shop.buys(0).await;
    shop.pays(0, order).await;
    let mut tx = shop.op().begin().await.expect("begins");
    let all = trade::refund::service::RequestRefund { order, amount: None, reason: "changed-mind" };
    trade::refund::service::request(&mut tx, &shop.op(), all).await.expect("is asked");
    tx.commit().await.expect("commits");
    shop.settle().await;
    assert_eq!(shop.status(order).await, Some(Status::Refunded));
    assert_eq!(shop.counts().await, (1, 0, 1, 0));
    shop.advance(hours(2)).await;
    let shelf = shop.shelf().await;
    assert_eq!((shelf.on_hand, shelf.reserved, shelf.sold), (100, 0, 0));
}

#[tokio::test]
async fn the_demo_has_a_sale_that_runs_and_one_that_is_about_to() {
    let shop = Shop::announces(1, |_| {}).await;
    sales::step(&shop.op(), shop.sale, Step::End).await.expect("ends early");
    catalog::demo::seed(&shop.op()).await.expect("the goods stand");
    let made = crate::demo::rush(&shop.op()).await.expect("are put up");
    let known = crate::flash_sale::query::sales_by_id(&shop.op(), &made).await.expect("reads");
    let phases: Vec<Phase> = made.iter().map(|id| known[id].phase(shop.op().now())).collect();
    assert_eq!(phases, [Phase::Running, Phase::Upcoming]);
    assert!(crate::demo::rush(&shop.op()).await.expect("looks").is_empty(), "started again at once, nothing is missing");
    shop.advance(hours(3)).await;
    assert_eq!(crate::demo::rush(&shop.op()).await.expect("are put up").len(), 2, "started again later, both are there again");
}
