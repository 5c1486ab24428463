/**
 * What the compiler must refuse. Never run: `npx tsc` fails when one of these mistakes stops being an error, and
 * contract.spec.ts proves that each of them is an error of its own.
 */
import { Type } from "typebox";
import { defineContract, type Auth } from "../../contract/define.ts";
import { implement, type Caller, type Ctx, type Handler } from "../../contract/implement.ts";
import { shape } from "../../contract/shapes.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";

const Greeting = shape({ text: Type.String(), times: Type.Integer() });
const greeter = defineContract("greeter", {
  actions: {
    hello: {
      summary: "A greeting",
      params: shape({ name: Type.String(), loud: Type.Optional(Type.Boolean()) }),
      returns: Greeting,
      idempotent: "read",
    },
    forget: { summary: "Nothing", params: shape({}), returns: Type.Null(), idempotent: "keyed" },
  },
});
type Greeter = typeof greeter;
const hello: Handler<Greeter, "hello"> = (ctx) => ({ text: ctx.params.name, times: 1 });
const forget: Handler<Greeter, "forget"> = () => null;

export async function calls(ctx: Caller): Promise<void> {
  const items = await ctx.call("inventory.available", { skus: ["TEA"] });
  items satisfies { sku: string; available: number }[];

  // @ts-expect-error an action that nobody has
  await ctx.call("inventory.availabel", { skus: ["TEA"] });
  // @ts-expect-error a param of another type
  await ctx.call("inventory.available", { skus: "TEA" });
  // @ts-expect-error a param is missing
  await ctx.call("inventory.available", {});
  // @ts-expect-error a param that the action does not know
  await ctx.call("inventory.available", { skus: ["TEA"], warehouse: "north" });
  // @ts-expect-error a field that the result has not
  (await ctx.call("inventory.available", { skus: ["TEA"] }))[0]?.stock;
}

export async function events(ctx: Caller, tx: SqlTx): Promise<void> {
  await ctx.broadcast("inventory.stockChanged", { items: [] });

  // @ts-expect-error an event that nobody has
  await ctx.emit("inventory.stockChange", { items: [] });
  // @ts-expect-error another payload
  await ctx.emit("inventory.stockChanged", { items: "all" });
  // @ts-expect-error another payload in the outbox
  tx.publish("inventory.released", { entity: "1", version: 1 }, { orderId: 1, lines: [] });
}

export const sound = implement(greeter, { actions: { hello, forget } });
// @ts-expect-error a handler is missing
export const missing = implement(greeter, { actions: { hello } });
// @ts-expect-error a handler that the contract does not know
export const unknown = implement(greeter, { actions: { hello, forget, remember: hello } });
// @ts-expect-error a handler of another action
export const swapped = implement(greeter, { actions: { hello: forget, forget } });

// @ts-expect-error a result without a field
export const poor: Handler<Greeter, "hello"> = () => ({ text: "hello" });
// @ts-expect-error a result of another type
export const wrong: Handler<Greeter, "hello"> = () => Promise.resolve({ text: "hello", times: "once" });
// @ts-expect-error params that the contract does not have
export const stranger: Handler<Greeter, "hello"> = (ctx) => ({ text: ctx.params.surname, times: 1 });
export const meta = (ctx: Ctx): string | undefined =>
  // @ts-expect-error a field that no call carries
  ctx.meta.password;

const entry = {
  summary: "Open to whom?",
  params: shape({}),
  returns: Type.Null(),
  idempotent: "read",
} as const;
defineContract("guarded", { actions: { open: { ...entry, rest: "GET /open", auth: "anyone" } } });
// @ts-expect-error a route without `auth`
defineContract("guarded", { actions: { open: { ...entry, rest: "GET /open" } } });
// @ts-expect-error a permission that no role has
export const all: Auth = { permission: "all" };
// @ts-expect-error a method that the gateway does not route
defineContract("guarded", { actions: { open: { ...entry, rest: "FETCH /open", auth: "anyone" } } });
