//! How an order moves, what it may be called, where it may go. Pure.

use std::{fmt, time::Duration};

use kernel::{Detail, Money, Refusal, StoreId, Timestamp, days};
use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Placed; stock is put aside until the money comes or the deadline passes.
    PendingPayment,
    /// Paid, and waits for its play (a team to form) before it may ship.
    AwaitingTeam,
    /// Paid, and may be shipped; some of it may be on its way already.
    ToShip,
    /// It lies ready at the store the shopper picked.
    ReadyForPickup,
    /// All of it is on its way.
    Shipped,
    /// The shopper has it.
    Received,
    /// The time for complaints is over.
    Completed,
    /// Never paid.
    Cancelled,
    /// All money is back.
    Refunded,
}

impl Status {
    /// Every status, in the order of a good life.
    pub const ALL: [Self; 9] = [
        Self::PendingPayment,
        Self::AwaitingTeam,
        Self::ToShip,
        Self::ReadyForPickup,
        Self::Shipped,
        Self::Received,
        Self::Completed,
        Self::Cancelled,
        Self::Refunded,
    ];

    /// Whether the goods are still here although they are paid.
    pub fn is_paid_and_here(self) -> bool {
        matches!(self, Self::AwaitingTeam | Self::ToShip | Self::ReadyForPickup)
    }

    /// Whether nothing can happen to it any more.
    pub fn is_dead(self) -> bool {
        matches!(self, Self::Cancelled | Self::Refunded)
    }
}

/// What moves an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    /// The money came.
    Pay {
        /// Whether its play still holds it back.
        hold: bool,
    },
    /// Its play lets it go.
    ReleaseHold,
    /// The last of it leaves the house.
    Ship,
    /// It lies ready at its store.
    Ready,
    /// It is given out across the counter, or there was nothing to carry.
    HandOver,
    /// The shopper has it.
    Receive,
    /// The time for complaints is over.
    Complete,
    /// It will not be paid.
    Cancel,
    /// The last of its money went back.
    RefundAll,
}

/// What a move does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The order moves there.
    To(Status),
    /// It is there, or beyond, already: nothing to do, and that is fine.
    Already,
}

/// Why an order does not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoveRefused {
    /// It is paid already.
    #[error("the order is paid")]
    Paid,
    /// It is not paid yet.
    #[error("the order is not paid")]
    Unpaid,
    /// It waits for its team.
    #[error("the order waits for its team")]
    AwaitingTeam,
    /// It did not leave the house yet.
    #[error("the order is not shipped")]
    NotShipped,
    /// It did not arrive yet.
    #[error("the order is not received")]
    NotReceived,
    /// Its goods reach the shopper another way: by parcel, at a store, or without being carried.
    #[error("the goods reach the shopper another way")]
    AnotherWay,
    /// It was cancelled.
    #[error("the order is cancelled")]
    Cancelled,
    /// Its money went back.
    #[error("the order is refunded")]
    Refunded,
}

impl Refusal for MoveRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Paid => "ORDER_PAID",
            Self::Unpaid => "ORDER_UNPAID",
            Self::AwaitingTeam => "ORDER_AWAITING_TEAM",
            Self::NotShipped => "ORDER_NOT_SHIPPED",
            Self::NotReceived => "ORDER_NOT_RECEIVED",
            Self::AnotherWay => "ORDER_DELIVERED_ANOTHER_WAY",
            Self::Cancelled => "ORDER_CANCELLED",
            Self::Refunded => "ORDER_REFUNDED",
        }
    }
}

