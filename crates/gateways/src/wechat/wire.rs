//! How WeChat Pay v3 is spoken: what is signed, whose key answers, how keys rotate.
//!
//! A request carries `Authorization: WECHATPAY2-SHA256-RSA2048 …` over method, path with query, time, chance and body. Every
//! answer and notification is signed over time, chance and body by one of two kinds of keys, named by `Wechatpay-Serial`: a
//! platform certificate (downloaded, sealed with the APIv3 key, rotating) or the merchant's WeChat Pay public key
//! (`PUB_KEY_ID_…`, configured). Both may be in use at once while a merchant changes over.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use kernel::{Clock, Timestamp, hours, minutes};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use trade::payment::gateway::{GatewayError, NotificationRefused};

use crate::{
    crypto::{RsaPrivateKey, RsaPublicKey, nonce, open_gcm},
    http::{self, Answer},
    x509::Certificate,
};

/// How far WeChat's clock may be from ours, in seconds.
const WINDOW: i64 = 300;

/// What every key id of the public-key mode begins with.
pub(super) const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_";

const SERIAL: &str = "Wechatpay-Serial";
const TIMESTAMP: &str = "Wechatpay-Timestamp";
const NONCE: &str = "Wechatpay-Nonce";
const SIGNATURE: &str = "Wechatpay-Signature";

/// Who we are to WeChat Pay, and whom we believe.
pub(super) struct Wire {
    pub(super) base_url: String,
    pub(super) mchid: String,
    pub(super) serial: String,
    pub(super) key: RsaPrivateKey,
    pub(super) api_v3_key: Vec<u8>,
    /// The public-key mode, when the merchant has it.
    pub(super) public_key: Option<(String, RsaPublicKey)>,
    pub(super) certificates: RwLock<Certificates>,
    pub(super) client: reqwest::Client,
    pub(super) clock: Arc<dyn Clock>,
}

/// The platform certificates, by serial.
#[derive(Default)]
pub(super) struct Certificates {
    by_serial: HashMap<String, Certificate>,
    fetched_at: Option<Timestamp>,
}

/// An answer WeChat signed.
pub(super) struct Said {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
}

/// The body of a refusal.
#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) code: String,
    #[serde(default)]
    pub(super) message: String,
}

impl Said {
    /// What was asked for; a refusal by its code, sorted by what it proves.
    pub(super) fn accepted<T: serde::de::DeserializeOwned>(&self) -> Result<T, GatewayError> {
        if !self.status.is_success() {
            return Err(self.refused().into_error());
        }
        serde_json::from_slice(&self.body).map_err(|error| GatewayError::Unknown(format!("the answer does not read: {error}")))
    }

    /// The refusal, when it is one.
    pub(super) fn refused(&self) -> Refused {
        let refusal = serde_json::from_slice::<Refusal>(&self.body);
        let refusal = refusal.unwrap_or_else(|_| Refusal { code: format!("HTTP_{}", self.status.as_u16()), message: String::new() });
        Refused { status: self.status, refusal }
    }
}

/// A signed refusal.
pub(super) struct Refused {
    status: StatusCode,
    refusal: Refusal,
}

impl Refused {
    pub(super) fn code(&self) -> &str {
        &self.refusal.code
    }

    /// What the caller may do next. Too often, no money in the merchant's account, our signature: none of these looked at
    /// the request, so the same number may be sent again. What broke inside may have happened.
    pub(super) fn into_error(self) -> GatewayError {
        let Refusal { code, message } = self.refusal;
        match code.as_str() {
            "FREQUENCY_LIMITED"
            | "FREQUENCY_LIMIT_EXCEED"
            | "RATELIMIT_EXCEEDED"
            | "NOT_ENOUGH"
            | "SIGN_ERROR"
            | "NO_AUTH"
            | "BANK_ERROR" => GatewayError::Unavailable(format!("{code}: {message}")),
            // Paid already: the question that follows finds the money.
            "ORDERPAID" | "ORDER_PAID" | "SYSTEM_ERROR" | "SYSTEMERROR" | "USERPAYING" => {
                GatewayError::Unknown(format!("{code}: {message}"))
            }
            _ if self.status.is_client_error() => GatewayError::Refused { code, message },
            _ => GatewayError::Unknown(format!("status {}: {code}: {message}", self.status.as_u16())),
        }
    }
}

