//! Every code is written in every language.

use kernel::{CursorError, Locale, Refusal, Timestamp};

use crate::{
    address,
    customer::error::{CustomerRefused, ProfileRefused, SendRefused, SignInRefused},
    session::{AuthRefused, RefreshRefused, RevokeRefused},
    staff::{
        error::{AccessRefused, SecretRefused, SignInRefused as StaffRefused},
        rules::{Locked, Weak},
    },
};

#[test]
fn every_code_is_written_in_every_language() {
    let t = Timestamp(0);
    let refusals: Vec<Box<dyn Refusal>> = vec![
        Box::new(address::Refused::NotFound),
        Box::new(address::Refused::Label),
        Box::new(address::Refused::TooMany(1)),
        Box::new(address::Refused::TooLong(1)),
        Box::new(AuthRefused::Invalid),
        Box::new(AuthRefused::Expired),
        Box::new(AuthRefused::Revoked),
        Box::new(RefreshRefused::Invalid),
        Box::new(RefreshRefused::Expired),
        Box::new(RefreshRefused::JustUsed),
        Box::new(RefreshRefused::Reused),
        Box::new(RefreshRefused::Revoked),
        Box::new(RevokeRefused::NotFound),
        Box::new(SendRefused::Phone),
        Box::new(SendRefused::TooOften(t)),
        Box::new(SendRefused::NotOffered),
        Box::new(SendRefused::NotSent),
        Box::new(SignInRefused::Phone),
        Box::new(SignInRefused::CodeWrong),
        Box::new(SignInRefused::CodeExpired),
        Box::new(SignInRefused::TooOften(t)),
        Box::new(SignInRefused::PhoneTaken),
        Box::new(SignInRefused::WeChatCodeInvalid),
        Box::new(SignInRefused::WeChatCodeUsed),
        Box::new(SignInRefused::WeChatBlocked),
        Box::new(SignInRefused::WeChatBusy),
        Box::new(SignInRefused::WeChatUnavailable),
        Box::new(SignInRefused::WeChatNotOffered),
        Box::new(ProfileRefused::Nickname),
        Box::new(ProfileRefused::Avatar),
        Box::new(CustomerRefused::NotFound),
        Box::new(CustomerRefused::Cursor(CursorError)),
        Box::new(StaffRefused::Credentials),
        Box::new(StaffRefused::Totp),
        Box::new(StaffRefused::Locked(t)),
        Box::new(StaffRefused::TooOften(t)),
        Box::new(SecretRefused::Weak(Weak::TooShort)),
        Box::new(SecretRefused::Weak(Weak::TooLong)),
        Box::new(SecretRefused::Weak(Weak::Guessable)),
        Box::new(SecretRefused::Same),
        Box::new(SecretRefused::TotpOn),
        Box::new(SecretRefused::TotpOff),
        Box::new(AccessRefused::NoStaff),
        Box::new(AccessRefused::NoRole),
        Box::new(AccessRefused::Email),
        Box::new(AccessRefused::EmailTaken),
        Box::new(AccessRefused::Name),
        Box::new(AccessRefused::RoleTaken),
        Box::new(AccessRefused::RolesMissing),
        Box::new(AccessRefused::BuiltIn),
        Box::new(AccessRefused::Locked(Locked::Outranked)),
        Box::new(AccessRefused::Locked(Locked::OwnStaffWrite)),
        Box::new(AccessRefused::Locked(Locked::LastOwner)),
    ];
    for refusal in refusals {
        for locale in Locale::ALL {
            assert!(platform::messages::is_written(locale, refusal.code()), "{} in {}", refusal.code(), locale.tag());
        }
    }
}
