//! After-sale cases: what shoppers may ask, what happens when somebody is silent, and the races around pieces and money.

use std::sync::Arc;

use catalog::{
    media::service as media,
    returns::{ReturnException, service as returns},
};
use entity::trade::refund::{self as refund_row, RefundStatus};
use kernel::{AfterSaleId, Failure, MediaId, OrderId, OrderLineId, Permission, SkuId, days, hours, minutes};
use platform::{
    Op,
    live::{self, Heard},
};
use sea_orm::EntityTrait;

use super::{
    bank::Mood,
    shop::{PRICE, STOCK, Shop, cny, purchase, refusal},
};
use crate::{
    after_sale::{
        Case, policy, query,
        rules::{Kind, Policy, Reason, State},
        service::{self as cases, Approve, Pass, RequestCase, Reship, Say, ShipBack, WantedPieces},
    },
    complaint::{
        rules::{About, State as Standing},
        service::{self as complaints, Decide, FileComplaint, Say as Answer, Verdict},
    },
    fulfilment::service::{self as fulfilment, ShipOrder},
    order::{
        query as order_query,
        rules::Status,
        service::{self as orders, PlaceOrder},
    },
    refund::{
        rules::{LineWish, Shipping},
        service::{self as refunds, PiecesBack, StaffRefund},
    },
};

/// An order of so many of the first tea, paid.
async fn paid(shop: &Shop, by: &Op, quantity: i64) -> OrderId {
    let order = shop.orders(by, quantity).await;
    shop.pays(by, order.id).await;
    order.id
}

/// … shipped, and received.
async fn received(shop: &Shop, by: &Op, quantity: i64) -> OrderId {
    let order = paid(shop, by, quantity).await;
    let parcel = ShipOrder::all(order, "SF", format!("SF{}", order.0.simple()));
    fulfilment::ship(&shop.staff(), parcel, &format!("ship-{}", order.0.simple())).await.expect("ships");
    orders::receive(by, order).await.expect("is received");
    order
}

async fn line(shop: &Shop, order: OrderId) -> OrderLineId {
    order_query::lines(&shop.op(), &[order]).await.expect("reads")[&order][0].id
}

async fn wish(shop: &Shop, (order, kind, quantity): (OrderId, Kind, i64)) -> RequestCase {
    RequestCase {
        order,
        kind,
        reason: if kind == Kind::RefundOnly { Reason::Other } else { Reason::NoReason },
        note: "does not taste".into(),
        lines: vec![WantedPieces { line: line(shop, order).await, quantity, replacement: None }],
        amount: None,
        media: Vec::new(),
    }
}

async fn asks(shop: &Shop, by: &Op, what: (OrderId, Kind, i64)) -> Case {
    let key = format!("ask-{:?}-{}", what.1, what.0.0.simple());
    cases::request(by, wish(shop, what).await, &key).await.expect("is opened")
}

async fn state(shop: &Shop, case: AfterSaleId) -> State {
    cases::get(&shop.op(), case).await.expect("reads").expect("is there").state
}

fn yes(case: AfterSaleId) -> Approve {
    Approve { case, return_to: None, note: String::new() }
}

fn passed(case: AfterSaleId) -> Pass {
    Pass { case, amount: None, with_shipping: false, restock: true, note: String::new() }
}

fn no(case: AfterSaleId) -> Say {
    Say { case, note: "it was opened".into(), media: Vec::new() }
}

async fn ships_back(by: &Op, case: AfterSaleId) {
    let sent = ShipBack { case, carrier: "YTO".into(), tracking_no: "YT1234567890".into() };
    cases::ship_back(by, sent).await.expect("is sent back");
}

async fn timeline(shop: &Shop, case: AfterSaleId) -> Vec<String> {
    let told = query::timelines(&shop.op(), &[case]).await.expect("reads").remove(&case).unwrap_or_default();
    told.into_iter().map(|told| told.what).collect()
}

