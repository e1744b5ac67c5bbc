//! When a token counts, and what a used one means.

use std::{net::IpAddr, time::Duration};

use kernel::{Actor, CustomerId, StaffId, Timestamp, seconds};
use serde::{Deserialize, Serialize};

/// How long a used refresh token is only refused; later it ends the session.
pub const GRACE: Duration = seconds(10);

/// Whose door a session opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The shop's.
    Customer,
    /// The staff's.
    Staff,
}

/// Whose session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Owner {
    /// A shopper.
    Customer(CustomerId),
    /// A member of staff.
    Staff(StaffId),
}

impl Owner {
    /// Whose door it opens.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Customer(_) => Kind::Customer,
            Self::Staff(_) => Kind::Staff,
        }
    }

    /// The person who acts, if one does.
    pub const fn of(actor: &Actor) -> Option<Self> {
        match actor {
            Actor::Customer { id, .. } => Some(Self::Customer(*id)),
            Actor::Staff { id, .. } => Some(Self::Staff(*id)),
            Actor::Anonymous | Actor::System(_) => None,
        }
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Customer(id) => id.fmt(f),
            Self::Staff(id) => id.fmt(f),
        }
    }
}

/// Why a session ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Ended {
    /// Its owner ended it.
    SignedOut,
    /// A used refresh token came again.
    Reused,
    /// Its owner has another password.
    PasswordChanged,
    /// Its owner may not sign in any more.
    Disabled,
}

impl Ended {
    /// As it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "SIGNED_OUT",
            Self::Reused => "REUSED",
            Self::PasswordChanged => "PASSWORD_CHANGED",
            Self::Disabled => "DISABLED",
        }
    }
}

/// A refresh token and its session, as stored.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// Whose door the session opens.
    pub kind: Kind,
    /// Whether the session was ended.
    pub revoked: bool,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// What to do with a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Give the next one.
    Rotate,
    /// It is for another door.
    Foreign,
    /// Its session was ended.
    Revoked,
    /// Its time is over.
    Expired,
    /// It was used a moment ago.
    JustUsed,
    /// It was used before: two hold it. End the session.
    Reused,
}

/// Judges a refresh token that came to the door of `kind`.
pub fn judge(token: &Token, kind: Kind, now: Timestamp) -> Verdict {
    match token.used_at {
        _ if token.kind != kind => Verdict::Foreign,
        _ if token.revoked => Verdict::Revoked,
        Some(used_at) if now.since(used_at) <= GRACE => Verdict::JustUsed,
        Some(_) => Verdict::Reused,
        None if token.expires_at <= now => Verdict::Expired,
        None => Verdict::Rotate,
    }
}

/// What a device calls itself, cut to what a list can show.
pub fn device_name(text: Option<String>) -> Option<String> {
    let text: String = text?.chars().filter(|c| !c.is_control()).take(80).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What attempts from one place are counted by: the address, or the /64 that one subscriber of IPv6 gets.
pub fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FRESH: Token = Token { kind: Kind::Customer, revoked: false, expires_at: Timestamp(1_000_000), used_at: None };

    #[test]
    fn each_state_has_its_verdict() {
        let now = Timestamp(500_000);
        let used = |ms| Token { used_at: Some(Timestamp(ms)), ..FRESH };
        for (token, kind, verdict) in [
            (FRESH, Kind::Customer, Verdict::Rotate),
            (FRESH, Kind::Staff, Verdict::Foreign),
            (Token { revoked: true, ..FRESH }, Kind::Customer, Verdict::Revoked),
            (Token { expires_at: now, ..FRESH }, Kind::Customer, Verdict::Expired),
            (used(490_000), Kind::Customer, Verdict::JustUsed),
            (used(489_999), Kind::Customer, Verdict::Reused),
        ] {
            assert_eq!(judge(&token, kind, now), verdict, "{token:?}");
        }
    }

    #[test]
    fn a_device_name_is_short_and_printable() {
        assert_eq!(device_name(Some(" Ann's\u{7} phone ".into())).as_deref(), Some("Ann's phone"));
        assert_eq!(device_name(Some("\n\t ".into())), None);
        assert_eq!(device_name(Some("x".repeat(500))).map(|name| name.len()), Some(80));
    }

    #[test]
    fn one_subscriber_is_one_place() {
        let of = |text: &str| network(text.parse().expect("is an address"));
        assert_eq!(of("2001:db8:1:2::7"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::7"), of("2001:db8:1:3::7"));
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.113.7"));
    }

    proptest! {
        #[test]
        fn only_a_fresh_token_at_its_own_door_rotates(
            staff in any::<bool>(), at_staff in any::<bool>(), revoked in any::<bool>(), expires in 0..2_000_i64,
            used in prop::option::of(0..2_000_i64), now in 0..2_000_i64,
        ) {
            let kind = |staff| if staff { Kind::Staff } else { Kind::Customer };
            let token = Token { kind: kind(staff), revoked, expires_at: Timestamp(expires), used_at: used.map(Timestamp) };
            let rotates = judge(&token, kind(at_staff), Timestamp(now)) == Verdict::Rotate;
            prop_assert_eq!(rotates, staff == at_staff && !revoked && used.is_none() && now < expires);
        }

        #[test]
        fn a_used_token_never_becomes_usable_again(used in 0..1_000_i64, later in 0..10_000_000_i64) {
            let token = Token { used_at: Some(Timestamp(used)), ..FRESH };
            let verdict = judge(&token, Kind::Customer, Timestamp(used + later));
            prop_assert_eq!(verdict, if later <= 10_000 { Verdict::JustUsed } else { Verdict::Reused });
        }
    }
}
