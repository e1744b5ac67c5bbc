//! What of an order's money goes back with which of its pieces. Pure.
//!
//! Pieces are worth their share of the line by **cumulative floor**: whoever gives three pieces back one by one gets the
//! same as who gives them back at once, and the last piece takes the cents the earlier ones left. Money given for goods
//! that are kept makes the pieces worth less, so that a line never gives back more than it cost.

use kernel::{Currency, Detail, Money, OrderLineId, Refusal, SkuId};

/// A line of an order, and what of it is back or on its way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineBooks {
    /// Which.
    pub line: OrderLineId,
    /// Of what.
    pub sku: SkuId,
    /// How many were bought.
    pub quantity: i64,
    /// For how much.
    pub payable: i64,
    /// How many are back.
    pub pieces_back: i64,
    /// What those were worth.
    pub worth_back: i64,
    /// How much money is back, for pieces and without.
    pub money_back: i64,
    /// How much of it was for goods that are kept.
    pub goodwill: i64,
}

impl LineBooks {
    /// A line of which nothing is back.
    pub fn new((line, sku): (OrderLineId, SkuId), quantity: i64, payable: i64) -> Self {
        Self { line, sku, quantity, payable, pieces_back: 0, worth_back: 0, money_back: 0, goodwill: 0 }
    }

    /// How many pieces can still come back.
    pub fn pieces_left(&self) -> i64 {
        self.quantity - self.pieces_back
    }

    /// How much money can still go back.
    pub fn money_left(&self) -> i64 {
        self.payable - self.money_back
    }

    /// What so many of the pieces that are left are worth; nothing can be said of more.
    pub fn worth(&self, pieces: i64) -> Option<i64> {
        if !(0..=self.pieces_left()).contains(&pieces) {
            return None;
        }
        let (base, back) = (i128::from(self.payable - self.goodwill), i128::from(self.pieces_back + pieces));
        let until = base * back / i128::from(self.quantity.max(1));
        let worth = i64::try_from(until).unwrap_or(i64::MAX) - self.worth_back;
        Some(worth.clamp(0, self.money_left()))
    }

    /// The line once a part of it is back.
    #[must_use]
    pub fn with(mut self, part: &Part) -> Self {
        self.pieces_back += part.quantity;
        self.money_back += part.amount;
        if part.quantity > 0 {
            self.worth_back += part.worth;
        } else {
            self.goodwill += part.amount;
        }
        self
    }
}

/// What of a refund belongs to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which.
    pub line: OrderLineId,
    /// Of what.
    pub sku: SkuId,
    /// How many pieces; none is money for goods that are kept.
    pub quantity: i64,
    /// How much goes back.
    pub amount: i64,
    /// What the pieces are worth; more than the amount when something is kept back.
    pub worth: i64,
}

/// An order, and what of it is back or on its way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderBooks {
    /// Its lines.
    pub lines: Vec<LineBooks>,
    /// What bringing them cost.
    pub shipping: i64,
    /// What of that is back.
    pub shipping_back: i64,
    /// Whether anything has left the house.
    pub shipped: bool,
    /// What the payment can still give back.
    pub left: i64,
    /// Of all amounts.
    pub currency: Currency,
}

impl OrderBooks {
    /// What of the shipping can still go back.
    pub fn shipping_left(&self) -> i64 {
        (self.shipping - self.shipping_back).max(0)
    }

    /// The order once these parts of it are back.
    #[must_use]
    pub fn with(mut self, parts: &Parts) -> Self {
        for part in &parts.lines {
            for line in self.lines.iter_mut().filter(|line| line.line == part.line) {
                *line = line.with(part);
            }
        }
        self.shipping_back += parts.shipping;
        self.left -= parts.total();
        self
    }
}

/// Some pieces of a line that go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LineWish {
    /// Which line.
    pub line: OrderLineId,
    /// How many of it; none with an amount is money for goods that are kept.
    pub quantity: i64,
    /// Less than the pieces are worth, or the money for goods that are kept.
    pub amount: Option<i64>,
}

/// What becomes of the money for bringing the goods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub enum Shipping {
    /// It goes back with the last goods, if nothing was shipped.
    #[default]
    Unshipped,
    /// It goes back now, by the choice of staff.
    Included,
}

/// What is to go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// All that is left.
    Rest,
    /// An amount, for goods that are kept.
    Amount(Money),
    /// Pieces.
    Lines(Vec<LineWish>, Shipping),
}

/// What goes back: the amounts sum to [`Parts::total`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// For the lines.
    pub lines: Vec<Part>,
    /// For bringing them.
    pub shipping: i64,
}

