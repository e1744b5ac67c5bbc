//! Each way an API call goes wrong, and whether the work was done.

use std::time::Duration;

use reqwest::Method;
use sandbox::{ApiFault, Operation};

use crate::world::World;

#[tokio::test]
async fn some_faults_work_first_and_some_do_not() {
    use ApiFault::{Busy, DropAnswer, ForgedSignature, HalfBody, Hang, HangAfterWork, ServerError, ServerErrorAfterWork};
    for fault in [Busy, DropAnswer, ForgedSignature, HalfBody, Hang, HangAfterWork, ServerError, ServerErrorAfterWork] {
        let world = World::new().await;
        world.bank.faults().next(Operation::CreateCharge, fault);
        let text = world.charge("c1", 100).to_string();
        let request = world.request(Method::POST, "/v1/charges", &text).timeout(Duration::from_millis(300));
        let outcome = async { Ok::<_, reqwest::Error>((request.send().await?.error_for_status()?).bytes().await?.len()) }.await;
        assert_eq!(outcome.is_ok(), fault == ForgedSignature, "{fault:?}: {outcome:?}");
        let worked = !matches!(fault, Busy | Hang | ServerError);
        assert_eq!(world.bank.charge("c1").is_some(), worked, "{fault:?}");
        assert_eq!(world.post("/v1/charges", &world.charge("c1", 100)).await.0, 200, "the next call is fine");
        assert_eq!(world.bank.charges().len(), 1, "and it is one charge");
    }
}

#[tokio::test]
async fn a_fault_hits_its_own_operation_only_and_strangers_do_not_use_it_up() {
    let world = World::new().await;
    world.bank.faults().next(Operation::CreateRefund, ApiFault::Busy);
    world.paid("c1", 100).await;
    let unsigned = world.http.post(format!("{}/v1/refunds", world.url)).send().await.unwrap();
    assert_eq!(unsigned.status(), 401);
    assert_eq!(world.post("/v1/refunds", &world.refund("r1", "c1", 1)).await.0, 503);
    assert_eq!(world.post("/v1/refunds", &world.refund("r1", "c1", 1)).await.0, 200);
}

#[tokio::test]
async fn a_refund_may_take_its_time() {
    let world = World::new().await;
    world.bank.faults().delay_refunds(true);
    world.paid("c1", 100).await;
    assert_eq!(world.post("/v1/refunds", &world.refund("r1", "c1", 60)).await.1["status"], "PROCESSING");
    assert_eq!(world.post("/v1/refunds", &world.refund("r2", "c1", 41)).await.0, 409, "what is on its way is not there any more");
    world.bank.settle_refund("r1", None).unwrap();
    assert_eq!(world.get("/v1/refunds/r1").await.1["status"], "SUCCEEDED");
    assert!(world.bank.settle_refund("r1", Some("no")).is_err(), "once");
    world.bank.settled().await;
    assert_eq!(world.shop.heard().len(), 2);
}
