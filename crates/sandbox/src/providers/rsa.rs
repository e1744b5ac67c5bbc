//! RSA keys of a simulated provider and of its merchant.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};

/// A key pair.
pub(crate) struct RsaKey(Arc<KeyPair>);

/// Whose key it is; each of these is made once per process, because making one takes long.
#[derive(Clone, Copy)]
pub(crate) enum Owner {
    WeChatMerchant,
    WeChatPlatform,
    AlipayMerchant,
    Alipay,
    PayPal,
    Stranger,
}

impl RsaKey {
    /// A new one.
    pub(crate) fn generate() -> Self {
        Self(Arc::new(KeyPair::generate(KeySize::Rsa2048).expect("a key can be made")))
    }

    /// The one of this process.
    pub(crate) fn of(owner: Owner) -> Self {
        static KEYS: [OnceLock<Arc<KeyPair>>; 6] = [const { OnceLock::new() }; 6];
        Self(Arc::clone(KEYS[owner as usize].get_or_init(|| Self::generate().0)))
    }

    /// PKCS#8, base64.
    pub(crate) fn private(&self) -> String {
        STANDARD.encode(self.pkcs8())
    }

    fn pkcs8(&self) -> Vec<u8> {
        let der: Pkcs8V1Der<'_> = self.0.as_der().expect("a key can be written");
        der.as_ref().to_vec()
    }

    /// SubjectPublicKeyInfo.
    pub(crate) fn public_der(&self) -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = self.0.public_key().as_der().expect("a key can be written");
        der.as_ref().to_vec()
    }

    /// SubjectPublicKeyInfo, base64.
    pub(crate) fn public(&self) -> String {
        STANDARD.encode(self.public_der())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).expect("a buffer of the right length");
        signature
    }

    pub(crate) fn sign_base64(&self, message: &[u8]) -> String {
        STANDARD.encode(self.sign(message))
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.public_der()).verify(message, &signature).is_ok()
    }

    /// Opens what was sealed by OAEP with SHA-1.
    pub(crate) fn opens(&self, sealed: &str) -> Option<String> {
        let key = PrivateDecryptingKey::from_pkcs8(&self.pkcs8()).ok()?;
        let key = OaepPrivateDecryptingKey::new(key).ok()?;
        let mut opened = vec![0; key.min_output_size()];
        let opened = key.decrypt(&OAEP_SHA1_MGF1SHA1, &STANDARD.decode(sealed).ok()?, &mut opened, None).ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}
