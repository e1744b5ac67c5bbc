//! Campaigns and teams for a demo mall, made through the real services: prices are quoted, orders placed, seats taken.
//! Only the payment is the caller's, who knows the bank.

pub mod bargain;

use entity::campaign::{crowdfunding as crowdfunding_table, group_buy as campaign_table, group_buy_team as team, presale as presale_table};
use kernel::{
    Actor, Bps, Currency, CustomerId, Failure, Fault, FlashSaleId, GroupBuyId, Locale, LocalizedText, OrderId, PageRequest, PresaleId,
    SessionId, SkuId, TeamId, TierId, days, hours, minutes,
};
use platform::Op;
use sea_orm::EntityTrait;
use trade::{
    order::rules::ShippingAddress,
    quote::{PlayRef, service as quotes},
};

use crate::flash_sale::{
    query as flash_sales,
    rules::sale::{self, Phase},
    sales,
};
use crate::{console::rules as play, crowdfunding as crowdfundings, presale as presales};

use crate::group_buy::{
    KIND,
    campaigns::{self, Draft},
    query,
    rules::{
        campaign::{Step, Window},
        team::WhenFull,
        terms::{Joiners, LeaderDiscount, TeamPrice, Terms},
    },
    service::{self, JoinTeam, OpenTeam, Purchase},
};

