//! As much of an X.509 certificate as a payment client needs: its serial, its key, from when until when.

use kernel::Timestamp;
use md5::{Digest, Md5};

use crate::crypto::{RsaPublicKey, Unfit, der};

/// A certificate, read, not judged: whoever hands it in has a reason to believe it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The serial number, upper-case hexadecimal, as providers name it.
    pub serial: String,
    /// Whose key it is.
    pub key: RsaPublicKey,
    /// Not valid before.
    pub not_before: Timestamp,
    /// Not valid after.
    pub not_after: Timestamp,
}

impl Certificate {
    /// Reads the first certificate of a PEM text.
    pub fn parse(pem: &str) -> Result<Self, Unfit> {
        let end = "-----END CERTIFICATE-----";
        let first = pem.split_inclusive(end).next().unwrap_or(pem);
        Self::from_der(&der(first)?)
    }

    /// Reads DER.
    pub fn from_der(bytes: &[u8]) -> Result<Self, Unfit> {
        let mut outer = Reader(bytes).sequence()?;
        let mut inside = outer.sequence()?;
        if inside.peek() == Some(0xA0) {
            inside.element(0xA0)?;
        }
        let serial = inside.element(0x02)?;
        inside.element(0x30)?; // the signature's algorithm
        inside.element(0x30)?; // the issuer
        let mut validity = inside.sequence()?;
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        inside.element(0x30)?; // the subject
        let key = inside.whole(0x30)?;
        let digits = serial.iter().skip_while(|byte| **byte == 0).map(|byte| format!("{byte:02X}")).collect();
        Ok(Self { serial: digits, key: RsaPublicKey::from_der(key.to_vec())?, not_before, not_after })
    }
}

/// The number Alipay knows a certificate by: MD5 of its issuer and its decimal serial. Of a text with several certificates
/// (Alipay's roots) those with RSA count, joined by `_`.
pub fn alipay_number(pem: &str) -> Result<String, Unfit> {
    let end = "-----END CERTIFICATE-----";
    let mut numbers = Vec::new();
    for one in pem.split_inclusive(end).filter(|one| one.contains(end)) {
        let bytes = der(one)?;
        let mut inside = Reader(&bytes).sequence()?.sequence()?;
        if inside.peek() == Some(0xA0) {
            inside.element(0xA0)?;
        }
        let serial = decimal(inside.element(0x02)?);
        let algorithm = inside.sequence()?.element(0x06)?;
        let issuer = names(inside.sequence()?)?;
        // 1.2.840.113549.1.1: signed with RSA.
        if algorithm.starts_with(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01]) {
            numbers.push(hex::encode(Md5::digest(format!("{issuer}{serial}"))));
        }
    }
    if numbers.is_empty() { Err(Unfit) } else { Ok(numbers.join("_")) }
}

/// A name as RFC 2253 writes it: the last part first.
fn names(mut name: Reader<'_>) -> Result<String, Unfit> {
    let mut parts = Vec::new();
    while name.peek().is_some() {
        let mut pair = Reader(name.element(0x31)?).sequence()?;
        let kind = match pair.element(0x06)? {
            [0x55, 0x04, 0x03] => "CN",
            [0x55, 0x04, 0x06] => "C",
            [0x55, 0x04, 0x07] => "L",
            [0x55, 0x04, 0x08] => "ST",
            [0x55, 0x04, 0x0A] => "O",
            [0x55, 0x04, 0x0B] => "OU",
            _ => return Err(Unfit),
        };
        let tag = pair.peek().ok_or(Unfit)?;
        parts.push(format!("{kind}={}", std::str::from_utf8(pair.element(tag)?).map_err(|_| Unfit)?));
    }
    parts.reverse();
    Ok(parts.join(","))
}

/// A big number in decimal.
fn decimal(bytes: &[u8]) -> String {
    let mut digits = vec![0_u8];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) * 256;
            *digit = u8::try_from(carry % 10).unwrap_or(0);
            carry /= 10;
        }
        while carry > 0 {
            digits.push(u8::try_from(carry % 10).unwrap_or(0));
            carry /= 10;
        }
    }
    digits.iter().rev().map(|digit| char::from(b'0' + digit)).collect()
}

/// Reads DER elements one after the other. Lengths come from outside, so nothing is indexed unchecked.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Tag, length and content of the next element, which must have this tag.
    fn whole(&mut self, tag: u8) -> Result<&'a [u8], Unfit> {
        let (header, length) = self.header(tag)?;
        let end = header.checked_add(length).ok_or(Unfit)?;
        let (element, rest) = self.0.split_at_checked(end).ok_or(Unfit)?;
        self.0 = rest;
        Ok(element)
    }

    /// The content of the next element.
    fn element(&mut self, tag: u8) -> Result<&'a [u8], Unfit> {
        let (header, _) = self.header(tag)?;
        self.whole(tag)?.get(header..).ok_or(Unfit)
    }

    fn sequence(&mut self) -> Result<Self, Unfit> {
        self.element(0x30).map(Reader)
    }

    /// The length of the header and of the content.
    fn header(&self, tag: u8) -> Result<(usize, usize), Unfit> {
        let [found, first, ..] = self.0 else { return Err(Unfit) };
        if *found != tag {
            return Err(Unfit);
        }
        match *first {
            short @ 0..=0x7F => Ok((2, usize::from(short))),
            long @ 0x81..=0x84 => {
                let count = usize::from(long & 0x7F);
                let bytes = self.0.get(2..2 + count).ok_or(Unfit)?;
                Ok((2 + count, bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte))))
            }
            _ => Err(Unfit),
        }
    }

    /// UTCTime or GeneralizedTime.
    fn time(&mut self) -> Result<Timestamp, Unfit> {
        let text = match self.peek() {
            Some(0x17) => {
                let text = std::str::from_utf8(self.element(0x17)?).map_err(|_| Unfit)?;
                let century = if text.get(..2).ok_or(Unfit)? < "50" { "20" } else { "19" };
                format!("{century}{text}")
            }
            _ => std::str::from_utf8(self.element(0x18)?).map_err(|_| Unfit)?.to_owned(),
        };
        let at = chrono::NaiveDateTime::parse_from_str(&text, "%Y%m%d%H%M%SZ").map_err(|_| Unfit)?;
        Ok(Timestamp(at.and_utc().timestamp_millis()))
    }
}
