//! Stock of a play's own: taken off what everybody can buy, given out to the play's orders, returned at its end.

pub(super) const SQL: &str = r#"
-- Counts as promised: `stock.reserved` is what orders hold and what lies in allotments.
CREATE TABLE stock_allotment (
  id UUID NOT NULL,
  sku UUID NOT NULL CONSTRAINT stock_allotment_sku_fkey REFERENCES sku (id),
  quantity bigint NOT NULL CONSTRAINT stock_allotment_quantity_check CHECK (quantity >= 0),
  closed boolean NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT stock_allotment_pkey PRIMARY KEY (id, sku),
  CONSTRAINT stock_allotment_closed_check CHECK (NOT closed OR quantity = 0)
);

-- Out of which allotment an order's hold was taken: it goes back there while that is open.
ALTER TABLE stock_reservation ADD COLUMN allotment UUID;
"#;
