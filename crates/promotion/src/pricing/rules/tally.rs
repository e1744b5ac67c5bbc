//! The arithmetic every calculator shares.

use std::{borrow::Cow, collections::BTreeMap};

use kernel::{CouponId, Currency, LocalizedText, Money, MoneyError, SkuId, TimeDiscountId};
use serde::{Deserialize, Serialize};

use super::basket::{Basket, BasketLine};
use crate::coupon::rules::WhyNot;

/// What is left to pay for goods that cost anything, whatever is taken off: providers take no payment of nothing.
pub const LEAST: i64 = 1;

/// One priced line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedLine {
    /// What.
    pub sku: SkuId,
    /// How many, gifts included.
    pub quantity: i64,
    /// Per piece, before discounts on the whole basket.
    pub unit_price: Money,
    /// `unit_price × quantity`.
    pub subtotal: Money,
    /// The line's share of the discounts on the whole basket, and what gifts are worth.
    pub discount: Money,
    /// `subtotal − discount`: what this line costs, and what it is worth in a refund.
    pub payable: Money,
    /// How many of the quantity are given along.
    #[serde(default)]
    pub gifts: i64,
    /// How much of the discount is coupons', in minor units.
    #[serde(default)]
    pub coupon_minor: i64,
    /// How many of the basket's points pay for this line.
    #[serde(default)]
    pub points: i64,
    /// The discount whose limits its pieces count against, gifts aside.
    #[serde(default)]
    pub limited: Option<TimeDiscountId>,
}

/// Something an explanation names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Param {
    /// A name, by language.
    Text(LocalizedText),
    /// An amount.
    Money(Money),
    /// A number.
    Number(i64),
    /// A share, in basis points.
    Bps(i64),
}

/// What an explanation names, by the names its sentence uses.
pub type Params = BTreeMap<String, Param>;

/// Why, as a stable code, and what the explanation names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// A stable code.
    pub code: Cow<'static, str>,
    /// What its sentence names.
    pub params: Params,
}

impl Why {
    /// A reason that says it all.
    pub fn of(code: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), params: Params::new() }
    }

    /// The same reason, naming something more.
    #[must_use]
    pub fn with(mut self, name: &str, param: Param) -> Self {
        self.params.insert(name.to_owned(), param);
        self
    }
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
    /// What the explanation names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: Params,
}

/// A basket with its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priced {
    /// The lines, sorted by SKU; gifts are lines too.
    pub lines: Vec<PricedLine>,
    /// What the lines cost together.
    pub goods: Money,
    /// What bringing them costs.
    pub shipping: Money,
    /// Tax and duty that are added.
    pub tax: Money,
    /// What the shopper gives to others.
    pub donation: Money,
    /// `goods + shipping + tax + donation`: what is paid.
    pub total: Money,
    /// How it came about.
    pub trace: Vec<TraceLine>,
    /// What each coupon saved.
    pub coupons: Vec<(CouponId, Money)>,
    /// How many points are spent.
    pub points: i64,
    /// What they take off.
    pub points_worth: Money,
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
    /// It is not carried there.
    #[error("{0} is not carried there")]
    NotCarried(SkuId),
    /// A coupon that is to be used cannot be.
    #[error("{0}: {1}")]
    Coupon(CouponId, WhyNot),
    /// The amounts do not fit or do not mix.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// A price on its way: calculators change it only through methods that keep the sums right.
#[derive(Debug)]
pub struct Tally<'a> {
    basket: &'a Basket,
    /// As many as the basket has, in its order; then the gifts.
    lines: Vec<PricedLine>,
    shipping: Money,
    tax: Money,
    donation: Money,
    trace: Vec<TraceLine>,
    coupons: Vec<(CouponId, Money)>,
    points: i64,
    points_worth: Money,
    /// Lines that a reduction took something off.
    reduced: Vec<bool>,
}

/// One step of pricing. Pure: everything it knows is in the basket.
pub trait Calculator: Sync {
    /// Its name in the trace.
    fn step(&self) -> &'static str;

    /// Changes the price and says so in the trace.
    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused>;
}

