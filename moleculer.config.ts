import process from "node:process";
import type { BrokerOptions, ServiceBroker } from "moleculer";
import { ContractValidator } from "./contract/validator.ts";
import { version } from "./contract/version.ts";
import { loadConfig } from "./config/load.ts";
import { metricsOptions } from "./config/metrics.ts";
import { tracingOptions } from "./config/tracing.ts";
import { breaks, natsTransporter, nodeIDOf } from "./config/preset.ts";
import type { Config } from "./config/config.ts";
import { actorContext } from "./middlewares/actor-context.middleware.ts";
import { awaitNode } from "./middlewares/await-node.middleware.ts";
import { callMetrics } from "./middlewares/call-metrics.middleware.ts";
import { contractTimeout } from "./middlewares/contract-timeout.middleware.ts";
import { diskMetrics } from "./middlewares/disk-metrics.middleware.ts";
import { embeddedOnce } from "./middlewares/embedded-once.middleware.ts";
import { presence } from "./middlewares/presence.middleware.ts";
import { expiryMetrics } from "./middlewares/expiry-metrics.middleware.ts";
import { loopMetrics } from "./middlewares/loop-metrics.middleware.ts";
import { metricsHealth } from "./middlewares/metrics-health.middleware.ts";
import { quiesce } from "./middlewares/quiesce.middleware.ts";
import { requestLog } from "./middlewares/request-log.middleware.ts";
import { retryPolicy } from "./middlewares/retry-policy.middleware.ts";
import { returnsCheck } from "./middlewares/returns.middleware.ts";
import { tracing } from "./middlewares/tracing.middleware.ts";
import { sandboxClock } from "./middlewares/sandbox-clock.middleware.ts";
import { shun } from "./middlewares/shun.middleware.ts";
import { shunStrategy } from "./middlewares/shun-strategy.ts";
import { shopMetrics } from "./middlewares/shop-metrics.middleware.ts";
import { systemClock, type Clock } from "./mixins/context.ts";
import { SandboxClock } from "./mixins/sandbox-clock.ts";

export { loadConfig } from "./config/load.ts";
export { settings } from "./config/settings.ts";
export type { Config } from "./config/config.ts";

/** The one place that reads the environment. */
export const environment = (): Readonly<Record<string, string | undefined>> => process.env;

/** The preset of every broker: node, test and REPL alike. Config and clock reach the services by `contextOf(broker)`. */
export function brokerOptions(
  config: Config = loadConfig(environment()),
  clock: Clock = systemClock,
): BrokerOptions {
  const time = config.sandbox ? new SandboxClock(clock) : clock;
  const options: BrokerOptions = {
    namespace: config.namespace,
    nodeID: nodeIDOf(config),
    metadata: { version, startedAt: new Date(clock.now()).toISOString() },
    logger: loggerOf(config),
    requestTimeout: 5000,
    maxCallLevel: 20,
    heartbeatInterval: 5,
    heartbeatTimeout: 15,
    // What still runs then has had its time before (quiesce.middleware.ts).
    tracking: { enabled: true, shutdownTimeout: 1000 },
    registry: { strategy: shunStrategy, preferLocal: true },
    retryPolicy: { enabled: false, retries: 0 },
    circuitBreaker: {
      enabled: true,
      threshold: 0.5,
      windowTime: 10,
      minRequestCount: 20,
      halfOpenTime: 2000,
      check: breaks,
    },
    bulkhead: { enabled: true, concurrency: 512, maxQueueSize: 1024 },
    validator: new ContractValidator(),
    metrics: metricsOptions(config),
    tracing: tracingOptions(config),
    // Moleculer's own are in the list below, because some of ours must stand between them.
    internalMiddlewares: false,
    middlewares: middlewares(config, time),
  };
  return withTransporter(options, config);
}

/** From the inside to the outside: the last one sees a call first. Names are Moleculer's own. */
function middlewares(config: Config, clock: Clock): BrokerOptions["middlewares"] {
  const list = [
    (broker: ServiceBroker) => actorContext(broker, config, clock),
    config.sandbox ? sandboxClock : undefined,
    embeddedOnce,
    presence,
    awaitNode,
    retryPolicy,
    config.checkAnswers ? returnsCheck : undefined,
    "ActionHook",
    "Validator",
    "Bulkhead",
    "Cacher",
    "ContextTracker",
    quiesce,
    shun,
    "CircuitBreaker",
    "Timeout",
    contractTimeout,
    "Retry",
    "Fallback",
    "ErrorHandler",
    requestLog,
    tracing,
    callMetrics,
    ...(config.metricsPort === undefined
      ? []
      : [shopMetrics, loopMetrics, diskMetrics, expiryMetrics, metricsHealth]),
    "Debounce",
    "Throttle",
  ];
  return list.filter((one) => one !== undefined) as BrokerOptions["middlewares"];
}

/** Moleculer picks a level by the logger's name: an actor's is the actor's own, that of its calls ends in `.request`. */
function levelsOf({ logLevel, logLevels }: Config): string | Record<string, string> {
  const own = Object.entries(logLevels);
  if (own.length === 0) return logLevel;
  const named = own.flatMap(([actor, level]) => [
    [actor.toUpperCase(), level],
    [`${actor.toUpperCase()}.*`, level],
  ]);
  return { ...Object.fromEntries(named), "**": logLevel };
}

function loggerOf(config: Config): BrokerOptions["logger"] {
  if (config.logLevel === "off") return false;
  if (!config.production) {
    return {
      type: "Console",
      options: { level: levelsOf(config), formatter: "short", objectPrinter: JSON.stringify },
    };
  }
  return { type: "Pino", options: { level: levelsOf(config), pino: { options: { base: null } } } };
}

/**
 * moleculer-runner overwrites options by variables of the same name, and would put the bare text of `TRANSPORTER` in the
 * place of these settings; the setter that does nothing keeps them.
 */
function withTransporter(options: BrokerOptions, config: Config): BrokerOptions {
  const transporter = natsTransporter(config);
  return Object.defineProperty(options, "transporter", {
    enumerable: true,
    configurable: true,
    get: () => transporter,
    set: () => undefined,
  });
}

/** For `moleculer-runner --config moleculer.config.ts`. */
export default (): BrokerOptions => brokerOptions();
