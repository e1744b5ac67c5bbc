//! What is sold: shelves, pictures, products, SKUs, stock, and the words products are found by.

pub(super) const SQL: &str = r#"
CREATE TABLE category (
  id UUID PRIMARY KEY,
  parent UUID CONSTRAINT category_parent_fkey REFERENCES category (id),
  position bigint NOT NULL,
  name JSON NOT NULL,
  icon UUID,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT category_parent_check CHECK (parent <> id)
);
CREATE INDEX category_children ON category (parent, position);

-- A stored picture. Its bytes lie in the storage under a key made of their digest.
CREATE TABLE media (
  id UUID PRIMARY KEY,
  key text NOT NULL,
  content_type text NOT NULL,
  bytes bigint NOT NULL CONSTRAINT media_bytes_check CHECK (bytes > 0),
  width bigint,
  height bigint,
  file_name text NOT NULL,
  uploaded_by text NOT NULL,
  created_at bigint NOT NULL
);

CREATE TABLE product (
  id UUID PRIMARY KEY,
  status text NOT NULL CONSTRAINT product_status_check CHECK (status IN ('DRAFT', 'ON_SALE', 'OFF_SALE')),
  title JSON NOT NULL,
  subtitle JSON NOT NULL,
  description JSON NOT NULL,
  attributes JSON NOT NULL,
  options JSON NOT NULL,
  media JSON NOT NULL,
  external_reference text CONSTRAINT product_external_reference_key UNIQUE,
  currency text NOT NULL,
  min_price_minor bigint NOT NULL,
  max_price_minor bigint NOT NULL,
  sold_count bigint NOT NULL,
  published_at bigint,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT product_price_check CHECK (min_price_minor > 0 AND max_price_minor >= min_price_minor),
  CONSTRAINT product_published_check CHECK (status = 'DRAFT' OR published_at IS NOT NULL)
);
CREATE INDEX product_by_time ON product (published_at, id) WHERE status = 'ON_SALE';
CREATE INDEX product_by_price ON product (min_price_minor, id) WHERE status = 'ON_SALE';
CREATE INDEX product_by_sales ON product (sold_count, id) WHERE status = 'ON_SALE';

CREATE TABLE product_category (
  product UUID NOT NULL CONSTRAINT product_category_product_fkey REFERENCES product (id),
  category UUID NOT NULL CONSTRAINT product_category_category_fkey REFERENCES category (id),
  position bigint NOT NULL,
  CONSTRAINT product_category_pkey PRIMARY KEY (category, product)
);
CREATE INDEX product_category_of ON product_category (product, position);

CREATE TABLE sku (
  id UUID PRIMARY KEY,
  product UUID NOT NULL CONSTRAINT sku_product_fkey REFERENCES product (id),
  position bigint NOT NULL,
  code text NOT NULL CONSTRAINT sku_code_key UNIQUE,
  choices JSON NOT NULL,
  label JSON NOT NULL,
  price_minor bigint NOT NULL CONSTRAINT sku_price_check CHECK (price_minor > 0),
  market_price_minor bigint CONSTRAINT sku_market_price_check CHECK (market_price_minor >= price_minor),
  currency text NOT NULL,
  weight_grams bigint NOT NULL CONSTRAINT sku_weight_check CHECK (weight_grams >= 0),
  image UUID,
  status text NOT NULL CONSTRAINT sku_status_check CHECK (status IN ('ACTIVE', 'RETIRED')),
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);
CREATE INDEX sku_of_product ON sku (product, position);

-- What lies on the shelf, and how much of it is promised. What can be bought is the difference.
CREATE TABLE stock (
  sku UUID PRIMARY KEY CONSTRAINT stock_sku_fkey REFERENCES sku (id),
  on_hand bigint NOT NULL,
  reserved bigint NOT NULL,
  sold bigint NOT NULL CONSTRAINT stock_sold_check CHECK (sold >= 0),
  updated_at bigint NOT NULL,
  CONSTRAINT stock_reserved_check CHECK (reserved >= 0 AND reserved <= on_hand)
);

-- What an order holds of a SKU.
CREATE TABLE stock_reservation (
  order_id UUID NOT NULL,
  sku UUID NOT NULL CONSTRAINT stock_reservation_sku_fkey REFERENCES sku (id),
  quantity bigint NOT NULL CONSTRAINT stock_reservation_quantity_check CHECK (quantity > 0),
  returned bigint NOT NULL,
  state text NOT NULL CONSTRAINT stock_reservation_state_check CHECK (state IN ('HELD', 'COMMITTED', 'RELEASED')),
  expires_at bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT stock_reservation_pkey PRIMARY KEY (order_id, sku),
  CONSTRAINT stock_reservation_returned_check CHECK (returned >= 0 AND returned <= quantity)
);
CREATE INDEX stock_reservation_due ON stock_reservation (expires_at) WHERE state = 'HELD';

-- Every change of what lies on the shelf, for ever: the deltas of a SKU sum to its on_hand.
CREATE TABLE stock_movement (
  id UUID PRIMARY KEY,
  sku UUID NOT NULL CONSTRAINT stock_movement_sku_fkey REFERENCES sku (id),
  kind text NOT NULL CONSTRAINT stock_movement_kind_check CHECK (kind IN ('OPENED', 'ADJUSTED', 'SOLD', 'RETURNED')),
  delta bigint NOT NULL CONSTRAINT stock_movement_delta_check CHECK (delta <> 0),
  on_hand bigint NOT NULL CONSTRAINT stock_movement_on_hand_check CHECK (on_hand >= 0),
  reference text NOT NULL,
  reason text NOT NULL,
  actor text NOT NULL,
  created_at bigint NOT NULL,
  CONSTRAINT stock_movement_once_key UNIQUE (sku, kind, reference)
);
CREATE INDEX stock_movement_of_sku ON stock_movement (sku, created_at, id);

-- The words a product is found by.
CREATE TABLE product_term (
  term text NOT NULL,
  product UUID NOT NULL CONSTRAINT product_term_product_fkey REFERENCES product (id),
  weight bigint NOT NULL,
  CONSTRAINT product_term_pkey PRIMARY KEY (term, product)
);
CREATE INDEX product_term_of ON product_term (product);
"#;
