import { defineMiddleware, type Wrap } from "./define-middleware.ts";

const limit: Wrap = (next, { timeout }) => {
  if (!timeout) return next;
  return function contractTimeout(ctx) {
    const left = ctx.options.timeout;
    if (left && left > timeout) ctx.options.timeout = timeout;
    return next(ctx);
  };
};

/**
 * Keeps an action's own time limit inside a longer call: Moleculer hands what is left of the parent's limit to the inner
 * call, and then no longer looks at the action's `timeout`. The shorter of the two counts, here and on the node that works.
 * Stands behind Moleculer's Timeout in the list of middlewares, so that it runs before it.
 */
export const contractTimeout = defineMiddleware({
  name: "ContractTimeout",
  localAction: limit,
  remoteAction: limit,
});
