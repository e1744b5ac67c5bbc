//! Flash sales: sessions, what they sell, what customers took, and the promises made to them before.
//!
//! What must never be wrong is wrong nowhere: a piece that is sold twice, a customer above the limit, a promise redeemed
//! twice are all refused by the tables.

pub(super) const SQL: &str = r#"
-- The row is locked by every batch of purchases, on whichever node.
CREATE TABLE flash_sale (
  id UUID PRIMARY KEY,
  title JSON NOT NULL,
  state text NOT NULL CONSTRAINT flash_sale_state_check CHECK (state IN ('DRAFT', 'PUBLISHED', 'PAUSED', 'ENDED')),
  starts_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  currency text NOT NULL,
  pay_minutes bigint NOT NULL CONSTRAINT flash_sale_pay_minutes_check CHECK (pay_minutes BETWEEN 1 AND 1440),
  most_per_order bigint NOT NULL CONSTRAINT flash_sale_order_limit_check CHECK (most_per_order >= 1),
  most_per_customer bigint NOT NULL CONSTRAINT flash_sale_customer_limit_check CHECK (most_per_customer >= most_per_order),
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  ended_at bigint,
  CONSTRAINT flash_sale_window_check CHECK (starts_at < ends_at)
);
CREATE INDEX flash_sale_by_state ON flash_sale (state, id);
CREATE INDEX flash_sale_due ON flash_sale (ends_at) WHERE state IN ('PUBLISHED', 'PAUSED');

-- Where every piece of the sale's stock is.
CREATE TABLE flash_sale_item (
  flash_sale UUID NOT NULL CONSTRAINT flash_sale_item_sale_fkey REFERENCES flash_sale (id),
  sku UUID NOT NULL,
  position bigint NOT NULL,
  price_minor bigint NOT NULL CONSTRAINT flash_sale_item_price_check CHECK (price_minor >= 1),
  list_minor bigint NOT NULL,
  stock bigint NOT NULL CONSTRAINT flash_sale_item_stock_check CHECK (stock BETWEEN 1 AND 1000000),
  available bigint NOT NULL CONSTRAINT flash_sale_item_available_check CHECK (available >= 0),
  reserved bigint NOT NULL CONSTRAINT flash_sale_item_reserved_check CHECK (reserved >= 0),
  sold bigint NOT NULL CONSTRAINT flash_sale_item_sold_check CHECK (sold >= 0),
  returned bigint NOT NULL CONSTRAINT flash_sale_item_returned_check CHECK (returned >= 0),
  closed boolean NOT NULL,
  CONSTRAINT flash_sale_item_pkey PRIMARY KEY (flash_sale, sku),
  CONSTRAINT flash_sale_item_whole_check CHECK (available + reserved + sold + returned = stock),
  CONSTRAINT flash_sale_item_closed_check CHECK (NOT closed OR available = 0)
);

CREATE TABLE flash_sale_customer (
  flash_sale UUID NOT NULL CONSTRAINT flash_sale_customer_sale_fkey REFERENCES flash_sale (id),
  customer UUID NOT NULL,
  bought bigint NOT NULL,
  most bigint NOT NULL,
  CONSTRAINT flash_sale_customer_pkey PRIMARY KEY (flash_sale, customer),
  CONSTRAINT flash_sale_customer_limit_check CHECK (bought BETWEEN 0 AND most)
);

-- A purchase prepared before it counts: everything its order will say.
CREATE TABLE flash_sale_pass (
  id UUID PRIMARY KEY,
  flash_sale UUID NOT NULL CONSTRAINT flash_sale_pass_sale_fkey REFERENCES flash_sale (id),
  customer UUID NOT NULL,
  sku UUID NOT NULL,
  quantity bigint NOT NULL CONSTRAINT flash_sale_pass_quantity_check CHECK (quantity >= 1),
  order_id UUID NOT NULL CONSTRAINT flash_sale_pass_order_key UNIQUE,
  total_minor bigint NOT NULL,
  currency text NOT NULL,
  prepared JSON NOT NULL,
  created_at bigint NOT NULL
);
CREATE INDEX flash_sale_pass_of_sale ON flash_sale_pass (flash_sale, customer);

-- One row per pass that got its goods: a pass is an order at most once.
CREATE TABLE flash_sale_purchase (
  pass UUID PRIMARY KEY,
  flash_sale UUID NOT NULL CONSTRAINT flash_sale_purchase_sale_fkey REFERENCES flash_sale (id),
  sku UUID NOT NULL,
  customer UUID NOT NULL,
  order_id UUID NOT NULL CONSTRAINT flash_sale_purchase_order_key UNIQUE,
  quantity bigint NOT NULL CONSTRAINT flash_sale_purchase_quantity_check CHECK (quantity >= 1),
  state text NOT NULL CONSTRAINT flash_sale_purchase_state_check CHECK (state IN ('RESERVED', 'SOLD', 'RETURNED')),
  created_at bigint NOT NULL,
  settled_at bigint
);
CREATE INDEX flash_sale_purchase_of_customer ON flash_sale_purchase (customer, flash_sale);
"#;
