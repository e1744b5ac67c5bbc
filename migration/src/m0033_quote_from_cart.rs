//! Quotes remember that they were made of a cart: the order takes the lines out of it.

pub(super) const SQL: &str = r#"
ALTER TABLE quote ADD COLUMN from_cart boolean NOT NULL DEFAULT false;
"#;
