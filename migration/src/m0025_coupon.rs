//! Coupons: what is given out, to whom, and what became of it.
//!
//! The tables refuse what must never be: more coupons than there are, more than one person may have, a coupon that is
//! held or spent by no order.

pub(super) const SQL: &str = r#"
-- What the clock and the rows of promotion are compared by: every change counts it up.
CREATE TABLE promotion_revision (
  id bigint PRIMARY KEY CONSTRAINT promotion_revision_one_check CHECK (id = 1),
  revision bigint NOT NULL
);
INSERT INTO promotion_revision (id, revision) VALUES (1, 1);

-- Points, tax, donations and the usual freight: one row.
CREATE TABLE pricing_setting (
  id bigint PRIMARY KEY CONSTRAINT pricing_setting_one_check CHECK (id = 1),
  terms JSON NOT NULL,
  updated_at bigint NOT NULL
);

CREATE TABLE coupon_template (
  id UUID PRIMARY KEY,
  title JSON NOT NULL,
  state text NOT NULL CONSTRAINT coupon_template_state_check CHECK (state IN ('DRAFT', 'ACTIVE', 'STOPPED')),
  terms JSON NOT NULL,
  kind text NOT NULL CONSTRAINT coupon_template_kind_check CHECK (kind IN ('CASH', 'PERCENT', 'FREE_SHIPPING', 'EXCHANGE')),
  way text NOT NULL CONSTRAINT coupon_template_way_check
    CHECK (way IN ('CLAIM', 'CODE', 'STAFF', 'REGISTER', 'BIRTHDAY', 'ORDER_PAID', 'CHECK_IN')),
  code text CONSTRAINT coupon_template_code_key UNIQUE,
  quota bigint CONSTRAINT coupon_template_quota_check CHECK (quota >= 1),
  per_customer bigint NOT NULL CONSTRAINT coupon_template_per_customer_check CHECK (per_customer >= 1),
  taken bigint NOT NULL,
  claim_from bigint NOT NULL,
  claim_until bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT coupon_template_taken_check CHECK (taken >= 0 AND (quota IS NULL OR taken <= quota)),
  CONSTRAINT coupon_template_window_check CHECK (claim_from < claim_until)
);
CREATE INDEX coupon_template_offered ON coupon_template (way, claim_until) WHERE state = 'ACTIVE';

-- One customer's coupon. `nth` is which of this template it is of theirs: two claims at once cannot both be the first.
CREATE TABLE coupon (
  id UUID PRIMARY KEY,
  template UUID NOT NULL CONSTRAINT coupon_template_fkey REFERENCES coupon_template (id),
  customer UUID NOT NULL,
  nth bigint NOT NULL,
  state text NOT NULL CONSTRAINT coupon_state_check CHECK (state IN ('AVAILABLE', 'HELD', 'SPENT', 'EXPIRED')),
  source text NOT NULL,
  valid_from bigint NOT NULL,
  valid_until bigint NOT NULL,
  order_id UUID,
  taken_at bigint NOT NULL,
  held_at bigint,
  spent_at bigint,
  updated_at bigint NOT NULL,
  CONSTRAINT coupon_nth_key UNIQUE (template, customer, nth),
  CONSTRAINT coupon_source_key UNIQUE (template, customer, source),
  CONSTRAINT coupon_order_check CHECK ((state IN ('HELD', 'SPENT')) = (order_id IS NOT NULL))
);
CREATE INDEX coupon_of_customer ON coupon (customer, state, valid_until);
CREATE INDEX coupon_of_order ON coupon (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX coupon_ending ON coupon (valid_until) WHERE state = 'AVAILABLE';

-- A code that gives one coupon, once.
CREATE TABLE coupon_code (
  code text PRIMARY KEY,
  template UUID NOT NULL CONSTRAINT coupon_code_template_fkey REFERENCES coupon_template (id),
  used_by UUID,
  used_at bigint,
  created_at bigint NOT NULL
);
CREATE INDEX coupon_code_of ON coupon_code (template, created_at);
"#;
