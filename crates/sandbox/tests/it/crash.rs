//! What a killed bank remembers.

use std::{io::Write, sync::Arc, time::Duration};

use kernel::Currency;
use sandbox::{Bank, BankError, journal::JournalError, protocol::EventKind};

use crate::world::World;

#[tokio::test]
async fn a_killed_bank_forgets_nothing_it_acknowledged_and_goes_on_telling() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.jsonl");
    let world = World::with_journal(Some(path.clone())).await;
    world.paid("c1", 100).await;
    world.bank.hold_callbacks();
    world.paid("c2", 200).await;
    assert_eq!(world.post("/v1/refunds", &world.refund("r1", "c2", 50)).await.0, 200);
    let (charges, refunds, shop) = (world.bank.charges(), world.bank.refunds(), world.shop.clone());
    assert_eq!(shop.heard().len(), 1);
    let (config, clock) = world.kill_bank().await;
    // Killed in the middle of a line.
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(br#"{"entry":"charge_pa"#).unwrap();
    // The connections of the killed bank close a little later than its listener; only the last one gives up the journal.
    let opening = async {
        loop {
            match Bank::open(config.clone(), Arc::new(clock.clone())) {
                Err(BankError::Journal(JournalError::InUse(_))) => tokio::task::yield_now().await,
                opened => break opened.unwrap(),
            }
        }
    };
    let bank = tokio::time::timeout(Duration::from_secs(10), opening).await.unwrap();
    assert_eq!((bank.charges(), bank.refunds()), (charges, refunds));
    assert_eq!(bank.balance("m1", Currency::Cny).minor, 250);
    bank.settled().await;
    let mut kinds: Vec<_> = shop.heard().iter().map(|heard| (heard.event().data.merchant_charge_no, heard.event().kind)).collect();
    kinds.sort_by_key(|(no, kind)| (no.clone(), format!("{kind:?}")));
    let expected = [("c1", EventKind::ChargeSucceeded), ("c2", EventKind::ChargeSucceeded), ("c2", EventKind::RefundSucceeded)];
    assert_eq!(kinds, expected.map(|(no, kind)| (no.to_owned(), kind)), "what was held is told, what was heard is not repeated");
    drop(bank);
}

#[tokio::test]
async fn a_bank_that_cannot_keep_books_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.jsonl");
    std::fs::write(&path, "{\"entry\":\"charge_paid\",\"key\":[\"m1\",\"c9\"],\"at\":\"2025-11-11T00:00:00Z\",\"event_id\":\"e\"}\n")
        .unwrap();
    let (mut config, _) = sandbox::BankConfig::fresh("http://127.0.0.1:1", "m1");
    config.journal = Some(path);
    let clock = || Arc::new(crate::world::Hand::new());
    assert!(matches!(Bank::open(config.clone(), clock()), Err(BankError::Contradiction(_))));
    config.journal = None;
    config.keys.clear();
    assert!(matches!(Bank::open(config, clock()), Err(BankError::NoKey)));
}