#[tokio::test]
async fn goods_go_back_and_so_does_their_money_pro_rata() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = received(&shop, &ann, 3).await;
    let case = asks(&shop, &ann, (order, Kind::Return, 1)).await;
    assert_eq!((case.state, case.amount, case.instant), (State::Requested, cny(PRICE), false));
    let agreed = cases::approve(&staff, Approve { return_to: Some("杭州仓 1 号".into()), ..yes(case.id) }).await.expect("agrees");
    assert_eq!((agreed.state, agreed.return_to.as_deref()), (State::AwaitingReturn, Some("杭州仓 1 号")));
    ships_back(&ann, case.id).await;
    cases::receive(&staff, case.id).await.expect("is here");
    let looked = cases::pass(&staff, passed(case.id)).await.expect("is fine");
    assert_eq!((looked.state, looked.goods_back), (State::Refunding, true));
    shop.settle().await;
    assert_eq!(state(&shop, case.id).await, State::Done);
    let order = shop.order(order).await;
    assert_eq!((order.status, order.refunded), (Status::Received, cny(PRICE)));
    assert_eq!(shop.bank.refunds(), [(format!("{}-as1", order.order_no), PRICE)].into());
    assert_eq!(shop.shelf().await.on_hand, STOCK - 2);
    let told = timeline(&shop, case.id).await;
    assert_eq!(told, ["REQUESTED", "ACCEPTED", "SENT_BACK", "RECEIVED", "PASSED", "REFUNDED"]);
    shop.adds_up().await;
}

#[tokio::test]
async fn every_command_twice_is_once() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = received(&shop, &ann, 2).await;
    let case = asks(&shop, &ann, (order, Kind::Return, 2)).await;
    assert_eq!(asks(&shop, &ann, (order, Kind::Return, 2)).await.id, case.id);
    for _ in 0..2 {
        cases::approve(&staff, yes(case.id)).await.expect("agrees");
        ships_back(&ann, case.id).await;
        cases::receive(&staff, case.id).await.expect("is here");
    }
    for _ in 0..2 {
        cases::pass(&staff, passed(case.id)).await.expect("is fine");
    }
    shop.settle().await;
    assert_eq!((shop.status(order).await, shop.bank.refunds().len(), shop.shelf().await.on_hand), (Status::Refunded, 1, STOCK));
    assert_eq!(timeline(&shop, case.id).await.len(), 6);
    shop.adds_up().await;
}

#[tokio::test]
async fn a_silent_merchant_has_agreed_and_a_silent_shopper_given_up() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.by(1), shop.by(2));
    let (hers, his) = (received(&shop, &ann, 1).await, received(&shop, &bob, 1).await);
    let (refund, back) = (asks(&shop, &ann, (hers, Kind::RefundOnly, 1)).await, asks(&shop, &bob, (his, Kind::Return, 1)).await);
    shop.advance(hours(47)).await;
    assert_eq!(state(&shop, refund.id).await, State::Requested);
    shop.advance(hours(2)).await;
    assert_eq!((state(&shop, refund.id).await, state(&shop, back.id).await), (State::Done, State::AwaitingReturn));
    assert_eq!(shop.status(hers).await, Status::Refunded);
    shop.advance(days(7) + minutes(1)).await;
    assert_eq!(state(&shop, back.id).await, State::Cancelled);
    assert!(timeline(&shop, back.id).await.contains(&"CLOSED_IN_SILENCE".to_owned()));
    // What is sent back and never looked at is fine, what nobody confirms has arrived.
    let cid = shop.by(3);
    let order = received(&shop, &cid, 1).await;
    let case = asks(&shop, &cid, (order, Kind::Return, 1)).await;
    shop.advance(hours(49)).await;
    ships_back(&cid, case.id).await;
    shop.advance(days(10) + minutes(1)).await;
    assert_eq!((state(&shop, case.id).await, shop.status(order).await), (State::Done, Status::Refunded));
    shop.adds_up().await;
}

#[tokio::test]
async fn an_order_is_not_completed_while_a_case_is_open() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let (quiet, disputed) = (received(&shop, &shop.by(2), 1).await, received(&shop, &ann, 1).await);
    let case = asks(&shop, &ann, (disputed, Kind::Return, 1)).await;
    cases::approve(&shop.staff(), yes(case.id)).await.expect("agrees");
    shop.advance(days(6)).await;
    ships_back(&ann, case.id).await;
    shop.advance(days(3)).await;
    assert_eq!((shop.status(quiet).await, shop.status(disputed).await), (Status::Completed, Status::Received));
    shop.advance(days(8)).await;
    assert_eq!(shop.status(disputed).await, Status::Refunded);
    shop.adds_up().await;
}

