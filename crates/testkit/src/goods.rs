//! What is sold in a test.

use catalog::{
    inventory,
    product::{
        query,
        rules::{Draft, SkuDraft},
        service,
    },
};
use entity::trade::{
    gateway_notification::{self, NotificationOutcome},
    wallet_withdrawal::{self, WithdrawalState},
};
use kernel::{Currency, LocalizedText, Money, ProductId, SkuId};
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use trade::{
    order::service::{PlaceOrder, place_own},
    quote::service::{NewQuote, WantedLine},
};

use crate::{
    flash_sale::Sale,
    mall::Mall,
    people::Customer,
    shopping::{PAY, fresh_key},
};

/// A product on sale with one SKU.
#[derive(Clone, Debug)]
pub struct Goods {
    /// The product.
    pub product: ProductId,
    /// Its SKU.
    pub sku: SkuId,
    /// What one costs.
    pub price: Money,
}

/// So many yuan.
pub const fn yuan(n: i64) -> Money {
    Money { minor: n * 100, currency: Currency::Cny }
}

/// So many cents.
pub const fn cents(n: i64) -> Money {
    Money { minor: n, currency: Currency::Cny }
}

impl Mall {
    /// A product on sale at a price, of which so many lie there.
    pub async fn product(&self, name: &str, price: Money, stock: i64) -> Goods {
        let op = self.op();
        let sku = SkuDraft {
            id: None,
            code: format!("{name}-{}", op.new_id::<SkuId>()),
            choices: Vec::new(),
            price,
            market_price: None,
            weight_grams: 100,
            image: None,
            stock: Some(stock),
        };
        let draft = Draft { title: LocalizedText::new(name, name), skus: vec![sku], ..Draft::default() };
        let product = service::create(&op, draft).await.expect("a product can be made").id;
        service::publish(&op, product).await.expect("a product can be put on sale");
        let skus = query::skus_of(&op, &[product]).await.expect("a product's SKUs can be read");
        Goods { product, sku: skus[&product][0].id, price }
    }

    /// The demo mall: products on their shelves, customers, staff.
    pub async fn furnish(&self) {
        let op = self.op();
        catalog::demo::seed(&op).await.expect("the demo's products can be made");
        for n in 0..12 {
            self.customer(&format!("guest {n}")).await;
        }
        let owner = self.op_of(&self.owner().await).await;
        let roles = identity::staff::query::roles(&owner).await.expect("roles can be read");
        for n in 0..5 {
            let email = format!("clerk{n}@mall.example");
            let new =
                identity::staff::access::NewStaff { email, name: format!("clerk {n}"), roles: roles.iter().map(|role| role.id).collect() };
            identity::staff::access::create(&owner, new).await.expect("staff can be made");
        }
        let ann = self.customer("ann").await;
        self.buys(&ann, 24).await;
        let ann = self.op_of(&ann).await;
        // A SKU is in one play at a time, so each has an article of its own.
        for article in ["BAB-BAG", "BAB-BEAR", "BAB-BLOCKS", "BAB-BOTTLE", "BAB-BOWL", "BAB-LOTION", "BAB-WIPES"] {
            let (made, sku) = campaign::demo::open(&op, article).await.expect("a group buy can be made");
            campaign::demo::lead(&ann, (made, 3), sku).await.expect("a team can be opened");
        }
        for article in ["CAR-BRUSH", "CAR-COMB", "CAR-CREAM", "CAR-HAND", "CAR-LIP", "CAR-MASK"] {
            let presale = campaign::demo::presale(&op, article).await.expect("a presale can be made");
            campaign::demo::reserve(&ann, presale).await.expect("a piece can be reserved");
        }
        for article in ["HOM-BASKET", "HOM-BOWL", "HOM-BOX", "HOM-PILLOW", "HOM-QUILT", "HOM-TOWEL"] {
            let crowdfunding = campaign::demo::crowdfunding(&op, article).await.expect("a crowdfunding can be made");
            campaign::demo::pledge(&ann, crowdfunding).await.expect("a reward can be pledged for");
        }
        self.work().await;
        self.furnish_bargains().await;
        self.furnish_flash_sales(&self.customer("ann").await).await;
        self.furnish_trade().await;
    }

    /// Seven bargains of ann's, cut by some of the guests.
    async fn furnish_bargains(&self) {
        let ann = self.customer("ann").await;
        for n in 0..7 {
            let goods = self.product(&format!("bargain {n}"), yuan(50), 10).await;
            let bargain = self.bargain(&goods, (yuan(20), 9), json!({})).await;
            let record = ann.bargains(&bargain).await;
            for friend in 0..7 {
                self.customer(&format!("guest {friend}")).await.helps(&record).await;
            }
        }
        self.work().await;
    }