#[derive(Deserialize)]
struct Sealed {
    nonce: String,
    associated_data: String,
    ciphertext: String,
}

#[derive(Deserialize)]
struct SealedCertificate {
    serial_no: String,
    encrypt_certificate: Sealed,
}

#[derive(Deserialize)]
struct CertificateList {
    data: Vec<SealedCertificate>,
}

impl Wire {
    /// One signed call whose answer is signed.
    pub(super) async fn call(&self, method: Method, path: &str, body: Option<String>) -> Result<Said, GatewayError> {
        let answer = self.send(method, path, body).await?;
        let header = |name: &'static str| answer.header(name);
        match self.verify(header, &answer.body).await {
            Ok(()) => Ok(Said { status: answer.status, body: answer.body }),
            Err(refused) => Err(GatewayError::Unknown(format!("status {}, not to be believed: {refused}", answer.status.as_u16()))),
        }
    }

    /// One signed call; the answer is not judged.
    pub(super) async fn send(&self, method: Method, path: &str, body: Option<String>) -> Result<Answer, GatewayError> {
        http::send(self.request(method, &format!("{}{path}", self.base_url), path, body.unwrap_or_default())).await
    }

    /// A signed request.
    pub(super) fn request(&self, method: Method, url: &str, path: &str, body: String) -> reqwest::RequestBuilder {
        let (timestamp, chance) = (http::now_seconds(&*self.clock), nonce());
        let message = request_message(method.as_str(), path, &timestamp.to_string(), (&chance, &body));
        let mut request = self.client.request(method, url).header("Accept", "application/json").header(
            "Authorization",
            format!(
                "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{chance}\",timestamp=\"{timestamp}\",serial_no=\"{}\",signature=\"{}\"",
                self.mchid,
                self.serial,
                self.key.sign(message.as_bytes())
            ),
        );
        if let Some((id, _)) = &self.public_key {
            // Asks to be answered under this key.
            request = request.header(SERIAL, id);
        }
        if body.is_empty() { request } else { request.header("Content-Type", "application/json").body(body) }
    }

    /// Proves that WeChat signed `body` just now.
    pub(super) async fn verify<'h>(
        &self,
        header: impl Fn(&'static str) -> Option<&'h str>,
        body: &[u8],
    ) -> Result<(), NotificationRefused> {
        let need = |name: &'static str| header(name).filter(|value| !value.is_empty()).ok_or(NotificationRefused::Header(name));
        let (timestamp, chance, serial, signature) = (need(TIMESTAMP)?, need(NONCE)?, need(SERIAL)?, need(SIGNATURE)?);
        let seconds = timestamp.parse::<i64>().map_err(|_| NotificationRefused::Header(TIMESTAMP))?;
        let fresh = seconds.checked_sub(http::now_seconds(&*self.clock)).and_then(i64::checked_abs).is_some_and(|skew| skew <= WINDOW);
        if !fresh {
            return Err(NotificationRefused::Stale);
        }
        let key = self.key_of(serial).await?;
        key.verify(&answer_message(timestamp, chance, body), signature).map_err(|_| NotificationRefused::BadSignature)
    }

    async fn key_of(&self, serial: &str) -> Result<RsaPublicKey, NotificationRefused> {
        if serial.starts_with(PUBLIC_KEY_ID) {
            let known = self.public_key.as_ref().filter(|(id, _)| id == serial);
            return known.map(|(_, key)| key.clone()).ok_or(NotificationRefused::UnknownKey);
        }
        if let Some(key) = self.known(serial) {
            return Ok(key);
        }
        if self.may_fetch() {
            Box::pin(self.fetch_certificates()).await.map_err(|error| NotificationRefused::Uncheckable(error.to_string()))?;
        }
        self.known(serial).ok_or(NotificationRefused::UnknownKey)
    }

    /// A certificate that is in its time.
    fn known(&self, serial: &str) -> Option<RsaPublicKey> {
        let now = self.clock.now();
        let certificates = self.certificates.read().unwrap_or_else(PoisonError::into_inner);
        let found = certificates.by_serial.get(serial)?;
        (found.not_before <= now && now <= found.not_after).then(|| found.key.clone())
    }

