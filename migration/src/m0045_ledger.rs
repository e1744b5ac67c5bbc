//! The books: postings of entries that sum to zero, sealed into a chain of blocks.

pub(super) const SQL: &str = r#"
CREATE TABLE ledger_posting (
  id UUID PRIMARY KEY,
  business_type text NOT NULL,
  business_id text NOT NULL,
  actor text NOT NULL,
  request text NOT NULL,
  posted_at bigint NOT NULL,
  block bigint,
  CONSTRAINT ledger_posting_business_key UNIQUE (business_type, business_id)
);
CREATE INDEX ledger_posting_unsealed ON ledger_posting (id) WHERE block IS NULL;
CREATE INDEX ledger_posting_block ON ledger_posting (block, id);

CREATE TABLE ledger_entry (
  posting UUID NOT NULL CONSTRAINT ledger_entry_posting_fkey REFERENCES ledger_posting (id),
  leg bigint NOT NULL,
  account text NOT NULL,
  amount_minor bigint NOT NULL CONSTRAINT ledger_entry_amount_check CHECK (amount_minor <> 0),
  currency text NOT NULL,
  CONSTRAINT ledger_entry_pkey PRIMARY KEY (posting, leg)
);
CREATE INDEX ledger_entry_account ON ledger_entry (account, currency);

CREATE TABLE ledger_block (
  height bigint PRIMARY KEY,
  previous text NOT NULL,
  hash text NOT NULL,
  postings bigint NOT NULL,
  sealed_at bigint NOT NULL
);
"#;
