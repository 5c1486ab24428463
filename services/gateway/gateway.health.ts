import type { ServiceBroker } from "moleculer";
import type { Contract } from "../../contract/define.ts";
import { contextOf } from "../../mixins/context.ts";
import type { Clock } from "../../mixins/sql.types.ts";

export interface Readiness {
  readonly ready: boolean;
  /** `ok`, or why not, by actor. */
  readonly checks: Readonly<Record<string, string>>;
}

/** Milliseconds that an answer about readiness is kept (while starting, each tells more), and that one actor has to answer. */
const keepFor = 1000;
const keepStarting = 50;
const patience = 800;

/**
 * Makes the question whether this node can serve: every actor of the contracts is there, its database answers, the
 * search index is built.
 */
export function readiness(
  broker: ServiceBroker,
  contracts: Readonly<Record<string, Contract>>,
  clock: Clock,
): () => Promise<Readiness> {
  const names = Object.keys(contracts).filter((name) => name !== "gateway" && name !== "metrics");
  let kept: { until: number; answer: Promise<Readiness> } | undefined;
  const ask = async (): Promise<Readiness> => {
    const found = await Promise.all(
      names.map(async (name) => [name, await check(broker, name)] as [string, string]),
    );
    const { opening } = contextOf(broker);
    if (opening.size > 0) found.push(["store", `opening: ${[...opening].join(", ")}`]);
    const ready = found.every(([, state]) => state === "ok");
    if (!ready && kept) kept.until = Math.min(kept.until, clock.now() + keepStarting);
    return { ready, checks: Object.fromEntries(found) };
  };
  return () => {
    const now = clock.now();
    if (kept === undefined || kept.until <= now) kept = { until: now + keepFor, answer: ask() };
    return kept.answer;
  };
}

async function check(broker: ServiceBroker, name: string): Promise<string> {
  const question = name === "search" ? "search.status" : `${name}.jobs`;
  // Asked of the registry first: a call that nobody can take would be logged each second.
  if (!broker.registry.actions.isAvailable(question)) return "missing";
  try {
    const answer = await broker.call<{ ready?: boolean }, object>(
      question,
      {},
      { timeout: patience, retries: 0 },
    );
    return answer.ready === false ? "index is not built yet" : "ok";
  } catch {
    return "does not answer";
  }
}
