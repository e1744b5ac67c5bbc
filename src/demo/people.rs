//! What the demo's customers have: wallets with top-ups, points, coupons in use, an order that waits at a store.

use anyhow::Context;
use kernel::{Currency, CustomerId, Money, SkuId};
use platform::Op;
use promotion::freight::rules::Delivery as Carriage;
use trade::{
    fulfilment::stores,
    order::rules::Delivery,
    payment::service::{self as payments, PayOrder},
    points::service::{self as points, AdjustPoints},
    quote::service::{NewQuote, WantedLine},
    wallet::{
        BALANCE,
        service::{self as wallets, AdjustWallet},
        top_up::{self, NewTopUp},
    },
};

use super::{Customers, Seeding, acting, history, offers, refused};

const fn yuan(amount: i64) -> Money {
    Money { minor: amount * 100, currency: Currency::Cny }
}

/// Last year's points: they are over soon.
pub(super) async fn old_points(op: &Op, customers: &Customers) -> anyhow::Result<()> {
    for (customer, amount) in customers.iter().zip([800, 300, 1_200]) {
        let gift = AdjustPoints { customer: *customer, points: amount, reason: "老客回馈 thanks to regulars".to_owned() };
        points::adjust(op, gift, &format!("demo-old-{customer}")).await.map_err(refused)?;
    }
    Ok(())
}

/// Fills wallets, spends some of it, and puts coupons and points to use.
pub(super) async fn seed(seeding: &Seeding<'_>, (customers, skus): (&Customers, &[SkuId])) -> anyhow::Result<()> {
    let op = &seeding.op;
    for (customer, amount) in customers.iter().zip([yuan(500), yuan(200), yuan(1_000), yuan(50)]) {
        top_up(seeding, *customer, amount).await?;
    }
    let sorry = AdjustWallet { customer: customers[1], amount: yuan(5), reason: "快递延误补偿 sorry for the delay".to_owned() };
    wallets::adjust(op, sorry, "demo-sorry").await.map_err(refused)?;
    for (customer, amount) in customers.iter().skip(4).zip([150, 60]) {
        let gift = AdjustPoints { customer: *customer, points: amount, reason: "评价有礼 for a review".to_owned() };
        points::adjust(op, gift, &format!("demo-review-{customer}")).await.map_err(refused)?;
    }
    // From the wallet, with points.
    let lines = |place: usize, quantity| vec![WantedLine { sku: skus[place % skus.len()], quantity }];
    let quote = NewQuote { lines: lines(20, 2), points: 500, ..Default::default() };
    if let Some(order) = history::place(seeding, customers[0], (quote, history::address(0).into())).await? {
        let by = acting(op, customers[0]);
        payments::pay(&by, PayOrder::new(order.id, BALANCE), &format!("demo-{}", order.id)).await.map_err(refused)?;
    }
    // With a coupon.
    let usable = promotion::coupon::query::usable(op, customers[2]).await?;
    let coupons = usable.into_iter().take(1).map(|coupon| coupon.id).collect();
    if let Some(order) =
        history::place(seeding, customers[2], (NewQuote { lines: lines(3, 3), coupons, ..Default::default() }, history::address(2).into()))
            .await?
    {
        history::pay(seeding, order.id).await?;
    }
    // To be fetched.
    let quote = NewQuote { lines: lines(41, 1), delivery: Carriage::PickUp, ..Default::default() };
    let there = Delivery::Pickup { store: offers::store(op).await?, recipient: "小满".to_owned(), phone: "13800138006".to_owned() };
    if let Some(order) = history::place(seeding, customers[6], (quote, there)).await? {
        history::pay(seeding, order.id).await?;
        seeding.app.worker().settle().await?;
        stores::ready(op, order.id).await.map_err(refused)?;
    }
    Ok(())
}

async fn top_up(seeding: &Seeding<'_>, customer: CustomerId, amount: Money) -> anyhow::Result<()> {
    let by = acting(&seeding.op, customer);
    let wanted = NewTopUp { amount, gateway: "sandbox".to_owned(), product: None, payer: None };
    let begun = top_up::begin(&by, wanted, &format!("demo-top-{customer}")).await.map_err(refused)?;
    let bank = seeding.app.bank().context("the demo needs LIEBIAN_SANDBOX=on")?;
    // Paid by an earlier try is paid.
    if bank.charge(&begun.top_up_no).is_some_and(|charge| charge.paid_at.is_none()) {
        bank.pay(&begun.top_up_no)?;
    }
    top_up::sync(&by, begun.id).await.map_err(refused)?;
    Ok(())
}
