import type { Auth } from "../../contract/define.ts";
import type { Identity } from "../../contract/meta.ts";
import { permissionsOf, type Permission, type Role } from "../../contract/permissions.ts";
import { notAllowed, notSignedIn } from "./gateway.errors.ts";

const granted = Object.fromEntries(
  Object.entries(permissionsOf).map(([role, permissions]) => [role, new Set(permissions)]),
) as unknown as Readonly<Record<Role, ReadonlySet<Permission>>>;

const holds = (caller: Identity, permission: Permission): boolean =>
  caller.kind === "key" ? caller.scopes.includes(permission) : granted[caller.role].has(permission);

/** Refuses a caller with 401 or 403, or lets the request through. */
export type Admit = (caller: Identity | undefined) => void;

/** Makes the check of one route from its contract's `auth`; what it does not know is refused. */
export function admission(auth: Auth): Admit {
  if (auth === "anyone" || auth === "holder" || auth === "provider") return () => undefined;
  if (auth === "customer")
    return (caller) => {
      if (caller === undefined) throw notSignedIn();
      if (caller.kind !== "account") throw notAllowed();
    };
  const { permission } = auth;
  return (caller) => {
    if (caller === undefined) throw notSignedIn();
    if (typeof permission !== "string" || !holds(caller, permission)) throw notAllowed();
  };
}
