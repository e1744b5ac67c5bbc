import { Link, useLocation } from "@tanstack/react-router";
import { Menu } from "antd";
import type { Permission } from "@/gql/graphql";
import { useViewer } from "@/lib/viewer";

export type Place = { to: string; label: string; permission: Permission };

/** The pages of a capability that has several, above each of them. */
export function SubNav({ label, places }: { label: string; places: Place[] }) {
  const { pathname } = useLocation();
  const { can } = useViewer();
  const items = places
    .filter(({ permission }) => can(permission))
    .map(({ to, label }) => ({
      key: to,
      label: (
        <Link to={to} activeOptions={{ exact: true }}>
          {label}
        </Link>
      ),
    }));
  const here = [...items].sort((a, b) => b.key.length - a.key.length).find(({ key }) => pathname.startsWith(key))?.key;
  return (
    <nav aria-label={label} className="sub-nav">
      <Menu mode="horizontal" items={items} selectedKeys={here ? [here] : []} />
    </nav>
  );
}
