//! What bringing things costs, by region.

pub(super) const SQL: &str = r#"
CREATE TABLE freight_template (
  id UUID PRIMARY KEY,
  name text NOT NULL CONSTRAINT freight_template_name_key UNIQUE,
  currency text NOT NULL,
  terms JSON NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);
"#;
