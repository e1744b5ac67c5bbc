//! What shoppers and merchants do, in their words.

use std::sync::atomic::{AtomicU64, Ordering};

use kernel::{Money, SkuId};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    client::{Answer, Api, Client, Watching},
    goods::Goods,
    mall::Mall,
    people::Customer,
};

/// A group buy that runs.
#[derive(Clone, Debug)]
pub struct GroupBuy {
    /// Its id.
    pub id: String,
    /// What it sells.
    pub goods: Goods,
    /// How many a team needs.
    pub size: usize,
    /// What a member pays.
    pub price: Money,
}

/// A group buy to be run; everything not said has the default of the mall.
#[derive(Clone, Debug)]
pub struct Deal {
    /// How many a team needs.
    pub size: usize,
    /// What a member pays.
    pub price: Money,
    /// For how many hours a team gathers.
    pub hours: u32,
    /// Terms beside these, as the API takes them.
    pub terms: Value,
}

impl Deal {
    /// So many for so much, within a day.
    pub fn of(size: usize, price: Money) -> Self {
        Self { size, price, hours: 24, terms: json!({}) }
    }
}

/// What a buyer wants when no seat is left at their payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// Another team.
    JoinOther,
    /// A team of their own.
    OpenNew,
    /// The money back.
    Refund,
}

impl WhenFull {
    fn name(self) -> &'static str {
        match self {
            Self::JoinOther => "JOIN_OTHER",
            Self::OpenNew => "OPEN_NEW",
            Self::Refund => "REFUND",
        }
    }
}

/// An order somebody placed.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// The order.
    pub order: String,
    /// The team, when it is a seat in one.
    pub team: Option<String>,
    /// What is to be paid.
    pub total: Money,
    /// Who bought.
    pub buyer: Customer,
}

