import type { TestStore } from "../../test/helpers/store.ts";
import type { Operation } from "./document.ts";

/** Of every account that the walk makes. */
export const password = "correct horse battery staple";

/** Accounts of each role, made anew once the walk has locked one out. */
export function callers(store: TestStore) {
  const tokens = new Map<string, Promise<string>>();
  let made = 0;
  const make = async (role: "customer" | "admin"): Promise<string> => {
    const email = `walk${made++}@example.com`;
    await store.call("users.create", { email, password, name: "Walk", role });
    return (await store.call("users.login", { email, password })).accessToken;
  };
  return async (
    { permission, path }: Operation,
    refused: boolean,
    turn: number,
  ): Promise<string | undefined> => {
    const isMine = path.startsWith("/me") || path.startsWith("/auth");
    const role = permission !== undefined ? "admin" : isMine || turn % 2 === 0 ? "customer" : undefined;
    // Every tenth asks without a token where one is needed.
    if (role === undefined || turn % 10 === 9) return undefined;
    const held = tokens.get(role);
    if (held !== undefined && !refused) return held;
    const fresh = make(role);
    tokens.set(role, fresh);
    return fresh;
  };
}
