//! Quotes and orders say what they were priced with. The sums that the tables check keep one column for all that is
//! paid beside the goods; what it is made of stands beside it.

pub(super) const SQL: &str = r#"
ALTER TABLE quote RENAME COLUMN shipping_minor TO beside_goods_minor;
ALTER TABLE quote ADD COLUMN shipping_minor bigint NOT NULL DEFAULT 0 CONSTRAINT quote_shipping_check CHECK (shipping_minor >= 0);
ALTER TABLE quote ADD COLUMN tax_minor bigint NOT NULL DEFAULT 0 CONSTRAINT quote_tax_check CHECK (tax_minor >= 0);
ALTER TABLE quote ADD COLUMN donation_minor bigint NOT NULL DEFAULT 0 CONSTRAINT quote_donation_check CHECK (donation_minor >= 0);
UPDATE quote SET shipping_minor = beside_goods_minor;
ALTER TABLE quote ADD COLUMN coupons JSON NOT NULL DEFAULT '[]';
ALTER TABLE quote ADD COLUMN points bigint NOT NULL DEFAULT 0 CONSTRAINT quote_points_check CHECK (points >= 0);
ALTER TABLE quote ADD COLUMN points_worth_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE quote ADD COLUMN delivery_mode text NOT NULL DEFAULT 'SHIP'
  CONSTRAINT quote_delivery_check CHECK (delivery_mode IN ('SHIP', 'PICK_UP', 'VIRTUAL'));
ALTER TABLE quote ADD COLUMN region text;
ALTER TABLE trade_order RENAME COLUMN shipping_minor TO beside_goods_minor;
ALTER TABLE trade_order ADD COLUMN shipping_minor bigint NOT NULL DEFAULT 0
  CONSTRAINT trade_order_shipping_check CHECK (shipping_minor >= 0);
ALTER TABLE trade_order ADD COLUMN tax_minor bigint NOT NULL DEFAULT 0 CONSTRAINT trade_order_tax_check CHECK (tax_minor >= 0);
ALTER TABLE trade_order ADD COLUMN donation_minor bigint NOT NULL DEFAULT 0
  CONSTRAINT trade_order_donation_check CHECK (donation_minor >= 0);
UPDATE trade_order SET shipping_minor = beside_goods_minor;
"#;