#[tokio::test]
async fn goods_are_changed_for_others_that_are_put_aside() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = received(&shop, &ann, 2).await;
    let line = line(&shop, order).await;
    let other = RequestCase {
        reason: Reason::Faulty,
        lines: vec![WantedPieces { line, quantity: 1, replacement: Some(shop.skus[1]) }],
        ..wish(&shop, (order, Kind::Exchange, 1)).await
    };
    let nonsense = RequestCase { lines: vec![WantedPieces { line, quantity: 1, replacement: Some(SkuId(line.0)) }], ..other.clone() };
    assert_eq!(refusal(cases::request(&ann, nonsense, "exchange-none").await), "AFTER_SALE_REPLACEMENT_INVALID");
    let case = cases::request(&ann, other, "exchange-0001").await.expect("is opened").id;
    let stock = |n: usize| {
        let (op, sku) = (shop.op(), shop.skus[n]);
        async move { catalog::inventory::service::shelves(&op, &[sku]).await.expect("reads")[&sku] }
    };
    cases::approve(&staff, yes(case)).await.expect("agrees");
    assert_eq!((stock(1).await.reserved, stock(1).await.on_hand), (1, STOCK));
    ships_back(&ann, case).await;
    cases::receive(&staff, case).await.expect("is here");
    cases::pass(&staff, passed(case)).await.expect("is fine");
    assert_eq!((state(&shop, case).await, stock(0).await.on_hand), (State::Reshipping, STOCK - 1));
    let sent = Reship { case, carrier: "SF".into(), tracking_no: "SF999999".into() };
    for _ in 0..2 {
        cases::reship(&staff, sent.clone()).await.expect("is sent");
    }
    assert_eq!((stock(1).await.reserved, stock(1).await.on_hand), (0, STOCK - 1));
    cases::confirm(&ann, case).await.expect("has it");
    assert_eq!((state(&shop, case).await, shop.order(order).await.refunded), (State::Done, cny(0)));
    shop.adds_up().await;
}

#[tokio::test]
async fn without_a_replacement_the_money_goes_back() {
    let shop = Shop::opens().await;
    let (ann, bob, staff) = (shop.by(1), shop.by(2), shop.staff());
    let (hers, his) = (received(&shop, &ann, 1).await, received(&shop, &bob, 1).await);
    let (promised, sold_out) =
        (asks(&shop, &ann, (hers, Kind::Exchange, 1)).await.id, asks(&shop, &bob, (his, Kind::Exchange, 1)).await.id);
    cases::approve(&staff, yes(promised)).await.expect("agrees");
    // Somebody buys the rest.
    paid(&shop, &shop.by(3), shop.shelf().await.available()).await;
    assert_eq!(refusal(cases::approve(&staff, yes(sold_out)).await), "INVENTORY_INSUFFICIENT_STOCK");
    shop.advance(hours(49)).await;
    let became = cases::get(&shop.op(), sold_out).await.expect("reads").expect("is there");
    assert_eq!((became.kind, became.state), (Kind::Return, State::AwaitingReturn));
    ships_back(&ann, promised).await;
    cases::pass(&staff, Pass { restock: false, ..passed(promised) }).await.expect("is fine");
    shop.advance(hours(73)).await;
    assert_eq!((state(&shop, promised).await, shop.status(hers).await), (State::Done, Status::Refunded));
    assert_eq!(shop.shelf().await.reserved, 0);
    shop.adds_up().await;
}

#[tokio::test]
async fn small_refunds_of_good_shoppers_are_under_way_at_once() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let generous = Policy { instant_most: Some(cny(PRICE)), instant_orders: 1, ..Policy::default() };
    policy::set(&shop.staff(), generous).await.expect("is set");
    let order = received(&shop, &ann, 2).await;
    let case = asks(&shop, &ann, (order, Kind::RefundOnly, 1)).await;
    assert_eq!((case.instant, case.state), (true, State::Refunding));
    shop.settle().await;
    assert_eq!((state(&shop, case.id).await, shop.order(order).await.refunded), (State::Done, cny(PRICE)));
    // A stranger's waits for the merchant.
    let bob = shop.by(2);
    let first = paid(&shop, &bob, 1).await;
    assert_eq!(asks(&shop, &bob, (first, Kind::RefundOnly, 1)).await.state, State::Requested);
    assert_eq!(refusal(policy::set(&shop.staff(), Policy { return_days: 1, ..Policy::default() }).await), "AFTER_SALE_POLICY_INVALID");
    shop.adds_up().await;
}

