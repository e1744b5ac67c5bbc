//! Buying through each real provider's simulator, from GraphQL alone; and what storms, silence and lies do to it.

use std::time::Duration;

use kernel::minutes;
use reqwest::Method;
use sandbox::{ApiFault, Operation, Tamper};
use serde_json::{Value, json};
use testkit::{
    Backend, Client, TestApp, fresh_key,
    people::Customer,
    providers::{PAY_THROUGH, PAYER, PROVIDERS, Providers, SYNC, handed, known_at_once, pay_input, price},
};

const REFUND: &str = "mutation($input: OrderRefundInput!) { orderRefund(input: $input) { userErrors { code message } } }";

struct Mall {
    providers: Providers,
    app: TestApp,
}

/// A payment that waits for its shopper.
struct Begun {
    gateway: &'static str,
    order: String,
    id: String,
    no: String,
    handed: String,
}

impl Mall {
    async fn opens(backend: Backend) -> Self {
        let (providers, app) = Providers::with_a_mall(backend).await;
        Self { providers, app }
    }

    async fn orders(&self, ann: &Customer, gateway: &str) -> String {
        let tea = self.app.product("tea", price(gateway), 10).await;
        ann.buys(&tea, 1).await.order
    }

    async fn asks(&self, ann: &Customer, (gateway, product, order): (&str, Option<&str>, &str)) -> testkit::client::Answer {
        ann.shop(PAY_THROUGH, pay_input((gateway, product, order))).await
    }

