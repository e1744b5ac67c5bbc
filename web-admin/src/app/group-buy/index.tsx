import { TeamOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { groupBuyTexts } from "./texts";

export const groupBuy: Capability = {
  name: "groupBuy",
  texts: groupBuyTexts,
  nav: { to: "/group-buy", icon: <TeamOutlined />, permission: "GROUP_BUY_READ" },
  routes: [
    { path: "/group-buy", page: () => import("./list") },
    { path: "/group-buy/$id", page: () => import("./detail") },
    { path: "/group-buy/team/$id", page: () => import("./team") },
  ],
};
