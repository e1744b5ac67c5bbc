//! Whose price a SKU's market price is: a price that is struck through with no base named is not above the lowest of the
//! last seven days, so one that may be higher says what it is. Those of before were "what others ask".

pub(super) const SQL: &str = r#"
ALTER TABLE sku ADD COLUMN market_price_base text
  CONSTRAINT sku_market_price_base_check CHECK (market_price_base IN ('RECOMMENDED_RETAIL', 'FIRST_PRICE', 'OTHER_CHANNEL'));
UPDATE sku SET market_price_base = 'OTHER_CHANNEL' WHERE market_price_minor IS NOT NULL
"#;
