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

// antd's own colours fall short of a contrast of 4.5 in both schemes; these do not.
const day = {
  colorPrimary: "#5b4be1",
  colorInfo: "#4f3fd6",
  colorLink: "#4f3fd6",
  colorSuccess: "#1a7a36",
  colorWarning: "#9a5a00",
  colorError: "#c9252d",
  colorSuccessBg: "#e6f7ec",
  colorWarningBg: "#fff3de",
  colorErrorBg: "#fdecec",
  colorTextDescription: "#605e75",
  colorTextTertiary: "#605e75",
  colorTextPlaceholder: "#6f6d82",
};
const night = {
  colorPrimary: "#9d92ff",
  colorInfo: "#b3aaff",
  colorLink: "#b3aaff",
  colorSuccess: "#5fce83",
  colorWarning: "#f0b35a",
  colorError: "#ff8787",
  colorTextDescription: "#a9a7bd",
  colorTextTertiary: "#a9a7bd",
  colorTextPlaceholder: "#9896ad",
  colorBgContainer: "#1a1923",
  colorBgElevated: "#242230",
  colorBgLayout: "#111018",
};

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
          ...(isDark ? night : day),
          borderRadius: 8,
          motion: !isStill,
          fontFamily:
            '-apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", Roboto, sans-serif',
        },
        components: isDark
          ? {
              Button: { primaryColor: "#14121f" },
              Menu: { itemSelectedColor: "#d3cdff" },
              Tooltip: { colorTextLightSolid: "#fff" },
            }
          : {},
      }}
    >
      {children}
    </ConfigProvider>
  );
}
