//! What the demo mall offers: stores, freight, levels of members, coupons, reductions, a price for a while.

use catalog::category::service as shelves;
use entity::promotion::{coupon_template::CouponWay, coupon_template::Model as CouponKind};
use kernel::{CouponId, Currency, CustomerId, Failure, LocalizedText, Page, PageRequest, SkuId, StoreId, days};
use platform::Op;
use promotion::{
    coupon::{
        Refused as CouponRefused,
        query::{self as coupon_kinds, TemplateFilter},
        rules::{Benefit, Returns, Terms as CouponTerms, Validity},
        service::{self as coupons, GiveCoupons},
        templates::{self, Draft as CouponDraft},
    },
    freight::{
        rules::{ChargedBy, Rule, Template},
        service as freight,
    },
    member_price::service::{self as members, Draft as LevelDraft, PutOn},
    offer::{Step, Window},
    pricing::rules::scope::Scope,
    reduction::{
        rules::{Effect, Measure, Off, Terms as ReductionTerms, Tier},
        service::{self as reductions, Draft as ReductionDraft},
    },
    settings::{rules::PointsTerms, rules::Settings, rules::TaxMode, service as settings},
    time_discount::{
        rules::limits::Most,
        service::{self as discounts, Draft as DiscountDraft, Lower},
    },
};
use trade::fulfilment::stores::{self, SaveStore};

use super::{Customers, acting, refused};

/// Chinese and English.
type Text = (&'static str, &'static str);

/// A page that holds all the demo has of anything.
const ALL: PageRequest = PageRequest { first: 100, after: None };

/// Stores for pick-up: name, phone, region, street, hours, whether it is open.
const STORES: [(&str, &str, &str, &str, &str, bool); 3] = [
    ("西湖龙井路店", "0571-8796 1001", "浙江省杭州市西湖区", "龙井路 88 号", "每天 9:00–21:00", true),
    ("徐家汇体验店", "021-6438 2002", "上海市徐汇区", "肇嘉浜路 1111 号 B1", "每天 10:00–22:00", true),
    ("科技园自提点（装修中）", "0755-2653 3003", "广东省深圳市南山区", "科苑路 15 号一层", "工作日 9:00–18:00", false),
];

/// Levels: rank, name, what they save on everything, in basis points.
const LEVELS: [(i64, Text, i64); 3] =
    [(10, ("银卡会员", "Silver"), 200), (20, ("金卡会员", "Gold"), 400), (30, ("黑卡会员", "Black"), 700)];

/// A kind of coupon of the demo.
struct Kind {
    title: Text,
    benefit: Benefit,
    min_spend: i64,
    shelf: Option<&'static str>,
    way: CouponWay,
    code: Option<&'static str>,
    quota: Option<i64>,
    group: &'static str,
    /// Whether it is offered, and taken back again.
    steps: &'static [Step],
}

const KINDS: [Kind; 8] = [
    Kind {
        title: ("新人见面礼", "Welcome gift"),
        benefit: Benefit::Cash { minor: 1_000 },
        min_spend: 5_900,
        shelf: None,
        way: CouponWay::Register,
        code: None,
        quota: None,
        group: "mall",
        steps: &[Step::Activate],
    },
    Kind {
        title: ("满 199 减 30", "30 off from 199"),
        benefit: Benefit::Cash { minor: 3_000 },
        min_spend: 19_900,
        shelf: None,
        way: CouponWay::Claim,
        code: None,
        quota: Some(500),
        group: "mall",
        steps: &[Step::Activate],
    },
    Kind {
        title: ("茶友九折券", "Tea lovers: 10% off"),
        benefit: Benefit::Percent { off_bps: 1_000, cap_minor: Some(2_000) },
        min_spend: 0,
        shelf: Some("茶叶"),
        way: CouponWay::Claim,
        code: None,
        quota: Some(200),
        group: "shelf",
        steps: &[Step::Activate],
    },
    Kind {
        title: ("老客包邮券", "Free shipping for regulars"),
        benefit: Benefit::FreeShipping { cap_minor: Some(2_000) },
        min_spend: 0,
        shelf: None,
        way: CouponWay::Staff,
        code: None,
        quota: None,
        group: "freight",
        steps: &[Step::Activate],
    },
    Kind {
        title: ("直播间口令 · 立减 5 元", "Live room word: 5 off"),
        benefit: Benefit::Cash { minor: 500 },
        min_spend: 0,
        shelf: None,
        way: CouponWay::Code,
        code: Some("LIEBIAN2026"),
        quota: Some(1_000),
        group: "mall",
        steps: &[Step::Activate],
    },
    Kind {
        title: ("生日礼：零食任选一件", "Birthday: one snack for nothing"),
        benefit: Benefit::Exchange { pieces: 1 },
        min_spend: 0,
        shelf: Some("休闲零食"),
        way: CouponWay::Birthday,
        code: None,
        quota: None,
        group: "gift",
        steps: &[Step::Activate],
    },
    Kind {
        title: ("国庆满 99 减 20", "National Day: 20 off from 99"),
        benefit: Benefit::Cash { minor: 2_000 },
        min_spend: 9_900,
        shelf: None,
        way: CouponWay::Claim,
        code: None,
        quota: Some(300),
        group: "mall",
        steps: &[Step::Activate, Step::Stop],
    },
    Kind {
        title: ("年货节满 299 减 60（待发布）", "New Year's fair: 60 off from 299 (to come)"),
        benefit: Benefit::Cash { minor: 6_000 },
        min_spend: 29_900,
        shelf: None,
        way: CouponWay::Claim,
        code: None,
        quota: Some(2_000),
        group: "mall",
        steps: &[],
    },
];

