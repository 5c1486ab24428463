import { Readable } from "node:stream";
import { expect } from "chai";
import type { ServiceSchema } from "moleculer";
import { Type } from "typebox";
import { unavailable } from "../../../contract/errors.ts";
import { breaks } from "../../../config/preset.ts";
import { shape } from "../../../contract/shapes.ts";
import { contextOf, type Clock } from "../../../mixins/context.ts";
import { brokerOptions, loadConfig } from "../../../moleculer.config.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

interface Failure {
  code: number;
  type: string;
  message: string;
  data?: unknown;
}
type Ctx = {
  params: { kind: string };
  options: { timeout?: number };
  call(name: string, params?: unknown): Promise<unknown>;
};

const runs: Record<string, number> = {};
const lost = (name: string) => () => {
  runs[name] = (runs[name] ?? 0) + 1;
  return Promise.reject(
    Object.assign(new Error("gone"), { type: "REQUEST_REJECTED", code: 503, retryable: true }),
  );
};
const answers: Record<string, () => unknown> = {
  sound: () => ({ n: 1 }),
  poor: () => ({}),
  rich: () => ({ n: 1, passwordHash: "x" }),
  stream: () => Readable.from(["n"]),
};
/** Milliseconds that the last call of `probe.long` was given. */
let allowed: number | undefined;
/** Longer than every limit below; ends, so that stopping need not wait for it. */
const never = () => new Promise((resolve) => setTimeout(resolve, 1200));

const probe = {
  name: "probe",
  actions: {
    answer: { returns: shape({ n: Type.Integer() }), handler: (ctx: Ctx) => answers[ctx.params.kind]?.() },
    nothing: { returns: Type.Null(), handler: () => undefined },
    slow: { timeout: 60, handler: never },
    patient: { timeout: 5000, handler: (ctx: Ctx) => ctx.call("probe.slow") },
    impatient: { timeout: 60, handler: (ctx: Ctx) => ctx.call("probe.long") },
    long: {
      timeout: 5000,
      handler: ({ options }: Ctx) => {
        allowed = options.timeout;
        return never();
      },
    },
    read: { idempotent: "read", handler: lost("read") },
    keyed: { idempotent: "keyed", handler: lost("keyed") },
    once: { idempotent: false, handler: lost("once") },
    silent: { handler: lost("silent") },
    busy: { idempotent: "read", handler: busy },
    who(this: { clock: Clock; timestamp(): string; newId(): string; config: object }) {
      return [this.timestamp(), this.newId(), this.clock.now(), Object.keys(this.config).length > 20];
    },
  },
} as unknown as ServiceSchema;

function busy(): Promise<never> {
  runs.busy = (runs.busy ?? 0) + 1;
  return Promise.reject(unavailable("BUSY", "Later."));
}

