// What happened to a case or a complaint, the latest first, with the pictures that prove it.
import { Card, Image, Timeline } from "antd";
import { useTranslation } from "react-i18next";
import type { AfterSaleParty } from "@/gql/graphql";
import { When } from "@/lib/list-page";

type Moment = {
  what: string;
  by: AfterSaleParty;
  note?: string | null;
  at: string;
  media: { id: string; url: string }[];
};

const good = ["ACCEPTED", "INSTANT", "PASSED", "REFUNDED", "CONFIRMED", "UPHELD"];
const bad = ["REJECTED", "REFUND_FAILED", "ESCALATED", "NEEDS_A_PERSON", "DISMISSED", "UNANSWERED"];

export function Moments({ moments }: { moments: Moment[] }) {
  const { t } = useTranslation("afterSale");
  return (
    <Card size="small" title={t("timeline")}>
      <Timeline
        items={moments.toReversed().map((moment, n) => ({
          key: moments.length - n,
          color: good.includes(moment.what) ? "green" : bad.includes(moment.what) ? "red" : "blue",
          content: (
            <>
              <div>{t(`moment.${moment.what}`, { defaultValue: moment.what })}</div>
              {moment.note && <p className="said">{moment.note}</p>}
              {moment.media.length > 0 && (
                <Image.PreviewGroup>
                  <div className="evidence">
                    {moment.media.map(({ id, url }, nth) => (
                      <Image key={id} src={url} width={96} height={96} alt={t("evidence", { n: nth + 1 })} />
                    ))}
                  </div>
                </Image.PreviewGroup>
              )}
              <small className="quiet numeric">
                <When at={moment.at} /> · {t(`party.${moment.by}`)}
              </small>
            </>
          ),
        }))}
      />
    </Card>
  );
}