/// The coupon everybody may take.
const FOR_ALL: &str = KINDS[1].title.0;

fn text((zh, en): Text) -> LocalizedText {
    LocalizedText::new(zh, en)
}

/// The Chinese name: by it the demo finds what it made before.
fn name(text: &LocalizedText) -> &str {
    text.get(kernel::Locale::ZhCn)
}

/// Puts everything up that does not stand yet.
pub(super) async fn seed(op: &Op) -> anyhow::Result<()> {
    for (name, phone, region, street, hours, is_open) in STORES {
        if !stores::list(op, false).await?.iter().any(|store| store.name == name) {
            let (name, phone, region, street, hours) = (name.into(), phone.into(), region.into(), street.into(), hours.into());
            stores::save(op, SaveStore { id: None, name, phone, region, street, hours, is_open }).await.map_err(refused)?;
        }
    }
    carriage(op).await?;
    levels(op).await?;
    for kind in &KINDS {
        coupon(op, kind).await?;
    }
    whole_baskets(op).await?;
    for_a_while(op).await
}

/// The open store orders wait at.
pub(super) async fn store(op: &Op) -> anyhow::Result<StoreId> {
    let open = stores::list(op, true).await?;
    Ok(open.first().ok_or_else(|| anyhow::anyhow!("the demo has no store"))?.id)
}

/// What bringing things costs: by weight, dearer far away; big things by the room they take.
async fn carriage(op: &Op) -> anyhow::Result<()> {
    let far = ["54", "63", "65"].map(str::to_owned).to_vec();
    let near = |first_fee_minor, free_from_minor| Rule {
        first: 1_000,
        first_fee_minor,
        next: 1_000,
        next_fee_minor: 200,
        free_from_minor: Some(free_from_minor),
        ..Rule::default()
    };
    let rules = vec![
        near(800, 4_900),
        Rule { regions: vec!["31".to_owned(), "32".to_owned()], ..near(600, 3_900) },
        Rule { regions: far.clone(), next_fee_minor: 1_000, ..near(1_800, 29_900) },
        Rule { regions: vec!["71".to_owned(), "81".to_owned(), "82".to_owned()], refused: true, first: 1, next: 1, ..Rule::default() },
    ];
    let usual = Template { name: "普通包裹 Parcels".to_owned(), currency: Currency::Cny, by: ChargedBy::Weight, rules };
    let by_room = Rule { first: 30_000, first_fee_minor: 1_500, next: 30_000, next_fee_minor: 600, ..Rule::default() };
    let rules = vec![by_room.clone(), Rule { regions: far, refused: true, first: 1, next: 1, ..Rule::default() }];
    let bulky = Template { name: "大件家居 Bulky".to_owned(), currency: Currency::Cny, by: ChargedBy::Volume, rules };
    let mut made = Vec::new();
    for template in [usual, bulky] {
        let known = freight::list(op, ALL).await.map_err(refused)?;
        made.push(match rows(known).into_iter().find(|row| row.name == template.name) {
            Some(row) => row.id,
            None => freight::create(op, template).await.map_err(refused)?.id,
        });
    }
    for (article, volume_cm3) in [("HOM-QUILT", 60_000), ("HOM-BOX", 45_000), ("BAB-STROLLER", 120_000)] {
        for place in 0..2 {
            if let Some(sku) = catalog::demo::sku(op, article, place).await? {
                let parcel = catalog::product::service::SetParcel { sku, volume_cm3, freight_template: Some(made[1]), tax_bps: 0 };
                freight::set_parcel(op, parcel).await.map_err(refused)?;
            }
        }
    }
    let points = Some(PointsTerms { points: 100, minor: 100, most_bps: 2_000 });
    settings::set(op, Settings { points, tax: TaxMode::Included, donations: true, freight: Some(made[0]) }).await.map_err(refused)?;
    Ok(())
}