/// The one table of moves. Every transition in the database is guarded by it.
pub fn step(status: Status, by: Move) -> Result<Step, MoveRefused> {
    use Status::{AwaitingTeam, Cancelled, Completed, PendingPayment, ReadyForPickup, Received, Refunded, Shipped, ToShip};
    Ok(match (by, status) {
        (Move::Pay { hold: true }, PendingPayment) => Step::To(AwaitingTeam),
        (Move::Pay { hold: false }, PendingPayment) | (Move::ReleaseHold, AwaitingTeam) => Step::To(ToShip),
        (Move::Ship, ToShip) => Step::To(Shipped),
        (Move::Ready, ToShip) => Step::To(ReadyForPickup),
        (Move::HandOver, ToShip | ReadyForPickup) | (Move::Receive, Shipped) => Step::To(Received),
        (Move::Complete, Received) => Step::To(Completed),
        (Move::Cancel, PendingPayment) => Step::To(Cancelled),
        (Move::RefundAll, AwaitingTeam | ToShip | ReadyForPickup | Shipped | Received | Completed) => Step::To(Refunded),

        (Move::ReleaseHold, PendingPayment | ToShip | ReadyForPickup | Shipped | Received | Completed)
        | (Move::Ship, Shipped | Received | Completed)
        | (Move::Ready, ReadyForPickup | Received | Completed)
        | (Move::HandOver | Move::Receive, Received | Completed)
        | (Move::Complete, Completed)
        | (Move::Cancel, Cancelled)
        | (Move::RefundAll, Refunded) => Step::Already,

        (Move::Pay { .. } | Move::Cancel, AwaitingTeam | ToShip | ReadyForPickup | Shipped | Received | Completed) => {
            return Err(MoveRefused::Paid);
        }
        (_, Cancelled) => return Err(MoveRefused::Cancelled),
        (_, Refunded) => return Err(MoveRefused::Refunded),
        (_, PendingPayment) => return Err(MoveRefused::Unpaid),
        (Move::Ship | Move::Ready | Move::HandOver, AwaitingTeam) => return Err(MoveRefused::AwaitingTeam),
        (Move::Ship | Move::Receive, ReadyForPickup) | (Move::Ready | Move::HandOver, Shipped) => return Err(MoveRefused::AnotherWay),
        (Move::Receive, AwaitingTeam | ToShip) => return Err(MoveRefused::NotShipped),
        (Move::Complete, AwaitingTeam | ToShip | ReadyForPickup | Shipped) => return Err(MoveRefused::NotReceived),
    })
}

/// How the goods reach the shopper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Method {
    /// By parcels.
    Parcel,
    /// The shopper comes to a store.
    Pickup,
    /// There is nothing to carry.
    Virtual,
}

/// How the goods of an order to be placed reach the shopper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// By parcels, to this address.
    Parcel(ShippingAddress),
    /// The shopper comes to a store.
    Pickup {
        /// Which.
        store: StoreId,
        /// Who comes.
        recipient: String,
        /// Where they are reached.
        phone: String,
    },
    /// There is nothing to carry.
    Virtual,
    /// Nothing is carried yet: a deposit on goods that a later order brings. Only a play says so.
    Later,
}

impl From<ShippingAddress> for Delivery {
    fn from(address: ShippingAddress) -> Self {
        Self::Parcel(address)
    }
}

/// Why the goods cannot be delivered like that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryRefused {
    /// Some of it has to be carried somewhere.
    #[error("some of the goods have to be carried somewhere")]
    AddressNeeded,
    /// The store is none, or closed.
    #[error("there is no such store, or it is closed")]
    Store,
}

impl Refusal for DeliveryRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::AddressNeeded => "ORDER_ADDRESS_NEEDED",
            Self::Store => "STORE_UNAVAILABLE",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::AddressNeeded => "shippingAddress",
            Self::Store => "pickup.storeId",
        })
    }
}

impl Delivery {
    /// The way and, for those that are carried, the checked address; where nothing is to be carried, nothing is kept.
    pub fn checked(self, all_virtual: bool) -> Result<(Method, Option<StoreId>, ShippingAddress), CheckRefused> {
        match self {
            Self::Later => Ok((Method::Virtual, None, ShippingAddress::default())),
            _ if all_virtual => Ok((Method::Virtual, None, ShippingAddress::default())),
            Self::Virtual => Err(DeliveryRefused::AddressNeeded.into()),
            Self::Parcel(address) => Ok((Method::Parcel, None, address.checked()?)),
            Self::Pickup { store, recipient, phone } => {
                let (recipient, phone) = who(&recipient, &phone)?;
                Ok((Method::Pickup, Some(store), ShippingAddress { recipient, phone, ..ShippingAddress::default() }))
            }
        }
    }
}

