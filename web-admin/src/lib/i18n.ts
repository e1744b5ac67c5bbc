// Two languages, Chinese first. Each capability keeps its texts beside its pages; English must have the keys of
// Chinese, which the compiler checks where they are defined.
import dayjs from "dayjs";
import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import "dayjs/locale/zh-cn";

export const languages = { "zh-CN": "中文", en: "English" } as const;
export type Language = keyof typeof languages;

/** The texts of one capability in both languages. */
export type Texts = { readonly [language in Language]: Tree };
export type Tree = { readonly [key: string]: string | Tree };

/** The same keys, any text. */
export type SameKeys<T> = { readonly [K in keyof T]: T[K] extends string ? string : SameKeys<T[K]> };

const KEY = "liebian.admin.language";
/** Right-to-left languages need no other change than a line in `languages` and one here. */
const rightToLeft: readonly string[] = ["ar", "he", "fa", "ur"];

export const directionOf = (language: string) => (rightToLeft.includes(language.split("-")[0] ?? "") ? "rtl" : "ltr");

export async function startI18n(namespaces: Record<string, Texts>) {
  i18next.on("languageChanged", (language) => {
    document.documentElement.lang = language;
    document.documentElement.dir = directionOf(language);
    dayjs.locale(language === "zh-CN" ? "zh-cn" : "en");
  });
  const resources = Object.fromEntries(
    Object.keys(languages).map((language) => [
      language,
      Object.fromEntries(Object.entries(namespaces).map(([name, texts]) => [name, texts[language as Language]])),
    ]),
  );
  await i18next.use(initReactI18next).init({
    resources,
    lng: remembered(),
    fallbackLng: "zh-CN",
    defaultNS: "common",
    interpolation: { escapeValue: false },
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0]);
}

function remembered(): Language {
  const kept = localStorage.getItem(KEY);
  return kept !== null && kept in languages ? (kept as Language) : "zh-CN";
}

/** A text staff edit in every language, as the reader sees it: their language, else Chinese, else any. */
export const inLanguage = (text: { zhCn?: string | null; en?: string | null }, language: Language) =>
  (language === "en" ? text.en : text.zhCn) || text.zhCn || text.en || "";

export function useLanguage() {
  const { i18n } = useTranslation();
  return {
    language: (i18n.language in languages ? i18n.language : "zh-CN") as Language,
    speak(language: Language) {
      localStorage.setItem(KEY, language);
      return i18n.changeLanguage(language);
    },
  };
}
