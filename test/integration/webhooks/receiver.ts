import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Delivery } from "../../../contract/actor-actions.ts";
import type { Meta } from "../../../contract/meta.ts";
import { uuidv7 } from "../../../mixins/uuid.ts";
import type { FeedEvent } from "../../../services/webhooks/webhooks.contract.ts";
import { startStore, type StoreOptions, type TestStore } from "../../helpers/store.ts";

export const newId = uuidv7({ now: () => Date.now() });

export interface Got {
  headers: Record<string, string>;
  body: string;
  event: FeedEvent;
}

export interface Receiver {
  url: string;
  got: Got[];
  /** How the next requests are answered; left out: 204. */
  answer: (got: Got, res: ServerResponse) => void;
  close(): Promise<void>;
}

/** A receiver of webhooks on this machine. */
export async function receiver(): Promise<Receiver> {
  const self: Receiver = {
    url: "",
    got: [],
    answer: (_, res) => res.writeHead(204).end(),
    close: () => new Promise((done) => server.close(() => done()).closeAllConnections()),
  };
  const take = async (req: IncomingMessage, res: ServerResponse) => {
    const body = await text(req);
    const got = {
      headers: req.headers as Record<string, string>,
      body,
      event: JSON.parse(body) as FeedEvent,
    };
    self.got.push(got);
    self.answer(got, res);
  };
  const server = createServer((req, res) => void take(req, res));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return self;
}

export const startWebhooks = (options: StoreOptions = {}): Promise<TestStore> =>
  startStore({ services: ["webhooks"], env: { WEBHOOK_ALLOW_PRIVATE: "on" }, ...options });

export const admin: Meta = {
  caller: { kind: "account", id: newId(), role: "admin", session: newId(), email: "ops@shop.example" },
};

export const anEvent = (over: Partial<Delivery> = {}): Delivery => ({
  id: newId(),
  type: "inventory.received",
  entity: "MUG-1",
  version: 1,
  at: new Date().toISOString(),
  payload: { sku: "MUG-1", quantity: 5, onHand: 5, reserved: 0 },
  ...over,
});

export const feed = (store: TestStore, events: Delivery[]) =>
  store.call("webhooks.receive", { from: "inventory", events });
