import type { Context, Middleware } from "moleculer";

/** What a middleware wraps: the handler, or the next middleware towards it. */
export type Next = (ctx: Context) => Promise<unknown>;

/** What Moleculer hands over with it: the action as its contract declared it, here or on another node. */
export interface WrappedAction {
  readonly name: string;
  readonly timeout?: number;
  readonly idempotent?: "read" | "keyed" | false;
  readonly returns?: object;
  readonly answer?: string;
  retryPolicy?: object;
}

export type Wrap = (next: Next, action: WrappedAction) => Next;

/** A Moleculer middleware whose hooks see handlers without `this` and actions with their contract's fields. */
export const defineMiddleware = (middleware: {
  name: string;
  /** Calls that this node works. */
  localAction?: Wrap;
  /** Calls that this node sends to another. */
  remoteAction?: Wrap;
}): Middleware => middleware as unknown as Middleware;
