//! Text messages, behind a port.

use async_trait::async_trait;
use kernel::{Locale, Timestamp};

use super::rules::Phone;

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// Nobody sends messages here.
    #[error("no messenger is configured")]
    NotConfigured,
    /// The messenger did not take it.
    #[error("the messenger did not take it: {0}")]
    Unavailable(String),
}

/// Something a customer has to do in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// What it is about, in their language.
    pub name: String,
    /// Until when.
    pub until: Timestamp,
}

/// Who sends text messages.
#[async_trait]
pub trait TextMessages: Send + Sync {
    /// Sends a one-time code. Never logs the number or the code.
    async fn send_code(&self, phone: &Phone, code: &str, locale: Locale) -> Result<(), TextError>;

    /// Reminds of what is due. A messenger that sends nothing but codes has no template for it.
    async fn send_due(&self, _: &Phone, _: &Due, _: Locale) -> Result<(), TextError> {
        Err(TextError::NotConfigured)
    }
}

/// Sends nothing: the way a mall without a messenger starts.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTexts;

#[async_trait]
impl TextMessages for NoTexts {
    async fn send_code(&self, _: &Phone, _: &str, _: Locale) -> Result<(), TextError> {
        Err(TextError::NotConfigured)
    }
}

/// Writes the code to the log instead of sending it. **For demos only**: whoever reads the log signs in as anybody.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoggedTexts;

#[async_trait]
impl TextMessages for LoggedTexts {
    async fn send_code(&self, phone: &Phone, code: &str, _: Locale) -> Result<(), TextError> {
        tracing::warn!(phone = %phone.masked(), code, "demo: a one-time code would be sent");
        Ok(())
    }
}
