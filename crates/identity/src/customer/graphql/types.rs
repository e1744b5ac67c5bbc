//! Types of both APIs.

use async_graphql::{InputObject, MaybeUndefined, SimpleObject};
use kernel::{CustomerId, Locale, Timestamp};
use platform::payload;

use crate::{customer::query, session::graphql::SignedIn};

/// A shopper's public face: what other shoppers may see of them.
#[derive(Clone, SimpleObject)]
pub struct CustomerSummary {
    /// Their id.
    pub id: CustomerId,
    /// What they call themselves.
    pub nickname: String,
    /// Their picture.
    pub avatar_url: Option<String>,
}

impl From<query::CustomerSummary> for CustomerSummary {
    fn from(summary: query::CustomerSummary) -> Self {
        Self { id: summary.id, nickname: summary.nickname, avatar_url: summary.avatar_url }
    }
}

/// A shopper, as they see themselves and as staff see them.
#[derive(SimpleObject)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// What they call themselves.
    pub nickname: String,
    /// Their picture.
    pub avatar_url: Option<String>,
    /// The language they read.
    pub locale: Locale,
    /// Their phone, masked for everybody: `138****8000`.
    pub phone: Option<String>,
    /// When they came.
    pub registered_at: Timestamp,
}

impl From<query::Customer> for Customer {
    fn from(customer: query::Customer) -> Self {
        Self {
            id: customer.id,
            nickname: customer.nickname,
            avatar_url: customer.avatar_url,
            locale: customer.locale,
            phone: customer.phone_masked,
            registered_at: customer.registered_at,
        }
    }
}

platform::connection! {
    /// Shoppers, the newest first.
    pub struct CustomerConnection, CustomerEdge of Customer
}

/// A mini-program's code.
#[derive(InputObject)]
pub struct CustomerSignInByWeChatInput {
    /// What `wx.login` gave, at most five minutes ago and not used yet.
    #[graphql(secret)]
    pub code: String,
    /// What the device calls itself; shown in the list of sessions.
    pub device: Option<String>,
}

/// A phone to send a code to.
#[derive(InputObject)]
pub struct CustomerOtpSendInput {
    /// A mobile number as people write it; without a country it is Chinese.
    pub phone: String,
}

payload! {
    /// The answer when a code was sent; the same whether or not anybody has the phone.
    pub struct CustomerOtpSendPayload {
        /// When another may be asked for.
        resend_at: Timestamp,
    }
}

/// A phone and the code sent to it.
#[derive(InputObject)]
pub struct CustomerSignInByOtpInput {
    /// The phone.
    pub phone: String,
    /// The six digits.
    #[graphql(secret)]
    pub code: String,
    /// What the device calls itself; shown in the list of sessions.
    pub device: Option<String>,
}

payload! {
    /// What a sign-in gives.
    pub struct CustomerSignInPayload {
        /// The tokens.
        session: SignedIn,
        /// Who signed in.
        customer: Customer,
    }
}

/// A phone to bind and the code sent to it.
#[derive(InputObject)]
pub struct CustomerPhoneBindInput {
    /// The phone.
    pub phone: String,
    /// The six digits.
    #[graphql(secret)]
    pub code: String,
}

payload! {
    /// The shopper with the phone.
    pub struct CustomerPhoneBindPayload {
        /// As they are now.
        customer: Customer,
    }
}

/// What changes of a profile; what is absent stays.
#[derive(InputObject)]
pub struct CustomerProfileUpdateInput {
    /// Another nickname, 1 to 32 characters.
    pub nickname: Option<String>,
    /// Another picture: a path of this mall or an `https` address; null takes it away.
    pub avatar_url: MaybeUndefined<String>,
    /// Another language.
    pub locale: Option<Locale>,
}

payload! {
    /// The shopper with the changes.
    pub struct CustomerProfileUpdatePayload {
        /// As they are now.
        customer: Customer,
    }
}
