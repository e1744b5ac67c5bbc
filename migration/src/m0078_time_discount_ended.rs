//! A limited-time discount can be ended for good before its time.

pub(super) const SQL: &str = r#"
ALTER TABLE time_discount ADD COLUMN ended_at bigint;
"#;
