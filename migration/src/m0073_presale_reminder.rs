//! What customers of presales were reminded of: each of it once, and whether a text message went with it.

pub(super) const SQL: &str = r#"
CREATE TABLE presale_reminder (
  reservation UUID NOT NULL REFERENCES presale_reservation (id),
  kind text NOT NULL CONSTRAINT presale_reminder_kind_check CHECK (kind IN ('OPENED', 'CLOSING')),
  told_at bigint NOT NULL,
  texted_at bigint,
  CONSTRAINT presale_reminder_pkey PRIMARY KEY (reservation, kind)
)
"#;