#[tokio::test]
async fn what_was_never_shipped_comes_back_with_its_shipping_and_returns_to_the_shelf() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = paid(&shop, &ann, 3).await;
    let case = asks(&shop, &ann, (order, Kind::RefundOnly, 2)).await;
    cases::approve(&staff, yes(case.id)).await.expect("agrees");
    shop.settle().await;
    assert_eq!((shop.shelf().await.on_hand, shop.order(order).await.refunded), (STOCK - 1, cny(2 * PRICE)));
    let shipped = fulfilment::ship(&staff, ShipOrder::all(order, "SF", "SF1234567890"), "ship-0001-key").await.expect("ships the rest");
    assert_eq!(shipped.status, Status::Shipped);
    assert_eq!(
        refusal(cases::request(&ann, wish(&shop, (order, Kind::RefundOnly, 2)).await, "ask-too-much").await),
        "AFTER_SALE_QUANTITY_TOO_LARGE"
    );
    shop.adds_up().await;
}

#[tokio::test]
async fn what_cannot_be_given_back_is_confirmed_when_it_is_bought_and_kept_on_the_order() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    returns::set(&staff, (&shop.skus[..1], Some(ReturnException::Perishable))).await.expect("is set");
    let quote = shop.quotes(&ann, 1).await;
    assert_eq!(refusal(orders::place_own(&ann, purchase(&quote), "place-0001").await), "ORDER_RETURN_EXCEPTIONS");
    let confirmed = PlaceOrder { confirms_exceptions: true, ..purchase(&quote) };
    let order = orders::place_own(&ann, confirmed, "place-0002").await.expect("is placed").id;
    // The rule changes; the order keeps what was confirmed.
    returns::set(&staff, (&shop.skus[..1], None)).await.expect("is taken away");
    shop.pays(&ann, order).await;
    fulfilment::ship(&staff, ShipOrder::all(order, "SF", "SF1234567890"), "ship-0001-key").await.expect("ships");
    orders::receive(&ann, order).await.expect("is received");
    assert_eq!(refusal(cases::request(&ann, wish(&shop, (order, Kind::Return, 1)).await, "ask-0001").await), "AFTER_SALE_EXCEPTED");
    let rotten = RequestCase { reason: Reason::Faulty, ..wish(&shop, (order, Kind::Return, 1)).await };
    cases::request(&ann, rotten, "ask-0002").await.expect("what is rotten comes back");
    shop.adds_up().await;
}

#[tokio::test]
async fn nothing_is_asked_while_a_team_gathers_or_too_late_or_of_others() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.by(1), shop.by(2));
    let held = shop.orders_held(&ann).await.id;
    shop.pays(&ann, held).await;
    assert_eq!(refusal(cases::request(&ann, wish(&shop, (held, Kind::RefundOnly, 1)).await, "ask-0001").await), "ORDER_AWAITING_TEAM");
    let unpaid = shop.orders(&bob, 1).await.id;
    assert_eq!(refusal(cases::request(&bob, wish(&shop, (unpaid, Kind::RefundOnly, 1)).await, "ask-0002").await), "ORDER_UNPAID");
    let order = received(&shop, &bob, 2).await;
    let asked = wish(&shop, (order, Kind::Return, 1)).await;
    assert_eq!(refusal(cases::request(&ann, asked.clone(), "ask-0003").await), "NOT_FOUND");
    for (key, wanted, code) in [
        ("bad-0001", RequestCase { lines: Vec::new(), ..asked.clone() }, "AFTER_SALE_LINES_INVALID"),
        ("bad-0002", wish(&shop, (order, Kind::Return, 3)).await, "AFTER_SALE_QUANTITY_TOO_LARGE"),
        ("bad-0003", wish(&shop, (order, Kind::Return, 0)).await, "AFTER_SALE_LINES_INVALID"),
        ("bad-0004", RequestCase { amount: Some(cny(1)), ..asked.clone() }, "AFTER_SALE_AMOUNT_INVALID"),
        (
            "bad-0005",
            RequestCase { kind: Kind::RefundOnly, reason: Reason::Other, amount: Some(cny(PRICE + 1)), ..asked.clone() },
            "AFTER_SALE_AMOUNT_INVALID",
        ),
        ("bad-0006", RequestCase { kind: Kind::RefundOnly, ..asked.clone() }, "AFTER_SALE_SEND_BACK"),
        ("bad-0007", RequestCase { note: "x".repeat(501), ..asked.clone() }, "AFTER_SALE_WORDS_INVALID"),
        ("bad-0008", RequestCase { media: vec![shop.op().new_id()], ..asked.clone() }, "AFTER_SALE_EVIDENCE_INVALID"),
    ] {
        assert_eq!(refusal(cases::request(&bob, wanted, key).await), code, "{key}");
    }
    let options = cases::options(&bob, order).await.expect("reads").expect("is theirs");
    assert_eq!((options.lines[0].pieces_left, options.lines[0].worth, options.lines[0].excepted), (2, 2 * PRICE, false));
    assert_eq!(cases::options(&ann, order).await.expect("reads"), None);
    shop.advance(days(9)).await;
    assert_eq!(refusal(cases::request(&bob, asked, "ask-0004").await), "AFTER_SALE_TOO_LATE");
    let case = asks(&shop, &bob, (order, Kind::RefundOnly, 1)).await;
    assert_eq!(refusal(cases::cancel(&ann, case.id).await), "NOT_FOUND");
    assert_eq!(cases::cancel(&bob, case.id).await.expect("gives it up").state, State::Cancelled);
    assert_eq!(refusal(cases::approve(&shop.staff(), yes(case.id)).await), "AFTER_SALE_CLOSED");
    assert_eq!(cases::get(&shop.staff_who_may(Permission::OrderRead), case.id).await.expect("reads"), None);
    shop.adds_up().await;
}

