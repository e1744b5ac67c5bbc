//! What a price costs with 1, 10 and 100 offers running: `make bench-pricing`.
//!
//! Three measurements, each with 1, 10 and 100 active reductions (and half as many time discounts on the SKU that is
//! bought): the pure calculators on a basket of ten lines; putting something into the cart; a quote of the cart, with a
//! real commit on an SQLite file. Rounds alternate between the sizes, so that a busy machine is busy for all of them; the
//! median of the rounds is printed with its range, and the factor between 100 offers and one.

use std::{
    collections::BTreeMap,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use bench_kit::say;
use catalog::product::{
    query,
    rules::{Draft as ProductDraft, SkuDraft},
    service as products,
};
use kernel::{Actor, Currency, CustomerId, LocalizedText, Money, ReductionId, SessionId, SkuId, Timestamp, days};
use platform::{Op, testing::TestPlatform};
use promotion::{
    offer::{Step, Window},
    pricing::{Basket, BasketLine, Facts, Offers, Scope, price},
    reduction::{
        rules::{Effect, Measure, Off, Reduction, Terms, Tier},
        service::{self as reductions, Draft},
    },
    time_discount::{
        rules::limits::Most,
        service::{self as time_discounts, Draft as DiscountDraft, Lower},
    },
};
use trade::{
    TradeSettings,
    cart::service as carts,
    quote::service::{self as quotes, NewQuote, WantedLine},
};
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many offers run.
const SIZES: [usize; 3] = [1, 10, 100];

/// How many lines a basket has.
const LINES: usize = 10;

/// How often each size has its turn.
const ROUNDS: usize = 9;

/// How long one turn takes.
const TURN: Duration = Duration::from_millis(600);

fn terms(n: usize) -> Terms {
    let step = i64::try_from(n).unwrap_or(0);
    let effect = match n % 3 {
        0 => Effect::Tiers { measure: Measure::Amount, tiers: vec![Tier { from: 5_000 + step, off: Off::Minor(300 + step) }] },
        1 => Effect::NthPiece { n: 2, off_bps: 1_000 + step },
        _ => Effect::AnyFor { pieces: 3, price_minor: 20_000 - step },
    };
    Terms { effect, currency: Currency::Cny, scope: Scope::default(), with_plays: false }
}

fn basket(offers: usize) -> Basket {
    let line = |n: usize| BasketLine {
        sku: SkuId(Uuid::from_u128(n as u128)),
        quantity: 2,
        base_price: Money::new(9_900 + i64::try_from(n).unwrap_or(0), Currency::Cny),
        play: None,
        facts: Facts::default(),
    };
    let reduction = |n: usize| {
        Arc::new(Reduction {
            id: ReductionId(Uuid::from_u128(n as u128)),
            title: LocalizedText::new("满减", "Reduction"),
            terms: terms(n),
            priority: 0,
            starts_at: Timestamp(0),
            ends_at: Timestamp(i64::MAX),
        })
    };
    let offers = Offers { reductions: (0..offers).map(reduction).collect(), ..Offers::default() };
    Basket { currency: Currency::Cny, lines: (0..LINES).map(line).collect(), offers }
}

/// A mall with so many offers, and somebody with something in the cart.
struct Mall {
    test: TestPlatform,
    skus: Vec<SkuId>,
}

impl Mall {
    async fn opens(offers: usize) -> Self {
        let test = TestPlatform::open(|ports| trade::plug(ports, TradeSettings::new("https://mall.example"))).await;
        let op = test.platform.system("bench");
        let mut skus = Vec::new();
        for n in 0..LINES {
            let sku = SkuDraft {
                id: None,
                code: format!("BENCH-{n}"),
                choices: vec![],
                price: Money::new(9_900, Currency::Cny),
                market_price: None,
                weight_grams: 100,
                image: None,
                stock: Some(1_000_000),
            };
            let draft = ProductDraft { title: LocalizedText::new("茶", "Tea"), skus: vec![sku], ..ProductDraft::default() };
            let product = products::create(&op, draft).await.expect("is made").id;
            products::publish(&op, product).await.expect("is published");
            let of = query::skus_of(&op, &[product]).await.expect("reads").remove(&product).unwrap_or_default();
            skus.extend(of.into_iter().map(|sku| sku.id));
        }
        let window = Window { starts_at: op.now(), ends_at: op.now() + days(30) };
        for n in 0..offers {
            let title = LocalizedText::new("满减", "Reduction");
            let made =
                reductions::create(&op, Draft { title: title.clone(), terms: terms(n), priority: 0, window }).await.expect("is written");
            reductions::step(&op, made.id, Step::Activate).await.expect("is offered");
            if n % 2 == 0 {
                let prices = vec![(skus[0], Lower::By(100 + i64::try_from(n).unwrap_or(0)))];
                let made =
                    time_discounts::create(&op, DiscountDraft { title, window, prices, most: Most::default() }).await.expect("is written");
                time_discounts::step(&op, made.id, Step::Activate).await.expect("is offered");
            }
        }
        let mall = Self { test, skus };
        for sku in &mall.skus {
            carts::add(&mall.shopper(1), WantedLine { sku: *sku, quantity: 2 }).await.expect("fits");
        }
        mall
    }

    fn shopper(&self, n: u128) -> Op {
        let actor = Actor::Customer { id: CustomerId(Uuid::from_u128(n)), session: SessionId(Uuid::from_u128(n)) };
        Op { actor, ..self.test.platform.system("bench") }
    }

    async fn quotes(&self) {
        quotes::create_from_cart(&self.shopper(1), NewQuote::default()).await.expect("is promised");
    }

    async fn adds_to_cart(&self) {
        let by = self.shopper(2);
        carts::add(&by, WantedLine { sku: self.skus[0], quantity: 1 }).await.expect("fits");
        carts::remove(&by, self.skus[0]).await.expect("is out");
    }
}

/// Microseconds of one of many within a turn.
fn each(done: usize, took: Duration) -> f64 {
    took.as_secs_f64() * 1e6 / done.max(1) as f64
}

fn report(what: &str, mut turns: BTreeMap<usize, Vec<f64>>) {
    let mut medians = Vec::new();
    for (size, turns) in &mut turns {
        turns.sort_by(f64::total_cmp);
        let median = turns[turns.len() / 2];
        medians.push(median);
        let (low, high) = (turns[0], turns[turns.len() - 1]);
        say(&format!("  {what:<28} {size:>4} offers  {median:>10.1} µs   ({low:.1} … {high:.1})"));
    }
    let (first, last) = (medians[0], medians[medians.len() - 1]);
    say(&format!("  {what:<28} 100 offers cost {:.2} × one", last / first));
}

#[tokio::main]
async fn main() {
    say(&format!("{ROUNDS} rounds in alternation, {LINES} lines, SQLite with a commit that survives a power cut"));
    let mut pure: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        for size in SIZES {
            let basket = basket(size);
            let (began, mut done) = (Instant::now(), 0);
            while began.elapsed() < TURN / 3 {
                black_box(price(black_box(basket.clone())).expect("has a price"));
                done += 1;
            }
            pure.entry(size).or_default().push(each(done, began.elapsed()));
        }
    }
    report("calculators alone", pure);

    let mut malls = Vec::new();
    for size in SIZES {
        malls.push((size, Mall::opens(size).await));
    }
    let (mut quoting, mut adding): (BTreeMap<usize, Vec<f64>>, BTreeMap<usize, Vec<f64>>) = Default::default();
    for _ in 0..ROUNDS {
        for (size, mall) in &malls {
            let (began, mut done) = (Instant::now(), 0);
            while began.elapsed() < TURN {
                mall.quotes().await;
                done += 1;
            }
            quoting.entry(*size).or_default().push(each(done, began.elapsed()));
            let (began, mut done) = (Instant::now(), 0);
            while began.elapsed() < TURN {
                mall.adds_to_cart().await;
                done += 1;
            }
            adding.entry(*size).or_default().push(each(done, began.elapsed()));
        }
    }
    report("into the cart and out again", adding);
    report("quote of the cart", quoting);
    for (size, mall) in &malls {
        let before = mall.test.platform.db.statements();
        mall.quotes().await;
        say(&format!("  a quote with {size:>3} offers is {} statements", mall.test.platform.db.statements() - before));
    }
}
