import { implement, type Ctx } from "../../contract/implement.ts";
import { forgetOffers } from "../../mixins/offer-copies.ts";
import { Recent } from "../../mixins/recent.ts";
import { wipeTables } from "../../mixins/wipe.ts";
import { sqlStore } from "../../mixins/sql-store.ts";
import type { CartsActor } from "./carts.actor.ts";
import { changeBatch } from "./carts.decide.ts";
import { checkout } from "./carts.checkout.ts";
import contract from "./carts.contract.ts";
import { applyCoupon, removeCoupon } from "./carts.coupon.ts";
import { create, createBatch } from "./carts.create.ts";
import { setCurrency } from "./carts.currency.ts";
import { customerOf, held, heldCart } from "./carts.holder.ts";
import { addLine, removeLine, setLine } from "./carts.lines.ts";
import { merge } from "./carts.merge.ts";
import { carts, findOpenCart } from "./carts.model.ts";
import { convertCarts } from "./carts.convert.ts";
import { seenCarts } from "./carts.seen.ts";
import { sweepCarts } from "./carts.sweep.ts";
import { update } from "./carts.update.ts";
import { present } from "./carts.view.ts";
import migrations from "./migrations/index.ts";

/** Milliseconds between two sweeps of expired carts. */
const sweepEvery = 60_000;

export default implement<typeof contract, CartsActor>(contract, {
  mixins: [
    sqlStore({
      tables: { carts },
      migrations,
      receives: {
        "orders.confirmed": { all: convertCarts },
      },
    }),
  ],

  actions: {
    wipe() {
      return wipeTables(this, ["carts"], (tx) => {
        tx.committed(() => this.seen.clear());
        return Promise.resolve();
      });
    },

    async get(ctx) {
      return present(ctx, await heldCart(this, ctx, ctx.params.id));
    },

    async mine(ctx) {
      return present(ctx, held(this, ctx, await findOpenCart(this.store.read, customerOf(ctx))));
    },

    create,
    update,
    setCurrency,
    addLine,
    setLine,
    removeLine,
    applyCoupon,
    removeCoupon,
    merge,
    checkout,
  },

  events: {
    "products.touched"(ctx: Ctx<{ ids: string[] }>) {
      forgetOffers(this.broker, ctx.params.ids);
    },
  },

  started() {
    this.seen = new Recent(seenCarts);
    this.batches = {
      create: this.store.batch("create", (tx, items) => createBatch(this, tx, items)),
      change: this.store.batch("change", (tx, items) => changeBatch(this, tx, items)),
    };
    const sweep = () =>
      sweepCarts(this).catch((error: unknown) =>
        this.logger.debug(`Carts are not swept now: ${(error as Error).message}`),
      );
    this.timers = [setInterval(() => void sweep(), sweepEvery)];
  },

  stopped() {
    this.timers?.forEach(clearInterval);
  },
});
