//! Providers' bills against our books.

use entity::trade::bill_difference::{DifferenceState, Problem};
use kernel::{PageRequest, Timestamp, days, hours};

use super::shop::{PRICE, Shop, at, cny, refusal};
use crate::{
    payment::service as payments,
    reconciliation::service::{self as bills, BeginUpload, Bill, Difference, DifferenceFilter, NewBill},
    refund::service::{self as refunds, StaffRefund},
    wallet::top_up::{self, NewTopUp},
};

const HEADER: &str = "happened_at,kind,merchant_no,provider_no,amount_minor,currency,status\n";

/// The test's payments are paid at the bank's first millisecond.
const FROM: Timestamp = Timestamp(0);

impl Shop {
    fn line(&self, kind: &str, number: &str, minor: i64) -> String {
        format!("1970-01-01T00:00:00Z,{kind},{number},bank-{number},{minor},CNY,SUCCEEDED\n")
    }

    async fn imports(&self, text: &str) -> Bill {
        let new = NewBill { gateway: "sandbox".into(), file_name: "bill.csv".into(), from: FROM, until: FROM + days(1), by: "test".into() };
        bills::import(&self.staff(), new, text.as_bytes()).await.expect("is compared")
    }

    async fn found(&self, filter: DifferenceFilter) -> Vec<Difference> {
        let page = PageRequest { first: 100, after: None };
        let page = bills::differences(&self.staff(), (filter, page)).await.expect("reads");
        let mut found: Vec<Difference> = page.rows.into_iter().map(|(_, found)| found).collect();
        found.sort_by(|a, b| a.number.cmp(&b.number));
        found
    }
}

#[tokio::test]
async fn a_bill_that_agrees_and_one_that_does_not() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let (first, second, third) = (shop.orders(&ann, 1).await, shop.orders(&shop.by(2), 2).await, shop.orders(&ann, 1).await);
    let (bob, first) = (shop.by(2), shop.pays(&ann, first.id).await);
    let second = shop.pays(&bob, second.id).await;
    let unpaid = payments::pay(&ann, at("sandbox", third.id), "not-paid-yet").await.expect("begins");
    let wanted = NewTopUp { amount: cny(500), gateway: "sandbox".into(), product: None, payer: None };
    let top_up = top_up::begin(&ann, wanted, "top-up-01").await.expect("begins");
    shop.bank.takes(&top_up.top_up_no);
    shop.hears(&shop.bank.report(&top_up.top_up_no)).await.expect("is believed");
    let back = StaffRefund { order: second.order, amount: Some(cny(700)), lines: None, reason: "late".into() };
    let back = refunds::by_staff(&shop.staff(), back, "refund-01").await.expect("goes back");
    shop.settle().await;

    let right = [
        HEADER.to_owned(),
        shop.line("CHARGE", &first.payment_no, PRICE),
        shop.line("CHARGE", &second.payment_no, 2 * PRICE),
        shop.line("CHARGE", &top_up.top_up_no, 500),
        shop.line("REFUND", &back.refund_no, 700),
    ];
    let bill = shop.imports(&right.concat()).await;
    assert_eq!((bill.lines, bill.matched, bill.differences, bill.open), (4, 4, 0, 0));
    assert_eq!(shop.imports(&right.concat()).await.id, bill.id, "a file counts once");

    let wrong = [
        HEADER.to_owned(),
        shop.line("CHARGE", &first.payment_no, PRICE + 1),
        shop.line("CHARGE", &unpaid.payment_no, PRICE),
        shop.line("CHARGE", "nobody-1", 9),
        shop.line("REFUND", &back.refund_no, 700),
        shop.line("REFUND", &back.refund_no, 700),
    ];
    let bill = shop.imports(&wrong.concat()).await;
    // What the first bill lists is not missing there.
    assert_eq!((bill.lines, bill.matched, bill.differences, bill.open), (5, 1, 4, 4));
    let found = shop.found(DifferenceFilter { bill: Some(bill.id), ..DifferenceFilter::default() }).await;
    let kinds: Vec<_> = found.iter().map(|found| (found.problem, found.number.clone())).collect();
    let mut expected = vec![
        (Problem::Amount, first.payment_no.clone()),
        (Problem::State, unpaid.payment_no.clone()),
        (Problem::MissingHere, "nobody-1".to_owned()),
        (Problem::Twice, back.refund_no.clone()),
    ];
    expected.sort_by(|a, b| a.1.cmp(&b.1));
    assert_eq!(kinds, expected);
    let amount = found.iter().find(|found| found.problem == Problem::Amount).expect("is there");
    assert_eq!((amount.ours, amount.theirs), (Some(cny(PRICE)), Some(cny(PRICE + 1))));

    let note = "the bank rounded";
    let settled = bills::resolve(&shop.staff(), amount.id, note).await.expect("is settled");
    assert_eq!((settled.state, settled.note.as_deref()), (DifferenceState::Resolved, Some(note)));
    bills::resolve(&shop.staff(), amount.id, note).await.expect("the same again");
    assert_eq!(refusal(bills::resolve(&shop.staff(), amount.id, "no, it was me").await), "DIFFERENCE_SETTLED");
    assert_eq!(refusal(bills::resolve(&shop.staff(), amount.id, " ").await), "DIFFERENCE_NOTE_INVALID");
    assert_eq!(bills::get(&shop.staff(), bill.id).await.expect("reads").expect("is there").open, 3);
    assert_eq!(shop.found(DifferenceFilter { state: Some(DifferenceState::Open), ..DifferenceFilter::default() }).await.len(), 3);
    shop.adds_up().await;
}

