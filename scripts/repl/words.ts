import { userInfo } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contract/implement.ts";
import { contextOf } from "../../mixins/context.ts";
import { databaseSchemes } from "../../config/settings.ts";
import { printLines } from "../verify/print.ts";
import { runChecks } from "../verify/run.ts";

/** One word of the console; `params` are the arguments by name. */
export interface Word {
  command: string;
  description: string;
  options?: { option: string; description: string }[];
  action(
    broker: ServiceBroker,
    params: Record<string, string | undefined> & { options: Options },
  ): Promise<void>;
}
interface Options {
  watch?: string | boolean;
}

const callerOf = (broker: ServiceBroker): Caller => broker;
const say = (value: unknown): void => console.dir(value, { depth: 6 });

/** Writes who did what at the console to the audit log, before it is done. */
async function audited(
  broker: ServiceBroker,
  action: string,
  entity: string,
  entityId: string,
): Promise<void> {
  const { newId, clock } = contextOf(broker);
  const at = new Date(clock.now()).toISOString();
  const id = newId();
  const by = `repl:${userInfo().username}@${broker.nodeID}`;
  const payload = { id, at, by, ip: null, action, entity, entityId, before: null, after: null };
  const event = { id, type: "audit.entry", entity: `${entity}/${entityId}`, version: 1, at, payload };
  const { failed } = await broker.call<{ failed: { message: string }[] }, object>("audit.receive", {
    from: "repl",
    events: [event],
  });
  if (failed[0]) throw new Error(`Not done, as the audit log refused it: ${failed[0].message}`);
}

interface Parked {
  id: string;
  event: string;
  subscriber: string;
  error: string | null;
}
const actors = Object.keys(databaseSchemes);

async function parkedOf(broker: ServiceBroker): Promise<(Parked & { actor: string })[]> {
  const found = await Promise.all(
    actors.map(async (actor) => {
      if (!broker.registry.actions.isAvailable(`${actor}.parked`)) return [];
      const { data } = await broker.call<{ data: Parked[] }, object>(`${actor}.parked`, {});
      return data.map((one) => ({ ...one, actor, id: `${actor}/${one.id}` }));
    }),
  );
  return found.flat();
}

async function orderByNumber(broker: ServiceBroker, number: string): Promise<string> {
  const { data } = await callerOf(broker).call("orders.list", { number, limit: 1 });
  const [order] = data;
  if (!order) throw new Error(`There is no order ${number}.`);
  return order.id;
}

/** Stock once, or each time that it changes for so many seconds. */
async function stock(broker: ServiceBroker, sku: string, watch: string | boolean | undefined): Promise<void> {
  const seconds = watch === undefined ? 0 : Number(watch) || 60;
  const until = performance.now() + seconds * 1000;
  let last: number | undefined;
  do {
    const item = await callerOf(broker).call("inventory.get", { sku });
    if (item.version !== last) say(item);
    last = item.version;
    if (seconds > 0) await delay(500);
  } while (performance.now() < until);
}

/** The words of the shop, beside those that every Moleculer console has. */
export const words: readonly Word[] = [
  {
    command: "orders <number>",
    description: "One order, with all that happened to it",
    action: async (broker, { number = "" }) =>
      say(await callerOf(broker).call("orders.adminGet", { id: await orderByNumber(broker, number) })),
  },
  {
    command: "stock <sku>",
    description: "What is on hand, reserved and available",
    options: [{ option: "--watch [seconds]", description: "show every change for so long (60)" }],
    action: (broker, { sku = "", options }) => stock(broker, sku, options.watch),
  },
  {
    command: "customer <email>",
    description: "The account, and its latest orders",
    async action(broker, { email = "" }) {
      say((await callerOf(broker).call("users.list", { q: email, limit: 5 })).data);
      say((await callerOf(broker).call("orders.list", { email, limit: 10 })).data);
    },
  },
  {
    command: "saga <order>",
    description: "What an order waits for: sagas that do not end, refunds that failed",
    async action(broker, { order = "" }) {
      const { data } = await callerOf(broker).call("orders.stuck", { limit: 100 });
      const own = data.filter(({ number, orderId }) => number === order || orderId === order);
      say(own.length > 0 ? own : `Nothing waits for ${order}.`);
    },
  },
  {
    command: "parked",
    description: "Messages that were given up after their last try, of all actors",
    action: async (broker) => console.table(await parkedOf(broker)),
  },
  {
    command: "resend <id>",
    description: "Try a parked message again",
    async action(broker, { id = "" }) {
      const found = (await parkedOf(broker)).find((one) => one.id === id);
      if (!found) throw new Error(`There is no parked message ${id}; parked lists them.`);
      await audited(broker, "repl.resend", "message", id);
      say(await broker.call<object, object>(`${found.actor}.resend`, { id: id.split("/")[1] }));
    },
  },
  {
    command: "reindex",
    description: "Build the search indexes anew, on every node",
    async action(broker) {
      await audited(broker, "repl.reindex", "search", "all");
      say(await callerOf(broker).call("search.reindex", {}));
    },
  },
  {
    command: "drain <node>",
    description: "Let a node finish what it does, and stop",
    async action(broker, { node = "" }) {
      const known = (broker.registry.getNodeList({ onlyAvailable: true }) as { id: string }[]).map(
        ({ id }) => id,
      );
      if (!known.includes(node)) throw new Error(`There is no node ${node}; there are ${known.join(", ")}.`);
      await audited(broker, "repl.drain", "node", node);
      await broker.broadcast("presence.drain", { nodeID: node });
    },
  },
  {
    command: "verify",
    description: "Read the databases that the environment names, and report every invariant",
    action: async (broker) => printLines(await runChecks(contextOf(broker).config, { running: true })),
  },
];
