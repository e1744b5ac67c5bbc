import { Link } from "@tanstack/react-router";
import { Breadcrumb } from "antd";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

export type Crumb = { label: string; to: string };

/** A page: names itself in the tab, and gives its heading the focus so that a screen reader starts there. */
export function Page(props: {
  title: string;
  crumbs?: Crumb[];
  aside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${props.title} · ${t("product")}`;
  }, [props.title, t]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <>
      {props.crumbs && (
        <Breadcrumb
          className="crumbs"
          items={[
            ...props.crumbs.map(({ label, to }) => ({
              title: (
                <Link to={to} activeOptions={{ exact: true }}>
                  {label}
                </Link>
              ),
            })),
            { title: props.title },
          ]}
        />
      )}
      <header className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        {props.aside}
        <div className="page-actions">{props.actions}</div>
      </header>
      {props.children}
    </>
  );
}

/** Says changes aloud to a screen reader, and shows nothing. */
export const Announce = ({ text }: { text: string }) => (
  <output aria-live="polite" className="visually-hidden">
    {text}
  </output>
);
