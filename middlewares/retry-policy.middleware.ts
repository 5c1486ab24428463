import type { Middleware, ServiceBroker } from "moleculer";
import { isType } from "../contract/errors.ts";
import { contextOf } from "../mixins/context.ts";
import { defineMiddleware, type Wrap } from "./define-middleware.ts";

/** The call was lost on its way or with its node, or its node has no index yet; another endpoint can take it. */
const LOST = ["REQUEST_REJECTED", "SERVICE_NOT_AVAILABLE", "BAD_GATEWAY", "SEARCH_NOT_READY"] as const;
/** A database server that is away comes back; an embedded one that fails has a full or broken disk. */
const AWAY = ["STORE_UNAVAILABLE", "STORE_CONFLICT"] as const;

/**
 * Retries belong to actions that their contract calls `read` or `keyed`; everything else is tried once. A full queue is
 * not retried (that would add to the load), nor is a time-out on this very node (the first try is still being worked).
 */
export const retryPolicy = (broker: ServiceBroker): Middleware => {
  const timedOutElsewhere = (error: unknown): boolean =>
    isType(error, "REQUEST_TIMEOUT") &&
    (error as { data?: { nodeID?: string } }).data?.nodeID !== broker.nodeID;
  const alone = contextOf(broker).config.transporter === undefined;
  const lost = alone ? LOST : [...LOST, ...AWAY];
  const repeatable = {
    enabled: true,
    // In a cluster 20, 60, 180, 500, 500 ... ms: together as long as a database takes to come back.
    retries: alone ? 2 : 16,
    delay: 20,
    factor: 3,
    maxDelay: 500,
    check: (error: unknown) => isType(error, ...lost) || timedOutElsewhere(error),
  };
  const choose: Wrap = (next, action) => {
    const may = action.idempotent === "read" || action.idempotent === "keyed";
    action.retryPolicy = may ? repeatable : { enabled: false };
    return next;
  };
  // Moleculer's Retry reads `action.retryPolicy` while it wraps, so this stands before it in the list.
  return defineMiddleware({ name: "RetryPolicy", localAction: choose, remoteAction: choose });
};
