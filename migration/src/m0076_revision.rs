//! How often something was changed, for whoever keeps it in memory: what is offered, and what is sold.

pub(super) const SQL: &str = r#"
CREATE TABLE revision (
  name text PRIMARY KEY,
  number bigint NOT NULL
);
INSERT INTO revision (name, number) SELECT 'promotion', revision FROM promotion_revision;
DROP TABLE promotion_revision
"#;