/// Why a delivery is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckRefused {
    /// The address is not one.
    #[error(transparent)]
    Address(#[from] AddressRefused),
    /// The goods cannot be delivered like that.
    #[error(transparent)]
    Delivery(#[from] DeliveryRefused),
}

/// How long after the carrier's last word an order that did not arrive is taken as received.
pub const RECEIVED_AFTER_SILENCE: Duration = days(10);

/// How long after its arrival.
pub const RECEIVED_AFTER_ARRIVAL: Duration = days(7);

/// How much longer when the shopper asks, once.
pub const EXTENSION: Duration = days(7);

/// What is known of a parcel on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnItsWay {
    /// When it left the house, or the carrier's latest news of it.
    pub last_word: Timestamp,
    /// When it was signed for.
    pub delivered: Option<Timestamp>,
}

/// When an order is taken as received: a week after the last parcel's arrival, else ten days after the carrier's last
/// word; a week later when the shopper asked for it.
pub fn receive_by(shipped_at: Timestamp, parcels: &[OnItsWay], extended: bool) -> Timestamp {
    let arrived = parcels.iter().map(|parcel| parcel.delivered).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max());
    let by = match arrived {
        Some(arrived) => arrived + RECEIVED_AFTER_ARRIVAL,
        None => parcels.iter().map(|parcel| parcel.last_word).fold(shipped_at, Ord::max) + RECEIVED_AFTER_SILENCE,
    };
    if extended { by + EXTENSION } else { by }
}

/// The price of a line, for a change of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinePrice {
    /// Before discounts.
    pub list: i64,
    /// What it costs.
    pub payable: i64,
}

/// Why a price is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RepriceRefused {
    /// Negative, above the list price, or of another currency.
    #[error("the goods cost between nothing and {0} minor units")]
    Goods(i64),
    /// Negative, or of another currency.
    #[error("bringing it does not cost that")]
    Shipping,
    /// There would be nothing to pay.
    #[error("there is nothing to pay")]
    NothingToPay,
    /// The reason is missing or too long.
    #[error("a reason has 1 to 200 characters")]
    Reason,
    /// Nothing changes.
    #[error("it costs that already")]
    Same,
    /// A payment is under way whose provider does not answer.
    #[error("a payment is under way")]
    PaymentOpen,
}

impl Refusal for RepriceRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Goods(_) => "ORDER_GOODS_PRICE_INVALID",
            Self::Shipping => "ORDER_SHIPPING_PRICE_INVALID",
            Self::NothingToPay => "QUOTE_NOTHING_TO_PAY",
            Self::Reason => "REASON_INVALID",
            Self::Same => "ORDER_PRICE_SAME",
            Self::PaymentOpen => "ORDER_PAYMENT_OPEN",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Goods(_) | Self::Same | Self::NothingToPay => Some("goods"),
            Self::Shipping => Some("shipping"),
            Self::Reason => Some("reason"),
            Self::PaymentOpen => None,
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Goods(most) => Detail::Limit(*most),
            _ => Detail::None,
        }
    }
}

/// What the lines cost when they cost `goods` together: less is spread by what they cost, more by what they were
/// discounted, so that no line costs less than nothing or more than its list price.
pub fn spread(lines: &[LinePrice], goods: Money) -> Result<Vec<i64>, RepriceRefused> {
    let payable: i64 = lines.iter().map(|line| line.payable).sum();
    let list: i64 = lines.iter().map(|line| line.list).sum();
    if goods.minor < 0 || goods.minor > list {
        return Err(RepriceRefused::Goods(list));
    }
    if goods.minor <= payable {
        let weights: Vec<i64> = lines.iter().map(|line| line.payable).collect();
        return Ok(goods.allocate(&weights).into_iter().map(|share| share.minor).collect());
    }
    let room: Vec<i64> = lines.iter().map(|line| line.list - line.payable).collect();
    let more = Money::new(goods.minor - payable, goods.currency).allocate(&room);
    Ok(lines.iter().zip(more).map(|(line, more)| line.payable + more.minor).collect())
}

