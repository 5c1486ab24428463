import { setFlagsFromString } from "node:v8";
import { unavailable } from "../../contract/errors.ts";
import { implement, type Ctx } from "../../contract/implement.ts";
import type { SearchActor } from "./search.actor.ts";
import { addresses } from "./search.addresses.ts";
import { adminProducts } from "./search.admin-products.ts";
import contract from "./search.contract.ts";
import { Follower } from "./search.follower.ts";
import { products } from "./search.products.ts";
import { suggest } from "./search.suggest.ts";

/** What an index is made of. */
const sources = ["products.categories", "products.changes", "inventory.changes"];

export default implement<typeof contract, SearchActor>(contract, {
  methods: {
    readyIndex(this: SearchActor) {
      const index = this.follower.replica?.index;
      if (!index) throw unavailable("SEARCH_NOT_READY", "The search index is being built.");
      return index;
    },
  },

  actions: {
    products,
    suggest,
    addresses,
    adminProducts,

    async reindex(ctx) {
      const started = this.follower.building === undefined;
      await ctx.broadcast("search.reindexAsked", {});
      return { started };
    },

    status() {
      const { replica, builtAt, agreedAt, building } = this.follower;
      return {
        ready: replica !== undefined,
        products: replica?.index.size ?? 0,
        builtAt: builtAt === undefined ? null : new Date(builtAt).toISOString(),
        age: agreedAt === undefined ? 0 : Math.max(0, this.clock.now() - agreedAt),
        bytes: replica?.index.bytes ?? 0,
        building: building ? { done: building.done } : null,
      };
    },
  },

  events: {
    "products.touched"(ctx: Ctx<{ ids: string[] }>) {
      this.follower.touch(ctx.params.ids);
    },
    "inventory.stockChanged"(ctx: Ctx<{ items: { sku: string; available: number }[] }>) {
      this.follower.stockChanged(ctx.params.items);
    },
    "search.reindexAsked"() {
      void this.follower.rebuild();
    },
  },

  created() {
    // A node of its own: a smaller heap is worth more than the last third of speed while the index is built.
    if (this.config.services?.join() === contract.name) setFlagsFromString("--optimize-for-size");
    this.follower = new Follower({
      source: this.broker,
      hasSource: () => sources.every((name) => this.broker.registry.actions.isAvailable(name)),
      now: () => this.clock.now(),
      onError: (what, error) => this.logger.debug(`Search is behind (${what}): ${error.message}`),
    });
  },

  started() {
    this.follower.start();
  },

  async stopped() {
    await this.follower.stop();
  },
});
