//! Carts and quotes.

pub(super) const SQL: &str = r#"
-- What a customer means to buy; the customer is the cart.
CREATE TABLE cart_line (
  customer UUID NOT NULL,
  sku UUID NOT NULL,
  quantity bigint NOT NULL CONSTRAINT cart_line_quantity_check CHECK (quantity BETWEEN 1 AND 999),
  added_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT cart_line_pkey PRIMARY KEY (customer, sku)
);

-- A price promised for a while.
CREATE TABLE quote (
  id UUID PRIMARY KEY,
  customer UUID NOT NULL,
  lines JSON NOT NULL,
  trace JSON NOT NULL,
  goods_minor bigint NOT NULL,
  shipping_minor bigint NOT NULL,
  total_minor bigint NOT NULL,
  currency text NOT NULL,
  play_kind text,
  play_id text,
  play_team UUID,
  play_team_size bigint,
  used_by UUID CONSTRAINT quote_used_by_key UNIQUE,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  CONSTRAINT quote_total_check CHECK (goods_minor >= 0 AND shipping_minor >= 0 AND total_minor = goods_minor + shipping_minor),
  CONSTRAINT quote_play_check CHECK ((play_kind IS NULL) = (play_id IS NULL))
);
CREATE INDEX quote_unused ON quote (expires_at) WHERE used_by IS NULL;
"#;
