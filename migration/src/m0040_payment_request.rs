//! Payments remember what the provider was told, so that a request that is sent again says the same.

pub(super) const SQL: &str = r#"
ALTER TABLE payment ADD COLUMN request JSON;
"#;
