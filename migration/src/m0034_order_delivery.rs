//! Orders know how the goods reach the shopper: by parcels, at a store, or at once when there is nothing to carry.

pub(super) const SQL: &str = r#"
ALTER TABLE trade_order ADD COLUMN delivery text NOT NULL DEFAULT 'PARCEL' CONSTRAINT trade_order_delivery_check CHECK (delivery IN ('PARCEL', 'PICKUP', 'VIRTUAL'));
ALTER TABLE trade_order ADD COLUMN store UUID;
ALTER TABLE trade_order ADD COLUMN buyer_note text;
-- TO_SHIP with this is READY_FOR_PICKUP.
ALTER TABLE trade_order ADD COLUMN ready_at bigint CONSTRAINT trade_order_ready_check CHECK (ready_at IS NULL OR delivery = 'PICKUP');
ALTER TABLE trade_order ADD COLUMN receive_by bigint;
ALTER TABLE trade_order ADD COLUMN extended_at bigint;
UPDATE trade_order SET receive_by = shipped_at + 864000000 WHERE status = 'SHIPPED';
CREATE INDEX trade_order_to_receive ON trade_order (receive_by) WHERE status = 'SHIPPED';
CREATE INDEX trade_order_by_store ON trade_order (store, id) WHERE store IS NOT NULL;

ALTER TABLE trade_order_line ADD COLUMN is_virtual boolean NOT NULL DEFAULT false;
ALTER TABLE trade_order_line ADD COLUMN shipped_quantity bigint NOT NULL DEFAULT 0 CONSTRAINT trade_order_line_shipped_check CHECK (shipped_quantity BETWEEN 0 AND quantity);
UPDATE trade_order_line SET shipped_quantity = quantity WHERE order_id IN (SELECT id FROM trade_order WHERE shipped_at IS NOT NULL);

ALTER TABLE trade_order_event ADD COLUMN staff_only boolean NOT NULL DEFAULT false;
"#;
