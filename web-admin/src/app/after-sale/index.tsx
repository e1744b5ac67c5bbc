import { CustomerServiceOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { afterSaleTexts } from "./texts";

export const afterSale: Capability = {
  name: "afterSale",
  texts: afterSaleTexts,
  nav: { to: "/after-sale", icon: <CustomerServiceOutlined />, permission: "AFTER_SALE_READ" },
  routes: [
    { path: "/after-sale", page: () => import("./list") },
    { path: "/after-sale/case/$id", page: () => import("./detail") },
    { path: "/after-sale/complaints", page: () => import("./complaints") },
    { path: "/after-sale/complaints/$id", page: () => import("./complaint") },
    { path: "/after-sale/terms", page: () => import("./terms") },
  ],
};
