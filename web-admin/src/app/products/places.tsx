import { useTranslation } from "react-i18next";
import { SubNav } from "@/lib/sub-nav";

/** The pages about what is sold and where it stands. */
export function ProductNav() {
  const { t } = useTranslation("products");
  return (
    <SubNav
      label={t("nav")}
      places={[
        { to: "/products", label: t("title"), permission: "CATALOG_READ" },
        { to: "/products/shelves", label: t("shelves.title"), permission: "CATALOG_READ" },
      ]}
    />
  );
}
