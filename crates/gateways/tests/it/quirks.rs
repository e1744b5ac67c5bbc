//! What is peculiar to one provider: each of these has cost somebody money.

use kernel::{Clock, Currency, Money, days, hours, minutes};
use sandbox::providers::wechat_pay::Trust;
use trade::payment::gateway::{
    ChargeRef, ChargeState, Gateway, GatewayError, NewTransfer, NotificationKind, NotificationRefused, RefundState, ShippedGoods,
    TransferState,
};

use crate::world::{Kind, Provider, World, handed};

fn wechat(world: &World) -> &sandbox::providers::wechat_pay::WeChatPay {
    match &world.provider {
        Provider::WeChat(provider) => provider,
        _ => panic!("not WeChat"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_platform_certificate_is_fetched_when_it_first_signs() {
    let world = World::new(Kind::WeChat(Trust::Certificates)).await;
    world.paid("c-000001", 100).await;
    wechat(&world).rotate_certificate();
    let unknown = world.gateway.query(&ChargeRef::by_number("c-000001")).await;
    assert!(matches!(unknown, Err(GatewayError::Unknown(_))), "a stranger's serial is looked up once a minute: {unknown:?}");
    world.clock.advance(minutes(1));
    world.paid("c-000002", 100).await;
    world.provider.settled().await;
    assert!(world.heard().iter().filter(|heard| heard.is_ok()).count() >= 2);
    world.clock.advance(days(6 * 365));
    let expired = world.gateway.query(&ChargeRef::by_number("c-000001")).await;
    assert!(matches!(expired, Err(GatewayError::Unknown(_))), "a certificate has its time: {expired:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_waits_for_its_payee() {
    for trust in [Trust::Certificates, Trust::PublicKey] {
        let world = World::new(Kind::WeChat(trust)).await;
        let pay = world.wechat.clone().unwrap();
        let new = NewTransfer {
            transfer_no: "W20261111".into(),
            payee: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".into(),
            real_name: Some("王小明".into()),
            amount: Money::new(300_000, Currency::Cny),
            remark: "佣金".into(),
            notify_url: world.notify_url.clone(),
        };
        assert_eq!(pay.query_transfer("W20261111").await, Ok(TransferState::Absent));
        let nameless = pay.transfer(NewTransfer { real_name: None, ..new.clone() }).await;
        assert!(matches!(nameless, Err(GatewayError::Refused { .. })), "{nameless:?}");
        for _ in 0..2 {
            let asked = pay.transfer(new.clone()).await.unwrap();
            assert!(matches!(asked, TransferState::AwaitingPayee { package: Some(_) }), "{trust:?}: {asked:?}");
        }
        let transfers = wechat(&world).transfers();
        assert_eq!((transfers.len(), transfers[0].name.as_deref()), (1, Some("王小明")), "sealed on its way, once");
        let (headers, body) = wechat(&world).confirm_transfer("W20261111").unwrap();
        let told = pay.verify_notification(&headers, &body).await.unwrap();
        assert_eq!((told.kind, told.charge_no.as_str(), told.amount), (NotificationKind::ChargeMoved, "W20261111", new.amount));
        assert!(matches!(pay.query_transfer("W20261111").await, Ok(TransferState::Succeeded { .. })));
        assert!(pay.cancel_transfer("W20261111").await.is_err(), "the payee has it");
        let other = NewTransfer { transfer_no: "W2".into(), ..new };
        pay.transfer(other).await.unwrap();
        assert!(matches!(pay.cancel_transfer("W2").await, Ok(TransferState::Failed { .. })));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipment_is_reported_once_and_a_void_token_replaced() {
    let world = World::new(Kind::WeChat(Trust::PublicKey)).await;
    let charge = world.paid("c-000001", 100).await;
    let goods = ShippedGoods {
        charge,
        payer: Some("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".into()),
        description: "龙井 50 克 ×2".into(),
        parcels: vec![("SF".into(), "SF10086".into())],
        phone_tail: Some("8000".into()),
        shipped_at: world.clock.now(),
    };
    world.gateway.shipped(goods.clone()).await.unwrap();
    wechat(&world).forget_tokens();
    world.gateway.shipped(goods.clone()).await.unwrap();
    let told = wechat(&world).shipments();
    assert_eq!((told.len(), told[0]["shipping_list"][0]["tracking_no"].as_str()), (1, Some("SF10086")));
    let second = world.paid("c-000002", 100).await;
    let parcels = vec![("SF".into(), "SF10087".into()), ("YTO".into(), "YT10086".into())];
    world.gateway.shipped(ShippedGoods { charge: second, parcels, ..goods.clone() }).await.unwrap();
    let split = wechat(&world).shipments().pop().unwrap();
    assert_eq!((split["delivery_mode"].as_i64(), split["is_all_delivered"].as_bool()), (Some(2), Some(true)));
    assert_eq!(split["shipping_list"].as_array().unwrap().len(), 2);
    let unpaid = ShippedGoods { charge: ChargeRef::by_number("c-000009"), ..goods };
    assert!(matches!(world.gateway.shipped(unpaid).await, Err(GatewayError::Unavailable(_))), "perhaps later");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_arrives_whole() {
    let world = World::new(Kind::WeChat(Trust::Certificates)).await;
    let charge = world.paid("c-000001", 100).await;
    world.gateway.refund(world.refund("r-1", (&charge, 100, 40))).await.unwrap();
    let bill = String::from_utf8(world.gateway.bill("2025-11-11").await.unwrap()).unwrap();
    assert!(bill.contains("`c-000001") && bill.contains("`r-1") && bill.starts_with("交易时间,"), "{bill}");
    assert!(matches!(world.gateway.bill("yesterday").await, Err(GatewayError::Refused { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refunded_charge_was_paid_whatever_its_state_is_called() {
    for kind in [Kind::WeChat(Trust::Certificates), Kind::Alipay, Kind::PayPal] {
        let world = World::new(kind).await;
        let created = world.gateway.create(world.charge("c-000001", 100)).await.unwrap();
        world.provider.pays(&handed(&created.action));
        let charge = world.settled_as(world.known("c-000001", &created)).await;
        world.gateway.refund(world.refund("r-1", (&charge, 100, 100))).await.unwrap();
        let state = world.gateway.query(&world.known("c-000001", &created)).await;
        assert!(matches!(state, Ok(ChargeState::Succeeded { amount, .. }) if amount == world.money(100)), "{kind:?}: {state:?}");
        world.provider.settled().await;
        let closed = world.heard().into_iter().flatten().filter(|told| told.kind == NotificationKind::ChargeClosed).count();
        assert_eq!(closed, 0, "{kind:?}: nothing reports it as closed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alipay_says_success_in_one_word() {
    let world = World::new(Kind::Alipay).await;
    let Provider::Alipay(provider) = &world.provider else { panic!("not Alipay") };
    world.paid("2026-1", 100).await;
    world.provider.settled().await;
    assert_eq!(provider.charges()[0].no, "2026_1", "their alphabet has no dash");
    assert_eq!(world.heard()[0].as_ref().unwrap().charge_no, "2026-1", "ours has");
    assert_eq!(provider.answers().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn stripe_forgets_a_key_and_the_refund_is_still_one() {
    let world = World::new(Kind::Stripe).await;
    let charge = world.paid("c-000001", 200).await;
    world.gateway.refund(world.refund("r-1", (&charge, 200, 100))).await.unwrap();
    world.clock.advance(days(3));
    let late = world.gateway.refund(world.refund("r-1", (&charge, 200, 100))).await;
    assert!(matches!(late, Ok(RefundState::Succeeded { .. })), "{late:?}");
    assert_eq!(world.provider.refunds().len(), 1);
    let other = world.gateway.create(world.charge("c-000001", 201)).await;
    assert!(matches!(other, Err(GatewayError::Refused { .. })), "one number, one content: {other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_stripe_intent_is_found_by_our_number() {
    let world = World::new(Kind::Stripe).await;
    world.gateway.create(world.charge("c-000001", 200)).await.unwrap();
    let found = world.gateway.query(&ChargeRef::by_number("c-000001")).await;
    assert!(matches!(found, Ok(ChargeState::Pending { .. })), "{found:?}");
    assert_eq!(world.gateway.close(&ChargeRef::by_number("c-000001")).await, Ok(ChargeState::Closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn paypal_collects_only_when_it_is_asked_and_renews_its_token() {
    let world = World::new(Kind::PayPal).await;
    let Provider::PayPal(provider) = &world.provider else { panic!("not PayPal") };
    let created = world.gateway.create(world.charge("c-000001", 2147)).await.unwrap();
    assert!(provider.shopper_pays(&handed(&created.action)));
    world.provider.settled().await;
    let heard = world.heard();
    assert_eq!(heard[0].as_ref().unwrap().kind, NotificationKind::ChargeMoved, "approved: only a question tells");
    assert_eq!(provider.balance(Currency::Usd).minor, 0);
    provider.forget_tokens();
    let charge = world.settled_as(world.known("c-000001", &created)).await;
    assert_eq!(provider.balance(Currency::Usd).minor, 2147);
    world.clock.advance(hours(10));
    world.gateway.refund(world.refund("r-1", (&charge, 2147, 2147))).await.unwrap();
    world.provider.settled().await;
    let kinds: Vec<_> = world.heard().into_iter().flatten().map(|told| told.kind).collect();
    assert_eq!(kinds.last(), Some(&NotificationKind::RefundSucceeded), "{kinds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_with_a_header_missing_is_no_report() {
    for kind in [Kind::WeChat(Trust::PublicKey), Kind::Stripe, Kind::PayPal] {
        let world = World::new(kind).await;
        let refused = world.gateway.verify_notification(&[], b"{}").await;
        assert!(matches!(refused, Err(NotificationRefused::Header(_))), "{kind:?}: {refused:?}");
    }
}