/// Words for people with outer blanks removed, if there are any and not too many.
pub fn words(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let sane = !text.is_empty() && text.chars().count() <= most && !text.chars().any(|c| c.is_control() && c != '\n');
    sane.then(|| text.to_owned())
}

/// The play an order was placed by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// Which kind of play (`group_buy`).
    pub kind: String,
    /// What of it, in the play's own words (a seat, a team).
    pub id: String,
}

/// Why an order was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CancelReason {
    /// The shopper changed their mind.
    Shopper,
    /// Staff did it.
    Staff,
    /// It was not paid in time.
    Expired,
    /// Its play ended (the team failed, or is full).
    PlayEnded,
    /// Its goods were gone when the money came at last.
    SoldOut,
}

impl CancelReason {
    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Shopper => "SHOPPER",
            Self::Staff => "STAFF",
            Self::Expired => "EXPIRED",
            Self::PlayEnded => "PLAY_ENDED",
            Self::SoldOut => "SOLD_OUT",
        }
    }
}

impl fmt::Display for CancelReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Where an order goes. Stored sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingAddress {
    /// Who takes it.
    pub recipient: String,
    /// Where they are reached.
    pub phone: String,
    /// Province, city, district.
    pub region: String,
    /// Street, house, door.
    pub street: String,
    /// The region's official code, as deep as it is known; found by the region's name when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region_code: Option<String>,
}

/// Which part of an address is not right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefused {
    /// The recipient.
    #[error("the recipient is not a name")]
    Recipient,
    /// The phone number.
    #[error("the phone number is not one")]
    Phone,
    /// The region.
    #[error("the region is missing or too long")]
    Region,
    /// The street.
    #[error("the street is missing or too long")]
    Street,
}

impl Refusal for AddressRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Recipient => "ADDRESS_RECIPIENT_INVALID",
            Self::Phone => "ADDRESS_PHONE_INVALID",
            Self::Region => "ADDRESS_REGION_INVALID",
            Self::Street => "ADDRESS_STREET_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::Recipient => "shippingAddress.recipient",
            Self::Phone => "shippingAddress.phone",
            Self::Region => "shippingAddress.region",
            Self::Street => "shippingAddress.street",
        })
    }
}

impl ShippingAddress {
    /// The address with outer blanks removed, if every part of it is one.
    pub fn checked(self) -> Result<Self, AddressRefused> {
        let (recipient, phone) = who(&self.recipient, &self.phone)?;
        let region = part(&self.region, 128).ok_or(AddressRefused::Region)?;
        let street = part(&self.street, 256).ok_or(AddressRefused::Street)?;
        let code = |code: &String| matches!(code.len(), 2 | 4 | 6 | 9) && code.bytes().all(|b| b.is_ascii_digit());
        if self.region_code.as_ref().is_some_and(|given| !code(given)) {
            return Err(AddressRefused::Region);
        }
        Ok(Self { recipient, phone, region, street, region_code: self.region_code })
    }
}

/// A part of an address with outer blanks removed, if it is one.
fn part(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let sane = !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control);
    sane.then(|| text.to_owned())
}

/// Who takes it and where they are reached, if both are right.
fn who(recipient: &str, phone: &str) -> Result<(String, String), AddressRefused> {
    let recipient = part(recipient, 64).ok_or(AddressRefused::Recipient)?;
    let phone = part(phone, 24).ok_or(AddressRefused::Phone)?;
    let digits = phone.bytes().filter(u8::is_ascii_digit).count();
    let speakable = phone.bytes().enumerate().all(|(i, b)| b.is_ascii_digit() || matches!(b, b' ' | b'-') || (b == b'+' && i == 0));
    if (6..=15).contains(&digits) && speakable { Ok((recipient, phone)) } else { Err(AddressRefused::Phone) }
}

