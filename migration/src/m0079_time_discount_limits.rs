//! How many pieces go at the lower prices of a limited-time discount, of one customer and in all; and which orders hold
//! them.

pub(super) const SQL: &str = r#"
ALTER TABLE time_discount ADD COLUMN most_per_customer bigint CONSTRAINT time_discount_each_check CHECK (most_per_customer >= 1);
ALTER TABLE time_discount ADD COLUMN most_in_all bigint CONSTRAINT time_discount_all_check CHECK (most_in_all >= 1);
ALTER TABLE time_discount ADD COLUMN used bigint NOT NULL DEFAULT 0 CONSTRAINT time_discount_used_check CHECK (used >= 0 AND (most_in_all IS NULL OR used <= most_in_all));

CREATE TABLE time_discount_customer (
  time_discount UUID NOT NULL CONSTRAINT time_discount_customer_fkey REFERENCES time_discount (id),
  customer UUID NOT NULL,
  used bigint NOT NULL CONSTRAINT time_discount_customer_used_check CHECK (used >= 0),
  CONSTRAINT time_discount_customer_pkey PRIMARY KEY (time_discount, customer)
);

CREATE TABLE time_discount_hold (
  order_id UUID NOT NULL,
  time_discount UUID NOT NULL CONSTRAINT time_discount_hold_fkey REFERENCES time_discount (id),
  customer UUID NOT NULL,
  pieces bigint NOT NULL CONSTRAINT time_discount_hold_pieces_check CHECK (pieces >= 1),
  CONSTRAINT time_discount_hold_pkey PRIMARY KEY (order_id, time_discount)
);
"#;