impl Parts {
    /// The whole.
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|part| part.amount).sum::<i64>() + self.shipping
    }
}

/// Why an order cannot be given back like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartsRefused {
    /// Zero, less, or another currency.
    #[error("the amount is not one to refund")]
    Amount,
    /// More than is left.
    #[error("only {0} minor units can still be refunded")]
    TooMuch(i64),
    /// Not a line of this order, or named twice.
    #[error("the order has no such line, or it is named twice")]
    Line,
    /// More pieces than are left, or none.
    #[error("only {0} pieces can still come back")]
    Quantity(i64),
}

impl Refusal for PartsRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Amount => "REFUND_AMOUNT_INVALID",
            Self::TooMuch(_) => "REFUND_TOO_MUCH",
            Self::Line => "REFUND_LINE_UNKNOWN",
            Self::Quantity(_) => "REFUND_QUANTITY_TOO_LARGE",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Amount | Self::TooMuch(_) => Some("amount"),
            Self::Line => Some("lines.orderLineId"),
            Self::Quantity(_) => Some("lines.quantity"),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::TooMuch(left) | Self::Quantity(left) => Detail::Available(*left),
            Self::Amount | Self::Line => Detail::None,
        }
    }
}

/// What of the order goes back. Nothing at all is [`PartsRefused::Amount`].
pub fn parts(books: &OrderBooks, wish: &Wish) -> Result<Parts, PartsRefused> {
    let parts = match wish {
        Wish::Rest => rest(books),
        Wish::Amount(amount) => some(books, *amount)?,
        Wish::Lines(wishes, shipping) => pieces(books, (wishes, *shipping))?,
    };
    match parts.total() {
        0 => Err(PartsRefused::Amount),
        total if total > books.left => Err(PartsRefused::TooMuch(books.left)),
        _ => Ok(parts),
    }
}

/// All that is left: every piece, every cent. Money that went back before it was booked by line is missing from the end.
fn rest(books: &OrderBooks) -> Parts {
    let mut left = books.left;
    let mut take = |amount: i64| {
        let taken = amount.min(left).max(0);
        left -= taken;
        taken
    };
    let lines = books.lines.iter().filter(|line| line.pieces_left() > 0 || line.money_left() > 0);
    let lines = lines.map(|line| Part {
        line: line.line,
        sku: line.sku,
        quantity: line.pieces_left(),
        amount: take(line.money_left()),
        worth: line.worth(line.pieces_left()).unwrap_or(0),
    });
    Parts { lines: lines.collect(), shipping: take(books.shipping_left()) }
}

/// An amount for goods that are kept: from the lines by what is left of each, then from the shipping.
fn some(books: &OrderBooks, amount: Money) -> Result<Parts, PartsRefused> {
    if amount.minor <= 0 || amount.currency != books.currency {
        return Err(PartsRefused::Amount);
    }
    if amount.minor > books.left {
        return Err(PartsRefused::TooMuch(books.left));
    }
    if amount.minor == books.left {
        return Ok(rest(books));
    }
    let weights: Vec<i64> = books.lines.iter().map(LineBooks::money_left).collect();
    let goods = amount.minor.min(weights.iter().sum());
    let shares = Money { minor: goods, ..amount }.allocate(&weights);
    let part = |(line, share): (&LineBooks, Money)| Part { line: line.line, sku: line.sku, quantity: 0, amount: share.minor, worth: 0 };
    let lines = books.lines.iter().zip(shares).map(part).filter(|part| part.amount > 0).collect();
    Ok(Parts { lines, shipping: amount.minor - goods })
}

fn pieces(books: &OrderBooks, (wishes, shipping): (&[LineWish], Shipping)) -> Result<Parts, PartsRefused> {
    let mut lines: Vec<Part> = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let line = books.lines.iter().find(|line| line.line == wish.line).ok_or(PartsRefused::Line)?;
        if lines.iter().any(|part| part.line == wish.line) {
            return Err(PartsRefused::Line);
        }
        let worth = line.worth(wish.quantity).ok_or(PartsRefused::Quantity(line.pieces_left()))?;
        let most = if wish.quantity > 0 { worth } else { line.money_left() };
        let amount = wish.amount.unwrap_or(worth);
        if amount < 0 || (wish.quantity == 0 && amount == 0) {
            return Err(PartsRefused::Amount);
        }
        if amount > most {
            return Err(PartsRefused::TooMuch(most));
        }
        lines.push(Part { line: line.line, sku: line.sku, quantity: wish.quantity, amount, worth });
    }
    let goods = Parts { lines, shipping: 0 };
    let last = books.clone().with(&goods).lines.iter().all(|line| line.pieces_left() == 0);
    let goes_back = shipping == Shipping::Included || (last && !books.shipped);
    Ok(Parts { shipping: if goes_back { books.shipping_left() } else { 0 }, ..goods })
}

