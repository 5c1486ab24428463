import type { Pinia } from "pinia";
import { createRouter, type Router, type RouterHistory, type RouteRecordRaw } from "vue-router";
import { adminRoutes } from "./adminRoutes.ts";
import { addTexts, type Language } from "./i18n/index.ts";
import { useSessionStore } from "./stores/session.ts";

declare module "vue-router" {
  interface RouteMeta {
    /** Only for somebody who is signed in, or who belongs to the staff. */
    needs?: "customer" | "staff";
  }
}

const adminTexts = async (language: Language): Promise<object> =>
  language === "de"
    ? (await import("./i18n/de/admin.ts")).default
    : (await import("./i18n/en/admin.ts")).default;

const account = (path: string, page: () => Promise<unknown>): RouteRecordRaw => ({
  path,
  name: path === "" ? "account" : `account-${path}`,
  component: page,
});

const routes: RouteRecordRaw[] = [
  { path: "/", name: "home", component: () => import("./views/shop/HomeView.vue") },
  { path: "/c/:category", name: "category", component: () => import("./views/shop/ListingView.vue") },
  { path: "/search", name: "search", component: () => import("./views/shop/ListingView.vue") },
  { path: "/p/:slug", name: "product", component: () => import("./views/shop/ProductView.vue") },
  { path: "/cart", name: "cart", component: () => import("./views/shop/CartView.vue") },
  { path: "/checkout", name: "checkout", component: () => import("./views/shop/CheckoutView.vue") },
  { path: "/orders/:id", name: "order", component: () => import("./views/shop/OrderView.vue") },
  { path: "/login", name: "login", component: () => import("./views/account/LoginView.vue") },
  { path: "/register", name: "register", component: () => import("./views/account/RegisterView.vue") },
  { path: "/forgot", name: "forgot", component: () => import("./views/account/ForgotView.vue") },
  { path: "/reset", name: "reset", component: () => import("./views/account/ResetView.vue") },
  { path: "/verify", name: "verify", component: () => import("./views/account/VerifyView.vue") },
  {
    path: "/account",
    component: () => import("./views/account/AccountLayout.vue"),
    meta: { needs: "customer" },
    children: [
      account("", () => import("./views/account/ProfileView.vue")),
      account("addresses", () => import("./views/account/AddressesView.vue")),
      account("orders", () => import("./views/account/OrdersView.vue")),
      account("sessions", () => import("./views/account/SessionsView.vue")),
      account("wishlist", () => import("./views/account/WishlistView.vue")),
    ],
  },
  {
    path: "/admin",
    component: () => import("./views/admin/AdminLayout.vue"),
    meta: { needs: "staff" },
    beforeEnter: () => addTexts(adminTexts),
    children: adminRoutes,
  },
  { path: "/:path(.*)*", name: "not-found", component: () => import("./views/shop/NotFoundView.vue") },
];

export function makeRouter(history: RouterHistory, pinia: Pinia): Router {
  const router = createRouter({
    history,
    routes,
    scrollBehavior(to, from, saved) {
      if (saved) return saved;
      if (to.hash && !to.hash.includes("=")) return { el: to.hash };
      // Filters of one page change its query only; the shopper stays where they are.
      return to.path === from.path ? false : { top: 0 };
    },
  });
  router.beforeEach(async (to) => {
    const { needs } = to.meta;
    if (needs === undefined) return true;
    const session = useSessionStore(pinia);
    await session.restore();
    if (!session.isSignedIn) return { name: "login", query: { next: to.fullPath } };
    return needs === "staff" && !session.isStaff ? { name: "not-found", params: { path: ["admin"] } } : true;
  });
  return router;
}