#[tokio::test]
async fn money_for_goods_that_are_kept_leaves_them_to_be_given_back_for_less() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = received(&shop, &ann, 2).await;
    let stain = RequestCase { amount: Some(cny(3_000)), reason: Reason::Faulty, ..wish(&shop, (order, Kind::RefundOnly, 1)).await };
    let kept = cases::request(&ann, stain, "ask-0001").await.expect("is opened");
    cases::approve(&staff, yes(kept.id)).await.expect("agrees");
    shop.settle().await;
    assert_eq!(shop.order(order).await.refunded, cny(3_000));
    let back = asks(&shop, &ann, (order, Kind::Return, 2)).await;
    assert_eq!(back.amount, cny(2 * PRICE - 3_000));
    cases::approve(&staff, yes(back.id)).await.expect("agrees");
    ships_back(&ann, back.id).await;
    cases::receive(&staff, back.id).await.expect("is here");
    // One of them is worn: less goes back, with words why.
    let less = Pass { amount: Some(cny(10_000)), ..passed(back.id) };
    assert_eq!(refusal(cases::pass(&staff, less.clone()).await), "AFTER_SALE_WORDS_INVALID");
    cases::pass(&staff, Pass { note: "one is worn".into(), ..less }).await.expect("is nearly fine");
    shop.settle().await;
    assert_eq!((shop.order(order).await.refunded, shop.status(order).await), (cny(13_000), Status::Received));
    shop.adds_up().await;
}

#[tokio::test]
async fn a_refund_that_fails_is_asked_for_again_under_another_number() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = received(&shop, &ann, 1).await;
    let case = asks(&shop, &ann, (order, Kind::RefundOnly, 1)).await;
    shop.bank.is(Mood::Declines);
    cases::approve(&staff, yes(case.id)).await.expect("agrees");
    shop.settle().await;
    assert_eq!(state(&shop, case.id).await, State::Refunding);
    assert!(timeline(&shop, case.id).await.contains(&"REFUND_FAILED".to_owned()));
    shop.bank.is(Mood::Well);
    cases::refund_again(&staff, case.id).await.expect("asks again");
    assert_eq!(refusal(cases::refund_again(&staff, case.id).await), "AFTER_SALE_REFUND_NOT_FAILED");
    shop.settle().await;
    let number = shop.order(order).await.order_no;
    assert_eq!((state(&shop, case.id).await, shop.bank.refunds()), (State::Done, [(format!("{number}-as1-2"), PRICE)].into()));
    shop.adds_up().await;
}

