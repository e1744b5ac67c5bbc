// The list follows the feed of all orders: what happened is said, and the page on screen is read again, at most once in
// two seconds however much happens.
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConnectionPill } from "@/lib/connection";
import { graphql } from "@/lib/graphql";
import { useLive } from "@/lib/live";
import { Announce } from "@/lib/page";
import { queryClient } from "@/lib/query";
import { throttle } from "@/lib/throttle";

const feedDocument = graphql(`
  subscription OrderFeed($after: String) {
    orderFeed(after: $after) {
      cursor gap serverTime
      fact { name at order { id orderNo status } }
    }
  }
`);

const PAUSE = 2_000;

export function OrdersLive({ query }: { query: { toString(): string } }) {
  const { t } = useTranslation("orders");
  const [said, setSaid] = useState("");
  const reading = useRef<ReturnType<typeof throttle>>(undefined);
  reading.current ??= throttle(() => queryClient.invalidateQueries({ queryKey: [query.toString()] }), PAUSE);
  useEffect(() => () => reading.current?.stop(), []);
  useLive(
    feedDocument,
    {},
    (answer) => answer.orderFeed,
    ({ fact, gap }) => {
      if (fact?.order) setSaid(t("feed", { number: fact.order.orderNo, status: t(`status.${fact.order.status}`) }));
      if (fact || gap) reading.current?.call();
    },
  );
  return (
    <>
      <ConnectionPill />
      <Announce text={said} />
    </>
  );
}
