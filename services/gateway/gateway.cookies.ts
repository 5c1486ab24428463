import type { IncomingMessage } from "node:http";
import type { Meta } from "../../contract/meta.ts";
import { crossSite } from "./gateway.errors.ts";

/** The actions that read the refresh cookie. */
const readers = new Set(["users.refresh", "users.logout"]);

export interface RefreshCookie {
  /** Puts the cookie's token into `meta`, for the actions that may read it; 403 for a request from another site. */
  read(action: string, req: IncomingMessage, meta: Meta): void;
  /** The `Set-Cookie` for what an action left in `meta`. */
  write(set: NonNullable<Meta["setRefreshToken"]> | null): string;
}

/** @param publicUrl where shoppers reach the store; https makes the cookie `__Host-` and `Secure`. */
export function refreshCookie(publicUrl: string | undefined): RefreshCookie {
  const secure = publicUrl?.startsWith("https:") ?? false;
  const name = secure ? "__Host-refresh" : "refresh";
  const attributes = `; Path=/; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
  return {
    read(action, req, meta) {
      if (!readers.has(action)) return;
      if (isCrossSite(req, publicUrl)) throw crossSite();
      const token = cookieOf(req.headers.cookie, name);
      if (token !== undefined) meta.refreshToken = token;
    },
    write: (set) =>
      set === null
        ? `${name}=${attributes}; Max-Age=0`
        : `${name}=${set.token}${attributes}; Max-Age=${Math.floor(set.maxAgeSeconds)}`,
  };
}

/** Browsers say it in `Sec-Fetch-Site`, older ones in `Origin`; a program sends neither. */
function isCrossSite(req: IncomingMessage, publicUrl: string | undefined): boolean {
  const site = req.headers["sec-fetch-site"];
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const { origin } = req.headers;
  if (origin === undefined) return false;
  const own = publicUrl === undefined ? `http://${req.headers.host ?? ""}` : new URL(publicUrl).origin;
  return origin !== own;
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? "").split(";")) {
    const text = part.trim();
    if (text.startsWith(`${name}=`)) return text.slice(name.length + 1, name.length + 1 + 1000);
  }
  return undefined;
}
