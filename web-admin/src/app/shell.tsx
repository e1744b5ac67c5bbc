// The frame around every page: menu, language, account.
import { LogoutOutlined, MenuOutlined, UserOutlined } from "@ant-design/icons";
import { Link, Outlet, useLocation, useRouter } from "@tanstack/react-router";
import { App, Button, Drawer, Dropdown, Menu } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { LanguageSwitch } from "@/app/language";
import { capabilities } from "@/app/nav";
import { Waiting } from "@/app/waiting";
import { Boundary } from "@/lib/boundary";
import { queryClient } from "@/lib/query";
import { signOut, useSignedIn } from "@/lib/session";
import { useViewer } from "@/lib/viewer";

const ChoosePassword = lazy(() => import("@/app/sign-in/choose-password"));

export default function Shell() {
  const { t } = useTranslation();
  const { viewer } = useViewer();
  const { pathname } = useLocation();
  const router = useRouter();
  const isSignedIn = useSignedIn();
  const [menuOpen, setMenuOpen] = useState(false);

  // The guard of the routes is asked again; it knows the way to the sign-in page and back.
  useEffect(() => {
    if (isSignedIn) return;
    queryClient.clear();
    router.invalidate();
  }, [isSignedIn, router]);

  return (
    <App className="shell">
      <a href="#content" className="skip">
        {t("skip")}
      </a>
      <header className="bar">
        <Button
          className="only-narrow"
          type="text"
          aria-label={t("menu")}
          icon={<MenuOutlined />}
          onClick={() => setMenuOpen(true)}
        />
        <Brand />
        <div className="bar-end">
          <LanguageSwitch />
          <Dropdown
            trigger={["click"]}
            menu={{
              items: [
                { key: "who", disabled: true, label: viewer?.email },
                { type: "divider" },
                { key: "out", icon: <LogoutOutlined />, label: t("signOut"), onClick: () => signOut() },
              ],
            }}
          >
            <Button type="text" icon={<UserOutlined />} aria-label={`${t("account")} ${viewer?.name ?? ""}`}>
              <span className="only-wide">{viewer?.name}</span>
            </Button>
          </Dropdown>
        </div>
      </header>
      <nav className="side only-wide" aria-label={t("mainNavigation")}>
        <MainMenu pathname={pathname} />
      </nav>
      <Drawer open={menuOpen} onClose={() => setMenuOpen(false)} placement="left" size={260} title={<Brand />}>
        <nav aria-label={t("mainNavigation")}>
          <MainMenu pathname={pathname} onChosen={() => setMenuOpen(false)} />
        </nav>
      </Drawer>
      <main id="content" tabIndex={-1}>
        <Boundary key={pathname}>
          {viewer?.passwordChangeRequired ? (
            <Suspense fallback={<Waiting />}>
              <ChoosePassword />
            </Suspense>
          ) : (
            <Outlet />
          )}
        </Boundary>
      </main>
    </App>
  );
}

const Brand = () => {
  const { t } = useTranslation();
  return (
    <Link to="/" className="brand">
      <img src={`${import.meta.env.BASE_URL}logo.svg`} alt="" width={28} height={28} />
      <strong>{t("product")}</strong>
      <span className="only-wide">{t("backOffice")}</span>
    </Link>
  );
};

function MainMenu({ pathname, onChosen }: { pathname: string; onChosen?: () => void }) {
  const { t } = useTranslation();
  const { can } = useViewer();
  const items = capabilities
    .filter(({ nav }) => can(nav.permission))
    .map(({ name, nav }) => ({ key: nav.to, icon: nav.icon, label: <Link to={nav.to}>{t(`${name}:nav`)}</Link> }));
  const here = items.find(({ key }) => pathname.startsWith(key))?.key;
  return (
    <Menu mode="inline" items={items} selectedKeys={here ? [here] : []} {...(onChosen ? { onClick: onChosen } : {})} />
  );
}
