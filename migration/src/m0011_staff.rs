//! Staff, what their roles let them do, and how often somebody failed to be them.

pub(super) const SQL: &str = r#"
CREATE TABLE staff (
  id UUID PRIMARY KEY,
  email text NOT NULL CONSTRAINT staff_email_key UNIQUE,
  name text NOT NULL,
  password_hash text NOT NULL,
  password_change_required boolean NOT NULL,
  totp_sealed text,
  totp_confirmed_at bigint,
  totp_last_step bigint,
  disabled_at bigint,
  created_at bigint NOT NULL,
  CONSTRAINT staff_totp_check CHECK (totp_confirmed_at IS NULL OR totp_sealed IS NOT NULL)
);

CREATE TABLE role (
  id UUID PRIMARY KEY,
  name text NOT NULL CONSTRAINT role_name_key UNIQUE,
  permissions JSON NOT NULL,
  builtin text CONSTRAINT role_builtin_key UNIQUE CONSTRAINT role_builtin_check CHECK (builtin IN ('OWNER')),
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);

CREATE TABLE staff_role (
  staff UUID NOT NULL CONSTRAINT staff_role_staff_fkey REFERENCES staff (id),
  role UUID NOT NULL CONSTRAINT staff_role_role_fkey REFERENCES role (id),
  CONSTRAINT staff_role_pkey PRIMARY KEY (staff, role)
);
CREATE INDEX staff_role_role ON staff_role (role);

CREATE TABLE sign_in_attempt (
  email_index text PRIMARY KEY,
  failures bigint NOT NULL CONSTRAINT sign_in_attempt_failures_check CHECK (failures >= 0),
  locked_until bigint,
  last_at bigint NOT NULL
);
CREATE INDEX sign_in_attempt_age ON sign_in_attempt (last_at);
"#;
