// Proofs that the books agree with what they record: one a day by itself, and whenever somebody asks.
import { App, Button, Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { LedgerProofsQuery } from "@/gql/graphql";
import { messageKey } from "@/lib/boundary";
import { graphql } from "@/lib/graphql";
import { date, ListPage, number, text } from "@/lib/list-page";
import { useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { MoneyNav } from "./places";

const proofsDocument = graphql(`
  query LedgerProofs($first: Int, $after: String) {
    ledgerReconciliations(first: $first, after: $after) {
      edges { node { id day startedAt finishedAt checked found findings { check subject detail } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const proveDocument = graphql(`
  mutation LedgerReconcile { ledgerReconcile { reconciliation { id found } userErrors { code field message } } }
`);

type Row = LedgerProofsQuery["ledgerReconciliations"]["edges"][number]["node"];

export default function Proofs() {
  const { t } = useTranslation("money");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const { can } = useViewer();
  const prove = useWrite(proveDocument);
  const run = async () => {
    try {
      const { reconciliation, userErrors } = (await prove.mutateAsync({})).ledgerReconcile;
      if (userErrors[0]) message.error(userErrors[0].message, 6);
      else if (reconciliation?.found) message.warning(t("proofs.found", { count: reconciliation.found }), 6);
      else message.success(t("proofs.agree"));
    } catch (error) {
      message.error(tCommon(messageKey(error as Error)), 6);
    }
  };
  return (
    <ListPage
      title={t("proofs.title")}
      above={
        <>
          <MoneyNav />
          <p className="quiet">{t("proofs.help")}</p>
        </>
      }
      actions={
        can("LEDGER_WRITE") && (
          <Button type="primary" loading={prove.isPending} onClick={run}>
            {t("proofs.now")}
          </Button>
        )
      }
      query={proofsDocument}
      variables={({ after }) => ({ first: 20, after })}
      connection={(answer) => answer.ledgerReconciliations}
      filters={[]}
      columns={[
        date<Row>((row) => row.startedAt)(t("columns.at")),
        text<Row>((row) => (row.day ? t("proofs.daily") : t("proofs.asked")))(t("proofs.why")),
        text<Row>((row) =>
          !row.finishedAt ? (
            <Tag color="processing">{t("proofs.running")}</Tag>
          ) : row.found > 0 ? (
            <Tag color="error">{t("proofs.found", { count: row.found })}</Tag>
          ) : (
            <Tag color="success">{t("proofs.agree")}</Tag>
          ),
        )(t("proofs.result")),
        number<Row>((row) => row.checked)(t("proofs.checked")),
        text<Row>((row) => (
          <ul className="plain-list">
            {row.findings.map((finding) => (
              <li key={`${finding.check} ${finding.subject}`}>
                {t(`proofs.checks.${finding.check}`, { defaultValue: finding.check })}{" "}
                <code className="id">{finding.subject}</code> <span lang="en">{finding.detail}</span>
              </li>
            ))}
          </ul>
        ))(t("proofs.findings")),
      ]}
      empty={t("proofs.empty")}
    />
  );
}
