//! Group-buy campaigns, their prices, the teams that gather and the seats in them.
//!
//! What must never be wrong is wrong nowhere: a team that counts more seats than it has, a formed team that lacks some,
//! two people on one seat, one person on two, one customer in two unfinished teams are all refused by the tables.

pub(super) const SQL: &str = r#"
CREATE TABLE group_buy (
  id UUID PRIMARY KEY,
  title JSON NOT NULL,
  product UUID NOT NULL,
  state text NOT NULL CONSTRAINT group_buy_state_check CHECK (state IN ('DRAFT', 'SCHEDULED', 'RUNNING', 'PAUSED', 'ENDED')),
  starts_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  currency text NOT NULL,
  team_hours bigint NOT NULL CONSTRAINT group_buy_team_hours_check CHECK (team_hours BETWEEN 1 AND 168),
  seat_hold_minutes bigint NOT NULL CONSTRAINT group_buy_seat_hold_check CHECK (seat_hold_minutes >= 1),
  new_customers_only boolean NOT NULL,
  leader_discount_minor bigint,
  leader_discount_bps bigint,
  leader_commission_bps bigint NOT NULL
    CONSTRAINT group_buy_commission_check CHECK (leader_commission_bps BETWEEN 0 AND 10000),
  most_per_order bigint NOT NULL CONSTRAINT group_buy_order_limit_check CHECK (most_per_order >= 1),
  most_per_customer bigint CONSTRAINT group_buy_customer_limit_check CHECK (most_per_customer >= most_per_order),
  virtual_from_percent bigint CONSTRAINT group_buy_virtual_check CHECK (virtual_from_percent BETWEEN 50 AND 99),
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT group_buy_window_check CHECK (starts_at < ends_at),
  CONSTRAINT group_buy_discount_check CHECK (leader_discount_minor IS NULL OR leader_discount_bps IS NULL)
);
CREATE INDEX group_buy_by_state ON group_buy (state, id);
CREATE INDEX group_buy_ticking ON group_buy (ends_at) WHERE state IN ('SCHEDULED', 'RUNNING', 'PAUSED');

-- One price per SKU and team size: the ladder.
CREATE TABLE group_buy_sku (
  group_buy UUID NOT NULL REFERENCES group_buy (id),
  sku UUID NOT NULL,
  team_size bigint NOT NULL CONSTRAINT group_buy_sku_size_check CHECK (team_size BETWEEN 2 AND 100),
  price_minor bigint NOT NULL CONSTRAINT group_buy_sku_price_check CHECK (price_minor >= 1),
  CONSTRAINT group_buy_sku_pkey PRIMARY KEY (group_buy, sku, team_size)
);

-- The row is locked before anything about the team changes; its counters always say what its seats say.
CREATE TABLE group_buy_team (
  id UUID PRIMARY KEY,
  group_buy UUID NOT NULL REFERENCES group_buy (id),
  state text NOT NULL CONSTRAINT group_buy_team_state_check CHECK (state IN ('PENDING', 'OPEN', 'FORMED', 'FAILED')),
  size bigint NOT NULL CONSTRAINT group_buy_team_size_check CHECK (size BETWEEN 2 AND 100),
  terms JSON NOT NULL,
  leader_seat UUID NOT NULL,
  leader UUID NOT NULL,
  deadline bigint,
  confirmed bigint NOT NULL,
  held bigint NOT NULL,
  virtual_seats bigint NOT NULL,
  created_at bigint NOT NULL,
  ended_at bigint,
  CONSTRAINT group_buy_team_seats_check
    CHECK (confirmed >= 0 AND held >= 0 AND virtual_seats >= 0 AND confirmed + held + virtual_seats <= size),
  CONSTRAINT group_buy_team_formed_check CHECK (state <> 'FORMED' OR confirmed + virtual_seats = size),
  CONSTRAINT group_buy_team_virtual_check CHECK (state = 'FORMED' OR virtual_seats = 0),
  CONSTRAINT group_buy_team_open_check CHECK (state <> 'OPEN' OR (deadline IS NOT NULL AND confirmed BETWEEN 1 AND size - 1))
);
CREATE INDEX group_buy_team_fullest ON group_buy_team (group_buy, (size - confirmed), deadline) WHERE state = 'OPEN';
CREATE INDEX group_buy_team_due ON group_buy_team (deadline) WHERE state = 'OPEN';
CREATE INDEX group_buy_team_by_state ON group_buy_team (group_buy, state, id);

CREATE TABLE group_buy_seat (
  id UUID PRIMARY KEY,
  team UUID NOT NULL REFERENCES group_buy_team (id),
  group_buy UUID NOT NULL REFERENCES group_buy (id),
  seat_no bigint NOT NULL CONSTRAINT group_buy_seat_no_check CHECK (seat_no BETWEEN 1 AND 100),
  customer UUID NOT NULL,
  order_id UUID NOT NULL,
  sku UUID NOT NULL,
  quantity bigint NOT NULL CONSTRAINT group_buy_seat_quantity_check CHECK (quantity >= 1),
  state text NOT NULL CONSTRAINT group_buy_seat_state_check CHECK (state IN ('RESERVED', 'CONFIRMED', 'RELEASED', 'REFUNDED')),
  when_full text NOT NULL CONSTRAINT group_buy_seat_when_full_check CHECK (when_full IN ('JOIN_OTHER', 'OPEN_NEW', 'REFUND')),
  inviter UUID,
  running_in UUID,
  refund_reason text,
  held_until bigint NOT NULL,
  created_at bigint NOT NULL,
  confirmed_at bigint,
  ended_at bigint
);
CREATE UNIQUE INDEX group_buy_seat_no_key ON group_buy_seat (team, seat_no) WHERE state IN ('RESERVED', 'CONFIRMED');
CREATE UNIQUE INDEX group_buy_seat_customer_key ON group_buy_seat (team, customer) WHERE state IN ('RESERVED', 'CONFIRMED');
CREATE UNIQUE INDEX group_buy_seat_order_key ON group_buy_seat (order_id) WHERE state IN ('RESERVED', 'CONFIRMED');
CREATE UNIQUE INDEX group_buy_seat_running_key ON group_buy_seat (running_in, customer) WHERE running_in IS NOT NULL;
CREATE INDEX group_buy_seat_team ON group_buy_seat (team, seat_no);
CREATE INDEX group_buy_seat_held ON group_buy_seat (held_until) WHERE state = 'RESERVED';
CREATE INDEX group_buy_seat_order ON group_buy_seat (order_id);
CREATE INDEX group_buy_seat_of_customer ON group_buy_seat (customer, group_buy);
"#;
