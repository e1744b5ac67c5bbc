//! Wallets: money a shopper keeps in the mall, how it came there, and what was paid with it.

pub(super) const SQL: &str = r#"
-- Money on its way into a wallet, through any provider.
CREATE TABLE wallet_top_up (
  id UUID PRIMARY KEY,
  top_up_no text NOT NULL CONSTRAINT wallet_top_up_top_up_no_key UNIQUE,
  customer UUID NOT NULL,
  gateway text NOT NULL,
  state text NOT NULL CONSTRAINT wallet_top_up_state_check CHECK (state IN ('CREATED', 'PENDING', 'SUCCEEDED', 'CLOSED', 'FAILED')),
  amount_minor bigint NOT NULL CONSTRAINT wallet_top_up_amount_check CHECK (amount_minor > 0),
  currency text NOT NULL,
  request JSON NOT NULL,
  provider_charge_id text,
  action JSON,
  expires_at bigint NOT NULL,
  next_query_at bigint,
  queries bigint NOT NULL,
  created_at bigint NOT NULL,
  paid_at bigint,
  closed_at bigint
);
CREATE INDEX wallet_top_up_of_customer ON wallet_top_up (customer, id);
CREATE INDEX wallet_top_up_to_query ON wallet_top_up (next_query_at) WHERE state IN ('CREATED', 'PENDING');

-- What the balance gateway was asked for: a charge that was closed before it came is never paid.
CREATE TABLE wallet_charge (
  charge_no text NOT NULL CONSTRAINT wallet_charge_pkey PRIMARY KEY,
  customer UUID NOT NULL,
  state text NOT NULL CONSTRAINT wallet_charge_state_check CHECK (state IN ('SUCCEEDED', 'CLOSED')),
  amount_minor bigint NOT NULL,
  currency text NOT NULL,
  refunded_minor bigint NOT NULL,
  at bigint NOT NULL,
  CONSTRAINT wallet_charge_refunded_check CHECK (refunded_minor >= 0 AND refunded_minor <= CASE WHEN state = 'SUCCEEDED' THEN amount_minor ELSE 0 END)
);
CREATE TABLE wallet_refund (
  refund_no text NOT NULL CONSTRAINT wallet_refund_pkey PRIMARY KEY,
  charge_no text NOT NULL CONSTRAINT wallet_refund_charge_fkey REFERENCES wallet_charge (charge_no),
  amount_minor bigint NOT NULL CONSTRAINT wallet_refund_amount_check CHECK (amount_minor > 0),
  currency text NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX wallet_refund_of_charge ON wallet_refund (charge_no);
"#;
