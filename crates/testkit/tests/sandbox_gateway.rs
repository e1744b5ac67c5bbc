//! The mall's client against the bank itself: what it makes of every answer, and of none.
#![allow(clippy::unwrap_used)]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use kernel::{Clock, Currency, Money, Timestamp, minutes};
use sandbox::{ApiFault, Bank, BankConfig, MerchantCredentials, Operation, Tamper};
use tokio::net::TcpListener;
use trade::payment::{
    gateway::{
        ChargeRef, ChargeState, Gateway, GatewayError, NewCharge, NewRefund, Notification, NotificationKind, NotificationRefused,
        PayAction, PayProduct, RefundRef, RefundState,
    },
    gateways::sandbox::{SandboxGateway, SandboxGatewayConfig},
};

const START: Timestamp = Timestamp(1_762_819_200_000);

#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

type Heard = Arc<Mutex<Vec<Result<Notification, NotificationRefused>>>>;

struct World {
    clock: Hand,
    bank: Bank,
    gateway: Arc<SandboxGateway>,
    config: SandboxGatewayConfig,
    heard: Heard,
    notify_url: String,
}

async fn serve(router: impl FnOnce(&str) -> Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = router(&url);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

fn config_of(base_url: &str, credentials: &MerchantCredentials) -> SandboxGatewayConfig {
    let MerchantCredentials { merchant_id, merchant_key, bank_public_keys } = credentials.clone();
    let config = SandboxGatewayConfig::new(base_url, merchant_id, merchant_key, bank_public_keys);
    SandboxGatewayConfig { total_timeout: Duration::from_millis(500), ..config }
}

/// What the mall's notify route will do: 204 to what it believes, 401 to the rest.
async fn notified(State((gateway, heard)): State<(Arc<SandboxGateway>, Heard)>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned())).collect();
    let read = gateway.verify_notification(&headers, &body).await;
    let code = if read.is_ok() { StatusCode::NO_CONTENT } else { StatusCode::UNAUTHORIZED };
    heard.lock().unwrap().push(read);
    code
}

impl World {
    async fn new() -> Self {
        let clock = Hand(Arc::new(AtomicI64::new(START.0)));
        let mut opened = None;
        serve(|url| {
            let (mut config, credentials) = BankConfig::fresh(format!("{url}/sandbox"), "m1");
            config.callbacks.first_pause = Duration::from_millis(5);
            let base_url = config.public_url.clone();
            let bank = Bank::open(config, Arc::new(clock.clone())).unwrap();
            opened = Some((bank.clone(), config_of(&base_url, &credentials)));
            Router::new().nest("/sandbox", sandbox::router(bank))
        })
        .await;
        let (bank, config) = opened.unwrap();
        let gateway = Arc::new(SandboxGateway::new(&config, Arc::new(clock.clone())).unwrap());
        let heard = Heard::default();
        let state = (gateway.clone(), heard.clone());
        let shop = serve(|_| Router::new().route("/notify", post(notified)).with_state(state)).await;
        Self { clock, bank, gateway, config, heard, notify_url: format!("{shop}/notify") }
    }

    fn charge(&self, no: &str, minor: i64) -> NewCharge {
        NewCharge {
            charge_no: no.into(),
            amount: cny(minor),
            description: "三罐茶".into(),
            notify_url: self.notify_url.clone(),
            return_url: None,
            expires_at: START + minutes(30),
            payer: None,
            product: PayProduct::Page,
            client_ip: None,
        }
    }

    async fn paid(&self, no: &str, minor: i64) {
        self.gateway.create(self.charge(no, minor)).await.unwrap();
        self.bank.pay(no).unwrap();
        self.bank.settled().await;
    }
}

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

fn refund(no: &str, charge_no: &str, minor: i64) -> NewRefund {
    NewRefund {
        refund_no: no.into(),
        charge_no: charge_no.into(),
        provider_charge_id: None,
        charged: cny(minor),
        notify_url: "https://mall.example/pay/notify/sandbox".into(),
        amount: cny(minor),
        reason: "未成团".into(),
    }
}

fn charge(no: &str) -> ChargeRef {
    ChargeRef::by_number(no)
}

fn refund_ref(no: &str) -> RefundRef {
    RefundRef { refund_no: no.into(), provider_refund_id: None, charge: charge("c") }
}

