import type { ServiceSchema } from "moleculer";
import type { Identity, Meta } from "../../../contract/meta.ts";
import { mailToken } from "../../../mixins/secrets.ts";
import { contextOf } from "../../../mixins/context.ts";
import type { EventMap } from "../../../services/contracts.ts";
import type { User } from "../../../services/users/users.shapes.ts";
import { eventually } from "../../helpers/eventually.ts";
import { startStore, type StoreOptions, type TestStore } from "../../helpers/store.ts";

export const goodPassword = "seven green bicycles";

/** A signed-in person: what the gateway would put into the meta of their calls. */
export interface Person {
  user: User;
  session: string;
  refreshToken: string;
  accessToken: string;
  meta: Meta;
}

/** Keeps what users tells notifications, and answers which products exist. */
export interface Outside {
  events: { type: string; payload: unknown }[];
  products: Set<string>;
  schemas: ServiceSchema[];
}

export function outside(): Outside {
  const events: Outside["events"] = [];
  const products = new Set<string>();
  const receive = (ctx: { params: { events: { id: string; type: string; payload: unknown }[] } }) => {
    events.push(...ctx.params.events);
    return { done: ctx.params.events.map(({ id }) => id), failed: [] };
  };
  const exists = (ctx: { params: { ids: string[] } }) => ctx.params.ids.filter((id) => products.has(id));
  const schemas = [
    { name: "notifications", actions: { receive } },
    { name: "products", actions: { exists } },
  ] as unknown as ServiceSchema[];
  return { events, products, schemas };
}

export interface People extends TestStore {
  outside: Outside;
  ended: string[];
  revoked: string[];
  register(email: string, password?: string): Promise<User>;
  login(email: string, password?: string, meta?: Meta): Promise<Person>;
  admin(): Promise<Person>;
  /** The last event of this type that fits, once it came. */
  told<E extends keyof EventMap & string>(
    type: E,
    fits?: (event: EventMap[E]) => boolean,
  ): Promise<EventMap[E]>;
  token(purpose: "reset" | "verify", id: string): string;
}

/** The users actor with stand-ins for its neighbours. */
export async function startPeople(options: StoreOptions = {}): Promise<People> {
  const neighbours = outside();
  const ended: string[] = [];
  const revoked: string[] = [];
  const gateway = {
    name: "listener",
    events: {
      "users.sessionsEnded": (ctx: { params: { sessions: string[] } }) =>
        void ended.push(...ctx.params.sessions),
      "users.apiKeyRevoked": (ctx: { params: { id: string } }) => void revoked.push(ctx.params.id),
    },
  } as unknown as ServiceSchema;
  const store = await startStore({
    services: ["users"],
    extra: [...neighbours.schemas, gateway],
    ...options,
  });
  const login = async (email: string, password = goodPassword, meta: Meta = {}): Promise<Person> => {
    const given = { ...meta };
    const { accessToken, user } = await store.call("users.login", { email, password }, { meta: given });
    const refreshToken = given.setRefreshToken?.token ?? "";
    const claims = JSON.parse(Buffer.from(accessToken.split(".")[1] ?? "", "base64url").toString()) as {
      sid: string;
    };
    const caller: Identity = {
      kind: "account",
      id: user.id,
      role: user.role,
      session: claims.sid,
      email: user.email,
    };
    return { user, session: claims.sid, refreshToken, accessToken, meta: { ...meta, caller } };
  };
  const { config } = contextOf(store.broker);
  return {
    ...store,
    outside: neighbours,
    ended,
    revoked,
    login,
    admin: () => login(config.adminEmail, config.adminPassword),
    async register(email, password = goodPassword) {
      return (await store.call("users.register", { email, password, name: "Ann Lee" })).user;
    },
    async told(type, fits = () => true) {
      const find = () =>
        neighbours.events.findLast((event) => event.type === type && fits(event.payload as never));
      await eventually(find);
      return find()?.payload as never;
    },
    token: (purpose, id) => mailToken(config.appSecret, purpose, id),
  };
}

export interface Refusal extends Error {
  code: number;
  type: string;
  data: Record<string, unknown>;
}

/** What a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  const answer = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("value" in answer) throw new Error(`was not refused, but answered ${JSON.stringify(answer.value)}`);
  return answer.error as Refusal;
}
