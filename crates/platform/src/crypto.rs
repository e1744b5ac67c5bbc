//! Secrets: personal data sealed at rest, blind indexes to find them again, digests, randomness.
//!
//! Everything derives (HKDF-SHA256, one label per use) from master keys. The first key seals; all of them open, so a key
//! is rotated by putting a new one in front.

use aws_lc_rs::{aead, constant_time, digest, hkdf, hmac, rand};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use kernel::Fault;

/// A key that was given cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There must be one at least.
    #[error("no secret key is given")]
    Missing,
    /// Not `id:base64` of 32 bytes.
    #[error("a secret key is not of the form id:base64 with 32 bytes behind the colon")]
    Malformed,
}

/// The keys, and what is done with them.
pub struct Crypto {
    masters: Vec<(String, [u8; 32])>,
}

impl Crypto {
    /// Reads `id:base64,id:base64`, the sealing key first.
    pub fn parse(keys: &str) -> Result<Self, KeyError> {
        let masters = keys
            .split(',')
            .map(str::trim)
            .filter(|key| !key.is_empty())
            .map(|key| {
                let (id, encoded) = key.split_once(':').ok_or(KeyError::Malformed)?;
                let bytes = BASE64.decode(encoded.trim_end_matches('=')).map_err(|_| KeyError::Malformed)?;
                let usable = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
                if !usable {
                    return Err(KeyError::Malformed);
                }
                Ok((id.to_owned(), bytes.try_into().map_err(|_| KeyError::Malformed)?))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if masters.is_empty() { Err(KeyError::Missing) } else { Ok(Self { masters }) }
    }

    /// A new master key in the form [`Crypto::parse`] reads.
    pub fn generate(id: &str) -> String {
        format!("{id}:{}", BASE64.encode(random_bytes::<32>()))
    }

    /// The ids of the master keys, the sealing one first.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.masters.iter().map(|(id, _)| id.as_str())
    }

    /// 32 bytes derived for `label` from the key `id`.
    pub fn derive(&self, id: &str, label: &str) -> Option<[u8; 32]> {
        let (_, master) = self.masters.iter().find(|(known, _)| known == id)?;
        Some(expand(master, label))
    }

    /// Seals `plain` for one place (`table:row:column`): text sealed for one place does not open in another.
    pub fn seal(&self, place: &str, plain: &str) -> Result<String, Fault> {
        let (id, master) = self.masters.first().ok_or_else(|| Fault::internal("no secret key"))?;
        let mut sealed = plain.as_bytes().to_vec();
        let nonce = sealing(master)?
            .seal_in_place_append_tag(aead::Aad::from(place.as_bytes()), &mut sealed)
            .map_err(|_| Fault::internal("sealing failed"))?;
        Ok(format!("{id}.{}.{}", BASE64.encode(nonce.as_ref()), BASE64.encode(sealed)))
    }

    /// Opens what [`Crypto::seal`] sealed for the same place.
    pub fn open(&self, place: &str, sealed: &str) -> Result<String, Fault> {
        let corrupt = || Fault::corrupt(format!("sealed text in {place} does not open"));
        let mut parts = sealed.splitn(3, '.');
        let (id, nonce, body) = (parts.next(), parts.next(), parts.next());
        let (id, nonce, body) = (id.ok_or_else(corrupt)?, nonce.ok_or_else(corrupt)?, body.ok_or_else(corrupt)?);
        let (_, master) = self.masters.iter().find(|(known, _)| known == id).ok_or_else(corrupt)?;
        let nonce = BASE64.decode(nonce).ok().and_then(|n| aead::Nonce::try_assume_unique_for_key(&n).ok()).ok_or_else(corrupt)?;
        let mut body = BASE64.decode(body).map_err(|_| corrupt())?;
        let plain = sealing(master)?.open_in_place(nonce, aead::Aad::from(place.as_bytes()), &mut body).map_err(|_| corrupt())?;
        String::from_utf8(plain.to_vec()).map_err(|_| corrupt())
    }

    /// A keyed digest to find equal texts by, without storing them. One `domain` per column.
    pub fn blind_index(&self, domain: &str, text: &str) -> String {
        let (_, master) = self.masters.last().expect("parse refuses an empty list");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &expand(master, &format!("blind-index:{domain}")));
        hex::encode(hmac::sign(&key, text.as_bytes()).as_ref())
    }
}

fn sealing(master: &[u8; 32]) -> Result<aead::RandomizedNonceKey, Fault> {
    aead::RandomizedNonceKey::new(&aead::AES_256_GCM, &expand(master, "seal")).map_err(|_| Fault::internal("a key was refused"))
}

fn expand(master: &[u8; 32], label: &str) -> [u8; 32] {
    let mut derived = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"liebian")
        .extract(master)
        .expand(&[label.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut derived))
        .expect("32 bytes are within what HKDF gives");
    derived
}

/// Random bytes from the system's generator.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system's random generator answers");
    bytes
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256_hex(data: impl AsRef<[u8]>) -> String {
    hex::encode(digest::digest(&digest::SHA256, data.as_ref()).as_ref())
}

/// HMAC-SHA256 of `message` under `key`.
pub fn hmac_sha256(key: &[u8], message: impl AsRef<[u8]>) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_ref());
    tag.as_ref().try_into().expect("HMAC-SHA256 has 32 bytes")
}

/// Compares secrets without telling where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_text_opens_in_its_place_only_and_after_a_rotation() {
        let old = Crypto::generate("a");
        let crypto = Crypto::parse(&old).expect("a generated key parses");
        let sealed = crypto.seal("customer:1:phone", "13800138000").expect("seals");
        assert!(!sealed.contains("138001"));
        assert_ne!(sealed, crypto.seal("customer:1:phone", "13800138000").expect("seals"));
        assert!(crypto.open("customer:2:phone", &sealed).is_err());
        let rotated = Crypto::parse(&format!("{},{old}", Crypto::generate("b"))).expect("two keys parse");
        assert_eq!(rotated.open("customer:1:phone", &sealed).expect("opens"), "13800138000");
        assert_eq!(rotated.blind_index("phone", "1"), crypto.blind_index("phone", "1"));
        assert_ne!(crypto.blind_index("phone", "1"), crypto.blind_index("email", "1"));
    }

    #[test]
    fn malformed_keys_are_refused() {
        for bad in ["", "x", "x:", "x:AAAA", ":AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(Crypto::parse(bad).is_err(), "{bad}");
        }
    }
}
