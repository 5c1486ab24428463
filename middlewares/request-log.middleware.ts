import type { Context, Middleware, ServiceBroker } from "moleculer";
import { statusOf } from "../contract/errors.ts";
import { contextOf } from "../mixins/context.ts";
import { currentSpan } from "../tracing/current.ts";
import { defineMiddleware } from "./define-middleware.ts";

/** Slower than this is worth a line at any log level. */
const SLOW_MS = 1000;

/**
 * One line for each call that this node worked: failures of ours as errors, slow calls as warnings, refusals at `info`,
 * the rest at `debug`. Only names and numbers are written, never params, answers or messages.
 */
export const requestLog = (broker: ServiceBroker): Middleware =>
  defineMiddleware({
    name: "RequestLog",
    localAction(next, action) {
      const { config } = contextOf(broker);
      if (config.logLevel === "off" || action.name.startsWith("$")) return next;
      const actor = action.name.slice(0, action.name.indexOf("."));
      // An actor with a level of its own has a logger of its own.
      const logger = broker.getLogger(actor in config.logLevels ? `${actor}.request` : "request");
      const level = config.logLevels[actor] ?? config.logLevel;
      // The facts of a call are gathered only where somebody reads them.
      const debug = level === "debug" || level === "trace";
      const facts = (ctx: Context, ms: number) => ({
        requestID: ctx.requestID,
        traceID: currentSpan(actor)?.traceID,
        action: ctx.action?.name,
        caller: ctx.caller,
        ms: Math.round(ms),
      });
      return async function logRequest(ctx) {
        const start = performance.now();
        try {
          const answer: unknown = await next(ctx);
          const ms = performance.now() - start;
          if (ms > SLOW_MS) logger.warn("slow call", facts(ctx, ms));
          else if (debug) logger.debug("call", facts(ctx, ms));
          return answer;
        } catch (error) {
          const code = (error as { type?: unknown }).type ?? (error as Error).name;
          const line = { ...facts(ctx, performance.now() - start), code };
          if (statusOf(error) < 500) logger.info("refused", line);
          else logger.error("failed", { ...line, stack: isOurs(error) ? undefined : (error as Error).stack });
          throw error;
        }
      };
    },
  });

/** An error that was thrown on purpose says all by its code. */
const isOurs = (error: unknown): boolean => typeof (error as { type?: unknown }).type === "string";
