//! A deposit now, the balance later, the goods when they are there.

use kernel::{days, minutes};
use serde_json::{Value, json};
use testkit::{Answer, Api, Customer, Goods, Purchase, TestApp, both_backends, cents, fresh_key, yuan};

use super::plays::{bought, ids, staff};

const PROGRESS: &str =
    "subscription($id: ID!) { presaleProgress(id: $id) { gap serverTime nextAt presale { state reserved paid skus { left } } } }";
const MINE: &str = "{ presaleMyReservations { edges { node { id state balanceOrderId refundReason deposit { amount } presale { id } reminders { kind } } } } }";
const BALANCES: &str = "subscription { presaleMyBalances { serverTime reservations { id balanceUntil reminders { kind } } } }";

/// A presale of a tea of 79.00 for 70.00: 10.00 down, worth 15.00; for five days, the balance in the three after.
async fn put_up(app: &TestApp, (goods, forfeits): (&Goods, bool)) -> String {
    let owner = app.owner().await;
    let money = |minor: i64| json!({ "amount": minor, "currency": "CNY" });
    let at = |n: u64| (app.now() + days(n)).to_rfc3339();
    let input = json!({
        "title": { "zhCn": "明前茶预售", "en": "Spring tea" }, "productId": goods.product, "mode": "DEPOSIT", "forfeits": forfeits,
        "endsAt": at(5), "balanceUntil": at(8), "shipBy": at(30),
        "skus": [{ "skuId": goods.sku, "price": money(7_000), "deposit": money(1_000), "depositWorth": money(1_500), "stock": 3 }],
    });
    let create = "mutation($input: PresaleInput!) { presaleCreate(input: $input) { presale { id } userErrors { code message } } }";
    let id = ids(&owner.admin(create, json!({ "input": input })).await.ok("presaleCreate")["presale"]["id"]);
    staff(&owner, "presalePublish", &id).await;
    id
}

async fn price(who: &Customer, goods: &Goods, (play, delivery): (&str, &str)) -> Answer {
    let document = "mutation($input: QuoteCreateInput!) { quoteCreate(input: $input) { quote { id total { amount currency } } userErrors { code message } } }";
    let lines = json!([{ "skuId": goods.sku, "quantity": 1 }]);
    who.shop(document, json!({ "input": { "lines": lines, "play": { "kind": "presale", "id": play }, "delivery": delivery } })).await
}

async fn pays_down(who: &Customer, goods: &Goods, presale: &str) -> Purchase {
    let quote = price(who, goods, (presale, "VIRTUAL")).await;
    let reserve = "mutation($input: PresaleReserveInput!) { presaleReserve(input: $input) { reservation { id } order { id total { amount } } userErrors { code message } } }";
    bought(who, (reserve, "presaleReserve"), (&quote, json!({ "presaleId": presale }))).await.paid().await
}

async fn pays_the_rest(who: &Customer, goods: &Goods) -> Purchase {
    let reservation = ids(&mine(who).await["id"]);
    let quote = price(who, goods, (&reservation, "SHIP")).await;
    let pay = "mutation($input: PresaleBalanceInput!) { presalePayBalance(input: $input) { reservation { state } order { id total { amount } } userErrors { code message } } }";
    bought(who, (pay, "presalePayBalance"), (&quote, json!({ "reservationId": reservation }))).await.paid().await
}

/// What there is to pay.
fn due(data: &Value) -> &Value {
    &data["presaleMyBalances"]["reservations"]
}

async fn mine(who: &Customer) -> Value {
    who.shop(MINE, json!({})).await.ok("presaleMyReservations")["edges"][0]["node"].clone()
}

