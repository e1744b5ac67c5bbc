//! What is sold in a test.

use catalog::{
    inventory,
    product::{
        query,
        rules::{Draft, SkuDraft},
        service,
    },
};
use kernel::{Currency, LocalizedText, Money, ProductId, SkuId};

use crate::app::TestApp;

/// A product on sale with one SKU.
#[derive(Clone, Debug)]
pub struct Goods {
    /// The product.
    pub product: ProductId,
    /// Its SKU.
    pub sku: SkuId,
    /// What one costs.
    pub price: Money,
}

/// So many yuan.
pub const fn yuan(n: i64) -> Money {
    Money { minor: n * 100, currency: Currency::Cny }
}

impl TestApp {
    /// A product on sale at a price, of which so many lie there.
    pub async fn product(&self, name: &str, price: Money, stock: i64) -> Goods {
        let op = self.op();
        let sku = SkuDraft {
            id: None,
            code: format!("{name}-{}", op.new_id::<SkuId>()),
            choices: Vec::new(),
            price,
            market_price_minor: None,
            weight_grams: 100,
            image: None,
            stock: Some(stock),
        };
        let draft = Draft { title: LocalizedText::new(name, name), skus: vec![sku], ..Draft::default() };
        let product = service::create(&op, draft).await.expect("a product can be made").id;
        service::publish(&op, product).await.expect("a product can be put on sale");
        let skus = query::skus_of(&op, &[product]).await.expect("a product's SKUs can be read");
        Goods { product, sku: skus[&product][0].id, price }
    }

    /// The demo mall: products on their shelves, customers, staff.
    pub async fn furnish(&self) {
        let op = self.op();
        catalog::demo::seed(&op).await.expect("the demo's products can be made");
        for n in 0..12 {
            self.customer(&format!("guest {n}")).await;
        }
        let owner = self.op_of(&self.owner().await).await;
        let roles = identity::staff::query::roles(&owner).await.expect("roles can be read");
        for n in 0..5 {
            let email = format!("clerk{n}@mall.example");
            let new =
                identity::staff::access::NewStaff { email, name: format!("clerk {n}"), roles: roles.iter().map(|role| role.id).collect() };
            identity::staff::access::create(&owner, new).await.expect("staff can be made");
        }
        self.settle().await;
    }

    /// How many of it can still be bought.
    pub async fn available(&self, sku: SkuId) -> i64 {
        let available = inventory::service::available(&self.op(), &[sku]).await.expect("the stock can be read");
        available.get(&sku).copied().unwrap_or_default()
    }
}
