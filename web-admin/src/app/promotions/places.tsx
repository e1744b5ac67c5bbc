import { useTranslation } from "react-i18next";
import { SubNav } from "@/lib/sub-nav";

/** The pages about what changes prices. */
export function PromotionNav() {
  const { t } = useTranslation("promotions");
  return (
    <SubNav
      label={t("nav")}
      places={[
        { to: "/promotions", label: t("coupons"), permission: "PROMOTION_READ" },
        { to: "/promotions/reductions", label: t("reductions"), permission: "PROMOTION_READ" },
        { to: "/promotions/freight", label: t("freight.title"), permission: "PROMOTION_READ" },
        { to: "/promotions/settings", label: t("settings.title"), permission: "PROMOTION_READ" },
      ]}
    />
  );
}
