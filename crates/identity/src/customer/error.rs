//! Why a shopper is not let in, or their profile stays as it is.

use kernel::{CursorError, Detail, Refusal, Timestamp};

/// Why no code is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendRefused {
    /// Not a telephone number.
    #[error("not a telephone number")]
    Phone,
    /// Too often.
    #[error("too many codes; not before {0:?}")]
    TooOften(Timestamp),
    /// This mall sends no text messages.
    #[error("no text messages are sent here")]
    NotOffered,
    /// The messenger did not take it.
    #[error("the message was not sent")]
    NotSent,
}

impl Refusal for SendRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Phone => "PHONE_INVALID",
            Self::TooOften(_) => "OTP_TOO_OFTEN",
            Self::NotOffered => "OTP_NOT_OFFERED",
            Self::NotSent => "OTP_NOT_SENT",
        }
    }

    fn field(&self) -> Option<&'static str> {
        matches!(self, Self::Phone).then_some("phone")
    }

    fn detail(&self) -> Detail {
        match self {
            Self::TooOften(until) => Detail::Until(*until),
            _ => Detail::None,
        }
    }
}

/// Why somebody is not signed in, or a phone not bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefused {
    /// Not a telephone number.
    #[error("not a telephone number")]
    Phone,
    /// Not the code that was sent.
    #[error("the code is wrong")]
    CodeWrong,
    /// No code counts for this phone: none was sent, its time is over, it was used or guessed at too often.
    #[error("no code counts any more")]
    CodeExpired,
    /// Too many guesses from one place.
    #[error("too many attempts; not before {0:?}")]
    TooOften(Timestamp),
    /// The phone is another customer's.
    #[error("the phone belongs to another account")]
    PhoneTaken,
    /// WeChat does not know the code, or not any more.
    #[error("WeChat does not know the code")]
    WeChatCodeInvalid,
    /// The code was traded before.
    #[error("the WeChat code was used before")]
    WeChatCodeUsed,
    /// WeChat distrusts the user.
    #[error("WeChat blocks the user")]
    WeChatBlocked,
    /// WeChat asks to come again.
    #[error("WeChat is busy")]
    WeChatBusy,
    /// WeChat did not answer.
    #[error("WeChat does not answer")]
    WeChatUnavailable,
    /// This mall has no mini-program.
    #[error("there is no sign-in by WeChat here")]
    WeChatNotOffered,
}

impl Refusal for SignInRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Phone => "PHONE_INVALID",
            Self::CodeWrong => "OTP_WRONG",
            Self::CodeExpired => "OTP_EXPIRED",
            Self::TooOften(_) => "SIGN_IN_TOO_OFTEN",
            Self::PhoneTaken => "PHONE_TAKEN",
            Self::WeChatCodeInvalid => "WECHAT_CODE_INVALID",
            Self::WeChatCodeUsed => "WECHAT_CODE_USED",
            Self::WeChatBlocked => "WECHAT_BLOCKED",
            Self::WeChatBusy => "WECHAT_BUSY",
            Self::WeChatUnavailable => "WECHAT_UNAVAILABLE",
            Self::WeChatNotOffered => "WECHAT_NOT_OFFERED",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Phone | Self::PhoneTaken => Some("phone"),
            Self::CodeWrong | Self::CodeExpired | Self::WeChatCodeInvalid | Self::WeChatCodeUsed => Some("code"),
            _ => None,
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::TooOften(until) => Detail::Until(*until),
            _ => Detail::None,
        }
    }
}

/// Why a profile stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileRefused {
    /// Not 1 to 32 visible characters.
    #[error("the nickname is not usable")]
    Nickname,
    /// Not a picture of the mall or one over TLS.
    #[error("the picture's address is not usable")]
    Avatar,
}

impl Refusal for ProfileRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Nickname => "NICKNAME_INVALID",
            Self::Avatar => "AVATAR_URL_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Nickname => Some("nickname"),
            Self::Avatar => Some("avatarUrl"),
        }
    }
}

/// Why a customer is not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustomerRefused {
    /// There is none.
    #[error("there is no such customer")]
    NotFound,
    /// The page begins nowhere.
    #[error(transparent)]
    Cursor(#[from] CursorError),
}

impl Refusal for CustomerRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "NOT_FOUND",
            Self::Cursor(error) => error.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound => Some("id"),
            Self::Cursor(error) => error.field(),
        }
    }
}
