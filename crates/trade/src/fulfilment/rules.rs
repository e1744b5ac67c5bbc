//! What goes into a parcel, where a parcel may be next, what opens a pick-up. Pure.

use std::collections::BTreeMap;

use kernel::{Detail, OrderLineId, Refusal, Timestamp};

/// Wrong guesses that end a pick-up code.
pub const PICKUP_TRIES: i64 = 5;

/// The most parcels of one order.
pub const MOST_PARCELS: usize = 50;

/// A line of an order, for packing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which.
    pub id: OrderLineId,
    /// How many were bought.
    pub quantity: i64,
    /// How many left the house.
    pub gone: i64,
    /// For how many the money goes back although they never left.
    pub back: i64,
}

impl Line {
    /// How many are still to be shipped.
    pub fn left(&self) -> i64 {
        Ord::max(self.quantity - self.gone - self.back, 0)
    }
}

/// What goes into a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// How many of which line.
    pub lines: Vec<(OrderLineId, i64)>,
    /// Whether nothing is left behind.
    pub last: bool,
}

/// Why nothing is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackRefused {
    /// Everything left the house.
    #[error("nothing is left to ship")]
    NothingLeft,
    /// The parcel would be empty, or a quantity is below one.
    #[error("a parcel holds at least one piece of each of its lines")]
    Empty,
    /// The line is not one of the order.
    #[error("the line is not one of the order")]
    UnknownLine,
    /// More than is left of a line.
    #[error("only {0} are left of the line")]
    TooMany(i64),
    /// The order has too many parcels.
    #[error("an order has at most {MOST_PARCELS} parcels")]
    TooManyParcels,
}

impl Refusal for PackRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NothingLeft => "PARCEL_NOTHING_LEFT",
            Self::Empty => "PARCEL_EMPTY",
            Self::UnknownLine => "PARCEL_LINE_UNKNOWN",
            Self::TooMany(_) => "PARCEL_TOO_MUCH",
            Self::TooManyParcels => "PARCEL_TOO_MANY",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NothingLeft | Self::TooManyParcels => None,
            Self::Empty | Self::TooMany(_) => Some("lines.quantity"),
            Self::UnknownLine => Some("lines.lineId"),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::TooMany(left) => Detail::Available(*left),
            Self::TooManyParcels => Detail::Limit(i64::try_from(MOST_PARCELS).unwrap_or(i64::MAX)),
            _ => Detail::None,
        }
    }
}

/// Packs what is wanted, or everything that is left.
pub fn pack(lines: &[Line], wanted: Option<&[(OrderLineId, i64)]>) -> Result<Packed, PackRefused> {
    let left: i64 = lines.iter().map(Line::left).sum();
    if left == 0 {
        return Err(PackRefused::NothingLeft);
    }
    let packed: Vec<(OrderLineId, i64)> = match wanted {
        None => lines.iter().map(|line| (line.id, line.left())).filter(|(_, quantity)| *quantity > 0).collect(),
        Some(wanted) => {
            let mut sums: BTreeMap<OrderLineId, i64> = BTreeMap::new();
            for &(id, quantity) in wanted {
                if quantity < 1 {
                    return Err(PackRefused::Empty);
                }
                let line = lines.iter().find(|line| line.id == id).ok_or(PackRefused::UnknownLine)?;
                let sum = sums.entry(id).or_default();
                *sum = sum.saturating_add(quantity);
                if *sum > line.left() {
                    return Err(PackRefused::TooMany(line.left()));
                }
            }
            sums.into_iter().collect()
        }
    };
    if packed.is_empty() {
        return Err(PackRefused::Empty);
    }
    let last = packed.iter().map(|(_, quantity)| quantity).sum::<i64>() == left;
    Ok(Packed { lines: packed, last })
}

/// Where a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whereabouts {
    /// It left the house; the carrier said nothing yet.
    Sent,
    /// The carrier has it.
    Collected,
    /// It travels.
    InTransit,
    /// It is on the last mile.
    OutForDelivery,
    /// Something is wrong with it.
    Problem,
    /// It was signed for.
    Delivered,
    /// It goes back, or is back.
    Returned,
}

impl Whereabouts {
    /// Whether the carrier has nothing more to tell.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Delivered | Self::Returned)
    }
}

/// News of a parcel: where it is, as of when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    /// Where.
    pub state: Whereabouts,
    /// As of when.
    pub at: Timestamp,
}

/// Where a parcel is after news that may be late, repeated or out of order: what is over stays over, older news changes
/// nothing.
pub fn after(known: News, told: News) -> News {
    if known.state.is_over() || told.at < known.at || (told.at == known.at && told.state == known.state) { known } else { told }
}

/// The eight digits that open a pick-up, from a keyed digest in hexadecimal.
pub fn pickup_code(digest: &str) -> String {
    let number = u64::from_str_radix(digest.get(..15).unwrap_or(digest), 16).unwrap_or(0);
    format!("{:08}", number % 100_000_000)
}

