// What staff can do to a case where it stands, and may.
import { Button, Space } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk } from "@/lib/act";
import { graphql } from "@/lib/graphql";
import { useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import type { Case } from "./case";
import { type Action, actionsOf } from "./cases";

const forms = {
  approve: lazy(() => import("./approve")),
  reject: lazy(() => import("./say").then((said) => ({ default: said.RejectForm }))),
  say: lazy(() => import("./say").then((said) => ({ default: said.SayForm }))),
  pass: lazy(() => import("./pass")),
  reship: lazy(() => import("./reship")),
};

const receiveDocument = graphql(`
  mutation AfterSaleReceive($id: ID!) {
    afterSaleReceive(id: $id) { case { id state } userErrors { code field message } }
  }
`);
const insteadDocument = graphql(`
  mutation AfterSaleRefundInstead($id: ID!) {
    afterSaleRefundInstead(id: $id) { case { id state } userErrors { code field message } }
  }
`);
const againDocument = graphql(`
  mutation AfterSaleRefundAgain($id: ID!) {
    afterSaleRefundAgain(id: $id) { case { id state } userErrors { code field message } }
  }
`);

const isForm = (action: Action): action is keyof typeof forms => action in forms;

export function CaseActions({ case: of }: { case: Case }) {
  const { t } = useTranslation("afterSale");
  const { can } = useViewer();
  const [doing, setDoing] = useState<keyof typeof forms>();
  const ask = useAsk();
  const receive = useWrite(receiveDocument);
  const instead = useWrite(insteadDocument);
  const again = useWrite(againDocument);

  const at = { id: of.id };
  const run = {
    receive: async () => (await receive.mutateAsync(at)).afterSaleReceive,
    refundInstead: async () => (await instead.mutateAsync(at)).afterSaleRefundInstead,
    refundAgain: async () => (await again.mutateAsync(at)).afterSaleRefundAgain,
  };
  const question = (action: keyof typeof run) =>
    ask({
      title: t(`action.${action}.question`),
      effect: t(`action.${action}.effect`),
      name: t(`action.${action}.name`),
      done: t(`action.${action}.done`),
      danger: action !== "receive",
      run: run[action],
    });

  const may = actionsOf(of).filter((action) => can(action === "refundAgain" ? "REFUND_WRITE" : "AFTER_SALE_WRITE"));
  const Doing = doing && forms[doing];
  return (
    <Space wrap>
      {may.map((action, n) => (
        <Button
          key={action}
          danger={action === "reject"}
          type={n === may.length - 1 && action !== "say" ? "primary" : "default"}
          onClick={() => (isForm(action) ? setDoing(action) : question(action))}
        >
          {t(`action.${action}.name`)}
        </Button>
      ))}
      <Suspense>{Doing && <Doing case={of} close={() => setDoing(undefined)} />}</Suspense>
    </Space>
  );
}
