// The lists follow the feed of all cases and complaints.
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConnectionPill } from "@/lib/connection";
import { graphql } from "@/lib/graphql";
import { useLive } from "@/lib/live";
import { Announce } from "@/lib/page";
import { queryClient } from "@/lib/query";
import { throttle } from "@/lib/throttle";

const feedDocument = graphql(`
  subscription AfterSaleFeed($after: String) {
    afterSaleFeed(after: $after) { cursor gap serverTime caseId complaintId what }
  }
`);

export function AfterSaleLive({ query }: { query: { toString(): string } }) {
  const { t } = useTranslation("afterSale");
  const [said, setSaid] = useState("");
  const reading = useRef<ReturnType<typeof throttle>>(undefined);
  reading.current ??= throttle(() => queryClient.invalidateQueries({ queryKey: [query.toString()] }), 2_000);
  useEffect(() => () => reading.current?.stop(), []);
  useLive(
    feedDocument,
    {},
    (answer) => answer.afterSaleFeed,
    ({ what, gap }) => {
      if (what) setSaid(t(`moment.${what}`, { defaultValue: what }));
      if (what || gap) reading.current?.call();
    },
  );
  return (
    <>
      <ConnectionPill />
      <Announce text={said} />
    </>
  );
}
