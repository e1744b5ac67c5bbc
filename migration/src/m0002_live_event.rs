//! Facts of followed topics, kept a while for those who come back.

pub(super) const SQL: &str = r#"
-- One fact of a followed topic, under the number its cursor shows.
CREATE TABLE live_event (
  topic text NOT NULL,
  seq bigint NOT NULL,
  name text NOT NULL,
  payload JSON NOT NULL,
  created_at bigint NOT NULL,
  CONSTRAINT live_event_pkey PRIMARY KEY (topic, seq)
);
CREATE INDEX live_event_age ON live_event (created_at);

-- The topics among those of an event whose followers are told the event itself.
ALTER TABLE outbox ADD COLUMN feeds JSON NOT NULL DEFAULT '[]';
"#;
