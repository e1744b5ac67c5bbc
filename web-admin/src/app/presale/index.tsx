import { FieldTimeOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { presaleTexts } from "./texts";

export const presale: Capability = {
  name: "presale",
  texts: presaleTexts,
  nav: { to: "/presale", icon: <FieldTimeOutlined />, permission: "PRESALE_READ" },
  routes: [
    { path: "/presale", page: () => import("./list") },
    { path: "/presale/$id", page: () => import("./detail") },
  ],
};
