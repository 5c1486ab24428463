import { setTimeout as delay } from "node:timers/promises";
import { between, pick, type Random } from "../../bench/random.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { ClusterNode } from "../cluster/node.ts";

/** What can be done to a cluster; `weight` is how often, against the others. */
export interface Fault {
  readonly name: string;
  readonly weight: number;
  strike(cluster: Cluster, random: Random): Promise<string>;
}

/** Until the others know a node that came back. */
const SEEN_AFTER = 1200;

const isGateway = (node: ClusterNode): boolean => node.plan.group === "gateway";
const hasTwin = ({ nodes }: Cluster, node: ClusterNode): boolean =>
  nodes.some((other) => other !== node && other.plan.group === node.plan.group && other.running);

const workerOf = (cluster: Cluster, random: Random): ClusterNode =>
  pick(
    random,
    cluster.nodes.filter((node) => !isGateway(node) && hasTwin(cluster, node)),
  );
const gatewayOf = ({ nodes }: Cluster, random: Random): ClusterNode => pick(random, nodes.filter(isGateway));

async function killed(node: ClusterNode, down: number): Promise<string> {
  await node.kill();
  await delay(down);
  await node.start();
  await delay(SEEN_AFTER);
  return node.plan.id;
}

async function frozen(node: ClusterNode, ms: number): Promise<string> {
  node.signal("SIGSTOP");
  await delay(ms);
  node.signal("SIGCONT");
  await delay(SEEN_AFTER);
  return `${node.plan.id} for ${ms} ms`;
}

const faults: readonly Fault[] = [
  {
    name: "SIGKILL of a worker",
    weight: 9,
    strike: (cluster, random) => killed(workerOf(cluster, random), between(random, 0, 1000)),
  },
  {
    name: "SIGKILL of a gateway",
    weight: 4,
    strike: (cluster, random) => killed(gatewayOf(cluster, random), between(random, 0, 1000)),
  },
  {
    name: "SIGSTOP of a worker",
    weight: 2,
    strike: (cluster, random) => frozen(workerOf(cluster, random), between(random, 500, 4000)),
  },
  {
    name: "SIGSTOP of a gateway",
    weight: 1,
    strike: (cluster, random) => frozen(gatewayOf(cluster, random), between(random, 500, 4000)),
  },
  {
    name: "SIGKILL of nats-server",
    weight: 2,
    async strike({ nats }, random) {
      const down = between(random, 0, 600);
      await nats.kill();
      await delay(down);
      await nats.restart();
      return `back after ${down} ms`;
    },
  },
  {
    name: "SIGKILL of PostgreSQL",
    weight: 1,
    async strike({ postgres }) {
      const began = performance.now();
      await postgres?.kill();
      await postgres?.restart();
      return `back after ${Math.round(performance.now() - began)} ms`;
    },
  },
  {
    name: "rolling restart of a node",
    weight: 1,
    async strike(cluster, random) {
      const node = workerOf(cluster, random);
      await node.stop();
      await node.start();
      await delay(SEEN_AFTER);
      return node.plan.id;
    },
  },
];

const drawn = (random: Random, from: readonly Fault[]): Fault => {
  let ticket = random() * from.reduce((sum, { weight }) => sum + weight, 0);
  return from.find(({ weight }) => (ticket -= weight) < 0) ?? (from[0] as Fault);
};

const needsPostgres = ({ name }: Fault): boolean => name.includes("PostgreSQL") || name.includes("table");

/** What the seed draws next, of the faults whose name has one of the words. */
export function draw(cluster: Cluster, random: Random, only?: readonly string[]): Fault {
  const wanted = ({ name }: Fault) => !only || only.some((word) => name.includes(word));
  const possible = faults.filter((fault) => cluster.postgres !== undefined || !needsPostgres(fault));
  return drawn(random, possible.filter(wanted));
}
