import { expect } from "chai";
import type { ServiceSchema } from "moleculer";
import { startStore } from "../../helpers/store.ts";

const methods = ["log", "info", "debug", "trace", "warn", "error"] as const;

/** What `work` writes to the console, by lines. */
async function written(work: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const before = methods.map((method) => console[method]);
  for (const method of methods)
    console[method] = (...words: unknown[]) => void lines.push(words.map(String).join(" "));
  try {
    await work();
  } finally {
    methods.forEach((method, n) => (console[method] = before[n] as typeof console.log));
  }
  return lines;
}

const looker = (name: string): ServiceSchema => ({ name, actions: { look: () => 1 } }) as ServiceSchema;

/** The actions of which the log of a store has a line, after one call of each. */
async function loggedAt(env: Record<string, string>): Promise<string[]> {
  const lines = await written(async () => {
    const store = await startStore({ services: [], extra: [looker("orders"), looker("carts")], env });
    const call = store.broker.call.bind(store.broker);
    for (const action of ["orders.look", "carts.look"]) await call(action);
    await store.stop();
  });
  return lines.flatMap((line) => /call .*"action":"(\w+\.look)"/.exec(line)?.[1] ?? []);
}

describe("the request log", () => {
  it("has no line of a call that went well and fast", async () => {
    expect(await loggedAt({ LOGLEVEL: "info" })).to.deep.equal([]);
  });

  it("has one of each call at debug and below", async () => {
    for (const LOGLEVEL of ["debug", "trace"])
      expect(await loggedAt({ LOGLEVEL })).to.deep.equal(["orders.look", "carts.look"]);
  });

  it("has those of the one actor whose level says so", async () => {
    expect(await loggedAt({ LOGLEVEL: "warn", LOG_LEVELS: "carts=debug" })).to.deep.equal(["carts.look"]);
    expect(await loggedAt({ LOGLEVEL: "debug", LOG_LEVELS: "carts=warn" })).to.deep.equal(["orders.look"]);
  });
});
