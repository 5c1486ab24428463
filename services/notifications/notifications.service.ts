import { wiper } from "../../mixins/wipe.ts";
import { notFound } from "../../contract/errors.ts";
import { implement, type Ctx } from "../../contract/implement.ts";
import { permissionsOf } from "../../contract/permissions.ts";
import { deriveSecret, mailToken } from "../../mixins/secrets.ts";
import { sqlStore } from "../../mixins/sql-store.ts";
import type { NotificationsActor } from "./notifications.actor.ts";
import contract from "./notifications.contract.ts";
import { mailer } from "./notifications.mailer.ts";
import { findMail, findMails, mails, requeue, settle, toMail } from "./notifications.model.ts";
import { queue } from "./notifications.queue.ts";
import { giveBackTaken, sendDue } from "./notifications.sender.ts";
import migrations from "./migrations/index.ts";

const pageSize = 20;
/** Milliseconds between looks for mails whose next try is due. */
const tick = 1000;
const soon = 150;

/** Staff who answer questions see the mails, but not the links that would let them into somebody's account. */
function mayFollowLinks({ meta }: Pick<Ctx, "meta">): boolean {
  const { caller } = meta;
  const held = caller?.kind === "key" ? caller.scopes : caller ? permissionsOf[caller.role] : [];
  return held.includes("customers:write");
}

export default implement<typeof contract, NotificationsActor>(contract, {
  mixins: [
    sqlStore({
      tables: { mails },
      migrations,
      receives: {
        "users.registered": queue("users.registered"),
        "users.emailChanged": queue("users.emailChanged"),
        "users.passwordForgotten": queue("users.passwordForgotten"),
        "users.passwordChanged": queue("users.passwordChanged"),
        "orders.confirmed": queue("orders.confirmed"),
        "orders.shipped": queue("orders.shipped"),
        "orders.cancelled": queue("orders.cancelled"),
        "orders.refunded": queue("orders.refunded"),
        "orders.returnDecided": queue("orders.returnDecided"),
        "webhooks.endpointDisabled": queue("webhooks.endpointDisabled"),
      },
    }),
  ],

  created() {
    const { appSecret, publicUrl, host, port } = this.config;
    this.shop = {
      url: publicUrl ?? `http://${host}:${port}`,
      mailToken: (purpose, id) => mailToken(appSecret, purpose, id),
      orderSecret: (orderId) => deriveSecret(appSecret, "order", orderId),
    };
    this.mailer = mailer(this.config);
    this.taken = [];
    const round = () => {
      this.soon = undefined;
      this.sending ??= sendDue(this)
        .catch((error: unknown) => this.logger.warn("Mails wait", error))
        .finally(() => {
          this.sending = undefined;
        });
    };
    this.wake = () => {
      this.soon ??= setTimeout(round, soon);
    };
  },
  started() {
    this.settle = this.store.batch("settle", settle);
    this.ticker = setInterval(() => this.wake(), tick);
  },
  async stopped() {
    clearInterval(this.ticker);
    clearTimeout(this.soon);
    await this.sending;
    await giveBackTaken(this);
    this.mailer.close();
  },

  actions: {
    wipe: wiper(["mails"]),

    async mails(ctx) {
      const { limit = pageSize, sort = "-createdAt", ...filter } = ctx.params;
      const found = await findMails(this.store.read, { ...filter, falling: sort === "-createdAt" }, limit);
      return { ...found, data: found.data.map((row) => toMail(row, mayFollowLinks(ctx))) };
    },
    async mail(ctx) {
      const row = await findMail(this.store.read, ctx.params.id);
      if (!row) throw notFound("mail");
      return toMail(row, mayFollowLinks(ctx));
    },
    async resendMail(ctx) {
      const { id } = ctx.params;
      const row = await this.store.write(async (tx) => {
        if ((await requeue(tx, id, this.clock.now())) === 0) throw notFound("mail");
        tx.audit({ action: "notifications.resendMail", entity: "mail", entityId: id, meta: ctx.meta });
        return findMail(tx, id);
      });
      if (!row) throw notFound("mail");
      this.wake();
      return toMail(row, mayFollowLinks(ctx));
    },
  },
});
