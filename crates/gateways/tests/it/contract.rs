//! What holds for every provider.

use kernel::Currency;
use sandbox::{ApiFault, Operation, Tamper};
use trade::payment::gateway::{ChargeRef, ChargeState, GatewayError, NotificationKind, NotificationRefused, RefundState};

use crate::world::{ALL, Kind, World, handed};

#[tokio::test(flavor = "multi_thread")]
async fn money_comes_and_goes_back_in_parts() {
    for kind in ALL {
        let world = World::new(kind).await;
        let gateway = &world.gateway;
        assert_eq!(gateway.query(&ChargeRef::by_number("20261111-1")).await, Ok(ChargeState::Absent), "{kind:?}");
        let created = gateway.create(world.charge("20261111-1", 5900)).await.unwrap();
        let again = gateway.create(world.charge("20261111-1", 5900)).await.unwrap();
        assert_eq!(again.provider_charge_id, created.provider_charge_id, "{kind:?}: asked again, the same charge");
        let charge = world.known("20261111-1", &created);
        assert!(matches!(gateway.query(&charge).await, Ok(ChargeState::Pending { .. })), "{kind:?}");
        assert!(world.provider.pays(&handed(&created.action)));
        let charge = world.settled_as(charge).await;
        world.provider.settled().await;
        let first = world.refund("20261111-1-staff-1", (&charge, 5900, 900));
        let back = gateway.refund(first.clone()).await.unwrap();
        assert!(matches!(&back, RefundState::Succeeded { amount, .. } if *amount == world.money(900)), "{kind:?}: {back:?}");
        assert!(matches!(gateway.refund(first).await, Ok(RefundState::Succeeded { amount, .. }) if amount == world.money(900)), "{kind:?}");
        let asked = world.asked_about("20261111-1-staff-1", &charge);
        assert!(matches!(gateway.query_refund(&asked).await, Ok(RefundState::Succeeded { amount, .. }) if amount == world.money(900)));
        assert!(matches!(gateway.refund(world.refund("r-2", (&charge, 5900, 5001))).await, Err(GatewayError::Refused { .. })), "{kind:?}");
        let rest = gateway.refund(world.refund("r-3", (&charge, 5900, 5000))).await.unwrap();
        assert!(matches!(rest, RefundState::Succeeded { .. }), "{kind:?}: {rest:?}");
        assert_eq!(world.provider.balance(world.money(0).currency).minor, 0, "{kind:?}");
        assert_eq!(gateway.query_refund(&world.asked_about("r-9", &charge)).await, Ok(RefundState::Absent), "{kind:?}");
        world.provider.settled().await;
        let heard: Vec<_> = world.heard().into_iter().map(|heard| heard.unwrap()).collect();
        let paid: Vec<_> = heard.iter().filter(|told| told.kind == NotificationKind::ChargeSucceeded && told.refund_no.is_none()).collect();
        assert!(!paid.is_empty(), "{kind:?}");
        assert!(paid.iter().all(|told| told.charge_no == "20261111-1" && told.amount == world.money(5900)), "{kind:?}: {paid:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_pay_leads_to_the_money() {
    for kind in ALL {
        let world = World::new(kind).await;
        for (n, product) in world.gateway.products().iter().enumerate() {
            let no = format!("2026111100{n}-1");
            let charge = trade::payment::gateway::NewCharge { product: *product, ..world.charge(&no, 1234) };
            let created = world.gateway.create(charge).await.unwrap();
            assert!(world.provider.pays(&handed(&created.action)), "{kind:?} {product:?}: {created:?}");
            world.settled_as(world.known(&no, &created)).await;
        }
        world.provider.settled().await;
        let paid = world.provider.charges().len();
        assert_eq!(paid, world.gateway.products().len(), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_is_not_paid_and_what_is_paid_is_not_closed() {
    for kind in ALL {
        let world = World::new(kind).await;
        assert_eq!(world.gateway.close(&ChargeRef::by_number("unheard-of")).await, Ok(ChargeState::Absent), "{kind:?}");
        let created = world.gateway.create(world.charge("c-000001", 100)).await.unwrap();
        let charge = world.known("c-000001", &created);
        assert_eq!(world.gateway.close(&charge).await, Ok(ChargeState::Closed), "{kind:?}");
        assert_eq!(world.gateway.close(&charge).await, Ok(ChargeState::Closed), "{kind:?}: again");
        if kind == Kind::PayPal {
            // PayPal still lets the shopper approve; nobody collects.
            assert!(world.provider.pays(&handed(&created.action)));
        } else {
            assert!(!world.provider.pays(&handed(&created.action)), "{kind:?}");
            assert_eq!(world.gateway.query(&charge).await, Ok(ChargeState::Closed), "{kind:?}");
        }
        assert_eq!(world.provider.balance(world.money(0).currency).minor, 0, "{kind:?}");
        let created = world.gateway.create(world.charge("c-000002", 100)).await.unwrap();
        let charge = world.known("c-000002", &created);
        assert!(world.provider.pays(&handed(&created.action)));
        world.settled_as(charge.clone()).await;
        assert!(
            matches!(world.gateway.close(&charge).await, Ok(ChargeState::Succeeded { amount, .. }) if amount == world.money(100)),
            "{kind:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_unknown_and_the_same_number_finds_out() {
    use ApiFault::{DropAnswer, ForgedSignature, HalfBody, Hang, HangAfterWork, ServerError, ServerErrorAfterWork};
    for kind in ALL {
        let world = World::new(kind).await;
        let signs = !matches!(kind, Kind::Stripe | Kind::PayPal);
        let faults = [DropAnswer, HalfBody, HangAfterWork, ServerErrorAfterWork, Hang, ServerError, ForgedSignature];
        for (n, fault) in faults.into_iter().enumerate().filter(|(_, fault)| signs || *fault != ForgedSignature) {
            let (no, refund_no) = (format!("c-00000{n}"), format!("r-00000{n}"));
            world.provider.faults().next(Operation::CreateCharge, fault);
            let lost = world.gateway.create(world.charge(&no, 100)).await;
            assert!(matches!(lost, Err(GatewayError::Unknown(_))), "{kind:?} {fault:?}: {lost:?}");
            let charge = world.paid(&no, 100).await;
            world.provider.faults().next(Operation::CreateRefund, fault);
            let refund = world.refund(&refund_no, (&charge, 100, 100));
            let lost = world.gateway.refund(refund.clone()).await;
            // Stripe is asked which refunds there are before it is asked for one.
            assert!(matches!(lost, Err(GatewayError::Unknown(_))), "{kind:?} {fault:?}: {lost:?}");
            let found = world.gateway.refund(refund).await;
            assert!(matches!(found, Ok(RefundState::Succeeded { .. })), "{kind:?} {fault:?}: {found:?}");
            for operation in [Operation::QueryCharge, Operation::CloseCharge] {
                world.provider.faults().next(operation, fault);
            }
            assert!(matches!(world.gateway.query(&world.first_known(&no)).await, Err(GatewayError::Unknown(_))), "{kind:?} {fault:?}");
            world.provider.faults().clear();
        }
        assert_eq!(world.provider.balance(world.money(0).currency).minor, 0, "{kind:?}: each charge once, each refund once");
        let numbers = world.provider.refunds().len();
        assert_eq!(numbers, if signs { 7 } else { 6 }, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_provider_did_nothing() {
    for kind in ALL {
        let world = World::new(kind).await;
        world.provider.faults().next(Operation::CreateCharge, ApiFault::Busy);
        let busy = world.gateway.create(world.charge("c-000001", 100)).await;
        assert!(matches!(busy, Err(GatewayError::Unavailable(_))), "{kind:?}: {busy:?}");
        assert!(world.provider.charges().is_empty());
        assert!(matches!(world.gateway.create(world.charge("../etc", 100)).await, Err(GatewayError::Refused { .. })), "{kind:?}");
        assert!(world.gateway.takes(world.money(0).currency));
        assert!(!matches!(kind, Kind::WeChat(_) | Kind::Alipay) || !world.gateway.takes(Currency::Usd));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_reports_are_refused_and_the_genuine_one_arrives() {
    for kind in ALL {
        let world = World::new(kind).await;
        let created = world.gateway.create(world.charge("c-000001", 5900)).await.unwrap();
        let tampers =
            [Tamper::Signature, Tamper::UnknownKey, Tamper::Stale, Tamper::HalfBody, Tamper::Merchant("1".into()), Tamper::Amount(1)];
        for tamper in &tampers {
            world.provider.faults().tamper_next(tamper.clone());
        }
        // Told by the provider alone: nobody asks.
        assert!(world.provider.pay_anyway(&world.provider.charges()[0].no));
        world.provider.settled().await;
        let heard = world.heard();
        assert_eq!(heard.len(), tampers.len() + 1, "{kind:?}: {heard:?}");
        for (tamper, heard) in tampers.iter().zip(&heard) {
            match tamper {
                Tamper::Amount(_) => assert_eq!(heard.as_ref().unwrap().amount.minor, 1, "{kind:?}: for the caller to notice"),
                Tamper::Merchant(_) => assert_eq!(heard, &Err(NotificationRefused::ForeignMerchant), "{kind:?}"),
                _ => assert!(heard.is_err(), "{kind:?} {tamper:?}: {heard:?}"),
            }
        }
        let genuine = heard.last().unwrap().clone().unwrap();
        assert_eq!((genuine.kind, genuine.charge_no.as_str()), (NotificationKind::ChargeSucceeded, "c-000001"), "{kind:?}");
        assert_eq!(genuine.amount, world.money(5900));
        let charge = world.settled_as(world.known("c-000001", &created)).await;
        assert_eq!(charge.provider_charge_id, Some(genuine.provider_id), "{kind:?}: report and question tell the same");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_may_be_on_its_way_or_fail() {
    for kind in ALL {
        let world = World::new(kind).await;
        let charge = world.paid("c-000001", 100).await;
        world.provider.faults().delay_refunds(true);
        let asked = world.gateway.refund(world.refund("r-1", (&charge, 100, 60))).await;
        assert!(matches!(asked, Ok(RefundState::Processing { .. })), "{kind:?}: {asked:?}");
        let known = world.asked_about("r-1", &charge);
        assert!(matches!(world.gateway.query_refund(&known).await, Ok(RefundState::Processing { .. })), "{kind:?}");
        let theirs = world.provider.refunds()[0].no.clone();
        assert!(world.provider.settle_refund(&theirs, None));
        assert!(matches!(world.gateway.query_refund(&known).await, Ok(RefundState::Succeeded { .. })), "{kind:?}");
        if kind != Kind::Alipay {
            assert!(matches!(world.gateway.refund(world.refund("r-2", (&charge, 100, 40))).await, Ok(RefundState::Processing { .. })));
            assert!(world.provider.settle_refund("r-2", Some("account closed")));
            let failed = world.gateway.query_refund(&world.asked_about("r-2", &charge)).await;
            assert!(matches!(failed, Ok(RefundState::Failed { .. })), "{kind:?}: {failed:?}");
        }
        world.provider.settled().await;
    }
}
