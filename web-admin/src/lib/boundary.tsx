// The last net, in plain HTML: what it shows must not depend on anything that may have just failed.
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { RequestFailed } from "@/lib/graphql";

/** The sentence for a failure, among the common texts. */
export function messageKey(error: Error): string {
  if (!(error instanceof RequestFailed)) return "error.crash";
  if (error.code === "NETWORK") return "error.network";
  if (error.code === "FORBIDDEN") return "error.forbidden";
  if (error.code === "RATE_LIMITED" || error.code === "HTTP_429") return "error.limited";
  return "error.server";
}

/** The number an engineer can look up in the logs. */
export function RequestId({ error }: { error: Error }) {
  const { t } = useTranslation();
  if (!(error instanceof RequestFailed && error.requestId)) return null;
  const id = error.requestId;
  return (
    <p className="quiet request-id">
      {t("error.requestId")} <code>{id}</code>
      {navigator.clipboard && (
        <button type="button" className="plain" onClick={() => navigator.clipboard.writeText(id)}>
          {t("error.copy")}
        </button>
      )}
    </p>
  );
}

function Crash({ error }: { error: Error }) {
  const { t } = useTranslation();
  return (
    <div className="plain-page" role="alert">
      <h1>{t("error.title")}</h1>
      <p>{t(messageKey(error))}</p>
      <p>
        <code>{error.message}</code>
      </p>
      <RequestId error={error} />
      <button type="button" className="plain" onClick={() => location.reload()}>
        {t("error.reload")}
      </button>
    </div>
  );
}

/** Catches what rendering throws; the frame around the page stays usable. */
export class Boundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};
  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
  override render() {
    return this.state.error ? <Crash error={this.state.error} /> : this.props.children;
  }
}
