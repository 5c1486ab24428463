import { isReadable } from "node:stream";
import { Errors } from "moleculer";
import { findErrors } from "../contract/json-schema.ts";
import { defineMiddleware } from "./define-middleware.ts";

const isStream = (value: unknown): boolean =>
  typeof value === "object" && value !== null && isReadable(value as NodeJS.ReadableStream) !== null;

/** Fails every answer that is not what the action's contract promises; for development and tests, off in production. */
export const returnsCheck = defineMiddleware({
  name: "ReturnsCheck",
  localAction(next, { name, returns, answer: kind = "json" }) {
    if (!returns || kind !== "json") return next;
    return async function checkReturns(ctx) {
      const answer: unknown = await next(ctx);
      if (isStream(answer)) return answer;
      const errors = findErrors(returns, answer === undefined ? null : answer);
      if (!errors) return answer;
      const places = errors.map(({ pointer, message }) => `${pointer || "/"} ${message}`).join("; ");
      throw new Errors.MoleculerError(`${name} broke its contract: ${places}`, 500, "BROKEN_CONTRACT", {
        errors,
      });
    };
  },
});