both_backends! {
    async fn who_pays_down_gets_the_goods_for_the_balance(app: TestApp) {
        let ann = app.customer("ann").await;
        let tea = app.product("tea", yuan(79), 10).await;
        let id = put_up(&app, (&tea, true)).await;
        let mut watching = app.stranger().watch(Api::Shop, PROGRESS, json!({ "id": id })).await;
        assert_eq!(watching.next().await["presaleProgress"]["presale"]["reserved"], 0);
        let down = pays_down(&ann, &tea, &id).await;
        app.settle().await;
        watching.until(|data| data["presaleProgress"]["presale"]["reserved"] == 1).await;
        assert_eq!((down.total, mine(&ann).await["state"].clone()), (yuan(10), json!("DEPOSIT_PAID")));
        assert_eq!(price(&ann, &tea, (&ids(&mine(&ann).await["id"]), "SHIP")).await.refused("quoteCreate"), "PRESALE_BALANCE_NOT_YET");

        // Signed in anew: the token of five days ago is none.
        app.advance(days(5) - minutes(1)).await;
        let ann = app.customer("ann").await;
        let mut bill = ann.watch(Api::Shop, BALANCES, json!({})).await;
        assert_eq!(due(&bill.next().await), &json!([]));
        app.advance(minutes(1)).await;
        watching.until(|data| data["presaleProgress"]["presale"]["state"] == "ENDED").await;
        let reminded = bill.until(|data| due(data).as_array().is_some_and(|due| due.len() == 1)).await;
        assert_eq!(due(&reminded)[0]["reminders"], json!([{ "kind": "OPENED" }]), "whoever looks is reminded at once");
        let ann = app.customer("ann").await;
        let mut bill = ann.watch(Api::Shop, BALANCES, json!({})).await;
        let reservation = mine(&ann).await;
        assert_eq!((&due(&bill.next().await)[0]["id"], &reservation["state"]), (&reservation["id"], &json!("BALANCE_DUE")), "and later");
        let rest = pays_the_rest(&ann, &tea).await;
        assert_eq!(rest.total, yuan(55));
        app.settle().await;
        watching.until(|data| data["presaleProgress"]["presale"]["paid"] == 1).await;
        bill.until(|data| due(data) == &json!([])).await;
        assert_eq!((rest.status().await, mine(&ann).await["state"].clone()), ("TO_SHIP".to_owned(), json!("PAID")));
        assert_eq!((app.money_at_the_bank(), app.available(tea.sku).await), (yuan(65), 9));
        app.the_books_are_right().await;
    }

    async fn a_balance_that_does_not_come_costs_the_deposit_or_not_as_was_promised(app: TestApp) {
        for (forfeits, state, left) in [(true, "FORFEITED", yuan(10)), (false, "REFUNDED", cents(0))] {
            let ann = app.customer("ann").await;
            let tea = app.product("tea", yuan(79), 10).await;
            let before = app.money_at_the_bank();
            let id = put_up(&app, (&tea, forfeits)).await;
            pays_down(&ann, &tea, &id).await;
            app.settle().await;
            for step in [5, 2, 2] {
                app.advance(days(step)).await;
            }
            app.settle().await;
            let ann = app.customer("ann").await;
            assert_eq!((mine(&ann).await["state"].clone(), app.available(tea.sku).await), (json!(state), 10));
            assert_eq!(app.money_at_the_bank().minor - before.minor, left.minor);
            assert_eq!(mine(&ann).await["reminders"], json!([{ "kind": "OPENED" }, { "kind": "CLOSING" }]));
        }
        app.the_books_are_right().await;
    }

    async fn a_part_of_the_balance_takes_its_share_of_the_deposit_back_with_it(app: TestApp) {
        let tea = app.product("tea", yuan(79), 10).await;
        let id = put_up(&app, (&tea, true)).await;
        pays_down(&app.customer("ann").await, &tea, &id).await;
        app.settle().await;
        app.advance(days(5)).await;
        let ann = app.customer("ann").await;
        let rest = pays_the_rest(&ann, &tea).await;
        app.settle().await;
        let owner = app.owner().await;
        let back = "mutation($input: OrderRefundInput!) { orderRefund(input: $input) { userErrors { code message } } }";
        let input = |amount: Value| json!({ "orderId": rest.order, "reason": "damaged", "amount": amount, "idempotencyKey": fresh_key() });
        owner.admin(back, json!({ "input": input(json!({ "amount": 2_000, "currency": "CNY" })) })).await.ok("orderRefund");
        app.settle().await;
        app.advance(minutes(1)).await;
        assert_eq!(app.money_at_the_bank(), cents(6_500 - 2_000 - 363), "10.00 of deposit × 20.00 ÷ 55.00");
        owner.admin(back, json!({ "input": input(Value::Null) })).await.ok("orderRefund");
        app.settle().await;
        app.advance(minutes(1)).await;
        assert_eq!((app.money_at_the_bank(), mine(&ann).await["state"].clone()), (cents(0), json!("REFUNDED")));
        app.the_books_are_right().await;
    }

    async fn a_deposit_above_the_law_is_refused(app: TestApp) {
        let tea = app.product("tea", yuan(79), 10).await;
        let owner = app.owner().await;
        let money = |minor: i64| json!({ "amount": minor, "currency": "CNY" });
        let at = |n: u64| (app.now() + days(n)).to_rfc3339();
        let input = json!({
            "title": { "zhCn": "预售" }, "productId": tea.product, "mode": "DEPOSIT", "forfeits": true,
            "endsAt": at(5), "balanceUntil": at(8), "shipBy": at(30),
            "skus": [{ "skuId": tea.sku, "price": money(7_000), "deposit": money(1_401), "stock": 3 }],
        });
        let create = "mutation($input: PresaleInput!) { presaleCreate(input: $input) { presale { id } userErrors { code message } } }";
        assert_eq!(owner.admin(create, json!({ "input": input })).await.refused("presaleCreate"), "PRESALE_DEPOSIT_TOO_HIGH");
        app.settle().await;
    }
}
