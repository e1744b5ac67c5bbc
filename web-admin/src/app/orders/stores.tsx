// The stores where orders can be picked up.
import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { App, Button, Form, Input, Switch, Table, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { StoreSaveInput, StoresQuery } from "@/gql/graphql";
import { Failed } from "@/lib/errors";
import { FormDrawer, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { text } from "@/lib/list-page";
import { Page } from "@/lib/page";
import { useRead, useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { OrderNav } from "./places";

const storesDocument = graphql(`
  query Stores { stores { id name phone region street hours isOpen } }
`);
const saveDocument = graphql(`
  mutation StoreSave($input: StoreSaveInput!) {
    storeSave(input: $input) { store { id } userErrors { code field message } }
  }
`);

type Store = StoresQuery["stores"][number];

export default function Stores() {
  const { t } = useTranslation("orders");
  const { can } = useViewer();
  const { data, error, isPending, refetch } = useRead(storesDocument, {});
  const [editing, setEditing] = useState<Store | "new">();
  const mayWrite = can("ORDER_WRITE");
  return (
    <Page
      title={t("stores.title")}
      actions={
        mayWrite && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing("new")}>
            {t("stores.create")}
          </Button>
        )
      }
    >
      <OrderNav />
      <p className="quiet above-list">{t("stores.help")}</p>
      {error && <Failed error={error} retry={refetch} />}
      <Table<Store>
        rowKey="id"
        size="middle"
        loading={isPending}
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={data?.stores ?? []}
        locale={{ emptyText: t("stores.empty") }}
        columns={[
          text<Store>((row) => <strong>{row.name}</strong>)(t("stores.name")),
          text<Store>((row) => (
            <Tag color={row.isOpen ? "success" : "default"}>{t(row.isOpen ? "stores.open" : "stores.closed")}</Tag>
          ))(t("columns.state")),
          text<Store>((row) => `${row.region} ${row.street}`)(t("stores.address")),
          text<Store>((row) => <span className="numeric">{row.phone}</span>)(t("stores.phone")),
          text<Store>((row) => row.hours)(t("stores.hours")),
          text<Store>((row) => (
            <Link to="/orders" search={{ store: row.id } as never}>
              {t("stores.orders")}
            </Link>
          ))(t("stores.waiting")),
          ...(mayWrite
            ? [
                text<Store>((row) => (
                  <Button
                    size="small"
                    icon={<EditOutlined />}
                    aria-label={`${t("stores.edit")}: ${row.name}`}
                    onClick={() => setEditing(row)}
                  />
                ))(t("stores.actions")),
              ]
            : []),
        ].map((entry, key) => ({ key, ...entry }))}
      />
      {editing && <StoreForm store={editing === "new" ? undefined : editing} close={() => setEditing(undefined)} />}
    </Page>
  );
}

type Entered = Omit<StoreSaveInput, "id">;

/** Without the blanks around what was typed. */
export const toStore = (entered: Entered, id?: string): StoreSaveInput => ({
  id,
  name: entered.name.trim(),
  phone: entered.phone.trim(),
  region: entered.region.trim(),
  street: entered.street.trim(),
  hours: entered.hours.trim(),
  isOpen: entered.isOpen,
});

function StoreForm({ store, close }: { store: Store | undefined; close: () => void }) {
  const { t } = useTranslation("orders");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const save = useWrite(saveDocument);
  const required = useRequired();
  return (
    <FormDrawer<Entered>
      title={t(store ? "stores.edit" : "stores.create")}
      submit={tCommon("save")}
      form={form}
      initial={store ?? { isOpen: true }}
      pending={save.isPending}
      refused={save.data?.storeSave.userErrors ?? []}
      failed={save.error}
      close={close}
      onSubmit={async (entered) => {
        if (!(await save.mutateAsync({ input: toStore(entered, store?.id) })).storeSave.store) return;
        message.success(tCommon("saved"));
        close();
      }}
    >
      <Form.Item name="name" label={t("stores.name")} rules={[required]}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="region" label={t("stores.region")} extra={t("stores.regionHelp")} rules={[required]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="street" label={t("stores.street")} rules={[required]}>
        <Input maxLength={200} />
      </Form.Item>
      <div className="two">
        <Form.Item name="phone" label={t("stores.phone")} rules={[required]}>
          <Input maxLength={32} inputMode="tel" />
        </Form.Item>
        <Form.Item name="hours" label={t("stores.hours")} extra={t("stores.hoursHelp")} rules={[required]}>
          <Input maxLength={60} />
        </Form.Item>
      </div>
      <Form.Item name="isOpen" label={t("stores.open")} extra={t("stores.openHelp")} valuePropName="checked">
        <Switch />
      </Form.Item>
    </FormDrawer>
  );
}
