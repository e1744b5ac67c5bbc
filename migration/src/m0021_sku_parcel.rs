//! What a SKU needs to be carried and taxed.

pub(super) const SQL: &str = r#"
ALTER TABLE sku ADD COLUMN volume_cm3 bigint NOT NULL DEFAULT 0 CONSTRAINT sku_volume_check CHECK (volume_cm3 >= 0);
ALTER TABLE sku ADD COLUMN freight_template UUID;
ALTER TABLE sku ADD COLUMN tax_bps bigint NOT NULL DEFAULT 0 CONSTRAINT sku_tax_check CHECK (tax_bps BETWEEN 0 AND 10000);
"#;
