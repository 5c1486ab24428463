import type { ServiceBroker } from "moleculer";
import type { ActorActionsOf } from "../../contract/actor-actions.ts";
import { isType } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import { contracts } from "../contracts.ts";
import type contract from "./gateway.contract.ts";
import { parkedNotFound } from "./gateway.errors.ts";
import type { Gateway } from "./gateway.types.ts";

type ActorAction = ActorActionsOf<"x">;
/** Actors that keep queues of their own. */
const actors = Object.keys(contracts).filter((name) => !["gateway", "search", "metrics"].includes(name));
/** Milliseconds that each actor has to answer. */
const patience = 2000;
const pingPatience = 1000;

/** Asks every actor; one that does not answer in time is left out, and the log says which. */
async function askAll<K extends "parked" | "jobs">(
  gateway: Gateway,
  action: K,
): Promise<{ actor: string; answer: ActorAction[`x.${K}`]["returns"] }[]> {
  const answers = await Promise.all(
    actors.map(async (actor) => {
      try {
        const answer = await gateway.broker.call<ActorAction[`x.${K}`]["returns"], object>(
          `${actor}.${action}`,
          {},
          { timeout: patience },
        );
        return [{ actor, answer }];
      } catch (error) {
        const { type } = error as { type?: unknown };
        gateway.logger.warn("an actor did not answer and is left out", { actor, action, type });
        return [];
      }
    }),
  );
  return answers.flat();
}

/** What every actor gave up on. */
export const parked: Handler<typeof contract, "parked", Gateway> = async function () {
  const answers = await askAll(this, "parked");
  return { data: answers.flatMap(({ actor, answer }) => answer.data.map((one) => ({ actor, ...one }))) };
};

export const resend: Handler<typeof contract, "resend", Gateway> = async function (ctx) {
  const { actor, id } = ctx.params;
  if (!actors.includes(actor)) throw parkedNotFound();
  try {
    return await this.broker.call<{ resent: boolean }, { id: string }>(
      `${actor}.resend`,
      { id },
      { parentCtx: ctx as never },
    );
  } catch (error) {
    throw isType(error, "PARKED_NOT_FOUND", "SERVICE_NOT_FOUND") ? parkedNotFound() : error;
  }
};

/** The whole cluster at one look. */
export const cluster: Handler<typeof contract, "cluster", Gateway> = async function () {
  const [nodes, queues, search] = await Promise.all([
    nodesOf(this),
    askAll(this, "jobs"),
    this.broker
      .call<Search, object>("search.status", {}, { timeout: patience })
      .then(({ ready, products, builtAt, age, bytes }) => ({ ready, products, builtAt, age, bytes }))
      .catch(() => null),
  ]);
  return { nodes, queues: queues.map(({ actor, answer }) => ({ actor, ...answer })), search };
};

interface Search {
  ready: boolean;
  products: number;
  builtAt: string | null;
  age: number;
  bytes: number;
}

interface NodeInfo {
  id: string;
  local: boolean;
  available: boolean;
  cpu: number | null;
  metadata?: { version?: string; startedAt?: string };
  services?: { name: string }[];
}

/** Milliseconds to a node and back. */
async function latencyOf(broker: ServiceBroker, { id, local, available }: NodeInfo): Promise<number | null> {
  if (local) return 0;
  if (!available) return null;
  const pong = await broker.ping(id, pingPatience).catch(() => null);
  return pong?.elapsedTime ?? null;
}

async function nodesOf({ broker, clock }: Gateway) {
  const list = await broker.call<NodeInfo[], object>("$node.list", { withServices: true });
  const latencies = await Promise.all(list.map((node) => latencyOf(broker, node)));
  const uptime = (startedAt: string | undefined): number | null =>
    startedAt === undefined ? null : Math.max(0, (clock.now() - Date.parse(startedAt)) / 1000);
  return list.map((node, i) => ({
    id: node.id,
    local: node.local,
    available: node.available,
    version: node.metadata?.version ?? "",
    cpu: node.cpu ?? null,
    uptime: node.available ? uptime(node.metadata?.startedAt) : null,
    latency: latencies[i] ?? null,
    services: [...new Set((node.services ?? []).map(({ name }) => name))]
      .filter((name) => !name.startsWith("$"))
      .sort(),
  }));
}