#[tokio::test]
async fn a_crash_between_the_banks_work_and_ours_ends_the_case_once() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = received(&shop, &ann, 2).await;
    let case = asks(&shop, &ann, (order, Kind::RefundOnly, 1)).await;
    cases::approve(&staff, yes(case.id)).await.expect("agrees");
    shop.bank.is(Mood::Hangs);
    tokio::select! {
        done = shop.worker.settle() => panic!("it answered: {done:?}"),
        () = shop.bank.worked.notified() => {}
    }
    shop.bank.is(Mood::Well);
    // The lease of the job that died runs out; the bank is asked again with the same number.
    shop.advance(minutes(1)).await;
    assert_eq!((state(&shop, case.id).await, shop.order(order).await.refunded), (State::Done, cny(PRICE)));
    assert_eq!(shop.bank.refunds(), [(case.case_no, PRICE)].into());
    shop.adds_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_is_in_one_case_however_many_ask_at_once() {
    let shop = Arc::new(Shop::opens().await);
    let ann = shop.by(1);
    let order = received(&shop, &ann, 3).await;
    let wanted = wish(&shop, (order, Kind::Return, 1)).await;
    let asked = (0..12).map(|n| {
        let (ann, wanted) = (ann.clone(), wanted.clone());
        tokio::spawn(async move { cases::request(&ann, wanted, &format!("ask-{n:05}")).await })
    });
    let mut opened = 0;
    for case in asked.collect::<Vec<_>>() {
        match case.await.expect("no panic") {
            Ok(_) => opened += 1,
            other => assert_eq!(refusal(other), "AFTER_SALE_QUANTITY_TOO_LARGE"),
        }
    }
    assert_eq!(opened, 3);
    shop.adds_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approve_reject_cancel_and_the_deadline_at_once_come_out_one_way() {
    let shop = Arc::new(Shop::opens().await);
    for n in 1..=6 {
        let ann = shop.by(n);
        let order = received(&shop, &ann, 1).await;
        let case = asks(&shop, &ann, (order, Kind::RefundOnly, 1)).await.id;
        shop.test.clock.advance(hours(49));
        let (yes, nope, give_up, late) = (shop.staff(), shop.staff(), ann.clone(), Arc::clone(&shop));
        let all = tokio::join!(
            tokio::spawn(async move { cases::approve(&yes, self::yes(case)).await.is_ok() }),
            tokio::spawn(async move { cases::reject(&nope, no(case)).await.is_ok() }),
            tokio::spawn(async move { cases::cancel(&give_up, case).await.is_ok() }),
            tokio::spawn(async move { late.settle().await }),
        );
        all.3.expect("no panic");
        shop.settle().await;
        let (state, refunded) = (state(&shop, case).await, shop.order(order).await.refunded);
        assert!(state.is_closed(), "{state:?}");
        assert_eq!(refunded == cny(PRICE), state == State::Done, "{state:?}");
    }
    shop.adds_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_lines_refunded_at_once_by_a_case_and_by_staff_give_each_piece_back_once() {
    let shop = Arc::new(Shop::opens().await);
    for n in 1..=5 {
        let ann = shop.by(n);
        let order = received(&shop, &ann, 3).await;
        let line = line(&shop, order).await;
        let case = asks(&shop, &ann, (order, Kind::RefundOnly, 2)).await.id;
        let (one, two) = (shop.staff(), shop.staff());
        let by_hand = StaffRefund {
            order,
            amount: None,
            lines: Some(PiecesBack {
                lines: vec![LineWish { line, quantity: 2, amount: None }],
                shipping: Shipping::Unshipped,
                restock: false,
            }),
            reason: "lost".into(),
        };
        let (approved, refunded) = tokio::join!(
            tokio::spawn(async move { cases::approve(&one, yes(case)).await }),
            tokio::spawn(async move { refunds::by_staff(&two, by_hand, &format!("refund-{n:04}")).await }),
        );
        let (approved, refunded) = (approved.expect("no panic"), refunded.expect("no panic"));
        assert!(approved.is_ok() != refunded.is_ok(), "{approved:?} {refunded:?}");
        shop.settle().await;
        assert_eq!(shop.order(order).await.refunded, cny(2 * PRICE));
    }
    shop.adds_up().await;
}

#[tokio::test]
async fn a_case_overtaken_by_staff_waits_for_a_person() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = received(&shop, &ann, 1).await;
    let case = asks(&shop, &ann, (order, Kind::RefundOnly, 1)).await.id;
    let all = StaffRefund { order, amount: None, lines: None, reason: "sorry".into() };
    refunds::by_staff(&shop.staff(), all, "refund-0001").await.expect("gives");
    shop.settle().await;
    shop.advance(hours(49)).await;
    assert_eq!(state(&shop, case).await, State::Requested);
    assert_eq!(timeline(&shop, case).await.last().map(String::as_str), Some("NEEDS_A_PERSON"));
    cases::reject(&shop.staff(), no(case)).await.expect("says no");
    assert_eq!(refund_row::Entity::find().all(shop.op().reader()).await.expect("reads").len(), 1);
    shop.adds_up().await;
}

async fn complains(shop: &Shop, by: &Op, (order, case): (OrderId, Option<AfterSaleId>)) -> kernel::ComplaintId {
    let about = if case.is_some() { About::Rejected } else { About::Service };
    let wanted = FileComplaint { order, case, about, note: "it was sealed".into(), media: Vec::new() };
    let key = format!("file-{}", shop.op().new_id::<OrderId>().0.simple());
    complaints::file(by, wanted, &key).await.expect("is filed").id
}

fn decision(complaint: kernel::ComplaintId, verdict: Verdict) -> Decide {
    Decide { complaint, verdict, note: "we saw the pictures".into(), compensation: None }
}

#[tokio::test]
async fn a_no_is_overruled_and_the_case_goes_on() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = received(&shop, &ann, 2).await;
    let case = asks(&shop, &ann, (order, Kind::Return, 1)).await.id;
    cases::approve(&staff, yes(case)).await.expect("agrees");
    ships_back(&ann, case).await;
    cases::receive(&staff, case).await.expect("is here");
    cases::reject(&staff, no(case)).await.expect("says no");
    let complaint = complains(&shop, &ann, (order, Some(case))).await;
    assert_eq!(state(&shop, case).await, State::Escalated);
    let again = FileComplaint { order, case: None, about: About::Goods, note: "!".into(), media: Vec::new() };
    assert_eq!(refusal(complaints::file(&ann, again, "file-again").await), "COMPLAINT_OPEN");
    // The merchant is heard first.
    assert_eq!(refusal(complaints::decide(&staff, decision(complaint, Verdict::Upheld)).await), "COMPLAINT_MERCHANT_FIRST");
    complaints::say(&staff, Answer { complaint, note: "it was open".into(), media: Vec::new() }).await.expect("answers");
    let sorry = Decide { compensation: Some(cny(500)), ..decision(complaint, Verdict::Upheld) };
    for _ in 0..2 {
        complaints::decide(&staff, sorry.clone()).await.expect("decides");
    }
    shop.settle().await;
    let number = shop.order(order).await.order_no;
    assert_eq!(state(&shop, case).await, State::Done);
    assert_eq!(shop.bank.refunds(), [(format!("{number}-as1"), PRICE), (format!("{number}-complaint1"), 500)].into());
    assert_eq!(shop.order(order).await.refunded, cny(PRICE + 500));
    shop.adds_up().await;
}

