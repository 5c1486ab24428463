import type { CallingOptions, Context, Service, ServiceSchema } from "moleculer";
import type { Static } from "typebox";
import type { ActionDef, Contract, EventDef } from "./define.ts";
import type { ActionMap, EventMap } from "../services/contracts.ts";
import type { Meta } from "./meta.ts";

/** A typed call of any actor: unknown names, missing or wrong params are compile errors. */
export interface Caller {
  call<N extends keyof ActionMap & string>(
    name: N,
    params: ActionMap[N]["params"],
    options?: CallingOptions,
  ): Promise<ActionMap[N]["returns"]>;
  /** At most once, lost in an outage: only for what can be rebuilt (cache cleaning, live views). */
  emit<E extends keyof EventMap & string>(name: E, payload: EventMap[E]): Promise<void>;
  broadcast<E extends keyof EventMap & string>(name: E, payload: EventMap[E]): Promise<void>;
}

type Loose = "call" | "mcall" | "emit" | "broadcast" | "params" | "meta";

/** A handler's context: Moleculer's, with calls, events, params and meta typed by the contracts. */
export type Ctx<P = unknown> = Omit<Context<P, Meta>, Loose> & Caller & { params: P; meta: Meta };

type Actions<C> = C extends Contract<string, infer A, Record<string, EventDef>> ? A : never;
type ParamsOf<D> = D extends ActionDef ? Static<D["params"]> : never;
type ReturnsOf<D> = D extends ActionDef ? Static<D["returns"]> : never;

/** The function behind one action of a contract. `Self` is the type of `this`. */
export type Handler<C, K extends keyof Actions<C>, Self = Service> = (
  this: Self,
  ctx: Ctx<ParamsOf<Actions<C>[K]>>,
) => Promise<ReturnsOf<Actions<C>[K]>> | ReturnsOf<Actions<C>[K]>;

export interface Implementation<C, Self> {
  mixins?: readonly unknown[];
  settings?: Record<string, unknown>;
  dependencies?: string[];
  methods?: Record<string, (this: Self, ...args: never[]) => unknown>;
  /** One handler for every action of the contract; a missing or unknown one is a compile error. */
  actions: { [K in keyof Actions<C>]: Handler<C, K, Self> };
  /** Listeners of events that may be lost (cache cleaning, live views); durable ones go through the inbox mixin. */
  events?: Record<string, (this: Self, ctx: Ctx<never>) => unknown>;
  created?(this: Self): void;
  started?(this: Self): Promise<void> | void;
  stopped?(this: Self): Promise<void> | void;
}

const defaultTimeout = (action: ActionDef): number =>
  action.timeout ?? (action.idempotent === "read" ? (action.fast ? 150 : 1000) : 5000);

/**
 * Makes the Moleculer service of a contract. Each action carries its contract's `params`, `returns`, `timeout`,
 * `idempotent`, and for routes `rest` and `auth`, so that middlewares and the gateway read them from the registry.
 */
export function implement<C extends Contract, Self = Service>(
  contract: C,
  body: Implementation<C, Self> & ThisType<Self>,
): ServiceSchema {
  const { actions: handlers, ...rest } = body;
  const actions = Object.fromEntries(
    Object.entries(contract.actions).map(([name, action]) => [
      name,
      {
        ...action,
        // The gateway routes from the contracts; `rest` would make moleculer-web alias it a second time.
        rest: undefined,
        route: action.rest,
        visibility: action.rest === undefined ? "public" : "published",
        timeout: defaultTimeout(action),
        handler: (handlers as Record<string, unknown>)[name],
      },
    ]),
  );
  return { name: contract.name, ...rest, actions } as unknown as ServiceSchema;
}
