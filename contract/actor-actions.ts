import { Type, type Static } from "typebox";
import type { ActionDef } from "./define.ts";
import { shape } from "./shapes.ts";

/** One durable event on its way to a subscriber. */
export const Delivery = shape({
  id: Type.String(),
  type: Type.String(),
  entity: Type.String(),
  version: Type.Integer(),
  at: Type.String(),
  payload: Type.Unknown(),
  /** `traceparent` of the change that it tells. */
  trace: Type.Optional(Type.String({ maxLength: 55 })),
});
export type Delivery = Static<typeof Delivery>;

/** The actions that the store mixins bring to every actor that owns data. */
export const actorActions = {
  receive: {
    summary: "Durable events for this actor's inbox; answers which took effect, now or before",
    params: shape({ from: Type.String(), events: Type.Array(Delivery, { maxItems: 1000 }) }),
    returns: shape({
      done: Type.Array(Type.String()),
      failed: Type.Array(shape({ id: Type.String(), message: Type.String() })),
    }),
    idempotent: "keyed",
    timeout: 5000,
  },
  parked: {
    summary: "Deliveries that were given up after their last try",
    params: shape({}),
    returns: shape({
      data: Type.Array(
        shape({
          id: Type.String(),
          event: Type.String(),
          subscriber: Type.String(),
          entity: Type.String(),
          attempts: Type.Integer(),
          error: Type.Union([Type.String(), Type.Null()]),
          at: Type.String(),
        }),
      ),
    }),
    idempotent: "read",
  },
  resend: {
    summary: "Try a parked delivery again",
    params: shape({ id: Type.String() }),
    returns: shape({ resent: Type.Boolean() }),
    idempotent: "keyed",
  },
  jobs: {
    summary: "What waits in this actor's queues",
    params: shape({}),
    returns: shape({
      queued: Type.Integer(),
      pending: Type.Integer(),
      parked: Type.Integer(),
      oldestSeconds: Type.Number(),
    }),
    idempotent: "read",
  },
} as const satisfies Record<string, ActionDef>;

/** What actors have that keep what came of orders; refused outside a sandbox. */
export const wipeAction = {
  summary: "Forget what was tried out in a sandbox",
  params: shape({}),
  returns: shape({ removed: Type.Integer() }),
  idempotent: "keyed",
  timeout: 20_000,
} as const satisfies ActionDef;

type Actions = typeof actorActions;

/** `{ "orders.receive": ... }` for each of the actors `N`. */
export type ActorActionsOf<N extends string> = {
  [K in keyof Actions & string as `${N}.${K}`]: {
    params: Static<Actions[K]["params"]>;
    returns: Static<Actions[K]["returns"]>;
  };
};