/// Crockford's base 32 (no I, L, O, U, so that nobody misreads a number aloud) without Z: 31 is a prime, which the
/// check character needs.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKMNPQRSTVWXY";

/// An order number: the date, ten random characters (numbers tell nothing about how many there are), and a check
/// character that catches every single slip and every swap of neighbours.
pub fn order_no(yyyymmdd: &str, random: [u8; 10]) -> String {
    let body: String = yyyymmdd.chars().chain(random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 31)]))).collect();
    let check = check_character(&body);
    format!("{body}{check}")
}

/// Whether a text could be an order number: its length, its alphabet, its check character.
pub fn is_order_no(text: &str) -> bool {
    let Some((body, check)) = text.char_indices().next_back().map(|(at, check)| (&text[..at], check)) else { return false };
    body.len() == 18 && body.bytes().all(|b| ALPHABET.contains(&b)) && check_character(body) == check
}

/// Weighs each character by a power of 3 modulo 31. 3 generates every residue, so no weight is zero and neighbours'
/// weights differ.
fn check_character(body: &str) -> char {
    let value = |b: u8| ALPHABET.iter().position(|&a| a == b).unwrap_or(0);
    let (sum, _) = body.bytes().fold((0, 1), |(sum, weight), b| ((sum + value(b) * weight) % 31, weight * 3 % 31));
    char::from(ALPHABET[sum])
}

/// Why a parcel is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShipRefused {
    /// The carrier is not a name.
    #[error("the carrier is missing or too long")]
    Carrier,
    /// The tracking number is not one.
    #[error("the tracking number is missing or malformed")]
    TrackingNo,
}

impl Refusal for ShipRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Carrier => "CARRIER_INVALID",
            Self::TrackingNo => "TRACKING_NUMBER_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::Carrier => "carrier",
            Self::TrackingNo => "trackingNo",
        })
    }
}

/// A parcel's carrier and number with outer blanks removed, if they are ones.
pub fn parcel(carrier: &str, tracking_no: &str) -> Result<(String, String), ShipRefused> {
    let (carrier, tracking_no) = (carrier.trim(), tracking_no.trim());
    let named = !carrier.is_empty() && carrier.chars().count() <= 64 && !carrier.chars().any(char::is_control);
    let numbered = (4..=64).contains(&tracking_no.len()) && tracking_no.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !named {
        return Err(ShipRefused::Carrier);
    }
    if !numbered {
        return Err(ShipRefused::TrackingNo);
    }
    Ok((carrier.to_owned(), tracking_no.to_owned()))
}

/// A number in another system with outer blanks removed, if it is one: 1 to 64 visible characters.
pub fn reference(text: &str) -> Option<String> {
    let text = text.trim();
    let sane = !text.is_empty() && text.chars().count() <= 64 && !text.chars().any(char::is_control);
    sane.then(|| text.to_owned())
}

