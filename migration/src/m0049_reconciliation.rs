//! The bills of providers, line by line, and where they differ from our books.

pub(super) const SQL: &str = r#"
CREATE TABLE provider_bill (
  id UUID PRIMARY KEY,
  gateway text NOT NULL,
  layout text NOT NULL,
  file_name text NOT NULL,
  digest text NOT NULL,
  from_at bigint NOT NULL,
  until_at bigint NOT NULL,
  lines bigint NOT NULL,
  matched bigint NOT NULL,
  differences bigint NOT NULL,
  open bigint NOT NULL,
  imported_by text NOT NULL,
  imported_at bigint NOT NULL,
  CONSTRAINT provider_bill_digest_key UNIQUE (gateway, digest)
);
CREATE INDEX provider_bill_latest ON provider_bill (imported_at, id);

-- A line of a bill; a number may appear in one bill only.
CREATE TABLE provider_bill_line (
  bill UUID NOT NULL CONSTRAINT provider_bill_line_bill_fkey REFERENCES provider_bill (id),
  position bigint NOT NULL,
  gateway text NOT NULL,
  kind text NOT NULL CONSTRAINT provider_bill_line_kind_check CHECK (kind IN ('CHARGE', 'REFUND')),
  number text NOT NULL,
  provider_id text NOT NULL,
  amount_minor bigint NOT NULL,
  fee_minor bigint,
  currency text NOT NULL,
  settled boolean NOT NULL,
  at bigint NOT NULL,
  CONSTRAINT provider_bill_line_pkey PRIMARY KEY (bill, position)
);
CREATE INDEX provider_bill_line_number ON provider_bill_line (gateway, kind, number);

CREATE TABLE bill_difference (
  id UUID PRIMARY KEY,
  bill UUID NOT NULL CONSTRAINT bill_difference_bill_fkey REFERENCES provider_bill (id),
  gateway text NOT NULL,
  kind text NOT NULL CONSTRAINT bill_difference_kind_check CHECK (kind IN ('CHARGE', 'REFUND')),
  problem text NOT NULL CONSTRAINT bill_difference_problem_check CHECK (problem IN ('MISSING_HERE', 'MISSING_THERE', 'AMOUNT', 'STATE', 'TWICE')),
  number text NOT NULL,
  provider_id text,
  ours_minor bigint,
  theirs_minor bigint,
  currency text NOT NULL,
  our_state text,
  their_state text,
  state text NOT NULL CONSTRAINT bill_difference_state_check CHECK (state IN ('OPEN', 'RESOLVED')),
  note text,
  resolved_by text,
  resolved_at bigint,
  created_at bigint NOT NULL,
  CONSTRAINT bill_difference_once_key UNIQUE (bill, kind, problem, number),
  CONSTRAINT bill_difference_resolved_check CHECK ((state = 'RESOLVED') = (resolved_by IS NOT NULL AND resolved_at IS NOT NULL AND note IS NOT NULL))
);
CREATE INDEX bill_difference_open ON bill_difference (created_at, id) WHERE state = 'OPEN';
CREATE INDEX bill_difference_of_bill ON bill_difference (bill, id);
"#;