impl<'a> Tally<'a> {
    /// The lines as asked for, in the order of [`Tally::lines`].
    pub fn basket(&self) -> &'a [BasketLine] {
        &self.basket.lines
    }

    /// The whole of what is known.
    pub fn input(&self) -> &'a Basket {
        self.basket
    }

    /// The lines as priced so far; behind those asked for, the gifts.
    pub fn lines(&self) -> &[PricedLine] {
        &self.lines
    }

    /// What the lines cost so far.
    pub fn goods(&self) -> Result<Money, PricingRefused> {
        sum(self.shipping.currency, self.lines.iter().map(|line| line.payable))
    }

    /// What bringing them costs so far.
    pub fn shipping(&self) -> Money {
        self.shipping
    }

    /// Whether a reduction took something off this line.
    pub fn is_reduced(&self, index: usize) -> bool {
        self.reduced[index]
    }

    /// An amount of the basket's currency.
    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.basket.currency)
    }

    /// Sets what one piece of line `index` costs. Comes before every discount on the whole.
    pub fn set_unit_price(&mut self, step: &'static str, (index, unit_price): (usize, Money), why: Why) -> Result<(), PricingRefused> {
        if unit_price.minor < 0 {
            return Err(PricingRefused::NegativePrice);
        }
        let line = &mut self.lines[index];
        let subtotal = unit_price.times(line.quantity)?;
        let amount = subtotal.minus(line.subtotal)?;
        line.unit_price = unit_price;
        line.subtotal = subtotal;
        line.payable = subtotal.minus(line.discount)?;
        let sku = Some(line.sku);
        self.note(step, (sku, amount), why);
        Ok(())
    }

    /// Says something about line `index` that changes no amount.
    pub fn explain(&mut self, step: &'static str, index: usize, why: Why) {
        let (sku, nothing) = (self.lines[index].sku, self.money(0));
        self.note(step, (Some(sku), nothing), why);
    }

    /// Notes whose limits the pieces of line `index` count against.
    pub fn note_limited(&mut self, index: usize, discount: TimeDiscountId) {
        self.lines[index].limited = Some(discount);
    }

    /// Takes `amount` off the whole basket, or what is left of it, and splits it over the lines by what they still cost.
    pub fn discount(&mut self, step: &'static str, amount: Money, why: Why) -> Result<Money, PricingRefused> {
        let all: Vec<usize> = (0..self.lines.len()).collect();
        Ok(self.discount_on(step, (&all, amount), why)?.0)
    }

    /// Takes `amount` off these lines, or what is left of them, and splits it by what they still cost. Answers what was
    /// taken, and each line's share.
    pub fn discount_on(
        &mut self,
        step: &'static str,
        (lines, amount): (&[usize], Money),
        why: Why,
    ) -> Result<(Money, Vec<i64>), PricingRefused> {
        let weights: Vec<i64> = lines.iter().map(|&index| self.lines[index].payable.minor).collect();
        let there = sum(self.shipping.currency, lines.iter().map(|&index| self.lines[index].payable))?;
        amount.minus(there)?;
        let amount = Money { minor: amount.minor.clamp(0, there.minor), ..amount };
        let shares: Vec<i64> = amount.allocate(&weights).into_iter().map(|share| share.minor).collect();
        self.take(step, (lines, shares), why)
    }

    /// Takes these amounts off these lines, each no more than its line still costs, and leaves [`LEAST`] of the goods.
    pub fn take(
        &mut self,
        step: &'static str,
        (lines, mut shares): (&[usize], Vec<i64>),
        why: Why,
    ) -> Result<(Money, Vec<i64>), PricingRefused> {
        for (share, &index) in shares.iter_mut().zip(lines) {
            *share = (*share).clamp(0, self.lines[index].payable.minor);
        }
        let goods = self.goods()?.minor;
        let wanted = shares.iter().try_fold(0_i64, |sum, share| sum.checked_add(*share)).ok_or(MoneyError::Overflow)?;
        let mut over = wanted.saturating_sub((goods - LEAST).max(0));
        // The last cent stays with the line that gives the most.
        while over > 0 {
            let Some(largest) = (0..shares.len()).max_by_key(|&i| (shares[i], std::cmp::Reverse(i))) else { break };
            let back = over.min(shares[largest]);
            shares[largest] -= back;
            over -= back;
        }
        let mut taken = self.money(0);
        for (share, &index) in shares.iter().zip(lines) {
            let share = self.money(*share);
            let line = &mut self.lines[index];
            line.discount = line.discount.plus(share)?;
            line.payable = line.subtotal.minus(line.discount)?;
            taken = taken.plus(share)?;
        }
        self.note(step, (None, taken.times(-1)?), why);
        Ok((taken, shares))
    }

    /// Marks lines as reduced: no further reduction takes something off them.
    pub fn mark_reduced(&mut self, lines: impl IntoIterator<Item = usize>) {
        lines.into_iter().for_each(|index| self.reduced[index] = true);
    }

    /// Gives pieces along. They cost nothing; what they are worth stands in the discount.
    pub fn give(&mut self, step: &'static str, (sku, quantity, unit_price): (SkuId, i64, Money), why: Why) -> Result<(), PricingRefused> {
        let index = self.lines.iter().position(|line| line.sku == sku);
        let index = index.unwrap_or_else(|| {
            self.lines.push(blank(sku, self.basket.currency));
            self.reduced.push(true);
            let index = self.lines.len() - 1;
            self.lines[index].unit_price = unit_price;
            index
        });
        let line = &mut self.lines[index];
        let worth = line.unit_price.times(quantity)?;
        line.quantity += quantity;
        line.gifts += quantity;
        line.subtotal = line.subtotal.plus(worth)?;
        line.discount = line.discount.plus(worth)?;
        line.payable = line.subtotal.minus(line.discount)?;
        let nothing = self.money(0);
        self.note(step, (Some(sku), nothing), why);
        Ok(())
    }

    /// Adds what bringing it costs.
    pub fn add_shipping(&mut self, step: &'static str, amount: Money, why: Why) -> Result<(), PricingRefused> {
        if amount.minor < 0 {
            return Err(PricingRefused::NegativePrice);
        }
        self.shipping = self.shipping.plus(amount)?;
        self.note(step, (None, amount), why);
        Ok(())
    }

    /// Takes something off what bringing it costs, no more than that.
    pub fn discount_shipping(&mut self, step: &'static str, amount: Money, why: Why) -> Result<Money, PricingRefused> {
        let taken = Money { minor: amount.minor.clamp(0, self.shipping.minor), ..amount };
        self.shipping = self.shipping.minus(taken)?;
        self.note(step, (None, taken.times(-1)?), why);
        Ok(taken)
    }

    /// Adds tax or duty on a line.
    pub fn add_tax(&mut self, step: &'static str, (sku, amount): (SkuId, Money), why: Why) -> Result<(), PricingRefused> {
        if amount.minor < 0 {
            return Err(PricingRefused::NegativePrice);
        }
        self.tax = self.tax.plus(amount)?;
        self.note(step, (Some(sku), amount), why);
        Ok(())
    }

    /// Adds what the shopper gives to others.
    pub fn add_donation(&mut self, step: &'static str, amount: Money, why: Why) -> Result<(), PricingRefused> {
        if amount.minor < 0 {
            return Err(PricingRefused::NegativePrice);
        }
        self.donation = self.donation.plus(amount)?;
        self.note(step, (None, amount), why);
        Ok(())
    }

    /// Notes what a coupon saved, and each line's share of it.
    pub fn note_coupon(&mut self, coupon: CouponId, saved: Money, shares: impl IntoIterator<Item = (usize, i64)>) {
        self.coupons.push((coupon, saved));
        for (index, share) in shares {
            self.lines[index].coupon_minor += share;
        }
    }

    /// Notes how many points were spent, and splits them over the lines by what they took off each.
    pub fn note_points(&mut self, points: i64, (worth, shares): (Money, &[i64])) {
        self.points = points;
        self.points_worth = worth;
        if worth.minor > 0 {
            let of_lines = self.money(points).allocate(shares);
            self.lines.iter_mut().zip(of_lines).for_each(|(line, share)| line.points = share.minor);
        }
    }

    fn note(&mut self, step: &'static str, (sku, amount): (Option<SkuId>, Money), why: Why) {
        self.trace.push(TraceLine { step: step.into(), code: why.code, sku, amount, params: why.params });
    }
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
    let lines = basket.lines.iter().map(|line| PricedLine { quantity: line.quantity, ..blank(line.sku, basket.currency) }).collect();
    let reduced = vec![false; basket.lines.len()];
    let mut price = Tally {
        basket: &basket,
        lines,
        shipping: zero,
        tax: zero,
        donation: zero,
        trace: Vec::new(),
        coupons: Vec::new(),
        points: 0,
        points_worth: zero,
        reduced,
    };
    for calculator in calculators {
        calculator.apply(&mut price)?;
    }
    let goods = price.goods()?;
    let total = goods.plus(price.shipping)?.plus(price.tax)?.plus(price.donation)?;
    let Tally { mut lines, shipping, tax, donation, trace, coupons, points, points_worth, .. } = price;
    lines.sort_by_key(|line| line.sku);
    Ok(Priced { lines, goods, shipping, tax, donation, total, trace, coupons, points, points_worth })
}

fn blank(sku: SkuId, currency: Currency) -> PricedLine {
    let zero = Money::zero(currency);
    PricedLine {
        sku,
        quantity: 0,
        unit_price: zero,
        subtotal: zero,
        discount: zero,
        payable: zero,
        gifts: 0,
        coupon_minor: 0,
        points: 0,
        limited: None,
    }
}

fn sum(currency: Currency, amounts: impl Iterator<Item = Money>) -> Result<Money, PricingRefused> {
    amounts.map(Ok).try_fold(Money::zero(currency), |total, amount: Result<Money, PricingRefused>| Ok(total.plus(amount?)?))
}
