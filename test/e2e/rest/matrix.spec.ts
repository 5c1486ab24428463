import { expect } from "chai";
import type { Problem } from "../../../contract/http-problem.ts";
import { permissions, permissionsOf, type Permission, type Role } from "../../../contract/permissions.ts";
import { contracts, type ActionMap } from "../../../services/contracts.ts";
import { publishedActions } from "../../../services/gateway/gateway.routes.ts";
import { anAddress, anOrder, freshKey } from "../../helpers/shop.ts";
import { inStock } from "../../helpers/in-stock.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

type Returns<N extends keyof ActionMap> = ActionMap[N]["returns"];
const password = "correct horse battery staple";
const nobody = "01890000-0000-7000-8000-000000000001";
const routes = publishedActions(contracts);
/** These end the session that asks, or stay open. */
const endless = new Set(["users.logout", "users.endSessions", "users.endSession", "users.updatePassword"]);

describe("who may do what, on the whole store", function () {
  this.timeout(120_000);
  let store: TestStore;
  let admin: string;
  before(async () => {
    store = await startStore({ seed: true });
    admin = await account("admin", "admin");
  });
  after(() => store.stop());

  const account = async (name: string, role: Role): Promise<string> => {
    const email = `${name}@example.com`;
    await store.call("users.create", { email, password, name, role });
    return (await store.call("users.login", { email, password })).accessToken;
  };
  const keyOf = async (scopes: readonly Permission[]): Promise<string> => {
    const body = { name: "matrix", scopes };
    const made = await store.http.post<Returns<"users.createApiKey">>("api-keys", body, { token: admin });
    expect(made.status).to.equal(201);
    return made.body.key;
  };
  const ask = async (name: string, token: string | undefined) => {
    const { method, path } = routes.find((route) => route.name === name)!;
    const stop = new AbortController();
    const response = await fetch(new URL(`/api/v1${path.replace(/:[^/]+/g, nobody)}`, store.url), {
      method,
      signal: stop.signal,
      redirect: "manual",
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(method !== "GET" && { "content-type": "application/json" }),
      },
      ...(method !== "GET" && method !== "DELETE" && { body: '{"unknown":1}' }),
    });
    const { status } = response;
    const code = status >= 400 ? ((await response.json()) as Problem).code : undefined;
    stop.abort();
    return { status, code };
  };
  /** 401 and 403 of the gateway; a refusal of the action itself (a wrong password) is no matter of access. */
  const refusal = ({ status, code }: Awaited<ReturnType<typeof ask>>) =>
    code === "UNAUTHENTICATED" || code === "FORBIDDEN" ? status : 0;

  it("lets each caller through exactly where the contract says, every route and kind of caller", async () => {
    const tokens = {
      anonymous: undefined,
      customer: await account("one", "customer"),
      "other customer": await account("two", "customer"),
      staff: await account("staff", "staff"),
      admin,
    };
    const holds: Record<keyof typeof tokens, readonly Permission[]> = {
      anonymous: [],
      customer: [],
      "other customer": [],
      staff: permissionsOf.staff,
      admin: permissionsOf.admin,
    };
    let asked = 0;
    for (const { name, action } of routes.filter((route) => !endless.has(route.name)))
      for (const who of Object.keys(tokens) as (keyof typeof tokens)[]) {
        const { auth } = action;
        const isOpen = auth === "anyone" || auth === "holder" || auth === "provider";
        const isHeld = typeof auth === "object" ? holds[who].includes(auth.permission) : auth === "customer";
        const expected = isOpen ? 0 : who === "anonymous" ? 401 : isHeld ? 0 : 403;
        expect(refusal(await ask(name, tokens[who])), `${who} at ${name}`).to.equal(expected);
        asked += 1;
      }
    expect(asked).to.be.greaterThan(500);
  });

  it("lets a key do what its scopes say, and nothing beside it", async () => {
    const guarded = routes.flatMap(({ name, action: { auth } }) =>
      typeof auth === "object" ? [{ name, permission: auth.permission }] : [],
    );
    for (const permission of permissions) {
      const [alone, others] = await Promise.all([
        keyOf([permission]),
        keyOf(permissions.filter((other) => other !== permission)),
      ]);
      for (const { name, permission: needed } of guarded) {
        if (needed !== permission) continue;
        expect(refusal(await ask(name, alone)), `${name} with ${permission}`).to.equal(0);
        expect(refusal(await ask(name, others)), `${name} without ${permission}`).to.equal(403);
      }
    }
    const key = await keyOf(permissions);
    for (const { name } of routes.filter(({ action: { auth } }) => auth === "customer"))
      if (!endless.has(name)) expect(refusal(await ask(name, key)), `a key at ${name}`).to.equal(403);
    expect(guarded.length, JSON.stringify(contracts.users.name)).to.be.greaterThan(50);
  });

  it("answers for another customer's rows as for rows that do not exist", async () => {
    const [one, two] = [await account("owner", "customer"), await account("stranger", "customer")];
    const { sku } = await inStock(store);
    const order = await store.http.post<Returns<"orders.place">>(
      "orders",
      anOrder([{ sku, quantity: 1 }], { email: "owner@example.com" }),
      { token: one, key: freshKey() },
    );
    expect(order.status, JSON.stringify(order.body)).to.equal(201);
    const cart = await store.http.post<Returns<"carts.create">>("carts", {}, { token: one });
    const address = await store.http.post<{ id: string }>("me/addresses", anAddress, { token: one });
    expect([cart.status, address.status]).to.deep.equal([201, 201]);
    const asks: [method: string, path: string, id: string, body?: object][] = [
      ["GET", "orders/:", order.body.id],
      ["GET", "orders/:/stream", order.body.id],
      ["POST", "orders/:/cancel", order.body.id, {}],
      ["POST", "orders/:/returns", order.body.id, { lines: [{ sku, quantity: 1 }], reason: "mine" }],
      ["GET", "carts/:", cart.body.id],
      ["PATCH", "carts/:", cart.body.id, { country: "GB" }],
      ["POST", "carts/:/lines", cart.body.id, { sku, quantity: 1 }],
      ["PATCH", "me/addresses/:", address.body.id, { city: "York" }],
      ["DELETE", "me/addresses/:", address.body.id],
    ];
    for (const [method, path, id, body] of asks)
      for (const token of [two, undefined]) {
        const answers = await Promise.all(
          [id, nobody].map((one) =>
            store.http.request<Problem>(method, path.replace(":", one), {
              ...(token !== undefined && { token }),
              ...(body && { body }),
            }),
          ),
        );
        const [theirs, none] = answers.map(({ status, body: { code } }) => ({ status, code }));
        expect(theirs, `${method} ${path}`).to.deep.equal(none);
        expect(theirs?.status, `${method} ${path}`).to.be.oneOf(token === undefined ? [401, 404] : [404]);
      }
  });
});
