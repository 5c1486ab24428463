import type { ServiceBroker } from "moleculer";
import type { Contract } from "../../contract/define.ts";
import { isType } from "../../contract/errors.ts";
import { contextOf } from "../../mixins/context.ts";
import type { Clock } from "../../mixins/sql.types.ts";

export interface Degraded {
  readonly name: string;
  readonly state: string;
  /** When it was first seen so. */
  readonly since: string;
}

export interface Readiness {
  readonly ready: boolean;
  /** `ok`, or why not, by actor and by what the nodes lean on. */
  readonly checks: Readonly<Record<string, string>>;
  /** All that is not `ok`; without some of it the shop goes on. */
  readonly degraded: readonly Degraded[];
}

/** Milliseconds that an answer about readiness is kept (while starting, each tells more), and that one actor has to answer. */
const keepFor = 1000;
const keepStarting = 50;
const patience = 800;
/** What they do is done later: their events wait in the outboxes. */
const canWait = new Set(["notifications", "webhooks", "audit"]);

/**
 * Makes the question whether this node can serve: every actor of the contracts is there, its database answers, the
 * search index is built, NATS is connected. Once it was so, what is away on other nodes makes it degraded, not unready:
 * it is away for every gateway alike, and a balancer that has none left answers nothing at all.
 */
export function readiness(
  broker: ServiceBroker,
  contracts: Readonly<Record<string, Contract>>,
  clock: Clock,
): () => Promise<Readiness> {
  const names = Object.keys(contracts).filter((name) => name !== "gateway" && name !== "metrics");
  const since = new Map<string, Degraded>();
  let kept: { until: number; answer: Promise<Readiness> } | undefined;
  let wasReady = false;
  const canDoWithout = (name: string): boolean =>
    canWait.has(name) || (wasReady && names.includes(name) && broker.getLocalService(name) === undefined);
  const ask = async (): Promise<Readiness> => {
    const found = await Promise.all(
      names.map(async (name) => [name, await check(broker, name)] as [string, string]),
    );
    found.push(...own(broker));
    const ready = found.every(([name, state]) => state === "ok" || canDoWithout(name));
    wasReady ||= ready;
    if (!ready && kept) kept.until = Math.min(kept.until, clock.now() + keepStarting);
    return { ready, checks: Object.fromEntries(found), degraded: note(since, found, clock.now()) };
  };
  return () => {
    const now = clock.now();
    if (kept === undefined || kept.until <= now) kept = { until: now + keepFor, answer: ask() };
    return kept.answer;
  };
}

/** What this node itself needs beside the actors. */
function own(broker: ServiceBroker): [string, string][] {
  const { opening, config } = contextOf(broker);
  const transit = broker.transit as { connected: boolean } | null;
  return [
    ...(opening.size > 0 ? [["store", `opening: ${[...opening].join(", ")}`] as [string, string]] : []),
    ...(config.transporter === undefined
      ? []
      : [["nats", transit?.connected === true ? "ok" : "not connected"] as [string, string]]),
  ];
}

/** Remembers since when something is as it is, and forgets what is well again. */
function note(since: Map<string, Degraded>, found: readonly [string, string][], now: number): Degraded[] {
  for (const [name, state] of found) {
    if (state === "ok") since.delete(name);
    else if (since.get(name)?.state !== state)
      since.set(name, { name, state, since: since.get(name)?.since ?? new Date(now).toISOString() });
  }
  const names = new Set(found.map(([name]) => name));
  for (const name of since.keys()) if (!names.has(name)) since.delete(name);
  return [...since.values()];
}

/** One node that can work is enough: another of its kind that starts or ends makes nobody unready. */
async function check(broker: ServiceBroker, name: string): Promise<string> {
  const question = name === "search" ? "search.status" : `${name}.jobs`;
  // Asked of the registry first: a call that nobody can take would be logged each second.
  if (!broker.registry.actions.isAvailable(question)) return "missing";
  const state = await ask(broker, question);
  if (state === "ok") return state;
  const nodes = nodesOf(broker, name);
  const states = nodes.length > 1 ? await Promise.all(nodes.map((id) => ask(broker, question, id))) : [];
  return states.find((each) => each === "ok") ?? state;
}

interface Offer {
  name: string;
  nodeID: string;
}

const nodesOf = (broker: ServiceBroker, name: string): string[] =>
  (broker.registry.getServiceList({ onlyAvailable: true }) as unknown as Offer[])
    .filter((offer) => offer.name === name)
    .map(({ nodeID }) => nodeID);

async function ask(broker: ServiceBroker, question: string, nodeID?: string): Promise<string> {
  try {
    const answer = await broker.call<{ ready?: boolean }, object>(
      question,
      {},
      { timeout: patience, retries: 0, ...(nodeID !== undefined && { nodeID }) },
    );
    return answer.ready === false ? "index is not built yet" : "ok";
  } catch (error) {
    return isType(error, "STORE_UNAVAILABLE") ? "database does not answer" : "does not answer";
  }
}