/// Whether the shopper agrees to what it costs.
pub fn agrees(expected: Money, actual: Money) -> bool {
    expected == actual
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MOVES: [Move; 10] = [
        Move::Pay { hold: true },
        Move::Pay { hold: false },
        Move::ReleaseHold,
        Move::Ship,
        Move::Ready,
        Move::HandOver,
        Move::Receive,
        Move::Complete,
        Move::Cancel,
        Move::RefundAll,
    ];

    /// How far along the good life a status is; the dead ends are furthest.
    fn rank(status: Status) -> usize {
        Status::ALL.iter().position(|&s| s == status).unwrap_or(0)
    }

    #[test]
    fn a_good_life_and_the_two_bad_ones() {
        use Status::*;
        let walk = |moves: &[Move]| {
            moves.iter().fold(PendingPayment, |at, &by| match step(at, by) {
                Ok(Step::To(next)) => next,
                _ => at,
            })
        };
        assert_eq!(walk(&[Move::Pay { hold: true }]), AwaitingTeam);
        assert_eq!(walk(&[Move::Pay { hold: true }, Move::ReleaseHold, Move::Ship, Move::Receive, Move::Complete]), Completed);
        assert_eq!(walk(&[Move::Cancel, Move::Pay { hold: false }]), Cancelled);
        assert_eq!(walk(&[Move::Pay { hold: true }, Move::RefundAll, Move::ReleaseHold, Move::Ship]), Refunded);
        assert_eq!(walk(&[Move::Pay { hold: false }, Move::Ready, Move::HandOver, Move::Complete]), Completed);
        assert_eq!(walk(&[Move::Pay { hold: false }, Move::HandOver]), Received);
        assert_eq!(step(ReadyForPickup, Move::Ship), Err(MoveRefused::AnotherWay));
        assert_eq!(step(Shipped, Move::HandOver), Err(MoveRefused::AnotherWay));
        assert_eq!(step(ReadyForPickup, Move::Receive), Err(MoveRefused::AnotherWay));
        assert_eq!(step(AwaitingTeam, Move::Ship), Err(MoveRefused::AwaitingTeam));
        assert_eq!(step(ToShip, Move::Cancel), Err(MoveRefused::Paid));
        assert_eq!(step(PendingPayment, Move::RefundAll), Err(MoveRefused::Unpaid));
    }

    proptest! {
        #[test]
        fn an_order_only_goes_forward_and_each_move_has_one_effect(moves in prop::collection::vec(0..MOVES.len(), 0..40)) {
            let mut at = Status::PendingPayment;
            for by in moves.into_iter().map(|i| MOVES[i]) {
                if let Ok(Step::To(next)) = step(at, by) {
                    prop_assert!(rank(next) > rank(at), "{at:?} went back to {next:?}");
                    prop_assert!(!at.is_dead(), "{at:?} lived again");
                    // Done twice is done once.
                    if !matches!(by, Move::Pay { .. }) {
                        prop_assert_eq!(step(next, by), Ok(Step::Already));
                    }
                    at = next;
                }
            }
        }

        #[test]
        fn an_order_number_is_recognised_and_a_slip_is_noticed(random in prop::array::uniform10(0..=255_u8), at in 0..18_usize, to in 0..31_usize) {
            let no = order_no("20261111", random);
            prop_assert_eq!(no.len(), 19);
            prop_assert!(is_order_no(&no));
            let mut slipped = no.clone().into_bytes();
            if slipped[at] != ALPHABET[to] {
                slipped[at] = ALPHABET[to];
                prop_assert!(!is_order_no(&String::from_utf8(slipped).expect("ASCII")));
            }
            let mut swapped = no.clone().into_bytes();
            swapped.swap(at.min(16), at.min(16) + 1);
            let swapped = String::from_utf8(swapped).expect("ASCII");
            prop_assert_eq!(is_order_no(&swapped), swapped == no);
        }

        #[test]
        fn a_changed_price_is_spread_without_losing_a_cent_or_leaving_the_list(
            lines in prop::collection::vec((0..100_000_i64, 0..100_000_i64), 1..50), part in 0..=1_000_i64,
        ) {
            let lines: Vec<LinePrice> = lines.into_iter().map(|(a, b)| LinePrice { list: a.max(b), payable: a.min(b) }).collect();
            let list: i64 = lines.iter().map(|line| line.list).sum();
            let goods = Money::new(list * part / 1_000, kernel::Currency::Cny);
            let shares = spread(&lines, goods).expect("between nothing and the list price");
            prop_assert_eq!(shares.iter().sum::<i64>(), goods.minor);
            for (line, share) in lines.iter().zip(&shares) {
                prop_assert!((0..=line.list).contains(share), "{share} of {line:?}");
            }
            let above = Money::new(list + 1, kernel::Currency::Cny);
            prop_assert_eq!(spread(&lines, above), Err(RepriceRefused::Goods(list)));
        }

        #[test]
        fn no_order_is_received_before_its_last_parcel_or_the_carriers_last_word(
            parcels in prop::collection::vec((0..30_u64, prop::option::of(0..30_u64)), 1..6), extended: bool,
        ) {
            let day = |n: u64| Timestamp(0) + days(n);
            let parcels: Vec<OnItsWay> =
                parcels.into_iter().map(|(word, there)| OnItsWay { last_word: day(word), delivered: there.map(day) }).collect();
            let by = receive_by(day(0), &parcels, extended);
            for parcel in &parcels {
                if let Some(delivered) = parcel.delivered {
                    prop_assert!(by >= delivered + RECEIVED_AFTER_ARRIVAL || parcels.iter().any(|other| other.delivered.is_none()));
                }
            }
            if parcels.iter().any(|parcel| parcel.delivered.is_none()) {
                prop_assert!(parcels.iter().all(|parcel| by >= parcel.last_word + RECEIVED_AFTER_SILENCE));
            }
            prop_assert_eq!(receive_by(day(0), &parcels, true), receive_by(day(0), &parcels, false) + EXTENSION);
        }

        #[test]
        fn any_text_is_an_address_or_a_refusal(recipient in ".*", phone in ".*", region in ".*", street in ".*") {
            if let Ok(address) = (ShippingAddress { recipient, phone, region, street, region_code: None }).checked() {
                prop_assert_eq!(address.clone().checked(), Ok(address));
            }
        }
    }

    #[test]
    fn each_part_of_an_address_is_blamed() {
        let good = ShippingAddress {
            recipient: " 王小明 ".into(),
            phone: "+86 138-0013-8000".into(),
            region: "浙江省杭州市西湖区".into(),
            street: "文三路 1 号".into(),
            region_code: Some("330106".into()),
        };
        assert_eq!(good.clone().checked().map(|a| a.recipient), Ok("王小明".to_owned()));
        let bad = |change: fn(&mut ShippingAddress)| {
            let mut address = good.clone();
            change(&mut address);
            address.checked().map_err(|refused| refused.field())
        };
        assert_eq!(bad(|a| a.recipient = "  ".into()), Err(Some("shippingAddress.recipient")));
        assert_eq!(bad(|a| a.phone = "12345".into()), Err(Some("shippingAddress.phone")));
        assert_eq!(bad(|a| a.phone = "1380013800o".into()), Err(Some("shippingAddress.phone")));
        assert_eq!(bad(|a| a.region = "x".repeat(129)), Err(Some("shippingAddress.region")));
        assert_eq!(bad(|a| a.street = "line\nbreak".into()), Err(Some("shippingAddress.street")));
        assert_eq!(bad(|a| a.region_code = Some("Hangzhou".into())), Err(Some("shippingAddress.region")));
    }

    #[test]
    fn goods_that_are_carried_need_somewhere_to_go_and_others_leave_nothing_behind() {
        let home = ShippingAddress {
            recipient: "王小明".into(),
            phone: "13800138000".into(),
            region: "浙江省杭州市西湖区".into(),
            street: "文三路 1 号".into(),
            region_code: None,
        };
        assert_eq!(Delivery::from(home.clone()).checked(false), Ok((Method::Parcel, None, home.clone())));
        assert_eq!(Delivery::from(home).checked(true), Ok((Method::Virtual, None, ShippingAddress::default())));
        assert_eq!(Delivery::Virtual.checked(false), Err(DeliveryRefused::AddressNeeded.into()));
        let store = StoreId(uuid::Uuid::from_u128(1));
        let fetch = |phone: &str| Delivery::Pickup { store, recipient: "王小明".into(), phone: phone.into() }.checked(false);
        assert_eq!(fetch("13800138000").map(|(way, at, who)| (way, at, who.street)), Ok((Method::Pickup, Some(store), String::new())));
        assert_eq!(fetch("none"), Err(AddressRefused::Phone.into()));
    }

    #[test]
    fn a_parcel_has_a_carrier_and_a_number() {
        assert_eq!(parcel(" SF ", "SF1234567890"), Ok(("SF".into(), "SF1234567890".into())));
        assert_eq!(parcel("", "SF1234567890"), Err(ShipRefused::Carrier));
        assert_eq!(parcel("SF", "number one"), Err(ShipRefused::TrackingNo));
    }
}
