//! The real client of the short message service against the simulated one.

use std::{sync::Arc, time::Duration};

use kernel::{Locale, minutes};
use platform::testing::FakeClock;
use sandbox::texts::{Account, Sent, TextFault, TextService, router};
use secrecy::SecretString;

use super::super::{AliyunTextSettings, AliyunTexts, Due, Template, TextMessages, rules::Phone};

struct There {
    service: TextService,
    clock: FakeClock,
    base_url: String,
}

async fn there() -> There {
    let clock = FakeClock::default();
    let account = Account {
        access_key: "LTAI-test".into(),
        secret: "s3cret".into(),
        sign_name: "裂变商城".into(),
        templates: vec!["SMS_1".into(), "SMS_2".into()],
        due_templates: vec!["SMS_3".into(), "SMS_4".into()],
    };
    let service = TextService::new(Arc::new(clock.clone()), account);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let base_url = format!("http://{}", listener.local_addr().expect("has an address"));
    let app = router(service.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    There { service, clock, base_url }
}

impl There {
    fn client(&self, change: impl FnOnce(&mut AliyunTextSettings)) -> AliyunTexts {
        let mut settings = AliyunTextSettings {
            base_url: self.base_url.clone(),
            access_key: "LTAI-test".into(),
            secret: SecretString::from("s3cret"),
            sign_name: "裂变商城".into(),
            template: Template { zh: "SMS_1".into(), en: Some("SMS_2".into()) },
            due_template: Some(Template { zh: "SMS_3".into(), en: Some("SMS_4".into()) }),
            timeout: Duration::from_millis(700),
        };
        change(&mut settings);
        AliyunTexts::new(settings, Arc::new(self.clock.clone())).expect("builds")
    }
}

fn phone(text: &str) -> Phone {
    Phone::parse(text).expect("a number")
}

#[tokio::test]
async fn a_code_is_sent_in_the_readers_language() {
    let there = there().await;
    let client = there.client(|_| ());
    client.send_code(&phone("138 0013 8000"), "123456", Locale::ZhCn).await.expect("sends");
    client.send_code(&phone("+44 7700 900123"), "654321", Locale::En).await.expect("sends");
    let sent = |number: &str, template: &str, code: &str| Sent { number: number.into(), template: template.into(), code: code.into() };
    assert_eq!(there.service.sent(), [sent("13800138000", "SMS_1", "123456"), sent("447700900123", "SMS_2", "654321")]);
    let often = client.send_code(&phone("13800138000"), "1", Locale::ZhCn).await.expect_err("one a minute").to_string();
    assert!(often.contains("isv.BUSINESS_LIMIT_CONTROL"), "{often}");
    there.clock.advance(minutes(1));
    client.send_code(&phone("13800138000"), "2", Locale::ZhCn).await.expect("a minute later");
}

#[tokio::test]
async fn what_is_due_is_told_with_its_name_and_time() {
    let there = there().await;
    let until = kernel::Timestamp::parse_rfc3339("2026-11-11T15:59:00.000Z").expect("a time");
    let due = Due { name: "明前茶预售".into(), until };
    there.client(|_| ()).send_due(&phone("13800138000"), &due, Locale::ZhCn).await.expect("sends");
    there.client(|_| ()).send_due(&phone("+44 7700 900123"), &due, Locale::En).await.expect("sends");
    let sent = |number: &str, template: &str| Sent {
        number: number.into(),
        template: template.into(),
        code: "明前茶预售 2026-11-11 23:59".into(),
    };
    assert_eq!(there.service.sent(), [sent("13800138000", "SMS_3"), sent("447700900123", "SMS_4")]);
    let silent = there.client(|s| s.due_template = None);
    silent.send_due(&phone("13900139000"), &due, Locale::ZhCn).await.expect_err("there is no template for it");
}

#[tokio::test]
async fn what_is_wrong_is_said_without_the_number_or_the_code() {
    let there = there().await;
    type Change = fn(&mut AliyunTextSettings);
    let wrong: [(&str, Change); 4] = [
        ("InvalidAccessKeyId.NotFound", |s| s.access_key = "nobody".into()),
        ("SignatureDoesNotMatch", |s| s.secret = SecretString::from("other")),
        ("isv.SMS_SIGNATURE_ILLEGAL", |s| s.sign_name = "别家".into()),
        ("isv.SMS_TEMPLATE_ILLEGAL", |s| s.template.zh = "SMS_9".into()),
    ];
    for (code, change) in wrong {
        let error = there.client(change).send_code(&phone("13800138000"), "123456", Locale::ZhCn).await.expect_err(code).to_string();
        assert!(error.contains(code), "{error}");
    }
    for fault in [TextFault::Unavailable, TextFault::SystemError, TextFault::Hang] {
        there.service.next_fault(fault);
        let error = there.client(|_| ()).send_code(&phone("13800138000"), "123456", Locale::ZhCn).await.expect_err("fails").to_string();
        assert!(!error.contains("13800138000") && !error.contains("123456"), "{error}");
    }
    assert_eq!(there.service.sent(), []);
}
