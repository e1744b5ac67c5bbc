import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { capabilities } from "@/app/nav";
import { NotFound } from "@/app/not-found";
import { Waiting } from "@/app/waiting";
import { listSearch } from "@/lib/list-search";
import { signedIn } from "@/lib/session";

const root = createRootRoute({ notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>) => ({ to: typeof search.to === "string" ? search.to : undefined }),
  beforeLoad: () => {
    if (signedIn()) throw redirect({ to: "/" });
  },
  component: lazyRouteComponent(() => import("@/app/sign-in/sign-in")),
});

/** Everything but the sign-in page stands behind it, inside the frame with the menu. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: ({ location }) => {
    if (!signedIn())
      throw redirect({ to: "/sign-in", search: { to: location.href === "/" ? undefined : location.href } });
  },
  component: lazyRouteComponent(() => import("@/app/shell")),
});

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: capabilities[0]?.nav.to ?? "/sign-in" });
  },
});

const pages = capabilities
  .flatMap(({ routes }) => routes)
  .map(({ path, page }) =>
    createRoute({
      getParentRoute: () => inside,
      path,
      validateSearch: listSearch,
      component: lazyRouteComponent(page),
    }),
  );

export const router = createRouter({
  routeTree: root.addChildren([signIn, inside.addChildren([home, ...pages])]),
  basepath: "/admin",
  defaultPreload: "intent",
  defaultPendingComponent: Waiting,
  scrollRestoration: true,
});
