//! The payment providers the mall takes real money through: clients that speak their protocols.
//!
//! Each implements `trade::payment::gateway::Gateway` and nothing of it reaches further: trade knows charges, refunds and
//! notifications; this crate knows headers, signatures, certificates and error codes. Beside the arrows: it uses `trade`
//! and `kernel`, and only the binary uses it.
//!
//! ```text
//! trade ── Gateway ──▶ Guarded (patience, retries with the same number, breaker) ──▶ WeChatPay | Alipay | Stripe | PayPal
//! ```
//!
//! - [`wechat`]: WeChat Pay v3 (微信支付).
//! - [`alipay`]: Alipay (支付宝), RSA2.
//! - [`stripe`]: Stripe PaymentIntents.
//! - [`paypal`]: PayPal Orders v2.
//! - [`guarded`]: what every provider is called through.
//! - [`crypto`], [`x509`]: RSA, AES-GCM, HMAC over aws-lc-rs, and as much of a certificate as is needed.
//!
//! A client never draws a number: the caller's number is the provider's idempotency key. It believes an answer as far as
//! its signature (or its TLS, where a provider signs none) reaches; everything doubtful is `GatewayError::Unknown`.

pub mod alipay;
pub mod crypto;
pub mod decimal;
pub mod guarded;
mod http;
pub mod paypal;
pub mod stripe;
pub mod wechat;
pub mod x509;

pub use guarded::{Guarded, Patience};

/// Why a configuration does not make a gateway; a sentence for whoever wrote it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not an address.
    #[error("{0} must be an absolute http or https address")]
    Address(&'static str),
    /// Missing or malformed.
    #[error("{0} {1}")]
    Field(&'static str, &'static str),
    /// The HTTP client cannot be built.
    #[error("http client: {0}")]
    Client(#[from] reqwest::Error),
}