    /// A stranger's serial must not make us ask WeChat each time.
    fn may_fetch(&self) -> bool {
        let fetched_at = self.certificates.read().unwrap_or_else(PoisonError::into_inner).fetched_at;
        fetched_at.is_none_or(|at| at + minutes(1) <= self.clock.now())
    }

    /// The newest platform certificate with its serial: sensitive fields are sealed for it.
    pub(super) async fn sealing_key(&self) -> Result<(String, RsaPublicKey), GatewayError> {
        if let Some(known) = &self.public_key {
            return Ok(known.clone());
        }
        let due = {
            let certificates = self.certificates.read().unwrap_or_else(PoisonError::into_inner);
            certificates.fetched_at.is_none_or(|at| at + hours(12) <= self.clock.now())
        };
        if due {
            self.fetch_certificates().await?;
        }
        let certificates = self.certificates.read().unwrap_or_else(PoisonError::into_inner);
        let newest = certificates.by_serial.values().max_by_key(|certificate| certificate.not_before);
        newest.map(|c| (c.serial.clone(), c.key.clone())).ok_or_else(|| GatewayError::Unavailable("WeChat has no certificate".into()))
    }

    /// Downloads the platform certificates. Their seal (the APIv3 key) makes them WeChat's; the answer's signature, by one of
    /// them, makes them fresh.
    pub(super) async fn fetch_certificates(&self) -> Result<(), GatewayError> {
        let answer = self.send(Method::GET, "/v3/certificates", None).await?;
        if !answer.status.is_success() {
            let said = Said { status: answer.status, body: answer.body };
            return Err(GatewayError::Unavailable(said.refused().into_error().to_string()));
        }
        let list: CertificateList = answer.json()?;
        let mut fetched = HashMap::new();
        for sealed in list.data {
            let Sealed { nonce, associated_data, ciphertext } = sealed.encrypt_certificate;
            let pem = open_gcm(&self.api_v3_key, &nonce, (&associated_data, &ciphertext));
            let certificate = pem.ok().and_then(|pem| Certificate::parse(std::str::from_utf8(&pem).ok()?).ok());
            match certificate.filter(|certificate| certificate.serial.eq_ignore_ascii_case(&sealed.serial_no)) {
                Some(certificate) => fetched.insert(sealed.serial_no, certificate),
                None => return Err(GatewayError::Unknown("a platform certificate does not open: is the APIv3 key right?".into())),
            };
        }
        let signed = || {
            let (serial, timestamp) = (answer.header(SERIAL)?, answer.header(TIMESTAMP)?);
            let (chance, signature) = (answer.header(NONCE)?, answer.header(SIGNATURE)?);
            let key = match &self.public_key {
                Some((id, key)) if id == serial => key,
                _ => &fetched.get(serial)?.key,
            };
            key.verify(&answer_message(timestamp, chance, &answer.body), signature).ok()
        };
        signed().ok_or_else(|| GatewayError::Unknown("the list of certificates is not signed by one of them".into()))?;
        tracing::info!(count = fetched.len(), "WeChat Pay's platform certificates were fetched");
        *self.certificates.write().unwrap_or_else(PoisonError::into_inner) =
            Certificates { by_serial: fetched, fetched_at: Some(self.clock.now()) };
        Ok(())
    }

    /// Believes a certificate that somebody downloaded before.
    #[cfg(test)]
    pub(super) fn trust(&self, certificate: Certificate) {
        let mut certificates = self.certificates.write().unwrap_or_else(PoisonError::into_inner);
        certificates.by_serial.insert(certificate.serial.clone(), certificate);
        certificates.fetched_at = Some(self.clock.now());
    }
}

pub(super) fn request_message(method: &str, path: &str, timestamp: &str, (nonce, body): (&str, &str)) -> String {
    format!("{method}\n{path}\n{timestamp}\n{nonce}\n{body}\n")
}

pub(super) fn answer_message(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    [format!("{timestamp}\n{nonce}\n").as_bytes(), body, b"\n"].concat()
}
