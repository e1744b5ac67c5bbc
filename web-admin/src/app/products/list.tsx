import { PlusOutlined } from "@ant-design/icons";
import { Link, useNavigate } from "@tanstack/react-router";
import { Button, Space } from "antd";
import { useTranslation } from "react-i18next";
import type { ProductStatus, ProductsQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { inLanguage, useLanguage } from "@/lib/i18n";
import { actions, byChoice, byText, choices, date, ListPage, number, Open, state, text } from "@/lib/list-page";
import { Picture, PriceRange } from "@/lib/parts";
import { useRead } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { PublishButton } from "./actions";
import { ProductNav } from "./places";
import { pathsOf, shelvesDocument } from "./shelf";
import { productStates } from "./states";

const productsDocument = graphql(`
  query Products($first: Int, $after: String, $filter: CatalogProductFilter) {
    products(first: $first, after: $after, filter: $filter) {
      edges {
        node {
          id status updatedAt soldCount
          title { zhCn en }
          cover { url }
          priceRange { min { amount currency } max { amount currency } }
          skus { id status code stock { available } }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Row = ProductsQuery["products"]["edges"][number]["node"];

export default function ProductList() {
  const { t } = useTranslation("products");
  const { language } = useLanguage();
  const { can } = useViewer();
  const navigate = useNavigate();
  const shelves = useRead(shelvesDocument, {}, { staleTime: 60_000 });
  const mayWrite = can("CATALOG_WRITE");
  const titleOf = (row: Row) => inLanguage(row.title, language);
  const offered = (row: Row) => row.skus.filter(({ status }) => status === "ACTIVE");
  const left = (row: Row) => offered(row).reduce((sum, { stock }) => sum + (stock?.available ?? 0), 0);
  const paths = pathsOf(shelves.data?.categories ?? [], language);

  return (
    <ListPage
      title={t("title")}
      above={<ProductNav />}
      query={productsDocument}
      variables={({ after, state, search, shelf, stock }) => ({
        first: 20,
        after,
        filter: {
          status: state as ProductStatus | undefined,
          search,
          categoryId: shelf,
          inStock: stock ? stock === "yes" : undefined,
        },
      })}
      connection={(answer) => answer.products}
      every={30_000}
      filters={[
        byText("search", t("search"), t("search")),
        byChoice("state", t("columns.state"), choices(productStates, t)),
        byChoice("stock", t("columns.stock"), [
          { value: "yes", label: t("inStock") },
          { value: "no", label: t("soldOut") },
        ]),
        ...(paths.length > 0 ? [byChoice("shelf", t("columns.shelf"), paths, t("allShelves"))] : []),
      ]}
      columns={[
        text<Row>((row) => (
          <Open to={`/products/${row.id}`}>
            <Picture url={row.cover?.url} /> {titleOf(row)}
          </Open>
        ))(t("columns.article")),
        state<Row, ProductStatus>(productStates, (row) => row.status)(t("columns.state")),
        number<Row>(({ priceRange: { min, max } }) => <PriceRange prices={[{ price: min }, { price: max }]} />)(
          t("columns.price"),
        ),
        number<Row>((row) => (left(row) > 0 ? left(row) : <span className="due-soon">{t("soldOut")}</span>))(
          t("columns.stock"),
        ),
        number<Row>((row) => offered(row).length)(t("columns.variants")),
        number<Row>((row) => row.soldCount)(t("columns.sold")),
        date<Row>((row) => row.updatedAt)(t("columns.updatedAt")),
        ...(mayWrite
          ? [
              actions<Row>((row) => (
                <Space size="small">
                  <Link to={`/products/${row.id}/edit` as string} aria-label={`${t("edit.open")}: ${titleOf(row)}`}>
                    {t("edit.open")}
                  </Link>
                  <PublishButton size="small" product={{ id: row.id, status: row.status, title: titleOf(row) }} />
                </Space>
              ))(t("columns.actions")),
            ]
          : []),
      ]}
      actions={
        mayWrite && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => navigate({ to: "/products/new" })}>
            {t("create.open")}
          </Button>
        )
      }
      empty={t("empty")}
    />
  );
}
