//! Presale in a small mall with real orders, stock, a bank and a ledger.

use std::sync::Arc;

use entity::campaign::{
    presale as table,
    presale_reminder::{self as reminder, ReminderKind},
    presale_reservation as reservation, presale_sku as sku,
};
use kernel::{Currency, Failure, LocalizedText, Money, PresaleId, Refusal, days, hours, minutes};
use promotion::{
    freight::rules::Delivery,
    offer::{Step as Turn, Window as Holds},
    time_discount::{
        rules::limits::Most,
        service::{self as discounts, Draft as Discount, Lower},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use tokio::task::JoinSet;
use trade::{
    order::{rules::Status, service::CancelOrder},
    quote::{PlayRef, service as quotes},
};

use super::{
    KIND,
    campaigns::{self, Draft, SkuDraft},
    error::BuyRefused,
    jobs, query,
    rules::Lapse,
    service::{self, Ordered, PayBalance, Reserve},
};
use crate::{
    console::rules::{Step, Window},
    demo::address,
    group_buy::tests::shop::Shop,
};

/// A tea of 79.00 for 70.00 in all: 10.00 down, which count for 15.00; five pieces; sells for five days, the balance is
/// paid in the three after.
pub(crate) async fn draft(shop: &Shop) -> Draft {
    let now = shop.op().now();
    Draft {
        title: LocalizedText::new("明前茶预售", "Spring tea"),
        product: shop.product().await,
        mode: table::PresaleMode::Deposit,
        lapse: Lapse::Forfeit,
        protects_price: true,
        currency: Currency::Cny,
        window: Window { starts_at: now, ends_at: now + days(5) },
        balance: Window { starts_at: now + days(5), ends_at: now + days(8) },
        ship_by: now + days(30),
        most_per_customer: Some(2),
        skus: vec![SkuDraft { sku: shop.sku, price: 7_000, deposit: 1_000, worth: Some(1_500), stock: 5 }],
    }
}

async fn published(shop: &Shop, change: impl FnOnce(&mut Draft)) -> PresaleId {
    let mut draft = draft(shop).await;
    change(&mut draft);
    let id = campaigns::create(&shop.op(), draft).await.expect("is written");
    campaigns::step(&shop.op(), id, Step::Publish).await.expect("is published");
    shop.settle().await;
    id
}

async fn quote(shop: &Shop, n: usize, (play, ships): (String, bool)) -> quotes::Quote {
    let play = PlayRef { kind: KIND.to_owned(), id: play, team: None, team_size: None };
    let lines = vec![quotes::WantedLine { sku: shop.sku, quantity: 1 }];
    let delivery = if ships { Delivery::default() } else { Delivery::Virtual };
    let new = quotes::NewQuote { lines, play: Some(play), delivery, ..Default::default() };
    quotes::create(&shop.by(n), new).await.expect("has a price")
}

async fn wish(shop: &Shop, n: usize, presale: PresaleId) -> Reserve {
    let quote = quote(shop, n, (presale.to_string(), false)).await;
    Reserve {
        presale,
        quote: quote.id,
        expected_total: quote.total,
        address: None,
        confirms_exceptions: false,
        idempotency_key: format!("key-{}", quote.id),
    }
}

/// Customer `n` has paid down.
async fn pays_down(shop: &Shop, n: usize, presale: PresaleId) -> Ordered {
    let ordered = service::reserve(&shop.by(n), wish(shop, n, presale).await).await.expect("is reserved");
    shop.pays(n, ordered.order).await;
    ordered
}

/// Customer `n` orders the balance.
async fn orders_balance(shop: &Shop, n: usize, of: Ordered) -> Result<Ordered, BuyRefused> {
    let quote = quote(shop, n, (of.reservation.to_string(), true)).await;
    let wanted = PayBalance {
        reservation: of.reservation,
        quote: quote.id,
        expected_total: quote.total,
        address: address(),
        confirms_exceptions: false,
        idempotency_key: format!("key-{}", quote.id),
    };
    match service::balance(&shop.by(n), wanted).await {
        Ok(ordered) => Ok(ordered),
        Err(Failure::Refused(refused)) => Err(refused),
        Err(Failure::Fault(fault)) => panic!("{fault}"),
    }
}

async fn reserved(shop: &Shop, ordered: Ordered) -> reservation::Model {
    let found = reservation::Entity::find_by_id(ordered.reservation).one(shop.op().reader()).await;
    found.expect("reads").expect("is there")
}

async fn row(shop: &Shop, id: PresaleId) -> table::Model {
    query::get(&shop.op(), id, query::Eyes::Staff).await.expect("reads").expect("is there")
}

async fn taken(shop: &Shop, id: PresaleId) -> i64 {
    sku::Entity::find_by_id((id, shop.sku)).one(shop.op().reader()).await.expect("reads").expect("is there").taken
}

/// What stands on an account of the mall's books, as an accountant signs it.
async fn stands(shop: &Shop, account: &str) -> i64 {
    let balances = trade::ledger::service::balances(&shop.op()).await.expect("reads");
    balances.iter().filter(|balance| balance.account == account).map(|balance| balance.amount.minor).sum()
}

async fn the_books_are_right(shop: &Shop) {
    let report = trade::ledger::service::verify(&shop.op(), |_| ()).await.expect("the ledger can be walked");
    assert!(report.breaks.is_empty(), "{:?}", report.breaks);
}

async fn reminders(shop: &Shop, of: Ordered) -> Vec<ReminderKind> {
    let told = reminder::Entity::find().filter(reminder::Column::Reservation.eq(of.reservation));
    let told = told.order_by_asc(reminder::Column::ToldAt).all(shop.op().reader()).await.expect("reads");
    told.into_iter().map(|row| row.kind).collect()
}

#[tokio::test]
async fn a_customer_is_reminded_when_the_balance_opens_and_a_day_before_it_closes_and_not_once_it_is_paid() {
    for pays in [false, true] {
        let shop = Shop::opens_idle().await;
        let id = published(&shop, |_| {}).await;
        let down = pays_down(&shop, 0, id).await;
        shop.advance(days(5) - minutes(1)).await;
        assert_eq!(reminders(&shop, down).await, []);
        shop.advance(minutes(1)).await;
        assert_eq!(reminders(&shop, down).await, [ReminderKind::Opened]);
        if pays {
            let rest = orders_balance(&shop, 0, down).await.expect("is due");
            shop.pays(0, rest.order).await;
        }
        shop.advance(days(2) - minutes(1)).await;
        assert_eq!(reminders(&shop, down).await, [ReminderKind::Opened]);
        shop.advance(minutes(1)).await;
        shop.advance(hours(1)).await;
        let told: &[ReminderKind] = if pays { &[ReminderKind::Opened] } else { &[ReminderKind::Opened, ReminderKind::Closing] };
        assert_eq!(reminders(&shop, down).await, told);
        assert_eq!(shop.backlog().await.dead, 0, "a mall without a messenger owes no text message");
    }
}

/// Customer 0 has paid 10.00 down and 55.00 for the rest.
async fn has_paid_everything(shop: &Shop) -> (Ordered, Ordered) {
    let id = published(shop, |_| {}).await;
    let down = pays_down(shop, 0, id).await;
    shop.advance(days(5)).await;
    let rest = orders_balance(shop, 0, down).await.expect("is due");
    shop.pays(0, rest.order).await;
    (down, rest)
}

async fn gives_back(shop: &Shop, rest: Ordered, (amount, reason): (Option<i64>, &'static str)) {
    let mut tx = shop.op().begin().await.expect("begins");
    let amount = amount.map(|minor| Money::new(minor, Currency::Cny));
    let asked = trade::refund::service::RequestRefund { order: rest.order, amount, reason };
    trade::refund::service::request(&mut tx, &shop.op(), asked).await.expect("is asked");
    tx.commit().await.expect("commits");
    for _ in 0..3 {
        shop.advance(minutes(1)).await;
    }
}

#[tokio::test]
async fn a_part_of_the_balance_that_goes_back_takes_its_share_of_the_deposit_with_it() {
    let shop = Shop::opens_idle().await;
    let (down, rest) = has_paid_everything(&shop).await;
    gives_back(&shop, rest, (Some(2_000), "first")).await;
    assert_eq!(shop.bank.balance(), 6_500 - 2_000 - 363, "10.00 of deposit × 20.00 ÷ 55.00");
    assert_eq!(reserved(&shop, down).await.state, reservation::ReservationState::Paid);
    gives_back(&shop, rest, (Some(1_111), "second")).await;
    assert_eq!(shop.bank.balance(), 6_500 - 3_111 - 565, "10.00 × 31.11 ÷ 55.00, all together");
    for _ in 0..2 {
        service::partly_refunded(&shop.op(), (rest.order, "told-again")).await.expect("told twice is told once");
    }
    gives_back(&shop, rest, (None, "rest")).await;
    assert_eq!((shop.bank.balance(), reserved(&shop, down).await.state), (0, reservation::ReservationState::Refunded));
    assert_eq!(shop.status(down.order).await, Status::Refunded);
    the_books_are_right(&shop).await;
}

#[tokio::test]
async fn who_pays_down_pays_the_rest_within_its_window_and_gets_the_goods() {
    let shop = Shop::opens_idle().await;
    let id = published(&shop, |_| {}).await;
    let down = pays_down(&shop, 0, id).await;
    assert_eq!(shop.bank.balance(), 1_000);
    assert_eq!((reserved(&shop, down).await.state, shop.available().await), (reservation::ReservationState::DepositPaid, 99));
    assert_eq!(shop.status(down.order).await, Status::AwaitingTeam);

    shop.advance(days(5)).await;
    let due = reserved(&shop, down).await;
    assert_eq!(due.state, reservation::ReservationState::BalanceDue);
    assert!(due.reminded_at.is_some(), "the customer is reminded");
    assert_eq!(row(&shop, id).await.state, table::PresaleState::Ended);

    let rest = orders_balance(&shop, 0, down).await.expect("is due");
    assert_eq!(shop.available().await, 99, "the goods went from the deposit's order to the balance's");
    shop.pays(0, rest.order).await;
    assert_eq!(shop.bank.balance(), 1_000 + 5_500, "70.00 less the 15.00 the deposit counts for");
    assert_eq!(reserved(&shop, down).await.state, reservation::ReservationState::Paid);
    assert_eq!((shop.status(rest.order).await, shop.status(down.order).await), (Status::ToShip, Status::Received));
    assert_eq!((row(&shop, id).await.reserved, row(&shop, id).await.paid, shop.available().await), (1, 1, 99));
    for _ in 0..2 {
        service::paid(&shop.op(), (rest.order, shop.op().now())).await.expect("told twice is told once");
    }
    assert_eq!(row(&shop, id).await.paid, 1);
}

#[tokio::test]
async fn who_does_not_pay_the_rest_loses_the_deposit_and_the_goods_are_free() {
    let shop = Shop::opens_idle().await;
    let id = published(&shop, |_| {}).await;
    let down = pays_down(&shop, 0, id).await;
    shop.advance(days(8)).await;
    assert_eq!(reserved(&shop, down).await.state, reservation::ReservationState::Forfeited);
    assert_eq!((shop.bank.balance(), shop.available().await, taken(&shop, id).await), (1_000, 100, 0));
    assert_eq!(shop.status(down.order).await, Status::Received);
    let books = async || [stands(&shop, "forfeits").await, stands(&shop, "order_held").await, stands(&shop, "sales").await];
    assert_eq!(books().await, [-1_000, 0, 0], "it is earned at once, and not as a sale");
    jobs::forfeit(shop.op(), jobs::Forfeit { order: down.order }).await.expect("told twice is told once");
    shop.advance(days(30)).await;
    assert_eq!(shop.status(down.order).await, Status::Completed);
    assert_eq!((books().await, shop.bank.balance()), ([-1_000, 0, 0], 1_000), "and not once more when its order completes");
    the_books_are_right(&shop).await;
}

#[tokio::test]
async fn a_deposit_that_goes_back_goes_back() {
    let shop = Shop::opens_idle().await;
    let id = published(&shop, |draft| draft.lapse = Lapse::Refund).await;
    let down = pays_down(&shop, 0, id).await;
    shop.advance(days(8)).await;
    shop.settle().await;
    let over = reserved(&shop, down).await;
    assert_eq!((over.state, over.refund_reason.as_deref()), (reservation::ReservationState::Refunded, Some("presale-lapsed")));
    assert_eq!((shop.bank.balance(), shop.available().await), (0, 100));
    assert_eq!(shop.status(down.order).await, Status::Refunded);
}

#[tokio::test]
async fn a_deposit_above_the_law_is_refused_by_the_rules_and_by_the_table() {
    let shop = Shop::opens_idle().await;
    let mut greedy = draft(&shop).await;
    greedy.skus[0].deposit = 1_401;
    let Err(Failure::Refused(refused)) = campaigns::create(&shop.op(), greedy.clone()).await else { panic!("it is unlawful") };
    assert_eq!(refused.code(), "PRESALE_DEPOSIT_TOO_HIGH");
    greedy.lapse = Lapse::Refund;
    campaigns::create(&shop.op(), greedy).await.expect("what always goes back is not bound");
    let id = published(&shop, |_| {}).await;
    let tx = shop.op().begin().await.expect("begins");
    let raised = sku::Entity::update_many().col_expr(sku::Column::DepositMinor, Expr::value(1_401_i64));
    let refused = raised.filter(sku::Column::Presale.eq(id)).exec(&*tx).await.expect_err("the table knows the law").to_string();
    assert!(refused.contains("presale_sku_deposit_check"), "{refused}");
}

#[tokio::test]
async fn who_paid_down_pays_no_more_than_everybody_else() {
    let shop = Shop::opens_idle().await;
    let id = published(&shop, |_| {}).await;
    let down = pays_down(&shop, 0, id).await;
    shop.advance(days(5)).await;
    let now = shop.op().now();
    let cheaper = Discount {
        title: LocalizedText::new("特价", "Sale"),
        window: Holds { starts_at: now, ends_at: now + days(2) },
        prices: vec![(shop.sku, Lower::To(6_000))],
        most: Most::default(),
    };
    let cheaper = discounts::create(&shop.op(), cheaper).await.expect("is written");
    discounts::step(&shop.op(), cheaper.id, Turn::Activate).await.expect("runs");
    let rest = orders_balance(&shop, 0, down).await.expect("is due");
    shop.pays(0, rest.order).await;
    assert_eq!(shop.bank.balance(), 1_000 + 4_500, "60.00 less the 15.00 the deposit counts for");
}

#[tokio::test]
async fn an_unpaid_balance_can_be_ordered_again_and_keeps_its_goods() {
    let shop = Shop::opens_idle().await;
    let id = published(&shop, |_| {}).await;
    let down = pays_down(&shop, 0, id).await;
    assert!(orders_too_early(&shop, down).await, "not before its window");
    shop.advance(days(5)).await;
    let first = orders_balance(&shop, 0, down).await.expect("is due");
    shop.advance(hours(2)).await;
    assert_eq!(shop.status(first.order).await, Status::Cancelled);
    let waits = reserved(&shop, down).await;
    assert_eq!((waits.state, waits.balance_order, waits.set_aside), (reservation::ReservationState::BalanceDue, None, true));
    assert_eq!(shop.available().await, 99, "its goods lie aside");
    shop.empties_the_shelf().await;
    let again = orders_balance(&shop, 0, down).await.expect("its goods are there");
    shop.pays(0, again.order).await;
    assert_eq!(reserved(&shop, down).await.state, reservation::ReservationState::Paid);
    assert_eq!(shop.bank.balance(), 6_500);
    assert_eq!(taken(&shop, id).await, 1);
}

async fn orders_too_early(shop: &Shop, down: Ordered) -> bool {
    let play = PlayRef { kind: KIND.to_owned(), id: down.reservation.to_string(), team: None, team_size: None };
    let lines = vec![quotes::WantedLine { sku: shop.sku, quantity: 1 }];
    let new = quotes::NewQuote { lines, play: Some(play), ..Default::default() };
    let refused = quotes::create(&shop.by(0), new).await;
    matches!(refused, Err(Failure::Refused(refused)) if refused.code() == "PRESALE_BALANCE_NOT_YET")
}

/// The balance was ordered in time and is paid after the window: it counts. Not paid, the deposit is lost then.
#[tokio::test]
async fn who_ordered_in_time_may_pay_to_the_end_of_the_order() {
    for pays in [true, false] {
        let shop = Shop::opens_idle().await;
        let id = published(&shop, |_| {}).await;
        let down = pays_down(&shop, 0, id).await;
        shop.advance(days(8) - minutes(1)).await;
        let rest = orders_balance(&shop, 0, down).await.expect("is due");
        shop.advance(minutes(2)).await;
        assert_eq!(reserved(&shop, down).await.state, reservation::ReservationState::BalanceDue);
        if pays {
            shop.pays(0, rest.order).await;
            assert_eq!(reserved(&shop, down).await.state, reservation::ReservationState::Paid);
        } else {
            shop.advance(hours(2)).await;
            shop.settle().await;
            assert_eq!(reserved(&shop, down).await.state, reservation::ReservationState::Forfeited);
            assert_eq!((shop.bank.balance(), shop.available().await), (1_000, 100));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_piece_is_one_customers() {
    let shop = Arc::new(Shop::opens_idle().await);
    let id = published(&shop, |draft| draft.skus[0].stock = 2).await;
    pays_down(&shop, 0, id).await;
    let mut wants = JoinSet::new();
    for n in 1..13 {
        let (wanted, op) = (wish(&shop, n, id).await, shop.by(n));
        wants.spawn(async move { service::reserve(&op, wanted).await });
    }
    let answers = wants.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let sold_out = |answer: &Result<Ordered, Failure<BuyRefused>>| match answer {
        Err(Failure::Refused(refused)) => refused.code() == "PRESALE_SOLD_OUT",
        other => other.is_ok(),
    };
    assert!(answers.iter().all(sold_out), "{answers:?}");
    assert_eq!(taken(&shop, id).await, 2);
}

/// The end of the window and the balance's order at the same instant: one of them comes first, and money follows.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_window_and_the_balance_come_out_one_way() {
    for _ in 0..4 {
        let shop = Arc::new(Shop::opens_idle().await);
        let id = published(&shop, |_| {}).await;
        let down = pays_down(&shop, 0, id).await;
        shop.advance(days(8) - minutes(1)).await;
        let rest = orders_balance(&shop, 0, down).await.expect("is due");
        shop.pays_unheard(0, rest.order).await;
        shop.test.clock.advance(minutes(1));
        let (pays, ends) = (shop.op(), shop.op());
        let (order, at) = (rest.order, shop.op().now());
        let (paid, ended) = tokio::join!(
            tokio::spawn(async move { service::paid(&pays, (order, at)).await }),
            tokio::spawn(async move { service::tick(&ends).await })
        );
        paid.expect("no panic").expect("counts");
        ended.expect("no panic").expect("ends");
        shop.settle().await;
        assert_eq!(reserved(&shop, down).await.state, reservation::ReservationState::Paid);
        assert_eq!((shop.bank.balance(), shop.available().await), (6_500, 99));
    }
}

#[tokio::test]
async fn what_is_given_up_unpaid_is_free_and_what_is_returned_takes_its_deposit_with_it() {
    let shop = Shop::opens_idle().await;
    let id = published(&shop, |_| {}).await;
    let unpaid = service::reserve(&shop.by(1), wish(&shop, 1, id).await).await.expect("is reserved");
    let cancel = CancelOrder { order: unpaid.order, reason: trade::order::rules::CancelReason::Shopper };
    trade::order::service::cancel(&shop.by(1), cancel).await.expect("is cancelled");
    shop.settle().await;
    assert_eq!((reserved(&shop, unpaid).await.state, taken(&shop, id).await), (reservation::ReservationState::Released, 0));

    let down = pays_down(&shop, 0, id).await;
    shop.advance(days(5)).await;
    let rest = orders_balance(&shop, 0, down).await.expect("is due");
    shop.pays(0, rest.order).await;
    gives_back(&shop, rest, (None, "test")).await;
    assert_eq!((shop.bank.balance(), reserved(&shop, down).await.state), (0, reservation::ReservationState::Refunded));
    assert_eq!(shop.available().await, 100);
}

#[tokio::test]
async fn everything_at_once_is_paid_once_and_ships() {
    let shop = Shop::opens_idle().await;
    let id = published(&shop, |draft| draft.mode = table::PresaleMode::Full).await;
    let quote = quote(&shop, 0, (id.to_string(), true)).await;
    let wanted = Reserve {
        presale: id,
        quote: quote.id,
        expected_total: quote.total,
        address: Some(address()),
        confirms_exceptions: false,
        idempotency_key: format!("key-{}", quote.id),
    };
    let ordered = service::reserve(&shop.by(0), wanted).await.expect("is reserved");
    shop.pays(0, ordered.order).await;
    assert_eq!((shop.bank.balance(), shop.status(ordered.order).await), (7_000, Status::ToShip));
    assert_eq!(reserved(&shop, ordered).await.state, reservation::ReservationState::Paid);
}
