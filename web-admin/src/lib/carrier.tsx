// Who carries a parcel, and its number.
import { AutoComplete } from "antd";
import { useTranslation } from "react-i18next";
import { graphql } from "@/lib/graphql";
import { useRead } from "@/lib/query";

const carriersDocument = graphql(`
  query Carriers { carriers { code zh en } }
`);

/** The number as it stands on the label: letters and digits, however it was pasted. */
export const tidyTracking = (typed: string) => typed.replace(/\s+/g, "").toUpperCase();
export const isTracking = (typed: string) => /^[A-Z0-9-]{4,64}$/.test(tidyTracking(typed));

/** A carrier, by name: the known ones are offered and tracked, any other can be written. */
export function CarrierInput(props: { id?: string; value?: string; onChange?: (value: string) => void }) {
  const { i18n } = useTranslation();
  const { data } = useRead(carriersDocument, {}, { staleTime: 600_000 });
  const names = data?.carriers.map(({ code, zh, en }) => ({ code, name: i18n.language === "en" ? en : zh })) ?? [];
  return (
    <AutoComplete
      {...props}
      options={names.map(({ name }) => ({ value: name }))}
      showSearch={{
        filterOption: (typed, option) => {
          const wanted = typed.toLowerCase();
          const known = names.find(({ name }) => name === option?.value);
          return known ? `${known.name} ${known.code}`.toLowerCase().includes(wanted) : false;
        },
      }}
    />
  );
}

/** The rule of a tracking number, in words. */
export function useTrackingRule() {
  const { t } = useTranslation();
  return {
    validator: async (_: unknown, typed?: string) => {
      if (typed?.trim() && !isTracking(typed)) throw new Error(t("parcel.trackingNoWrong"));
    },
  };
}
