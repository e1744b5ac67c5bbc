//! What the shop hears, and how often.

use std::collections::BTreeSet;

use sandbox::{Tamper, protocol::EventKind};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn the_shop_hears_of_every_outcome_signed() {
    let world = World::new().await;
    world.paid("c1", 100).await;
    world.post("/v1/refunds", &world.refund("r1", "c1", 60)).await;
    world.bank.faults().fail_refunds(Some("account closed"));
    world.post("/v1/refunds", &world.refund("r2", "c1", 40)).await;
    world.post("/v1/charges", &world.charge("c2", 100)).await;
    world.post("/v1/charges/c2/close", &json!({})).await;
    world.bank.settled().await;
    let heard = world.shop.heard();
    assert!(heard.iter().all(|heard| heard.genuine(&world.credentials.bank_public_keys)));
    let mut events: Vec<_> = heard.iter().map(super::world::Heard::event).collect();
    events.sort_by_key(|event| (event.data.merchant_charge_no.clone(), event.data.merchant_refund_no.clone()));
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::ChargeSucceeded, EventKind::RefundSucceeded, EventKind::RefundFailed, EventKind::ChargeClosed]);
    assert_eq!(events[1].data.amount.minor, 60);
    assert_eq!(events[2].data.reason.as_deref(), Some("account closed"));
    assert!(events.iter().all(|event| event.data.merchant_id == "m1"));
    assert!(world.bank.callbacks().iter().all(|record| record.delivered && record.attempts == 1));
}

#[tokio::test]
async fn a_shop_that_does_not_listen_is_told_again_and_not_for_ever() {
    let world = World::new().await;
    world.shop.answer_next([500, 302, 404]);
    world.paid("c1", 100).await;
    let heard = world.shop.heard();
    assert_eq!(heard.len(), 4, "until the first 2xx");
    assert_eq!(heard.iter().map(|heard| heard.event().event_id).collect::<BTreeSet<_>>().len(), 1, "one event");
    let nonces: BTreeSet<_> = heard.iter().map(|heard| heard.headers["sandbox-nonce"].to_str().unwrap().to_owned()).collect();
    assert_eq!(nonces.len(), 4, "signed anew each time");
    world.shop.answer_next([500; 6]);
    world.paid("c2", 100).await;
    let record = world.bank.callbacks().into_iter().find(|record| record.merchant_charge_no == "c2").unwrap();
    assert_eq!((record.attempts, record.delivered, record.abandoned, record.answers), (6, false, true, vec![Some(500)]));
}

#[tokio::test]
async fn callbacks_wait_and_come_in_any_order_and_number() {
    let world = World::new().await;
    world.bank.hold_callbacks();
    for no in ["c1", "c2", "c3"] {
        world.paid(no, 100).await;
    }
    assert!(world.shop.heard().is_empty(), "held");
    world.bank.faults().reverse_callbacks(true);
    world.bank.faults().duplicate_callbacks(3);
    world.bank.release_callbacks();
    world.bank.settled().await;
    let order: Vec<_> = world.shop.heard().iter().map(|heard| heard.event().data.merchant_charge_no).collect();
    assert_eq!(order, ["c3", "c3", "c3", "c2", "c2", "c2", "c1", "c1", "c1"]);
}

#[tokio::test]
async fn a_callback_can_be_wrong_in_every_way_and_then_comes_right() {
    let world = World::new().await;
    let keys = &world.credentials.bank_public_keys;
    let tampers = [Tamper::Signature, Tamper::UnknownKey, Tamper::HalfBody, Tamper::Amount(1), Tamper::Merchant("m2".into())];
    // A shop that believes everything takes them all, and still gets the genuine one.
    tampers.iter().for_each(|tamper| world.bank.faults().tamper_next(tamper.clone()));
    world.paid("c1", 100).await;
    let heard = world.shop.heard();
    let genuine: Vec<bool> = heard.iter().map(|heard| heard.genuine(keys)).collect();
    assert_eq!(genuine, [false, false, false, true, true, true]);
    assert_eq!((heard[3].event().data.amount.minor, heard[4].event().data.merchant_id.as_str()), (1, "m2"));
    assert_eq!((heard[5].event().data.amount.minor, heard[5].event().data.merchant_id.as_str()), (100, "m1"));
    world.bank.faults().tamper_next(Tamper::Stale);
    world.bank.faults().tamper_next(Tamper::Currency(kernel::Currency::Jpy));
    world.bank.faults().tamper_next(Tamper::ChargeNo("c9".into()));
    world.paid("c2", 100).await;
    let heard = world.shop.heard().split_off(6);
    let at = |n: usize| heard[n].headers["sandbox-timestamp"].to_str().unwrap().parse::<i64>().unwrap();
    assert_eq!(at(3) - at(0), 3600);
    assert_eq!((heard[1].event().data.amount.currency, heard[2].event().data.merchant_charge_no), (kernel::Currency::Jpy, "c9".into()));
    assert!(world.bank.callbacks().iter().all(|record| record.delivered));
}

#[tokio::test]
async fn the_bank_changes_its_key_without_losing_the_shop() {
    let mut world = World::new().await;
    let (serial, public) = world.bank.rotate_key();
    world.bank.hold_callbacks();
    world.credentials.bank_public_keys.push((serial.clone(), public));
    world.paid("c1", 100).await;
    world.bank.release_callbacks();
    world.bank.settled().await;
    let heard = world.shop.heard();
    assert!(heard[0].genuine(&world.credentials.bank_public_keys));
    assert_eq!(heard[0].headers["sandbox-serial"].to_str().unwrap(), serial);
}