    async fn begins(&self, ann: &Customer, (gateway, product): (&'static str, Option<&str>)) -> Begun {
        let order = self.orders(ann, gateway).await;
        let answer = self.asks(ann, (gateway, product, &order)).await;
        let payment = answer.ok("orderPay")["payment"].clone();
        Begun { gateway, order, id: text(&payment["id"]), no: text(&payment["paymentNo"]), handed: handed(&payment["action"]) }
    }

    fn pays(&self, begun: &Begun) {
        assert!(self.providers.shopper_pays((begun.gateway, &begun.handed)), "{}: {}", begun.gateway, begun.handed);
    }

    /// Looks until a report of this provider is put aside, and says about which charge it was; half a minute at most.
    async fn parks(&self, owner: &Client, gateway: &str) -> String {
        let parked = "{ parkedNotifications { edges { node { provider chargeNo why } } } }";
        let looking = async {
            let mut look = tokio::time::interval(Duration::from_millis(20));
            loop {
                look.tick().await;
                let parked = owner.admin(parked, json!({})).await.ok("parkedNotifications").clone();
                let mut edges = parked["edges"].as_array().into_iter().flatten();
                if let Some(mine) = edges.find(|edge| edge["node"]["provider"] == gateway) {
                    return text(&mine["node"]["chargeNo"]);
                }
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(30), looking).await;
        found.unwrap_or_else(|_| panic!("{gateway} parks nothing"))
    }

    async fn settle(&self) {
        self.providers.settle(&self.app).await;
    }

    async fn advance(&self, by: Duration) {
        self.app.advance(by).await;
        self.settle().await;
    }

    async fn status(&self, ann: &Customer, begun: &Begun) -> String {
        text(&ann.order(&begun.order).await["status"])
    }

    fn balance(&self, gateway: &str) -> i64 {
        self.providers.balance((gateway, price(gateway).currency)).minor
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

macro_rules! on_both_backends {
    ($($(#[$attribute:meta])* async fn $name:ident($mall:ident: Mall) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            async fn test($mall: Mall) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test(Mall::opens(Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                test(Mall::opens(Backend::Postgres).await).await;
            }
        }
    )*};
}

on_both_backends! {
    async fn a_tea_is_bought_in_every_way_and_staff_give_a_part_of_it_back(mall: Mall) {
        let (ann, owner) = (mall.app.customer("ann").await, mall.app.owner().await);
        let offered = "query($currency: Currency) { paymentMethods(currency: $currency) { gateway products available } }";
        let methods = ann.shop(offered, json!({ "currency": "USD" })).await.ok("paymentMethods").clone();
        let codes: Vec<_> = methods.as_array().into_iter().flatten().map(|method| text(&method["gateway"])).collect();
        assert!(codes.contains(&"paypal".to_owned()) && !codes.contains(&"wechat".to_owned()), "{codes:?}");
        let methods = ann.shop(offered, json!({})).await.ok("paymentMethods").clone();
        for method in methods.as_array().into_iter().flatten() {
            let Some(gateway) = PROVIDERS.into_iter().find(|code| method["gateway"] == *code) else { continue };
            assert_eq!(method["available"], true);
            for product in method["products"].as_array().into_iter().flatten() {
                let begun = mall.begins(&ann, (gateway, product.as_str())).await;
                mall.pays(&begun);
                mall.settle().await;
                assert_eq!(mall.status(&ann, &begun).await, "TO_SHIP", "{gateway} {product}");
                let before = mall.balance(gateway);
                let amount = json!({ "amount": 1_900, "currency": price(gateway).currency });
                let input = json!({ "orderId": begun.order, "amount": amount, "reason": "碎了一个", "idempotencyKey": fresh_key() });
                owner.admin(REFUND, json!({ "input": input })).await.ok("orderRefund");
                mall.settle().await;
                assert_eq!(before - mall.balance(gateway), 1_900, "{gateway} {product}");
                let order = ann.order(&begun.order).await;
                assert_eq!(order["refunds"][0]["status"], "SUCCEEDED", "{gateway} {product}: {order}");
            }
        }
        mall.app.the_books_are_right().await;
        let health = "{ systemHealth { gateways { code failures brokenUntil } } }";
        let health = owner.admin(health, json!({})).await.ok("systemHealth").clone();
        assert!(health["gateways"].as_array().is_some_and(|gateways| gateways.len() >= 5), "{health}");
    }

    async fn twenty_reports_at_once_are_one_payment(mall: Mall) {
        let ann = mall.app.customer("ann").await;
        for gateway in PROVIDERS {
            mall.providers.faults(gateway).duplicate_callbacks(20);
            let begun = mall.begins(&ann, (gateway, None)).await;
            mall.pays(&begun);
            mall.settle().await;
            if gateway == "paypal" {
                ann.shop(SYNC, json!({ "id": begun.id })).await.ok("paymentSync");
                mall.settle().await;
            }
            assert_eq!(mall.status(&ann, &begun).await, "TO_SHIP", "{gateway}");
            assert_eq!(mall.balance(gateway), 7_900, "{gateway}");
        }
        mall.app.the_books_are_right().await;
    }

    async fn forged_and_foreign_reports_change_nothing(mall: Mall) {
        let ann = mall.app.customer("ann").await;
        for gateway in PROVIDERS {
            let begun = mall.begins(&ann, (gateway, known_at_once(gateway))).await;
            for tamper in [Tamper::Signature, Tamper::UnknownKey, Tamper::HalfBody, Tamper::Merchant("1".into()), Tamper::Stale] {
                mall.providers.faults(gateway).tamper_next(tamper);
            }
            // Only the provider tells: nobody asks.
            assert!(mall.providers.pay_anyway((gateway, &begun.no)));
            mall.settle().await;
            assert_eq!(mall.status(&ann, &begun).await, "TO_SHIP", "{gateway}: the genuine one came after all");
            assert_eq!(mall.balance(gateway), 7_900, "{gateway}");
        }
        mall.app.the_books_are_right().await;
    }

    async fn a_wrong_amount_is_put_aside_for_a_person(mall: Mall) {
        let (ann, owner) = (mall.app.customer("ann").await, mall.app.owner().await);
        for gateway in PROVIDERS {
            let begun = mall.begins(&ann, (gateway, known_at_once(gateway))).await;
            mall.providers.faults(gateway).tamper_next(Tamper::Amount(1));
            // The tampered report names the event's own id; the genuine one behind it is the same event, put aside with it.
            assert!(mall.providers.pay_anyway((gateway, &begun.no)));
            assert_eq!(mall.parks(&owner, gateway).await, begun.no);
            // Asked, the provider says what was really paid.
            ann.shop(SYNC, json!({ "id": begun.id })).await.ok("paymentSync");
            mall.settle().await;
            assert_eq!(mall.status(&ann, &begun).await, "TO_SHIP", "{gateway}");
        }
        mall.app.the_books_are_right().await;
    }

    async fn money_for_a_cancelled_order_goes_back_by_itself(mall: Mall) {
        let ann = mall.app.customer("ann").await;
        for gateway in PROVIDERS {
            let begun = mall.begins(&ann, (gateway, known_at_once(gateway))).await;
            mall.providers.hold(gateway, true);
            let cancel = "mutation($id: ID!) { orderCancel(id: $id) { order { status } userErrors { code } } }";
            ann.shop(cancel, json!({ "id": begun.order })).await.ok("orderCancel");
            mall.app.settle().await;
            assert!(mall.providers.pay_anyway((gateway, &begun.no)), "providers do take money late");
            mall.providers.hold(gateway, false);
            mall.settle().await;
            assert_eq!(mall.balance(gateway), 0, "{gateway}: it went back");
            assert_eq!(mall.providers.refunds(gateway).len(), 1, "{gateway}: once");
            assert!(["CANCELLED", "REFUNDED"].contains(&mall.status(&ann, &begun).await.as_str()), "{gateway}");
        }
        mall.app.the_books_are_right().await;
    }

    async fn a_lost_answer_costs_nobody_anything(mall: Mall) {
        for gateway in PROVIDERS {
            // Half an hour passes for each: who stays signed in that long is asked again.
            let (ann, owner) = (mall.app.customer("ann").await, mall.app.owner().await);
            mall.providers.faults(gateway).next(Operation::CreateCharge, ApiFault::DropAnswer);
            let begun = mall.begins(&ann, (gateway, known_at_once(gateway))).await;
            mall.pays(&begun);
            mall.settle().await;
            assert_eq!(mall.status(&ann, &begun).await, "TO_SHIP", "{gateway}");
            mall.providers.faults(gateway).next(Operation::CreateRefund, ApiFault::HalfBody);
            let input = json!({ "orderId": begun.order, "reason": "goodwill", "idempotencyKey": fresh_key() });
            owner.admin(REFUND, json!({ "input": input })).await.ok("orderRefund");
            mall.settle().await;
            for _ in 0..3 {
                mall.advance(minutes(10)).await;
            }
            let ann = mall.app.customer("ann").await;
            assert_eq!(mall.status(&ann, &begun).await, "REFUNDED", "{gateway}");
            assert_eq!((mall.balance(gateway), mall.providers.refunds(gateway).len()), (0, 1), "{gateway}: once");
        }
        mall.app.the_books_are_right().await;
    }

    async fn wechat_is_told_that_the_goods_left(mall: Mall) {
        let (ann, owner) = (mall.app.customer("ann").await, mall.app.owner().await);
        let begun = mall.begins(&ann, ("wechat", Some("JSAPI"))).await;
        mall.pays(&begun);
        mall.settle().await;
        let ship = "mutation($input: OrderShipInput!) { orderShip(input: $input) { order { status } userErrors { code message } } }";
        let parcel = json!({ "id": begun.order, "carrier": "SF", "trackingNo": "SF10086", "idempotencyKey": fresh_key() });
        owner.admin(ship, json!({ "input": parcel })).await.ok("orderShip");
        mall.settle().await;
        let told = mall.providers.wechat.shipments();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((&told[0]["shipping_list"][0]["tracking_no"], &told[0]["payer"]["openid"]), (&json!("SF10086"), &json!(PAYER)));
    }

    async fn a_wallet_is_paid_out_to_its_owner_in_wechat(mall: Mall) {
        let (ann, owner) = (mall.app.customer("ann").await, mall.app.owner().await);
        let ask = "mutation($input: WalletWithdrawalInput!) { walletWithdrawalRequest(input: $input) { withdrawal { id state } userErrors { code message } } }";
        let wish = |yuan: i64| json!({ "input": {
            "amount": { "amount": yuan * 100, "currency": "CNY" }, "gateway": "wechat", "realName": "王小明", "idempotencyKey": fresh_key(),
        } });
        assert_eq!(ann.shop(ask, wish(50)).await.refused("walletWithdrawalRequest"), "WALLET_PAYEE_UNKNOWN");
        mall.providers.knows(&mall.app, &ann).await;
        assert_eq!(ann.shop(ask, wish(50)).await.refused("walletWithdrawalRequest"), "WALLET_INSUFFICIENT");
        let given = json!({ "customerId": ann.id, "amount": { "amount": 100_000, "currency": "CNY" }, "reason": "welcome", "idempotencyKey": fresh_key() });
        let give = "mutation($input: WalletAdjustInput!) { walletAdjust(input: $input) { userErrors { code message } } }";
        owner.admin(give, json!({ "input": given })).await.ok("walletAdjust");
        // A large one is looked at first.
        let large = ann.shop(ask, wish(300)).await.ok("walletWithdrawalRequest")["withdrawal"].clone();
        assert_eq!(large["state"], "IN_REVIEW");
        let approve = "mutation($id: ID!) { walletWithdrawalApprove(id: $id) { withdrawal { state } userErrors { code message } } }";
        owner.admin(approve, json!({ "id": large["id"] })).await.ok("walletWithdrawalApprove");
        ann.shop(ask, wish(50)).await.ok("walletWithdrawalRequest");
        mall.settle().await;
        let mine = "{ walletWithdrawals { edges { node { withdrawalNo state package amount { amount } } } } }";
        let all = ann.shop(mine, json!({})).await.ok("walletWithdrawals")["edges"].as_array().cloned().unwrap_or_default();
        assert_eq!(all.len(), 2);
        for edge in &all {
            assert_eq!(edge["node"]["state"], "AWAITING_PAYEE", "{edge}");
            assert!(edge["node"]["package"].is_string(), "{edge}");
            let (headers, body) = mall.providers.wechat.confirm_transfer(&text(&edge["node"]["withdrawalNo"])).expect("it waits");
            let headers: Vec<_> = headers.iter().map(|(name, value)| (name.parse().expect("a header"), value.as_str())).collect();
            let heard = mall.app.stranger().send(Method::POST, "/pay/notify/wechat", &headers, body).await;
            assert!(heard.status.is_success(), "{}", heard.shown());
        }
        mall.settle().await;
        let all = ann.shop(mine, json!({})).await.ok("walletWithdrawals")["edges"].clone();
        assert_eq!((&all[0]["node"]["state"], &all[1]["node"]["state"]), (&json!("PAID"), &json!("PAID")));
        let left = ann.shop("{ walletBalances { amount } }", json!({})).await.ok("walletBalances")[0]["amount"].clone();
        assert_eq!((left, mall.providers.wechat.transfers().len()), (json!(65_000), 2));
        let prove = "mutation { ledgerReconcile { reconciliation { found findings { check subject detail } } userErrors { code } } }";
        let run = owner.admin(prove, json!({})).await.ok("ledgerReconcile")["reconciliation"].clone();
        assert_eq!(run["found"], 0, "{run}");
        mall.app.the_books_are_right().await;
    }

    async fn reports_that_come_again_backwards_change_nothing(mall: Mall) {
        let (ann, owner) = (mall.app.customer("ann").await, mall.app.owner().await);
        for gateway in PROVIDERS {
            let begun = mall.begins(&ann, (gateway, None)).await;
            mall.pays(&begun);
            mall.settle().await;
            let input = json!({ "orderId": begun.order, "reason": "goodwill", "idempotencyKey": fresh_key() });
            owner.admin(REFUND, json!({ "input": input })).await.ok("orderRefund");
            mall.settle().await;
            mall.providers.repeat_backwards(gateway);
            mall.settle().await;
            assert_eq!((mall.status(&ann, &begun).await.as_str(), mall.balance(gateway)), ("REFUNDED", 0), "{gateway}");
        }
        mall.app.the_books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_down_is_left_alone_and_seen_to_be() {
    let mall = Mall::opens(Backend::Sqlite).await;
    let (ann, owner) = (mall.app.customer("ann").await, mall.app.owner().await);
    let order = mall.orders(&ann, "stripe").await;
    for _ in 0..8 {
        mall.providers.faults("stripe").next(Operation::CreateCharge, ApiFault::ServerError);
    }
    for _ in 0..3 {
        let answer = mall.asks(&ann, ("stripe", None, &order)).await;
        assert_eq!(answer.refused("orderPay"), "PAYMENT_GATEWAY_UNAVAILABLE");
    }
    let health = owner.admin("{ systemHealth { gateways { code failures brokenUntil } } }", json!({})).await.ok("systemHealth").clone();
    let stripe = health["gateways"].as_array().into_iter().flatten().find(|gateway| gateway["code"] == "stripe").cloned();
    assert!(stripe.is_some_and(|stripe| stripe["brokenUntil"].is_string()), "{health}");
    mall.providers.faults("stripe").clear();
    mall.advance(minutes(1)).await;
    let ann = mall.app.customer("ann").await;
    mall.asks(&ann, ("stripe", None, &order)).await.ok("orderPay");
    mall.settle().await;
}
