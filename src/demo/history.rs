//! Sixty days in the life of the mall.

use std::time::Duration;

use kernel::{CustomerId, Failure, Fault, OrderId, PageRequest, SkuId, days, hours};
use trade::{
    fulfilment::service::{self as fulfilment, ShipOrder},
    order::{
        query::{self as order_list, OrderFilter},
        rules::{CancelReason, Delivery, Method, ShippingAddress, Status},
        service::{self as orders, CancelOrder, Order, PlaceOrder},
    },
    payment::service::{self as payments, PayOrder},
    quote::service::{self as quotes, NewQuote, WantedLine},
    refund::service::{self as refunds, StaffRefund},
};

use super::{Customers, Seeding, acting, refused};

/// Where demo parcels go: who, region and street.
const ADDRESSES: [(&str, &str, &str); 6] = [
    ("林小满", "浙江省杭州市西湖区", "龙井路 1 号 3 幢 502 室"),
    ("陈橘", "上海市徐汇区", "衡山路 88 弄 12 号"),
    ("周青山", "广东省深圳市南山区", "科苑路 15 号 A 座 1801"),
    ("Luna Wang", "四川省成都市锦江区", "春熙路 33 号 2 单元 7 楼"),
    ("老茶客", "北京市海淀区", "中关村南大街 5 号 6 号楼 1203"),
    ("Kevin Li", "湖北省武汉市洪山区", "珞喻路 1037 号东 3 舍 415"),
];

/// Who carries them, and how their numbers begin.
const CARRIERS: [(&str, &str); 3] = [("顺丰速运", "SF"), ("中通快递", "ZT"), ("圆通速递", "YT")];

/// Orders wait so long in the warehouse, …
const PACKED_AFTER: Duration = days(2);

/// … and their parcels are so long on their way.
const ARRIVED_AFTER: Duration = days(3);

/// How far behind today a day of the history lies. Days follow each other: half a day is between two at least.
pub(super) fn behind(day: u64) -> Duration {
    days(day) + hours(Chance::of(day).below(12))
}

/// One day: customers buy and pay, some give up or send back, the warehouse packs, parcels arrive. A day that was cut off
/// is lived again; what it had begun ends like everything else.
pub(super) async fn day(seeding: &Seeding<'_>, day: u64, (customers, skus): (&Customers, &[SkuId])) -> anyhow::Result<()> {
    let mut chance = Chance::of(day);
    chance.below(12);
    let mut given_back = Vec::new();
    for _ in 0..=chance.below(2) {
        let customer = customers[usize::try_from(chance.below(customers.len() as u64))?];
        let sku = skus[usize::try_from(chance.below(skus.len() as u64))?];
        let lines = vec![WantedLine { sku, quantity: 1 + i64::try_from(chance.below(3))? }];
        let (address, fate) = (address(usize::try_from(chance.below(6))?), chance.below(20));
        let Some(order) = place(seeding, customer, (NewQuote { lines, ..Default::default() }, address.into())).await? else { continue };
        if fate == 0 {
            orders::cancel(&seeding.op, CancelOrder { order: order.id, reason: CancelReason::Shopper }).await.map_err(refused)?;
            continue;
        }
        pay(seeding, order.id).await?;
        given_back.extend((fate == 1).then_some(order.id));
    }
    seeding.app.worker().settle().await?;
    for order in given_back {
        let all = StaffRefund { order, amount: None, lines: None, reason: "不想要了，全额退款".to_owned() };
        refunds::by_staff(&seeding.op, all, &format!("demo-refund-{order}")).await.map_err(refused)?;
    }
    warehouse(seeding, &mut chance).await
}

