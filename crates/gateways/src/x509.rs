//! As much of an X.509 certificate as a payment client needs: its serial, its key, from when until when.

use kernel::Timestamp;

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