/// Levels of members, and what the best pay for some tea.
async fn levels(op: &Op) -> anyhow::Result<()> {
    for (rank, title, off_bps) in LEVELS {
        let known = members::levels(op).await?;
        if !known.iter().any(|level| level.rank == rank) {
            members::save(op, None, LevelDraft { rank, name: text(title), off_bps }).await.map_err(refused)?;
        }
    }
    let best = members::levels(op).await?.into_iter().next().ok_or_else(|| anyhow::anyhow!("the demo has no levels"))?;
    let mut prices = Vec::new();
    for (article, minor) in [("TEA-LJ", 9_900), ("TEA-TGY", 4_900)] {
        prices.extend(catalog::demo::sku(op, article, 0).await?.map(|sku| (sku, minor)));
    }
    let known = catalog::product::service::skus(op, &prices.iter().map(|(sku, _)| *sku).collect::<Vec<_>>()).await?;
    let lower = |(sku, minor): (SkuId, i64)| known.get(&sku).map(|info| (sku, Some(Ord::min(minor, info.price.minor))));
    members::set_prices(op, best.id, prices.into_iter().filter_map(lower).collect()).await.map_err(refused)?;
    Ok(())
}

async fn kinds(op: &Op) -> anyhow::Result<Vec<CouponKind>> {
    Ok(rows(coupon_kinds::all(op, TemplateFilter::default(), ALL).await.map_err(refused)?))
}

async fn coupon(op: &Op, kind: &Kind) -> anyhow::Result<()> {
    let id = match kinds(op).await?.into_iter().find(|row| name(&row.title) == kind.title.0) {
        Some(row) => row.id,
        None => {
            let scope = match kind.shelf {
                None => Scope::default(),
                Some(shelf) => Scope { categories: shelf_of(op, shelf).await?, ..Scope::default() },
            };
            let terms = CouponTerms {
                benefit: kind.benefit.clone(),
                currency: Currency::Cny,
                scope,
                min_spend_minor: kind.min_spend,
                validity: Validity::Days { after: 0, days: 30 },
                group: kind.group.to_owned(),
                alone: false,
                with_reductions: true,
                with_plays: false,
                returns: Returns::WholeRefund,
            };
            let draft = CouponDraft {
                title: text(kind.title),
                terms,
                way: kind.way,
                code: kind.code.map(str::to_owned),
                quota: kind.quota,
                per_customer: 1,
                window: Window { starts_at: op.now(), ends_at: op.now() + days(120) },
            };
            templates::create(op, draft).await.map_err(refused)?.id
        }
    };
    for step in kind.steps {
        templates::step(op, id, *step).await.map_err(refused)?;
    }
    if kind.way == CouponWay::Code && rows(templates::codes(op, id, ALL).await.map_err(refused)?).is_empty() {
        templates::make_codes(op, id, 12).await.map_err(refused)?;
    }
    Ok(())
}

async fn shelf_of(op: &Op, title: &str) -> anyhow::Result<std::collections::BTreeSet<kernel::CategoryId>> {
    Ok(shelves::all(op).await?.into_iter().filter(|shelf| name(&shelf.name) == title).map(|shelf| shelf.id).collect())
}

