//! Orders, their lines and what happened to them.

pub(super) const SQL: &str = r#"
CREATE TABLE trade_order (
  id UUID PRIMARY KEY,
  order_no text NOT NULL CONSTRAINT trade_order_order_no_key UNIQUE,
  customer UUID NOT NULL,
  quote UUID NOT NULL CONSTRAINT trade_order_quote_key UNIQUE,
  status text NOT NULL CONSTRAINT trade_order_status_check CHECK (status IN ('PENDING_PAYMENT', 'AWAITING_TEAM', 'TO_SHIP', 'SHIPPED', 'RECEIVED', 'COMPLETED', 'CANCELLED', 'REFUNDED')),
  origin_kind text,
  origin_id text,
  hold boolean NOT NULL,
  goods_minor bigint NOT NULL,
  shipping_minor bigint NOT NULL,
  total_minor bigint NOT NULL,
  refunded_minor bigint NOT NULL,
  currency text NOT NULL,
  trace JSON NOT NULL,
  address text NOT NULL,
  external_reference text CONSTRAINT trade_order_external_reference_key UNIQUE,
  paid_by UUID,
  carrier text,
  tracking_no text,
  cancel_reason text,
  created_at bigint NOT NULL,
  pay_by bigint NOT NULL,
  paid_at bigint,
  shipped_at bigint,
  received_at bigint,
  closed_at bigint,
  CONSTRAINT trade_order_total_check CHECK (total_minor > 0 AND total_minor = goods_minor + shipping_minor),
  CONSTRAINT trade_order_refunded_check CHECK (refunded_minor BETWEEN 0 AND total_minor),
  CONSTRAINT trade_order_paid_check CHECK ((status IN ('PENDING_PAYMENT', 'CANCELLED')) = (paid_by IS NULL)),
  CONSTRAINT trade_order_all_back_check CHECK ((status = 'REFUNDED') = (refunded_minor = total_minor)),
  CONSTRAINT trade_order_origin_check CHECK ((origin_kind IS NULL) = (origin_id IS NULL))
);
CREATE INDEX trade_order_of_customer ON trade_order (customer, id);
CREATE INDEX trade_order_of_origin ON trade_order (origin_kind, origin_id) WHERE origin_kind IS NOT NULL;
CREATE INDEX trade_order_by_status ON trade_order (status, id);
CREATE INDEX trade_order_unpaid ON trade_order (pay_by) WHERE status = 'PENDING_PAYMENT';
CREATE INDEX trade_order_received ON trade_order (received_at) WHERE status = 'RECEIVED';

CREATE TABLE trade_order_line (
  id UUID PRIMARY KEY,
  order_id UUID NOT NULL CONSTRAINT trade_order_line_order_fkey REFERENCES trade_order (id),
  position bigint NOT NULL,
  sku UUID NOT NULL,
  product UUID NOT NULL,
  title JSON NOT NULL,
  options_label JSON NOT NULL,
  image_url text,
  quantity bigint NOT NULL CONSTRAINT trade_order_line_quantity_check CHECK (quantity > 0),
  unit_price_minor bigint NOT NULL,
  discount_minor bigint NOT NULL,
  payable_minor bigint NOT NULL,
  CONSTRAINT trade_order_line_sku_key UNIQUE (order_id, sku),
  CONSTRAINT trade_order_line_payable_check CHECK (unit_price_minor >= 0 AND discount_minor >= 0 AND payable_minor = unit_price_minor * quantity - discount_minor)
);

-- What happened to an order, append-only.
CREATE TABLE trade_order_event (
  id UUID PRIMARY KEY,
  order_id UUID NOT NULL CONSTRAINT trade_order_event_order_fkey REFERENCES trade_order (id),
  kind text NOT NULL,
  actor text NOT NULL,
  note text,
  amount_minor bigint,
  at bigint NOT NULL
);
CREATE INDEX trade_order_event_of_order ON trade_order_event (order_id, at, id);
"#;
