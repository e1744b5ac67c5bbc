import type { SameKeys } from "@/lib/i18n";

const zh = {
  nav: "系统",
  title: "系统状况",
  live: "服务在线",
  liveHelp: "服务器进程能够应答。",
  ready: "依赖就绪",
  readyHelp: "数据库、缓存与数据结构版本都可用，可以接待顾客。",
  part: { ready: "可以接待", database: "数据库", redis: "Redis", migrations: "数据结构", draining: "没有在停机" },
  good: "正常",
  bad: "异常",
  checked: "{{time}} 检查，每 10 秒一次",
};
const en: SameKeys<typeof zh> = {
  nav: "System",
  title: "System health",
  live: "The service answers",
  liveHelp: "The server process responds.",
  ready: "What it depends on",
  readyHelp: "Database, cache and schema version are in order; customers can be served.",
  part: {
    ready: "Ready",
    database: "Database",
    redis: "Redis",
    migrations: "Migrations",
    draining: "Not shutting down",
  },
  good: "Good",
  bad: "Failing",
  checked: "Checked at {{time}}, every 10 seconds",
};
export const systemTexts = { "zh-CN": zh, en };
