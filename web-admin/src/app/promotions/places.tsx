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
        { to: "/promotions/discounts", label: t("discount.title"), permission: "PROMOTION_READ" },
        { to: "/promotions/members", label: t("member.title"), permission: "PROMOTION_READ" },
        { to: "/promotions/freight", label: t("freight.title"), permission: "PROMOTION_READ" },
        { to: "/promotions/parcels", label: t("carried.title"), permission: "CATALOG_READ" },
        { to: "/promotions/settings", label: t("settings.title"), permission: "PROMOTION_READ" },
      ]}
    />
  );
}
