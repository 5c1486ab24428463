import process from "node:process";
import type { Context, Middleware, ServiceBroker, ServiceSchema } from "moleculer";
import type { NatsConnection } from "nats";
import { connectionOptions } from "../config/nats.ts";
import { contextOf } from "../mixins/context.ts";
import { linkOf } from "./nats-link.ts";

/** Who leaves NATS, as its system account tells it; the name of a client is the id of its node. */
const LEAVES = "$SYS.ACCOUNT.*.DISCONNECT";
/** How gateways tell it to the nodes without a system login. */
const GONE = "presence.gone";
/** How an operator's console asks a node to finish what it does, and stop. */
const DRAIN = "presence.drain";
/** Milliseconds after which a node that is said to be gone is asked once more. */
const ASK_AGAIN = 300;

/** What presence uses of Moleculer's inside. */
interface Inside {
  registry: {
    nodes: {
      get(id: string): { available: boolean } | undefined;
      disconnected(id: string, unexpected: boolean): void;
    };
    discoverer: { sendLocalNodeInfo(): Promise<void>; discoverAllNodes(): Promise<void> };
  };
  transit?: { discoverNode(id: string): Promise<void> };
}

/** Takes a dead node out at once, which frees the calls that wait for it. */
function leave(broker: ServiceBroker, nodeID: string): boolean {
  const { registry, transit } = broker as unknown as Inside;
  if (nodeID === broker.nodeID || !registry.nodes.get(nodeID)?.available) return false;
  registry.nodes.disconnected(nodeID, true);
  // Had it only lost its connection, or the word come late, it says so and is back.
  setTimeout(() => void transit?.discoverNode(nodeID), ASK_AGAIN).unref();
  return true;
}

const announcements = (broker: ServiceBroker): ServiceSchema => ({
  name: "$presence",
  events: {
    [DRAIN]: (ctx: Context<{ nodeID: string }>) => {
      if (ctx.params.nodeID === broker.nodeID) process.kill(process.pid, "SIGTERM");
    },
    [GONE]: (ctx: Context<{ nodeID: string }>) => void leave(broker, ctx.params.nodeID),
  },
});

const late = (broker: ServiceBroker, why: string): void =>
  broker.logger.warn(`NATS_SYS_URL: the system account tells nothing (${why}); dead nodes are noticed later`);

/** Listens to the system account of NATS, tells the other nodes who is gone. */
async function listen(broker: ServiceBroker, url: string): Promise<NatsConnection> {
  // Loaded where it is used, like every driver: it would be a part of the time of every start.
  const { connect } = await import("nats");
  const system = await connect({ ...connectionOptions(url), name: `${broker.nodeID}.presence` });
  system.subscribe(LEAVES, {
    callback(error, message) {
      if (error) return void late(broker, error.message);
      const { client } = message.json<{ client?: { name?: string } }>();
      if (client?.name !== undefined && leave(broker, client.name))
        void broker.broadcast(GONE, { nodeID: client.name });
    },
  });
  return system;
}

/** Nodes see at once when another one dies, and find each other at once after NATS itself was away. */
export function presence(broker: ServiceBroker): Middleware {
  const { config } = contextOf(broker);
  if (config.transporter === undefined) return { name: "Presence" };
  let system: NatsConnection | undefined;
  linkOf(broker).listen({
    back() {
      const { discoverer } = (broker as unknown as Inside).registry;
      void discoverer.sendLocalNodeInfo();
      void discoverer.discoverAllNodes();
    },
  });
  return {
    name: "Presence",
    created: () => void broker.createService(announcements(broker)),
    async started() {
      // Moleculer waits a second with this, for services that come one by one.
      await (broker as unknown as Inside).registry.discoverer.sendLocalNodeInfo();
      if (config.natsSysUrl === undefined) return;
      try {
        system = await listen(broker, config.natsSysUrl);
      } catch (error) {
        late(broker, (error as Error).message);
      }
    },
    async stopped() {
      await system?.close();
    },
  };
}
