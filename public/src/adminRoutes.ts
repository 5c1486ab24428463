import type { RouteRecordRaw } from "vue-router";

/** The pages of the back office, each its own chunk. */
export const adminRoutes: RouteRecordRaw[] = [
  { path: "", name: "admin", component: () => import("./views/admin/DashboardView.vue") },
  { path: "orders", name: "admin-orders", component: () => import("./views/admin/OrdersView.vue") },
  { path: "orders/:id", name: "admin-order", component: () => import("./views/admin/OrderView.vue") },
  { path: "returns", name: "admin-returns", component: () => import("./views/admin/ReturnsView.vue") },
  { path: "products", name: "admin-products", component: () => import("./views/admin/ProductsView.vue") },
  { path: "products/:id", name: "admin-product", component: () => import("./views/admin/ProductView.vue") },
  {
    path: "categories",
    name: "admin-categories",
    component: () => import("./views/admin/CategoriesView.vue"),
  },
  { path: "stock", name: "admin-stock", component: () => import("./views/admin/StockView.vue") },
  { path: "imports", name: "admin-imports", component: () => import("./views/admin/ImportsView.vue") },
  { path: "customers", name: "admin-customers", component: () => import("./views/admin/CustomersView.vue") },
  { path: "coupons", name: "admin-coupons", component: () => import("./views/admin/CouponsView.vue") },
  { path: "reviews", name: "admin-reviews", component: () => import("./views/admin/ReviewsView.vue") },
  { path: "mails", name: "admin-mails", component: () => import("./views/admin/MailsView.vue") },
  { path: "api-keys", name: "admin-api-keys", component: () => import("./views/admin/ApiKeysView.vue") },
  { path: "webhooks", name: "admin-webhooks", component: () => import("./views/admin/WebhooksView.vue") },
  { path: "webhooks/:id", name: "admin-webhook", component: () => import("./views/admin/WebhookView.vue") },
  { path: "stuck", name: "admin-stuck", component: () => import("./views/admin/StuckView.vue") },
  { path: "audit", name: "admin-audit", component: () => import("./views/admin/AuditView.vue") },
  { path: "traces/:id?", name: "admin-traces", component: () => import("./views/admin/TraceView.vue") },
  { path: "cluster", name: "admin-cluster", component: () => import("./views/admin/ClusterView.vue") },
];