/// Reductions of whole baskets: one that runs, one to come, one that is being written.
async fn whole_baskets(op: &Op) -> anyhow::Result<()> {
    let tier = |from, minor| Tier { from, off: Off::Minor(minor) };
    let gift = catalog::demo::sku(op, "SNK-COOKIE", 0).await?;
    let mut wanted = vec![
        (
            ("满 300 减 40，满 500 减 80", "40 off from 300, 80 off from 500"),
            Effect::Tiers { measure: Measure::Amount, tiers: vec![tier(30_000, 4_000), tier(50_000, 8_000)] },
            None,
            (0, true),
        ),
        (("茶叶第二件半价", "Tea: the second at half price"), Effect::NthPiece { n: 2, off_bps: 5_000 }, Some("茶叶"), (64, true)),
    ];
    if let Some(sku) = gift {
        let effect = Effect::Gift { measure: Measure::Amount, from: 19_900, sku, quantity: 1 };
        wanted.push((("满 199 送曲奇（草稿）", "Cookies with 199 or more (draft)"), effect, None, (70, false)));
    }
    for (title, effect, shelf, (in_days, offered)) in wanted {
        let known = rows(reductions::list(op, None, ALL).await.map_err(refused)?);
        let id = match known.into_iter().find(|row| name(&row.title) == title.0) {
            Some(row) => row.id,
            None => {
                let scope = match shelf {
                    None => Scope::default(),
                    Some(shelf) => Scope { categories: shelf_of(op, shelf).await?, ..Scope::default() },
                };
                let starts_at = op.now() + days(in_days);
                let draft = ReductionDraft {
                    title: text(title),
                    terms: ReductionTerms { effect, currency: Currency::Cny, scope, with_plays: false },
                    priority: 10,
                    window: Window { starts_at, ends_at: starts_at + days(120) },
                };
                reductions::create(op, draft).await.map_err(refused)?.id
            }
        };
        if offered {
            reductions::step(op, id, Step::Activate).await.map_err(refused)?;
        }
    }
    Ok(())
}

/// Lower prices for some days around today.
async fn for_a_while(op: &Op) -> anyhow::Result<()> {
    const TITLE: Text = ("周末鲜果 85 折", "Weekend fruit: 15% off");
    let mut prices = Vec::new();
    for article in ["FRM-APPLE", "FRM-GRAPE", "FRM-MANGO"] {
        prices.extend(catalog::demo::sku(op, article, 0).await?.map(|sku| (sku, Lower::By(1_500))));
    }
    let known = rows(discounts::list(op, None, ALL).await.map_err(refused)?);
    let id = match known.into_iter().find(|row| name(&row.title) == TITLE.0) {
        Some(row) => row.id,
        None => {
            // The demo writes this two months before today.
            let window = Window { starts_at: op.now() + days(58), ends_at: op.now() + days(75) };
            let most = Most { per_customer: Some(6), in_all: Some(300) };
            discounts::create(op, DiscountDraft { title: text(TITLE), window, prices, most }).await.map_err(refused)?.id
        }
    };
    discounts::step(op, id, Step::Activate).await.map_err(refused)?;
    Ok(())
}

/// Some customers stand on levels, and have coupons: taken, given, redeemed.
pub(super) async fn hand_out(op: &Op, customers: &Customers) -> anyhow::Result<()> {
    let levels = members::levels(op).await?;
    for (customer, level) in customers.iter().skip(3).zip(levels.iter().cycle()).take(7) {
        let on = PutOn { customer: *customer, level: Some(level.id), until: Some(op.now() + days(365)) };
        members::put_on(op, on).await.map_err(refused)?;
    }
    let kinds = kinds(op).await?;
    let kind = |title: &str| kinds.iter().find(|row| name(&row.title) == title).map(|row| row.id);
    let (Some(for_all), Some(tea), Some(freight)) = (kind(FOR_ALL), kind(KINDS[2].title.0), kind(KINDS[3].title.0)) else {
        anyhow::bail!("the demo's coupons do not stand");
    };
    for (n, customer) in customers.iter().enumerate() {
        let by = acting(op, *customer);
        let mut wanted = Vec::new();
        wanted.extend((n % 2 == 0).then_some(for_all));
        wanted.extend((n % 3 == 0).then_some(tea));
        for id in wanted {
            had_already(coupons::claim(&by, id).await)?;
        }
        if n % 7 == 0 {
            had_already(coupons::redeem(&by, "LIEBIAN2026").await)?;
        }
    }
    let regulars: Vec<CustomerId> = customers.iter().skip(1).step_by(4).copied().collect();
    coupons::give(op, GiveCoupons { template: freight, customers: regulars }, "demo-regulars").await.map(|_| ()).or_else(gone)?;
    Ok(())
}

/// Whoever has it from an earlier try has it.
fn had_already(taken: Result<CouponId, Failure<CouponRefused>>) -> anyhow::Result<()> {
    taken.map(|_| ()).or_else(gone)
}

fn gone(failure: Failure<CouponRefused>) -> anyhow::Result<()> {
    match failure {
        Failure::Refused(CouponRefused::Limit(_)) => Ok(()),
        other => Err(refused(other)),
    }
}

/// The rows of a page.
fn rows<T>(page: Page<T>) -> Vec<T> {
    page.rows.into_iter().map(|(_, row)| row).collect()
}
