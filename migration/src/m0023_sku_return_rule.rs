//! What of the catalogue is kept once it is bought: exceptions from the right to give goods back without a reason.

pub(super) const SQL: &str = r#"
CREATE TABLE sku_return_rule (
  sku UUID PRIMARY KEY CONSTRAINT sku_return_rule_sku_fkey REFERENCES sku (id),
  exception text NOT NULL CONSTRAINT sku_return_rule_exception_check CHECK (exception IN ('CUSTOM_MADE', 'PERISHABLE', 'DIGITAL', 'PERIODICAL', 'BY_NATURE')),
  updated_at bigint NOT NULL
);
"#;
