import { useTranslation } from "react-i18next";
import { When } from "@/lib/list-page";
import { clockOf, countdown, useRemaining } from "@/lib/time";

/** By when somebody has to act, and how long that still is. */
export function Due({ at, offset = 0 }: { at: string | null | undefined; offset?: number }) {
  const { t } = useTranslation("afterSale");
  const left = countdown(useRemaining(at, offset));
  if (!at) return <When at={at} />;
  return (
    <span>
      <When at={at} />{" "}
      <small className={left.days === 0 ? "due-soon numeric" : "quiet numeric"}>
        {left.over
          ? t("overdue")
          : left.days > 0
            ? t("daysLeft", { count: left.days, clock: clockOf(left) })
            : t("left", { clock: clockOf(left) })}
      </small>
    </span>
  );
}
