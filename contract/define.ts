import type { Static, TObject, TSchema } from "typebox";
import type { Permission } from "./permissions.ts";

/**
 * Who may call a published action.
 * - `anyone`: no login needed.
 * - `customer`: a signed-in account of any role.
 * - `holder`: anyone may knock; the action itself checks the secret header or the ownership, and answers 404 otherwise.
 * - `provider`: a payment provider, known by the signature that the action checks.
 * - a permission: staff or admin whose role has it, or an API key with that scope.
 */
export type Auth = "anyone" | "customer" | "holder" | "provider" | { readonly permission: Permission };

/** `read`: changes nothing. `keyed`: a repeat with the same key has no further effect. `false`: never retried. */
export type Idempotent = "read" | "keyed" | false;

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
/** A route below `/api/v1`, path parameters as `:name`. */
export type Route = `${Method} /${string}`;

interface ActionBase {
  readonly summary: string;
  /** Plain JSON Schema with `additionalProperties: false`; see `shape()`. */
  readonly params: TObject;
  readonly returns: TSchema;
  readonly idempotent: Idempotent;
  /** Milliseconds. Left out: 1 s for reads, 150 ms for reads marked `fast`, 5 s for writes (design, section 6). */
  readonly timeout?: number;
  readonly fast?: boolean;
}

/** An action that only other actors may call. */
export interface InternalAction extends ActionBase {
  readonly rest?: undefined;
}

/** Another resource that an answer may carry along, as an optional field of the expansion's name. */
export interface Expansion {
  /** Full name of the published read. */
  readonly action: string;
  /** Field of the answer (or of each row) that holds the id. */
  readonly by: string;
  /** Param of that read which takes the id. */
  readonly param: string;
}

/** An action with a REST route; the gateway refuses to start when `auth` is missing. */
export interface PublishedAction extends ActionBase {
  readonly rest: Route;
  readonly auth: Auth;
  /** Status of a success; left out: 200, or 204 when `returns` is null. */
  readonly status?: number;
  /** Another success, set by the action as `meta.status`, and what it says. */
  readonly otherwise?: { readonly status: number; readonly when: string };
  /** `required` on orders, payments and refunds; `optional` on the other POST and PATCH whose actor records the key. */
  readonly idempotencyKey?: "required" | "optional";
  /** The actor itself tells a call that comes again from a new one, so a gateway between nodes gives it no key of its own. */
  readonly knowsRepeats?: true;
  /** `required` on admin writes (428 when missing), `optional` where a version is checked when given. */
  readonly ifMatch?: "required" | "optional";
  /** The answer carries `ETag: "<version>"` from its `version` field, or a hash of the body for public reads. */
  readonly etag?: "version" | "hash";
  /**
   * What the body is, other than JSON: the action gets a readable stream as `ctx.stream` (csv, image), the raw bytes as a string
   * in `params.raw`, or as `params.rows` the elements of a JSON array or the lines of NDJSON, which it checks one by one.
   */
  readonly body?: "json" | "csv" | "image" | "raw" | "rows";
  /** What each of the `rows` has to be. */
  readonly row?: TObject;
  /**
   * What the answer is, other than JSON: the action answers a Node Readable of that media type. `rows`: it answers pages
   * (`rowsPage`) behind `params.after`, which the gateway asks for one after another and writes as CSV or NDJSON.
   */
  readonly answer?: "json" | "sse" | "csv" | "html" | "rows";
  /**
   * Milliseconds that a gateway may answer guests with what another node has just answered to the same params: for reads whose
   * answer hangs on these alone and may be that old. An actor in the gateway's own process is always asked.
   */
  readonly sharedFor?: number;
  /** `?fields=id,total.amount` leaves the other fields out. */
  readonly fields?: true;
  /** `?expand=customer` adds what an id of the answer names, from another published read that the caller may ask. */
  readonly expand?: Readonly<Record<string, Expansion>>;
  /** Codes of the refusals that this action has of its own, `CODE` to HTTP status, or to several (for the OpenAPI document). */
  readonly errors?: Readonly<Record<string, number | readonly number[]>>;
}

export type ActionDef = InternalAction | PublishedAction;

export interface EventDef {
  readonly summary: string;
  readonly payload: TObject;
}

export interface Contract<
  N extends string = string,
  A extends Record<string, ActionDef> = Record<string, ActionDef>,
  E extends Record<string, EventDef> = Record<string, EventDef>,
> {
  readonly name: N;
  readonly actions: A;
  readonly events: E;
  /** Full names of the durable events that this actor subscribes to by its inbox. */
  readonly receives: readonly string[];
}

/** Declares an actor's whole public face; the single source of types, validation, routes and documents. */
export function defineContract<
  const N extends string,
  const A extends Record<string, ActionDef>,
  const E extends Record<string, EventDef> = Record<never, EventDef>,
>(name: N, face: { actions: A; events?: E; receives?: readonly string[] }): Contract<N, A, E> {
  return { name, actions: face.actions, events: (face.events ?? {}) as E, receives: face.receives ?? [] };
}

/** `{ "orders.place": { params, returns } }` of one contract. */
export type ActionsOf<C> =
  C extends Contract<infer N, infer A, Record<string, EventDef>>
    ? {
        [K in keyof A & string as `${N}.${K}`]: {
          params: Static<A[K]["params"]>;
          returns: Static<A[K]["returns"]>;
        };
      }
    : never;

/** `{ "orders.confirmed": payload }` of one contract. */
export type EventsOf<C> =
  C extends Contract<infer N, Record<string, ActionDef>, infer E>
    ? { [K in keyof E & string as `${N}.${K}`]: Static<E[K]["payload"]> }
    : never;