/// What became of a guess at a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// It is the code.
    Right,
    /// It is not; it counts.
    Wrong,
    /// Nothing is the code any more; a new one must be issued.
    Spent,
}

/// Judges a guess after so many wrong ones.
pub fn guess(is_it: bool, tries: i64) -> Guess {
    match (tries >= PICKUP_TRIES, is_it) {
        (true, _) => Guess::Spent,
        (false, true) => Guess::Right,
        (false, false) => Guess::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use kernel::days;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> OrderLineId {
        OrderLineId(Uuid::from_u128(n))
    }

    fn line(n: u128, quantity: i64, gone: i64) -> Line {
        Line { id: id(n), quantity, gone, back: 0 }
    }

    #[test]
    fn a_parcel_holds_what_is_left_and_nothing_else() {
        let lines = [line(1, 2, 0), line(2, 3, 1)];
        assert_eq!(pack(&lines, None), Ok(Packed { lines: vec![(id(1), 2), (id(2), 2)], last: true }));
        assert_eq!(pack(&lines, Some(&[(id(2), 1)])), Ok(Packed { lines: vec![(id(2), 1)], last: false }));
        assert_eq!(pack(&lines, Some(&[(id(2), 1), (id(2), 1), (id(1), 2)])).map(|packed| packed.last), Ok(true));
        assert_eq!(pack(&lines, Some(&[(id(2), 3)])), Err(PackRefused::TooMany(2)));
        assert_eq!(pack(&lines, Some(&[(id(2), 1), (id(2), 2)])), Err(PackRefused::TooMany(2)));
        assert_eq!(pack(&lines, Some(&[(id(9), 1)])), Err(PackRefused::UnknownLine));
        assert_eq!(pack(&lines, Some(&[(id(1), 0)])), Err(PackRefused::Empty));
        assert_eq!(pack(&lines, Some(&[])), Err(PackRefused::Empty));
        assert_eq!(pack(&[line(1, 2, 2)], None), Err(PackRefused::NothingLeft));
        // What is paid back before it left is not waited for.
        let lines = [line(1, 2, 1), Line { back: 3, ..line(2, 3, 0) }];
        assert_eq!(pack(&lines, None), Ok(Packed { lines: vec![(id(1), 1)], last: true }));
    }

    proptest! {
        #[test]
        fn parcel_after_parcel_ships_every_piece_exactly_once(
            quantities in prop::collection::vec(1..9_i64, 1..6), picks in prop::collection::vec((0..6_usize, 1..4_i64), 0..60),
        ) {
            let mut lines: Vec<Line> = (1..).zip(&quantities).map(|(n, quantity)| line(n, *quantity, 0)).collect();
            let mut done = false;
            for (at, quantity) in picks.into_iter().chain([(usize::MAX, 0)]) {
                let wanted = lines.get(at % lines.len()).map(|line| vec![(line.id, quantity)]).filter(|_| at != usize::MAX);
                match pack(&lines, wanted.as_deref()) {
                    Ok(packed) => {
                        prop_assert!(!done, "something was left after the last parcel");
                        for (id, quantity) in &packed.lines {
                            let line = lines.iter_mut().find(|line| line.id == *id).expect("of the order");
                            line.gone += quantity;
                            prop_assert!(line.gone <= line.quantity);
                        }
                        done = packed.last;
                    }
                    Err(PackRefused::NothingLeft) => prop_assert!(done),
                    Err(PackRefused::TooMany(_)) => {}
                    Err(other) => prop_assert!(false, "{other:?}"),
                }
            }
            prop_assert!(lines.iter().all(|line| line.gone == line.quantity));
        }

        #[test]
        fn news_in_any_order_end_the_same(order in Just((0..5_usize).collect::<Vec<_>>()).prop_shuffle()) {
            let way = [Whereabouts::Sent, Whereabouts::Collected, Whereabouts::InTransit, Whereabouts::OutForDelivery, Whereabouts::Delivered];
            let news = |n: usize| News { state: way[n], at: Timestamp(0) + days(u64::try_from(n).expect("small")) };
            let told = order.into_iter().map(news).fold(news(0), after);
            prop_assert_eq!(told, news(4));
        }

        #[test]
        fn a_code_is_eight_digits(digest in "[0-9a-f]{64}") {
            let code = pickup_code(&digest);
            prop_assert!(code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit()));
            prop_assert_eq!(pickup_code(&digest), code);
        }
    }

    #[test]
    fn five_wrong_guesses_spend_a_code() {
        assert_eq!(guess(true, 4), Guess::Right);
        assert_eq!(guess(false, 4), Guess::Wrong);
        assert_eq!(guess(true, 5), Guess::Spent);
    }
}
