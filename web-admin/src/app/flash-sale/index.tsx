import { ThunderboltOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { flashSaleTexts } from "./texts";

export const flashSale: Capability = {
  name: "flashSale",
  texts: flashSaleTexts,
  nav: { to: "/flash-sale", icon: <ThunderboltOutlined />, permission: "FLASH_SALE_READ" },
  routes: [
    { path: "/flash-sale", page: () => import("./list") },
    { path: "/flash-sale/$id", page: () => import("./detail") },
  ],
};
