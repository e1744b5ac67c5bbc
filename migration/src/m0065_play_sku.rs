//! Which SKUs which play sells when. A SKU is in one exclusive play at a time.
//!
//! Two windows that overlap cannot be refused by a portable constraint, so whoever claims a SKU first takes its fence:
//! claims for one SKU come one after the other, and each sees those before it.

pub(super) const SQL: &str = r#"
CREATE TABLE play_sku (
  play_kind text NOT NULL,
  play_id text NOT NULL,
  sku_id UUID NOT NULL,
  title text NOT NULL,
  starts_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  CONSTRAINT play_sku_pkey PRIMARY KEY (play_kind, play_id, sku_id),
  CONSTRAINT play_sku_window_check CHECK (starts_at < ends_at)
);
CREATE INDEX play_sku_by_sku ON play_sku (sku_id, ends_at);

CREATE TABLE play_sku_fence (
  sku_id UUID PRIMARY KEY
);
"#;
