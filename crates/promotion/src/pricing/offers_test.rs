//! What holds for every basket with everything on offer at once.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{
    CategoryId, CouponId, CouponTemplateId, Currency, FreightTemplateId, LocalizedText, Money, ReductionId, SkuId, TimeDiscountId,
    Timestamp,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    coupon::rules::{Benefit, InHand, Returns, Terms as CouponTerms, Validity, WhyNot},
    freight::rules::{ChargedBy, Delivery, Rule, Template},
    reduction::rules::{Effect, Measure, Off, Reduction, Terms as ReductionTerms, Tier},
    settings::rules::{PointsTerms, Settings, TaxMode},
    time_discount::rules::limits::{Limit, Limits},
};

const CURRENCY: Currency = Currency::Cny;

fn cny(minor: i64) -> Money {
    Money::new(minor, CURRENCY)
}

fn sku(n: usize) -> SkuId {
    SkuId(Uuid::from_u128(n as u128))
}

fn shelf(n: u8) -> CategoryId {
    CategoryId(Uuid::from_u128(u128::from(n)))
}

fn line(n: usize, (quantity, base): (i64, i64)) -> BasketLine {
    let facts = Facts { categories: vec![shelf(u8::try_from(n % 3).unwrap_or(0))], weight_grams: 300, tax_bps: 600, ..Facts::default() };
    BasketLine { sku: sku(n), quantity, base_price: cny(base), play: None, facts }
}

fn basket(lines: Vec<BasketLine>) -> Basket {
    Basket { currency: CURRENCY, lines, offers: Offers::default() }
}

fn lower(title: &str, minor: i64) -> LowerPrice {
    LowerPrice { title: LocalizedText::new(title, title), unit_price: cny(minor) }
}

fn timed(lower: LowerPrice, limits: Limits) -> Timed {
    Timed { discount: TimeDiscountId(Uuid::from_u128(1)), lower, limits }
}

fn on(shelf_n: Option<u8>) -> Scope {
    Scope { categories: shelf_n.map(shelf).into_iter().collect(), ..Scope::default() }
}

fn reduction(n: usize, effect: Effect, scope: Scope) -> Arc<Reduction> {
    Arc::new(Reduction {
        id: ReductionId(Uuid::from_u128(n as u128)),
        title: LocalizedText::new("满减", "Reduction"),
        terms: ReductionTerms { effect, currency: CURRENCY, scope, with_plays: false },
        priority: (n % 2) as i64,
        starts_at: Timestamp(0),
        ends_at: Timestamp(i64::MAX),
    })
}

fn coupon(n: usize, benefit: Benefit, scope: Scope) -> InHand {
    InHand {
        id: CouponId(Uuid::from_u128(n as u128)),
        template: CouponTemplateId(Uuid::from_u128(n as u128)),
        title: LocalizedText::new("券", "Coupon"),
        terms: CouponTerms {
            benefit,
            currency: CURRENCY,
            scope,
            min_spend_minor: 0,
            validity: Validity::Days { after: 0, days: 1 },
            group: format!("group {n}"),
            alone: false,
            with_reductions: true,
            with_plays: true,
            returns: Returns::WholeRefund,
        },
        problem: None,
    }
}

fn freight(fee: i64) -> (Arc<BTreeMap<FreightTemplateId, Template>>, FreightTemplateId) {
    let id = FreightTemplateId(Uuid::from_u128(1));
    let rule = Rule { first: 1_000, first_fee_minor: fee, next: 1_000, next_fee_minor: fee / 2, ..Rule::default() };
    let template = Template { name: "usual".into(), currency: CURRENCY, by: ChargedBy::Weight, rules: vec![rule] };
    (Arc::new(BTreeMap::from([(id, template)])), id)
}

prop_compose! {
    fn effect()(kind in 0..6u8, n in 2..5_i64, minor in 1..500_000_i64, bps in 1..10_000_i64, pieces in any::<bool>()) -> Effect {
        let measure = if pieces { Measure::Pieces } else { Measure::Amount };
        match kind {
            0 => Effect::Tiers { measure, tiers: vec![Tier { from: 1, off: Off::Bps(bps) }, Tier { from: n + 1, off: Off::Minor(minor) }] },
            1 => Effect::Every { measure, each: n, off_minor: minor, most_times: Some(n) },
            2 => Effect::NthPiece { n, off_bps: bps },
            3 => Effect::AnyFor { pieces: n, price_minor: minor },
            4 => Effect::Bundle { items: [(sku(0), 1), (sku(1), n)].into(), price_minor: minor },
            _ => Effect::Gift { measure, from: n, sku: sku(usize::try_from(n).unwrap_or(0) * 7), quantity: n },
        }
    }
}

