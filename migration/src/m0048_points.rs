//! Points: lots that are frozen, then spendable, then expired; and what orders hold of them.

pub(super) const SQL: &str = r#"
-- Points that came together and expire together. What is left of a customer's lots is what the books say.
CREATE TABLE points_lot (
  id UUID PRIMARY KEY,
  customer UUID NOT NULL,
  source_kind text NOT NULL,
  source_id text NOT NULL,
  points bigint NOT NULL CONSTRAINT points_lot_points_check CHECK (points > 0),
  remaining bigint NOT NULL,
  taken_back bigint NOT NULL,
  released boolean NOT NULL,
  available_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  created_at bigint NOT NULL,
  CONSTRAINT points_lot_source_key UNIQUE (source_kind, source_id),
  CONSTRAINT points_lot_remaining_check CHECK (remaining >= 0 AND remaining <= points),
  CONSTRAINT points_lot_taken_back_check CHECK (taken_back >= 0 AND taken_back <= points)
);
CREATE INDEX points_lot_of_customer ON points_lot (customer, expires_at, id) WHERE remaining > 0;
CREATE INDEX points_lot_frozen ON points_lot (available_at) WHERE NOT released;
CREATE INDEX points_lot_to_expire ON points_lot (expires_at) WHERE released AND remaining > 0;

-- Points an order put aside.
CREATE TABLE points_hold (
  order_id UUID PRIMARY KEY,
  customer UUID NOT NULL,
  points bigint NOT NULL CONSTRAINT points_hold_points_check CHECK (points > 0),
  state text NOT NULL CONSTRAINT points_hold_state_check CHECK (state IN ('HELD', 'SPENT', 'RETURNED')),
  given_back bigint NOT NULL,
  created_at bigint NOT NULL,
  ended_at bigint,
  CONSTRAINT points_hold_given_back_check CHECK (given_back >= 0 AND given_back <= points)
);
-- Of which lots, in the order they were taken.
CREATE TABLE points_hold_part (
  order_id UUID NOT NULL CONSTRAINT points_hold_part_hold_fkey REFERENCES points_hold (order_id),
  position bigint NOT NULL,
  lot UUID NOT NULL CONSTRAINT points_hold_part_lot_fkey REFERENCES points_lot (id),
  points bigint NOT NULL CONSTRAINT points_hold_part_points_check CHECK (points > 0),
  given_back bigint NOT NULL,
  CONSTRAINT points_hold_part_pkey PRIMARY KEY (order_id, position),
  CONSTRAINT points_hold_part_given_back_check CHECK (given_back >= 0 AND given_back <= points)
);
"#;