/// A key nobody used before.
pub fn fresh_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("key-{:08}", NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn money(money: Money) -> Value {
    json!({ "amount": money.minor, "currency": money.currency })
}

pub(crate) fn money_of(value: &Value) -> Money {
    let minor = value["amount"].as_i64().or_else(|| value["amount"].as_str()?.parse().ok());
    let currency = serde_json::from_value(value["currency"].clone()).unwrap_or(kernel::Currency::Cny);
    Money::new(minor.unwrap_or_else(|| panic!("no money: {value}")), currency)
}

pub(crate) fn address(name: &str) -> Value {
    json!({ "recipient": name, "phone": "13800138000", "region": "福建省 南平市 武夷山市", "street": "茶场路 1 号" })
}

/// A price that was promised.
#[derive(Clone, Debug)]
pub struct Quote {
    /// Its id.
    pub id: String,
    /// What is to be paid.
    pub total: Money,
}

/// Asks for a price.
pub const QUOTE: &str = "mutation($input: QuoteCreateInput!) { quoteCreate(input: $input) { quote { id total { amount currency } } userErrors { code message } } }";
/// Places an order.
pub const PLACE: &str = "mutation($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id total { amount currency } } userErrors { code message } } }";
/// Opens a team.
pub const OPEN: &str = "mutation($input: GroupBuyTeamOpenInput!) { groupBuyTeamOpen(input: $input) { team { id } order { id total { amount } } userErrors { code message } } }";
/// Joins a team.
pub const JOIN: &str = "mutation($input: GroupBuyTeamJoinInput!) { groupBuyTeamJoin(input: $input) { team { id } order { id total { amount } } userErrors { code message } } }";
/// Begins to pay.
pub const PAY: &str = "mutation($input: OrderPayInput!) { orderPay(input: $input) { payment { id paymentNo state action { url } } userErrors { code message } } }";
/// Cancels an order.
pub const CANCEL: &str = "mutation($id: ID!) { orderCancel(id: $id) { order { status } userErrors { code message } } }";
/// How an order stands.
pub const ORDER: &str =
    "query($id: ID!) { order(id: $id) { id status total { amount } refunded { amount } refunds { refundNo status } origin { kind id } } }";
/// How a team stands.
pub const TEAM: &str = "query($id: ID!) { groupBuyTeam(id: $id) { id state size seatsTaken seatsHeld needed virtualSeats deadline leader { id nickname } seats { seatNo state isLeader customer { id nickname } } } }";
/// Watches a team.
pub const TEAM_PROGRESS: &str = "subscription($id: ID!, $after: String) { groupBuyTeamProgress(id: $id, after: $after) { cursor gap serverTime team { id state size seatsTaken seatsHeld needed deadline seats { seatNo state customer { nickname } } } } }";
/// Watches the teams that can be joined.
pub const OPEN_TEAMS: &str = "subscription($id: ID!) { groupBuyOpenTeams(groupBuyId: $id) { cursor teams { id needed } } }";

impl Customer {
    /// The answer to a wish for a price.
    pub async fn asks_the_price(&self, lines: &[(SkuId, i64)], play: Value) -> Answer {
        let lines: Vec<Value> = lines.iter().map(|(sku, quantity)| json!({ "skuId": sku, "quantity": quantity })).collect();
        self.shop(QUOTE, json!({ "input": { "lines": lines, "play": play } })).await
    }

    /// A price.
    pub async fn quote(&self, goods: &Goods, quantity: i64) -> Quote {
        quoted(&self.asks_the_price(&[(goods.sku, quantity)], Value::Null).await)
    }

    /// A price in a team: a new one, or one that gathers.
    pub async fn team_quote(&self, deal: &GroupBuy, team: Option<&str>) -> Quote {
        quoted(&self.asks_the_price(&[(deal.goods.sku, 1)], play(deal, team)).await)
    }

    /// Places an order by a quote; the answer, whatever it is.
    pub async fn places(&self, quote: &Quote, key: &str) -> Answer {
        let input = json!({ "quoteId": quote.id, "expectedTotal": money(quote.total), "idempotencyKey": key, "shippingAddress": address(&self.name) });
        self.shop(PLACE, json!({ "input": input })).await
    }

    /// Buys without a team.
    pub async fn buys(&self, goods: &Goods, quantity: i64) -> Purchase {
        let quote = self.quote(goods, quantity).await;
        self.purchase(&self.places(&quote, &fresh_key()).await, "orderPlace")
    }

    /// Opens a team by a quote; the answer, whatever it is.
    pub async fn tries_to_open(&self, deal: &GroupBuy, quote: &Quote, when_full: WhenFull) -> Answer {
        let input = json!({
            "groupBuyId": deal.id,
            "quoteId": quote.id,
            "expectedTotal": money(quote.total),
            "whenFull": when_full.name(),
            "idempotencyKey": fresh_key(),
            "shippingAddress": address(&self.name),
        });
        self.shop(OPEN, json!({ "input": input })).await
    }

    /// Joins a team by a quote; the answer, whatever it is.
    pub async fn tries_to_join(&self, team: &str, quote: &Quote, (when_full, key): (WhenFull, &str)) -> Answer {
        let input = json!({
            "teamId": team,
            "quoteId": quote.id,
            "expectedTotal": money(quote.total),
            "whenFull": when_full.name(),
            "idempotencyKey": key,
            "shippingAddress": address(&self.name),
        });
        self.shop(JOIN, json!({ "input": input })).await
    }

    /// Opens a team; nobody sees it before it is paid.
    pub async fn opens_team(&self, deal: &GroupBuy) -> Purchase {
        let quote = self.team_quote(deal, None).await;
        self.purchase(&self.tries_to_open(deal, &quote, WhenFull::Refund).await, "groupBuyTeamOpen")
    }

    /// Takes a seat in a team, with the money back when it is full at the payment.
    pub async fn joins(&self, deal: &GroupBuy, team: &str) -> Purchase {
        self.joins_or(deal, team, WhenFull::Refund).await
    }

    /// Takes a seat in a team, and says what shall be when it is full at the payment.
    pub async fn joins_or(&self, deal: &GroupBuy, team: &str, when_full: WhenFull) -> Purchase {
        let quote = self.team_quote(deal, Some(team)).await;
        self.purchase(&self.tries_to_join(team, &quote, (when_full, &fresh_key())).await, "groupBuyTeamJoin")
    }

    pub(crate) fn purchase(&self, answer: &Answer, field: &str) -> Purchase {
        let placed = answer.ok(field);
        Purchase {
            order: text(&placed["order"]["id"]),
            team: placed["team"]["id"].as_str().map(str::to_owned),
            total: money_of(&placed["order"]["total"]),
            buyer: self.clone(),
        }
    }

    /// How an order of theirs stands.
    pub async fn order(&self, id: &str) -> Value {
        self.shop(ORDER, json!({ "id": id })).await.ok("order").clone()
    }
}

impl Client {
    /// How a team stands, for whoever may see it.
    pub async fn team(&self, id: &str) -> Value {
        self.shop(TEAM, json!({ "id": id })).await.ok("groupBuyTeam").clone()
    }

    /// Watches a team.
    pub async fn watches_team(&self, id: &str, after: Option<&str>) -> Watching {
        self.watch(Api::Shop, TEAM_PROGRESS, json!({ "id": id, "after": after })).await
    }

    /// Watches the teams of a campaign that can be joined.
    pub async fn watches_open_teams(&self, deal: &GroupBuy) -> Watching {
        self.watch(Api::Shop, OPEN_TEAMS, json!({ "id": deal.id })).await
    }
}

impl Purchase {
    /// The team it is a seat in.
    pub fn team(&self) -> &str {
        self.team.as_deref().expect("a seat in a team")
    }

    /// Begins to pay; the answer, whatever it is.
    pub async fn tries_to_pay(&self, key: &str) -> Answer {
        let input = json!({ "orderId": self.order, "gateway": "sandbox", "idempotencyKey": key });
        self.buyer.shop(PAY, json!({ "input": input })).await
    }

    /// Where the money is asked for.
    pub async fn cashier(&self) -> Cashier {
        let answer = self.tries_to_pay(&fresh_key()).await;
        let payment = &answer.ok("orderPay")["payment"];
        Cashier { url: text(&payment["action"]["url"]), number: text(&payment["paymentNo"]) }
    }

    /// Goes to the bank's page and pays. The bank reports to the mall by itself.
    pub async fn paid(self) -> Self {
        assert_eq!(self.cashier().await.pay().await, StatusCode::SEE_OTHER, "the bank takes the money");
        self
    }

    /// Cancels; the answer, whatever it is.
    pub async fn cancelled(&self) -> Answer {
        self.buyer.shop(CANCEL, json!({ "id": self.order })).await
    }

    /// How the order stands.
    pub async fn status(&self) -> String {
        text(&self.buyer.order(&self.order).await["status"])
    }
}

/// The bank's page for one payment.
#[derive(Clone, Debug)]
pub struct Cashier {
    /// Where.
    pub url: String,
    /// The mall's number of the payment.
    pub number: String,
}

impl Cashier {
    /// Presses the button.
    pub async fn pay(&self) -> StatusCode {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client can be built");
        http.post(format!("{}/pay", self.url)).send().await.expect("the bank answers").status()
    }
}

impl Mall {
    /// Runs a group buy.
    pub async fn group_buy(&self, goods: &Goods, deal: Deal) -> GroupBuy {
        let owner = self.owner().await;
        let id = self.drafts(&owner, goods, &deal).await;
        let publish = "mutation($id: ID!) { groupBuyPublish(input: {id: $id}) { groupBuy { state } userErrors { code message } } }";
        owner.admin(publish, json!({ "id": id })).await.ok("groupBuyPublish");
        self.work().await;
        GroupBuy { id, goods: goods.clone(), size: deal.size, price: deal.price }
    }

    async fn drafts(&self, owner: &Client, goods: &Goods, deal: &Deal) -> String {
        let create = "mutation($input: GroupBuyInput!) { groupBuyCreate(input: $input) { groupBuy { id } userErrors { code message } } }";
        let mut input = json!({
            "title": { "zhCn": "拼团", "en": "Group buy" },
            "productId": goods.product,
            "skus": [{ "skuId": goods.sku, "prices": [{ "size": deal.size, "price": money(deal.price) }] }],
            "teamHours": deal.hours,
            "endsAt": (self.now() + kernel::days(30)).to_rfc3339(),
        });
        for (name, value) in deal.terms.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        text(&owner.admin(create, json!({ "input": input })).await.ok("groupBuyCreate")["groupBuy"]["id"])
    }
}

impl TestApp {
    /// What the bank holds for the mall.
    pub fn money_at_the_bank(&self) -> Money {
        self.bank.balance("m1", kernel::Currency::Cny)
    }
}

fn play(deal: &GroupBuy, team: Option<&str>) -> Value {
    json!({ "kind": "group_buy", "id": deal.id, "teamId": team })
}

#[track_caller]
pub(crate) fn quoted(answer: &Answer) -> Quote {
    let quote = &answer.ok("quoteCreate")["quote"];
    Quote { id: text(&quote["id"]), total: money_of(&quote["total"]) }
}

#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
