// Pictures that go with words to the shopper, from those who may keep pictures in the mall.
import { Form } from "antd";
import { useTranslation } from "react-i18next";
import { Pictures, useShotsRule } from "@/lib/pictures";
import type { Shot } from "@/lib/shots";
import { useViewer } from "@/lib/viewer";

const MOST = 9;

/** What is said, and what is shown with it. */
export type Said = { note: string; pictures?: Shot[] };

export function Attach() {
  const { t } = useTranslation("afterSale");
  const { can } = useViewer();
  const shotsRule = useShotsRule();
  if (!can("CATALOG_WRITE")) return null;
  return (
    <Form.Item name="pictures" label={t("attach")} extra={t("attachHelp")} rules={[shotsRule]}>
      <Pictures most={MOST} aria-label={t("attach")} />
    </Form.Item>
  );
}
