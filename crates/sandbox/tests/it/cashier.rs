//! The shopper's page.

use kernel::minutes;

use crate::world::World;

impl World {
    async fn page(&self, url: &str) -> (u16, String) {
        let answer = self.http.get(url).send().await.unwrap();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'"), "nothing from anywhere else");
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn cashier_url(&self, no: &str) -> String {
        self.post("/v1/charges", &self.charge(no, 5900)).await.1["cashier_url"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn the_shopper_pays_and_goes_back_to_the_shop() {
    let world = World::new().await;
    let url = world.cashier_url("c1").await;
    let (status, page) = world.page(&url).await;
    assert_eq!(status, 200);
    for part in ["¥59.00", "支付", "Pay", "取消", "Cancel", "data-left=\"1800000\"", "lang=\"zh-CN\"", "name=\"viewport\""] {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains("三罐茶 &lt;three tins&gt;") && !page.contains("<three tins>"), "what the merchant wrote is text");
    let pressed = world.http.post(format!("{url}/pay")).send().await.unwrap();
    assert_eq!(pressed.status(), 303);
    let next = pressed.url().join(pressed.headers()["location"].to_str().unwrap()).unwrap();
    assert_eq!(next.as_str(), url, "whatever the bank is mounted below");
    let (status, page) = world.page(&url).await;
    assert_eq!(status, 200);
    assert!(page.contains("支付成功") && page.contains("/orders?a=1&amp;b=2") && !page.contains("<form"));
    assert_eq!(world.http.post(format!("{url}/pay")).send().await.unwrap().status(), 303, "pressing twice pays once");
    assert_eq!(world.http.post(format!("{url}/cancel")).send().await.unwrap().status(), 409);
    world.bank.settled().await;
    assert_eq!(world.shop.heard().len(), 1);
}

#[tokio::test]
async fn the_shopper_cancels_or_comes_too_late() {
    let world = World::new().await;
    let (cancelled, late) = (world.cashier_url("c1").await, world.cashier_url("c2").await);
    assert_eq!(world.http.post(format!("{cancelled}/cancel")).send().await.unwrap().status(), 303);
    world.clock.advance(minutes(30));
    assert_eq!(world.http.post(format!("{late}/pay")).send().await.unwrap().status(), 409);
    for url in [&cancelled, &late] {
        let (status, page) = world.page(url).await;
        assert!(status == 200 && page.contains("付款已关闭") && !page.contains("<form"), "{page}");
    }
    let (status, page) = world.page(&format!("{}/cashier/chg_nobody", world.url)).await;
    assert!(status == 404 && page.contains("没有这笔付款"));
    assert_eq!(world.http.post(format!("{}/cashier/chg_nobody/pay", world.url)).send().await.unwrap().status(), 404);
    world.bank.settled().await;
    let reasons: Vec<_> = world.shop.heard().iter().map(|heard| heard.event().data.reason.unwrap()).collect();
    assert!(reasons.contains(&"cancelled".to_owned()) && reasons.contains(&"expired".to_owned()), "{reasons:?}");
}
