// The pages and who may see them. Each page is a chunk of its own.
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";

import { meQuery } from "./api/queries";
import { isSignedIn, localPath } from "./lib/access";
import { Broken, NotFound } from "./shell/lost";
import { Shell } from "./shell/shell";

const rootRoute = createRootRouteWithContext<{ cache: QueryClient }>()({ component: Outlet });

async function needSignIn(cache: QueryClient, pathname: string): Promise<void> {
  const me = await cache.ensureQueryData(meQuery);
  if (!me.password_set) throw redirect({ to: "/welcome" });
  if (!isSignedIn(me)) throw redirect({ to: "/login", search: pathname === "/" ? {} : { next: pathname } });
}

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { next?: string } => (search.next === undefined ? {} : { next: localPath(search.next) }),
  beforeLoad: async ({ context }) => {
    const me = await context.cache.ensureQueryData(meQuery);
    if (isSignedIn(me)) throw redirect({ to: "/" });
    if (!me.password_set) throw redirect({ to: "/welcome" });
  },
  component: lazyRouteComponent(() => import("./pages/login"), "LoginPage"),
});

const welcomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/welcome",
  beforeLoad: async ({ context }) => {
    const me = await context.cache.ensureQueryData(meQuery);
    if (me.password_set && !isSignedIn(me)) throw redirect({ to: "/login", search: { next: "/welcome" } });
  },
  component: lazyRouteComponent(() => import("./pages/welcome"), "WelcomePage"),
});

const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  beforeLoad: ({ context, location }) => needSignIn(context.cache, location.pathname),
  component: Shell,
});

const playRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/play",
  beforeLoad: ({ context, location }) => needSignIn(context.cache, location.pathname),
  component: lazyRouteComponent(() => import("./pages/play"), "PlayPage"),
});

const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/home"), "HomePage"),
});
const pairingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/pairing",
  component: lazyRouteComponent(() => import("./pages/pairing"), "PairingPage"),
});
const devicesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/devices",
  component: lazyRouteComponent(() => import("./pages/devices"), "DevicesPage"),
});
const libraryRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/library",
  component: lazyRouteComponent(() => import("./pages/library"), "LibraryPage"),
});
const displaysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/displays",
  component: lazyRouteComponent(() => import("./pages/displays"), "DisplaysPage"),
});
const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/settings"), "SettingsPage"),
});
const logsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/logs",
  component: lazyRouteComponent(() => import("./pages/logs"), "LogsPage"),
});

const routeTree = rootRoute.addChildren([
  loginRoute,
  welcomeRoute,
  playRoute,
  shellRoute.addChildren([homeRoute, pairingRoute, devicesRoute, libraryRoute, displaysRoute, settingsRoute, logsRoute]),
]);

export function makeRouter(cache: QueryClient) {
  return createRouter({
    routeTree,
    context: { cache },
    defaultPreload: "intent",
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: Broken,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
