import { contextOf } from "../../mixins/context.ts";
import { signAccessToken } from "../../mixins/access-tokens.ts";
import type { Permission, Role } from "../../contract/permissions.ts";
import { standIns, type Answers } from "./stand-ins.ts";
import { startStore, type StoreOptions, type TestStore } from "./store.ts";

export interface TestGateway extends TestStore {
  /** An access token of a live session of an account with this role. */
  tokenOf(role: Role): string;
  sessions: Map<string, { account: string; role: Role; email: string } | null>;
  /** How often the gateway asked whether a session lives. */
  asked(): number;
  keys: Map<string, { id: string; scopes: Permission[]; owner: string } | null>;
}

const idOf = (kind: number, n: number): string =>
  `01890000-0000-7000-800${kind}-${String(n).padStart(12, "0")}`;

/** A real gateway in front of stand-ins; sessions and API keys are rows of two maps. */
export async function startGateway(answers: Answers = {}, options: StoreOptions = {}): Promise<TestGateway> {
  const sessions: TestGateway["sessions"] = new Map();
  const keys: TestGateway["keys"] = new Map();
  let asked = 0;
  const extra = standIns({
    "users.session": (ctx) => {
      asked++;
      return sessions.get(ctx.params.session) ?? null;
    },
    "users.authenticateKey": (ctx) => keys.get(ctx.params.key) ?? null,
    ...answers,
  });
  const store = await startStore({
    ...options,
    services: ["gateway"],
    extra: [...extra, ...(options.extra ?? [])],
  });
  const { config } = contextOf(store.broker);
  return {
    ...store,
    sessions,
    keys,
    asked: () => asked,
    tokenOf(role) {
      const number = sessions.size + 1;
      const [sub, sid] = [idOf(1, number), idOf(2, number)];
      sessions.set(sid, { account: sub, role, email: `${role}@example.org` });
      return signAccessToken(config.jwtKeys, { sub, sid, role }, store.clock.now());
    },
  };
}
