import { HeartOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { systemTexts } from "./texts";

export const system: Capability = {
  name: "system",
  texts: systemTexts,
  nav: { to: "/system", icon: <HeartOutlined />, permission: "SYSTEM_READ" },
  routes: [{ path: "/system", page: () => import("./health") }],
};
