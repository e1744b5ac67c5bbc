//! What stands on each account of the books, kept beside the entries, and the daily proof that both agree.

pub(super) const SQL: &str = r#"
-- Accounts of persons are kept at every posting and guarded; all others as of the last sealed block.
CREATE TABLE ledger_account (
  account text NOT NULL,
  unit text NOT NULL,
  balance_minor bigint NOT NULL,
  entries bigint NOT NULL,
  least_minor bigint,
  most_minor bigint,
  CONSTRAINT ledger_account_pkey PRIMARY KEY (account, unit),
  CONSTRAINT ledger_account_floor_check CHECK ((least_minor IS NULL OR balance_minor >= least_minor) AND (most_minor IS NULL OR balance_minor <= most_minor))
);
INSERT INTO ledger_account (account, unit, balance_minor, entries, least_minor, most_minor)
  SELECT e.account, e.currency, CAST(sum(e.amount_minor) AS bigint), count(*), NULL, NULL
  FROM ledger_entry e JOIN ledger_posting p ON p.id = e.posting
  WHERE p.block IS NOT NULL GROUP BY e.account, e.currency;

-- An account's entries in their order, and what stood on it after each: its statement.
ALTER TABLE ledger_entry ADD COLUMN sequence bigint;
ALTER TABLE ledger_entry ADD COLUMN balance_after bigint;
CREATE UNIQUE INDEX ledger_entry_statement_key ON ledger_entry (account, currency, sequence) WHERE sequence IS NOT NULL;

-- What a reconciliation found; one a day, and those that staff asked for.
CREATE TABLE ledger_reconciliation (
  id UUID PRIMARY KEY,
  day text CONSTRAINT ledger_reconciliation_day_key UNIQUE,
  requested_by text NOT NULL,
  started_at bigint NOT NULL,
  finished_at bigint,
  checked bigint NOT NULL,
  found bigint NOT NULL,
  findings JSON NOT NULL
);
CREATE INDEX ledger_reconciliation_latest ON ledger_reconciliation (started_at, id);
"#;
