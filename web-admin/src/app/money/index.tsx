import { AccountBookOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { moneyTexts } from "./texts";

export const money: Capability = {
  name: "money",
  texts: moneyTexts,
  nav: { to: "/money", icon: <AccountBookOutlined />, permission: "LEDGER_READ" },
  routes: [
    { path: "/money", page: () => import("./balances") },
    { path: "/money/parked", page: () => import("./parked") },
  ],
};
