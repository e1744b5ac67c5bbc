//! What holds for every basket and every set of calculators.

use kernel::{Currency, Money, SkuId};
use proptest::prelude::*;

use super::*;

const CURRENCY: Currency = Currency::Cny;

fn cny(minor: i64) -> Money {
    Money::new(minor, CURRENCY)
}

fn sku(n: usize) -> SkuId {
    SkuId(uuid::Uuid::from_u128(n as u128))
}

/// A reduction of the whole basket, as coupons and full reductions will be.
struct Off(i64);

impl Calculator for Off {
    fn step(&self) -> &'static str {
        "off"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        price.discount(self.step(), cny(self.0), Why::of("OFF")).map(|_| ())
    }
}

/// Freight, as it will be.
struct Freight(i64);

impl Calculator for Freight {
    fn step(&self) -> &'static str {
        "freight"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        price.add_shipping(self.step(), cny(self.0), Why::of("FREIGHT"))
    }
}

fn basket() -> impl Strategy<Value = Basket> {
    let line = (1..1000_i64, 0..10_000_000_i64, prop::option::of(0..10_000_000_i64));
    prop::collection::vec(line, 1..=50).prop_map(|lines| {
        let line = |(n, (quantity, base, play)): (usize, (i64, i64, Option<i64>))| BasketLine {
            sku: sku(n),
            quantity,
            base_price: cny(base),
            play: play.map(|minor| PlayPrice { sku: sku(n), unit_price: cny(minor), code: "GROUP_BUY".into() }),
            facts: Facts::default(),
        };
        Basket { currency: CURRENCY, lines: lines.into_iter().enumerate().map(line).collect(), offers: Offers::default() }
    })
}

fn discounted(basket: Basket, off: [i64; 2], freight: i64) -> Priced {
    let (first, second, freight) = (Off(off[0]), Off(off[1]), Freight(freight));
    let mut steps = ORDER.to_vec();
    steps.extend([&first as &dyn Calculator, &second, &freight]);
    price_with(basket, &steps).expect("a sane basket has a price")
}

proptest! {
    #[test]
    fn lines_and_trace_sum_to_the_total_and_nothing_is_negative(
        basket in basket(), off in [0..20_000_000_000_i64, 0..20_000_000_000_i64], freight in 0..10_000_i64,
    ) {
        let priced = discounted(basket, off, freight);
        let lines: i64 = priced.lines.iter().map(|line| line.payable.minor).sum();
        prop_assert_eq!(lines, priced.goods.minor);
        prop_assert_eq!(lines + priced.shipping.minor, priced.total.minor);
        prop_assert_eq!(priced.trace.iter().map(|line| line.amount.minor).sum::<i64>(), priced.total.minor);
        for line in &priced.lines {
            prop_assert!(line.unit_price.minor >= 0 && line.discount.minor >= 0 && line.payable.minor >= 0);
            prop_assert_eq!(line.unit_price.minor * line.quantity, line.subtotal.minor);
            prop_assert_eq!(line.subtotal.minor - line.discount.minor, line.payable.minor);
        }
    }

    #[test]
    fn the_order_of_lines_is_irrelevant_and_pricing_again_changes_nothing(
        (basket, shuffled) in basket().prop_flat_map(|b| {
            let shuffled = Just(b.lines.clone()).prop_shuffle().prop_map(|lines| Basket { currency: CURRENCY, lines, offers: Offers::default() });
            (Just(b), shuffled)
        }),
        off in 0..20_000_000_000_i64,
    ) {
        let once = discounted(basket.clone(), [off, 7], 3);
        prop_assert_eq!(&once, &discounted(shuffled, [off, 7], 3));
        prop_assert_eq!(&once, &discounted(basket, [off, 7], 3));
    }

    #[test]
    fn a_play_price_replaces_the_base_price(basket in basket()) {
        let asked: i64 = basket.lines.iter().map(|l| l.quantity * l.play.as_ref().map_or(l.base_price, |p| p.unit_price).minor).sum();
        prop_assert_eq!(price(basket).expect("has a price").total.minor, asked);
    }
}

#[test]
fn what_has_no_price_is_refused() {
    let line = |n, quantity, base| BasketLine { sku: sku(n), quantity, base_price: base, play: None, facts: Facts::default() };
    let basket = |lines| price(Basket { currency: CURRENCY, lines, offers: Offers::default() });
    assert_eq!(basket(vec![]), Err(PricingRefused::Empty));
    assert_eq!(basket(vec![line(1, 0, cny(1))]), Err(PricingRefused::Quantity));
    assert_eq!(basket(vec![line(1, 1, cny(-1))]), Err(PricingRefused::NegativePrice));
    assert_eq!(basket(vec![line(1, 1, cny(1)), line(1, 1, cny(1))]), Err(PricingRefused::Duplicate));
    let overflow = Err(PricingRefused::Money(kernel::MoneyError::Overflow));
    assert_eq!(basket(vec![line(1, 2, cny(i64::MAX))]), overflow);
    assert_eq!(basket(vec![line(1, 1, cny(i64::MAX)), line(2, 1, cny(i64::MAX))]), overflow);
    let mixed = basket(vec![line(1, 1, cny(1)), line(2, 1, Money::new(1, Currency::Usd))]);
    assert_eq!(mixed, Err(PricingRefused::Money(kernel::MoneyError::CurrencyMismatch)));
}
