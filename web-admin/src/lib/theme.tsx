import { ConfigProvider, theme } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { type ReactNode, useSyncExternalStore } from "react";
import { directionOf, useLanguage } from "@/lib/i18n";

const watch = (query: string) => {
  const media = matchMedia(query);
  return [
    (listener: () => void) => {
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => media.matches,
  ] as const;
};
const dark = watch("(prefers-color-scheme: dark)");
const still = watch("(prefers-reduced-motion: reduce)");

/** antd in the reader's language and direction, in the colours and the calm their system asks for. */
export function Theme({ children }: { children: ReactNode }) {
  const { language } = useLanguage();
  const isDark = useSyncExternalStore(...dark);
  const isStill = useSyncExternalStore(...still);
  return (
    <ConfigProvider
      locale={language === "zh-CN" ? zhCN : enUS}
      button={{ autoInsertSpace: false }}
      direction={directionOf(language)}
      theme={{
        algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
        token: {
          colorPrimary: isDark ? "#8f82ff" : "#5b4be1",
          colorInfo: isDark ? "#8f82ff" : "#5b4be1",
          colorLink: isDark ? "#a79dff" : "#4f3fd6",
          ...(isDark ? { colorBgContainer: "#1a1923", colorBgElevated: "#242230", colorBgLayout: "#111018" } : {}),
          borderRadius: 8,
          motion: !isStill,
          fontFamily:
            '-apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", Roboto, sans-serif',
        },
      }}
    >
      {children}
    </ConfigProvider>
  );
}
