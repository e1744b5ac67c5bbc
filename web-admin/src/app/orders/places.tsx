import { useTranslation } from "react-i18next";
import { SubNav } from "@/lib/sub-nav";

/** The pages about orders and how they reach people. */
export function OrderNav() {
  const { t } = useTranslation("orders");
  return (
    <SubNav
      label={t("nav")}
      places={[
        { to: "/orders", label: t("title"), permission: "ORDER_READ" },
        { to: "/orders/labels", label: t("labels.title"), permission: "ORDER_WRITE" },
        { to: "/orders/stores", label: t("stores.title"), permission: "ORDER_READ" },
      ]}
    />
  );
}
