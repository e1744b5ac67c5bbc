//! WeChat's sign-in, as the real one answers.

use std::sync::Arc;

use kernel::minutes;
use sandbox::wechat::{App, WeChat, WeChatFault};
use serde_json::Value;

use crate::world::{Hand, free_port, serve};

struct World {
    clock: Hand,
    wechat: WeChat,
    url: String,
    http: reqwest::Client,
}

impl World {
    async fn new() -> Self {
        let (listener, url) = free_port().await;
        let clock = Hand::new();
        let app = |appid: &str, secret: &str| App { appid: appid.into(), secret: secret.into() };
        let wechat = WeChat::new(Arc::new(clock.clone()), app("wx1", "s1"), [app("wx2", "s2")]);
        let demo = sandbox::wechat::demo_router(wechat.clone());
        serve(listener, sandbox::wechat::router(wechat.clone()).nest("/demo", demo)).await;
        Self { clock, wechat, url, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    async fn ask(&self, query: &[(&str, &str)]) -> Value {
        let answer = self.http.get(format!("{}/sns/jscode2session", self.url)).query(query).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (200, "text/plain"));
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    async fn exchange(&self, appid: &str, secret: &str, code: &str) -> Value {
        self.ask(&[("appid", appid), ("secret", secret), ("js_code", code), ("grant_type", "authorization_code")]).await
    }
}

#[tokio::test]
async fn a_code_says_once_who_is_there() {
    let world = World::new().await;
    let code = world.wechat.login("ann");
    let first = world.exchange("wx1", "s1", &code).await;
    assert!(first.get("errcode").is_none(), "{first}");
    assert_eq!(first["openid"], world.wechat.openid("ann"));
    assert_eq!(first["unionid"], world.wechat.unionid("ann"));
    assert_eq!(first["openid"].as_str().unwrap().len(), 28);
    assert_eq!(world.exchange("wx1", "s1", &code).await["errcode"], 40163);
    let second = world.exchange("wx1", "s1", &world.wechat.login("ann")).await;
    assert_eq!(second["openid"], first["openid"], "the same person");
    assert_ne!(second["session_key"], first["session_key"], "another session");
    let elsewhere = world.exchange("wx2", "s2", &world.wechat.login_in("wx2", "ann")).await;
    assert_ne!(elsewhere["openid"], first["openid"], "another mini-program, another openid");
    assert_eq!(elsewhere["unionid"], first["unionid"], "one merchant, one unionid");
    let bob = world.exchange("wx1", "s1", &world.wechat.login("bob")).await;
    assert_ne!(bob["openid"], first["openid"]);
}

#[tokio::test]
async fn every_refusal_has_its_number() {
    let world = World::new().await;
    let code = world.wechat.login("ann");
    let errcode = |answer: Value| (answer["errcode"].as_i64().unwrap(), answer["errmsg"].as_str().unwrap().contains("rid: "));
    assert_eq!(errcode(world.exchange("wx9", "s1", &code).await), (40013, true));
    assert_eq!(errcode(world.exchange("wx1", "s2", &code).await), (40125, true));
    assert_eq!(errcode(world.exchange("wx1", "s1", "nonsense").await), (40029, true));
    assert_eq!(errcode(world.exchange("wx2", "s2", &code).await), (40029, true), "another mini-program's code");
    assert_eq!(errcode(world.exchange("", "s1", &code).await), (41002, true));
    assert_eq!(errcode(world.exchange("wx1", "", &code).await), (41004, true));
    assert_eq!(errcode(world.exchange("wx1", "s1", "").await), (41008, true));
    assert_eq!(errcode(world.ask(&[]).await), (41002, true));
    let wrong = [("appid", "wx1"), ("secret", "s1"), ("js_code", &*code), ("grant_type", "client_credential")];
    assert_eq!(errcode(world.ask(&wrong).await), (40002, true));
    assert!(world.exchange("wx1", "s1", &code).await.get("errcode").is_none(), "none of that used the code up");
    let late = world.wechat.login("ann");
    world.clock.advance(minutes(5));
    assert_eq!(errcode(world.exchange("wx1", "s1", &late).await), (40029, true));
    world.wechat.block("eve");
    assert_eq!(errcode(world.exchange("wx1", "s1", &world.wechat.login("eve")).await), (40226, true));
    for _ in 0..100 {
        assert!(world.exchange("wx1", "s1", &world.wechat.login("bot")).await.get("errcode").is_none());
    }
    let code = world.wechat.login("bot");
    assert_eq!(errcode(world.exchange("wx1", "s1", &code).await), (45011, true));
    world.clock.advance(minutes(1));
    assert!(world.exchange("wx1", "s1", &code).await.get("errcode").is_none(), "the next minute");
}

#[tokio::test]
async fn wechat_has_bad_days() {
    let world = World::new().await;
    let code = world.wechat.login("ann");
    world.wechat.next_fault(WeChatFault::Busy);
    assert_eq!(world.exchange("wx1", "s1", &code).await["errcode"], -1);
    world.wechat.next_fault(WeChatFault::RateLimited);
    assert_eq!(world.exchange("wx1", "s1", &code).await["errcode"], 45011);
    let url = format!("{}/sns/jscode2session?appid=wx1&secret=s1&js_code={code}&grant_type=authorization_code", world.url);
    world.wechat.next_fault(WeChatFault::BadGateway);
    assert_eq!(world.http.get(&url).send().await.unwrap().status(), 502);
    world.wechat.next_fault(WeChatFault::Hang);
    let patience = std::time::Duration::from_millis(200);
    assert!(world.http.get(&url).timeout(patience).send().await.unwrap_err().is_timeout());
    world.wechat.next_fault(WeChatFault::HalfBody);
    let half = async { world.http.get(&url).send().await?.text().await };
    assert!(half.await.is_err());
    assert_eq!(world.exchange("wx1", "s1", &code).await["errcode"], 40163, "the half answer used the code up");
}

#[tokio::test]
async fn a_demo_without_phones_asks_for_codes_over_http() {
    let world = World::new().await;
    let login =
        async |user: &str| world.http.post(format!("{}/demo/login", world.url)).json(&serde_json::json!({ "user": user })).send().await;
    let answer: Value = login("ann").await.unwrap().json().await.unwrap();
    let signed_in = world.exchange("wx1", "s1", answer["code"].as_str().unwrap()).await;
    assert_eq!(signed_in["openid"], world.wechat.openid("ann"));
    assert_eq!(login("").await.unwrap().status(), 422);
}
