//! What shoppers and merchants do with bargains, in their words.

use kernel::Money;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    client::{Answer, Api, Client, Watching},
    goods::Goods,
    mall::Mall,
    people::Customer,
    shopping::{Purchase, Quote, address, fresh_key, money, quoted, text},
};

/// Begins a bargain.
pub const START: &str =
    "mutation($input: BargainStartInput!) { bargainStart(input: $input) { record { id seedHash } userErrors { code message } } }";
/// Cuts a price.
pub const HELP: &str = "mutation($input: BargainHelpInput!) { bargainHelp(input: $input) { helpedBefore cut { no amount { amount } price { amount } } record { state remaining { amount } } userErrors { code message } } }";
/// Buys a bargain.
pub const BUY: &str = "mutation($input: BargainBuyInput!) { bargainBuy(input: $input) { record { state } order { id total { amount currency } } userErrors { code message } } }";
/// How a bargain stands.
pub const RECORD: &str = "query($id: ID!) { bargainRecord(id: $id) { id state price { amount } remaining { amount } cutsMade cutsLeft buyable seedHash deadline payBy orderId myCut { no } latestCuts { no helper { nickname } amount { amount } } } }";
/// Everything that proves a bargain's cuts.
pub const PROOF: &str = "query($id: ID!) { bargainProof(id: $id) { version recordId currency firstMinor floorMinor cuts newCustomerDraws seedHash seed priceMinor made { no helperId salt draws amountMinor priceMinor } } }";
/// Watches a bargain.
pub const PROGRESS: &str = "subscription($id: ID!, $after: String) { bargainProgress(id: $id, after: $after) { cursor gap serverTime record { state cutsMade deadline price { amount } remaining { amount } latestCuts { no helper { nickname } } } } }";
/// Follows a bargain's cuts.
pub const CUTS: &str = "subscription($id: ID!, $after: String) { bargainCutFeed(id: $id, after: $after) { cursor gap record { cutsMade } cut { no amount { amount } helper { nickname } } remaining { amount } } }";

/// A bargain campaign that runs.
#[derive(Clone, Debug)]
pub struct Bargain {
    /// Its id.
    pub id: String,
    /// What it sells.
    pub goods: Goods,
}

impl Mall {
    /// Runs a bargain from the goods' price down to a floor in so many cuts; `terms` beside these as the API takes them.
    pub async fn bargain(&self, goods: &Goods, (floor, cuts): (Money, u32), terms: Value) -> Bargain {
        let owner = self.owner().await;
        let create = "mutation($input: BargainInput!) { bargainCreate(input: $input) { bargain { id } userErrors { code message } } }";
        let mut input = json!({
            "title": { "zhCn": "砍价", "en": "Bargain" },
            "productId": goods.product,
            "skus": [{ "skuId": goods.sku, "firstPrice": money(goods.price), "floorPrice": money(floor) }],
            "cuts": cuts,
            "runHours": 24,
            "payHours": 12,
            "endsAt": (self.now() + kernel::days(30)).to_rfc3339(),
        });
        for (name, value) in terms.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        let id = text(&owner.admin(create, json!({ "input": input })).await.ok("bargainCreate")["bargain"]["id"]);
        let publish = "mutation($id: ID!) { bargainPublish(input: {id: $id}) { bargain { state } userErrors { code message } } }";
        owner.admin(publish, json!({ "id": id })).await.ok("bargainPublish");
        self.work().await;
        Bargain { id, goods: goods.clone() }
    }
}

impl Customer {
    /// Begins a bargain; its record's id.
    pub async fn bargains(&self, bargain: &Bargain) -> String {
        let input = json!({ "bargainId": bargain.id, "skuId": bargain.goods.sku, "idempotencyKey": fresh_key() });
        text(&self.shop(START, json!({ "input": input })).await.ok("bargainStart")["record"]["id"])
    }

    /// Cuts a price; the answer, whatever it is.
    pub async fn tries_to_help(&self, record: &str) -> Answer {
        self.shop(HELP, json!({ "input": { "recordId": record } })).await
    }

    /// Cuts a price; by how much.
    pub async fn helps(&self, record: &str) -> i64 {
        self.tries_to_help(record).await.ok("bargainHelp")["cut"]["amount"]["amount"].as_i64().expect("an amount")
    }

    /// The price of a bargain of theirs; the answer, whatever it is.
    pub async fn asks_the_bargain_price(&self, bargain: &Bargain, record: &str) -> Answer {
        self.asks_the_price(&[(bargain.goods.sku, 1)], json!({ "kind": "bargain", "id": record })).await
    }

    /// Buys a bargain by a quote; the answer, whatever it is.
    pub async fn tries_to_buy_bargain(&self, record: &str, quote: &Quote) -> Answer {
        let input = json!({
            "recordId": record,
            "quoteId": quote.id,
            "expectedTotal": money(quote.total),
            "idempotencyKey": fresh_key(),
            "shippingAddress": address(&self.name),
        });
        self.shop(BUY, json!({ "input": input })).await
    }

    /// Orders a bargain at its price.
    pub async fn buys_bargain(&self, bargain: &Bargain, record: &str) -> Purchase {
        let quote = quoted(&self.asks_the_bargain_price(bargain, record).await);
        self.purchase(&self.tries_to_buy_bargain(record, &quote).await, "bargainBuy")
    }
}

impl Client {
    /// How a bargain stands.
    pub async fn bargain_record(&self, id: &str) -> Value {
        self.shop(RECORD, json!({ "id": id })).await.ok("bargainRecord").clone()
    }

    /// Everything that proves a bargain's cuts.
    pub async fn bargain_proof(&self, id: &str) -> Value {
        self.shop(PROOF, json!({ "id": id })).await.ok("bargainProof").clone()
    }

    /// Watches a bargain.
    pub async fn watches_bargain(&self, id: &str, after: Option<&str>) -> Watching {
        self.watch(Api::Shop, PROGRESS, json!({ "id": id, "after": after })).await
    }

    /// Follows a bargain's cuts.
    pub async fn follows_cuts(&self, id: &str, after: Option<&str>) -> Watching {
        self.watch(Api::Shop, CUTS, json!({ "id": id, "after": after })).await
    }
}

impl TestApp {
    /// A crowd of customers, by name.
    pub async fn crowd(&self, name: &str, n: usize) -> Vec<Customer> {
        let mut people = Vec::with_capacity(n);
        for i in 0..n {
            people.push(self.customer(&format!("{name}{i}")).await);
        }
        people
    }
}