prop_compose! {
    fn benefit()(kind in 0..3u8, minor in 1..100_000_000_i64, bps in 1..10_000_i64, cap in prop::option::of(1..10_000_i64)) -> Benefit {
        match kind {
            0 => Benefit::Cash { minor },
            1 => Benefit::Percent { off_bps: bps, cap_minor: cap },
            _ => Benefit::Exchange { pieces: minor % 5 + 1 },
        }
    }
}

prop_compose! {
    fn offered()(
        lines in prop::collection::vec((1..20_i64, 1..300_000_i64), 1..8),
        effects in prop::collection::vec((effect(), prop::option::of(0..3u8)), 0..6),
        benefits in prop::collection::vec(benefit(), 0..4),
        points in 0..5_000_000_i64,
        fee in 0..5_000_i64,
        donation in 0..1_000_i64,
        added in any::<bool>(),
    ) -> Basket {
        let (templates, usual) = freight(fee);
        let mut basket = basket(lines.into_iter().enumerate().map(|(n, of)| line(n, of)).collect());
        let gifts = (0..40).map(|n| (sku(n), GiftFacts { price: cny(700), available: 3 })).collect();
        basket.offers = Offers {
            reductions: effects.into_iter().enumerate().map(|(n, (effect, at))| reduction(n, effect, on(at))).collect(),
            gifts,
            coupons: benefits.into_iter().enumerate().map(|(n, benefit)| coupon(n, benefit, Scope::default())).collect(),
            points,
            points_balance: 3_000_000,
            delivery: Delivery::default(),
            freight: templates,
            settings: Arc::new(Settings {
                points: Some(PointsTerms { points: 3, minor: 2, most_bps: 9_000 }),
                tax: if added { TaxMode::Added } else { TaxMode::Included },
                donations: true,
                freight: Some(usual),
            }),
            donation_minor: donation,
        };
        basket
    }
}

proptest! {
    #[test]
    fn with_everything_on_offer_the_sums_hold_and_something_is_left_to_pay(basket in offered()) {
        let wanted: i64 = basket.lines.iter().map(|line| line.quantity).sum();
        let priced = price(basket).expect("a sane basket has a price");
        let payable: i64 = priced.lines.iter().map(|line| line.payable.minor).sum();
        prop_assert_eq!(payable, priced.goods.minor);
        prop_assert!(priced.goods.minor >= LEAST);
        prop_assert_eq!(payable + priced.shipping.minor + priced.tax.minor + priced.donation.minor, priced.total.minor);
        prop_assert_eq!(priced.trace.iter().map(|line| line.amount.minor).sum::<i64>(), priced.total.minor);
        for line in &priced.lines {
            prop_assert!(line.payable.minor >= 0 && line.discount.minor >= 0 && line.coupon_minor >= 0 && line.points >= 0);
            prop_assert_eq!(line.unit_price.minor * line.quantity, line.subtotal.minor);
            prop_assert_eq!(line.subtotal.minor - line.discount.minor, line.payable.minor);
            prop_assert!(line.coupon_minor <= line.discount.minor);
        }
        prop_assert_eq!(priced.lines.iter().map(|line| line.quantity - line.gifts).sum::<i64>(), wanted);
        prop_assert_eq!(priced.lines.iter().map(|line| line.points).sum::<i64>(), priced.points);
        prop_assert!(priced.points <= 3_000_000);
        let saved: i64 = priced.coupons.iter().map(|(_, saved)| saved.minor).sum();
        prop_assert_eq!(priced.lines.iter().map(|line| line.coupon_minor).sum::<i64>(), saved);
    }

    #[test]
    fn neither_the_order_of_lines_nor_that_of_offers_matters(
        (one, other) in offered().prop_flat_map(|basket| {
            let (lines, reductions, coupons) =
                (basket.lines.clone(), basket.offers.reductions.clone(), basket.offers.coupons.clone());
            let shuffled = (Just(lines).prop_shuffle(), Just(reductions).prop_shuffle(), Just(coupons).prop_shuffle());
            let rest = basket.clone();
            let other = shuffled.prop_map(move |(lines, reductions, coupons)| Basket {
                lines,
                offers: Offers { reductions, coupons, ..rest.offers.clone() },
                ..rest.clone()
            });
            (Just(basket), other)
        }),
    ) {
        let first = price(one.clone()).expect("has a price");
        prop_assert_eq!(&first, &price(other).expect("has a price"));
        prop_assert_eq!(&first, &price(one).expect("has a price"));
    }
}

