import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useConnection } from "@/lib/live";
import { formatClock } from "@/lib/time";

/** Whether what is on screen is of this moment. Said in words as well as by colour. */
export function ConnectionPill() {
  const { t, i18n } = useTranslation();
  const { state, since } = useConnection();
  useEffect(() => {
    document.body.dataset.connection = state;
  }, [state]);
  return (
    <output className={`pill ${state}`} aria-live="polite">
      <i aria-hidden="true" />
      {t(`live.${state}`, { time: formatClock(since, i18n.language) })}
    </output>
  );
}