#[tokio::test]
async fn what_is_missing_today_and_listed_tomorrow_settles_itself() {
    let shop = Shop::opens().await;
    let ann = shop.by(1);
    let order = shop.orders(&ann, 1).await;
    let paid = shop.pays(&ann, order.id).await;
    let short = shop.imports(HEADER).await;
    assert_eq!((short.lines, short.differences, short.open), (0, 1, 1));
    let next = shop.imports(&[HEADER.to_owned(), shop.line("CHARGE", &paid.payment_no, PRICE)].concat()).await;
    assert_eq!((next.matched, next.open), (1, 0));
    let missing = shop.found(DifferenceFilter::default()).await;
    assert_eq!((missing.len(), missing[0].problem, missing[0].state), (1, Problem::MissingThere, DifferenceState::Resolved));
    assert_eq!(bills::get(&shop.staff(), short.id).await.expect("reads").expect("is there").open, 0);
}

#[tokio::test]
async fn a_bill_is_sent_by_whoever_announced_it_and_only_then() {
    let shop = Shop::opens().await;
    let begin = |gateway: &str, bytes| BeginUpload {
        gateway: gateway.into(),
        file_name: "bill.csv".into(),
        bytes,
        from: FROM,
        until: FROM + days(1),
    };
    let staff = shop.staff();
    assert_eq!(refusal(bills::begin(&staff, begin("klarna", 5))), "BILL_GATEWAY_UNKNOWN");
    assert_eq!(refusal(bills::begin(&staff, begin("wechat", 0))), "BILL_SIZE_INVALID");
    assert_eq!(refusal(bills::begin(&staff, BeginUpload { until: FROM, ..begin("wechat", 5) })), "BILL_PERIOD_INVALID");
    assert_eq!(refusal(bills::begin(&staff, BeginUpload { file_name: " ".into(), ..begin("wechat", 5) })), "BILL_FILE_NAME_INVALID");
    let ticket = bills::begin(&staff, begin("sandbox", HEADER.len() as i64)).expect("is announced");
    let token = ticket.upload_url.rsplit('/').next().expect("a token").to_owned();
    let nobody = shop.op();
    assert_eq!(refusal(bills::upload(&nobody, "forged", HEADER.as_bytes()).await), "BILL_UPLOAD_EXPIRED");
    assert_eq!(refusal(bills::upload(&nobody, &token, b"short").await), "BILL_SIZE_INVALID");
    let taken = bills::upload(&nobody, &token, HEADER.as_bytes()).await.expect("is taken");
    assert_eq!((taken.imported_by, taken.lines), (staff.actor.to_string(), 0));
    shop.test.clock.advance(hours(1));
    assert_eq!(refusal(bills::upload(&nobody, &token, HEADER.as_bytes()).await), "BILL_UPLOAD_EXPIRED");
    let new = |text: &'static str| {
        let new =
            NewBill { gateway: "sandbox".into(), file_name: "b".into(), from: FROM + days(9), until: FROM + days(10), by: "t".into() };
        (new, text.as_bytes())
    };
    let (other, text) =
        new("happened_at,kind,merchant_no,provider_no,amount_minor,currency,status\n1970-01-01T00:00:00Z,CHARGE,a,b,1,CNY,SUCCEEDED\n");
    assert_eq!(refusal(bills::import(&staff, other, text).await), "BILL_PERIOD_INVALID");
    let (other, text) = new("what is this");
    assert_eq!(refusal(bills::import(&staff, other, text).await), "BILL_LAYOUT_UNKNOWN");
    assert_eq!(refusal(bills::fetch(&staff, "sandbox", "2026-11-11").await), "BILL_NOT_AVAILABLE");
    assert_eq!(refusal(bills::fetch(&staff, "sandbox", "yesterday").await), "BILL_PERIOD_INVALID");
}
