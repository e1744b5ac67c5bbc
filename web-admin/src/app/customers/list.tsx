import { useTranslation } from "react-i18next";
import type { CustomerListQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { byText, date, ListPage, Open, text } from "@/lib/list-page";
import { Face } from "@/lib/parts";

const customersDocument = graphql(`
  query CustomerList($search: String, $first: Int, $after: String) {
    customers(search: $search, first: $first, after: $after) {
      edges { node { id nickname avatarUrl phone registeredAt } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Row = CustomerListQuery["customers"]["edges"][number]["node"];

export default function CustomerList() {
  const { t } = useTranslation("customers");
  return (
    <ListPage
      title={t("title")}
      query={customersDocument}
      variables={({ after, search }) => ({ first: 20, after, search })}
      connection={(answer) => answer.customers}
      filters={[byText("search", t("search"))]}
      columns={[
        text<Row>((row) => (
          <Open to={`/customers/${row.id}`}>
            <Face customer={row} size={32} />
            {row.nickname}
          </Open>
        ))(t("columns.customer")),
        text<Row>((row) => <span className="numeric">{row.phone}</span>)(t("columns.phone")),
        date<Row>((row) => row.registeredAt)(t("columns.registeredAt")),
      ]}
      empty={t("empty")}
    />
  );
}
