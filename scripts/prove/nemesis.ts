import { setTimeout as delay } from "node:timers/promises";
import { between, pick, type Random } from "../../bench/random.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { ClusterNode } from "../cluster/node.ts";
import { deliverAgain } from "./doubled.ts";

/** What can be done to a cluster; `weight` is how often, against the others. */
export interface Fault {
  readonly name: string;
  readonly weight: number;
  /** Of the cluster's own servers there is one each, so only one fault at a time may be theirs. */
  readonly server?: true;
  strike(at: Scene): Promise<string>;
}

export interface Scene {
  cluster: Cluster;
  /** Nodes that a fault has in hand just now; their twins are left alone. */
  struck: Set<ClusterNode>;
  random: Random;
}

/** Until the others know a node that came back. */
const SEEN_AFTER = 1200;

const isGateway = (node: ClusterNode): boolean => node.plan.group === "gateway";

/** A node whose twin serves meanwhile; undefined when other faults have them all. */
function victimOf({ cluster: { nodes }, struck, random }: Scene, gateway: boolean): ClusterNode | undefined {
  const serves = (node: ClusterNode) => node.running && !struck.has(node);
  const fit = nodes.filter(
    (node) =>
      isGateway(node) === gateway &&
      serves(node) &&
      nodes.some((twin) => twin !== node && twin.plan.group === node.plan.group && serves(twin)),
  );
  return fit.length === 0 ? undefined : pick(random, fit);
}

/** Waits for a victim, and has it in hand until the others know it again. */
async function on(
  at: Scene,
  gateway: boolean,
  work: (node: ClusterNode) => Promise<string>,
): Promise<string> {
  let node = victimOf(at, gateway);
  for (; node === undefined; node = victimOf(at, gateway)) await delay(50);
  at.struck.add(node);
  try {
    const what = await work(node);
    await delay(SEEN_AFTER);
    return what;
  } finally {
    at.struck.delete(node);
  }
}

const killed = (at: Scene, gateway: boolean): Promise<string> =>
  on(at, gateway, async (node) => {
    await node.kill();
    await delay(between(at.random, 0, 1000));
    await node.start();
    return node.plan.id;
  });

const frozen = (at: Scene, gateway: boolean): Promise<string> =>
  on(at, gateway, async (node) => {
    const ms = between(at.random, 500, 4000);
    node.signal("SIGSTOP");
    await delay(ms);
    node.signal("SIGCONT");
    return `${node.plan.id} for ${ms} ms`;
  });

const faults: readonly Fault[] = [
  {
    name: "SIGKILL of a worker",
    weight: 9,
    strike: (at) => killed(at, false),
  },
  {
    name: "SIGKILL of a gateway",
    weight: 4,
    strike: (at) => killed(at, true),
  },
  {
    name: "SIGSTOP of a worker",
    weight: 2,
    strike: (at) => frozen(at, false),
  },
  {
    name: "SIGSTOP of a gateway",
    weight: 1,
    strike: (at) => frozen(at, true),
  },
  {
    name: "SIGKILL of nats-server",
    weight: 2,
    server: true,
    async strike({ cluster: { nats }, random }) {
      const down = between(random, 0, 600);
      await nats.kill();
      await delay(down);
      await nats.restart();
      await delay(SEEN_AFTER);
      return `back after ${down} ms`;
    },
  },
  {
    name: "SIGKILL of PostgreSQL",
    weight: 1,
    server: true,
    async strike({ cluster: { postgres } }) {
      const began = performance.now();
      await postgres?.kill();
      await postgres?.restart();
      const away = Math.round(performance.now() - began);
      await delay(SEEN_AFTER);
      return `back after ${away} ms`;
    },
  },
  {
    name: "slow PostgreSQL",
    weight: 1,
    server: true,
    async strike({ cluster: { postgres }, random }) {
      const stalls = Array.from({ length: 5 }, () => between(random, 50, 400));
      for (const ms of stalls) {
        await postgres?.stall(ms);
        await delay(100);
      }
      return `stalled five times, for ${Math.max(...stalls)} ms at most`;
    },
  },
  {
    name: "doubled events of PostgreSQL's actors",
    weight: 1,
    server: true,
    async strike({ cluster: { databaseUrls }, random }) {
      const actor = pick(random, ["orders", "payments", "inventory", "users"]);
      const deliveries = await deliverAgain(databaseUrls[actor] ?? "", between(random, 20, 200));
      return `${deliveries} deliveries of ${actor} again`;
    },
  },
  {
    name: "rolling restart of a node",
    weight: 1,
    strike: (at) =>
      on(at, false, async (node) => {
        await node.stop();
        await node.start();
        return node.plan.id;
      }),
  },
];

const drawn = (random: Random, from: readonly Fault[]): Fault => {
  let ticket = random() * from.reduce((sum, { weight }) => sum + weight, 0);
  return from.find(({ weight }) => (ticket -= weight) < 0) ?? (from[0] as Fault);
};

/** What the seed draws next, of the faults whose name has one of the words; `servers`: also those of a server. */
export function draw(
  { postgres }: Cluster,
  random: Random,
  { only, servers }: { only: readonly string[] | undefined; servers: boolean },
): Fault {
  const possible = faults.filter(
    ({ name, server }) =>
      (servers || server !== true) &&
      (postgres !== undefined || !name.includes("PostgreSQL")) &&
      (!only || only.some((word) => name.includes(word))),
  );
  if (possible.length === 0) throw new Error(`No fault has one of these words: ${only?.join(", ") ?? ""}`);
  return drawn(random, possible);
}
