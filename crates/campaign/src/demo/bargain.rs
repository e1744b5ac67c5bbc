//! Bargains for a demo mall, begun and cut through the real services.

use entity::campaign::bargain as table;
use kernel::{BargainId, BargainRecordId, Currency, CustomerId, Fault, Locale, LocalizedText, days};
use platform::Op;
use sea_orm::EntityTrait;

use super::{broken, shopper};
use crate::bargain::{
    campaigns::{self, Draft},
    rules::{
        campaign::{Step, Window},
        terms::{BuyAt, FirstCut, Goal, Prices, Terms},
    },
    service::{self, HelpBargain, StartBargain},
};

/// A campaign of the demo.
struct Play {
    title: (&'static str, &'static str),
    /// The demo article it sells, and how many of its SKUs.
    article: (&'static str, usize),
    /// What is left of the regular price at the floor, in percent.
    floor: i64,
    goal: Goal,
    first_cut: FirstCut,
    new_customer_draws: u32,
    buy: BuyAt,
    /// How many friends have helped the first customer.
    helped: usize,
}

const PLAYS: [Play; 2] = [
    Play {
        title: ("砍一刀 · 铁锅到底价", "Cut the price of the wok"),
        article: ("HOM-WOK", 1),
        floor: 40,
        goal: Goal::Cuts(12),
        first_cut: FirstCut::Owner,
        new_customer_draws: 2,
        buy: BuyAt::CurrentPrice,
        helped: 5,
    },
    Play {
        title: ("好友砍价 · 蜂蜜", "Friends cut the price of honey"),
        article: ("FRM-HONEY", 1),
        floor: 60,
        goal: Goal::AverageCut(200),
        first_cut: FirstCut::Helper,
        new_customer_draws: 1,
        buy: BuyAt::Floor,
        helped: 0,
    },
];

/// Puts up the running campaigns; the first has a record of the first of these customers that the others have cut half
/// way. The demo's goods must stand; a campaign that stands is left as it is.
pub async fn seed(op: &Op, customers: &[CustomerId]) -> Result<Vec<BargainId>, Fault> {
    let mut made = Vec::with_capacity(PLAYS.len());
    let standing = table::Entity::find().all(op.reader()).await?;
    let stands = |title: &str| standing.iter().any(|row| row.title.get(Locale::ZhCn) == title);
    for play in PLAYS.iter().filter(|play| !stands(play.title.0)) {
        let id = campaign(op, play).await?;
        made.push(id);
        let Some((owner, friends)) = customers.split_first().filter(|_| play.helped > 0) else { continue };
        let record = begin(&shopper(op, *owner), id).await?;
        for friend in friends.iter().take(play.helped) {
            let help = HelpBargain { record, salt: String::new() };
            service::help(&shopper(op, *friend), help).await.map_err(broken)?;
        }
    }
    Ok(made)
}

/// A customer of the demo begins a bargain for the campaign's first SKU.
async fn begin(by: &Op, bargain: BargainId) -> Result<BargainRecordId, Fault> {
    let campaign = crate::bargain::query::campaign(by, bargain).await?.ok_or_else(|| Fault::internal("no such campaign"))?;
    let sku = campaign.terms.skus().first().copied().ok_or_else(|| Fault::internal("it sells nothing"))?;
    let wanted = StartBargain { bargain, sku, idempotency_key: format!("demo-{}", by.platform.uuid().simple()) };
    service::start(by, wanted).await.map_err(broken)
}

async fn campaign(op: &Op, play: &Play) -> Result<BargainId, Fault> {
    let mut skus = Vec::new();
    for place in 0..play.article.1 {
        skus.extend(catalog::demo::sku(op, play.article.0, place).await?);
    }
    let known = catalog::product::service::skus(op, &skus).await?;
    let first = skus.first().and_then(|sku| known.get(sku)).ok_or_else(|| Fault::internal("the demo's goods do not stand"))?;
    let prices = skus.iter().filter_map(|sku| {
        let regular = known.get(sku)?.price.minor;
        Some(Prices { sku: *sku, first: regular, floor: regular * play.floor / 100 })
    });
    let draft = Draft {
        title: LocalizedText::new(play.title.0, play.title.1),
        product: first.product,
        window: Window { starts_at: op.now(), ends_at: op.now() + days(30) },
        terms: Terms {
            currency: Currency::Cny,
            prices: prices.collect(),
            goal: play.goal,
            run_hours: 48,
            pay_hours: 24,
            first_cut: play.first_cut,
            new_customer_draws: play.new_customer_draws,
            helper_daily_limit: Some(5),
            buy: play.buy,
            most_per_customer: None,
        },
    };
    let id = campaigns::create(op, draft).await.map_err(broken)?;
    campaigns::step(op, id, Step::Publish).await.map_err(broken)?;
    Ok(id)
}
