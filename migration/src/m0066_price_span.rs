//! What a SKU cost when, and who decided it: a price holds from one moment to another, of a list or of an offer.
//!
//! Kept for the strike-through price, which by the price rules of the PRC is not above the lowest of the last seven days
//! unless its base is named. What there was before this table is taken as the price since the SKU was made.

pub(super) const SQL: &str = r#"
CREATE TABLE price_span (
  id UUID PRIMARY KEY,
  sku UUID NOT NULL,
  source_kind text NOT NULL,
  source_id text NOT NULL,
  title JSON,
  price_minor bigint NOT NULL CONSTRAINT price_span_price_check CHECK (price_minor >= 0),
  currency text NOT NULL,
  starts_at bigint NOT NULL,
  ends_at bigint,
  actor text NOT NULL,
  created_at bigint NOT NULL,
  CONSTRAINT price_span_window_check CHECK (ends_at IS NULL OR starts_at <= ends_at)
);
CREATE UNIQUE INDEX price_span_list_key ON price_span (sku) WHERE source_kind = 'list' AND ends_at IS NULL;
CREATE INDEX price_span_of_sku ON price_span (sku, starts_at);
CREATE INDEX price_span_of_source ON price_span (source_kind, source_id);

INSERT INTO price_span (id, sku, source_kind, source_id, title, price_minor, currency, starts_at, ends_at, actor, created_at)
SELECT id, id, 'list', '', NULL, price_minor, currency, created_at, NULL, 'system:migration', created_at FROM sku
"#;
