import { ShoppingOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { orderTexts } from "./texts";

export const orders: Capability = {
  name: "orders",
  texts: orderTexts,
  nav: { to: "/orders", icon: <ShoppingOutlined />, permission: "ORDER_READ" },
  routes: [
    { path: "/orders", page: () => import("./list") },
    { path: "/orders/labels", page: () => import("./labels") },
    { path: "/orders/stores", page: () => import("./stores") },
    { path: "/orders/batch", page: () => import("./batch") },
    { path: "/orders/$id", page: () => import("./detail") },
  ],
};
