//! Long work that is done in parts, and which of them are done.

pub(super) const SQL: &str = r#"
-- A part of a long piece of work (filling the demo) that is done and is not done again.
CREATE TABLE work_part (
  work text NOT NULL,
  part text NOT NULL,
  done_at bigint NOT NULL,
  CONSTRAINT work_part_pkey PRIMARY KEY (work, part)
);
"#;
