//! The books of whole lives: orders to their end, the daily proof, statements as files.

use entity::trade::ledger_account;
use futures_util::TryStreamExt;
use kernel::{Currency, CustomerId, PageRequest, days, hours};
use platform::Op;
use sea_orm::{ConnectionTrait, EntityTrait};

use super::shop::{PRICE, Shop, cny, refusal};
use crate::{
    export::service::{self as exports, Form, Subject, Wanted},
    fulfilment::service::{self as fulfilment, ShipOrder},
    ledger::{
        Posting,
        reconcile::{self, Reconciliation},
        rules::Account,
        service::{self as ledger, PostingFilter},
    },
    order::{rules::Status, service as orders},
    points::service as points,
    refund::service::{self as refunds, StaffRefund},
};

impl Shop {
    async fn stands(&self, account: &str) -> i64 {
        let all = ledger::overview(&self.op()).await.expect("sums");
        all.iter().find(|b| b.account == account).map_or(0, |b| b.amount.minor)
    }

    async fn proves(&self) -> Reconciliation {
        reconcile::now(&self.op()).await.expect("is proved")
    }

    /// Ships and lets the shopper receive.
    async fn delivers(&self, by: &Op, order: kernel::OrderId) {
        let parcel = ShipOrder::all(order, "SF", "SF1234567890");
        fulfilment::ship(&self.staff(), parcel, &format!("ship-{order}")).await.expect("is shipped");
        orders::receive(by, order).await.expect("is received");
        self.settle().await;
    }

    async fn gives_money_back(&self, order: kernel::OrderId, minor: i64, key: &str) {
        let back = StaffRefund { order, amount: Some(cny(minor)), lines: None, reason: "goodwill".into() };
        refunds::by_staff(&self.staff(), back, key).await.expect("goes back");
        self.settle().await;
    }
}

fn customer(by: &Op) -> CustomerId {
    by.customer().expect("a customer")
}

#[tokio::test]
async fn an_orders_money_is_held_then_earned_and_what_goes_back_later_is_a_cost() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 2).await;
    shop.pays(&ann, order.id).await;
    assert_eq!((shop.stands("order_held").await, shop.stands("sales").await), (-2 * PRICE, 0));
    shop.gives_money_back(order.id, 3_000, "before-01").await;
    assert_eq!(shop.stands("order_held").await, -2 * PRICE + 3_000);
    shop.delivers(&ann, order.id).await;
    // It earns for what stays, once the goods are there.
    let has = points::balance(&ann, customer(&ann)).await.expect("reads");
    assert_eq!((has.available, has.frozen), (0, (2 * PRICE - 3_000) / 100));
    shop.advance(days(8)).await;
    assert_eq!(shop.status(order.id).await, Status::Completed);
    assert_eq!((shop.stands("order_held").await, shop.stands("sales").await), (0, -2 * PRICE + 3_000));
    shop.gives_money_back(order.id, 1_000, "after-01").await;
    assert_eq!((shop.stands("refunds").await, shop.stands("sales").await), (1_000, -2 * PRICE + 3_000));
    let has = points::balance(&ann, customer(&ann)).await.expect("reads");
    assert_eq!((has.available, has.frozen), ((2 * PRICE - 4_000) / 100, 0));
    shop.advance(hours(1)).await;
    assert_eq!(shop.stands("gateway_clearing:sandbox").await, 2 * PRICE - 4_000);
    assert_eq!(shop.proves().await.findings, []);
    shop.adds_up().await;
}

#[tokio::test]
async fn the_books_are_proved_once_a_day_and_whatever_does_not_agree_is_found() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 1).await;
    let paid = shop.pays(&ann, order.id).await;
    shop.advance(hours(24)).await;
    shop.advance(hours(1)).await;
    let runs = reconcile::list(&shop.op(), PageRequest { first: 10, after: None }).await.expect("reads");
    let days: Vec<_> = runs.rows.iter().map(|(_, run)| (run.day.clone(), run.found, run.finished_at.is_some())).collect();
    assert!(days.len() >= 2 && days.iter().all(|(day, found, done)| day.is_some() && *found == 0 && *done), "{days:?}");
    let clean = shop.proves().await;
    assert!(clean.checked > 5 && clean.found == 0, "{clean:?}");
    let no = paid.payment_no;
    for (tamper, check) in [
        ("UPDATE ledger_account SET balance_minor = balance_minor + 1 WHERE account = 'order_held'".to_owned(), "balance"),
        (format!("UPDATE ledger_posting SET business_id = 'lost' WHERE business_id = '{no}'"), "charge"),
        (format!("UPDATE payment SET amount_minor = 5, charged_minor = 5 WHERE payment_no = '{no}'"), "order"),
    ] {
        shop.test.platform.db.writer().execute_unprepared(&tamper).await.expect("tampers");
        let run = shop.proves().await;
        assert!(run.findings.iter().any(|finding| finding.check == check), "{check}: {run:?}");
    }
    let run = shop.proves().await;
    assert!(run.findings.iter().any(|finding| finding.check == "clearing"), "{run:?}");
}

