//! Everybody at once: the races of group buying, with exact winners.

use futures_util::future::join_all;
use kernel::{hours, minutes, seconds};
use sandbox::{ApiFault, Operation};
use serde_json::json;
use testkit::{Customer, Deal, TestApp, WhenFull, both_backends, cents, fresh_key, yuan};

/// So many customers.
async fn crowd(app: &TestApp, name: &str, n: usize) -> Vec<Customer> {
    let mut people = Vec::with_capacity(n);
    for i in 0..n {
        people.push(app.customer(&format!("{name}{i}")).await);
    }
    people
}

both_backends! {
    // 1: N buyers for the last seat at once.
    async fn the_last_seat_is_sold_once(app: TestApp) {
        let (ann, crowd) = (app.customer("ann").await, crowd(&app, "buyer", 12).await);
        let tea = app.product("tea", yuan(79), 100).await;
        let deal = app.group_buy(&tea, Deal::of(2, yuan(59))).await;
        let lead = ann.opens_team(&deal).await.paid().await;
        app.settle().await;
        let mut quotes = Vec::new();
        for buyer in &crowd {
            quotes.push(buyer.team_quote(&deal, Some(lead.team())).await);
        }
        let joins = crowd.iter().zip(&quotes).map(|(buyer, quote)| {
            let team = lead.team().to_owned();
            async move { buyer.tries_to_join(&team, quote, (WhenFull::Refund, &fresh_key())).await }
        });
        let answers = join_all(joins).await;
        let seated = answers.iter().filter(|answer| answer.body["data"]["groupBuyTeamJoin"]["order"]["id"].is_string()).count();
        assert_eq!(seated, 1);
        for refused in answers.iter().filter(|answer| answer.body["data"]["groupBuyTeamJoin"]["order"].is_null()) {
            assert_eq!(refused.refused("groupBuyTeamJoin"), "GROUP_BUY_TEAM_FULL");
        }
        app.settle().await;
        assert_eq!(app.available(tea.sku).await, 98);
    }

    // 1, with the money: two payments for one seat arrive at the same moment.
    async fn two_payments_for_one_seat_confirm_one_and_return_the_other(app: TestApp) {
        let people = crowd(&app, "buyer", 3).await;
        let tea = app.product("tea", yuan(79), 100).await;
        let deal = app.group_buy(&tea, Deal::of(2, yuan(59))).await;
        let lead = people[0].opens_team(&deal).await.paid().await;
        app.settle().await;
        // The first hold lapses, so that a second buyer holds the same seat; then both pay.
        let slow = people[1].joins(&deal, lead.team()).await;
        app.advance(minutes(11)).await;
        let quick = people[2].joins(&deal, lead.team()).await;
        app.bank.hold_callbacks();
        let (slow, quick) = tokio::join!(slow.paid(), quick.paid());
        app.bank.release_callbacks();
        tokio::join!(app.settle(), app.settle());
        app.settle().await;
        let mut statuses = [slow.status().await, quick.status().await];
        statuses.sort();
        assert_eq!(statuses, ["REFUNDED", "TO_SHIP"]);
        assert_eq!((app.money_at_the_bank(), app.available(tea.sku).await), (yuan(2 * 59), 98));
        app.every_payment_bought_something_or_went_back().await;
        app.the_books_are_right().await;
    }

    // 2: two payers at the same moment, each of whom sees the other's seat as unpaid. The team must form.
    async fn two_payers_at_once_form_the_team(app: TestApp) {
        for round in 0..4 {
            let people = crowd(&app, &format!("round{round}-"), 3).await;
            let tea = app.product("tea", yuan(79), 100).await;
            let deal = app.group_buy(&tea, Deal::of(3, yuan(59))).await;
            let lead = people[0].opens_team(&deal).await.paid().await;
            app.settle().await;
            app.bank.hold_callbacks();
            let (bob, cid) = tokio::join!(people[1].joins(&deal, lead.team()), people[2].joins(&deal, lead.team()));
            let (bob, cid) = tokio::join!(bob.paid(), cid.paid());
            app.bank.release_callbacks();
            // As two nodes would: both take from the same events and jobs.
            tokio::join!(app.settle(), app.settle());
            app.settle().await;
            assert_eq!(app.stranger().team(lead.team()).await["state"], "FORMED");
            for order in [&lead, &bob, &cid] {
                assert_eq!(order.status().await, "TO_SHIP");
            }
        }
        app.the_books_are_right().await;
    }

    // 3: the report of a payment comes three times, after everything is over, and out of order.
    async fn reports_after_the_end_change_nothing(app: TestApp) {
        let people = crowd(&app, "buyer", 2).await;
        let tea = app.product("tea", yuan(79), 100).await;
        let deal = app.group_buy(&tea, Deal::of(3, yuan(59))).await;
        app.bank.faults().duplicate_callbacks(3);
        app.bank.faults().reverse_callbacks(true);
        let lead = people[0].opens_team(&deal).await.paid().await;
        app.settle().await;
        app.bank.hold_callbacks();
        let second = people[1].joins(&deal, lead.team()).await.paid().await;
        app.advance(hours(25)).await;
        app.bank.release_callbacks();
        app.settle().await;
        for _ in 0..3 {
            app.advance(minutes(10)).await;
        }
        assert_eq!(app.stranger().team(lead.team()).await["state"], "FAILED");
        assert_eq!(app.money_at_the_bank(), cents(0));
        for (name, order) in [("buyer0", &lead), ("buyer1", &second)] {
            let status = app.customer(name).await.order(&order.order).await["status"].clone();
            assert!(["REFUNDED", "CANCELLED"].contains(&status.as_str().unwrap_or_default()), "{status}");
        }
        app.every_payment_bought_something_or_went_back().await;
        app.the_books_are_right().await;
    }

    // 4: the deadline and the last payment at the same instant: one of the two, and both ends agree.
    async fn the_deadline_and_the_last_payment_agree(app: TestApp) {
        let people = crowd(&app, "buyer", 2).await;
        let tea = app.product("tea", yuan(79), 100).await;
        let deal = app.group_buy(&tea, Deal { hours: 1, ..Deal::of(2, yuan(59)) }).await;
        let lead = people[0].opens_team(&deal).await.paid().await;
        app.settle().await;
        app.advance(minutes(59)).await;
        let people = crowd(&app, "buyer", 2).await;
        app.bank.hold_callbacks();
        let second = people[1].joins(&deal, lead.team()).await.paid().await;
        tokio::join!(
            async {
                app.bank.release_callbacks();
            },
            app.advance(seconds(60)),
        );
        app.advance(minutes(10)).await;
        let (state, first, last) = (
            app.stranger().team(lead.team()).await["state"].clone(),
            people[0].order(&lead.order).await["status"].clone(),
            people[1].order(&second.order).await["status"].clone(),
        );
        match state.as_str() {
            Some("FORMED") => assert_eq!((first.as_str(), last.as_str(), app.money_at_the_bank()), (Some("TO_SHIP"), Some("TO_SHIP"), yuan(118))),
            Some("FAILED") => assert_eq!(app.money_at_the_bank(), cents(0), "{first} {last}"),
            other => panic!("{other:?}"),
        }
        app.every_payment_bought_something_or_went_back().await;
    }

    // 5: one member has their money back when the team fails; one member's refund fails at the bank. Nobody else waits.
    async fn one_members_trouble_is_nobody_elses(app: TestApp) {
        let (people, owner) = (crowd(&app, "buyer", 3).await, app.owner().await);
        let tea = app.product("tea", yuan(79), 100).await;
        let deal = app.group_buy(&tea, Deal::of(5, yuan(59))).await;
        let lead = people[0].opens_team(&deal).await.paid().await;
        app.settle().await;
        let second = people[1].joins(&deal, lead.team()).await.paid().await;
        let third = people[2].joins(&deal, lead.team()).await.paid().await;
        app.settle().await;
        let refund = "mutation($input: OrderRefundInput!) { orderRefund(input: $input) { userErrors { code message } } }";
        let input = json!({ "orderId": second.order, "reason": "goodwill", "idempotencyKey": fresh_key() });
        owner.admin(refund, json!({ "input": input })).await.ok("orderRefund");
        app.settle().await;
        assert_eq!(app.money_at_the_bank(), yuan(2 * 59));
        app.bank.faults().next(Operation::CreateRefund, ApiFault::DropAnswer);
        app.advance(hours(24)).await;
        for _ in 0..6 {
            app.advance(minutes(10)).await;
        }
        assert_eq!((app.money_at_the_bank(), app.bank.refunds().len()), (cents(0), 3));
        for (name, order) in [("buyer0", &lead), ("buyer1", &second), ("buyer2", &third)] {
            assert_eq!(app.customer(name).await.order(&order.order).await["status"], "REFUNDED", "{name}");
        }
        app.every_payment_bought_something_or_went_back().await;
        app.the_books_are_right().await;
    }

    // 12, on plain orders: M customers and k units each on S units of stock.
    async fn stock_is_sold_to_the_last_unit_and_not_one_more(app: TestApp) {
        let crowd = crowd(&app, "buyer", 10).await;
        let tea = app.product("tea", yuan(79), 13).await;
        let mut quotes = Vec::new();
        for buyer in &crowd {
            quotes.push(buyer.quote(&tea, 2).await);
        }
        let answers = join_all(crowd.iter().zip(&quotes).map(|(buyer, quote)| async move { buyer.places(quote, &fresh_key()).await })).await;
        let placed = answers.iter().filter(|answer| answer.body["data"]["orderPlace"]["order"]["id"].is_string()).count();
        assert_eq!((placed, app.available(tea.sku).await), (6, 1));
        app.settle().await;
    }

    // 13: cancelling and the report of the payment at once: bought, or the money is back.
    async fn cancelling_and_paying_at_once_ends_one_way(app: TestApp) {
        for round in 0..4 {
            let ann = app.customer(&format!("ann{round}")).await;
            let tea = app.product("tea", yuan(79), 1).await;
            app.bank.hold_callbacks();
            let order = ann.buys(&tea, 1).await.paid().await;
            let (_, cancelled) = tokio::join!(async { app.bank.release_callbacks() }, order.cancelled());
            assert!(!cancelled.status.is_server_error(), "{}", cancelled.shown());
            app.settle().await;
            app.advance(minutes(1)).await;
        }
        app.every_payment_bought_something_or_went_back().await;
        app.the_books_are_right().await;
    }
}
