//! Reductions of a whole basket, prices for a while, and prices for members.

pub(super) const SQL: &str = r#"
CREATE TABLE reduction (
  id UUID PRIMARY KEY,
  title JSON NOT NULL,
  state text NOT NULL CONSTRAINT reduction_state_check CHECK (state IN ('DRAFT', 'ACTIVE', 'STOPPED')),
  terms JSON NOT NULL,
  priority bigint NOT NULL,
  starts_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT reduction_window_check CHECK (starts_at < ends_at)
);
CREATE INDEX reduction_running ON reduction (ends_at) WHERE state = 'ACTIVE';

CREATE TABLE time_discount (
  id UUID PRIMARY KEY,
  title JSON NOT NULL,
  state text NOT NULL CONSTRAINT time_discount_state_check CHECK (state IN ('DRAFT', 'ACTIVE', 'STOPPED')),
  starts_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT time_discount_window_check CHECK (starts_at < ends_at)
);

CREATE TABLE time_discount_sku (
  time_discount UUID NOT NULL CONSTRAINT time_discount_sku_fkey REFERENCES time_discount (id),
  sku UUID NOT NULL,
  price_minor bigint CONSTRAINT time_discount_sku_price_check CHECK (price_minor >= 1),
  off_bps bigint CONSTRAINT time_discount_sku_off_check CHECK (off_bps BETWEEN 1 AND 9999),
  CONSTRAINT time_discount_sku_pkey PRIMARY KEY (sku, time_discount),
  CONSTRAINT time_discount_sku_one_check CHECK ((price_minor IS NULL) <> (off_bps IS NULL))
);
CREATE INDEX time_discount_sku_of ON time_discount_sku (time_discount);

CREATE TABLE member_level (
  id UUID PRIMARY KEY,
  rank bigint NOT NULL CONSTRAINT member_level_rank_key UNIQUE,
  name JSON NOT NULL,
  off_bps bigint NOT NULL CONSTRAINT member_level_off_check CHECK (off_bps BETWEEN 0 AND 9999),
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);

-- What a level pays for a SKU instead of the level's usual share off.
CREATE TABLE member_price (
  level UUID NOT NULL CONSTRAINT member_price_level_fkey REFERENCES member_level (id),
  sku UUID NOT NULL,
  price_minor bigint NOT NULL CONSTRAINT member_price_check CHECK (price_minor >= 1),
  CONSTRAINT member_price_pkey PRIMARY KEY (sku, level)
);

-- Who stands on which level, and until when.
CREATE TABLE member (
  customer UUID PRIMARY KEY,
  level UUID NOT NULL CONSTRAINT member_level_fkey REFERENCES member_level (id),
  until bigint,
  updated_at bigint NOT NULL
);
"#;
