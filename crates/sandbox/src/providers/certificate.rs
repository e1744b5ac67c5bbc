//! A self-signed X.509 certificate, just enough of one.

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::Timestamp;

use super::rsa::RsaKey;

/// A certificate of a key, as PEM; its serial is these bytes.
pub(crate) fn pem(key: &RsaKey, serial: &[u8], (not_before, not_after): (Timestamp, Timestamp)) -> String {
    // sha256WithRSAEncryption, NULL
    let algorithm = element(0x30, &[&[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B, 0x05, 0x00][..]]);
    // CN=Tenpay.com sandbox
    let name = element(0x30, &[&element(0x31, &[&element(0x30, &[&[0x06, 0x03, 0x55, 0x04, 0x03][..], &element(0x0C, &[b"Sandbox"])])])]);
    let validity = element(0x30, &[&time(not_before), &time(not_after)]);
    let version = element(0xA0, &[&[0x02, 0x01, 0x02][..]]);
    let inside = element(0x30, &[&version, &element(0x02, &[serial]), &algorithm, &name, &validity, &name, &key.public_der()]);
    let signature = element(0x03, &[&[0][..], &key.sign(&inside)]);
    let whole = STANDARD.encode(element(0x30, &[&inside, &algorithm, &signature]));
    let lines: Vec<&str> = whole.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// GeneralizedTime.
fn time(at: Timestamp) -> Vec<u8> {
    // 2025-11-11T00:00:00.000Z → 20251111000000Z
    let digits: String = at.to_rfc3339().chars().take(19).filter(char::is_ascii_digit).collect();
    element(0x18, &[format!("{digits}Z").as_bytes()])
}

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(bytes.len()).expect("a length has at most eight bytes"));
            out.extend(bytes);
        }
    }
    out.extend(content);
    out
}
