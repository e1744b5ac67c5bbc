//! Products that need no carrying.

pub(super) const SQL: &str = r#"
ALTER TABLE product ADD COLUMN is_virtual boolean NOT NULL DEFAULT false;
"#;
