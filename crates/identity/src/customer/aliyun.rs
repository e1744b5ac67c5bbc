//! Text messages through Alibaba Cloud's short message service: `SendSms` of API 2017-05-25, signed with
//! `ACS3-HMAC-SHA256` (Alibaba Cloud, "V3 request body and signature mechanism").

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_lc_rs::hmac;
use kernel::{Clock, Locale, hours};
use platform::crypto::{random_bytes, sha256_hex};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Due, TextError, TextMessages, rules::Phone};

/// The account, the approved signature and templates, and where the service is.
#[derive(Clone, Debug)]
pub struct AliyunTextSettings {
    /// `https://dysmsapi.aliyuncs.com`, or a simulator.
    pub base_url: String,
    /// The account's access key id.
    pub access_key: String,
    /// Its secret.
    pub secret: SecretString,
    /// The approved signature (签名) in front of every message.
    pub sign_name: String,
    /// The approved template with one variable `code`.
    pub template: Template,
    /// The approved template for what is due, with two variables `name` and `until`; without it nobody is reminded so.
    pub due_template: Option<Template>,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// The codes (SMS_…) under which the service has approved a message.
#[derive(Clone, Debug)]
pub struct Template {
    /// In Chinese.
    pub zh: String,
    /// In English, for who reads that; without it everybody is sent the Chinese one.
    pub en: Option<String>,
}

impl Template {
    fn of(&self, locale: Locale) -> &str {
        match (locale, &self.en) {
            (Locale::En, Some(english)) => english,
            _ => &self.zh,
        }
    }
}

/// The service's client.
pub struct AliyunTexts {
    settings: AliyunTextSettings,
    host: String,
    clock: Arc<dyn Clock>,
    http: reqwest::Client,
}

/// What every call answers; `OK` or why not.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    code: String,
    #[serde(default)]
    message: String,
}

impl AliyunTexts {
    /// With these settings.
    pub fn new(settings: AliyunTextSettings, clock: Arc<dyn Clock>) -> Result<Self, kernel::Fault> {
        let upstream = |e: &dyn std::fmt::Display| kernel::Fault::upstream("aliyun sms", e.to_string());
        let url = reqwest::Url::parse(&settings.base_url).map_err(|e| upstream(&e))?;
        let name = url.host_str().ok_or_else(|| upstream(&"the address names no host"))?;
        let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        let http = reqwest::Client::builder()
            .timeout(settings.timeout)
            .connect_timeout(settings.timeout.min(Duration::from_secs(3)))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| upstream(&e.without_url()))?;
        Ok(Self { settings, host, clock, http })
    }
}

#[async_trait]
impl TextMessages for AliyunTexts {
    /// Asked once: a lost answer may have been a message sent, and the shopper can ask for another in a minute.
    async fn send_code(&self, phone: &Phone, code: &str, locale: Locale) -> Result<(), TextError> {
        self.send(phone, self.settings.template.of(locale), &serde_json::json!({ "code": code })).await
    }

    /// A variable has at most 35 characters; the time is the one of the service's country.
    async fn send_due(&self, phone: &Phone, due: &Due, locale: Locale) -> Result<(), TextError> {
        let template = self.settings.due_template.as_ref().ok_or(TextError::NotConfigured)?.of(locale);
        let name: String = due.name.chars().take(35).collect();
        let until = (due.until + hours(8)).to_rfc3339()[..16].replace('T', " ");
        self.send(phone, template, &serde_json::json!({ "name": name, "until": until })).await
    }
}

impl AliyunTexts {
    async fn send(&self, phone: &Phone, template: &str, parameter: &serde_json::Value) -> Result<(), TextError> {
        let parameter = parameter.to_string();
        // A Chinese number is written without its country, any other with it and without the plus.
        let number = phone.e164().strip_prefix("+86").unwrap_or_else(|| phone.e164().trim_start_matches('+'));
        let query = canonical_query(&[
            ("PhoneNumbers", number),
            ("SignName", &self.settings.sign_name),
            ("TemplateCode", template),
            ("TemplateParam", &parameter),
        ]);
        let call = Call {
            host: &self.host,
            action: "SendSms",
            version: "2017-05-25",
            query: &query,
            date: &format!("{}Z", &self.clock.now().to_rfc3339()[..19]),
            nonce: &hex::encode(random_bytes::<16>()),
        };
        let authorization = call.authorization(&self.settings.access_key, self.settings.secret.expose_secret());
        let mut request = self.http.post(format!("{}/?{query}", self.settings.base_url.trim_end_matches('/')));
        for (name, value) in call.headers().into_iter().filter(|(name, _)| *name != "host") {
            request = request.header(name, value);
        }
        // The number and the code are in the address: an error must not carry it into a log.
        let unavailable = |error: reqwest::Error| TextError::Unavailable(error.without_url().to_string());
        let response = request.header("authorization", authorization).send().await.map_err(unavailable)?;
        let status = response.status();
        let body = response.bytes().await.map_err(unavailable)?;
        match serde_json::from_slice::<Answer>(&body) {
            Ok(answer) if answer.code == "OK" && status.is_success() => Ok(()),
            Ok(answer) => Err(TextError::Unavailable(format!("{} {}", answer.code, answer.message))),
            Err(_) => Err(TextError::Unavailable(format!("status {status} without an answer"))),
        }
    }
}

/// One call, as far as it is signed.
struct Call<'a> {
    host: &'a str,
    action: &'a str,
    version: &'a str,
    query: &'a str,
    date: &'a str,
    nonce: &'a str,
}

impl Call<'_> {
    /// The signed headers, by name; the body is empty.
    fn headers(&self) -> [(&'static str, String); 6] {
        [
            ("host", self.host.to_owned()),
            ("x-acs-action", self.action.to_owned()),
            ("x-acs-content-sha256", sha256_hex("")),
            ("x-acs-date", self.date.to_owned()),
            ("x-acs-signature-nonce", self.nonce.to_owned()),
            ("x-acs-version", self.version.to_owned()),
        ]
    }

    fn authorization(&self, access_key: &str, secret: &str) -> String {
        let headers = self.headers();
        let names = headers.each_ref().map(|(name, _)| *name).join(";");
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let canonical = format!("POST\n/\n{}\n{lines}\n{names}\n{}", self.query, sha256_hex(""));
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", sha256_hex(canonical));
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signature = hex::encode(hmac::sign(&key, to_sign.as_bytes()));
        format!("ACS3-HMAC-SHA256 Credential={access_key},SignedHeaders={names},Signature={signature}")
    }
}

/// Parameters by name, escaped as RFC 3986 has it.
fn canonical_query(parameters: &[(&str, &str)]) -> String {
    let mut parts: Vec<String> = parameters.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    parts.sort();
    parts.join("&")
}

fn escaped(text: &str) -> String {
    let byte = |b: u8| match b {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the provider's own page on the signature.
    #[test]
    fn the_documented_example_has_the_documented_signature() {
        let query = canonical_query(&[("RegionId", "cn-shanghai"), ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd")]);
        let call = Call {
            host: "ecs.cn-shanghai.aliyuncs.com",
            action: "RunInstances",
            version: "2014-05-26",
            query: &query,
            date: "2023-10-26T10:22:32Z",
            nonce: "3156853299f313e23d1673dc12e1703d",
        };
        let authorization = call.authorization("YourAccessKeyId", "YourAccessKeySecret");
        let signature = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";
        assert!(authorization.ends_with(&format!("Signature={signature}")), "{authorization}");
    }
}