#[test]
fn the_better_of_discount_and_membership_counts_and_never_a_dearer_one() {
    let lower = |title: &str, minor| Some(lower(title, minor));
    let unit = |discount: Option<LowerPrice>, member| {
        let mut line = line(1, (2, 1_000));
        line.facts.time_discounts = discount.map(|lower| timed(lower, Limits::default())).into_iter().collect();
        line.facts.member_price = member;
        let priced = price(basket(vec![line])).expect("has a price");
        (priced.lines[0].unit_price.minor, priced.trace.iter().filter(|line| line.step == "lower_price").count())
    };
    assert_eq!(unit(lower("d", 900), lower("m", 800)), (800, 1));
    assert_eq!(unit(lower("d", 700), lower("m", 800)), (700, 1));
    assert_eq!(unit(lower("d", 1_000), lower("m", 1_200)), (1_000, 0), "what is not lower is passed over");
    assert_eq!(unit(None, None), (1_000, 0));
}

#[test]
fn a_line_of_more_pieces_than_are_left_costs_what_it_does_without_the_discount() {
    let limits = Limits { customer: Some(Limit::of(5, 2)), in_all: Some(Limit::of(100, 98)) };
    let bought = |limits, quantities: &[i64], member: Option<i64>| {
        let lines = quantities.iter().enumerate().map(|(n, quantity)| {
            let mut line = line(n, (*quantity, 1_000));
            line.facts.time_discounts = vec![
                timed(lower("d", 700), limits),
                Timed { discount: TimeDiscountId(Uuid::from_u128(2)), ..timed(lower("e", 950), Limits::default()) },
            ];
            line.facts.member_price = member.map(|minor| lower("m", minor));
            line
        });
        let priced = price(basket(lines.collect())).expect("has a price");
        let codes: Vec<_> = priced.trace.iter().filter(|line| line.step == "lower_price").map(|line| line.code.to_string()).collect();
        (priced.lines.iter().map(|line| (line.unit_price.minor, line.limited.is_some())).collect::<Vec<_>>(), codes.join(" "))
    };
    let each = Limits { in_all: None, ..limits };
    assert_eq!(bought(each, &[3], None), (vec![(700, true)], "TIME_DISCOUNT".into()));
    assert_eq!(bought(each, &[4], None), (vec![(950, false)], "TIME_DISCOUNT_LIMIT TIME_DISCOUNT".into()), "the next best");
    assert_eq!(bought(limits, &[3], Some(900)), (vec![(900, false)], "TIME_DISCOUNT_TAKEN MEMBER_PRICE".into()));
    assert_eq!(bought(limits, &[1, 2, 1], None).0, [(700, true), (950, false), (700, true)], "lines share what is left");
    assert_eq!(bought(Limits::default(), &[9], None), (vec![(700, false)], "TIME_DISCOUNT".into()));
}

#[test]
fn a_line_takes_part_in_one_reduction() {
    let mut two = basket(vec![line(1, (1, 10_000)), line(2, (1, 10_000))]);
    let off = |minor| Effect::Tiers { measure: Measure::Amount, tiers: vec![Tier { from: 10_000, off: Off::Minor(minor) }] };
    two.offers.reductions =
        vec![reduction(0, off(500), Scope::default()), reduction(2, off(900), on(Some(1))), reduction(4, off(600), Scope::default())];
    let priced = price(two).expect("has a price");
    // The largest first (900 on one line); what is left for the other two is the second line, where 600 is more than 500.
    assert_eq!(priced.goods.minor, 20_000 - 900 - 600);
}

#[test]
fn a_coupon_worth_more_than_the_goods_is_capped_and_the_last_cent_stays() {
    let mut small = basket(vec![line(1, (1, 3_000))]);
    small.offers.coupons = vec![coupon(1, Benefit::Cash { minor: 5_000 }, Scope::default())];
    let priced = price(small).expect("has a price");
    assert_eq!((priced.goods.minor, priced.total.minor), (LEAST, LEAST));
    assert_eq!(priced.coupons[0].1.minor, 2_999);
}

