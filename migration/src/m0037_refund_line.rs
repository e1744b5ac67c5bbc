//! What of a refund belongs to which line of the order, and the exceptions a shopper confirmed when they bought.

pub(super) const SQL: &str = r#"
ALTER TABLE refund ADD COLUMN shipping_minor bigint NOT NULL DEFAULT 0;

-- A line without pieces is money given for goods that are kept.
CREATE TABLE refund_line (
  refund UUID NOT NULL CONSTRAINT refund_line_refund_fkey REFERENCES refund (id),
  order_line UUID NOT NULL CONSTRAINT refund_line_order_line_fkey REFERENCES trade_order_line (id),
  sku UUID NOT NULL,
  quantity bigint NOT NULL CONSTRAINT refund_line_quantity_check CHECK (quantity >= 0),
  amount_minor bigint NOT NULL CONSTRAINT refund_line_amount_check CHECK (amount_minor >= 0),
  worth_minor bigint NOT NULL,
  restock boolean NOT NULL,
  CONSTRAINT refund_line_pkey PRIMARY KEY (refund, order_line)
);

ALTER TABLE trade_order_line ADD COLUMN return_exception text;
"#;
