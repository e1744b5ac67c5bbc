//! After-sale cases.

pub(super) const SQL: &str = r#"
CREATE TABLE after_sale (
  id UUID PRIMARY KEY,
  case_no text NOT NULL CONSTRAINT after_sale_case_no_key UNIQUE,
  order_id UUID NOT NULL CONSTRAINT after_sale_order_fkey REFERENCES trade_order (id),
  customer UUID NOT NULL,
  kind text NOT NULL CONSTRAINT after_sale_kind_check CHECK (kind IN ('REFUND_ONLY', 'RETURN', 'EXCHANGE')),
  state text NOT NULL CONSTRAINT after_sale_state_check CHECK (state IN ('REQUESTED', 'AWAITING_RETURN', 'RETURNING', 'INSPECTING', 'REFUNDING', 'RESHIPPING', 'RESHIPPED', 'DONE', 'REJECTED', 'CANCELLED', 'ESCALATED')),
  reason text NOT NULL,
  note text NOT NULL,
  amount_minor bigint NOT NULL CONSTRAINT after_sale_amount_check CHECK (amount_minor >= 0),
  currency text NOT NULL,
  keeps_goods boolean NOT NULL,
  reduced boolean NOT NULL,
  with_shipping boolean NOT NULL,
  instant boolean NOT NULL,
  goods_back boolean NOT NULL,
  return_to text,
  carrier text,
  tracking_no text,
  reship_carrier text,
  reship_tracking_no text,
  refund UUID,
  refunds bigint NOT NULL,
  refusal text,
  due_at bigint,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  closed_at bigint,
  CONSTRAINT after_sale_due_check CHECK ((due_at IS NOT NULL) = (state IN ('REQUESTED', 'AWAITING_RETURN', 'RETURNING', 'INSPECTING', 'RESHIPPING', 'RESHIPPED'))),
  CONSTRAINT after_sale_closed_check CHECK ((closed_at IS NOT NULL) = (state IN ('DONE', 'REJECTED', 'CANCELLED')))
);
CREATE INDEX after_sale_of_order ON after_sale (order_id, id);
CREATE INDEX after_sale_of_customer ON after_sale (customer, id);
CREATE INDEX after_sale_by_state ON after_sale (state, id);
CREATE INDEX after_sale_due ON after_sale (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX after_sale_refund_key ON after_sale (refund) WHERE refund IS NOT NULL;

-- The pieces a case is about.
CREATE TABLE after_sale_line (
  after_sale UUID NOT NULL CONSTRAINT after_sale_line_after_sale_fkey REFERENCES after_sale (id),
  order_line UUID NOT NULL CONSTRAINT after_sale_line_order_line_fkey REFERENCES trade_order_line (id),
  sku UUID NOT NULL,
  quantity bigint NOT NULL CONSTRAINT after_sale_line_quantity_check CHECK (quantity > 0),
  amount_minor bigint NOT NULL CONSTRAINT after_sale_line_amount_check CHECK (amount_minor >= 0),
  replacement UUID,
  CONSTRAINT after_sale_line_pkey PRIMARY KEY (after_sale, order_line)
);
CREATE INDEX after_sale_line_of_order_line ON after_sale_line (order_line);

-- What happened to a case, append-only.
CREATE TABLE after_sale_event (
  id UUID PRIMARY KEY,
  after_sale UUID NOT NULL CONSTRAINT after_sale_event_after_sale_fkey REFERENCES after_sale (id),
  kind text NOT NULL,
  actor text NOT NULL,
  note text,
  media JSON NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX after_sale_event_of ON after_sale_event (after_sale, at, id);

-- The merchant's terms; no row is the default.
CREATE TABLE after_sale_policy (
  id bigint PRIMARY KEY CONSTRAINT after_sale_policy_one_check CHECK (id = 1),
  policy JSON NOT NULL,
  updated_by text NOT NULL,
  updated_at bigint NOT NULL
);
"#;
