import { useTranslation } from "react-i18next";
import { ArticleForm } from "./form";

export default function CreateProduct() {
  const { t } = useTranslation("products");
  return <ArticleForm title={t("create.title")} />;
}
