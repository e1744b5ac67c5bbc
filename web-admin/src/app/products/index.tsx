import { ShopOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { productTexts } from "./texts";

export const products: Capability = {
  name: "products",
  texts: productTexts,
  nav: { to: "/products", icon: <ShopOutlined />, permission: "CATALOG_READ" },
  routes: [
    { path: "/products", page: () => import("./list") },
    { path: "/products/new", page: () => import("./create") },
    { path: "/products/shelves", page: () => import("./shelves") },
    { path: "/products/$id", page: () => import("./detail") },
    { path: "/products/$id/edit", page: () => import("./edit") },
  ],
};
