import { implement } from "../../contract/implement.ts";
import { forgetOffers } from "../../mixins/offer-copies.ts";
import { wiper } from "../../mixins/wipe.ts";
import { sqlStore } from "../../mixins/sql-store.ts";
import { orderNotFound } from "./orders.errors.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { advanceBatch } from "./orders.advance.ts";
import { adminCancel, cancel } from "./orders.cancel.ts";
import contract from "./orders.contract.ts";
import { coupons, createCoupon, updateCoupon } from "./orders.coupons.ts";
import { exportOrders } from "./orders.export.ts";
import { heldOrder } from "./orders.holder.ts";
import { sweepKeys } from "./orders.keys.ts";
import { list, listReturns, mine } from "./orders.list.ts";
import { loadOrder } from "./orders.model.ts";
import * as tables from "./orders.tables.ts";
import { openBatch } from "./orders.open.ts";
import { deliver, pack } from "./orders.pack.ts";
import { place } from "./orders.place.ts";
import { hasBought, holds, ofCart, stuck } from "./orders.queries.ts";
import { quote, shippingMethods } from "./orders.quote.ts";
import { ratesFrom } from "./orders.rates-file.ts";
import { receiveReturn } from "./orders.receive.ts";
import { refund } from "./orders.refund.ts";
import { claimOwn, renewLeases, resumeSagas, takeOver } from "./orders.resume.ts";
import { approveReturn, refuseReturn, requestReturn } from "./orders.returns.ts";
import { freeCoupons, wiped } from "./orders.wipe.ts";
import { wake } from "./orders.saga.ts";
import { strays } from "./orders.strays.ts";
import { unstick } from "./orders.unstick.ts";
import { ship } from "./orders.ship.ts";
import { foldStats, stats } from "./orders.stats.ts";
import { stream } from "./orders.stream.ts";
import migrations from "./migrations/index.ts";

/** Milliseconds between two looks at each kind of work that waits. */
const every = { resume: 500, renew: 1000, fold: 1000, sweep: 600_000 };

/** Runs `work` again and again, never twice at once; a failure is logged and tried again next time. */
function repeat(actor: OrdersActor, ms: number, name: string, work: () => Promise<unknown>): NodeJS.Timeout {
  let busy = false;
  const tick = async () => {
    if (busy) return;
    busy = true;
    try {
      await work();
    } catch (error) {
      actor.logger.warn(`${name} is tried again: ${(error as Error).message}`);
    } finally {
      busy = false;
    }
  };
  return setInterval(() => void tick(), ms);
}

export default implement<typeof contract, OrdersActor>(contract, {
  mixins: [
    sqlStore({
      tables: {
        orders: tables.orders,
        order_lines: tables.order_lines,
        order_events: tables.order_events,
        returns: tables.returns,
        refunds: tables.refunds,
        keys: tables.keys,
        sagas: tables.sagas,
      },
      migrations,
      receives: {
        "payments.decided": async (tx, event) => void (await wake(tx, event.payload.payment.orderId)),
      },
    }),
  ],

  actions: {
    wipe: wiper(wiped, freeCoupons),

    place,
    async get(ctx) {
      return (await heldOrder(this, ctx, ctx.params.id)).order;
    },
    mine,
    cancel,
    requestReturn,
    stream,
    shippingMethods,
    list,
    exportOrders,
    async adminGet(ctx) {
      const loaded = await loadOrder(this.store.read, ctx.params.id);
      if (!loaded) throw orderNotFound();
      return loaded.order;
    },
    pack,
    ship,
    deliver,
    adminCancel,
    refund,
    returns: listReturns,
    approveReturn,
    receiveReturn,
    refuseReturn,
    coupons,
    createCoupon,
    updateCoupon,
    stats,
    stuck,
    strays,
    unstick,
    quote,
    holds,
    ofCart,
    hasBought,
  },

  events: {
    "orders.touched"(ctx) {
      const { id } = ctx.params as { id: string };
      this.watchers.get(id)?.forEach((wakeReader) => wakeReader());
    },
    "products.touched"(ctx) {
      forgetOffers(this.broker, (ctx.params as { ids: string[] }).ids);
    },
    "$node.disconnected"(ctx) {
      const { node, unexpected } = ctx.params as unknown as { node: { id: string }; unexpected: boolean };
      if (unexpected) void takeOver(this, node.id).catch(() => undefined);
    },
  },

  created() {
    this.rates = ratesFrom(this.config);
    this.owner = `${this.broker.nodeID} ${this.newId()}`;
    this.running = new Map();
    this.resuming = 0;
    this.requests = new Map();
    this.numbers = { next: 0, end: 0 };
    this.watchers = new Map();
    this.timers = [];
  },

  async started() {
    this.batches = {
      open: this.store.batch("open", (tx, items) => openBatch(this, tx, items)),
      advance: this.store.batch(
        "advance",
        (tx, items) => advanceBatch(this, tx, items),
        ({ order }) => order.id,
      ),
    };
    await claimOwn(this);
    this.timers = [
      repeat(this, every.resume, "Resuming orders", () => resumeSagas(this)),
      repeat(this, every.renew, "Renewing leases", () => renewLeases(this)),
      repeat(this, every.fold, "Folding figures", () => foldStats(this)),
      repeat(this, every.sweep, "Sweeping keys", () => sweepKeys(this)),
    ];
  },

  stopped() {
    this.timers.forEach(clearInterval);
  },
});