/// A campaign of the demo.
#[derive(Clone, Copy)]
struct Play {
    title: (&'static str, &'static str),
    /// The demo article it sells, and how many of its SKUs.
    article: (&'static str, usize),
    /// Team sizes and what is left of the regular price, in percent.
    ladder: &'static [(u32, i64)],
    hours: u32,
    joiners: Joiners,
    leader_discount: LeaderDiscount,
    virtual_from_percent: Option<u32>,
    /// Its teams: the size, and how many members have paid.
    teams: &'static [(u32, usize)],
}

const PLAYS: [Play; 3] = [
    Play {
        title: ("三人成团 · 武夷山大红袍", "Three for tea: Wuyi Da Hong Pao"),
        article: ("TEA-DHP", 3),
        ladder: &[(3, 75)],
        hours: 24,
        joiners: Joiners::Anyone,
        leader_discount: LeaderDiscount::Rate(Bps(500)),
        virtual_from_percent: None,
        teams: &[(3, 2), (3, 1)],
    },
    Play {
        title: ("邻里拼果园 · 人越多越便宜", "Fruit for the neighbourhood: the more, the cheaper"),
        article: ("FRM-ORANGE", 1),
        ladder: &[(2, 85), (5, 72), (10, 60)],
        hours: 48,
        joiners: Joiners::Anyone,
        leader_discount: LeaderDiscount::None,
        virtual_from_percent: Some(80),
        teams: &[(5, 3), (10, 4), (2, 1)],
    },
    Play {
        title: ("老带新 · 带朋友尝零食大礼包", "Bring a new friend: the big snack box"),
        article: ("SNK-BOX", 1),
        ladder: &[(2, 70)],
        hours: 72,
        joiners: Joiners::NewCustomers,
        leader_discount: LeaderDiscount::Amount(300),
        virtual_from_percent: None,
        teams: &[(2, 1)],
    },
];

/// Puts up three running campaigns with teams of these customers, some of them half full. The demo's goods must stand;
/// each customer is used once at most. `pay` pays an order at the caller's bank. A campaign that stands is left as it is.
pub async fn seed(op: &Op, customers: &[CustomerId], pay: impl AsyncFn(OrderId) -> Result<(), Fault>) -> Result<Vec<GroupBuyId>, Fault> {
    let mut people = customers.iter().copied();
    let mut made = Vec::with_capacity(PLAYS.len());
    let standing = campaign_table::Entity::find().all(op.reader()).await?;
    let stands = |title: &str| standing.iter().any(|row| row.title.get(Locale::ZhCn) == title);
    for play in PLAYS.iter().filter(|play| !stands(play.title.0)) {
        let (group_buy, skus) = campaign(op, play).await?;
        made.push(group_buy);
        for (n, (size, members)) in play.teams.iter().enumerate() {
            let sku = skus[n % skus.len()];
            let mut team = None;
            for customer in people.by_ref().take(*members) {
                let by = shopper(op, customer);
                let seated = match team {
                    None => lead(&by, (group_buy, *size), sku).await?,
                    Some(id) => join(&by, id, sku).await?,
                };
                pay(seated.order).await?;
                // The payment's event would do it a moment later; the next member needs the team open now.
                service::paid(op, seated.order).await?;
                team = Some(seated.team);
            }
        }
    }
    Ok(made)
}

/// Puts up a presale that some of these customers have paid down for, and a crowdfunding at eighty percent. What stands is
/// left as it is.
pub async fn preorders(op: &Op, customers: &[CustomerId], pay: impl AsyncFn(OrderId) -> Result<(), Fault>) -> Result<(), Fault> {
    let mut people = customers.iter().rev().copied();
    if presale_table::Entity::find().one(op.reader()).await?.is_none() {
        let reserved = presale(op, "SNK-MOON").await?;
        for customer in people.by_ref().take(3) {
            let ordered = reserve(&shopper(op, customer), reserved).await?;
            pay(ordered.order).await?;
            presales::service::paid(op, (ordered.order, op.now())).await?;
        }
    }
    if crowdfunding_table::Entity::find().one(op.reader()).await?.is_none() {
        let backed = crowdfunding(op, "HOM-CANDLE").await?;
        for customer in people.by_ref().take(BACKERS) {
            let made = pledge(&shopper(op, customer), backed).await?;
            pay(made.order).await?;
            crowdfundings::service::paid(op, (made.order, op.now())).await?;
        }
    }
    Ok(())
}

/// How many back the demo's crowdfunding, of ten that it asks for.
const BACKERS: usize = 8;

/// A group buy for three on one article of the demo.
pub async fn open(op: &Op, article: &'static str) -> Result<(GroupBuyId, SkuId), Fault> {
    let play = Play { article: (article, 1), teams: &[], ..PLAYS[0] };
    let (id, skus) = campaign(op, &play).await?;
    Ok((id, skus[0]))
}

/// An article of the demo: its SKU and what it costs.
async fn article(op: &Op, code: &str) -> Result<catalog::product::service::SkuInfo, Fault> {
    let sku = catalog::demo::sku(op, code, 0).await?.ok_or_else(|| Fault::internal("the demo's goods do not stand"))?;
    let known = catalog::product::service::skus(op, &[sku]).await?.remove(&sku);
    known.ok_or_else(|| Fault::internal("the demo's goods do not stand"))
}

/// A presale on one article of the demo: a tenth down, which counts for more; the balance in three weeks.
pub async fn presale(op: &Op, code: &str) -> Result<(PresaleId, SkuId), Fault> {
    let sku = article(op, code).await?;
    let (now, price) = (op.now(), sku.price.minor * 90 / 100);
    let draft = presales::campaigns::Draft {
        title: LocalizedText::new("新品预售 · 定金翻倍抵", "First of the season: your deposit counts double"),
        product: sku.product,
        mode: entity::campaign::presale::PresaleMode::Deposit,
        lapse: presales::rules::Lapse::Forfeit,
        protects_price: true,
        currency: Currency::Cny,
        window: play::Window { starts_at: now, ends_at: now + days(20) },
        balance: play::Window { starts_at: now + days(21), ends_at: now + days(24) },
        ship_by: now + days(40),
        most_per_customer: Some(5),
        skus: vec![presales::campaigns::SkuDraft { sku: sku.sku, price, deposit: price / 10, worth: Some(price / 5), stock: 20 }],
    };
    let id = presales::campaigns::create(op, draft).await.map_err(broken)?;
    presales::campaigns::step(op, id, play::Step::Publish).await.map_err(broken)?;
    Ok((id, sku.sku))
}

/// A customer of the demo reserves a piece and has not paid yet.
pub async fn reserve(op: &Op, (presale, sku): (PresaleId, SkuId)) -> Result<presales::service::Ordered, Fault> {
    let play = PlayRef { kind: presales::KIND.to_owned(), id: presale.to_string(), team: None, team_size: None };
    let lines = vec![quotes::WantedLine { sku, quantity: 1 }];
    let delivery = promotion::freight::rules::Delivery::Virtual;
    let new = quotes::NewQuote { lines, play: Some(play), delivery, ..Default::default() };
    let quote = quotes::create(op, new).await.map_err(broken)?;
    let wanted = presales::service::Reserve {
        presale,
        quote: quote.id,
        expected_total: quote.total,
        address: None,
        confirms_exceptions: true,
        idempotency_key: format!("demo-{}", quote.id),
    };
    presales::service::reserve(op, wanted).await.map_err(broken)
}

/// A crowdfunding of ten pieces on one article of the demo, with a numbered early bird and a stretch goal.
pub async fn crowdfunding(op: &Op, code: &str) -> Result<(TierId, SkuId), Fault> {
    let sku = article(op, code).await?;
    let now = op.now();
    let tier = |(zh, en): (&str, &str), percent: i64, (stock, numbered): (Option<i64>, bool)| crowdfundings::campaigns::TierDraft {
        title: LocalizedText::new(zh, en),
        sku: sku.sku,
        price: sku.price.minor * percent / 100,
        stock,
        numbered,
        most_per_customer: Some(2),
    };
    let draft = crowdfundings::campaigns::Draft {
        title: LocalizedText::new("一起把它做出来 · 原创设计众筹", "Let us make it together: an original design"),
        product: sku.product,
        window: play::Window { starts_at: now, ends_at: now + days(14) },
        ship_by: now + days(60),
        goal: crowdfundings::rules::Goal::Units(10),
        funding: crowdfundings::rules::Funding::AllOrNothing,
        currency: Currency::Cny,
        tiers: vec![tier(("编号早鸟版", "Numbered early bird"), 70, (Some(12), true)), tier(("标准版", "Standard"), 85, (None, false))],
        stretch: vec![(20, LocalizedText::new("加送礼盒", "A gift box on top"))],
    };
    let id = crowdfundings::campaigns::create(op, draft).await.map_err(broken)?;
    crowdfundings::campaigns::step(op, id, play::Step::Publish).await.map_err(broken)?;
    let news = crowdfundings::campaigns::News {
        title: LocalizedText::new("打样完成", "The sample is done"),
        body: LocalizedText::new(
            "第一批样品已经到手，成团后立刻开模。",
            "The first samples are here; moulds are made as soon as the goal is reached.",
        ),
    };
    crowdfundings::campaigns::post(op, id, news).await.map_err(broken)?;
    let question = crowdfundings::campaigns::Question {
        question: LocalizedText::new("第一批做什么颜色？", "Which colour first?"),
        options: vec![LocalizedText::new("月白", "Moon white"), LocalizedText::new("竹青", "Bamboo green")],
        closes_at: now + days(13),
    };
    crowdfundings::campaigns::ask(op, id, question).await.map_err(broken)?;
    let tiers = crowdfundings::query::tiers(op, &[id]).await?.remove(&id).unwrap_or_default();
    let first = tiers.first().ok_or_else(|| Fault::internal("a crowdfunding without rewards"))?;
    Ok((first.id, sku.sku))
}

/// A customer of the demo pledges for a reward and has not paid yet.
pub async fn pledge(op: &Op, (tier, sku): (TierId, SkuId)) -> Result<crowdfundings::service::Made, Fault> {
    let play = PlayRef { kind: crowdfundings::KIND.to_owned(), id: tier.to_string(), team: None, team_size: None };
    let lines = vec![quotes::WantedLine { sku, quantity: 1 }];
    let quote = quotes::create(op, quotes::NewQuote { lines, play: Some(play), ..Default::default() }).await.map_err(broken)?;
    let wanted = crowdfundings::service::Pledge {
        tier,
        quote: quote.id,
        expected_total: quote.total,
        address: address(),
        confirms_exceptions: true,
        idempotency_key: format!("demo-{}", quote.id),
    };
    crowdfundings::service::make(op, wanted).await.map_err(broken)
}

async fn campaign(op: &Op, play: &Play) -> Result<(GroupBuyId, Vec<SkuId>), Fault> {
    let mut skus = Vec::new();
    for place in 0..play.article.1 {
        skus.extend(catalog::demo::sku(op, play.article.0, place).await?);
    }
    let known = catalog::product::service::skus(op, &skus).await?;
    let first = skus.first().and_then(|sku| known.get(sku)).ok_or_else(|| Fault::internal("the demo's goods do not stand"))?;
    let price = |sku: &SkuId, &(size, percent): &(u32, i64)| {
        let regular = known.get(sku)?.price.minor;
        Some(TeamPrice { sku: *sku, size, minor: regular * percent / 100 })
    };
    let draft = Draft {
        title: LocalizedText::new(play.title.0, play.title.1),
        product: first.product,
        window: Window { starts_at: op.now(), ends_at: op.now() + days(30) },
        terms: Terms {
            currency: Currency::Cny,
            prices: skus.iter().flat_map(|sku| play.ladder.iter().filter_map(move |rung| price(sku, rung))).collect(),
            team_hours: play.hours,
            seat_hold_minutes: 10,
            joiners: play.joiners,
            leader_discount: play.leader_discount,
            leader_commission: Bps(300),
            most_per_order: 2,
            most_per_customer: Some(10),
            virtual_from_percent: play.virtual_from_percent,
        },
    };
    let id = campaigns::create(op, draft).await.map_err(broken)?;
    campaigns::step(op, id, Step::Publish).await.map_err(broken)?;
    Ok((id, skus))
}

/// A flash sale of the demo.
struct Rush {
    title: (&'static str, &'static str),
    /// Where it stands when the demo starts.
    phase: Phase,
    /// The demo articles it sells, what is left of the regular price in percent, and how many.
    items: &'static [(&'static str, i64, i64)],
}