#[tokio::test]
async fn what_is_kept_is_what_the_entries_sum_to_while_everybody_books_and_somebody_seals() {
    let shop = std::sync::Arc::new(Shop::opens().await);
    let books: Vec<_> = (0..8_i64)
        .map(|n| {
            let op = shop.op();
            tokio::spawn(async move {
                for step in 0..12 {
                    let mut tx = op.begin().await.expect("begins");
                    let who = CustomerId(uuid::Uuid::from_u128(u128::from(n.unsigned_abs() % 3)));
                    let id = format!("{n}-{step}");
                    let posting = Posting::transfer("top_up", id, Account::Wallet(who), Account::clearing("sandbox"), cny(n + 1));
                    ledger::post(&mut tx, &op, posting).await.expect("books");
                    tx.commit().await.expect("commits");
                    ledger::seal(&op).await.expect("seals");
                }
            })
        })
        .collect();
    for one in books {
        one.await.expect("no panic");
    }
    let op = shop.op();
    let report = ledger::verify(&op, |_| {}).await.expect("walks");
    assert_eq!((report.breaks, report.sealed + report.unsealed), (vec![], 96));
    assert_eq!(shop.stands("gateway_clearing:sandbox").await, 12 * 36);
    assert_eq!(shop.stands("wallet").await, -12 * 36);
    ledger::seal(&op).await.expect("seals");
    let kept = ledger_account::Entity::find_by_id(("gateway_clearing:sandbox".to_owned(), "CNY".to_owned()));
    assert_eq!(kept.one(op.reader()).await.expect("reads").expect("is kept").balance_minor, 12 * 36);
    let filter =
        PostingFilter { account: Some(Account::Wallet(CustomerId(uuid::Uuid::from_u128(1))).to_string()), ..PostingFilter::default() };
    let page = ledger::postings(&op, (filter, PageRequest { first: 100, after: None })).await.expect("reads");
    assert_eq!(page.rows.len(), 36);
}

#[tokio::test]
async fn a_wallet_is_never_overdrawn_by_the_books_themselves() {
    let shop = Shop::opens().await;
    let op = shop.op();
    let who = Account::Wallet(CustomerId(uuid::Uuid::from_u128(7)));
    let mut tx = op.begin().await.expect("begins");
    let out = Posting::transfer("wallet_charge", "c1", Account::clearing("balance"), who.clone(), cny(5));
    assert_eq!(refusal(ledger::try_post(&mut tx, &op, out).await), "BALANCE_INSUFFICIENT");
    drop(tx);
    let sql = format!(
        "INSERT INTO ledger_account (account, unit, balance_minor, entries, least_minor, most_minor) VALUES ('{who}', 'CNY', 5, 1, NULL, 0)"
    );
    assert!(op.platform.db.writer().execute_unprepared(&sql).await.is_err(), "the table itself refuses");
}

#[tokio::test]
async fn a_statement_is_a_file_for_a_while() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let op = shop.op();
    for n in 0..520_i64 {
        let mut tx = op.begin().await.expect("begins");
        let posting = Posting::transfer("top_up", format!("=t{n}"), Account::Wallet(customer(&ann)), Account::clearing("sandbox"), cny(1));
        ledger::post(&mut tx, &op, posting).await.expect("books");
        tx.commit().await.expect("commits");
    }
    let wanted = |form| Wanted {
        customer: customer(&ann),
        subject: Subject::Wallet(Currency::Cny),
        form,
        from: op.now() - days(1),
        until: op.now() + days(1),
    };
    let token = |form| {
        let ticket = exports::begin(&ann, wanted(form)).expect("is written");
        ticket.url.rsplit('/').next().expect("a token").to_owned()
    };
    let file = exports::open(&op, &token(Form::Csv)).await.expect("opens");
    let text = String::from_utf8(file.body.try_collect::<Vec<_>>().await.expect("reads").concat()).expect("is text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 521);
    assert!(lines[1].starts_with("520,") && lines[1].ends_with(",top_up,'=t519,0.01,5.20,CNY"), "{}", lines[1]);
    assert!(lines[520].ends_with(",top_up,'=t0,0.01,0.01,CNY"), "{}", lines[520]);
    let file = exports::open(&op, &token(Form::Xlsx)).await.expect("opens");
    assert!(file.name.ends_with(".xlsx"));
    assert!(file.body.try_collect::<Vec<_>>().await.expect("reads").concat().starts_with(b"PK"));
    let late = token(Form::Csv);
    shop.test.clock.advance(hours(1));
    assert_eq!(refusal(exports::open(&op, &late).await.map(|file| file.name)), "EXPORT_EXPIRED");
    assert_eq!(refusal(exports::open(&op, "forged").await.map(|file| file.name)), "EXPORT_EXPIRED");
    let backwards = Wanted { until: op.now() - days(9), ..wanted(Form::Csv) };
    assert_eq!(refusal(exports::begin(&ann, backwards)), "EXPORT_PERIOD_INVALID");
}
