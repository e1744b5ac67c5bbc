import { useParams } from "@tanstack/react-router";
import { Result, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "@/lib/errors";
import { inLanguage, useLanguage } from "@/lib/i18n";
import { useRead } from "@/lib/query";
import { type Product, productDocument } from "./article";
import { ArticleForm } from "./form";

/** The article as it was when the form opened: what somebody else changes meanwhile is refused, not overwritten. */
export default function EditProduct() {
  const { t } = useTranslation("products");
  const { t: tCommon } = useTranslation();
  const { language } = useLanguage();
  const { id } = useParams({ strict: false }) as { id: string };
  const { data, error, refetch, isFetchedAfterMount } = useRead(productDocument, { id }, { staleTime: 0 });
  const [read, setRead] = useState<Product>();
  if (!read && isFetchedAfterMount && data?.product) setRead(data.product);

  if (read) {
    return (
      <ArticleForm
        key={read.updatedAt}
        product={read}
        title={t("edit.title", { title: inLanguage(read.title, language) })}
        again={async () => setRead((await refetch()).data?.product ?? undefined)}
      />
    );
  }
  if (error) return <Failed error={error} retry={refetch} />;
  if (isFetchedAfterMount) return <Result status="404" title={tCommon("gone")} />;
  return <Skeleton active title paragraph={{ rows: 8 }} />;
}
