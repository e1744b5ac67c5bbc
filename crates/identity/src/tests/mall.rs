//! A mall with nothing but identity, whose messenger remembers and whose WeChat is a list.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use kernel::{Actor, Failure, Locale, Refusal};
use platform::{Op, testing::TestPlatform};

use crate::{
    IdentitySettings,
    customer::{Due, TextError, TextMessages, WeChatError, WeChatLogin, WeChatUser, rules::Phone},
    session::service::authenticate,
};

/// Remembers the latest code sent to each phone.
#[derive(Default)]
pub(crate) struct Texts(Mutex<HashMap<String, String>>);

#[async_trait]
impl TextMessages for Texts {
    async fn send_code(&self, phone: &Phone, code: &str, _: Locale) -> Result<(), TextError> {
        self.0.lock().expect("not poisoned").insert(phone.e164().to_owned(), code.to_owned());
        Ok(())
    }

    async fn send_due(&self, phone: &Phone, due: &Due, _: Locale) -> Result<(), TextError> {
        self.0.lock().expect("not poisoned").insert(phone.e164().to_owned(), due.name.clone());
        Ok(())
    }
}

/// A code is `app/openid` or `app/openid/unionid`.
struct ListedWeChat;

#[async_trait]
impl WeChatLogin for ListedWeChat {
    async fn exchange(&self, code: &str) -> Result<WeChatUser, WeChatError> {
        let mut parts = code.split('/').map(str::to_owned);
        let (appid, openid) = (parts.next(), parts.next());
        let (Some(appid), Some(openid)) = (appid, openid) else { return Err(WeChatError::CodeInvalid) };
        Ok(WeChatUser { appid, openid, unionid: parts.next() })
    }
}

/// A mall with nothing but identity.
pub(crate) struct Mall {
    pub(crate) test: TestPlatform,
    texts: Arc<Texts>,
}

impl Mall {
    pub(crate) async fn open() -> Self {
        let texts = Arc::new(Texts::default());
        let settings = IdentitySettings { texts: Arc::clone(&texts) as _, wechat: Arc::new(ListedWeChat), ..Default::default() };
        let test = TestPlatform::open(|ports| crate::plug(ports, settings)).await;
        Self { test, texts }
    }

    /// A request of nobody.
    pub(crate) fn nobody(&self) -> Op {
        self.test.platform.system("test").acting(Actor::Anonymous)
    }

    /// A request with this access token.
    pub(crate) async fn with(&self, token: &str) -> Op {
        let authenticated = authenticate(&self.test.platform, Some(token)).await.expect("the token is good");
        self.nobody().acting(authenticated.actor)
    }

    /// The code that was last sent to a phone, or what it was last reminded of.
    pub(crate) fn code_sent_to(&self, e164: &str) -> String {
        self.texts.0.lock().expect("not poisoned").get(e164).cloned().unwrap_or_default()
    }

    /// The statements sent so far.
    pub(crate) fn statements(&self) -> u64 {
        self.test.platform.db.statements()
    }
}

pub(crate) trait Acting {
    fn acting(self, actor: Actor) -> Op;
}

impl Acting for Op {
    fn acting(self, actor: Actor) -> Op {
        Op { actor, ..self }
    }
}

/// The code of a refusal; a fault or a success fails the test.
pub(crate) fn refusal<T, R: Refusal>(result: Result<T, Failure<R>>) -> &'static str {
    match result {
        Err(Failure::Refused(refusal)) => refusal.code(),
        Err(Failure::Fault(fault)) => panic!("a fault: {fault}"),
        Ok(_) => panic!("not refused"),
    }
}
