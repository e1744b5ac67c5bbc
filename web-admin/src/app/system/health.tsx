// The two health probes of the server, for people: does it answer, and can it serve.
import { useQuery } from "@tanstack/react-query";
import { Card, Descriptions, Skeleton, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { Page } from "@/lib/page";
import { formatClock } from "@/lib/time";

type Probe = { ok: boolean; parts: [string, unknown][] };

async function probe(path: string): Promise<Probe> {
  try {
    const response = await fetch(path, { headers: { accept: "application/json" } });
    const body: unknown = await response.json().catch(() => undefined);
    return { ok: response.ok, parts: body && typeof body === "object" ? Object.entries(body) : [] };
  } catch {
    return { ok: false, parts: [] };
  }
}

/** One thing the server says of itself: good, failing, or as it is. A server that drains is the one that is well when not. */
function Said({ name, value }: { name: string; value: unknown }) {
  const { t } = useTranslation("system");
  if (typeof value !== "boolean") return typeof value === "string" ? value : JSON.stringify(value);
  const good = name === "draining" ? !value : value;
  return <Tag color={good ? "success" : "error"}>{t(good ? "good" : "bad")}</Tag>;
}

export default function Health() {
  const { t, i18n } = useTranslation("system");
  const { data, dataUpdatedAt } = useQuery({
    queryKey: ["health"],
    queryFn: async () => ({ live: await probe("/healthz"), ready: await probe("/readyz") }),
    refetchInterval: 10_000,
  });
  return (
    <Page title={t("title")}>
      {data ? (
        <>
          <div className="probes">
            {(["live", "ready"] as const).map((name) => (
              <Card
                key={name}
                title={t(name)}
                extra={<Tag color={data[name].ok ? "success" : "error"}>{t(data[name].ok ? "good" : "bad")}</Tag>}
              >
                <p className="quiet">{t(`${name}Help`)}</p>
                {data[name].parts.length > 0 && (
                  <Descriptions
                    size="small"
                    column={1}
                    items={data[name].parts.map(([key, value]) => ({
                      key,
                      label: t(`part.${key}`, { defaultValue: key }),
                      children: <Said name={key} value={value} />,
                    }))}
                  />
                )}
              </Card>
            ))}
          </div>
          <p className="quiet" aria-live="off">
            {t("checked", { time: formatClock(dataUpdatedAt, i18n.language) })}
          </p>
        </>
      ) : (
        <Skeleton active />
      )}
    </Page>
  );
}
