//! Flash sales, as shoppers and merchants speak of them.

use entity::campaign::{flash_sale_item as item, flash_sale_purchase as purchase};
use entity::trade::trade_order as order;
use kernel::Money;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    client::{Answer, Api, Client, Watching},
    goods::Goods,
    mall::Mall,
};

/// Prepares a purchase.
pub const PREPARE: &str = "mutation($input: FlashSalePrepareInput!) { flashSalePrepare(input: $input) { pass { id total { amount } shipping { amount } } userErrors { code message } } }";
/// Shows a pass.
pub const BUY: &str = "mutation($id: ID!) { flashSaleBuy(input: {passId: $id}) { answer position left limit order { id status total { amount } origin { kind } } userErrors { code message } } }";
/// Watches what is left.
pub const STOCK: &str = "subscription($id: ID!, $after: String) { flashSaleStock(id: $id, after: $after) { cursor gap serverTime flashSale { phase soldOut startsAt endsAt items { skuId stock left takenBps } } } }";
/// Watches a place in line.
pub const QUEUE: &str = "subscription($id: ID!) { flashSaleQueue(passId: $id) { answer position order { id } } }";
/// Watches a sale as staff.
pub const PROGRESS: &str =
    "subscription($id: ID!) { flashSaleProgress(id: $id) { flashSale { state counts { stock left reserved sold returned soldBps } } } }";

/// A flash sale that runs or will.
#[derive(Clone, Debug)]
pub struct FlashSale {
    /// Its id.
    pub id: String,
    /// What it sells.
    pub goods: Goods,
}

/// A flash sale to be run.
#[derive(Clone, Copy, Debug)]
pub struct Sale {
    /// So many pieces.
    pub stock: i64,
    /// For so much each.
    pub price: Money,
    /// Begins in so many seconds; lasts an hour.
    pub starts_in: i64,
    /// So many for one customer, one in each order.
    pub each: i64,
}

impl Client {
    /// Prepares a purchase of one piece; the answer, whatever it is.
    pub async fn tries_to_prepare(&self, sale: &FlashSale, key: &str) -> Answer {
        let input = json!({
            "flashSaleId": sale.id,
            "skuId": sale.goods.sku,
            "idempotencyKey": key,
            "shippingAddress": { "recipient": "安", "phone": "13800138000", "region": "浙江省杭州市西湖区", "street": "龙井路 1 号" },
        });
        self.shop(PREPARE, json!({ "input": input })).await
    }

    /// Prepares a purchase of one piece: the pass.
    pub async fn prepares(&self, sale: &FlashSale, key: &str) -> String {
        let answer = self.tries_to_prepare(sale, key).await;
        answer.ok("flashSalePrepare")["pass"]["id"].as_str().expect("a pass has an id").to_owned()
    }

    /// Shows a pass: what it is told.
    pub async fn shows(&self, pass: &str) -> Value {
        self.shop(BUY, json!({ "id": pass })).await.ok("flashSaleBuy").clone()
    }

    /// Shows a pass, if anybody answers.
    pub async fn tries_to_show(&self, pass: &str) -> Option<Value> {
        let answer = self.attempt(Api::Shop, BUY, json!({ "id": pass })).await?;
        Some(answer.body["data"]["flashSaleBuy"].clone())
    }

    /// Watches what is left of a sale.
    pub async fn watches_stock(&self, sale: &FlashSale) -> Watching {
        self.watch(Api::Shop, STOCK, json!({ "id": sale.id })).await
    }
}

impl Mall {
    /// Publishes a flash sale.
    pub async fn flash_sale(&self, goods: &Goods, sale: Sale) -> FlashSale {
        let owner = self.owner().await;
        let create =
            "mutation($input: FlashSaleInput!) { flashSaleCreate(input: $input) { flashSale { id } userErrors { code message } } }";
        let starts_at = self.now() + std::time::Duration::from_secs(u64::try_from(sale.starts_in).unwrap_or_default());
        let input = json!({
            "title": { "zhCn": "整点秒杀", "en": "On the hour" },
            "startsAt": starts_at.to_rfc3339(),
            "endsAt": (starts_at + kernel::hours(1)).to_rfc3339(),
            "items": [{ "skuId": goods.sku, "price": { "amount": sale.price.minor, "currency": sale.price.currency }, "stock": sale.stock }],
            "perCustomerLimit": sale.each,
        });
        let made = owner.admin(create, json!({ "input": input })).await.ok("flashSaleCreate")["flashSale"]["id"].clone();
        let publish = "mutation($id: ID!) { flashSalePublish(input: {id: $id}) { flashSale { state } userErrors { code message } } }";
        owner.admin(publish, json!({ "id": made })).await.ok("flashSalePublish");
        self.work().await;
        FlashSale { id: made.as_str().expect("a sale has an id").to_owned(), goods: goods.clone() }
    }
}

/// What must hold of every flash sale whatever happened: the stock is whole, every purchase has its order and every order its
/// purchase.
pub async fn check(db: &DatabaseConnection) {
    let items = item::Entity::find().all(db).await.expect("items can be read");
    let purchases = purchase::Entity::find().all(db).await.expect("purchases can be read");
    let orders = order::Entity::find().filter(order::Column::OriginKind.eq("flash_sale")).all(db).await.expect("orders can be read");
    let mut wrong = Vec::new();
    for row in &items {
        let of = |state| purchases.iter().filter(move |p| p.flash_sale == row.flash_sale && p.sku == row.sku && p.state == state);
        let reserved: i64 = of(purchase::FlashSalePurchaseState::Reserved).map(|p| p.quantity).sum();
        let sold: i64 = of(purchase::FlashSalePurchaseState::Sold).map(|p| p.quantity).sum();
        let whole = row.available + row.reserved + row.sold + row.returned == row.stock;
        if !whole || (row.reserved, row.sold) != (reserved, sold) {
            wrong.push(format!("{row:?}, but {reserved} reserved and {sold} sold were bought"));
        }
    }
    for purchase in &purchases {
        if !orders.iter().any(|order| order.id == purchase.order_id) {
            wrong.push(format!("{purchase:?} has no order"));
        }
    }
    for order in &orders {
        if !purchases.iter().any(|purchase| purchase.order_id == order.id) {
            wrong.push(format!("order {} was not bought", order.order_no));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
