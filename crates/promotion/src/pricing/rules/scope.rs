//! On what an offer holds.

use std::collections::BTreeSet;

use kernel::{CategoryId, ProductId};
use serde::{Deserialize, Serialize};

/// The most products and categories one offer names.
pub const MOST_NAMED: usize = 500;

/// On what an offer holds: what it names, without what it leaves out. A category covers all that stands below it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// Only on these products; everything when neither products nor categories are named.
    pub products: BTreeSet<ProductId>,
    /// Only on what stands on these shelves or below.
    pub categories: BTreeSet<CategoryId>,
    /// Never on these products.
    pub without_products: BTreeSet<ProductId>,
    /// Never on what stands on these shelves or below.
    pub without_categories: BTreeSet<CategoryId>,
}

impl Scope {
    /// Whether it holds on a product that stands on these shelves (those above them included).
    pub fn covers(&self, product: Option<ProductId>, shelves: &[CategoryId]) -> bool {
        let on = |named: &BTreeSet<CategoryId>| shelves.iter().any(|shelf| named.contains(shelf));
        let is = |named: &BTreeSet<ProductId>| product.is_some_and(|product| named.contains(&product));
        let everything = self.products.is_empty() && self.categories.is_empty();
        (everything || is(&self.products) || on(&self.categories)) && !is(&self.without_products) && !on(&self.without_categories)
    }

    /// Whether it names no more than one offer may.
    pub fn is_sane(&self) -> bool {
        let named = [self.products.len(), self.categories.len(), self.without_products.len(), self.without_categories.len()];
        named.iter().sum::<usize>() <= MOST_NAMED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_holds_on_what_it_names_without_what_it_leaves_out() {
        let product = |n| ProductId(uuid::Uuid::from_u128(n));
        let shelf = |n| CategoryId(uuid::Uuid::from_u128(n));
        let all = Scope::default();
        assert!(all.covers(None, &[]) && all.covers(Some(product(1)), &[shelf(1)]));
        let teas = Scope { categories: [shelf(1)].into(), without_products: [product(9)].into(), ..Scope::default() };
        assert!(teas.covers(Some(product(1)), &[shelf(2), shelf(1)]));
        assert!(!teas.covers(Some(product(1)), &[shelf(2)]));
        assert!(!teas.covers(Some(product(9)), &[shelf(1)]));
        let one = Scope { products: [product(1)].into(), without_categories: [shelf(3)].into(), ..Scope::default() };
        assert!(one.covers(Some(product(1)), &[]) && !one.covers(Some(product(2)), &[]) && !one.covers(None, &[]));
        assert!(!one.covers(Some(product(1)), &[shelf(3)]));
    }
}
