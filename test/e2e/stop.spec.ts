import { expect } from "chai";
import { defineMiddleware } from "../../middlewares/define-middleware.ts";
import { importCatalogue } from "../../scripts/replay/import.ts";
import { eventually } from "../helpers/eventually.ts";
import { anOrder, freshKey } from "../helpers/shop.ts";
import { startStore, type TestStore } from "../helpers/store.ts";

const spoon = { sku: "SPOON", name: "Spoon", price: 250, sold: 10 };

/** Keeps the first orders at their first step, until they are let go. */
function gate() {
  const held: (() => void)[] = [];
  const middleware = defineMiddleware({
    name: "Gate",
    localAction: (next, { name }) =>
      name !== "products.resolve"
        ? next
        : async (ctx) => {
            await new Promise<void>((resolve) => held.push(resolve));
            return next(ctx);
          },
  });
  return { held, middleware };
}

describe("a store that is told to stop", () => {
  let store: TestStore;
  let stopped: Promise<void> | undefined;
  const { held, middleware } = gate();
  const order = () =>
    store.http.post("orders", anOrder([{ sku: "SPOON", quantity: 1 }]), { key: freshKey() });

  before(async () => {
    store = await startStore({ middlewares: [middleware] });
    const { body } = await store.http.post<{ accessToken: string }>("auth/login", {
      email: "admin@valence.local",
      password: "correct horse battery",
    });
    const admin = { authorization: `Bearer ${body.accessToken}` };
    await importCatalogue(store.url, admin, [spoon], () => undefined);
  });
  after(() => stopped ?? store.stop());

  it("answers the orders that came before, each with all of its steps, and takes no further connection", async () => {
    const running = [order(), order(), order()];
    await eventually(() => held.length === running.length);
    stopped = store.stop();
    await eventually(() =>
      store.http.get("/health/live").then(
        () => false,
        () => true,
      ),
    );
    for (const go of held) go();
    const answers = await Promise.all(running);
    expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 201]);
    await stopped;
  });
});