#[test]
fn a_coupon_that_cannot_be_used_says_why() {
    let why = |change: fn(&mut Basket)| {
        let mut basket = basket(vec![line(1, (1, 3_000))]);
        basket.offers.coupons = vec![coupon(1, Benefit::Cash { minor: 500 }, Scope::default())];
        change(&mut basket);
        match price(basket) {
            Err(PricingRefused::Coupon(_, why)) => why,
            other => panic!("not refused: {other:?}"),
        }
    };
    assert_eq!(why(|basket| basket.offers.coupons[0].terms.min_spend_minor = 3_001), WhyNot::TooLittle(1));
    assert_eq!(why(|basket| basket.offers.coupons[0].terms.scope = on(Some(2))), WhyNot::NothingCovered);
    assert_eq!(why(|basket| basket.offers.coupons[0].terms.currency = Currency::Usd), WhyNot::Currency);
    assert_eq!(why(|basket| basket.offers.coupons[0].problem = Some(WhyNot::Expired)), WhyNot::Expired);
    assert_eq!(why(|basket| basket.offers.coupons[0].terms.benefit = Benefit::FreeShipping { cap_minor: None }), WhyNot::NoFreight);
    assert_eq!(
        why(|basket| {
            let play = PlayPrice { sku: sku(1), unit_price: cny(2_000), code: "GROUP_BUY".into() };
            basket.lines[0].play = Some(play);
            basket.offers.coupons[0].terms.with_plays = false;
        }),
        WhyNot::WithPlay
    );
    assert_eq!(
        why(|basket| {
            let tier = vec![Tier { from: 1, off: Off::Minor(5) }];
            let all = Effect::Tiers { measure: Measure::Amount, tiers: tier };
            basket.offers.reductions = vec![reduction(1, all, Scope::default())];
            basket.offers.coupons[0].terms.with_reductions = false;
        }),
        WhyNot::WithReduction
    );
    assert_eq!(
        why(|basket| {
            let mut second = coupon(2, Benefit::Cash { minor: 1 }, Scope::default());
            second.terms.group = basket.offers.coupons[0].terms.group.clone();
            basket.offers.coupons.push(second);
        }),
        WhyNot::Group
    );
}

#[test]
fn a_voucher_takes_the_dearest_piece_and_freight_coupons_take_freight() {
    let mut three = basket(vec![line(1, (2, 1_000)), line(2, (1, 4_000))]);
    let (templates, usual) = freight(800);
    three.offers.freight = templates;
    three.offers.settings = Arc::new(Settings { freight: Some(usual), ..Settings::default() });
    three.offers.coupons = vec![
        coupon(1, Benefit::Exchange { pieces: 2 }, Scope::default()),
        coupon(2, Benefit::FreeShipping { cap_minor: Some(500) }, Scope::default()),
    ];
    let priced = price(three).expect("has a price");
    assert_eq!(priced.goods.minor, 1_000, "the four-thousand one and one of the others are free");
    assert_eq!(priced.shipping.minor, 300);
    assert_eq!(priced.total.minor, 1_300);
}

#[test]
fn a_gift_costs_nothing_and_is_given_while_there_is_some() {
    let given = |available, of: usize| {
        let mut one = basket(vec![line(1, (1, 9_000))]);
        let gift = Effect::Gift { measure: Measure::Amount, from: 5_000, sku: sku(of), quantity: 2 };
        one.offers.reductions = vec![reduction(1, gift, Scope::default())];
        one.offers.gifts = [(sku(of), GiftFacts { price: cny(700), available })].into();
        let priced = price(one).expect("has a price");
        assert_eq!(priced.total.minor, 9_000);
        priced.lines.iter().map(|line| (line.sku, line.quantity, line.gifts, line.payable.minor)).collect::<Vec<_>>()
    };
    assert_eq!(given(9, 5), [(sku(1), 1, 0, 9_000), (sku(5), 2, 2, 0)]);
    assert_eq!(given(1, 5), [(sku(1), 1, 0, 9_000), (sku(5), 1, 1, 0)]);
    assert_eq!(given(0, 5), [(sku(1), 1, 0, 9_000)]);
    assert_eq!(given(3, 1), [(sku(1), 3, 2, 9_000)], "more of what is bought is the same line");
    assert_eq!(given(1, 1), [(sku(1), 1, 0, 9_000)], "the only one there is is bought");
}

#[test]
fn what_is_not_carried_there_is_refused_and_pick_up_costs_nothing() {
    let mut far = basket(vec![line(1, (1, 9_000))]);
    let (_, usual) = freight(0);
    let rules =
        vec![Rule { first_fee_minor: 900, ..Rule::default() }, Rule { regions: vec!["65".into()], refused: true, ..Rule::default() }];
    let template = Template { name: "usual".into(), currency: CURRENCY, by: ChargedBy::Piece, rules };
    far.offers.freight = Arc::new(BTreeMap::from([(usual, template)]));
    far.lines[0].facts.freight = Some(usual);
    far.offers.delivery = Delivery::Ship { region: Some("650102".into()) };
    assert_eq!(price(far.clone()), Err(PricingRefused::NotCarried(sku(1))));
    far.offers.delivery = Delivery::Ship { region: Some("330106".into()) };
    assert_eq!(price(far.clone()).expect("has a price").shipping.minor, 900);
    far.offers.delivery = Delivery::PickUp;
    assert_eq!(price(far).expect("has a price").shipping.minor, 0);
}
