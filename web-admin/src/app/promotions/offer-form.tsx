// What the forms of all offers share: the name in two languages, saving as a draft or as a change, what is fixed once it
// was offered, and windows of time.
import { Alert, App, DatePicker, Form, type FormInstance, Input } from "antd";
import type { Dayjs } from "dayjs";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { LocalizedTextInput, PromotionState } from "@/gql/graphql";
import type { Refusal } from "@/lib/act";
import { FormDrawer, useRequired } from "@/lib/form-drawer";

/** What every offer's form asks. */
export type Named = { nameZh: string; nameEn?: string };

export const nameInput = ({ nameZh, nameEn }: Named): LocalizedTextInput => ({
  zhCn: nameZh.trim(),
  en: nameEn?.trim() || undefined,
});

export const nameEntered = (texts: { zhCn?: string | null; en?: string | null }): Named => ({
  nameZh: texts.zhCn ?? "",
  nameEn: texts.en ?? "",
});

/** Whether what it does can no longer be changed. */
export const isFixed = (offer: { state: PromotionState } | undefined) => offer !== undefined && offer.state !== "DRAFT";

type Answer = { userErrors: Refusal[] };
type Write = { isPending: boolean; error: Error | null };

export function OfferForm<E extends Named>(props: {
  /** The texts: `<words>.create`, `.edit`, `.nameHelp`, `.fixed`. */
  words: "coupon" | "reduction" | "discount";
  /** What is changed; a new one when there is none. */
  offer: { state: string } | undefined;
  /** Says what is fixed of what was offered once. */
  fixed?: boolean;
  form: FormInstance<E>;
  initial: Partial<E>;
  create: Write;
  update: Write;
  refused: Refusal[] | undefined;
  save: (entered: E) => Promise<Answer>;
  close: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation("promotions");
  const { message } = App.useApp();
  const text = useRequired();
  const { words, offer, create, update } = props;
  return (
    <FormDrawer<E>
      title={t(offer ? `${words}.edit` : `${words}.create`)}
      submit={t(offer ? "saveChanges" : "saveDraft")}
      size="large"
      form={props.form}
      initial={props.initial}
      pending={create.isPending || update.isPending}
      refused={props.refused ?? []}
      failed={create.error ?? update.error}
      close={props.close}
      note={props.fixed && <Alert type="info" showIcon className="edit-note" title={t(`${words}.fixed`)} />}
      onSubmit={async (entered) => {
        if ((await props.save(entered)).userErrors.length > 0) return;
        message.success(t(offer ? "changed" : "drafted"));
        props.close();
      }}
    >
      <div className="two">
        <Form.Item name="nameZh" label={t("nameZh")} extra={t(`${words}.nameHelp`)} rules={[text]}>
          <Input maxLength={60} showCount lang="zh-CN" />
        </Form.Item>
        <Form.Item name="nameEn" label={t("nameEn")} extra={t("nameEnHelp")}>
          <Input maxLength={120} lang="en" />
        </Form.Item>
      </div>
      {props.children}
    </FormDrawer>
  );
}

/** From when until when, to the minute. */
export function WindowField(props: { name: string; label: string; help?: string; disabled?: boolean }) {
  const { t } = useTranslation();
  return (
    <Form.Item
      name={props.name}
      label={props.label}
      extra={props.help}
      rules={[{ required: true, message: t("form.required") }]}
    >
      <DatePicker.RangePicker
        aria-label={props.label}
        showTime={{ format: "HH:mm" }}
        format="YYYY-MM-DD HH:mm"
        disabled={props.disabled ?? false}
      />
    </Form.Item>
  );
}

export const windowInput = ([from, until]: [Dayjs, Dayjs]) => ({
  startsAt: from.toISOString(),
  endsAt: until.toISOString(),
});
