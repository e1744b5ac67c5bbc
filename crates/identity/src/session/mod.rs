//! Who is signed in, on which device.
//!
//! A sign-in opens a **session**. It is carried by an **access token** (a JWT signed with Ed25519 that lives minutes and
//! is checked without asking anybody but the session's row, at most five seconds old) and continued by a **refresh
//! token** (32 random bytes, stored hashed, good for one use).
//!
//! ```text
//!             refresh: the token is used, the next one is given
//!             ┌──────┐
//!  open ──▶ LIVE ────┘──── revoke, password changed, staff disabled ──▶ REVOKED
//!             │ │                                                          ▲
//!             │ └──────── a used refresh token comes again ────────────────┘
//!             └─ 30 days without a refresh ──▶ EXPIRED
//! ```
//!
//! Invariants
//! - Of any number of callers with one refresh token, exactly one gets the next.
//! - A used refresh token that comes again means that two hold it. After a grace of ten seconds the session ends, for
//!   both. Within the grace it is only refused: that is an honest double submit, and whoever is not honest gains nothing,
//!   because the honest one soon comes with a used token too.
//! - A revoked session is refused at once by the node that revoked it, within five seconds by every other.
//! - A customer's refresh token opens nothing at the staff's door, and the other way round.
//! - A staff member who still has to choose a password has no permission at all.
//!
//! Events out: [`events::SessionRevoked`]; its topic ends live sockets. Sweeps: `session.forget_ended` (hourly) deletes
//! sessions that ended a month ago and refresh tokens past their time.

pub mod error;
pub mod events;
pub mod graphql;
mod jobs;
pub mod rules;
pub mod service;
mod tokens;

#[cfg(test)]
mod tests;

use platform::Registry;

pub use error::{AuthRefused, RefreshRefused, RevokeRefused};
pub use rules::{Ended, Kind, Owner};
pub use service::{Authenticated, SignedIn};
pub use tokens::{SessionSettings, Sessions};

/// Registers what runs behind the requests.
pub fn register(r: &mut Registry) {
    r.sweep("session.forget_ended", kernel::hours(1), jobs::forget_ended);
}
