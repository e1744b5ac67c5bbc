import { useTranslation } from "react-i18next";
import { SubNav } from "@/lib/sub-nav";

/** The pages about money. */
export function MoneyNav() {
  const { t } = useTranslation("money");
  return (
    <SubNav
      label={t("title")}
      places={[
        { to: "/money", label: t("balances.title"), permission: "LEDGER_READ" },
        { to: "/money/journal", label: t("journal.title"), permission: "LEDGER_READ" },
        { to: "/money/statements", label: t("statements.title"), permission: "LEDGER_READ" },
        { to: "/money/bills", label: t("bills.title"), permission: "LEDGER_READ" },
        { to: "/money/proofs", label: t("proofs.title"), permission: "LEDGER_READ" },
        { to: "/money/parked", label: t("parked.title"), permission: "ORDER_READ" },
      ]}
    />
  );
}
