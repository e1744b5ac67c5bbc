import { ScissorOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { bargainTexts } from "./texts";

export const bargain: Capability = {
  name: "bargain",
  texts: bargainTexts,
  nav: { to: "/bargain", icon: <ScissorOutlined />, permission: "BARGAIN_READ" },
  routes: [
    { path: "/bargain", page: () => import("./list") },
    { path: "/bargain/$id", page: () => import("./detail") },
    { path: "/bargain/record/$id", page: () => import("./record") },
  ],
};
