//! Presales, what they ask for which SKU, and who reserved what.
//!
//! What must never be wrong is refused by the tables: a deposit above a fifth of the price that could be forfeited
//! (Civil Code of the PRC, art. 586), more reservations than there are pieces, a reservation paid in full without a
//! deposit.

pub(super) const SQL: &str = r#"
CREATE TABLE presale (
  id UUID PRIMARY KEY,
  title JSON NOT NULL,
  product UUID NOT NULL,
  state text NOT NULL CONSTRAINT presale_state_check CHECK (state IN ('DRAFT', 'PUBLISHED', 'PAUSED', 'ENDED')),
  mode text NOT NULL CONSTRAINT presale_mode_check CHECK (mode IN ('DEPOSIT', 'FULL')),
  forfeits boolean NOT NULL,
  protects_price boolean NOT NULL,
  currency text NOT NULL,
  starts_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  balance_from bigint NOT NULL,
  balance_until bigint NOT NULL,
  ship_by bigint NOT NULL,
  most_per_customer bigint CONSTRAINT presale_limit_check CHECK (most_per_customer >= 1),
  reserved bigint NOT NULL,
  paid bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT presale_window_check CHECK (starts_at < ends_at AND ends_at <= balance_from AND balance_from <= balance_until
    AND balance_until <= ship_by),
  CONSTRAINT presale_counts_check CHECK (reserved >= 0 AND paid >= 0 AND paid <= reserved)
);
CREATE INDEX presale_by_state ON presale (state, id);
CREATE INDEX presale_ticking ON presale (ends_at) WHERE state IN ('PUBLISHED', 'PAUSED');

-- What one piece costs, how much of it is paid down, what the deposit is worth against the price, and how many there are.
CREATE TABLE presale_sku (
  presale UUID NOT NULL REFERENCES presale (id),
  sku UUID NOT NULL,
  price_minor bigint NOT NULL,
  deposit_minor bigint NOT NULL,
  worth_minor bigint NOT NULL,
  forfeits boolean NOT NULL,
  in_full boolean NOT NULL,
  stock bigint NOT NULL,
  taken bigint NOT NULL,
  CONSTRAINT presale_sku_pkey PRIMARY KEY (presale, sku),
  CONSTRAINT presale_sku_price_check CHECK (deposit_minor >= 1 AND (in_full OR (deposit_minor <= worth_minor AND worth_minor < price_minor))),
  CONSTRAINT presale_sku_deposit_check CHECK (in_full OR NOT forfeits OR deposit_minor * 5 <= price_minor),
  CONSTRAINT presale_sku_stock_check CHECK (taken >= 0 AND taken <= stock)
);

CREATE TABLE presale_reservation (
  id UUID PRIMARY KEY,
  presale UUID NOT NULL REFERENCES presale (id),
  customer UUID NOT NULL,
  sku UUID NOT NULL,
  quantity bigint NOT NULL CONSTRAINT presale_reservation_quantity_check CHECK (quantity >= 1),
  state text NOT NULL CONSTRAINT presale_reservation_state_check
    CHECK (state IN ('DEPOSIT_DUE', 'DEPOSIT_PAID', 'BALANCE_DUE', 'PAID', 'FORFEITED', 'REFUNDED', 'RELEASED')),
  terms JSON NOT NULL,
  deposit_order UUID NOT NULL,
  balance_order UUID,
  set_aside boolean NOT NULL,
  refund_reason text,
  balance_from bigint NOT NULL,
  balance_until bigint NOT NULL,
  reminded_at bigint,
  created_at bigint NOT NULL,
  deposit_paid_at bigint,
  paid_at bigint,
  ended_at bigint,
  CONSTRAINT presale_reservation_paid_check CHECK (state <> 'PAID' OR (deposit_paid_at IS NOT NULL AND paid_at IS NOT NULL))
);
CREATE UNIQUE INDEX presale_reservation_deposit_key ON presale_reservation (deposit_order);
CREATE UNIQUE INDEX presale_reservation_balance_key ON presale_reservation (balance_order) WHERE balance_order IS NOT NULL;
CREATE INDEX presale_reservation_of_presale ON presale_reservation (presale, id);
CREATE INDEX presale_reservation_of_customer ON presale_reservation (customer, id);
CREATE INDEX presale_reservation_due ON presale_reservation (balance_from) WHERE state = 'DEPOSIT_PAID';
CREATE INDEX presale_reservation_lapsing ON presale_reservation (balance_until) WHERE state = 'BALANCE_DUE'
"#;
