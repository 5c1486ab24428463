import type { RouteLocationNormalizedLoaded } from "vue-router";

/** The token of a mail's link; taken out of the address bar, so that it stays in no history. */
export function useMailToken({ query, hash, path }: RouteLocationNormalizedLoaded): string {
  const token =
    typeof query.token === "string" ? query.token : new URLSearchParams(hash.slice(1)).get("token");
  history.replaceState(history.state, "", path);
  return token ?? "";
}
