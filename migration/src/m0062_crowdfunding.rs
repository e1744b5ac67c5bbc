//! Crowdfundings, their rewards, what backers pledged, what they were told and asked.
//!
//! More pledges than rewards, two backers with one numbered piece, two votes of one backer are refused by the tables.

pub(super) const SQL: &str = r#"
CREATE TABLE crowdfunding (
  id UUID PRIMARY KEY,
  title JSON NOT NULL,
  product UUID NOT NULL,
  state text NOT NULL CONSTRAINT crowdfunding_state_check
    CHECK (state IN ('DRAFT', 'PUBLISHED', 'PAUSED', 'SUCCEEDED', 'FAILED')),
  goal_kind text NOT NULL CONSTRAINT crowdfunding_goal_kind_check CHECK (goal_kind IN ('AMOUNT', 'UNITS')),
  goal bigint NOT NULL CONSTRAINT crowdfunding_goal_check CHECK (goal >= 1),
  keeps_all boolean NOT NULL,
  currency text NOT NULL,
  starts_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  ship_by bigint NOT NULL,
  raised_minor bigint NOT NULL,
  units bigint NOT NULL,
  backers bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  ended_at bigint,
  CONSTRAINT crowdfunding_window_check CHECK (starts_at < ends_at AND ends_at <= ship_by),
  CONSTRAINT crowdfunding_counts_check CHECK (raised_minor >= 0 AND units >= 0 AND backers >= 0 AND backers <= units)
);
CREATE INDEX crowdfunding_by_state ON crowdfunding (state, id);
CREATE INDEX crowdfunding_due ON crowdfunding (ends_at) WHERE state IN ('PUBLISHED', 'PAUSED');

CREATE TABLE crowdfunding_tier (
  id UUID PRIMARY KEY,
  crowdfunding UUID NOT NULL REFERENCES crowdfunding (id),
  position bigint NOT NULL,
  title JSON NOT NULL,
  sku UUID NOT NULL,
  price_minor bigint NOT NULL CONSTRAINT crowdfunding_tier_price_check CHECK (price_minor >= 1),
  stock bigint,
  taken bigint NOT NULL,
  numbered boolean NOT NULL,
  most_per_customer bigint CONSTRAINT crowdfunding_tier_limit_check CHECK (most_per_customer >= 1),
  CONSTRAINT crowdfunding_tier_stock_check CHECK (taken >= 0 AND (stock IS NULL OR taken <= stock))
);
CREATE UNIQUE INDEX crowdfunding_tier_position_key ON crowdfunding_tier (crowdfunding, position);

-- What is promised beyond the goal.
CREATE TABLE crowdfunding_stretch (
  crowdfunding UUID NOT NULL REFERENCES crowdfunding (id),
  goal bigint NOT NULL CONSTRAINT crowdfunding_stretch_goal_check CHECK (goal >= 1),
  title JSON NOT NULL,
  CONSTRAINT crowdfunding_stretch_pkey PRIMARY KEY (crowdfunding, goal)
);

CREATE TABLE crowdfunding_pledge (
  id UUID PRIMARY KEY,
  crowdfunding UUID NOT NULL REFERENCES crowdfunding (id),
  tier UUID NOT NULL REFERENCES crowdfunding_tier (id),
  customer UUID NOT NULL,
  order_id UUID NOT NULL,
  quantity bigint NOT NULL CONSTRAINT crowdfunding_pledge_quantity_check CHECK (quantity >= 1),
  amount_minor bigint NOT NULL CONSTRAINT crowdfunding_pledge_amount_check CHECK (amount_minor >= 1),
  state text NOT NULL CONSTRAINT crowdfunding_pledge_state_check
    CHECK (state IN ('RESERVED', 'PLEDGED', 'RELEASED', 'REFUNDED')),
  edition_no bigint,
  refund_reason text,
  created_at bigint NOT NULL,
  paid_at bigint,
  ended_at bigint,
  CONSTRAINT crowdfunding_pledge_paid_check CHECK (state <> 'PLEDGED' OR paid_at IS NOT NULL)
);
CREATE UNIQUE INDEX crowdfunding_pledge_order_key ON crowdfunding_pledge (order_id);
CREATE UNIQUE INDEX crowdfunding_pledge_edition_key ON crowdfunding_pledge (tier, edition_no) WHERE edition_no IS NOT NULL;
CREATE INDEX crowdfunding_pledge_of ON crowdfunding_pledge (crowdfunding, state, id);
CREATE INDEX crowdfunding_pledge_of_customer ON crowdfunding_pledge (customer, id);

CREATE TABLE crowdfunding_update (
  id UUID PRIMARY KEY,
  crowdfunding UUID NOT NULL REFERENCES crowdfunding (id),
  title JSON NOT NULL,
  body JSON NOT NULL,
  created_at bigint NOT NULL
);
CREATE INDEX crowdfunding_update_of ON crowdfunding_update (crowdfunding, id);

-- A question to the backers: who pledged has one vote.
CREATE TABLE crowdfunding_poll (
  id UUID PRIMARY KEY,
  crowdfunding UUID NOT NULL REFERENCES crowdfunding (id),
  question JSON NOT NULL,
  options JSON NOT NULL,
  closes_at bigint NOT NULL,
  created_at bigint NOT NULL
);
CREATE INDEX crowdfunding_poll_of ON crowdfunding_poll (crowdfunding, id);

CREATE TABLE crowdfunding_vote (
  poll UUID NOT NULL REFERENCES crowdfunding_poll (id),
  customer UUID NOT NULL,
  choice bigint NOT NULL CONSTRAINT crowdfunding_vote_choice_check CHECK (choice >= 0),
  voted_at bigint NOT NULL,
  CONSTRAINT crowdfunding_vote_pkey PRIMARY KEY (poll, customer)
)
"#;