const RUSHES: [Rush; 2] = [
    Rush {
        title: ("现在就抢 · 居家好物", "On now: for the home"),
        phase: Phase::Running,
        items: &[("HOM-FLASK", 30, 50), ("SNK-NUTS", 40, 80)],
    },
    Rush {
        title: ("两分钟后开抢 · 一元起", "Begins in two minutes"),
        phase: Phase::Upcoming,
        items: &[("HOM-LAMP", 10, 20), ("TEA-LJ", 20, 30)],
    },
];

/// Puts up a flash sale that runs and one that begins in two minutes, by the clock of this start; what is up already stays.
pub async fn rush(op: &Op) -> Result<Vec<FlashSaleId>, Fault> {
    let page = PageRequest { first: 100, after: None };
    let up = flash_sales::upcoming(op, page).await.map_err(broken)?;
    let mut made = Vec::new();
    for rush in &RUSHES {
        if up.rows.iter().any(|(_, sale)| sale.phase(op.now()) == rush.phase) {
            continue;
        }
        let starts_at = if rush.phase == Phase::Running { op.now() } else { op.now() + minutes(2) };
        let mut items = Vec::new();
        for (article, percent, stock) in rush.items {
            let Some(sku) = catalog::demo::sku(op, article, 0).await? else { continue };
            let (known, available) =
                (catalog::product::service::skus(op, &[sku]).await?, catalog::inventory::service::available(op, &[sku]).await?);
            let stock = Ord::min(*stock, available.get(&sku).copied().unwrap_or_default());
            if let Some(info) = known.get(&sku).filter(|_| stock > 0) {
                items.push(sale::Item { sku, minor: Ord::max(info.price.minor * percent / 100, 1), stock });
            }
        }
        if items.is_empty() {
            continue;
        }
        let window = sale::Window { starts_at, ends_at: starts_at + hours(2) };
        let terms = sale::Terms { currency: Currency::Cny, items, most_per_order: 1, most_per_customer: 2, pay_minutes: 5 };
        let draft = sales::Draft { title: LocalizedText::new(rush.title.0, rush.title.1), window, terms };
        let id = sales::create(op, draft).await.map_err(broken)?;
        match sales::step(op, id, sale::Step::Publish).await {
            Ok(id) => made.push(id),
            // Another play of the demo sells one of these: the sale stays a draft.
            Err(Failure::Refused(refused)) => tracing::info!(%refused, "a flash sale of the demo is not published"),
            Err(Failure::Fault(fault)) => return Err(fault),
        }
    }
    Ok(made)
}

