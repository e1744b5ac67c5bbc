// The list follows the feed of all orders: what happened is said, and the page on screen is read again, at most once in
// two seconds however much happens.
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConnectionPill } from "@/lib/connection";
import { graphql } from "@/lib/graphql";
import { useLive } from "@/lib/live";
import { Announce } from "@/lib/page";
import { queryClient } from "@/lib/query";

const feedDocument = graphql(`
  subscription OrderFeed($after: String) {
    orderFeed(after: $after) {
      cursor gap serverTime
      fact { name at order { id orderNo status } }
    }
  }
`);

const PAUSE = 2_000;

/** Calls at once, then at most once per pause; the last call is never lost. */
export function throttle(run: () => void, pause: number) {
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = () => {
    timer = undefined;
    last = Date.now();
    run();
  };
  return {
    call() {
      if (timer !== undefined) return;
      const wait = last + pause - Date.now();
      if (wait <= 0) now();
      else timer = setTimeout(now, wait);
    },
    stop: () => clearTimeout(timer),
  };
}

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
