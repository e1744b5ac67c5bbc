// What stands on the accounts of the books, in the words of a shopkeeper, and whether the books are sealed.
import { Alert, Card, Skeleton, Statistic, Table, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { When } from "@/lib/list-page";
import { Page } from "@/lib/page";
import { Price } from "@/lib/parts";
import { useRead } from "@/lib/query";
import { balanced, type Nature, type Shown, shown } from "./accounts";
import { MoneyNav } from "./places";

const balancesDocument = graphql(`
  query LedgerBalances {
    ledgerBalances { account balance { amount currency } }
    ledgerTip { height sealedAt unsealed }
  }
`);

const colors: Record<Nature, string | undefined> = {
  owned: "success",
  owed: "warning",
  earned: "processing",
  spent: "error",
  other: undefined,
};

export default function Balances() {
  const { t } = useTranslation("money");
  const { data, error, refetch } = useRead(balancesDocument, {}, { refetchInterval: 30_000 });
  const nameOf = ({ kind, owner }: Shown) => {
    const name = t(`account.${kind}.name`, { defaultValue: kind });
    return owner ? t("accountOf", { name, owner: t(`orders:gateway.${owner}`, { defaultValue: owner }) }) : name;
  };
  return (
    <Page title={t("balances.title")}>
      <MoneyNav />
      {error && <Failed error={error} retry={refetch} />}
      {!data && !error && <Skeleton active paragraph={{ rows: 8 }} />}
      {data && (
        <>
          {!balanced(data.ledgerBalances) && (
            <Alert className="gap-note" type="error" showIcon role="alert" title={t("balances.unbalanced")} />
          )}
          <div className="probes">
            <Card>
              <Statistic title={t("balances.height")} value={data.ledgerTip.height} />
              <p className="quiet">{t("balances.heightHelp")}</p>
            </Card>
            <Card>
              <Statistic title={t("balances.unsealed")} value={data.ledgerTip.unsealed} />
              <p className="quiet">
                {t("balances.sealedAt")} <When at={data.ledgerTip.sealedAt} />
              </p>
            </Card>
          </div>
          <p className="quiet">{t("balances.help")}</p>
          <Table
            className="sku-table"
            size="middle"
            rowKey={(row) => `${row.account} ${row.balance.currency}`}
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={data.ledgerBalances.map(shown)}
            locale={{ emptyText: t("balances.empty") }}
            columns={[
              {
                title: t("columns.account"),
                render: (_, row) => (
                  <>
                    {nameOf(row)}
                    <div className="quiet">{t(`account.${row.kind}.help`, { defaultValue: "" })}</div>
                  </>
                ),
              },
              {
                title: t("columns.nature"),
                render: (_, row) => <Tag color={colors[row.nature]}>{t(`nature.${row.nature}`)}</Tag>,
              },
              {
                title: t("columns.balance"),
                align: "end",
                className: "numeric",
                render: (_, row) => <Price money={row.balance} />,
              },
            ]}
          />
        </>
      )}
    </Page>
  );
}
