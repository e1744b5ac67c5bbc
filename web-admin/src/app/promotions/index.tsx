import { TagsOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { promotionTexts } from "./texts";

export const promotions: Capability = {
  name: "promotions",
  texts: promotionTexts,
  nav: { to: "/promotions", icon: <TagsOutlined />, permission: "PROMOTION_READ" },
  routes: [
    { path: "/promotions", page: () => import("./coupons") },
    { path: "/promotions/coupon/$id", page: () => import("./coupon") },
    { path: "/promotions/reductions", page: () => import("./reductions") },
    { path: "/promotions/discounts", page: () => import("./discounts") },
    { path: "/promotions/members", page: () => import("./members") },
    { path: "/promotions/parcels", page: () => import("./parcels") },
    { path: "/promotions/freight", page: () => import("./freight") },
    { path: "/promotions/settings", page: () => import("./settings") },
  ],
};
