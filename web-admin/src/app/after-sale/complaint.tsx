// One complaint: what was said on both sides, and the decision.
import { Link, useParams } from "@tanstack/react-router";
import { Alert, App, Button, Card, Descriptions, Form, Input, Result, Segmented, Skeleton, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ComplaintDecideInput, ComplaintQuery, ComplaintState, ComplaintVerdict } from "@/gql/graphql";
import { Failed } from "@/lib/errors";
import { AmountInput, FormDrawer, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { StateTag, When } from "@/lib/list-page";
import { type Money, toMinor } from "@/lib/money";
import { Page } from "@/lib/page";
import { Price } from "@/lib/parts";
import { useRead, useWrite } from "@/lib/query";
import { idsOf } from "@/lib/shots";
import { useViewer } from "@/lib/viewer";
import { Attach, type Said } from "./attach";
import { orderOfCaseDocument } from "./case";
import { Due } from "./due";
import { AfterSaleLive } from "./feed";
import { Moments } from "./moments";
import { complaintStates } from "./states";

const complaintDocument = graphql(`
  query Complaint($id: ID!) {
    complaint(id: $id) {
      id orderId afterSaleId state topic dueAt decision compensation { amount currency } createdAt closedAt
      timeline { what by note at media { id url } }
    }
  }
`);
const answerDocument = graphql(`
  mutation ComplaintAnswer($input: ComplaintSayInput!) {
    complaintAnswer(input: $input) { complaint { id state } userErrors { code field message } }
  }
`);
const decideDocument = graphql(`
  mutation ComplaintDecide($input: ComplaintDecideInput!) {
    complaintDecide(input: $input) { complaint { id state } userErrors { code field message } }
  }
`);

type Complaint = NonNullable<ComplaintQuery["complaint"]>;

const open: ComplaintState[] = ["FILED", "ANSWERED", "UNANSWERED"];
/** The shopper is found right only once the merchant was heard, or their time is over. */
const heard: ComplaintState[] = ["ANSWERED", "UNANSWERED"];

export default function ComplaintPage() {
  const { t } = useTranslation("afterSale");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const { can } = useViewer();
  const [doing, setDoing] = useState<"answer" | "decide">();
  const { data, error, refetch } = useRead(complaintDocument, { id }, { refetchInterval: 30_000 });
  const complaint = data?.complaint;
  const order = useRead(
    orderOfCaseDocument,
    { id: complaint?.orderId ?? "" },
    { enabled: complaint !== undefined && complaint !== null },
  ).data?.order;
  if (error && !data) return <Failed error={error} retry={refetch} />;
  if (!data) return <Skeleton active title paragraph={{ rows: 8 }} />;
  if (!complaint) return <Result status="404" title={tCommon("gone")} />;
  const close = () => setDoing(undefined);
  return (
    <Page
      title={t("complaintAbout", { topic: t(`topic.${complaint.topic}`) })}
      crumbs={[{ label: t("complaints"), to: "/after-sale/complaints" }]}
      aside={
        <>
          <StateTag states={complaintStates} value={complaint.state} />
          <AfterSaleLive query={complaintDocument} />
        </>
      }
      actions={
        open.includes(complaint.state) && (
          <Space>
            {can("AFTER_SALE_WRITE") && <Button onClick={() => setDoing("answer")}>{t("answer.open")}</Button>}
            {can("COMPLAINT_DECIDE") && (
              <Button type="primary" onClick={() => setDoing("decide")}>
                {t("decide.open")}
              </Button>
            )}
          </Space>
        )
      }
    >
      <Alert
        className="gap-note"
        type={complaint.state === "UNANSWERED" ? "error" : "info"}
        showIcon
        title={t(`complaintNext.${complaint.state}`)}
        description={
          complaint.dueAt && (
            <>
              {t("due")} <Due at={complaint.dueAt} />
            </>
          )
        }
      />
      <div className="team-layout">
        <Moments moments={complaint.timeline} />
        <div className="team-side">
          <Card size="small" title={t("facts")}>
            <Descriptions
              size="small"
              column={1}
              items={[
                {
                  key: "order",
                  label: t("columns.order"),
                  children: <Link to={`/orders/${complaint.orderId}`}>{order?.orderNo ?? complaint.orderId}</Link>,
                },
                ...(complaint.afterSaleId
                  ? [
                      {
                        key: "case",
                        label: t("columns.case"),
                        children: <Link to={`/after-sale/case/${complaint.afterSaleId}`}>{t("openCase")}</Link>,
                      },
                    ]
                  : []),
                { key: "created", label: t("columns.createdAt"), children: <When at={complaint.createdAt} /> },
                ...(complaint.decision
                  ? [
                      {
                        key: "decision",
                        label: t("decide.decision"),
                        children: <span className="said">{complaint.decision}</span>,
                      },
                    ]
                  : []),
                ...(complaint.compensation
                  ? [
                      {
                        key: "compensation",
                        label: t("decide.compensation"),
                        children: <Price money={complaint.compensation} />,
                      },
                    ]
                  : []),
              ]}
            />
          </Card>
        </div>
      </div>
      {doing === "answer" && <AnswerForm complaint={complaint} close={close} />}
      {doing === "decide" && <DecideForm complaint={complaint} total={order?.total} close={close} />}
    </Page>
  );
}

function AnswerForm({ complaint, close }: { complaint: Complaint; close: () => void }) {
  const { t } = useTranslation("afterSale");
  const { message } = App.useApp();
  const [form] = Form.useForm<Said>();
  const answer = useWrite(answerDocument);
  const required = useRequired();
  return (
    <FormDrawer
      title={t("answer.open")}
      submit={t("action.say.submit")}
      form={form}
      pending={answer.isPending}
      refused={answer.data?.complaintAnswer.userErrors ?? []}
      failed={answer.error}
      close={close}
      onSubmit={async ({ note, pictures }) => {
        const said = await answer.mutateAsync({
          input: { id: complaint.id, note: note.trim(), mediaIds: idsOf(pictures) },
        });
        if (!said.complaintAnswer.complaint) return;
        message.success(t("action.say.done"));
        close();
      }}
    >
      <Form.Item name="note" label={t("toShopper")} extra={t("answer.help")} rules={[required]}>
        <Input.TextArea rows={4} maxLength={500} showCount />
      </Form.Item>
      <Attach />
    </FormDrawer>
  );
}

export type Decided = { verdict: ComplaintVerdict; compensation?: string | null; note: string };

/** What was decided, as the server wants it: only who is found right gets something. */
export function toInput(decided: Decided, id: string, total: Money | undefined): ComplaintDecideInput {
  const minor = total && toMinor(String(decided.compensation ?? ""), total.currency);
  return {
    id,
    verdict: decided.verdict,
    note: decided.note.trim(),
    compensation:
      decided.verdict === "UPHELD" && minor && total ? { amount: minor, currency: total.currency } : undefined,
  };
}

function DecideForm({ complaint, total, close }: { complaint: Complaint; total?: Money; close: () => void }) {
  const { t } = useTranslation("afterSale");
  const { message } = App.useApp();
  const [form] = Form.useForm<Decided>();
  const decide = useWrite(decideDocument);
  const required = useRequired();
  const amountRule = useAmountRule();
  const verdict = Form.useWatch("verdict", form) ?? "DISMISSED";
  const isHeard = heard.includes(complaint.state);
  return (
    <FormDrawer
      title={t("decide.open")}
      submit={t("decide.submit")}
      danger
      form={form}
      initial={{ verdict: "DISMISSED" }}
      pending={decide.isPending}
      refused={decide.data?.complaintDecide.userErrors ?? []}
      failed={decide.error}
      close={close}
      note={<Alert type="warning" showIcon className="edit-note" title={t("decide.note")} />}
      onSubmit={async (decided) => {
        const answer = await decide.mutateAsync({ input: toInput(decided, complaint.id, total) });
        if (!answer.complaintDecide.complaint) return;
        message.success(t("decide.done"));
        close();
      }}
    >
      <Form.Item
        name="verdict"
        label={t("decide.verdict")}
        extra={t(isHeard ? `decide.effect.${verdict}` : "decide.notHeard")}
      >
        <Segmented
          options={(["UPHELD", "DISMISSED"] as const).map((value) => ({
            value,
            label: t(`decide.verdicts.${value}`),
            disabled: value === "UPHELD" && !isHeard,
          }))}
        />
      </Form.Item>
      {verdict === "UPHELD" && total && (
        <Form.Item
          name="compensation"
          label={t("decide.compensation")}
          extra={t("decide.compensationHelp")}
          rules={[amountRule(total.currency, total)]}
        >
          <AmountInput currency={total.currency} />
        </Form.Item>
      )}
      <Form.Item name="note" label={t("decide.why")} extra={t("toShopperHelp")} rules={[required]}>
        <Input.TextArea rows={4} maxLength={500} showCount />
      </Form.Item>
    </FormDrawer>
  );
}
