//! Shelves, products, SKUs, stock, pictures, and the words products are found by.

pub mod category;
pub mod media;
pub mod price_span;
pub mod product;
pub mod product_category;
pub mod product_term;
pub mod sku;
pub mod sku_return_rule;
pub mod stock;
pub mod stock_allotment;
pub mod stock_movement;
pub mod stock_reservation;
