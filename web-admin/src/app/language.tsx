import { GlobalOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { type Language, languages, useLanguage } from "@/lib/i18n";

/** The browser's own select: the sign-in page needs it too, and it weighs nothing. */
export function LanguageSwitch() {
  const { t } = useTranslation();
  const { language, speak } = useLanguage();
  return (
    <label className="language">
      <GlobalOutlined aria-hidden="true" />
      <select
        aria-label={`${t("language")} · Language`}
        data-testid="language"
        value={language}
        onChange={(event) => speak(event.target.value as Language)}
      >
        {Object.entries(languages).map(([value, label]) => (
          <option key={value} value={value} lang={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