    /// Seven flash sales, and seven purchases in the last of them.
    async fn furnish_flash_sales(&self, ann: &Customer) {
        let mut made = None;
        for n in 0..7 {
            let goods = self.product(&format!("flash {n}"), yuan(79), 20).await;
            made = Some(self.flash_sale(&goods, Sale { stock: 10, price: yuan(9), starts_in: 0, each: 10 }).await);
        }
        let sale = made.expect("seven were made");
        for n in 0..7 {
            let pass = ann.prepares(&sale, &format!("prepare-{n}")).await;
            assert_eq!(ann.shows(&pass).await["answer"], "ACCEPTED");
        }
    }

    /// Six of everything that is on sale or happens after one: ann has money and points, buys, complains and wants to
    /// return.
    async fn furnish_trade(&self) {
        let (ann, owner) = (self.customer("ann").await, self.owner().await);
        let staff = async |field: &str, input: &str, variables: Value| -> Value {
            let selection = "{ userErrors { code message } }";
            let document = format!("mutation($input: {input}!) {{ {field}(input: $input) {selection} }}");
            owner.admin(&document, json!({ "input": variables })).await.ok(field).clone()
        };
        let window = json!({ "startsAt": self.now().to_rfc3339(), "endsAt": (self.now() + kernel::days(30)).to_rfc3339() });
        let in_window = |mut input: Value| {
            input.as_object_mut().expect("an object").extend(window.as_object().expect("an object").clone());
            input
        };
        let sku = catalog::demo::sku(&self.op(), "TEA-DHP", 0).await.expect("the demo's products can be read").expect("the demo sells it");
        for n in 0..6 {
            let title = json!({ "zhCn": format!("优惠 {n}"), "en": format!("offer {n}") });
            let amount = json!({ "amount": 100_000, "currency": "CNY" });
            let given = json!({ "customerId": ann.id, "amount": amount, "reason": "welcome", "idempotencyKey": fresh_key() });
            staff("walletAdjust", "WalletAdjustInput", given).await;
            let given = json!({ "customerId": ann.id, "points": 100, "reason": "welcome", "idempotencyKey": fresh_key() });
            staff("pointsAdjust", "PointsAdjustInput", given).await;
            let terms = json!({ "kind": "CASH", "amount": 100, "currency": "CNY", "validDays": 30 });
            let coupon = in_window(json!({ "title": title, "terms": terms, "way": "CLAIM" }));
            let make = "mutation($input: CouponTemplateInput!) { couponTemplateCreate(input: $input) { couponTemplate { id } userErrors { code message } } }";
            let made = owner.admin(make, json!({ "input": coupon })).await.ok("couponTemplateCreate")["couponTemplate"]["id"].clone();
            let open = "mutation($id: ID!) { couponTemplateActivate(id: $id) { userErrors { code message } } }";
            owner.admin(open, json!({ "id": made })).await.ok("couponTemplateActivate");
            let claim = "mutation($id: ID!) { couponClaim(templateId: $id) { userErrors { code message } } }";
            ann.shop(claim, json!({ "id": made })).await.ok("couponClaim");
            let freight = json!({ "name": format!("freight {n}"), "currency": "CNY", "chargedBy": "PIECE", "rules": [{ "first": 1, "firstFee": 600, "next": 1, "nextFee": 100 }] });
            staff("freightTemplateCreate", "FreightTemplateInput", freight).await;
            let tiers = json!({ "kind": "TIERS", "tiers": [{ "from": 10_000_000, "off": 100 }] });
            staff("reductionCreate", "ReductionInput", in_window(json!({ "title": title, "currency": "CNY", "effect": tiers }))).await;
            let prices = json!([{ "skuId": sku, "offBps": 100 }]);
            staff("timeDiscountCreate", "TimeDiscountInput", in_window(json!({ "title": title, "prices": prices }))).await;
            let top_up = "mutation($input: WalletTopUpInput!) { walletTopUpBegin(input: $input) { userErrors { code message } } }";
            let input = json!({ "amount": { "amount": 5_000, "currency": "CNY" }, "gateway": "sandbox", "idempotencyKey": fresh_key() });
            ann.shop(top_up, json!({ "input": input })).await.ok("walletTopUpBegin");
        }
        let orders = "{ orders(first: 20) { edges { node { id origin { kind } lines { id } } } } }";
        let orders = ann.shop(orders, json!({})).await.ok("orders")["edges"].as_array().cloned().unwrap_or_default();
        for order in orders.iter().map(|edge| &edge["node"]).filter(|order| order["origin"].is_null()).take(6) {
            let pay = json!({ "orderId": order["id"], "gateway": "balance", "idempotencyKey": fresh_key() });
            ann.shop(PAY, json!({ "input": pay })).await.ok("orderPay");
            self.work().await;
            let case = "mutation($input: AfterSaleRequestInput!) { afterSaleRequest(input: $input) { userErrors { code message } } }";
            let lines = json!([{ "orderLineId": order["lines"][0]["id"], "quantity": 1 }]);
            let input = json!({ "orderId": order["id"], "kind": "REFUND_ONLY", "reason": "NOT_ARRIVED", "lines": lines, "idempotencyKey": fresh_key() });
            ann.shop(case, json!({ "input": input })).await.ok("afterSaleRequest");
            let complain = "mutation($input: ComplaintFileInput!) { complaintFile(input: $input) { userErrors { code message } } }";
            let input = json!({ "orderId": order["id"], "topic": "DELIVERY", "note": "Where is it?", "idempotencyKey": fresh_key() });
            ann.shop(complain, json!({ "input": input })).await.ok("complaintFile");
        }
        self.work().await;
        self.furnish_books().await;
    }

