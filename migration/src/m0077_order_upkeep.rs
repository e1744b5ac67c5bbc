//! What of an order has to be looked after when it is paid. Of orders placed before, everything.

pub(super) const SQL: &str = r#"
ALTER TABLE trade_order ADD COLUMN holds_coupons boolean NOT NULL DEFAULT true;
ALTER TABLE trade_order ADD COLUMN holds_points boolean NOT NULL DEFAULT true;
ALTER TABLE trade_order ADD COLUMN has_virtual boolean NOT NULL DEFAULT true
"#;