describe("the broker's preset", () => {
  let store: TestStore;
  before(async () => {
    store = await startStore({ services: [], extra: [probe] });
  });
  after(() => store.stop());

  const call = (name: string, params?: object): Promise<unknown> => store.broker.call(name, params);
  const failure = (name: string, params?: object): Promise<Failure> =>
    call(name, params).then(
      () => expect.fail("answered"),
      (error: Failure) => error,
    );

  describe("answers", () => {
    it("pass when they are what the contract promises", async () => {
      expect(await call("probe.answer", { kind: "sound" })).to.deep.equal({ n: 1 });
      expect(await call("probe.nothing")).to.equal(undefined);
    });

    for (const [kind, pointer] of [
      ["poor", "/n"],
      ["rich", "/passwordHash"],
    ] as const) {
      it(`fail with 500 and the place when they are ${kind}`, async () => {
        const error = await failure("probe.answer", { kind });
        expect(error).to.include({ code: 500, type: "BROKEN_CONTRACT" });
        expect(error.message).to.contain(`probe.answer broke its contract: ${pointer}`);
      });
    }

    it("may be streams", async () => {
      expect(await call("probe.answer", { kind: "stream" })).to.be.instanceOf(Readable);
    });

    it("are not looked at when CHECK_ANSWERS is off", async () => {
      const other = await startStore({ services: [], extra: [probe], env: { CHECK_ANSWERS: "off" } });
      expect(await other.broker.call("probe.answer", { kind: "poor" })).to.deep.equal({});
      await other.stop();
    });
  });

  describe("time limits", () => {
    /** Which action ran out of time. */
    const late = async (name: string): Promise<unknown> => {
      const { type, data } = await failure(name);
      expect(type).to.equal("REQUEST_TIMEOUT");
      return (data as { action: string }).action;
    };

    it("are those of the action", async () => {
      expect(await late("probe.slow")).to.equal("probe.slow");
    });

    it("stay the action's own inside a longer call", async () => {
      expect(await late("probe.patient")).to.equal("probe.slow");
    });

    it("are cut to what the caller has left", async () => {
      await late("probe.impatient");
      expect(allowed).to.be.within(1, 60);
    });
  });

  describe("retries", () => {
    for (const [name, times] of Object.entries({ read: 3, keyed: 3, once: 1, silent: 1, busy: 1 })) {
      it(`run probe.${name} ${times} time(s)`, async () => {
        await failure(`probe.${name}`);
        expect(runs[name]).to.equal(times);
      });
    }
  });

  it("gives every service its clock, ids and config", async () => {
    const [at, id, now, configured] = (await call("probe.who")) as [string, string, number, boolean];
    expect(Math.abs(Date.parse(at) - now)).to.be.below(5_000);
    expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(configured).to.equal(true);
    store.clock.advance(3_600_000);
    const [later] = (await call("probe.who")) as [string];
    expect(Date.parse(later) - now).to.be.at.least(3_600_000);
  });

  it("keeps config and secrets out of what other nodes are told", () => {
    const info = JSON.stringify(store.broker.getLocalNodeInfo());
    const { appSecret, adminPassword } = contextOf(store.broker).config;
    expect(info).to.contain("probe.answer");
    expect(info).not.to.contain(appSecret);
    expect(info).not.to.contain(adminPassword);
  });

  it("counts broken and slow endpoints against them, refusals and shedding not", () => {
    expect(breaks(new Error("x"))).to.equal(true);
    expect(breaks({ code: 504, type: "REQUEST_TIMEOUT" })).to.equal(true);
    for (const error of [
      { code: 404, type: "X" },
      { code: 429, type: "QUEUE_FULL" },
      unavailable("BUSY", "Later."),
    ]) {
      expect(breaks(error)).to.equal(false);
    }
  });

  it("has its own NATS settings, also when moleculer-runner overwrites options by name", () => {
    const { dataDir } = store;
    const env = { DATA_DIR: dataDir, APP_SECRET: "s".repeat(32), SERVICES: "search", NODEID: "search.1" };
    const options = brokerOptions(loadConfig({ ...env, TRANSPORTER: "nats://u:p%40ss@host:4222" }));
    (options as { transporter: unknown }).transporter = "nats://u:p%40ss@host:4222";
    expect(options.transporter).to.deep.include({ type: "NATS" });
    expect((options.transporter as { options: object }).options).to.deep.include({
      servers: ["host:4222"],
      user: "u",
      pass: "p@ss",
      name: "search.1",
      reconnectTimeWait: 50,
      maxReconnectAttempts: -1,
    });
  });
});

describe("two nodes", () => {
  const env = {
    TRANSPORTER: "fake://cluster",
    APP_SECRET: "s".repeat(32),
    JWT_KEYS: "",
    SERVICES: "search",
  };
  const node = (nodeID: string, extra: ServiceSchema[]) =>
    startStore({ services: [], extra, env: { ...env, NODEID: nodeID, NAMESPACE: "two-nodes" } });

  it("keep the action's time limit on a call from one to the other", async () => {
    const worker = await node("probe.1", [probe]);
    const caller = await node("caller.1", []);
    await caller.broker.waitForServices("probe", 5000);
    const error = (await caller.broker.call("probe.patient").catch((reason: unknown) => reason)) as Failure;
    expect(error.type).to.equal("REQUEST_TIMEOUT");
    expect(error.data).to.include({ action: "probe.slow" });
    await caller.stop();
    await worker.stop();
  });

  it("do not both offer an actor on an embedded database", async () => {
    const carts = { name: "carts", actions: { count: () => 1 } } as unknown as ServiceSchema;
    const first = await node("carts.1", [carts]);
    const error = await node("carts.2", [carts]).catch((reason: unknown) => reason as Error);
    expect((error as Error).message).to.equal(
      "CARTS_DB_URL must be set: carts also runs on node carts.1, and its database here is embedded.",
    );
    await first.stop();
  });
});
