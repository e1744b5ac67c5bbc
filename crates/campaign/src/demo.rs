//! Campaigns and teams for a demo mall, made through the real services: prices are quoted, orders placed, seats taken.
//! Only the payment is the caller's, who knows the bank.

pub mod bargain;

use entity::campaign::{group_buy as campaign_table, group_buy_team as team};
use kernel::{
    Actor, Bps, Currency, CustomerId, Failure, Fault, FlashSaleId, GroupBuyId, Locale, LocalizedText, OrderId, PageRequest, SessionId,
    SkuId, TeamId, days, hours, minutes,
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
