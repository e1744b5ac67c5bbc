//! Shoppers: who they are here, who they are elsewhere, and how they prove it.
//!
//! ```text
//!   mini-program code ──▶ WeChat ──▶ openid, unionid ─┐
//!                                                     ├──▶ the customer, made when new ──▶ a session
//!   phone ──▶ code by text message ──▶ code typed in ─┘
//!
//!   code   SENT ──right──▶ USED        five minutes, five guesses; then it is dead and another must be sent
//! ```
//!
//! Invariants
//! - One customer per WeChat user and per phone, however many sign in for the first time at once: the identity row and
//!   the phone's blind index are unique, and the loser of the race finds the winner's customer.
//! - The phone is sealed at rest and leaves the mall masked only; equal phones are found by a keyed digest.
//! - A wrong guess is counted in a committed transaction before anything is answered, and guesses at one phone are heard
//!   one after the other, so parallel guesses are five all the same.
//! - Whether a phone belongs to a customer is never told: every phone is sent a code and signs in, a new one as new.
//! - A code is sent once a minute and ten times a day to a phone, and not too often for one address.
//!
//! Ports: [`WeChatLogin`], [`TextMessages`]. Events out: [`events::CustomerRegistered`]. Sweeps: `customer.forget_codes`
//! (hourly) deletes codes of the day before yesterday.

mod aliyun;
pub mod codes;
pub mod demo;
pub mod error;
pub mod events;
pub mod graphql;
mod jobs;
pub mod query;
pub mod rules;
pub mod service;
pub mod texts;
pub mod wechat;

#[cfg(test)]
mod tests;

use platform::Registry;

pub use aliyun::{AliyunTextSettings, AliyunTexts, Template};
pub use codes::CodeSettings;
pub use query::{Customer, CustomerSummary};
pub use texts::{Due, LoggedTexts, NoTexts, TextError, TextMessages};
pub use wechat::{NoWeChat, WeChatClient, WeChatError, WeChatLogin, WeChatSettings, WeChatUser};

/// Registers what runs behind the requests.
pub fn register(r: &mut Registry) {
    r.sweep("customer.forget_codes", kernel::hours(1), jobs::forget_codes);
}