#[tokio::test]
async fn a_complaint_is_decided_without_a_merchant_who_says_nothing_or_given_up() {
    let shop = Shop::opens().await;
    let (ann, staff) = (shop.by(1), shop.staff());
    let order = received(&shop, &ann, 1).await;
    let case = asks(&shop, &ann, (order, Kind::RefundOnly, 1)).await.id;
    cases::reject(&staff, no(case)).await.expect("says no");
    let complaint = complains(&shop, &ann, (order, Some(case))).await;
    shop.advance(hours(73)).await;
    assert_eq!(complaints::get(&ann, complaint).await.expect("reads").expect("is hers").state, Standing::Unanswered);
    complaints::decide(&staff, decision(complaint, Verdict::Dismissed)).await.expect("decides");
    assert_eq!(state(&shop, case).await, State::Rejected);
    assert_eq!(refusal(complaints::withdraw(&ann, complaint).await), "COMPLAINT_CLOSED");
    let second = complains(&shop, &ann, (order, Some(case))).await;
    complaints::withdraw(&ann, second).await.expect("gives it up");
    assert_eq!(state(&shop, case).await, State::Rejected);
    shop.advance(days(8)).await;
    let late = FileComplaint { order, case: Some(case), about: About::Rejected, note: "!".into(), media: Vec::new() };
    assert_eq!(refusal(complaints::file(&ann, late, "file-late").await), "AFTER_SALE_TOO_LATE");
    assert_eq!(complaints::get(&shop.by(2), complaint).await.expect("reads"), None);
    shop.adds_up().await;
}

