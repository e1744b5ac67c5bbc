//! Signed-in devices and what continues them.

pub(super) const SQL: &str = r#"
CREATE TABLE session (
  id UUID PRIMARY KEY,
  customer UUID CONSTRAINT session_customer_fkey REFERENCES customer (id),
  staff UUID CONSTRAINT session_staff_fkey REFERENCES staff (id),
  device text,
  ip text,
  created_at bigint NOT NULL,
  used_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  revoked_at bigint,
  revoked_for text CONSTRAINT session_revoked_for_check CHECK (revoked_for IN ('SIGNED_OUT', 'REUSED', 'PASSWORD_CHANGED', 'DISABLED')),
  CONSTRAINT session_owner_check CHECK ((customer IS NULL) <> (staff IS NULL)),
  CONSTRAINT session_revoked_check CHECK ((revoked_at IS NULL) = (revoked_for IS NULL))
);
CREATE INDEX session_of_customer ON session (customer) WHERE revoked_at IS NULL;
CREATE INDEX session_of_staff ON session (staff) WHERE revoked_at IS NULL;
CREATE INDEX session_end ON session (expires_at);

CREATE TABLE refresh_token (
  hash text PRIMARY KEY,
  session UUID NOT NULL CONSTRAINT refresh_token_session_fkey REFERENCES session (id) ON DELETE CASCADE,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  used_at bigint
);
CREATE INDEX refresh_token_session ON refresh_token (session);
CREATE INDEX refresh_token_end ON refresh_token (expires_at);
"#;
