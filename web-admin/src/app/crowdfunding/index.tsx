import { RocketOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { crowdfundingTexts } from "./texts";

export const crowdfunding: Capability = {
  name: "crowdfunding",
  texts: crowdfundingTexts,
  nav: { to: "/crowdfunding", icon: <RocketOutlined />, permission: "CROWDFUNDING_READ" },
  routes: [
    { path: "/crowdfunding", page: () => import("./list") },
    { path: "/crowdfunding/$id", page: () => import("./detail") },
  ],
};
