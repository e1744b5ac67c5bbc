//! Buyers gather for a price that only a full team gets.

use kernel::{hours, minutes};
use serde_json::json;
use testkit::{Deal, WhenFull, both_backends, cents, yuan};

both_backends! {
    async fn three_buyers_form_a_team_before_each_others_eyes(app: TestApp) {
        let (ann, bob, cid) = (app.customer("ann").await, app.customer("bob").await, app.customer("cid").await);
        let tea = app.product("tea", yuan(79), 10).await;
        let deal = app.group_buy(&tea, Deal::of(3, yuan(59))).await;
        let mut open = app.stranger().watches_open_teams(&deal).await;
        assert_eq!(open.next().await["groupBuyOpenTeams"]["teams"], json!([]));

        let lead = ann.opens_team(&deal).await;
        let team = lead.team().to_owned();
        assert_eq!(bob.shop("query($id: ID!) { groupBuyTeam(id: $id) { id } }", json!({ "id": team })).await.ok("groupBuyTeam"), &json!(null));
        let lead = lead.paid().await;
        app.settle().await;
        open.until(|data| data["groupBuyOpenTeams"]["teams"][0]["id"] == team.as_str()).await;
        assert_eq!(lead.status().await, "AWAITING_TEAM");

        let mut watching = bob.watches_team(&team, None).await;
        let first = watching.next().await["groupBuyTeamProgress"].clone();
        assert_eq!((&first["team"]["seatsTaken"], &first["team"]["needed"], &first["gap"]), (&json!(1), &json!(2), &json!(false)));
        let second = bob.joins(&deal, &team).await;
        app.settle().await;
        watching.until(|data| data["groupBuyTeamProgress"]["team"]["seatsHeld"] == 1).await;
        let second = second.paid().await;
        app.settle().await;
        watching.until(|data| data["groupBuyTeamProgress"]["team"]["seatsTaken"] == 2).await;
        let third = cid.joins(&deal, &team).await.paid().await;
        app.settle().await;
        let last = watching.until(|data| data["groupBuyTeamProgress"]["team"]["state"] == "FORMED").await;
        assert_eq!(last["groupBuyTeamProgress"]["team"]["seatsTaken"], 3);
        open.until(|data| data["groupBuyOpenTeams"]["teams"] == json!([])).await;

        for order in [&lead, &second, &third] {
            assert_eq!(order.status().await, "TO_SHIP");
        }
        let mut resumed = cid.watches_team(&team, first["cursor"].as_str()).await;
        let resumed = resumed.next().await["groupBuyTeamProgress"].clone();
        assert_eq!((&resumed["team"]["state"], &resumed["gap"]), (&json!("FORMED"), &json!(false)));
        assert_eq!((app.money_at_the_bank(), app.available(tea.sku).await), (yuan(3 * 59), 7));
        app.the_books_are_right().await;
    }

    async fn an_unfilled_team_gives_the_money_back(app: TestApp) {
        let (ann, bob) = (app.customer("ann").await, app.customer("bob").await);
        let tea = app.product("tea", yuan(79), 10).await;
        let deal = app.group_buy(&tea, Deal::of(3, yuan(59))).await;
        let lead = ann.opens_team(&deal).await.paid().await;
        app.settle().await;
        let second = bob.joins(&deal, lead.team()).await.paid().await;
        app.settle().await;
        assert_eq!(app.money_at_the_bank(), yuan(2 * 59));
        app.advance(hours(24)).await;
        app.advance(minutes(1)).await;
        assert_eq!(app.stranger().team(lead.team()).await["state"], "FAILED");
        for (name, order) in [("ann", &lead), ("bob", &second)] {
            assert_eq!(app.customer(name).await.order(&order.order).await["status"], "REFUNDED");
        }
        assert_eq!((app.money_at_the_bank(), app.available(tea.sku).await, app.bank.refunds().len()), (cents(0), 10, 2));
        app.the_books_are_right().await;
    }

    async fn a_seat_nobody_pays_for_is_free_again(app: TestApp) {
        let (ann, bob, cid) = (app.customer("ann").await, app.customer("bob").await, app.customer("cid").await);
        let tea = app.product("tea", yuan(79), 10).await;
        let deal = app.group_buy(&tea, Deal::of(2, yuan(59))).await;
        let lead = ann.opens_team(&deal).await.paid().await;
        app.settle().await;
        let hesitant = bob.joins(&deal, lead.team()).await;
        let quote = cid.team_quote(&deal, Some(lead.team())).await;
        let full = cid.tries_to_join(lead.team(), &quote, (WhenFull::Refund, "cid-0001")).await;
        assert_eq!(full.refused("groupBuyTeamJoin"), "GROUP_BUY_TEAM_FULL");
        app.advance(minutes(11)).await;
        assert_eq!(app.stranger().team(lead.team()).await["seatsHeld"], 0);
        let quick = cid.joins(&deal, lead.team()).await.paid().await;
        app.settle().await;
        assert_eq!((quick.status().await.as_str(), app.stranger().team(lead.team()).await["state"].as_str()), ("TO_SHIP", Some("FORMED")));
        hesitant.cancelled().await.ok("orderCancel");
        app.settle().await;
        assert_eq!(app.available(tea.sku).await, 8);
        app.the_books_are_right().await;
    }

    async fn money_too_late_for_a_seat_gets_what_its_buyer_chose(app: TestApp) {
        let tea = app.product("tea", yuan(79), 20).await;
        let deal = app.group_buy(&tea, Deal::of(2, yuan(59))).await;
        for (late, when_full) in [("ron", WhenFull::Refund), ("olga", WhenFull::OpenNew), ("jo", WhenFull::JoinOther)] {
            let (ann, bob, cid) = (app.customer(&format!("ann{late}")).await, app.customer(late).await, app.customer(&format!("cid{late}")).await);
            let lead = ann.opens_team(&deal).await.paid().await;
            app.settle().await;
            let slow = bob.joins_or(&deal, lead.team(), when_full).await;
            app.advance(minutes(11)).await;
            let quick = cid.joins(&deal, lead.team()).await.paid().await;
            app.settle().await;
            assert_eq!(quick.status().await, "TO_SHIP");
            let slow = slow.paid().await;
            app.settle().await;
            app.settle().await;
            let status = match when_full {
                WhenFull::Refund => "REFUNDED",
                WhenFull::OpenNew => "AWAITING_TEAM",
                // The team that the buyer before opened gathers.
                WhenFull::JoinOther => "TO_SHIP",
            };
            assert_eq!(slow.status().await, status, "{when_full:?}");
        }
        app.advance(hours(25)).await;
        app.advance(minutes(1)).await;
        app.every_payment_bought_something_or_went_back().await;
        app.the_books_are_right().await;
    }

    async fn a_running_team_keeps_its_promise_when_the_campaign_changes(app: TestApp) {
        let (ann, bob, owner) = (app.customer("ann").await, app.customer("bob").await, app.owner().await);
        let tea = app.product("tea", yuan(79), 10).await;
        let deal = app.group_buy(&tea, Deal::of(2, yuan(59))).await;
        let lead = ann.opens_team(&deal).await.paid().await;
        app.settle().await;
        let update = "mutation($input: GroupBuyUpdateInput!) { groupBuyUpdate(input: $input) { groupBuy { id } userErrors { code message } } }";
        let terms = json!({
            "title": { "zhCn": "拼团", "en": "Group buy" },
            "productId": tea.product,
            "skus": [{ "skuId": tea.sku, "prices": [{ "size": 3, "price": { "amount": 6_900, "currency": "CNY" } }] }],
            "teamHours": 1,
            "endsAt": (app.now() + kernel::days(30)).to_rfc3339(),
        });
        owner.admin(update, json!({ "input": { "id": deal.id, "terms": terms } })).await.ok("groupBuyUpdate");
        let second = bob.joins(&deal, lead.team()).await;
        assert_eq!(second.total, yuan(59));
        second.paid().await;
        app.settle().await;
        let team = app.stranger().team(lead.team()).await;
        assert_eq!((team["state"].as_str(), team["size"].as_i64()), (Some("FORMED"), Some(2)));
    }

    async fn the_options_of_a_campaign_hold(app: TestApp) {
        let (ann, bob, cid) = (app.customer("ann").await, app.customer("bob").await, app.customer("cid").await);
        let tea = app.product("tea", yuan(79), 20).await;
        let terms = json!({
            "joiners": "NEW_CUSTOMERS",
            "leaderDiscount": { "amount": { "amount": 500, "currency": "CNY" } },
            "virtualFromPercent": 60,
        });
        let deal = app.group_buy(&tea, Deal { terms, ..Deal::of(3, yuan(59)) }).await;
        // Another product: a SKU is in one play at a time.
        let cup = app.product("cup", yuan(79), 20).await;
        let old = app.group_buy(&cup, Deal::of(2, yuan(59))).await;
        // Cid bought before, so cid may open but not join.
        cid.buys(&tea, 1).await.paid().await;
        let lead = ann.opens_team(&deal).await;
        assert_eq!(lead.total, yuan(54));
        let lead = lead.paid().await;
        app.settle().await;
        let again = ann.asks_the_price(&[(tea.sku, 1)], json!({ "kind": "group_buy", "id": deal.id })).await;
        if again.body["data"]["quoteCreate"]["userErrors"][0].is_null() {
            let quote = ann.team_quote(&deal, None).await;
            assert_eq!(ann.tries_to_open(&deal, &quote, WhenFull::Refund).await.refused("groupBuyTeamOpen"), "GROUP_BUY_ALREADY_GATHERING");
        }
        let known = cid.asks_the_price(&[(tea.sku, 1)], json!({ "kind": "group_buy", "id": deal.id, "teamId": lead.team() })).await;
        if known.body["data"]["quoteCreate"]["userErrors"][0].is_null() {
            let quote = cid.team_quote(&deal, Some(lead.team())).await;
            let refused = cid.tries_to_join(lead.team(), &quote, (WhenFull::Refund, "cid-0002")).await;
            assert!(refused.refused("groupBuyTeamJoin").contains("NEW_CUSTOMERS"), "{}", refused.shown());
        }
        bob.joins(&deal, lead.team()).await.paid().await;
        app.settle().await;
        // Two of three are 66 %: enough to be completed at the deadline, and marked.
        app.advance(hours(24)).await;
        app.advance(minutes(1)).await;
        let team = app.stranger().team(lead.team()).await;
        assert_eq!((team["state"].as_str(), team["virtualSeats"].as_i64()), (Some("FORMED"), Some(1)), "{team}");
        assert_eq!(old.size, 2);
        app.every_payment_bought_something_or_went_back().await;
    }
}
