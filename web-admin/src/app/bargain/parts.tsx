import { Progress } from "antd";
import { useTranslation } from "react-i18next";

/** How many of the cuts are made. */
export function CutBar({ made, cuts }: { made: number; cuts: number }) {
  const { t } = useTranslation("bargain");
  return (
    <div className="filled">
      <Progress
        size="small"
        showInfo={false}
        percent={(100 * made) / cuts}
        aria-label={t("cutsOf", { made, count: cuts })}
      />
      <span className="numeric">
        {made}/{cuts}
      </span>
    </div>
  );
}
