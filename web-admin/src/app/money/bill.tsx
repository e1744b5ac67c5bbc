// One bill: what it and our books do not agree about, and saying what each of those was.
import { useParams } from "@tanstack/react-router";
import { App, Button, Card, Form, Input, Result, Skeleton, Statistic, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { BillDifferenceState, BillDifferencesQuery } from "@/gql/graphql";
import { Failed } from "@/lib/errors";
import { FormDrawer, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { byChoice, date, List, number, text } from "@/lib/list-page";
import { Page } from "@/lib/page";
import { Price } from "@/lib/parts";
import { useRead, useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";

const billDocument = graphql(`
  query ProviderBill($id: ID!) {
    providerBill(id: $id) { id gateway fileName from until lines matched differences open importedAt }
  }
`);
const differencesDocument = graphql(`
  query BillDifferences($billId: ID, $state: BillDifferenceState, $first: Int, $after: String) {
    billDifferences(billId: $billId, state: $state, first: $first, after: $after) {
      edges {
        node {
          id kind problem number providerId ourState theirState state note resolvedAt
          ours { amount currency } theirs { amount currency }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const resolveDocument = graphql(`
  mutation BillDifferenceResolve($id: ID!, $note: String!) {
    billDifferenceResolve(id: $id, note: $note) { difference { id state } userErrors { code field message } }
  }
`);

type Row = BillDifferencesQuery["billDifferences"]["edges"][number]["node"];

export default function Bill() {
  const { t } = useTranslation("money");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const { can } = useViewer();
  const [resolving, setResolving] = useState<Row>();
  const { data, error, refetch } = useRead(billDocument, { id });
  const bill = data?.providerBill;
  if (error && !data) return <Failed error={error} retry={refetch} />;
  if (!data) return <Skeleton active title paragraph={{ rows: 8 }} />;
  if (!bill) return <Result status="404" title={tCommon("gone")} />;
  const mayWrite = can("LEDGER_WRITE");
  return (
    <Page
      title={bill.fileName}
      crumbs={[{ label: t("bills.title"), to: "/money/bills" }]}
      aside={<Tag>{t(`orders:gateway.${bill.gateway}`, { defaultValue: bill.gateway })}</Tag>}
    >
      <div className="probes">
        {(["lines", "matched", "differences", "open"] as const).map((name) => (
          <Card key={name}>
            <Statistic title={t(name === "open" ? "bills.open" : `bills.${name}`)} value={bill[name]} />
          </Card>
        ))}
      </div>
      <h2>{t("bills.differences")}</h2>
      <List
        label={t("bills.differences")}
        query={differencesDocument}
        variables={({ after, state }) => ({
          billId: id,
          state: state as BillDifferenceState | undefined,
          first: 20,
          after,
        })}
        connection={(answer) => answer.billDifferences}
        filters={[
          byChoice(
            "state",
            t("bills.state"),
            (["OPEN", "RESOLVED"] as const).map((value) => ({ value, label: t(`bills.states.${value}`) })),
          ),
        ]}
        columns={[
          text<Row>((row) => (
            <>
              {t(`bills.problem.${row.problem}`)}
              <div className="quiet">{t(`bills.problemHelp.${row.problem}`)}</div>
            </>
          ))(t("bills.what")),
          text<Row>((row) => t(`bills.kind.${row.kind}`))(t("bills.kindOf")),
          text<Row>((row) => (
            <>
              <code className="id">{row.number}</code>
              {row.providerId && (
                <div>
                  <code className="id quiet">{row.providerId}</code>
                </div>
              )}
            </>
          ))(t("columns.number")),
          number<Row>((row) => row.ours && <Price money={row.ours} />)(t("bills.ours")),
          number<Row>((row) => row.theirs && <Price money={row.theirs} />)(t("bills.theirs")),
          text<Row>((row) => (
            <>
              <Tag color={row.state === "OPEN" ? "error" : "success"}>{t(`bills.states.${row.state}`)}</Tag>
              {row.note && <div className="said">{row.note}</div>}
            </>
          ))(t("bills.state")),
          date<Row>((row) => row.resolvedAt)(t("bills.resolvedAt")),
          ...(mayWrite
            ? [
                text<Row>(
                  (row) =>
                    row.state === "OPEN" && (
                      <Button
                        size="small"
                        aria-label={`${t("bills.resolve")}: ${row.number}`}
                        onClick={() => setResolving(row)}
                      >
                        {t("bills.resolve")}
                      </Button>
                    ),
                )(t("columns.actions")),
              ]
            : []),
        ]}
        empty={t("bills.agreesWhole")}
      />
      {resolving && <ResolveForm difference={resolving} close={() => setResolving(undefined)} />}
    </Page>
  );
}

function ResolveForm({ difference, close }: { difference: Row; close: () => void }) {
  const { t } = useTranslation("money");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ note: string }>();
  const resolve = useWrite(resolveDocument);
  const required = useRequired();
  return (
    <FormDrawer
      title={t("bills.resolve")}
      submit={tCommon("save")}
      form={form}
      pending={resolve.isPending}
      refused={resolve.data?.billDifferenceResolve.userErrors ?? []}
      failed={resolve.error}
      close={close}
      onSubmit={async ({ note }) => {
        const answer = await resolve.mutateAsync({ id: difference.id, note: note.trim() });
        if (!answer.billDifferenceResolve.difference) return;
        message.success(tCommon("saved"));
        close();
      }}
    >
      <p>
        {t(`bills.problem.${difference.problem}`)} <code className="id">{difference.number}</code>
      </p>
      <Form.Item name="note" label={t("bills.was")} extra={t("bills.wasHelp")} rules={[required]}>
        <Input.TextArea rows={4} maxLength={500} showCount />
      </Form.Item>
    </FormDrawer>
  );
}
