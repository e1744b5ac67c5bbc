//! Complaints of shoppers, which staff decide.

pub(super) const SQL: &str = r#"
CREATE TABLE complaint (
  id UUID PRIMARY KEY,
  order_id UUID NOT NULL CONSTRAINT complaint_order_fkey REFERENCES trade_order (id),
  after_sale UUID CONSTRAINT complaint_after_sale_fkey REFERENCES after_sale (id),
  customer UUID NOT NULL,
  state text NOT NULL CONSTRAINT complaint_state_check CHECK (state IN ('FILED', 'ANSWERED', 'UNANSWERED', 'UPHELD', 'DISMISSED', 'WITHDRAWN')),
  topic text NOT NULL,
  due_at bigint,
  decision text,
  compensation_minor bigint CONSTRAINT complaint_compensation_check CHECK (compensation_minor > 0),
  currency text NOT NULL,
  refund UUID,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  closed_at bigint,
  CONSTRAINT complaint_due_check CHECK ((due_at IS NOT NULL) = (state IN ('FILED', 'ANSWERED', 'UNANSWERED'))),
  CONSTRAINT complaint_closed_check CHECK ((closed_at IS NOT NULL) = (state IN ('UPHELD', 'DISMISSED', 'WITHDRAWN')))
);
CREATE INDEX complaint_of_order ON complaint (order_id, id);
CREATE INDEX complaint_of_customer ON complaint (customer, id);
CREATE INDEX complaint_by_state ON complaint (state, id);
CREATE INDEX complaint_due ON complaint (due_at) WHERE state = 'FILED';
-- One open complaint about an order.
CREATE UNIQUE INDEX complaint_open_key ON complaint (order_id) WHERE closed_at IS NULL;

-- What was said about a complaint, append-only.
CREATE TABLE complaint_event (
  id UUID PRIMARY KEY,
  complaint UUID NOT NULL CONSTRAINT complaint_event_complaint_fkey REFERENCES complaint (id),
  kind text NOT NULL,
  actor text NOT NULL,
  note text,
  media JSON NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX complaint_event_of ON complaint_event (complaint, at, id);
"#;
