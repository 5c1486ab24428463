import type { EventMap } from "../contracts.ts";
import type { ReceivedEvent } from "../../mixins/sql-store.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { NotificationsActor } from "./notifications.actor.ts";
import { html, plainText } from "./notifications.blocks.ts";
import { lease, mails, type MailRow } from "./notifications.model.ts";
import { templates, type Draft, type Notified, type Shop } from "./notifications.templates.ts";

function rowOf(actor: NotificationsActor, template: string, draft: Draft, id: string): MailRow {
  return {
    id,
    to_address: draft.to,
    to_key: draft.to.toLowerCase(),
    template,
    subject: draft.subject,
    body_text: plainText(draft.blocks),
    body_html: html(draft.subject, draft.blocks),
    status: "pending",
    attempts: 1,
    error: null,
    created_at: actor.timestamp(),
    sent_at: null,
    due_at: actor.clock.now() + lease,
  };
}

/**
 * Writes the events' mails beside their inbox rows; the first one of each bears its event's id, so no event is mailed twice.
 * They are taken for their first try as they are written, by this node, which sends them when they are on disk.
 */
export const queue = <E extends Notified>(type: E) => ({
  async all(this: unknown, tx: SqlTx, events: readonly ReceivedEvent<E>[]): Promise<void> {
    const actor = this as NotificationsActor;
    const draw = templates[type] as (payload: EventMap[E], shop: Shop) => Draft[];
    const rows = events.flatMap(({ id, payload }) =>
      draw(payload, actor.shop).map((draft, i) => rowOf(actor, type, draft, i === 0 ? id : actor.newId())),
    );
    if (rows.length === 0) return;
    await tx.insert("mails", mails, rows);
    tx.committed(() => {
      actor.taken.push(...rows);
      actor.wake();
    });
  },
});
