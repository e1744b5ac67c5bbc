//! Sixty days in the life of the mall.

use kernel::{Actor, CustomerId, Failure, Fault, OrderId, SessionId, SkuId, days, hours};
use platform::Op;
use trade::{
    fulfilment::service::{self as fulfilment, ShipOrder},
    order::{
        rules::{CancelReason, ShippingAddress},
        service::{self as orders, CancelOrder, PlaceOrder},
    },
    payment::service::{self as payments, PayOrder},
    quote::service::{self as quotes, NewQuote, WantedLine},
    refund::service::{self as refunds, StaffRefund},
};

use super::{Customers, HISTORY, Seeding};

/// Where demo parcels go.
const ADDRESSES: [(&str, &str); 6] = [
    ("浙江省杭州市西湖区", "龙井路 1 号 3 幢 502 室"),
    ("上海市徐汇区", "衡山路 88 弄 12 号"),
    ("广东省深圳市南山区", "科苑路 15 号 A 座 1801"),
    ("四川省成都市锦江区", "春熙路 33 号 2 单元 7 楼"),
    ("北京市海淀区", "中关村南大街 5 号 6 号楼 1203"),
    ("湖北省武汉市洪山区", "珞喻路 1037 号东 3 舍 415"),
];

/// Lets the customers of the demo buy, day by day; the oldest orders have come to their end.
pub(super) async fn seed(seeding: &Seeding<'_>, (customers, skus): (&Customers, &[SkuId])) -> anyhow::Result<()> {
    let mut chance = Chance(7);
    for day in (1..=HISTORY).rev() {
        seeding.clock.set_behind(days(day) + hours(chance.below(12)));
        for _ in 0..=chance.below(2) {
            let customer = customers[usize::try_from(chance.below(customers.len() as u64))?];
            let sku = skus[usize::try_from(chance.below(skus.len() as u64))?];
            let wanted = WantedLine { sku, quantity: 1 + i64::try_from(chance.below(3))? };
            if let Some(order) = place(seeding, (customer, wanted, usize::try_from(chance.below(6))?)).await? {
                live(seeding, order, &mut chance).await?;
            }
        }
        seeding.app.worker().settle().await?;
    }
    Ok(())
}

/// What becomes of an order: most are paid and arrive, some are given up, one in a while goes back.
async fn live(seeding: &Seeding<'_>, order: OrderId, chance: &mut Chance) -> anyhow::Result<()> {
    let (op, fate) = (&seeding.op, chance.below(20));
    if fate == 0 {
        orders::cancel(op, CancelOrder { order, reason: CancelReason::Shopper }).await.map_err(refused)?;
        return Ok(());
    }
    pay(seeding, order).await?;
    seeding.app.worker().settle().await?;
    if fate == 1 {
        let all = StaffRefund { order, amount: None, lines: None, reason: "不想要了，全额退款".to_owned() };
        refunds::by_staff(op, all, &format!("demo-refund-{order}")).await.map_err(refused)?;
    } else if seeding.clock_is_older_than(days(3)) {
        let parcel = ShipOrder::all(order, "顺丰速运", format!("SF{:012}", chance.below(1_000_000_000_000)));
        fulfilment::ship(op, parcel, &format!("demo-ship-{order}")).await.map_err(refused)?;
        if seeding.clock_is_older_than(days(6)) {
            orders::receive(op, order).await.map_err(refused)?;
        }
    }
    Ok(())
}

/// A customer places an order; nothing when what they want is sold out.
async fn place(seeding: &Seeding<'_>, (customer, line, address): (CustomerId, WantedLine, usize)) -> anyhow::Result<Option<OrderId>> {
    let op = acting(&seeding.op, customer);
    let quote = match quotes::create(&op, NewQuote { lines: vec![line], ..Default::default() }).await {
        Ok(quote) => quote,
        Err(Failure::Refused(_)) => return Ok(None),
        Err(Failure::Fault(fault)) => return Err(fault.into()),
    };
    let (region, street) = ADDRESSES[address % ADDRESSES.len()];
    let address = ShippingAddress {
        recipient: "收货人".to_owned(),
        phone: "13800138000".to_owned(),
        region: region.to_owned(),
        street: street.to_owned(),
        region_code: None,
    };
    let wanted = PlaceOrder::new(quote.id, quote.total, address);
    match orders::place_own(&op, wanted, &format!("demo-{}", quote.id)).await {
        Ok(order) => Ok(Some(order.id)),
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

/// The same platform, on behalf of a customer.
fn acting(op: &Op, customer: CustomerId) -> Op {
    Op { actor: Actor::Customer { id: customer, session: op.new_id::<SessionId>() }, ..op.clone() }
}

fn broken<R: std::error::Error>(failure: Failure<R>) -> Fault {
    match failure {
        Failure::Refused(refused) => Fault::internal(format!("the demo's payment: {refused}")),
        Failure::Fault(fault) => fault,
    }
}

fn refused<R: std::error::Error + Send + Sync + 'static>(failure: Failure<R>) -> anyhow::Error {
    anyhow::anyhow!("the demo's history: {failure}")
}

/// The demo is the same each time: a small generator, seeded with a constant.
struct Chance(u64);

impl Chance {
    /// From 0 to `n` - 1.
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }
}