fn code<T: std::fmt::Debug>(result: Result<T, GatewayError>) -> String {
    match result {
        Err(GatewayError::Refused { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn money_comes_and_goes_back() {
    let world = World::new().await;
    let gateway = &world.gateway;
    assert_eq!(gateway.query(&charge("c1")).await, Ok(ChargeState::Absent));
    let created = gateway.create(world.charge("c1", 5900)).await.unwrap();
    assert_eq!(gateway.create(world.charge("c1", 5900)).await.unwrap(), created, "asked again, the same charge");
    let PayAction::Redirect(url) = &created.action else { panic!("{created:?}") };
    assert!(url.ends_with(&created.provider_charge_id), "{url}");
    let pending = ChargeState::Pending { provider_charge_id: created.provider_charge_id.clone() };
    assert_eq!(gateway.query(&charge("c1")).await, Ok(pending));
    world.bank.pay("c1").unwrap();
    let paid = ChargeState::Succeeded { provider_charge_id: created.provider_charge_id.clone(), amount: cny(5900), paid_at: START };
    assert_eq!(gateway.query(&charge("c1")).await.as_ref(), Ok(&paid));
    assert_eq!(gateway.close(&charge("c1")).await, Ok(paid), "too late to close: the money is here");
    assert_eq!(gateway.query_refund(&refund_ref("r1")).await, Ok(RefundState::Absent));
    let back = gateway.refund(refund("r1", "c1", 5900)).await.unwrap();
    assert!(matches!(&back, RefundState::Succeeded { amount, .. } if *amount == cny(5900)), "{back:?}");
    assert_eq!(gateway.refund(refund("r1", "c1", 5900)).await.unwrap(), back, "asked again, the same refund");
    assert_eq!(gateway.query_refund(&refund_ref("r1")).await.unwrap(), back);
    world.bank.settled().await;
    let heard: Vec<_> = world.heard.lock().unwrap().iter().map(|heard| heard.clone().unwrap()).collect();
    let mut kinds: Vec<_> = heard.iter().map(|heard| (heard.kind, heard.charge_no.as_str(), heard.refund_no.as_deref())).collect();
    kinds.sort_by_key(|(_, _, refund_no)| refund_no.is_some());
    assert_eq!(kinds, [(NotificationKind::ChargeSucceeded, "c1", None), (NotificationKind::RefundSucceeded, "c1", Some("r1"))]);
}

#[tokio::test]
async fn refusals_are_final_and_say_why() {
    let world = World::new().await;
    let gateway = &world.gateway;
    assert_eq!(gateway.close(&charge("c1")).await, Ok(ChargeState::Absent));
    gateway.create(world.charge("c1", 100)).await.unwrap();
    assert_eq!(code(gateway.create(world.charge("c1", 101)).await), "CHARGE_CONFLICT");
    assert_eq!(code(gateway.create(world.charge("c2", 0)).await), "PARAM_ERROR");
    assert_eq!(code(gateway.refund(refund("r1", "c9", 1)).await), "CHARGE_NOT_FOUND");
    assert_eq!(code(gateway.refund(refund("r1", "c1", 1)).await), "CHARGE_NOT_PAID");
    assert_eq!(gateway.close(&charge("c1")).await, Ok(ChargeState::Closed));
    assert_eq!(gateway.query(&charge("c1")).await, Ok(ChargeState::Closed));
    world.paid("c3", 100).await;
    assert_eq!(code(gateway.refund(refund("r1", "c3", 101)).await), "REFUND_EXCEEDS_PAID");
    assert_eq!(code(gateway.query(&charge("../v1")).await), "PARAM_ERROR");
}

#[tokio::test]
async fn a_refund_may_be_on_its_way_or_fail() {
    let world = World::new().await;
    world.paid("c1", 100).await;
    world.bank.faults().delay_refunds(true);
    assert!(matches!(world.gateway.refund(refund("r1", "c1", 60)).await, Ok(RefundState::Processing { .. })));
    world.bank.settle_refund("r1", Some("account closed")).unwrap();
    assert!(
        matches!(world.gateway.query_refund(&refund_ref("r1")).await, Ok(RefundState::Failed { reason, .. }) if reason == "account closed")
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_believed_is_unknown_and_the_same_number_finds_out() {
    use ApiFault::{DropAnswer, ForgedSignature, HalfBody, Hang, HangAfterWork, ServerError, ServerErrorAfterWork};
    let world = World::new().await;
    let gateway = &world.gateway;
    for (n, fault) in
        [DropAnswer, ForgedSignature, HalfBody, HangAfterWork, ServerErrorAfterWork, Hang, ServerError].into_iter().enumerate()
    {
        let (charge_no, refund_no) = (format!("c{n}"), format!("r{n}"));
        let worked = n < 5;
        world.bank.faults().next(Operation::CreateCharge, fault);
        let outcome = gateway.create(world.charge(&charge_no, 100)).await;
        assert!(matches!(outcome, Err(GatewayError::Unknown(_))), "{fault:?}: {outcome:?}");
        let found = gateway.query(&charge(&charge_no)).await.unwrap();
        assert_eq!(matches!(found, ChargeState::Pending { .. }), worked, "{fault:?}: {found:?}");
        world.paid(&charge_no, 100).await;
        world.bank.faults().next(Operation::CreateRefund, fault);
        let outcome = gateway.refund(refund(&refund_no, &charge_no, 100)).await;
        assert!(matches!(outcome, Err(GatewayError::Unknown(_))), "{fault:?}: {outcome:?}");
        assert_eq!(gateway.query_refund(&refund_ref(&refund_no)).await == Ok(RefundState::Absent), !worked, "{fault:?}");
        assert!(matches!(gateway.refund(refund(&refund_no, &charge_no, 100)).await, Ok(RefundState::Succeeded { .. })), "{fault:?}");
    }
    assert_eq!(world.bank.balance("m1", Currency::Cny), cny(0), "each charge once, each refund once");
}

#[tokio::test]
async fn a_bank_out_of_reach_did_nothing() {
    let world = World::new().await;
    let unavailable = |outcome: &Result<ChargeState, GatewayError>| matches!(outcome, Err(GatewayError::Unavailable(_)));
    world.bank.faults().next(Operation::QueryCharge, ApiFault::Busy);
    let busy = world.gateway.query(&charge("c1")).await;
    assert!(unavailable(&busy), "{busy:?}");
    let gateway = |change: &dyn Fn(&mut SandboxGatewayConfig), clock: Hand| {
        let mut config = world.config.clone();
        change(&mut config);
        SandboxGateway::new(&config, Arc::new(clock)).unwrap()
    };
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let closed = gateway(&|config| config.base_url = format!("http://{nobody}"), world.clock.clone()).query(&charge("c1")).await;
    assert!(unavailable(&closed), "{closed:?}");
    let (_, stranger) = BankConfig::fresh("http://127.0.0.1", "m1");
    let wrong_key =
        gateway(&|config| config.merchant_key.clone_from(&stranger.merchant_key), world.clock.clone()).query(&charge("c1")).await;
    assert!(unavailable(&wrong_key), "our own key is wrong, not the request: {wrong_key:?}");
    let wrong_bank = gateway(&|config| config.bank_public_keys.clone_from(&stranger.bank_public_keys), world.clock.clone());
    let outcome = wrong_bank.query(&charge("c1")).await;
    assert!(matches!(outcome, Err(GatewayError::Unknown(_))), "somebody else's answer: {outcome:?}");
    let slow = Hand(Arc::new(AtomicI64::new(START.0 - 301_000)));
    let outcome = gateway(&|_| (), slow).query(&charge("c1")).await;
    assert!(matches!(outcome, Err(GatewayError::Unknown(_))), "clocks apart: {outcome:?}");
}

#[tokio::test]
async fn forged_notifications_are_refused_and_the_genuine_one_arrives() {
    let world = World::new().await;
    for tamper in [Tamper::Signature, Tamper::UnknownKey, Tamper::Stale, Tamper::HalfBody, Tamper::Merchant("m2".into()), Tamper::Amount(1)]
    {
        world.bank.faults().tamper_next(tamper);
    }
    world.paid("c1", 5900).await;
    use NotificationRefused::{BadSignature, ForeignMerchant, Stale, UnknownKey};
    let heard = world.heard.lock().unwrap().clone();
    let refused: Vec<_> = heard.iter().take(5).map(|heard| heard.clone().unwrap_err()).collect();
    assert_eq!(refused, [BadSignature, UnknownKey, Stale, BadSignature, ForeignMerchant]);
    let amounts: Vec<_> = heard.iter().skip(5).map(|heard| heard.as_ref().unwrap().amount).collect();
    assert_eq!(amounts, [cny(1), cny(5900)], "a wrong amount under a right signature is for the caller to notice");
    assert_eq!(heard[5].as_ref().unwrap().event_id, heard[6].as_ref().unwrap().event_id);
}