/// The share of something the order was given as a whole (points, a coupon's worth) that goes back now: cumulative
/// floor over the money for goods, so that the shares of all refunds sum to the whole.
pub fn share(whole: i64, goods: i64, (before, now): (i64, i64)) -> i64 {
    if goods <= 0 {
        return 0;
    }
    let until = |back: i64| i128::from(whole) * i128::from(back.clamp(0, goods)) / i128::from(goods);
    i64::try_from(until(before.saturating_add(now)) - until(before)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn line(n: u128, quantity: i64, payable: i64) -> LineBooks {
        LineBooks::new((OrderLineId(Uuid::from_u128(n)), SkuId(Uuid::from_u128(n))), quantity, payable)
    }

    fn order(lines: Vec<LineBooks>, shipping: i64) -> OrderBooks {
        let left = lines.iter().map(|line| line.payable).sum::<i64>() + shipping;
        OrderBooks { lines, shipping, shipping_back: 0, shipped: false, left, currency: Currency::Cny }
    }

    fn some_of(books: &OrderBooks, n: usize, quantity: i64) -> Wish {
        Wish::Lines(vec![LineWish { line: books.lines[n].line, quantity, amount: None }], Shipping::Unshipped)
    }

    #[test]
    fn three_for_a_hundred_cents_come_back_as_33_33_34() {
        let mut books = order(vec![line(1, 3, 100)], 0);
        for expected in [33, 33, 34] {
            let back = parts(&books, &some_of(&books, 0, 1)).expect("goes back");
            assert_eq!(back.total(), expected);
            books = books.with(&back);
        }
        assert_eq!(parts(&books, &some_of(&books, 0, 1)), Err(PartsRefused::Quantity(0)));
    }

    #[test]
    fn shipping_goes_back_with_the_last_goods_that_never_left_or_by_choice() {
        let books = order(vec![line(1, 1, 100), line(2, 1, 50)], 8);
        let first = parts(&books, &some_of(&books, 0, 1)).expect("goes back");
        assert_eq!((first.total(), first.shipping), (100, 0));
        let books = books.with(&first);
        assert_eq!(parts(&books, &some_of(&books, 1, 1)).expect("goes back").shipping, 8);
        let shipped = OrderBooks { shipped: true, ..books };
        assert_eq!(parts(&shipped, &some_of(&shipped, 1, 1)).expect("goes back").shipping, 0);
        let wish = Wish::Lines(vec![LineWish { line: shipped.lines[1].line, quantity: 1, amount: None }], Shipping::Included);
        assert_eq!(parts(&shipped, &wish).expect("goes back").shipping, 8);
    }

    #[test]
    fn money_for_goods_that_are_kept_makes_the_pieces_worth_less() {
        let books = order(vec![line(1, 2, 100)], 0);
        let kept = parts(&books, &Wish::Amount(Money::new(30, Currency::Cny))).expect("goes back");
        assert_eq!(kept.lines[0].quantity, 0);
        let books = books.with(&kept);
        assert_eq!(parts(&books, &some_of(&books, 0, 1)).expect("goes back").total(), 35);
        assert_eq!(parts(&books, &some_of(&books, 0, 2)).expect("goes back").total(), 70);
    }

    #[test]
    fn what_is_kept_back_for_a_worn_piece_is_not_given_with_the_next() {
        let books = order(vec![line(1, 2, 100)], 0);
        let worn = Wish::Lines(vec![LineWish { line: books.lines[0].line, quantity: 1, amount: Some(20) }], Shipping::Unshipped);
        let books = books.clone().with(&parts(&books, &worn).expect("goes back"));
        assert_eq!(parts(&books, &some_of(&books, 0, 1)).expect("goes back").total(), 50);
    }

    #[test]
    fn nonsense_gives_nothing_back() {
        let books = order(vec![line(1, 2, 100)], 0);
        let of = |line, quantity, amount| parts(&books, &Wish::Lines(vec![LineWish { line, quantity, amount }], Shipping::Unshipped));
        let (known, unknown) = (books.lines[0].line, OrderLineId(Uuid::from_u128(9)));
        assert_eq!(of(unknown, 1, None), Err(PartsRefused::Line));
        assert_eq!(of(known, 3, None), Err(PartsRefused::Quantity(2)));
        assert_eq!(of(known, -1, None), Err(PartsRefused::Quantity(2)));
        assert_eq!(of(known, 0, None), Err(PartsRefused::Amount));
        assert_eq!(of(known, 1, Some(51)), Err(PartsRefused::TooMuch(50)));
        assert_eq!(of(known, 1, Some(-1)), Err(PartsRefused::Amount));
        assert_eq!(parts(&books, &Wish::Lines(vec![], Shipping::Unshipped)), Err(PartsRefused::Amount));
        assert_eq!(parts(&books, &Wish::Amount(Money::new(1, Currency::Usd))), Err(PartsRefused::Amount));
        assert_eq!(parts(&books, &Wish::Amount(Money::new(101, Currency::Cny))), Err(PartsRefused::TooMuch(100)));
    }

    /// A wish that may or may not be possible.
    fn wish() -> impl Strategy<Value = (u8, usize, i64, Option<i64>)> {
        (0..4_u8, 0..50_usize, 0..6_i64, prop::option::of(0..400_i64))
    }

    fn read(books: &OrderBooks, (kind, n, quantity, amount): (u8, usize, i64, Option<i64>)) -> Wish {
        let line = books.lines[n % books.lines.len()].line;
        match kind {
            0 => Wish::Amount(Money::new(amount.unwrap_or(1), Currency::Cny)),
            1 => Wish::Lines(vec![LineWish { line, quantity, amount: None }], Shipping::Included),
            2 => Wish::Lines(vec![LineWish { line, quantity, amount }], Shipping::Unshipped),
            _ => Wish::Lines(vec![LineWish { line, quantity, amount: None }], Shipping::Unshipped),
        }
    }

    proptest! {
        #[test]
        fn whatever_went_back_before_the_rest_makes_it_whole(
            lines in prop::collection::vec((1..6_i64, 0..1_000_i64), 1..50),
            shipping in 0..30_i64,
            shipped: bool,
            wishes in prop::collection::vec(wish(), 0..60),
        ) {
            let lines = (1..).zip(lines).map(|(n, (quantity, payable))| line(n, quantity, payable)).collect();
            let mut books = OrderBooks { shipped, ..order(lines, shipping) };
            let whole = books.left;
            let mut back = 0;
            for wanted in wishes {
                if let Ok(now) = parts(&books, &read(&books, wanted)) {
                    back += now.total();
                    books = books.with(&now);
                }
                prop_assert_eq!(books.left, whole - back);
                prop_assert!(books.shipping_back <= shipping);
                for line in &books.lines {
                    prop_assert!(line.pieces_left() >= 0 && (0..=line.payable).contains(&line.money_back), "{:?}", line);
                }
                let goods: i64 = books.lines.iter().map(|line| line.money_back).sum();
                prop_assert_eq!(goods + books.shipping_back, back);
            }
            match parts(&books, &Wish::Rest) {
                Ok(rest) => {
                    prop_assert_eq!(back + rest.total(), whole);
                    let books = books.with(&rest);
                    prop_assert!(books.lines.iter().all(|line| line.pieces_left() == 0 && line.money_left() == 0));
                }
                Err(refused) => prop_assert_eq!((refused, back), (PartsRefused::Amount, whole)),
            }
        }

        #[test]
        fn pieces_one_by_one_in_any_portions_sum_to_the_line(payable in 0..1_000_000_i64, portions in prop::collection::vec(1..9_i64, 1..50)) {
            let quantity: i64 = portions.iter().sum();
            let mut books = line(1, quantity, payable);
            for pieces in portions {
                let before = books.pieces_back;
                let worth = books.worth(pieces).expect("are left");
                // The same, however the pieces before came back.
                prop_assert_eq!(worth, payable * (before + pieces) / quantity - payable * before / quantity);
                let part = Part { line: books.line, sku: books.sku, quantity: pieces, amount: worth, worth };
                books = books.with(&part);
            }
            prop_assert_eq!(books.money_back, payable);
        }

        #[test]
        fn shares_of_points_sum_to_the_points(points in 0..100_000_i64, parts in prop::collection::vec(1..10_000_i64, 1..50)) {
            let goods: i64 = parts.iter().sum();
            let (mut before, mut back) = (0, 0);
            for now in parts {
                let part = share(points, goods, (before, now));
                prop_assert!(part >= 0);
                back += part;
                before += now;
            }
            prop_assert_eq!(back, points);
        }
    }
}
