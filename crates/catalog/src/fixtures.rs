//! Small products for the tests of this crate.

use kernel::{Currency, LocalizedText, Money, ProductId, SkuId};
use platform::{Op, testing::TestPlatform};

use crate::product::{
    query,
    rules::{Axis, Draft, SkuDraft},
    service,
};

/// A mall with a fake clock and nothing in it.
pub(crate) async fn mall() -> (TestPlatform, Op) {
    let test = TestPlatform::open(crate::plug).await;
    let op = test.platform.system("test");
    (test, op)
}

/// A SKU of one yuan, of which ten lie there.
pub(crate) fn sku(code: &str, choices: &[usize]) -> SkuDraft {
    SkuDraft {
        id: None,
        code: code.to_owned(),
        choices: choices.to_vec(),
        price: Money::new(100, Currency::Cny),
        market_price: None,
        weight_grams: 50,
        image: None,
        stock: Some(10),
    }
}

/// A tea in two sizes; codes begin with `code`.
pub(crate) fn tea(code: &str) -> Draft {
    let size =
        Axis { name: LocalizedText::new("规格", "Size"), values: ["50 克", "100 克"].map(|v| LocalizedText::new(v, v)).to_vec() };
    Draft {
        title: LocalizedText::new("武夷大红袍", "Wuyi Da Hong Pao"),
        description: LocalizedText::new("岩骨花香", "Rock rhyme"),
        options: vec![size],
        skus: vec![sku(&format!("{code}-50"), &[0]), sku(&format!("{code}-100"), &[1])],
        ..Draft::default()
    }
}

/// A thing without options.
pub(crate) fn plain(code: &str, zh: &str, en: &str) -> Draft {
    Draft { title: LocalizedText::new(zh, en), skus: vec![sku(code, &[])], ..Draft::default() }
}

/// Makes it and puts it on sale.
pub(crate) async fn on_sale(op: &Op, draft: Draft) -> (ProductId, Vec<SkuId>) {
    let made = service::create(op, draft).await.expect("is made");
    service::publish(op, made.id).await.expect("is published");
    (made.id, skus(op, made.id).await)
}

/// The SKUs of a product in their order.
pub(crate) async fn skus(op: &Op, id: ProductId) -> Vec<SkuId> {
    query::skus_of(op, &[id]).await.expect("reads").remove(&id).unwrap_or_default().into_iter().map(|sku| sku.id).collect()
}
