//! Money out of wallets: to its owner, once, and after as many people said yes as it needs.

use std::sync::Arc;

use entity::{identity::customer_identity, trade::wallet_withdrawal::WithdrawalState as State};
use futures_util::future::join_all;
use identity::customer::demo::{self, DemoCustomer};
use kernel::{Actor, Money, SessionId, StaffId, WithdrawalId, minutes};
use platform::Op;
use sea_orm::{ActiveValue::Set, EntityTrait};
use uuid::Uuid;

use super::{
    bank::Mood,
    shop::{PRICE, Shop, at, cny, refusal},
    wallets::line,
};
use crate::{
    order::rules::Status,
    payment::{gateway::TransferState, service as payments},
    wallet::{
        BALANCE,
        withdrawal::{self, NewWithdrawal, Verdict, Withdrawal},
    },
};

impl Shop {
    /// A customer the bank can pay out to, with so much in the wallet.
    async fn rich(&self, handle: &str, amount: i64) -> Op {
        let op = self.op();
        let new = DemoCustomer { handle: handle.into(), nickname: handle.into(), avatar_url: None, phone: None, registered_at: op.now() };
        let id = demo::ensure(&op, new).await.expect("is made");
        let known = customer_identity::ActiveModel {
            provider: Set("wechat".to_owned()),
            subject: Set(format!("app:openid-of-{handle}")),
            customer: Set(id),
            created_at: Set(op.now()),
        };
        customer_identity::Entity::insert(known).exec_without_returning(op.platform.db.writer()).await.expect("is known");
        let by = Op { actor: Actor::Customer { id, session: SessionId(Uuid::from_u128(7)) }, ..op };
        self.tops_up(&by, amount).await;
        by
    }

    /// The operation of the `n`th colleague.
    fn colleague(&self, n: u128) -> Op {
        let Actor::Staff { permissions, .. } = self.staff().actor else { panic!("staff are staff") };
        Op { actor: Actor::Staff { id: StaffId(Uuid::from_u128(n)), session: SessionId(Uuid::from_u128(n)), permissions }, ..self.op() }
    }

    async fn withdrawal(&self, id: WithdrawalId) -> Withdrawal {
        withdrawal::get(&self.op(), id).await.expect("reads").expect("is there")
    }
}

fn wish(amount: Money) -> NewWithdrawal {
    NewWithdrawal { amount, gateway: "sandbox".into(), real_name: Some("王小明".into()) }
}

