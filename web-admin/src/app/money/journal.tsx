// What was booked, the latest first: each fact with the accounts it moved.
import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { Currency, LedgerJournalQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { byText, date, ListPage, text } from "@/lib/list-page";
import { exponents, formatMoney } from "@/lib/money";
import { MoneyNav } from "./places";

const journalDocument = graphql(`
  query LedgerJournal($businessType: String, $businessId: String, $account: String, $first: Int, $after: String) {
    ledgerPostings(
      businessType: $businessType, businessId: $businessId, account: $account, first: $first, after: $after
    ) {
      edges { node { id businessType businessId actor postedAt block legs { account minor unit } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Row = LedgerJournalQuery["ledgerPostings"]["edges"][number]["node"];

/** Money in its currency, points as they are counted. */
export function amountOf(leg: { minor: number; unit: string }, language: string): string {
  if (leg.unit in exponents) return formatMoney({ amount: leg.minor, currency: leg.unit as Currency }, language);
  return new Intl.NumberFormat(language).format(leg.minor);
}

export default function Journal() {
  const { t, i18n } = useTranslation("money");
  return (
    <ListPage
      title={t("journal.title")}
      above={<MoneyNav />}
      query={journalDocument}
      variables={({ after, type, number, account }) => ({
        first: 20,
        after,
        businessType: type,
        businessId: number,
        account,
      })}
      connection={(answer) => answer.ledgerPostings}
      filters={[
        byText("number", t("journal.byNumber")),
        byText("type", t("journal.byType")),
        byText("account", t("journal.byAccount")),
      ]}
      columns={[
        date<Row>((row) => row.postedAt)(t("columns.at")),
        text<Row>((row) => t(`journal.types.${row.businessType}`, { defaultValue: row.businessType }))(
          t("columns.fact"),
        ),
        text<Row>((row) => <code className="id">{row.businessId}</code>)(t("columns.number")),
        text<Row>((row) => (
          <ul className="plain-list">
            {row.legs.map((leg) => {
              const [kind = leg.account, owner] = leg.account.split(":", 2);
              return (
                <li key={`${leg.account} ${leg.unit}`} className="numeric">
                  <bdi>
                    {leg.minor > 0 ? "+" : ""}
                    {amountOf(leg, i18n.language)}
                  </bdi>{" "}
                  {t(`account.${kind}.name`, { defaultValue: kind })}
                  {owner && <small className="quiet"> {owner}</small>}
                </li>
              );
            })}
          </ul>
        ))(t("columns.legs")),
        text<Row>((row) => (row.block ? t("journal.block", { height: row.block }) : <Tag>{t("journal.waits")}</Tag>))(
          t("columns.sealed"),
        ),
      ]}
      empty={t("balances.empty")}
    />
  );
}
