//! What a play costs the merchant, before it begins. Pure: amounts in, amounts out.

use std::collections::HashMap;

use kernel::{Currency, Money, MoneyError, SkuId};

/// One SKU of a play: what it brings, what it costs, and the most it can cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviewLine {
    /// Which SKU.
    pub sku: SkuId,
    /// What everybody pays without the play.
    pub regular: Money,
    /// What one unit brings in the play, at its cheapest.
    pub price: Money,
    /// What one unit costs the merchant; nothing when nobody said.
    pub cost: Option<Money>,
    /// What is left of the price once its cost is paid; negative when the play sells below cost. Nothing without a cost.
    pub margin: Option<Money>,
    /// The most units it may sell; nothing when it sells any number.
    pub units: Option<i64>,
    /// What the play gives away against the regular price when everything it may sell is sold, zero when it asks more than
    /// that; nothing when it sells any number.
    pub worst_case: Option<Money>,
}

/// What a play does to one SKU.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// Which SKU.
    pub sku: SkuId,
    /// What everybody pays without the play.
    pub regular: Money,
    /// What one unit brings in the play, at its cheapest.
    pub price: Money,
    /// What one unit costs the merchant, if it was said.
    pub cost: Option<Money>,
    /// The most units it may sell; none when it sells any number.
    pub units: Option<i64>,
}

/// What an offer comes to.
pub fn line(offer: Offer) -> Result<PreviewLine, MoneyError> {
    let Offer { sku, regular, price, cost, units } = offer;
    let given = regular.minus(price)?;
    let given = Money { minor: given.minor.max(0), ..given };
    Ok(PreviewLine {
        sku,
        regular,
        price,
        cost,
        margin: cost.map(|cost| price.minus(cost)).transpose()?,
        units,
        worst_case: units.map(|units| given.times(units.max(0))).transpose()?,
    })
}

/// Whether every cost is said in the currency the play sells in.
pub fn comparable(costs: &HashMap<SkuId, Money>, currency: Currency) -> bool {
    costs.values().all(|cost| cost.currency == currency)
}

/// The worst case of a whole play: the sum of its lines'; nothing when one of them has no bound, or another currency.
pub fn worst_case(lines: &[PreviewLine]) -> Result<Option<Money>, MoneyError> {
    let Some(first) = lines.first() else { return Ok(None) };
    let mut sum = Money::zero(first.price.currency);
    for line in lines {
        let Some(worst) = line.worst_case.filter(|worst| worst.currency == sum.currency) else { return Ok(None) };
        sum = sum.plus(worst)?;
    }
    Ok(Some(sum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }

    fn offer(regular: i64, price: i64, (cost, units): (Option<i64>, Option<i64>)) -> Offer {
        Offer { sku: SkuId(Uuid::nil()), regular: cny(regular), price: cny(price), cost: cost.map(cny), units }
    }

    #[test]
    fn a_line_says_what_is_left_and_the_most_it_can_cost() {
        let sound = line(offer(10_000, 7_500, (Some(6_000), Some(20)))).expect("small");
        assert_eq!((sound.margin, sound.worst_case), (Some(cny(1_500)), Some(cny(50_000))));
        let below_cost = line(offer(10_000, 5_000, (Some(6_000), None))).expect("small");
        assert_eq!((below_cost.margin, below_cost.worst_case), (Some(cny(-1_000)), None));
        assert_eq!(worst_case(&[sound, below_cost]), Ok(None), "one without a bound has no worst case");
        assert_eq!(worst_case(&[sound, sound]), Ok(Some(cny(100_000))));
        assert_eq!(worst_case(&[]), Ok(None));
        let elsewhere = PreviewLine { worst_case: Some(Money::new(1, Currency::Usd)), ..sound };
        assert_eq!(worst_case(&[sound, elsewhere]), Ok(None), "yuan and dollars do not add up");
    }

    #[test]
    fn amounts_too_large_are_refused_and_not_wrapped() {
        assert_eq!(line(offer(i64::MAX, 1, (None, Some(2)))), Err(MoneyError::Overflow));
    }

    proptest! {
        #[test]
        fn the_whole_costs_what_its_lines_cost(lines in prop::collection::vec((1..1_000_000i64, 1..1_000_000i64, 0..10_000i64), 1..20)) {
            let previews: Vec<_> = lines.iter().map(|&(regular, price, units)| line(offer(regular, price, (None, Some(units)))).expect("small")).collect();
            let sum: i64 = lines.iter().map(|(regular, price, units)| (regular - price).max(0) * units).sum();
            prop_assert_eq!(worst_case(&previews), Ok(Some(cny(sum))));
        }
    }
}
