//! The servers of real payment providers, simulated: as strict about signatures, shapes, required fields and numbers, and
//! on demand as late, repetitive, forgetful and wrong.
//!
//! - [`wechat_pay`]: WeChat Pay v3 and the shipping upload of the mini-program API.
//! - [`alipay`]: Alipay's gateway.
//! - [`stripe`]: Stripe's API.
//! - [`paypal`]: PayPal's API.
//!
//! What they have in common is the [`desk`]: books, faults ([`crate::Faults`]) and callbacks. What the shopper does with
//! a phone is one route everywhere: `POST …/shopper/pay` with the text the device was handed (an address, a code, a
//! prepay id, a client secret, an order string).
//!
//! Nothing is written to disk: a restarted simulator is a new one.

pub mod alipay;
mod certificate;
pub mod desk;
pub mod paypal;
mod rsa;
pub mod stripe;
pub mod wechat_pay;

pub use desk::{ChargeStatus, DeskCharge, DeskRefund, RefundStatus};
