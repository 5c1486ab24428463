import { expect } from "chai";
import type { Context, ServiceSchema } from "moleculer";
import { makeJwtKeys, makeSecret } from "../../../config/kept.ts";
import { refusalOf } from "../../helpers/shop.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

const bell: ServiceSchema = {
  name: "bell",
  actions: {
    ring(ctx: Context<object, { rung?: boolean }>) {
      ctx.meta.rung = true;
      return "ding";
    },
  },
};

/** Another actor, which asks for the bell and answers what it heard and what came back beside it. */
const keeper: ServiceSchema = {
  name: "keeper",
  actions: {
    async ask(ctx: Context<object, { rung?: boolean }>) {
      return { heard: await ctx.call("bell.ring"), rung: ctx.meta.rung };
    },
  },
};

describe("a call in a cluster that finds no node", () => {
  let store: TestStore;
  const env = { TRANSPORTER: "fake://await", APP_SECRET: makeSecret(), JWT_KEYS: makeJwtKeys() };
  before(async () => {
    store = await startStore({ services: [], extra: [bell, keeper], env });
  });
  after(() => store?.stop());

  const ask = () => (store.broker as unknown as { call(name: string): Promise<unknown> }).call("keeper.ask");
  const leave = () => store.broker.destroyService(store.broker.getLocalService("bell"));

  it("waits for the one that is on its way, and hears all that it says", async () => {
    await leave();
    const asked = ask();
    store.broker.createService(bell);
    expect(await asked).to.deep.equal({ heard: "ding", rung: true });
  });

  it("says so when nobody has come within a second", async () => {
    await leave();
    expect(await refusalOf(ask())).to.include({ type: "SERVICE_NOT_AVAILABLE" });
  });

  it("says at once that nobody ever offered it", async () => {
    const call = (store.broker as unknown as { call(name: string): Promise<unknown> }).call("horn.blow");
    expect(await refusalOf(call)).to.include({ type: "SERVICE_NOT_FOUND" });
  });
});
