//! The outside world in a box: a bank that takes payments ([`bank`]), WeChat's sign-in ([`wechat`]), a sender of text
//! messages ([`texts`]) and parcel tracking ([`kuaidi100`]).
//!
//! Both speak HTTP and are as strict as the real ones, because a client that only ever met a friendly provider is not
//! tested. The demo mounts them beside the mall; the test kit serves them on a port of their own, where they outlive a
//! killed mall. No test handle ([`Faults`], [`Bank::pay`] …) is reachable over HTTP.
//!
//! ```text
//! mall ── signed request ──▶ /v1/…  ─┐
//! mall ◀─ signed answer ─────────────┤           journal (JSON lines)
//! shopper ── finger ─▶ /cashier/… ───┼─▶ Books ──────▲ written before anything is acknowledged
//! mall ◀─ signed callback, retried ──┘
//! ```
//!
//! - [`protocol`]: the messages, the headers and what is signed.
//! - [`books`]: what may happen to a charge and a refund; pure.
//! - [`journal`]: the file that makes a `kill -9` harmless.
//! - [`callbacks`]: telling the merchant, until it listens.
//! - [`providers`]: WeChat Pay, Alipay, Stripe and PayPal, simulated.
//! - [`faults`]: everything that goes wrong with real providers, on demand.

pub mod bank;
pub mod books;
pub mod callbacks;
mod cashier;
pub mod faults;
mod http;
pub mod journal;
pub mod kuaidi100;
pub mod protocol;
pub mod providers;
pub mod texts;
pub mod wechat;

pub use bank::{Bank, BankConfig, BankError, BankKey, Merchant, MerchantCredentials};
pub use callbacks::{CallbackPolicy, CallbackRecord};
pub use faults::{ApiFault, Faults, Operation, Tamper};
pub use http::router;
