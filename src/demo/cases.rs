//! After-sale cases in several states, complaints, and a bill of the bank that does not quite agree with the books.

use anyhow::Context;
use kernel::{Currency, Money, days, hours};
use sandbox::books::{Charge, Refund};
use trade::{
    after_sale::{
        rules::{Kind, Reason},
        service::{self as cases, Approve, RequestCase, Say, ShipBack, WantedPieces},
    },
    complaint::{
        rules::About,
        service::{self as complaints, FileComplaint, Say as Answer},
    },
    order::{query as order_list, rules::Status, service::Order},
    reconciliation::service::{self as bills, NewBill},
};

use super::{Seeding, acting, history, refused};

/// What somebody asks for.
type Ask = (Kind, Reason, &'static str, Option<i64>);

/// How far a case of the demo goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goes {
    /// It waits for the merchant.
    Waits,
    /// The merchant agrees; the shopper is to send it back, or the money goes.
    Agreed,
    /// … and has sent it.
    SentBack,
    /// The merchant says no, and the shopper complains.
    Refused,
}

const CASES: [(Ask, Goes); 5] = [
    ((Kind::Return, Reason::NoReason, "颜色和家里不搭，未拆封，申请七天无理由退货。", None), Goes::Waits),
    ((Kind::Return, Reason::Faulty, "The lid does not close, tea leaks in my bag. I'd like to send it back.", None), Goes::SentBack),
    ((Kind::RefundOnly, Reason::Damaged, "外盒压坏了，东西能用，希望补偿一点。", Some(600)), Goes::Agreed),
    ((Kind::Exchange, Reason::WrongItem, "发错了，请换一件。", None), Goes::Agreed),
    ((Kind::RefundOnly, Reason::NotAsDescribed, "和描述的产地不一样，要求退款。", None), Goes::Refused),
];

/// Opens cases about the orders that arrived last, and one about an order that has not left the house.
pub(super) async fn seed(seeding: &Seeding<'_>) -> anyhow::Result<()> {
    let op = &seeding.op;
    let arrived = history::of(seeding, Status::Received).await?.into_iter();
    let mut arrived = arrived.filter(|order| order.refunded.minor == 0 && order.received_at.is_some_and(|at| at + days(6) > op.now()));
    for (ask, goes) in CASES {
        if let Some(order) = arrived.next() {
            open(seeding, &order, (ask, goes)).await?;
        }
    }
    if let Some(order) = history::of(seeding, Status::ToShip).await?.into_iter().last() {
        let ask = (Kind::RefundOnly, Reason::Other, "地址填错了，麻烦取消退款，我重新下单。", None);
        open(seeding, &order, (ask, Goes::Waits)).await?;
    }
    if let Some(order) = history::of(seeding, Status::Shipped).await?.into_iter().last() {
        let by = acting(op, order.customer);
        let note = "快递三天没有更新了，客服一直没有回复。".to_owned();
        let complaint = FileComplaint { order: order.id, case: None, about: About::Delivery, note, media: Vec::new() };
        let filed = complaints::file(&by, complaint, &format!("demo-complaint-{}", order.id)).await.map_err(refused)?;
        let note = "已联系承运商加急，预计明天送达，抱歉让您久等。".to_owned();
        complaints::say(op, Answer { complaint: filed.id, note, media: Vec::new() }).await.map_err(refused)?;
    }
    Ok(())
}

