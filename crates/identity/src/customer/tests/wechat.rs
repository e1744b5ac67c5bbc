//! The real client against the simulated WeChat.

use std::{sync::Arc, time::Duration};

use platform::testing::FakeClock;
use sandbox::wechat::{App, WeChat, WeChatFault, router};
use secrecy::SecretString;

use super::super::{WeChatClient, WeChatError, WeChatLogin, WeChatSettings};

struct There {
    wechat: WeChat,
    clock: FakeClock,
    base_url: String,
}

async fn there() -> There {
    let clock = FakeClock::default();
    let app = App { appid: "wx0001".into(), secret: "s3cret-of-the-app".into() };
    let wechat = WeChat::new(Arc::new(clock.clone()), app, []);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let base_url = format!("http://{}", listener.local_addr().expect("has an address"));
    let app = router(wechat.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    There { wechat, clock, base_url }
}

impl There {
    fn client(&self, appid: &str, secret: &str) -> WeChatClient {
        let settings = WeChatSettings {
            base_url: self.base_url.clone(),
            timeout: Duration::from_millis(700),
            ..WeChatSettings::new(appid, SecretString::from(secret))
        };
        WeChatClient::new(settings).expect("builds")
    }
}

#[tokio::test]
async fn a_code_is_traded_once_for_who_it_is() {
    let there = there().await;
    let client = there.client("wx0001", "s3cret-of-the-app");
    let code = there.wechat.login("ann");
    let user = client.exchange(&code).await.expect("trades");
    assert_eq!((user.appid.as_str(), user.openid), ("wx0001", there.wechat.openid("ann")));
    assert_eq!(user.unionid, Some(there.wechat.unionid("ann")));
    assert_eq!(client.exchange(&code).await, Err(WeChatError::CodeUsed));
}

#[tokio::test]
async fn each_refusal_of_wechat_has_its_meaning() {
    let there = there().await;
    let client = there.client("wx0001", "s3cret-of-the-app");
    assert_eq!(client.exchange("0nobodys").await, Err(WeChatError::CodeInvalid));
    for bad in ["", "a b", "代码", &"x".repeat(200)] {
        assert_eq!(client.exchange(bad).await, Err(WeChatError::CodeInvalid), "{bad}");
    }
    let old = there.wechat.login("ann");
    there.clock.advance(kernel::minutes(5));
    assert_eq!(client.exchange(&old).await, Err(WeChatError::CodeInvalid));
    let code = there.wechat.login("eve");
    there.wechat.block("eve");
    assert_eq!(client.exchange(&code).await, Err(WeChatError::Blocked));
    for (appid, secret, errcode) in [("wx0002", "s3cret-of-the-app", 40013), ("wx0001", "wrong", 40125)] {
        let refused = there.client(appid, secret).exchange(&there.wechat.login("ann")).await;
        let Err(WeChatError::Misconfigured { errcode: found, .. }) = &refused else { panic!("{refused:?}") };
        assert_eq!(*found, errcode);
        assert!(refused.expect_err("is refused").refusal().is_err());
    }
}

#[tokio::test]
async fn busy_once_is_asked_again_and_what_is_broken_says_so_without_the_secret() {
    let there = there().await;
    let client = there.client("wx0001", "s3cret-of-the-app");
    for fault in [WeChatFault::Busy, WeChatFault::RateLimited] {
        there.wechat.next_fault(fault);
        client.exchange(&there.wechat.login("ann")).await.expect("the second answer counts");
        there.wechat.next_fault(fault);
        there.wechat.next_fault(fault);
        assert_eq!(client.exchange(&there.wechat.login("ann")).await, Err(WeChatError::Busy));
    }
    for fault in [WeChatFault::BadGateway, WeChatFault::Hang, WeChatFault::HalfBody] {
        there.wechat.next_fault(fault);
        let code = there.wechat.login("ann");
        let refused = client.exchange(&code).await.expect_err("is refused");
        assert!(matches!(refused, WeChatError::Unavailable(_)), "{fault:?}: {refused:?}");
        let words = format!("{refused} {refused:?}");
        assert!(!words.contains("s3cret") && !words.contains(&code), "{words}");
    }
    let nowhere =
        WeChatSettings { base_url: "http://127.0.0.1:1".into(), ..WeChatSettings::new("wx0001", SecretString::from("s3cret-of-the-app")) };
    assert!(!format!("{nowhere:?}").contains("s3cret"));
    let refused = WeChatClient::new(nowhere).expect("builds").exchange("0code").await.expect_err("is refused");
    assert!(matches!(&refused, WeChatError::Unavailable(words) if !words.contains("s3cret")), "{refused:?}");
}
