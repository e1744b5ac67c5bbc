//! `Stripe-Signature: t=…,v1=…,v1=…`: HMAC-SHA256 of `t.body` under the endpoint's secret; one of several must fit.

use trade::payment::gateway::NotificationRefused;

use crate::crypto::is_hmac_sha256;

const HEADER: &str = "Stripe-Signature";

/// How old a signature may be, in seconds, and how far ahead its clock.
const TOLERANCE: i64 = 300;

/// Whether Stripe signed these bytes just now. The body is signed as it came: re-written JSON is another body.
pub(super) fn verify(secret: &str, (header, body): (&str, &[u8]), now: i64) -> Result<(), NotificationRefused> {
    let mut timestamp = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) => timestamp = Some(value.parse::<i64>().map_err(|_| NotificationRefused::Header(HEADER))?),
            Some(("v1", value)) => signatures.extend(hex::decode(value)),
            _ => {}
        }
    }
    let timestamp = timestamp.ok_or(NotificationRefused::Header(HEADER))?;
    let message = [timestamp.to_string().as_bytes(), b".", body].concat();
    if !signatures.iter().any(|signature| is_hmac_sha256(secret.as_bytes(), &message, signature)) {
        return Err(NotificationRefused::BadSignature);
    }
    let fresh = now.checked_sub(timestamp).and_then(i64::checked_abs).is_some_and(|skew| skew <= TOLERANCE);
    if fresh { Ok(()) } else { Err(NotificationRefused::Stale) }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Case {
        id: String,
        payload: String,
        secret: String,
        now_unix: i64,
        #[serde(default)]
        header: Option<String>,
        expect: String,
    }

    #[test]
    fn stripes_own_cases() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/vectors/stripe_webhook.json")).expect("vectors");
        assert!(cases.len() >= 16);
        for case in cases {
            let header = case.header.unwrap_or_default();
            let fits = verify(&case.secret, (&header, case.payload.as_bytes()), case.now_unix).is_ok();
            match case.expect.as_str() {
                "valid" => assert!(fits, "{}", case.id),
                "invalid" => assert!(!fits, "{}", case.id),
                _ => {}
            }
        }
    }
}