    /// Six of everything the books show: bills with something in them nobody knows, proofs, reports nobody can place,
    /// withdrawals.
    async fn furnish_books(&self) {
        let (ann, owner) = (self.customer("ann").await, self.owner().await);
        let (from, until) = ((self.now() - kernel::hours(12)).to_rfc3339(), (self.now() + kernel::hours(12)).to_rfc3339());
        for n in 0..6 {
            let bill = format!(
                "happened_at,kind,merchant_no,provider_no,amount_minor,currency,status\n{},CHARGE,nobody-{n},c{n},100,CNY,SUCCEEDED\n",
                self.now().to_rfc3339()
            );
            let begin = "mutation($input: ProviderBillUploadBeginInput!) { providerBillUploadBegin(input: $input) { uploadUrl userErrors { code message } } }";
            let input =
                json!({ "gateway": "sandbox", "fileName": format!("bill-{n}.csv"), "bytes": bill.len(), "from": from, "until": until });
            let begun = owner.admin(begin, json!({ "input": input })).await;
            let url = begun.ok("providerBillUploadBegin")["uploadUrl"].as_str().expect("an address").to_owned();
            let sent = self.stranger().send(Method::PUT, &url, &[(CONTENT_TYPE, "text/csv")], bill.into_bytes()).await;
            assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.shown());
            owner.admin("mutation { ledgerReconcile { userErrors { code } } }", json!({})).await.ok("ledgerReconcile");
            let report = gateway_notification::ActiveModel {
                provider: Set("sandbox".to_owned()),
                event_id: Set(format!("event-{n}")),
                kind: Set("ChargeSucceeded".to_owned()),
                charge_no: Set(format!("nobody-{n}")),
                refund_no: Set(None),
                outcome: Set(NotificationOutcome::Parked),
                note: Set(Some("there is no such payment".to_owned())),
                raw: Set("{}".to_owned()),
                received_at: Set(self.now()),
            };
            gateway_notification::Entity::insert(report).exec_without_returning(self.platform().db.writer()).await.expect("is put aside");
            let withdrawal = wallet_withdrawal::ActiveModel {
                id: Set(self.op().new_id()),
                withdrawal_no: Set(format!("WD{n}")),
                customer: Set(ann.id),
                gateway: Set("wechat".to_owned()),
                payee: Set("nobody".to_owned()),
                sealed_name: Set(None),
                state: Set(WithdrawalState::Rejected),
                amount_minor: Set(100),
                currency: Set(Currency::Cny),
                approvals_needed: Set(1),
                first_approver: Set(None),
                second_approver: Set(None),
                note: Set(Some("not now".to_owned())),
                package: Set(None),
                provider_id: Set(None),
                failure: Set(None),
                next_query_at: Set(None),
                queries: Set(0),
                created_at: Set(self.now()),
                ended_at: Set(Some(self.now())),
            };
            wallet_withdrawal::Entity::insert(withdrawal).exec_without_returning(self.platform().db.writer()).await.expect("is written");
        }
        self.work().await;
    }

    /// A customer places so many orders of one piece each; nobody pays them.
    pub async fn buys(&self, customer: &Customer, orders: usize) {
        let op = self.op_of(customer).await;
        let sku = catalog::demo::sku(&op, "TEA-DHP", 0).await.expect("the demo's products can be read").expect("the demo sells it");
        let address = trade::order::rules::ShippingAddress {
            recipient: "安".to_owned(),
            phone: "13800138000".to_owned(),
            region: "浙江省杭州市西湖区".to_owned(),
            street: "龙井路 1 号".to_owned(),
            region_code: Some("330106".to_owned()),
        };
        for n in 0..orders {
            let wanted = NewQuote { lines: vec![WantedLine { sku, quantity: 1 }], ..NewQuote::default() };
            let quote = trade::quote::service::create(&op, wanted).await.expect("the demo's products have a price");
            let order = PlaceOrder::new(quote.id, quote.total, address.clone());
            place_own(&op, order, &format!("{}-order-{n:04}", customer.id)).await.expect("the order is placed");
        }
    }

    /// How many of it can still be bought.
    pub async fn available(&self, sku: SkuId) -> i64 {
        let available = inventory::service::available(&self.op(), &[sku]).await.expect("the stock can be read");
        available.get(&sku).copied().unwrap_or_default()
    }
}
