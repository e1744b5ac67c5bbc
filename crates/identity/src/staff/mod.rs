//! The people who work for the merchant: how they get in, and what they may do there.
//!
//! ```text
//!   created, with a password made for them ──▶ MUST CHOOSE ──chooses one──▶ ACTIVE ◀──enable── DISABLED
//!                                                  ▲                         │ │                  ▲
//!                                                  └────── password reset ───┘ └───── disable ────┘
//!   sign-in:  attempt taken ─▶ password ─▶ code of the authenticator, when there is one ─▶ session; attempts forgotten
//!                  │ five in a row
//!                  └▶ LOCKED for 15 minutes, then twice as long each time, 24 hours at most
//! ```
//!
//! Invariants
//! - An attempt is counted before the password is looked at: a thousand parallel guesses are five.
//! - An email nobody has is answered as one somebody has: the same words, the same hashing, the same lock.
//! - A code of an authenticator counts once: its time step is stored by a guarded update.
//! - Permissions come from roles. Nobody gives, or takes, what they may not do themselves; only an owner touches an owner.
//! - There is always an owner who can sign in; nobody takes the right to manage staff from themselves. Changes of access
//!   happen one after the other (they lock the owner's role first), so two owners cannot disable each other.
//! - Who still has to choose a password signs in, but may nothing (see [`permissions`](service::permissions)).
//!
//! Events out: [`events::StaffAccessChanged`]. Sweeps: `staff.forget_attempts` (hourly) forgets failures of yesterday.

pub mod access;
pub mod error;
pub mod events;
pub mod graphql;
mod jobs;
mod passwords;
pub mod query;
pub mod rules;
pub mod service;
pub mod totp;

#[cfg(test)]
mod tests;

use platform::Registry;

pub use passwords::Passwords;
pub use query::{Role, StaffMember};

/// Registers what runs behind the requests.
pub fn register(r: &mut Registry) {
    r.sweep("staff.forget_attempts", kernel::hours(1), jobs::forget_attempts);
}
