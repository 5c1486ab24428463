import type { Middleware, ServiceBroker } from "moleculer";
import { isType } from "../contract/errors.ts";
import { defineMiddleware, type Wrap } from "./define-middleware.ts";

/** The call was lost on its way or with its node; another endpoint can take it. */
const LOST = ["REQUEST_REJECTED", "SERVICE_NOT_AVAILABLE", "BAD_GATEWAY"] as const;

/**
 * Retries belong to actions that their contract calls `read` or `keyed`; everything else is tried once. A full queue is
 * not retried (that would add to the load), nor is a time-out on this very node (the first try is still being worked).
 */
export const retryPolicy = (broker: ServiceBroker): Middleware => {
  const timedOutElsewhere = (error: unknown): boolean =>
    isType(error, "REQUEST_TIMEOUT") &&
    (error as { data?: { nodeID?: string } }).data?.nodeID !== broker.nodeID;
  const repeatable = {
    enabled: true,
    retries: 2,
    delay: 20,
    factor: 4,
    maxDelay: 200,
    check: (error: unknown) => isType(error, ...LOST) || timedOutElsewhere(error),
  };
  const choose: Wrap = (next, action) => {
    const may = action.idempotent === "read" || action.idempotent === "keyed";
    action.retryPolicy = may ? repeatable : { enabled: false };
    return next;
  };
  // Moleculer's Retry reads `action.retryPolicy` while it wraps, so this stands before it in the list.
  return defineMiddleware({ name: "RetryPolicy", localAction: choose, remoteAction: choose });
};
