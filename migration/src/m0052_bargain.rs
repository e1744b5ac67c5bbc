//! Bargain campaigns, their prices, the records customers begin, and the cuts friends make.
//!
//! What must never be wrong is wrong nowhere: a price below the floor, a floor reached with too few cuts or missed with
//! all of them, a helper who cut twice, a share drawn twice, an order without a record are all refused by the tables.

pub(super) const SQL: &str = r#"
CREATE TABLE bargain (
  id UUID PRIMARY KEY,
  title JSON NOT NULL,
  product UUID NOT NULL,
  state text NOT NULL CONSTRAINT bargain_state_check CHECK (state IN ('DRAFT', 'PUBLISHED', 'PAUSED', 'ENDED')),
  starts_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  currency text NOT NULL,
  cuts bigint CONSTRAINT bargain_cuts_check CHECK (cuts BETWEEN 1 AND 1000),
  average_cut_minor bigint CONSTRAINT bargain_average_check CHECK (average_cut_minor >= 1),
  run_hours bigint NOT NULL CONSTRAINT bargain_run_hours_check CHECK (run_hours BETWEEN 1 AND 720),
  pay_hours bigint NOT NULL CONSTRAINT bargain_pay_hours_check CHECK (pay_hours BETWEEN 1 AND 168),
  owner_cuts_first boolean NOT NULL,
  new_customer_draws bigint NOT NULL CONSTRAINT bargain_draws_check CHECK (new_customer_draws BETWEEN 1 AND 5),
  helper_daily_limit bigint CONSTRAINT bargain_daily_check CHECK (helper_daily_limit >= 1),
  sold_at_any_price boolean NOT NULL,
  most_per_customer bigint CONSTRAINT bargain_customer_limit_check CHECK (most_per_customer >= 1),
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT bargain_window_check CHECK (starts_at < ends_at),
  CONSTRAINT bargain_goal_check CHECK ((cuts IS NULL) <> (average_cut_minor IS NULL))
);
CREATE INDEX bargain_by_state ON bargain (state, id);

CREATE TABLE bargain_sku (
  bargain UUID NOT NULL REFERENCES bargain (id),
  sku UUID NOT NULL,
  first_minor bigint NOT NULL,
  floor_minor bigint NOT NULL CONSTRAINT bargain_sku_floor_check CHECK (floor_minor >= 1 AND floor_minor < first_minor),
  CONSTRAINT bargain_sku_pkey PRIMARY KEY (bargain, sku)
);

-- The row is locked before anything about the record changes; its price is always first minus what its cuts sum to.
CREATE TABLE bargain_record (
  id UUID PRIMARY KEY,
  bargain UUID NOT NULL REFERENCES bargain (id),
  owner UUID NOT NULL,
  product UUID NOT NULL,
  sku UUID NOT NULL,
  state text NOT NULL CONSTRAINT bargain_record_state_check
    CHECK (state IN ('RUNNING', 'FLOOR_REACHED', 'ORDERED', 'PAID', 'EXPIRED', 'PAY_EXPIRED')),
  terms JSON NOT NULL,
  first_minor bigint NOT NULL,
  floor_minor bigint NOT NULL,
  price_minor bigint NOT NULL,
  cuts bigint NOT NULL,
  cuts_made bigint NOT NULL,
  seed_hash text NOT NULL,
  sealed_seed text NOT NULL,
  deadline bigint NOT NULL,
  pay_by bigint,
  order_id UUID,
  running_in UUID,
  created_at bigint NOT NULL,
  ended_at bigint,
  CONSTRAINT bargain_record_price_check CHECK (price_minor BETWEEN floor_minor AND first_minor),
  CONSTRAINT bargain_record_cuts_check CHECK (cuts_made BETWEEN 0 AND cuts),
  CONSTRAINT bargain_record_floor_check CHECK ((price_minor = floor_minor) = (cuts_made = cuts)),
  CONSTRAINT bargain_record_reached_check CHECK (state NOT IN ('FLOOR_REACHED', 'PAY_EXPIRED') OR price_minor = floor_minor),
  CONSTRAINT bargain_record_running_check CHECK (state NOT IN ('RUNNING', 'EXPIRED') OR price_minor > floor_minor),
  CONSTRAINT bargain_record_pay_by_check CHECK ((pay_by IS NOT NULL) = (cuts_made = cuts)),
  CONSTRAINT bargain_record_order_check CHECK ((state IN ('ORDERED', 'PAID')) = (order_id IS NOT NULL))
);
CREATE UNIQUE INDEX bargain_record_running_key ON bargain_record (running_in, owner) WHERE running_in IS NOT NULL;
CREATE UNIQUE INDEX bargain_record_order_key ON bargain_record (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX bargain_record_due ON bargain_record (deadline) WHERE state = 'RUNNING';
CREATE INDEX bargain_record_pay_due ON bargain_record (pay_by) WHERE state = 'FLOOR_REACHED';
CREATE INDEX bargain_record_by_state ON bargain_record (bargain, state, id);
CREATE INDEX bargain_record_of_owner ON bargain_record (owner, bargain);

CREATE TABLE bargain_cut (
  record UUID NOT NULL REFERENCES bargain_record (id),
  no bigint NOT NULL CONSTRAINT bargain_cut_no_check CHECK (no >= 1),
  helper UUID NOT NULL,
  share_no bigint NOT NULL,
  amount_minor bigint NOT NULL CONSTRAINT bargain_cut_amount_check CHECK (amount_minor >= 1),
  price_minor bigint NOT NULL,
  draws bigint NOT NULL CONSTRAINT bargain_cut_draws_check CHECK (draws >= 1),
  salt text NOT NULL,
  created_at bigint NOT NULL,
  CONSTRAINT bargain_cut_pkey PRIMARY KEY (record, no)
);
CREATE UNIQUE INDEX bargain_cut_helper_key ON bargain_cut (record, helper);
CREATE UNIQUE INDEX bargain_cut_share_key ON bargain_cut (record, share_no);
CREATE INDEX bargain_cut_of_helper ON bargain_cut (helper);

-- How many cuts a helper made in a campaign on one day (in China's time).
CREATE TABLE bargain_helper_day (
  bargain UUID NOT NULL,
  helper UUID NOT NULL,
  day text NOT NULL,
  cuts bigint NOT NULL CONSTRAINT bargain_helper_day_cuts_check CHECK (cuts >= 1),
  CONSTRAINT bargain_helper_day_pkey PRIMARY KEY (bargain, helper, day)
);
"#;
