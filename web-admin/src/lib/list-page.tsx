// The list kit: a page says which query, which columns and which filters; paging, the URL, loading, empty and error
// states come from here. Filters and the cursor live in the URL, so a list can be bookmarked, shared and walked back.
import { LeftOutlined, ReloadOutlined, RightOutlined } from "@ant-design/icons";
import { keepPreviousData } from "@tanstack/react-query";
import { Link, useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Empty, Input, Segmented, Select, Space, Table, type TableColumnType, Tag, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { TypedDocumentString } from "@/gql/graphql";
import { Failed } from "@/lib/errors";
import { type ListSearch, listSearch } from "@/lib/list-search";
import { type Crumb, Page } from "@/lib/page";
import { useRead } from "@/lib/query";
import { formatTime } from "@/lib/time";

/** The look of each value of an enum: its text comes from `<namespace>:<prefix>.<VALUE>`. */
export type States<S extends string> = { prefix: string; colors: Record<S, string | undefined> };

export function StateTag<S extends string>({ states, value }: { states: States<S>; value: S }) {
  const { t } = useTranslation();
  return <Tag color={states.colors[value]}>{t(`${states.prefix}.${value}`)}</Tag>;
}

/** Every value of an enum, to choose from. */
export const choices = <S extends string>(states: States<S>, t: (key: string) => string) =>
  (Object.keys(states.colors) as S[]).map((value) => ({ value, label: t(`${states.prefix}.${value}`) }));

type Column<Row> = TableColumnType<Row>;
const column =
  <Row,>(render: (row: Row) => ReactNode, more: Column<Row> = {}) =>
  (title: string): Column<Row> => ({ title, render: (_, row) => render(row), ...more });

/** Columns: `text((row) => row.name)(t("columns.name"))`. */
export const text = <Row,>(value: (row: Row) => ReactNode) => column(value);
export const number = <Row,>(value: (row: Row) => ReactNode) => column(value, { align: "end", className: "numeric" });
/** What can be done with a row: in sight however wide the table is. */
export const actions = <Row,>(value: (row: Row) => ReactNode) =>
  column(value, { fixed: "end", className: "row-actions" });
export const state = <Row, S extends string>(states: States<S>, value: (row: Row) => S) =>
  column<Row>((row) => <StateTag states={states} value={value(row)} />);
export const date = <Row,>(value: (row: Row) => string | null | undefined) =>
  column<Row>((row) => <When at={value(row)} />, { className: "numeric" });

/** From when until when, in two lines. */
export const period = <Row,>(value: (row: Row) => { startsAt: string; endsAt: string }) =>
  column<Row>(
    (row) => (
      <>
        <When at={value(row).startsAt} /> –
        <br />
        <When at={value(row).endsAt} />
      </>
    ),
    { className: "numeric" },
  );

/** A moment in the reader's language and time zone. */
export function When({ at }: { at: string | null | undefined }) {
  const { t, i18n } = useTranslation();
  return at ? <time dateTime={at}>{formatTime(at, i18n.language)}</time> : t("none");
}

export type Filter = { name: string; label: string } & (
  | { kind: "text"; placeholder?: string }
  | { kind: "choice"; options: { value: string; label: string }[]; all?: string | undefined }
);

/** Filters: by a piece of text, or by one value of an enum. */
export const byText = (name: string, label: string, placeholder?: string): Filter => ({
  kind: "text",
  name,
  label,
  placeholder,
});
export const byChoice = (
  name: string,
  label: string,
  options: { value: string; label: string }[],
  /** What no choice is called, of a list that may grow long. */
  all?: string,
): Filter => ({ kind: "choice", name, label, options, all });

type Connection<Row> = { edges: { node: Row }[]; pageInfo: { hasNextPage: boolean; endCursor?: string | null } };

type ListProps<R, V, Row> = {
  label: string;
  query: TypedDocumentString<R, V>;
  /** The variables for what the address bar says. */
  variables: (search: ListSearch) => V;
  connection: (answer: R) => Connection<Row>;
  columns: Column<Row>[];
  filters: Filter[];
  empty?: ReactNode;
  /** Reads again this often, for lists whose numbers move. */
  every?: number;
};

export function List<R, V, Row extends { id: string }>(props: ListProps<R, V, Row>) {
  const { t } = useTranslation();
  const search = useSearch({ strict: false }) as ListSearch;
  const navigate = useNavigate();
  const { trail = [] } = useLocation({ select: (location) => location.state as { trail?: string[] } });
  const { data, error, isFetching, isPlaceholderData, refetch } = useRead(props.query, props.variables(search), {
    placeholderData: keepPreviousData,
    ...(props.every ? { refetchInterval: props.every } : {}),
  });
  const page = data && props.connection(data);
  const rows = page?.edges.map(({ node }) => node) ?? [];
  const filtered = props.filters.some(({ name }) => search[name]);

  const go = (next: ListSearch, walked: string[] = []) =>
    navigate({ to: ".", search: listSearch(next), state: { trail: walked } as never });

  return (
    <section aria-label={props.label}>
      <Space wrap className="filters" role="search">
        {props.filters.map((filter) => (
          <FilterInput
            key={filter.name}
            filter={filter}
            value={search[filter.name]}
            set={(value) => go({ ...search, [filter.name]: value, after: undefined })}
          />
        ))}
        {filtered && (
          <Button type="link" onClick={() => go({})}>
            {t("list.clear")}
          </Button>
        )}
        <Tooltip title={t("list.refresh")}>
          <Button
            aria-label={t("list.refresh")}
            icon={<ReloadOutlined />}
            loading={isFetching}
            onClick={() => refetch()}
          />
        </Tooltip>
      </Space>
      {error && !page && <Failed error={error} retry={refetch} />}
      {(!error || page) && (
        <>
          {error && <Failed error={error} retry={refetch} />}
          <Table<Row>
            rowKey="id"
            size="middle"
            columns={props.columns.map((entry, index) => ({ key: index, ...entry }))}
            dataSource={rows}
            loading={{ spinning: !page || isPlaceholderData, description: t("loading") }}
            pagination={false}
            scroll={{ x: "max-content" }}
            locale={{
              emptyText: page ? (
                <Empty
                  image={Empty.PRESENTED_IMAGE_SIMPLE}
                  description={filtered || search.after ? t("list.nothing") : (props.empty ?? t("list.empty"))}
                />
              ) : (
                <div className="table-waiting" />
              ),
            }}
          />
          <nav className="pages" aria-label={t("list.pages")}>
            <span aria-live="polite">{rows.length > 0 && t("list.loaded", { count: rows.length })}</span>
            <Space>
              {search.after && trail.length === 0 && (
                <Button onClick={() => go({ ...search, after: undefined })}>{t("list.first")}</Button>
              )}
              <Button
                icon={<LeftOutlined className="flips" />}
                disabled={trail.length === 0}
                onClick={() => go({ ...search, after: trail.at(-1) }, trail.slice(0, -1))}
              >
                {t("list.previous")}
              </Button>
              <Button
                icon={<RightOutlined className="flips" />}
                iconPlacement="end"
                disabled={!page?.pageInfo.hasNextPage}
                onClick={() =>
                  go({ ...search, after: page?.pageInfo.endCursor ?? undefined }, [...trail, search.after ?? ""])
                }
              >
                {t("list.next")}
              </Button>
            </Space>
          </nav>
        </>
      )}
    </section>
  );
}

/** A whole page that is one list. */
export function ListPage<R, V, Row extends { id: string }>(
  props: Omit<ListProps<R, V, Row>, "label"> & {
    title: string;
    crumbs?: Crumb[];
    actions?: ReactNode;
    /** Between the heading and the list. */
    above?: ReactNode;
  },
) {
  const { title, crumbs, actions, above, ...list } = props;
  return (
    <Page title={title} crumbs={crumbs} actions={actions}>
      {above}
      <List label={title} {...list} />
    </Page>
  );
}

function FilterInput({
  filter,
  value,
  set,
}: {
  filter: Filter;
  value: string | undefined;
  set: (value?: string) => void;
}) {
  const { t } = useTranslation();
  if (filter.kind === "text") {
    return (
      <Input.Search
        key={value}
        aria-label={filter.label}
        placeholder={filter.placeholder ?? filter.label}
        defaultValue={value}
        allowClear
        enterButton={false}
        style={{ inlineSize: "16rem" }}
        onSearch={(entered) => set(entered.trim() || undefined)}
      />
    );
  }
  const options = [{ value: "", label: filter.all ?? t("list.all") }, ...filter.options];
  return filter.options.length <= 6 && !filter.all ? (
    <Segmented
      aria-label={filter.label}
      value={value ?? ""}
      options={options}
      onChange={(chosen) => set(chosen || undefined)}
    />
  ) : (
    <Select
      aria-label={filter.label}
      value={value ?? ""}
      options={options}
      popupMatchSelectWidth={false}
      onChange={(chosen) => set(chosen || undefined)}
    />
  );
}

/** The cell that opens a row. */
export const Open = ({ to, children }: { to: string; children: ReactNode }) => (
  <Link to={to} className="open">
    {children}
  </Link>
);
