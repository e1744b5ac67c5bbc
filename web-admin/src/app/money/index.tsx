import { AccountBookOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { moneyTexts } from "./texts";

export const money: Capability = {
  name: "money",
  texts: moneyTexts,
  nav: { to: "/money", icon: <AccountBookOutlined />, permission: "LEDGER_READ" },
  routes: [
    { path: "/money", page: () => import("./balances") },
    { path: "/money/journal", page: () => import("./journal") },
    { path: "/money/statements", page: () => import("./statements") },
    { path: "/money/bills", page: () => import("./bills") },
    { path: "/money/bills/$id", page: () => import("./bill") },
    { path: "/money/proofs", page: () => import("./proofs") },
    { path: "/money/parked", page: () => import("./parked") },
  ],
};