/// A customer of the demo opens a team and has not paid yet.
pub async fn lead(op: &Op, (group_buy, size): (GroupBuyId, u32), sku: SkuId) -> Result<service::Seated, Fault> {
    let purchase = purchase(op, (group_buy, None, Some(size)), sku).await?;
    service::open(op, OpenTeam { group_buy, size: Some(size), purchase }).await.map_err(broken)
}

/// A customer of the demo takes a seat and has not paid yet.
pub async fn join(op: &Op, team: TeamId, sku: SkuId) -> Result<service::Seated, Fault> {
    let row: team::Model = query::team(op, team).await?.ok_or_else(|| Fault::internal("no such team"))?;
    let purchase = purchase(op, (row.group_buy, Some(team), None), sku).await?;
    service::join(op, JoinTeam { team, purchase }).await.map_err(broken)
}

async fn purchase(op: &Op, (group_buy, team, team_size): (GroupBuyId, Option<TeamId>, Option<u32>), sku: SkuId) -> Result<Purchase, Fault> {
    let play = PlayRef { kind: KIND.to_owned(), id: group_buy.to_string(), team, team_size };
    let lines = vec![quotes::WantedLine { sku, quantity: 1 }];
    let quote = quotes::create(op, quotes::NewQuote { lines, play: Some(play), ..Default::default() }).await.map_err(broken)?;
    Ok(Purchase {
        quote: quote.id,
        expected_total: quote.total,
        address: address(),
        confirms_exceptions: false,
        when_full: WhenFull::JoinOther,
        inviter: None,
        idempotency_key: format!("demo-{}", quote.id),
    })
}

/// Where the demo's customers live.
pub(crate) fn address() -> ShippingAddress {
    ShippingAddress {
        recipient: "演示顾客".to_owned(),
        phone: "13800000000".to_owned(),
        region: "浙江省杭州市西湖区".to_owned(),
        street: "文三路 1 号".to_owned(),
        region_code: Some("330106".to_owned()),
    }
}

/// The operation of a customer of the demo.
pub fn shopper(op: &Op, customer: CustomerId) -> Op {
    Op { actor: Actor::Customer { id: customer, session: SessionId(op.platform.uuid()) }, ..op.clone() }
}

/// The demo has no business being refused.
fn broken<R: std::fmt::Display>(failure: Failure<R>) -> Fault {
    match failure {
        Failure::Refused(refused) => Fault::internal(format!("the demo was refused: {refused}")),
        Failure::Fault(fault) => fault,
    }
}