/// Packs what was paid some days ago, and brings what was packed some days ago.
async fn warehouse(seeding: &Seeding<'_>, chance: &mut Chance) -> anyhow::Result<()> {
    let op = &seeding.op;
    let old = |since: Option<kernel::Timestamp>, age| since.is_some_and(|since| since + age <= op.now());
    for order in of(seeding, Status::ToShip).await? {
        if order.method == Method::Parcel && order.origin.is_none() && old(order.paid_at, PACKED_AFTER) {
            let (carrier, begins) = CARRIERS[usize::try_from(chance.below(3))?];
            let parcel = ShipOrder::all(order.id, carrier, format!("{begins}{:012}", chance.below(1_000_000_000_000)));
            match fulfilment::ship(op, parcel, &format!("demo-ship-{}", order.id)).await {
                // Its money is on its way back.
                Ok(_) | Err(Failure::Refused(_)) => {}
                Err(fault) => return Err(refused(fault)),
            }
        }
    }
    for order in of(seeding, Status::Shipped).await? {
        if old(order.shipped_at, ARRIVED_AFTER) {
            orders::receive(op, order.id).await.map_err(refused)?;
        }
    }
    Ok(())
}

/// The latest orders in a status.
pub(super) async fn of(seeding: &Seeding<'_>, status: Status) -> anyhow::Result<Vec<Order>> {
    let filter = OrderFilter { status: Some(status), ..OrderFilter::default() };
    let page = order_list::list(&seeding.op, filter, PageRequest { first: 60, after: None }).await.map_err(refused)?;
    Ok(page.rows.into_iter().map(|(_, order)| order).collect())
}

/// One of the demo's addresses.
pub(super) fn address(n: usize) -> ShippingAddress {
    let (recipient, region, street) = ADDRESSES[n % ADDRESSES.len()];
    ShippingAddress {
        recipient: recipient.to_owned(),
        phone: format!("1380013800{}", n % 10),
        region: region.to_owned(),
        street: street.to_owned(),
        region_code: None,
    }
}

/// A customer places an order; nothing when what they want is sold out.
pub(super) async fn place(
    seeding: &Seeding<'_>,
    customer: CustomerId,
    (quote, delivery): (NewQuote, Delivery),
) -> anyhow::Result<Option<Order>> {
    let op = acting(&seeding.op, customer);
    let quote = match quotes::create(&op, quote).await {
        Ok(quote) => quote,
        Err(Failure::Refused(_)) => return Ok(None),
        Err(Failure::Fault(fault)) => return Err(fault.into()),
    };
    let wanted = PlaceOrder::new(quote.id, quote.total, delivery);
    match orders::place_own(&op, wanted, &format!("demo-{}", quote.id)).await {
        Ok(order) => Ok(Some(order)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(Failure::Fault(fault)) => Err(fault.into()),
    }
}

/// Pays an order at the sandbox bank, and does not wait for its report.
pub(super) async fn pay(seeding: &Seeding<'_>, order: OrderId) -> Result<(), Fault> {
    let placed = orders::get(&seeding.op, order).await?.ok_or_else(|| Fault::internal("a demo order is gone"))?;
    let op = acting(&seeding.op, placed.customer);
    let wanted = PayOrder::new(order, "sandbox");
    let payment = payments::pay(&op, wanted, &format!("demo-{order}")).await.map_err(broken)?;
    let bank = seeding.app.bank().ok_or_else(|| Fault::internal("the demo needs LIEBIAN_SANDBOX=on"))?;
    bank.pay(&payment.payment_no).map_err(|e| Fault::internal(format!("the sandbox bank: {e}")))?;
    payments::sync(&op, payment.id).await.map_err(broken)?;
    Ok(())
}

fn broken<R: std::error::Error>(failure: Failure<R>) -> Fault {
    match failure {
        Failure::Refused(refused) => Fault::internal(format!("the demo's payment: {refused}")),
        Failure::Fault(fault) => fault,
    }
}

/// The demo is the same each time: a small generator, seeded with the day.
struct Chance(u64);

impl Chance {
    fn of(day: u64) -> Self {
        let mut chance = Self(day.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        chance.below(2);
        chance
    }

    /// From 0 to `n` - 1.
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_of_the_history_follow_each_other() {
        for day in 1..=60 {
            assert!(behind(day + 1) >= behind(day) + hours(12), "day {day}");
        }
    }
}
