//! The cryptography providers ask for, over aws-lc-rs.

use aws_lc_rs::{
    aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest, hmac,
    rand::SystemRandom,
    rsa::{KeyPair, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey},
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};

/// Something does not fit: a key, a signature, a ciphertext. Providers' SDKs say no more either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key, the signature or the ciphertext does not fit")]
pub struct Unfit;

/// What stands between the lines of a PEM block, or base64 without any lines.
pub fn der(text: &str) -> Result<Vec<u8>, Unfit> {
    let body: String = text.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
    if body.is_empty() {
        return Err(Unfit);
    }
    STANDARD.decode(body).map_err(|_| Unfit)
}

/// A private RSA key that signs SHA-256 (PKCS#1 v1.5) and opens OAEP.
pub struct RsaPrivateKey {
    pair: KeyPair,
    pkcs8: Option<Vec<u8>>,
}

impl RsaPrivateKey {
    /// From PKCS#8 or PKCS#1, PEM or bare base64.
    pub fn parse(text: &str) -> Result<Self, Unfit> {
        Self::from_der(&der(text)?)
    }

    /// From PKCS#8 or PKCS#1.
    pub fn from_der(der: &[u8]) -> Result<Self, Unfit> {
        match KeyPair::from_pkcs8(der) {
            Ok(pair) => Ok(Self { pair, pkcs8: Some(der.to_vec()) }),
            Err(_) => Ok(Self { pair: KeyPair::from_der(der).map_err(|_| Unfit)?, pkcs8: None }),
        }
    }

    /// The signature of a message, in base64.
    pub fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).expect("a buffer as long as the modulus takes it");
        STANDARD.encode(signature)
    }

    /// What was sealed for us by RSAES-OAEP with SHA-1, as WeChat does.
    pub fn open_oaep(&self, ciphertext: &str) -> Result<Vec<u8>, Unfit> {
        let key = PrivateDecryptingKey::from_pkcs8(self.pkcs8.as_deref().ok_or(Unfit)?).map_err(|_| Unfit)?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(|_| Unfit)?;
        let sealed = STANDARD.decode(ciphertext).map_err(|_| Unfit)?;
        let mut opened = vec![0; key.min_output_size()];
        let opened = key.decrypt(&OAEP_SHA1_MGF1SHA1, &sealed, &mut opened, None).map_err(|_| Unfit)?;
        Ok(opened.to_vec())
    }
}

/// A public RSA key, SubjectPublicKeyInfo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaPublicKey(Vec<u8>);

impl RsaPublicKey {
    /// From SubjectPublicKeyInfo, PEM or bare base64.
    pub fn parse(text: &str) -> Result<Self, Unfit> {
        Self::from_der(der(text)?)
    }

    /// From SubjectPublicKeyInfo.
    pub fn from_der(der: Vec<u8>) -> Result<Self, Unfit> {
        PublicEncryptingKey::from_der(&der).map_err(|_| Unfit)?;
        Ok(Self(der))
    }

    /// Whether the signature, in base64, is of this message.
    pub fn verify(&self, message: &[u8], signature: &str) -> Result<(), Unfit> {
        let signature = STANDARD.decode(signature).map_err(|_| Unfit)?;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0).verify(message, &signature).map_err(|_| Unfit)
    }

    /// Seals a short text by RSAES-OAEP with SHA-1; base64.
    pub fn seal_oaep(&self, text: &str) -> Result<String, Unfit> {
        let key = PublicEncryptingKey::from_der(&self.0)
            .and_then(|key| OaepPublicEncryptingKey::new(key).map_err(Into::into))
            .map_err(|_| Unfit)?;
        let mut sealed = vec![0; key.ciphertext_size()];
        let sealed = key.encrypt(&OAEP_SHA1_MGF1SHA1, text.as_bytes(), &mut sealed, None).map_err(|_| Unfit)?;
        Ok(STANDARD.encode(sealed))
    }
}

fn aes(key: &[u8]) -> Result<LessSafeKey, Unfit> {
    let algorithm = match key.len() {
        16 => &AES_128_GCM,
        32 => &AES_256_GCM,
        _ => return Err(Unfit),
    };
    Ok(LessSafeKey::new(UnboundKey::new(algorithm, key).map_err(|_| Unfit)?))
}

/// Opens AES-GCM: what WeChat calls `AEAD_AES_256_GCM`, the tag behind the text.
pub fn open_gcm(key: &[u8], nonce: &str, (associated, ciphertext): (&str, &str)) -> Result<Vec<u8>, Unfit> {
    let nonce: [u8; NONCE_LEN] = nonce.as_bytes().try_into().map_err(|_| Unfit)?;
    let mut text = STANDARD.decode(ciphertext).map_err(|_| Unfit)?;
    let length =
        aes(key)?.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(associated.as_bytes()), &mut text).map_err(|_| Unfit)?.len();
    text.truncate(length);
    Ok(text)
}

/// HMAC-SHA256.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

/// Whether a tag is the HMAC-SHA256 of a message, in constant time.
pub fn is_hmac_sha256(key: &[u8], message: &[u8], tag: &[u8]) -> bool {
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key), message, tag).is_ok()
}

/// SHA-256, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

/// 32 letters of chance.
pub fn nonce() -> String {
    let mut bytes = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's randomness does not fail");
    hex::encode(bytes)
}
