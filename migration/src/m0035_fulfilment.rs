//! Parcels and where they are, stores, and what waits there to be picked up.

pub(super) const SQL: &str = r#"
-- What left the house in one piece for one order.
CREATE TABLE trade_parcel (
  id UUID PRIMARY KEY,
  order_id UUID NOT NULL CONSTRAINT trade_parcel_order_fkey REFERENCES trade_order (id),
  number bigint NOT NULL CONSTRAINT trade_parcel_number_check CHECK (number > 0),
  carrier text NOT NULL,
  carrier_code text,
  tracking_no text NOT NULL,
  state text NOT NULL CONSTRAINT trade_parcel_state_check CHECK (state IN ('SENT', 'COLLECTED', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'PROBLEM', 'DELIVERED', 'RETURNED')),
  watch text NOT NULL CONSTRAINT trade_parcel_watch_check CHECK (watch IN ('NONE', 'WANTED', 'WATCHED', 'ENDED')),
  next_query_at bigint,
  queries bigint NOT NULL,
  shipped_by text NOT NULL,
  shipped_at bigint NOT NULL,
  tracked_at bigint,
  delivered_at bigint,
  CONSTRAINT trade_parcel_number_key UNIQUE (order_id, number),
  CONSTRAINT trade_parcel_tracking_key UNIQUE (order_id, tracking_no),
  CONSTRAINT trade_parcel_delivered_check CHECK ((state = 'DELIVERED') = (delivered_at IS NOT NULL))
);
CREATE INDEX trade_parcel_by_tracking ON trade_parcel (tracking_no);
CREATE INDEX trade_parcel_to_query ON trade_parcel (next_query_at) WHERE next_query_at IS NOT NULL;

-- What is in it.
CREATE TABLE trade_parcel_line (
  parcel UUID NOT NULL CONSTRAINT trade_parcel_line_parcel_fkey REFERENCES trade_parcel (id),
  order_line UUID NOT NULL CONSTRAINT trade_parcel_line_line_fkey REFERENCES trade_order_line (id),
  quantity bigint NOT NULL CONSTRAINT trade_parcel_line_quantity_check CHECK (quantity > 0),
  CONSTRAINT trade_parcel_line_pkey PRIMARY KEY (parcel, order_line)
);

-- Where the carrier says it was, append-only; told again, it is known.
CREATE TABLE trade_parcel_track (
  parcel UUID NOT NULL CONSTRAINT trade_parcel_track_parcel_fkey REFERENCES trade_parcel (id),
  digest text NOT NULL,
  at bigint NOT NULL,
  state text,
  text text NOT NULL,
  place text,
  told_at bigint NOT NULL,
  CONSTRAINT trade_parcel_track_pkey PRIMARY KEY (parcel, digest)
);

-- A shop with a door.
CREATE TABLE trade_store (
  id UUID PRIMARY KEY,
  name text NOT NULL,
  phone text NOT NULL,
  region text NOT NULL,
  street text NOT NULL,
  hours text NOT NULL,
  is_open boolean NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);

-- What waits at a store. The code that opens it is kept nowhere: it is derived from the order and the issue.
CREATE TABLE trade_pickup (
  order_id UUID PRIMARY KEY CONSTRAINT trade_pickup_order_fkey REFERENCES trade_order (id),
  store UUID NOT NULL CONSTRAINT trade_pickup_store_fkey REFERENCES trade_store (id),
  issue bigint NOT NULL,
  tries bigint NOT NULL,
  ready_at bigint NOT NULL,
  ready_by text NOT NULL,
  collected_at bigint,
  collected_by text
);
CREATE INDEX trade_pickup_waiting ON trade_pickup (store, ready_at) WHERE collected_at IS NULL;
"#;