async fn open(seeding: &Seeding<'_>, order: &Order, ((kind, reason, note, keeps), goes): (Ask, Goes)) -> anyhow::Result<()> {
    let (op, by) = (&seeding.op, acting(&seeding.op, order.customer));
    let lines = order_list::lines(op, &[order.id]).await?.remove(&order.id).unwrap_or_default();
    let line = lines.first().with_context(|| format!("{} has no lines", order.order_no))?;
    let wanted = RequestCase {
        order: order.id,
        kind,
        reason,
        note: note.to_owned(),
        lines: vec![WantedPieces { line: line.id, quantity: line.quantity, replacement: None }],
        amount: keeps.map(|minor| Money::new(Ord::min(minor, line.payable_minor - 1), Currency::Cny)),
        media: Vec::new(),
    };
    let case = cases::request(&by, wanted, &format!("demo-case-{}", order.id)).await.map_err(refused)?.id;
    match goes {
        Goes::Waits => {}
        Goes::Agreed | Goes::SentBack => {
            let return_to = (kind != Kind::RefundOnly).then(|| "浙江省杭州市西湖区龙井路 88 号 裂变售后仓 0571-8796 1001".to_owned());
            cases::approve(op, Approve { case, return_to, note: "同意，给您添麻烦了。".to_owned() }).await.map_err(refused)?;
            if goes == Goes::SentBack {
                let parcel = ShipBack { case, carrier: "中通快递".to_owned(), tracking_no: "ZT770000112233".to_owned() };
                cases::ship_back(&by, parcel).await.map_err(refused)?;
            }
        }
        Goes::Refused => {
            let note = "商品页与包装均注明产地，核对无误。".to_owned();
            cases::reject(op, Say { case, note, media: Vec::new() }).await.map_err(refused)?;
            let note = "页面写的是武夷山，收到的包装上是福州，请平台处理。".to_owned();
            let complaint = FileComplaint { order: order.id, case: Some(case), about: About::Rejected, note, media: Vec::new() };
            complaints::file(&by, complaint, &format!("demo-complaint-{}", order.id)).await.map_err(refused)?;
        }
    }
    Ok(())
}

/// The bank's bill of last week, from its own books, with three mistakes: an amount, a payment that is missing, and one
/// that nobody made here.
pub(super) async fn bill(seeding: &Seeding<'_>) -> anyhow::Result<()> {
    let op = &seeding.op;
    let bank = seeding.app.bank().context("the demo needs LIEBIAN_SANDBOX=on")?;
    let (from, until) = (op.now() - days(8), op.now() - days(1));
    let within = |at: Option<kernel::Timestamp>| at.filter(|at| (from..until).contains(at));
    let mut charges: Vec<Charge> = bank.charges().into_iter().filter(|charge| within(charge.paid_at).is_some()).collect();
    charges.sort_by_key(|charge| charge.paid_at);
    if charges.len() > 3 {
        charges[1].request.amount.minor += 100;
        charges.remove(2);
    }
    let charge = |charge: &Charge| {
        let at = charge.paid_at.map(kernel::Timestamp::to_rfc3339).unwrap_or_default();
        let (number, minor) = (&charge.request.merchant_charge_no, charge.request.amount.minor);
        format!("{at},CHARGE,{number},{},{minor},CNY,SUCCEEDED\n", charge.charge_id)
    };
    let refund = |refund: &Refund| {
        let at = refund.settled_at.map(kernel::Timestamp::to_rfc3339).unwrap_or_default();
        let (number, minor) = (&refund.request.merchant_refund_no, refund.request.amount.minor);
        format!("{at},REFUND,{number},{},{minor},CNY,SUCCEEDED\n", refund.refund_id)
    };
    let refunds = bank.refunds().into_iter().filter(|refund| within(refund.settled_at).is_some());
    let unknown = format!("{},CHARGE,OFFLINE-COUNTER-0001,bank-0001,8800,CNY,SUCCEEDED\n", (until - hours(2)).to_rfc3339());
    let lines: String = charges.iter().map(charge).chain(refunds.map(|row| refund(&row))).chain([unknown]).collect();
    let file = format!("happened_at,kind,merchant_no,provider_no,amount_minor,currency,status\n{lines}");
    let new = NewBill { gateway: "sandbox".to_owned(), file_name: "sandbox-last-week.csv".to_owned(), from, until, by: "demo".to_owned() };
    bills::import(op, new, file.as_bytes()).await.map_err(refused)?;
    Ok(())
}
