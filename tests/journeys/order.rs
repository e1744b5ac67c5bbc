//! Buying without a team: quote, order, payment, parcel, and every way it can end early.

use kernel::{minutes, seconds};
use sandbox::{ApiFault, Operation};
use serde_json::json;
use testkit::{Api, both_backends, cents, fresh_key, yuan};

both_backends! {
    async fn a_tea_is_bought_paid_sent_and_received(app: TestApp) {
        let (ann, owner) = (app.customer("ann").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        let order = ann.buys(&tea, 2).await;
        assert_eq!((order.total, order.status().await.as_str(), app.available(tea.sku).await), (yuan(158), "PENDING_PAYMENT", 8));
        let order = order.paid().await;
        app.settle().await;
        assert_eq!((order.status().await.as_str(), app.money_at_the_bank()), ("TO_SHIP", yuan(158)));
        let ship = "mutation($input: OrderShipInput!) { orderShip(input: $input) { order { status } userErrors { code message } } }";
        let parcel = json!({ "id": order.order, "carrier": "SF", "trackingNo": "SF10086", "idempotencyKey": fresh_key() });
        assert_eq!(owner.admin(ship, json!({ "input": parcel })).await.ok("orderShip")["order"]["status"], "SHIPPED");
        let receive = "mutation($id: ID!) { orderReceive(id: $id) { order { status } userErrors { code message } } }";
        assert_eq!(ann.shop(receive, json!({ "id": order.order })).await.ok("orderReceive")["order"]["status"], "RECEIVED");
        app.settle().await;
        app.the_books_are_right().await;
        assert_eq!(app.available(tea.sku).await, 8);
    }

    async fn an_order_nobody_pays_gives_the_stock_back(app: TestApp) {
        let (ann, tea) = (app.customer("ann").await, app.product("tea", yuan(79), 3).await);
        let (cancelled, forgotten) = (ann.buys(&tea, 1).await, ann.buys(&tea, 2).await);
        assert_eq!(app.available(tea.sku).await, 0);
        cancelled.cancelled().await.ok("orderCancel");
        app.settle().await;
        assert_eq!((cancelled.status().await.as_str(), app.available(tea.sku).await), ("CANCELLED", 1));
        app.advance(minutes(31)).await;
        let ann = app.customer("ann").await;
        assert_eq!((ann.order(&forgotten.order).await["status"].as_str(), app.available(tea.sku).await), (Some("CANCELLED"), 3));
    }

    async fn money_that_comes_for_a_cancelled_order_goes_back_by_itself(app: TestApp) {
        let (ann, tea) = (app.customer("ann").await, app.product("tea", yuan(79), 1).await);
        app.bank.hold_callbacks();
        let order = ann.buys(&tea, 1).await.paid().await;
        app.advance(minutes(31)).await;
        app.bank.release_callbacks();
        app.settle().await;
        app.advance(minutes(1)).await;
        let ann = app.customer("ann").await;
        let status = ann.order(&order.order).await["status"].clone();
        // Whoever asked the bank before cancelling may have found the money in time; it is never kept for nothing.
        match status.as_str() {
            Some("TO_SHIP") => assert_eq!(app.money_at_the_bank(), yuan(79)),
            Some("CANCELLED" | "REFUNDED") => assert_eq!(app.money_at_the_bank(), cents(0)),
            other => panic!("{other:?}"),
        }
        app.the_books_are_right().await;
    }

    async fn one_key_is_one_order_however_often_it_is_sent(app: TestApp) {
        let (ann, tea) = (app.customer("ann").await, app.product("tea", yuan(79), 10).await);
        let quote = ann.quote(&tea, 1).await;
        let answers = futures_util::future::join_all((0..8).map(|_| ann.places(&quote, "the-same-key"))).await;
        let orders: std::collections::BTreeSet<String> =
            answers.iter().map(|answer| answer.ok("orderPlace")["order"]["id"].to_string()).collect();
        assert_eq!((orders.len(), app.available(tea.sku).await), (1, 9));
        let other = ann.quote(&tea, 3).await;
        assert_eq!(ann.places(&other, "the-same-key").await.refused("orderPlace"), "IDEMPOTENCY_KEY_REUSED");
        app.settle().await;
    }

    async fn what_the_shopper_was_shown_is_what_they_pay_or_nothing_is_ordered(app: TestApp) {
        let (ann, bob) = (app.customer("ann").await, app.customer("bob").await);
        let tea = app.product("tea", yuan(79), 2).await;
        let quote = ann.quote(&tea, 1).await;
        let cheaper = testkit::shopping::Quote { total: cents(1), ..quote.clone() };
        assert_eq!(ann.places(&cheaper, &fresh_key()).await.refused("orderPlace"), "ORDER_PRICE_CHANGED");
        let foreign = bob.places(&quote, &fresh_key()).await;
        assert!(["NOT_FOUND", "QUOTE_NOT_FOUND"].contains(&foreign.refused("orderPlace")), "{}", foreign.shown());
        let too_many = bob.asks_the_price(&[(tea.sku, 3)], json!(null)).await;
        if too_many.body["data"]["quoteCreate"]["userErrors"][0].is_null() {
            let quote = bob.quote(&tea, 3).await;
            assert_eq!(bob.places(&quote, &fresh_key()).await.refused("orderPlace"), "INVENTORY_INSUFFICIENT_STOCK");
        }
        for quantity in [0, -1, 1_000, i64::from(i32::MAX)] {
            let refused = bob.asks_the_price(&[(tea.sku, quantity)], json!(null)).await;
            assert_eq!(refused.refused("quoteCreate"), "QUANTITY_INVALID", "{quantity}");
        }
        app.advance(minutes(16)).await;
        let ann = app.customer("ann").await;
        assert!(ann.places(&quote, &fresh_key()).await.refused("orderPlace").contains("EXPIRED"));
        assert_eq!(app.available(tea.sku).await, 2);
    }

    async fn a_lost_answer_and_a_lost_report_cost_nobody_anything(app: TestApp) {
        let (ann, owner) = (app.customer("ann").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        let order = ann.buys(&tea, 1).await;
        app.bank.faults().next(Operation::CreateCharge, ApiFault::DropAnswer);
        let lost = order.tries_to_pay(&fresh_key()).await;
        if !lost.body["data"]["orderPay"]["userErrors"][0].is_null() {
            assert_eq!(lost.refused("orderPay"), "PAYMENT_GATEWAY_UNAVAILABLE");
        }
        app.bank.faults().duplicate_callbacks(3);
        let order = order.paid().await;
        app.settle().await;
        assert_eq!((order.status().await.as_str(), app.money_at_the_bank()), ("TO_SHIP", yuan(79)));
        app.bank.faults().next(Operation::CreateRefund, ApiFault::DropAnswer);
        let refund = "mutation($input: OrderRefundInput!) { orderRefund(input: $input) { userErrors { code message } } }";
        let input = json!({ "orderId": order.order, "reason": "goodwill", "idempotencyKey": fresh_key() });
        owner.admin(refund, json!({ "input": input })).await.ok("orderRefund");
        app.settle().await;
        for _ in 0..8 {
            app.advance(minutes(10)).await;
        }
        let ann = app.customer("ann").await;
        assert_eq!((ann.order(&order.order).await["status"].as_str(), app.money_at_the_bank()), (Some("REFUNDED"), cents(0)));
        assert_eq!(app.bank.refunds().len(), 1, "one refund, however often it was asked for");
        app.the_books_are_right().await;
    }

    async fn a_shopper_watches_their_order_change(app: TestApp) {
        let (ann, bob, tea) = (app.customer("ann").await, app.customer("bob").await, app.product("tea", yuan(79), 10).await);
        let order = ann.buys(&tea, 1).await;
        let watch = "subscription($id: ID!) { orderUpdated(id: $id) { order { status } } }";
        assert_eq!(bob.watch(Api::Shop, watch, json!({ "id": order.order })).await.refused().await, "NOT_FOUND");
        let mut watching = ann.watch(Api::Shop, watch, json!({ "id": order.order })).await;
        assert_eq!(watching.next().await["orderUpdated"]["order"]["status"], "PENDING_PAYMENT");
        order.paid().await;
        app.settle().await;
        watching.until(|data| data["orderUpdated"]["order"]["status"] == "TO_SHIP").await;
        app.advance(seconds(1)).await;
    }
}
