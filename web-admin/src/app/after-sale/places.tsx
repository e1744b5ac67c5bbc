import { useTranslation } from "react-i18next";
import { SubNav } from "@/lib/sub-nav";

/** The pages about what comes after a sale. */
export function AfterSaleNav() {
  const { t } = useTranslation("afterSale");
  return (
    <SubNav
      label={t("title")}
      places={[
        { to: "/after-sale", label: t("cases"), permission: "AFTER_SALE_READ" },
        { to: "/after-sale/complaints", label: t("complaints"), permission: "AFTER_SALE_READ" },
        { to: "/after-sale/terms", label: t("terms.title"), permission: "AFTER_SALE_READ" },
      ]}
    />
  );
}
