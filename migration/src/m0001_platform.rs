//! What the mechanisms keep: events on their way, live topics, background work, claimed keys.

pub(super) const SQL: &str = r#"
-- One row: who this database is. Live cursors begin with it, so a restored or new database is noticed.
CREATE TABLE installation (
  singleton boolean PRIMARY KEY CONSTRAINT installation_singleton_check CHECK (singleton),
  epoch text NOT NULL,
  created_at bigint NOT NULL
);

-- Facts written in the transaction that made them true; the relay hands them on.
CREATE TABLE outbox (
  position SERIAL_KEY,
  event UUID NOT NULL CONSTRAINT outbox_event_key UNIQUE,
  name text NOT NULL,
  payload JSON NOT NULL,
  topics JSON NOT NULL,
  actor text NOT NULL,
  request text NOT NULL,
  created_at bigint NOT NULL,
  relayed_at bigint
);
CREATE INDEX outbox_waiting ON outbox (position) WHERE relayed_at IS NULL;
CREATE INDEX outbox_relayed ON outbox (relayed_at) WHERE relayed_at IS NOT NULL;

-- How often a live topic changed.
CREATE TABLE live_topic (
  topic text PRIMARY KEY,
  seq bigint NOT NULL,
  changed_at bigint NOT NULL
);

-- Background work, enqueued in the transaction that wants it done.
CREATE TABLE job (
  id UUID PRIMARY KEY,
  kind text NOT NULL,
  dedupe text,
  payload JSON NOT NULL,
  state text NOT NULL CONSTRAINT job_state_check CHECK (state IN ('READY', 'RUNNING', 'DONE', 'DEAD')),
  attempts bigint NOT NULL,
  run_at bigint NOT NULL,
  leased_until bigint,
  last_error text,
  request text NOT NULL,
  created_at bigint NOT NULL,
  finished_at bigint,
  CONSTRAINT job_dedupe_key UNIQUE (kind, dedupe)
);
CREATE INDEX job_due ON job (run_at) WHERE state IN ('READY', 'RUNNING');
CREATE INDEX job_finished ON job (finished_at) WHERE state = 'DONE';

-- Keys of commands that must have one effect; the row is claimed in the transaction of the effect.
CREATE TABLE idempotency_key (
  scope text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  result JSON,
  created_at bigint NOT NULL,
  CONSTRAINT idempotency_key_pkey PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);
"#;
