//! How an order moves, what it may be called, where it may go. Pure.

use std::fmt;

use kernel::{Money, Refusal};
use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Placed; stock is put aside until the money comes or the deadline passes.
    PendingPayment,
    /// Paid, and waits for its play (a team to form) before it may ship.
    AwaitingTeam,
    /// Paid, and may be shipped.
    ToShip,
    /// On its way.
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
    pub const ALL: [Self; 8] = [
        Self::PendingPayment,
        Self::AwaitingTeam,
        Self::ToShip,
        Self::Shipped,
        Self::Received,
        Self::Completed,
        Self::Cancelled,
        Self::Refunded,
    ];

    /// Whether the goods are still here although they are paid.
    pub fn is_paid_and_here(self) -> bool {
        matches!(self, Self::AwaitingTeam | Self::ToShip)
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
    /// It leaves the house.
    Ship,
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
            Self::Cancelled => "ORDER_CANCELLED",
            Self::Refunded => "ORDER_REFUNDED",
        }
    }
}

/// The one table of moves. Every transition in the database is guarded by it.
pub fn step(status: Status, by: Move) -> Result<Step, MoveRefused> {
    use Status::{AwaitingTeam, Cancelled, Completed, PendingPayment, Received, Refunded, Shipped, ToShip};
    Ok(match (by, status) {
        (Move::Pay { hold: true }, PendingPayment) => Step::To(AwaitingTeam),
        (Move::Pay { hold: false }, PendingPayment) | (Move::ReleaseHold, AwaitingTeam) => Step::To(ToShip),
        (Move::Ship, ToShip) => Step::To(Shipped),
        (Move::Receive, Shipped) => Step::To(Received),
        (Move::Complete, Received) => Step::To(Completed),
        (Move::Cancel, PendingPayment) => Step::To(Cancelled),
        (Move::RefundAll, AwaitingTeam | ToShip | Shipped | Received | Completed) => Step::To(Refunded),

        (Move::ReleaseHold, PendingPayment | ToShip | Shipped | Received | Completed)
        | (Move::Ship, Shipped | Received | Completed)
        | (Move::Receive, Received | Completed)
        | (Move::Complete, Completed)
        | (Move::Cancel, Cancelled)
        | (Move::RefundAll, Refunded) => Step::Already,

        (Move::Pay { .. } | Move::Cancel, AwaitingTeam | ToShip | Shipped | Received | Completed) => return Err(MoveRefused::Paid),
        (_, Cancelled) => return Err(MoveRefused::Cancelled),
        (_, Refunded) => return Err(MoveRefused::Refunded),
        (Move::Ship | Move::Receive | Move::Complete | Move::RefundAll, PendingPayment) => return Err(MoveRefused::Unpaid),
        (Move::Ship, AwaitingTeam) => return Err(MoveRefused::AwaitingTeam),
        (Move::Receive, AwaitingTeam | ToShip) => return Err(MoveRefused::NotShipped),
        (Move::Complete, AwaitingTeam | ToShip | Shipped) => return Err(MoveRefused::NotReceived),
    })
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingAddress {
    /// Who takes it.
    pub recipient: String,
    /// Where they are reached.
    pub phone: String,
    /// Province, city, district.
    pub region: String,
    /// Street, house, door.
    pub street: String,
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
        let part = |text: &str, most: usize, refused: AddressRefused| {
            let text = text.trim();
            let sane = !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control);
            if sane { Ok(text.to_owned()) } else { Err(refused) }
        };
        let recipient = part(&self.recipient, 64, AddressRefused::Recipient)?;
        let phone = part(&self.phone, 24, AddressRefused::Phone)?;
        let digits = phone.bytes().filter(u8::is_ascii_digit).count();
        let speakable = phone.bytes().enumerate().all(|(i, b)| b.is_ascii_digit() || matches!(b, b' ' | b'-') || (b == b'+' && i == 0));
        if !(6..=15).contains(&digits) || !speakable {
            return Err(AddressRefused::Phone);
        }
        let region = part(&self.region, 128, AddressRefused::Region)?;
        let street = part(&self.street, 256, AddressRefused::Street)?;
        Ok(Self { recipient, phone, region, street })
    }
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

    const MOVES: [Move; 8] = [
        Move::Pay { hold: true },
        Move::Pay { hold: false },
        Move::ReleaseHold,
        Move::Ship,
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
        fn any_text_is_an_address_or_a_refusal(recipient in ".*", phone in ".*", region in ".*", street in ".*") {
            if let Ok(address) = (ShippingAddress { recipient, phone, region, street }).checked() {
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
    }

    #[test]
    fn a_parcel_has_a_carrier_and_a_number() {
        assert_eq!(parcel(" SF ", "SF1234567890"), Ok(("SF".into(), "SF1234567890".into())));
        assert_eq!(parcel("", "SF1234567890"), Err(ShipRefused::Carrier));
        assert_eq!(parcel("SF", "number one"), Err(ShipRefused::TrackingNo));
    }
}
