//! Money on its way out of wallets, to its owners.

pub(super) const SQL: &str = r#"
CREATE TABLE wallet_withdrawal (
  id UUID PRIMARY KEY,
  withdrawal_no text NOT NULL CONSTRAINT wallet_withdrawal_no_key UNIQUE,
  customer UUID NOT NULL,
  gateway text NOT NULL,
  payee text NOT NULL,
  sealed_name text,
  state text NOT NULL CONSTRAINT wallet_withdrawal_state_check
    CHECK (state IN ('IN_REVIEW', 'APPROVED', 'AWAITING_PAYEE', 'PAID', 'FAILED', 'REJECTED')),
  amount_minor bigint NOT NULL CONSTRAINT wallet_withdrawal_amount_check CHECK (amount_minor > 0),
  currency text NOT NULL,
  approvals_needed bigint NOT NULL CONSTRAINT wallet_withdrawal_approvals_check CHECK (approvals_needed BETWEEN 0 AND 2),
  first_approver UUID,
  second_approver UUID,
  note text,
  package text,
  provider_id text,
  failure text,
  next_query_at bigint,
  queries bigint NOT NULL,
  created_at bigint NOT NULL,
  ended_at bigint,
  -- Nobody says yes twice.
  CONSTRAINT wallet_withdrawal_four_eyes_check CHECK (second_approver IS NULL OR second_approver <> first_approver)
);
CREATE INDEX wallet_withdrawal_of_customer ON wallet_withdrawal (customer, id);
CREATE INDEX wallet_withdrawal_to_query ON wallet_withdrawal (next_query_at) WHERE state IN ('APPROVED', 'AWAITING_PAYEE');
"#;
