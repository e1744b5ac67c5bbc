// What a person sees when something fails: a sentence they can act on, and the number an engineer can look up.
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { messageKey, RequestId } from "@/lib/boundary";

/** A failed request in place of what it was to show. */
export function Failed({ error, retry }: { error: Error; retry?: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={t(messageKey(error))}
      description={<RequestId error={error} />}
      action={retry && <Button onClick={retry}>{t("retry")}</Button>}
    />
  );
}
