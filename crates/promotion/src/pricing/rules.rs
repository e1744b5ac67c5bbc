//! The arithmetic every calculator shares.

use std::borrow::Cow;

use kernel::{Currency, Money, MoneyError, SkuId};
use serde::{Deserialize, Serialize};

/// What a marketing play asks for one SKU instead of its base price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayPrice {
    /// Of which SKU.
    pub sku: SkuId,
    /// Per piece.
    pub unit_price: Money,
    /// Why, as a stable code (`GROUP_BUY`, `GROUP_BUY_LEADER`).
    pub code: Cow<'static, str>,
}

/// One SKU and how many of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasketLine {
    /// What.
    pub sku: SkuId,
    /// How many; above zero.
    pub quantity: i64,
    /// Per piece, as the catalog says today.
    pub base_price: Money,
    /// What a play asks instead.
    pub play: Option<PlayPrice>,
}

/// What is to be priced. Each SKU appears once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basket {
    /// The currency of every amount.
    pub currency: Currency,
    /// What is in it; the order does not matter.
    pub lines: Vec<BasketLine>,
}

/// One priced line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedLine {
    /// What.
    pub sku: SkuId,
    /// How many.
    pub quantity: i64,
    /// Per piece, before discounts on the whole basket.
    pub unit_price: Money,
    /// `unit_price × quantity`.
    pub subtotal: Money,
    /// The line's share of the discounts on the whole basket.
    pub discount: Money,
    /// `subtotal − discount`: what this line costs, and what it is worth in a refund.
    pub payable: Money,
}

/// One step of how the total came about. The amounts of a trace sum to the total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceLine {
    /// The calculator (`base_price`, `play_price`, `shipping`).
    pub step: Cow<'static, str>,
    /// Why, as a stable code.
    pub code: Cow<'static, str>,
    /// On which line; none for the whole basket.
    pub sku: Option<SkuId>,
    /// By how much the total changed; negative for a discount.
    pub amount: Money,
}

/// A basket with its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priced {
    /// The lines, sorted by SKU.
    pub lines: Vec<PricedLine>,
    /// What the lines cost together.
    pub goods: Money,
    /// What bringing them costs.
    pub shipping: Money,
    /// `goods + shipping`: what is paid.
    pub total: Money,
    /// How it came about.
    pub trace: Vec<TraceLine>,
}

/// Why a basket has no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PricingRefused {
    /// There is nothing in it.
    #[error("there is nothing to price")]
    Empty,
    /// A quantity is zero or less.
    #[error("a quantity is not above zero")]
    Quantity,
    /// A price is below zero.
    #[error("a price is below zero")]
    NegativePrice,
    /// One SKU twice.
    #[error("a SKU appears twice")]
    Duplicate,
    /// The amounts do not fit or do not mix.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// A price on its way: calculators change it only through methods that keep the sums right.
#[derive(Debug)]
pub struct Tally<'a> {
    basket: &'a [BasketLine],
    lines: Vec<PricedLine>,
    shipping: Money,
    trace: Vec<TraceLine>,
}

/// One step of pricing. Pure: everything it knows is in the basket.
pub trait Calculator: Sync {
    /// Its name in the trace.
    fn step(&self) -> &'static str;

    /// Changes the price and says so in the trace.
    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused>;
}

impl Tally<'_> {
    /// The lines as asked for, in the order of [`Tally::lines`].
    pub fn basket(&self) -> &[BasketLine] {
        self.basket
    }

    /// The lines as priced so far.
    pub fn lines(&self) -> &[PricedLine] {
        &self.lines
    }

    /// What the lines cost so far.
    pub fn goods(&self) -> Result<Money, PricingRefused> {
        sum(self.shipping.currency, self.lines.iter().map(|line| line.payable))
    }

    /// Sets what one piece of line `index` costs. Comes before every discount on the whole.
    pub fn set_unit_price(
        &mut self,
        step: &'static str,
        index: usize,
        unit_price: Money,
        code: Cow<'static, str>,
    ) -> Result<(), PricingRefused> {
        if unit_price.minor < 0 {
            return Err(PricingRefused::NegativePrice);
        }
        let line = &mut self.lines[index];
        let subtotal = unit_price.times(line.quantity)?;
        let amount = subtotal.minus(line.subtotal)?;
        line.unit_price = unit_price;
        line.subtotal = subtotal;
        line.payable = subtotal.minus(line.discount)?;
        self.trace.push(TraceLine { step: step.into(), code, sku: Some(line.sku), amount });
        Ok(())
    }

    /// Takes `amount` off the whole basket, or what is left of it, and splits it over the lines by what they still cost.
    pub fn discount(&mut self, step: &'static str, amount: Money, code: Cow<'static, str>) -> Result<(), PricingRefused> {
        let goods = self.goods()?;
        amount.minus(goods)?;
        let amount = Money { minor: amount.minor.clamp(0, goods.minor), ..amount };
        let weights: Vec<i64> = self.lines.iter().map(|line| line.payable.minor).collect();
        for (line, share) in self.lines.iter_mut().zip(amount.allocate(&weights)) {
            line.discount = line.discount.plus(share)?;
            line.payable = line.subtotal.minus(line.discount)?;
        }
        self.trace.push(TraceLine { step: step.into(), code, sku: None, amount: amount.times(-1)? });
        Ok(())
    }

    /// Adds what bringing it costs.
    pub fn add_shipping(&mut self, step: &'static str, amount: Money, code: Cow<'static, str>) -> Result<(), PricingRefused> {
        if amount.minor < 0 {
            return Err(PricingRefused::NegativePrice);
        }
        self.shipping = self.shipping.plus(amount)?;
        self.trace.push(TraceLine { step: step.into(), code, sku: None, amount });
        Ok(())
    }
}

/// Prices a basket with the mall's calculators in their order.
pub fn price(basket: Basket) -> Result<Priced, PricingRefused> {
    price_with(basket, super::ORDER)
}

/// Prices a basket with these calculators, one after the other.
pub fn price_with(mut basket: Basket, calculators: &[&dyn Calculator]) -> Result<Priced, PricingRefused> {
    // One order for the arithmetic, so that who gets an odd cent does not depend on how the basket was filled.
    basket.lines.sort_by_key(|line| line.sku);
    if basket.lines.is_empty() {
        return Err(PricingRefused::Empty);
    }
    if basket.lines.windows(2).any(|pair| pair[0].sku == pair[1].sku) {
        return Err(PricingRefused::Duplicate);
    }
    if basket.lines.iter().any(|line| line.quantity <= 0) {
        return Err(PricingRefused::Quantity);
    }
    let zero = Money::zero(basket.currency);
    let blank = |line: &BasketLine| PricedLine {
        sku: line.sku,
        quantity: line.quantity,
        unit_price: zero,
        subtotal: zero,
        discount: zero,
        payable: zero,
    };
    let lines = basket.lines.iter().map(blank).collect();
    let mut price = Tally { basket: &basket.lines, lines, shipping: zero, trace: Vec::new() };
    for calculator in calculators {
        calculator.apply(&mut price)?;
    }
    let goods = price.goods()?;
    let total = goods.plus(price.shipping)?;
    Ok(Priced { lines: price.lines, goods, shipping: price.shipping, total, trace: price.trace })
}

fn sum(currency: Currency, amounts: impl Iterator<Item = Money>) -> Result<Money, PricingRefused> {
    amounts.map(Ok).try_fold(Money::zero(currency), |total, amount: Result<Money, PricingRefused>| Ok(total.plus(amount?)?))
}
