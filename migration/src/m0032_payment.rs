//! Payments, refunds, and what providers report.

pub(super) const SQL: &str = r#"
-- One attempt to pay one order. Amounts are sums of payment events, kept beside them so that the database can guard them.
CREATE TABLE payment (
  id UUID PRIMARY KEY,
  payment_no text NOT NULL CONSTRAINT payment_payment_no_key UNIQUE,
  order_id UUID NOT NULL CONSTRAINT payment_order_fkey REFERENCES trade_order (id),
  customer UUID NOT NULL,
  attempt bigint NOT NULL,
  gateway text NOT NULL,
  state text NOT NULL CONSTRAINT payment_state_check CHECK (state IN ('CREATED', 'PENDING', 'SUCCEEDED', 'CLOSED', 'FAILED')),
  amount_minor bigint NOT NULL CONSTRAINT payment_amount_check CHECK (amount_minor > 0),
  charged_minor bigint NOT NULL,
  refunding_minor bigint NOT NULL,
  refunded_minor bigint NOT NULL,
  currency text NOT NULL,
  provider_charge_id text,
  action JSON,
  expires_at bigint NOT NULL,
  next_query_at bigint,
  queries bigint NOT NULL,
  created_at bigint NOT NULL,
  paid_at bigint,
  closed_at bigint,
  CONSTRAINT payment_attempt_key UNIQUE (order_id, attempt),
  CONSTRAINT payment_charged_check CHECK (charged_minor = CASE WHEN state = 'SUCCEEDED' THEN amount_minor ELSE 0 END),
  CONSTRAINT payment_refunds_check CHECK (refunded_minor >= 0 AND refunded_minor <= refunding_minor AND refunding_minor <= charged_minor)
);
-- One open attempt per order: a second one opens when the first is closed.
CREATE UNIQUE INDEX payment_open_key ON payment (order_id) WHERE state IN ('CREATED', 'PENDING');
CREATE INDEX payment_to_query ON payment (next_query_at) WHERE state IN ('CREATED', 'PENDING');

-- What happened to a payment's money, append-only; each kind once per number.
CREATE TABLE payment_event (
  id UUID PRIMARY KEY,
  payment_id UUID NOT NULL CONSTRAINT payment_event_payment_fkey REFERENCES payment (id),
  kind text NOT NULL CONSTRAINT payment_event_kind_check CHECK (kind IN ('CHARGE_REQUESTED', 'CHARGE_SUCCEEDED', 'CHARGE_CLOSED', 'CHARGE_FAILED', 'REFUND_REQUESTED', 'REFUND_SUCCEEDED', 'REFUND_FAILED')),
  reference text NOT NULL,
  amount_minor bigint NOT NULL,
  source text NOT NULL,
  at bigint NOT NULL,
  CONSTRAINT payment_event_once_key UNIQUE (payment_id, kind, reference)
);

-- Money on its way back.
CREATE TABLE refund (
  id UUID PRIMARY KEY,
  refund_no text NOT NULL CONSTRAINT refund_refund_no_key UNIQUE,
  order_id UUID NOT NULL CONSTRAINT refund_order_fkey REFERENCES trade_order (id),
  payment_id UUID NOT NULL CONSTRAINT refund_payment_fkey REFERENCES payment (id),
  customer UUID NOT NULL,
  status text NOT NULL CONSTRAINT refund_status_check CHECK (status IN ('REQUESTED', 'PROCESSING', 'SUCCEEDED', 'FAILED')),
  amount_minor bigint NOT NULL CONSTRAINT refund_amount_check CHECK (amount_minor > 0),
  currency text NOT NULL,
  reason text NOT NULL,
  reason_text text,
  provider_refund_id text,
  failure text,
  next_query_at bigint,
  queries bigint NOT NULL,
  requested_by text NOT NULL,
  created_at bigint NOT NULL,
  finished_at bigint
);
CREATE INDEX refund_of_order ON refund (order_id, id);
CREATE INDEX refund_of_payment ON refund (payment_id);
CREATE INDEX refund_to_query ON refund (next_query_at) WHERE status IN ('REQUESTED', 'PROCESSING');

-- The inbox of what providers report: each report counts once.
CREATE TABLE gateway_notification (
  provider text NOT NULL,
  event_id text NOT NULL,
  kind text NOT NULL,
  charge_no text NOT NULL,
  refund_no text,
  outcome text NOT NULL CONSTRAINT gateway_notification_outcome_check CHECK (outcome IN ('APPLIED', 'PARKED')),
  note text,
  raw text NOT NULL,
  received_at bigint NOT NULL,
  CONSTRAINT gateway_notification_pkey PRIMARY KEY (provider, event_id)
);
CREATE INDEX gateway_notification_parked ON gateway_notification (received_at) WHERE outcome = 'PARKED';
"#;
