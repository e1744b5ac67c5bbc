//! Codes of an authenticator (RFC 6238: six digits, thirty seconds, SHA-1, one step of tolerance).

use kernel::{Fault, Timestamp};
use totp_rs::{Builder, Secret, Totp};

use super::rules::TOTP_STEP;

/// What the authenticator shows beside the code.
const ISSUER: &str = "Liebian";

/// An authenticator being set up.
#[derive(Clone)]
pub struct Enrolment {
    /// To type in, in base 32.
    pub secret: String,
    /// To scan: an `otpauth://` address.
    pub url: String,
}

/// A new authenticator for the one with this email.
pub fn enrolment(secret: [u8; 20], email: &str) -> Result<Enrolment, Fault> {
    let totp = build(Secret::new_stack(secret), email)?;
    let url = totp.to_url().map_err(|e| Fault::internal(format!("no address of an authenticator: {e}")))?;
    Ok(Enrolment { secret: totp.secret().to_base32(), url })
}

/// The time step a code is of, when it is right now.
pub fn step(secret: &str, email: &str, (code, now): (&str, Timestamp)) -> Result<Option<i64>, Fault> {
    let secret = Secret::try_from_base32(secret).map_err(|_| Fault::corrupt("the secret of an authenticator"))?;
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.0 / 1000).unwrap_or(0);
    let step = build(secret, email)?.check(&code, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// The code for a moment, as the authenticator shows it.
pub fn code(secret: &str, at: Timestamp) -> Result<String, Fault> {
    let secret = Secret::try_from_base32(secret).map_err(|_| Fault::corrupt("the secret of an authenticator"))?;
    Ok(build(secret, "demo")?.generate(u64::try_from(at.0 / 1000).unwrap_or(0)).to_string())
}

fn build(secret: Secret, email: &str) -> Result<Totp, Fault> {
    let step = u64::try_from(TOTP_STEP).unwrap_or(30);
    let builder = Builder::new().with_secret(secret).with_step_duration(step).with_account_name(email).with_issuer(Some(ISSUER));
    builder.build().map_err(|e| Fault::internal(format!("no authenticator: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_right_for_a_step_before_and_behind() {
        let enrolment = enrolment(*b"12345678901234567890", "boss@mall.example").expect("builds");
        assert!(enrolment.url.starts_with("otpauth://totp/Liebian:boss"), "{}", enrolment.url);
        let at = |seconds: i64| Timestamp(seconds * 1000);
        let step_at = |code: &str, seconds| step(&enrolment.secret, "boss@mall.example", (code, at(seconds))).expect("checks");
        // RFC 6238, appendix B: 94287082 at 59 seconds; six digits are its tail.
        assert_eq!(code(&enrolment.secret, at(59)).expect("shows"), "287082");
        assert_eq!([step_at("287082", 59), step_at("287 082", 89), step_at("287082", 29)], [Some(1); 3]);
        assert_eq!([step_at("287082", 90), step_at("287083", 59), step_at("", 59), step_at("2870829", 59)], [None; 4]);
    }
}