#[tokio::test]
async fn evidence_is_the_senders_own() {
    let shop = Shop::opens().await;
    let (ann, bob) = (shop.by(1), shop.by(2));
    let pixel: &[u8] = &[
        0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f,
        0x15, 0xc4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0, 1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0,
        b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
    ];
    let upload = media::BeginUpload { file_name: "stain.png".into(), content_type: "image/png".into(), bytes: pixel.len() as i64 };
    let ticket = cases::begin_upload(&ann, upload).await.expect("is announced");
    let token = ticket.upload_url.rsplit('/').next().expect("a token").to_owned();
    media::store_upload(&shop.op(), &token, "image/png", pixel.to_vec()).await.expect("is stored");
    let (hers, his) = (received(&shop, &ann, 1).await, received(&shop, &bob, 1).await);
    let with = |media: MediaId, wanted: RequestCase| RequestCase { reason: Reason::Faulty, media: vec![media], ..wanted };
    let stolen = with(ticket.media, wish(&shop, (his, Kind::Return, 1)).await);
    assert_eq!(refusal(cases::request(&bob, stolen, "ask-0001").await), "AFTER_SALE_EVIDENCE_INVALID");
    let case = cases::request(&ann, with(ticket.media, wish(&shop, (hers, Kind::Return, 1)).await), "ask-0002").await.expect("is opened");
    let told = query::timelines(&ann, &[case.id]).await.expect("reads").remove(&case.id).expect("is told");
    assert_eq!(told[0].media, [ticket.media]);
    let page = kernel::PageRequest { first: 10, after: None };
    assert!(media::page(&shop.staff(), page).await.expect("reads").rows.is_empty(), "the merchant's own pictures only");
}

#[tokio::test]
async fn staff_find_what_is_urgent_and_follow_what_happens() {
    use futures_util::StreamExt;
    let shop = Shop::opens().await;
    let (ann, bob, staff) = (shop.by(1), shop.by(2), shop.staff());
    let (hers, his) = (received(&shop, &ann, 1).await, received(&shop, &bob, 1).await);
    let first = asks(&shop, &ann, (hers, Kind::RefundOnly, 1)).await.id;
    shop.advance(hours(1)).await;
    let second = asks(&shop, &bob, (his, Kind::Return, 1)).await.id;
    shop.settle().await;
    let due = |before| query::CaseFilter { due_before: Some(before), ..query::CaseFilter::default() };
    let page = |first, after| kernel::PageRequest { first, after };
    let found = query::list(&staff, due(staff.now() + days(3)), page(1, None)).await.expect("lists");
    assert_eq!((found.rows[0].1.id, found.more), (first, true));
    let rest = query::list(&staff, due(staff.now() + days(3)), page(5, Some(found.rows[0].0.clone()))).await.expect("lists");
    assert_eq!(rest.rows.iter().map(|row| row.1.id).collect::<Vec<_>>(), [second]);
    let states = query::CaseFilter { states: Some(vec![State::Done]), ..query::CaseFilter::default() };
    assert!(query::list(&staff, states, page(5, None)).await.expect("lists").rows.is_empty());
    let mut news = Box::pin(query::follow(&staff, None).await.expect("follows"));
    let begin = news.next().await.expect("begins").expect("no fault");
    assert_eq!(begin.value, Heard::Snapshot(2));
    let mut watched = Box::pin(query::watch(&ann, first, None).await.expect("watches"));
    assert_eq!(watched.next().await.expect("begins").expect("no fault").value.state, State::Requested);
    assert!(matches!(query::watch(&bob, first, None).await.err(), Some(Failure::Refused(live::LiveRefused::NotFound))));
    cases::approve(&staff, yes(first)).await.expect("agrees");
    shop.settle().await;
    let Heard::Fact(fact) = news.next().await.expect("goes on").expect("no fault").value else { panic!("no fact") };
    assert_eq!(fact.payload["what"], "ACCEPTED");
    assert_eq!(watched.next().await.expect("goes on").expect("no fault").value.state, State::Done);
    assert_eq!(refunds_of(&shop).await, [RefundStatus::Succeeded]);
}

async fn refunds_of(shop: &Shop) -> Vec<RefundStatus> {
    refund_row::Entity::find().all(shop.op().reader()).await.expect("reads").into_iter().map(|row| row.status).collect()
}