fn paid() -> TransferState {
    TransferState::Succeeded { provider_id: "13300".into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_one_goes_out_once_its_payee_confirms_it() {
    let shop = Arc::new(Shop::opens().await);
    let ann = shop.rich("ann", 30_000).await;
    let asked = withdrawal::request(&ann, wish(cny(10_000)), "withdraw-1").await.expect("is asked for");
    assert_eq!((asked.state, shop.wallet(&ann).await), (State::Approved, 20_000));
    assert_eq!(withdrawal::request(&ann, wish(cny(10_000)), "withdraw-1").await.expect("is known").id, asked.id);
    shop.settle().await;
    let waits = shop.withdrawal(asked.id).await;
    assert_eq!((waits.state, waits.package.as_deref()), (State::AwaitingPayee, Some("package-openid-of-ann")));
    assert!(withdrawal::get(&shop.by(2), asked.id).await.expect("reads").is_none(), "nobody else's business");
    let report = shop.bank.ends_transfer(&asked.withdrawal_no, paid());
    let reports = (0..10).map(|_| {
        let (shop, report) = (Arc::clone(&shop), report.clone());
        tokio::spawn(async move { shop.hears(&report).await.expect("is believed") })
    });
    for heard in join_all(reports).await {
        heard.expect("no panic");
    }
    assert_eq!(shop.withdrawal(asked.id).await.state, State::Paid);
    assert_eq!(shop.statement(&ann).await, [line("withdrawal", -10_000, 20_000), line("top_up", 30_000, 30_000)]);
    shop.adds_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_who_want_all_of_it_one_gets_it_and_an_order_gets_none() {
    let shop = Arc::new(Shop::opens().await);
    let ann = shop.rich("ann", PRICE).await;
    let order = shop.orders(&ann, 1).await;
    let wishes = (0..10).map(|n| {
        let ann = ann.clone();
        tokio::spawn(async move { withdrawal::request(&ann, wish(cny(PRICE)), &format!("withdraw-{n}")).await })
    });
    let paying = {
        let ann = ann.clone();
        tokio::spawn(async move { payments::pay(&ann, at(BALANCE, order.id), "pay-key-0001").await })
    };
    let mut out = 0;
    for wish in join_all(wishes).await {
        match wish.expect("no panic") {
            Ok(_) => out += 1,
            refused => assert_eq!(refusal(refused), "WALLET_INSUFFICIENT"),
        }
    }
    let bought = paying.await.expect("no panic").is_ok();
    assert_eq!(out + i32::from(bought), 1, "the money went one way");
    assert_eq!(shop.wallet(&ann).await, 0);
    shop.settle().await;
    assert_eq!(shop.bank.transfers().len(), usize::from(!bought));
    let expected = if bought { Status::ToShip } else { Status::PendingPayment };
    assert_eq!(shop.status(order.id).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_and_a_no_at_once_are_one_of_them() {
    let shop = Shop::opens().await;
    let ann = shop.rich("ann", 500_000).await;
    let mut left = 500_000;
    for n in 0..8_u128 {
        let asked = withdrawal::request(&ann, wish(cny(20_000)), &format!("withdraw-{n}")).await.expect("is asked for");
        assert_eq!((asked.state, asked.approvals_needed), (State::InReview, 1));
        let (yes, no) = (shop.colleague(1), shop.colleague(2));
        let yes = tokio::spawn(async move { withdrawal::review(&yes, (asked.id, Verdict::Yes)).await });
        let no = tokio::spawn(async move { withdrawal::review(&no, (asked.id, Verdict::No("not now".into()))).await });
        let (yes, no) = (yes.await.expect("no panic"), no.await.expect("no panic"));
        assert_ne!(yes.is_ok(), no.is_ok(), "the first one counts");
        if yes.is_ok() {
            left -= 20_000;
        }
        let decided = if yes.is_ok() { no } else { yes };
        assert_eq!(refusal(decided), "WALLET_WITHDRAWAL_DECIDED");
        assert_eq!(shop.wallet(&ann).await, left);
    }
    shop.settle().await;
    assert_eq!(shop.bank.transfers().len() as i64 * 20_000, 500_000 - left);
    for number in shop.bank.transfers() {
        shop.bank.ends_transfer(&number, paid());
    }
    shop.advance(minutes(1)).await;
    shop.adds_up().await;
}

#[tokio::test]
async fn the_largest_need_two_people_and_one_who_says_no_gives_it_back() {
    let shop = Shop::opens().await;
    let ann = shop.rich("ann", 2_000_000).await;
    let asked = withdrawal::request(&ann, wish(cny(500_000)), "withdraw-1").await.expect("is asked for");
    let yes = async |n| withdrawal::review(&shop.colleague(n), (asked.id, Verdict::Yes)).await;
    assert_eq!(yes(1).await.expect("is a yes").state, State::InReview);
    assert_eq!(refusal(yes(1).await), "WALLET_WITHDRAWAL_FOUR_EYES");
    assert_eq!(yes(2).await.expect("is a yes").state, State::Approved);
    assert_eq!(yes(2).await.expect("is known").state, State::Approved);
    shop.settle().await;
    assert_eq!(shop.withdrawal(asked.id).await.state, State::AwaitingPayee);
    // Nobody confirms it in time.
    shop.bank.ends_transfer(&asked.withdrawal_no, TransferState::Failed { reason: "CANCELLED".into() });
    let over = withdrawal::sync(&ann, asked.id).await.expect("is looked up");
    assert_eq!((over.state, over.failure.as_deref(), shop.wallet(&ann).await), (State::Failed, Some("CANCELLED"), 2_000_000));
    let asked = withdrawal::request(&ann, wish(cny(20_000)), "withdraw-2").await.expect("is asked for");
    let no = |note: &str| (asked.id, Verdict::No(note.to_owned()));
    assert_eq!(refusal(withdrawal::review(&shop.colleague(1), no(" ")).await), "WALLET_REASON_INVALID");
    let rejected = withdrawal::review(&shop.colleague(1), no("call us")).await.expect("is a no");
    assert_eq!((rejected.state, rejected.note.as_deref(), shop.wallet(&ann).await), (State::Rejected, Some("call us"), 2_000_000));
    for (amount, code) in [(cny(99), "WALLET_AMOUNT_INVALID"), (cny(2_000_001), "WALLET_TOP_UP_TOO_MUCH")] {
        assert_eq!(refusal(withdrawal::request(&ann, wish(amount), "withdraw-3").await), code);
    }
    let elsewhere = NewWithdrawal { gateway: "other".into(), ..wish(cny(100)) };
    assert_eq!(refusal(withdrawal::request(&ann, elsewhere, "withdraw-4").await), "WALLET_WITHDRAWAL_UNAVAILABLE");
    assert_eq!(refusal(withdrawal::request(&shop.by(2), wish(cny(100)), "withdraw-5").await), "WALLET_PAYEE_UNKNOWN");
    shop.adds_up().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_is_asked_for_again_and_a_no_gives_the_money_back() {
    let shop = Shop::opens().await;
    let ann = shop.rich("ann", 30_000).await;
    shop.bank.is(Mood::Hangs);
    let asked = withdrawal::request(&ann, wish(cny(10_000)), "withdraw-1").await.expect("is asked for");
    tokio::select! {
        done = shop.worker.settle() => panic!("it answered: {done:?}"),
        () = shop.bank.worked.notified() => {}
    }
    // Started again; the lease of the job that died runs out.
    shop.bank.is(Mood::Mumbles);
    shop.advance(minutes(1)).await;
    assert_eq!(shop.withdrawal(asked.id).await.state, State::Approved);
    shop.bank.is(Mood::Well);
    shop.advance(minutes(10)).await;
    assert_eq!((shop.withdrawal(asked.id).await.state, shop.bank.transfers().len()), (State::AwaitingPayee, 1));
    shop.bank.ends_transfer(&asked.withdrawal_no, paid());
    shop.advance(minutes(10)).await;
    assert_eq!((shop.withdrawal(asked.id).await.state, shop.wallet(&ann).await), (State::Paid, 20_000));
    shop.bank.is(Mood::Declines);
    let asked = withdrawal::request(&ann, wish(cny(10_000)), "withdraw-2").await.expect("is asked for");
    shop.settle().await;
    let failed = shop.withdrawal(asked.id).await;
    assert_eq!((failed.state, failed.failure.as_deref(), shop.wallet(&ann).await), (State::Failed, Some("NO: not with us"), 20_000));
    shop.bank.is(Mood::Well);
    shop.adds_up().await;
}
