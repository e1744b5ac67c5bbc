// The shelves of the mall: what stands on which, in which order.
import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Empty, Form, Input, InputNumber, Skeleton, Space, Table, TreeSelect } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { treeOf } from "@/app/promotions/pickers";
import { useAsk } from "@/lib/act";
import { execute } from "@/lib/api";
import { Failed } from "@/lib/errors";
import { FormDrawer, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { inLanguage, useLanguage } from "@/lib/i18n";
import { Page } from "@/lib/page";
import { Picture } from "@/lib/parts";
import { Pictures, useShotsRule } from "@/lib/pictures";
import { queryClient, useRead, useWrite } from "@/lib/query";
import { idsOf, type Shot, stored } from "@/lib/shots";
import { useViewer } from "@/lib/viewer";
import { ProductNav } from "./places";
import { onShelf, type Shelf, shelvesDocument, withAllOn } from "./shelf";

const createDocument = graphql(`
  mutation CategoryCreate($input: CategoryCreateInput!) {
    categoryCreate(input: $input) { category { id } userErrors { code field message } }
  }
`);
const updateDocument = graphql(`
  mutation CategoryUpdate($input: CategoryUpdateInput!) {
    categoryUpdate(input: $input) { category { id } userErrors { code field message } }
  }
`);
const deleteDocument = graphql(`
  mutation CategoryDelete($id: ID!) {
    categoryDelete(id: $id) { deletedId userErrors { code field message } }
  }
`);

type Node = Shelf & { children?: Node[] };
const nodes = (shelves: Shelf[], parent: string | null = null): Node[] =>
  onShelf(shelves, parent).map((shelf) => {
    const children = nodes(shelves, shelf.id);
    return children.length > 0 ? { ...shelf, children } : shelf;
  });

export default function Shelves() {
  const { t } = useTranslation("products");
  const { language } = useLanguage();
  const { can } = useViewer();
  const ask = useAsk();
  const [editing, setEditing] = useState<{ shelf?: Shelf; parent?: string }>();
  const { data, error, refetch } = useRead(shelvesDocument, {});
  const mayWrite = can("CATALOG_WRITE");
  const name = (shelf: Shelf) => inLanguage(shelf.name, language);
  const remove = (shelf: Shelf) =>
    ask({
      title: t("shelves.removeQuestion", { name: name(shelf) }),
      effect: t("shelves.removeEffect"),
      name: t("shelves.remove"),
      done: t("shelves.removed"),
      danger: true,
      run: async () => {
        const { categoryDelete } = await execute(deleteDocument, { id: shelf.id });
        await queryClient.invalidateQueries();
        return categoryDelete;
      },
    });

  return (
    <Page
      title={t("shelves.title")}
      actions={
        mayWrite && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing({})}>
            {t("shelves.create")}
          </Button>
        )
      }
    >
      <ProductNav />
      <p className="quiet edit-note">{t("shelves.help")}</p>
      {error && <Failed error={error} retry={refetch} />}
      {!data && !error && <Skeleton active />}
      {data && (
        <Table<Node>
          rowKey="id"
          size="middle"
          pagination={false}
          expandable={{ defaultExpandAllRows: true }}
          dataSource={nodes(data.categories)}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("shelves.empty")} /> }}
          columns={[
            {
              title: t("shelves.name"),
              render: (_, shelf) => (
                <span className="open">
                  {shelf.icon && <Picture url={shelf.icon.url} />} {name(shelf)}
                </span>
              ),
            },
            { title: t("shelves.position"), align: "end", className: "numeric", dataIndex: "position" },
            ...(mayWrite
              ? [
                  {
                    title: t("columns.actions"),
                    className: "row-actions",
                    render: (_: unknown, shelf: Node) => (
                      <Space size={4} wrap>
                        <Button
                          size="small"
                          aria-label={`${t("shelves.edit")}: ${name(shelf)}`}
                          onClick={() => setEditing({ shelf })}
                        >
                          {t("shelves.edit")}
                        </Button>
                        <Button
                          size="small"
                          aria-label={`${t("shelves.createOn")}: ${name(shelf)}`}
                          onClick={() => setEditing({ parent: shelf.id })}
                        >
                          {t("shelves.createOn")}
                        </Button>
                        <Button
                          size="small"
                          danger
                          aria-label={`${t("shelves.remove")}: ${name(shelf)}`}
                          onClick={() => remove(shelf)}
                        >
                          {t("shelves.remove")}
                        </Button>
                      </Space>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      {editing && data && (
        <ShelfForm
          {...(editing.shelf ? { shelf: editing.shelf } : {})}
          {...(editing.parent ? { parent: editing.parent } : {})}
          shelves={data.categories}
          close={() => setEditing(undefined)}
        />
      )}
    </Page>
  );
}

type Entered = { zhCn: string; en?: string; parentId?: string | null; position?: number | null; icon?: Shot[] };

function ShelfForm({
  shelf,
  parent,
  shelves,
  close,
}: {
  shelf?: Shelf;
  parent?: string;
  shelves: Shelf[];
  close: () => void;
}) {
  const { t } = useTranslation("products");
  const { language } = useLanguage();
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const create = useWrite(createDocument);
  const update = useWrite(updateDocument);
  const required = useRequired();
  const shotsRule = useShotsRule();
  // A shelf cannot stand on itself, nor on what stands on it.
  const under = shelf ? withAllOn(shelves, shelf.id) : [];
  const free = shelves.filter(({ id }) => !under.includes(id));
  return (
    <FormDrawer<Entered>
      title={t(shelf ? "shelves.editTitle" : "shelves.create")}
      submit={t("shelves.submit")}
      form={form}
      initial={
        shelf
          ? {
              zhCn: shelf.name.zhCn ?? "",
              en: shelf.name.en ?? "",
              parentId: shelf.parentId ?? null,
              position: shelf.position,
              icon: shelf.icon ? [stored(shelf.icon)] : [],
            }
          : { parentId: parent ?? null, position: 0 }
      }
      pending={create.isPending || update.isPending}
      refused={create.data?.categoryCreate.userErrors ?? update.data?.categoryUpdate.userErrors ?? []}
      failed={create.error ?? update.error}
      close={close}
      onSubmit={async (entered) => {
        const input = {
          name: { zhCn: entered.zhCn.trim(), en: entered.en?.trim() || undefined },
          parentId: entered.parentId ?? null,
          position: entered.position ?? 0,
          iconId: idsOf(entered.icon)[0] ?? null,
        };
        const { category } = shelf
          ? (await update.mutateAsync({ input: { id: shelf.id, ...input } })).categoryUpdate
          : (await create.mutateAsync({ input })).categoryCreate;
        if (!category) return;
        message.success(t("shelves.done"));
        close();
      }}
    >
      <Form.Item name="zhCn" label={t("shelves.nameZh")} rules={[required]}>
        <Input maxLength={60} lang="zh-CN" />
      </Form.Item>
      <Form.Item name="en" label={t("shelves.nameEn")}>
        <Input maxLength={60} lang="en" />
      </Form.Item>
      <Form.Item name="parentId" label={t("shelves.parent")} extra={t("shelves.parentHelp")}>
        <TreeSelect
          allowClear
          treeDefaultExpandAll
          placeholder={t("shelves.top")}
          treeData={treeOf(free, ({ name }) => inLanguage(name, language))}
        />
      </Form.Item>
      <Form.Item name="position" label={t("shelves.position")} extra={t("shelves.positionHelp")}>
        <InputNumber min={0} max={100_000} precision={0} className="short" />
      </Form.Item>
      <Form.Item name="icon" label={t("shelves.icon")} rules={[shotsRule]}>
        <Pictures most={1} aria-label={t("shelves.icon")} />
      </Form.Item>
    </FormDrawer>
  );
}
