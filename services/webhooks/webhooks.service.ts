import { implement } from "../../contract/implement.ts";
import { sqlStore } from "../../mixins/sql-store.ts";
import type { WebhooksActor } from "./webhooks.actor.ts";
import contract from "./webhooks.contract.ts";
import { deliveries, delivery, replay, resendDelivery, testEndpoint } from "./webhooks.deliveries.ts";
import { Dispatcher } from "./webhooks.dispatch.ts";
import {
  createEndpoint,
  endpoint,
  endpoints,
  removeEndpoint,
  rotateSecret,
  updateEndpoint,
} from "./webhooks.endpoints.ts";
import { append, events } from "./webhooks.feed.ts";
import { closeStreamsOf, stream } from "./webhooks.stream.ts";
import { sweep } from "./webhooks.sweep.ts";
import * as tables from "./webhooks.tables.ts";
import migrations from "./migrations/index.ts";

/** Milliseconds between sweeps of what is too old. */
const sweepEvery = 600_000;

export default implement<typeof contract, WebhooksActor>(contract, {
  mixins: [
    sqlStore({
      tables: {
        feed: tables.feed,
        endpoints: tables.endpoints,
        deliveries: tables.deliveries,
        attempts: tables.attempts,
      },
      migrations,
      receivesAll: {
        work(tx, received) {
          const actor = this as WebhooksActor;
          tx.committed(() => {
            actor.dispatcher?.wake();
            void actor.broker.broadcast("webhooks.fed", {});
          });
          return append(actor, tx, received);
        },
      },
    }),
  ],

  created() {
    this.streams = new Set();
  },
  started() {
    this.dispatcher = new Dispatcher(this);
    this.dispatcher.start();
    this.sweeper = setInterval(() => {
      sweep(this).catch((error: unknown) => this.logger.warn("Old events stay for now", error));
    }, sweepEvery);
    this.sweeper.unref();
  },
  async stopped() {
    clearInterval(this.sweeper);
    for (const out of this.streams) out.destroy();
    await this.dispatcher?.stop();
  },

  events: {
    "webhooks.fed"() {
      for (const out of this.streams) out.wake();
    },
    "users.apiKeyRevoked"(ctx) {
      closeStreamsOf(this, (ctx.params as { id: string }).id);
    },
  },

  actions: {
    events,
    stream,
    endpoints,
    endpoint,
    createEndpoint,
    updateEndpoint,
    removeEndpoint,
    rotateSecret,
    testEndpoint,
    deliveries,
    delivery,
    resendDelivery,
    replay,
  },
});
