//! Address books.

pub(super) const SQL: &str = r#"
-- Where a shopper has goods sent to. Who and where is sealed; only the region is legible, because freight depends on it.
CREATE TABLE customer_address (
  id UUID PRIMARY KEY,
  customer UUID NOT NULL,
  sealed text NOT NULL,
  region_code text,
  is_default boolean NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);
CREATE INDEX customer_address_of_customer ON customer_address (customer, id);
CREATE UNIQUE INDEX customer_address_default_key ON customer_address (customer) WHERE is_default;
"#;
