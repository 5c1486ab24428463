import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { again, order } from "./load.ts";
import { makeCertificate, type DrillStore, type SmallDisk } from "./store.ts";

export interface Drill {
  /** What is done, for the report. */
  readonly cause: string;
  /** Alerts that it must set off. */
  readonly alerts: readonly string[];
  /** Makes the cause; answers how to end it. */
  provoke(): Promise<() => Promise<unknown>>;
}

export interface DrillParts {
  readonly store: DrillStore;
  readonly sku: string;
  readonly folder: string;
  /** A small disk under the data of `watch`; undefined where none could be made. */
  readonly disk: SmallDisk | undefined;
}

const day = 86_400_000;

/** Changes rows of a running actor's database, for states that would take hours to come by themselves. */
function rewrite(file: string, ...statements: string[]): void {
  const database = new DatabaseSync(file, { timeout: 5000 });
  try {
    for (const statement of statements) database.exec(statement);
  } finally {
    database.close();
  }
}

/** Holds what a process works at, in bursts: it answers late, again and again. */
function stutter(pid: number | undefined): () => Promise<void> {
  return again(
    1,
    async () => {
      if (pid === undefined) return;
      process.kill(pid, "SIGSTOP");
      await delay(600);
      process.kill(pid, "SIGCONT");
    },
    400,
  );
}

const ends = ({ store, folder }: DrillParts): Drill => ({
  cause: "NATS's certificate ends in 3 days, the signing key in 2, an API key in 1",
  alerts: ["CertificateExpiring", "SigningKeyExpiring", "ApiKeyExpiring"],
  async provoke() {
    makeCertificate(folder, 3);
    const expiresAt = new Date(Date.now() + day).toISOString();
    const body = { name: "drill", scopes: ["events:read"], expiresAt };
    const key = await store.client.expect<{ id: string }>(201, {
      method: "POST",
      path: "/api-keys",
      headers: store.staff,
      body,
    });
    await store.withKeys("watch", 2);
    return async () => {
      makeCertificate(folder, 365);
      await store.client.send({ method: "DELETE", path: `/api-keys/${key.id}`, headers: store.staff });
      await store.withKeys("watch", 365);
    };
  },
});

const declines = ({ store, sku }: DrillParts): Drill => ({
  cause: "four of five cards are declined",
  alerts: ["DeclinesHigh"],
  provoke: () => Promise.resolve(again(4, () => order(store.client, sku, "tok_declined"), 100)),
});

const slowProvider = ({ store, sku }: DrillParts): Drill => ({
  cause: "the payment provider takes 3 s",
  alerts: ["CheckoutSlow"],
  provoke: () => Promise.resolve(again(8, () => order(store.client, sku, "tok_slow"))),
});

const mailGone = ({ store }: DrillParts): Drill => ({
  cause: "the node of notifications is killed",
  alerts: ["NodeDown", "ActorDown", "OutboxLag"],
  async provoke() {
    await store.kill("mail");
    return () => store.start("mail");
  },
});

const parkedAndStuck = ({ store, sku }: DrillParts): Drill => ({
  cause:
    "an event was refused at its last try (set in the database), a saga does not end (its lease moved on)",
  alerts: ["ParkedMessages", "OrdersStuck"],
  async provoke() {
    await store.kill("mail");
    await order(store.client, sku);
    await order(store.client, sku, "tok_3ds");
    const old = new Date(Date.now() - 60_000).toISOString();
    rewrite(
      join(store.dataOf("shop"), "orders.sqlite"),
      "update outbox set parked = 1, attempts = 12, due = 1 where seq = (select max(seq) from outbox where subscriber = 'notifications')",
      `update sagas set step = 'forward', lease_until = ${Date.now() + 600_000}, created_at = '${old}'
        where order_id = (select order_id from sagas order by created_at desc limit 1)`,
    );
    return async () => {
      rewrite(
        join(store.dataOf("shop"), "orders.sqlite"),
        "update outbox set parked = 0, attempts = 0, due = 0",
        "update sagas set lease_until = 0",
      );
      await store.start("mail");
    };
  },
});

const pageGone = ({ store }: DrillParts): Drill => ({
  cause: "the node of the cluster page is killed",
  alerts: ["ClusterPageMissing"],
  async provoke() {
    await store.kill("watch");
    return () => store.start("watch");
  },
});

/** Two kinds of requests: a node works so many of one kind at once, and sheds the others before they reach the mailbox. */
const lockedDatabase = ({ store }: DrillParts): Drill => ({
  cause: "the database of carts takes no commit, and shoppers keep coming",
  alerts: ["DatabaseFails", "ErrorRateHigh", "MailboxFull"],
  async provoke() {
    const { client } = store;
    const cart = await client.expect<{ id: string; secret: string }>(201, {
      method: "POST",
      path: "/carts",
      body: {},
    });
    const held = new DatabaseSync(join(store.dataOf("shop"), "carts.sqlite"), { timeout: 5000 });
    held.exec("begin immediate");
    const timeout = 8000;
    const open = () => client.send({ method: "POST", path: "/carts", body: {}, timeout });
    const change = () =>
      client.send({
        method: "PATCH",
        path: `/carts/${cart.id}`,
        headers: { "x-cart-secret": cart.secret },
        body: { country: "GB" },
        timeout,
      });
    const ends = [again(600, open, 200), again(600, change, 200)];
    return async () => {
      held.exec("rollback");
      held.close();
      await Promise.all(ends.map((end) => end()));
    };
  },
});

const standingStill = ({ store }: DrillParts): Drill => ({
  cause: "a node stands still for 600 ms of each second",
  alerts: ["EventLoopBlocked"],
  provoke: () => Promise.resolve(stutter(store.nodes.mail.pid)),
});

const catalogGone = ({ store }: DrillParts): Drill => ({
  cause: "the node of the catalogue is killed, so that the search index has nobody to follow",
  alerts: ["SearchStale"],
  async provoke() {
    await store.kill("catalog");
    return () => store.start("catalog");
  },
});

const fullDisk = (disk: SmallDisk): Drill => ({
  cause: "the disk of a node is filled",
  alerts: ["DiskFilling"],
  provoke() {
    disk.fill();
    return Promise.resolve(() => Promise.resolve(disk.free()));
  },
});

/** All drills, those that ring long behind them last. */
export const drills = (parts: DrillParts): Drill[] => [
  ...[ends, mailGone, pageGone, catalogGone, standingStill, parkedAndStuck].map((make) => make(parts)),
  ...(parts.disk === undefined ? [] : [fullDisk(parts.disk)]),
  ...[slowProvider, declines, lockedDatabase].map((make) => make(parts)),
];
