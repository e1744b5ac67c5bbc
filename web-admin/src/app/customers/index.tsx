import { UserOutlined } from "@ant-design/icons";
import type { Capability } from "@/app/nav";
import { customerTexts } from "./texts";

export const customers: Capability = {
  name: "customers",
  texts: customerTexts,
  nav: { to: "/customers", icon: <UserOutlined />, permission: "CUSTOMER_READ" },
  routes: [
    { path: "/customers", page: () => import("./list") },
    { path: "/customers/$id", page: () => import("./detail") },
  ],
};
