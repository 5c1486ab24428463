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
    nodesOf(this.broker),
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
  metadata?: { version?: string };
  client?: { version?: string };
  /** Seconds; only some nodes say it. */
  uptime?: number;
  services?: { name: string }[];
}

async function nodesOf(broker: ServiceBroker) {
  const list = await broker.call<NodeInfo[], object>("$node.list", { withServices: true });
  return list.map((node) => ({
    id: node.id,
    local: node.local,
    available: node.available,
    version: node.metadata?.version ?? node.client?.version ?? "",
    cpu: node.cpu ?? null,
    uptime: node.uptime ?? null,
    services: [...new Set((node.services ?? []).map(({ name }) => name))]
      .filter((name) => !name.startsWith("$"))
      .sort(),
  }));
}
