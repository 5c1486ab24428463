/** What staff and API keys may do; an API key's scope is one of these words. */
export const permissions = [
  "catalog:read",
  "catalog:write",
  "inventory:read",
  "inventory:write",
  "orders:read",
  "orders:write",
  "refunds:write",
  "customers:read",
  "customers:write",
  "coupons:read",
  "coupons:write",
  "reviews:write",
  "mails:read",
  "audit:read",
  "stats:read",
  "events:read",
  "webhooks:write",
  "api-keys:write",
  "cluster:read",
  "cluster:write",
  "sandbox:write",
] as const;
export type Permission = (typeof permissions)[number];

export const roles = ["customer", "staff", "admin"] as const;
export type Role = (typeof roles)[number];

const staff: readonly Permission[] = [
  "catalog:read",
  "catalog:write",
  "inventory:read",
  "inventory:write",
  "orders:read",
  "orders:write",
  "refunds:write",
  "customers:read",
  "coupons:read",
  "coupons:write",
  "reviews:write",
  "mails:read",
  "stats:read",
];

/** The permissions of each role; a customer has none of them. */
export const permissionsOf: Readonly<Record<Role, readonly Permission[]>> = {
  customer: [],
  staff,
  admin: permissions,
};
