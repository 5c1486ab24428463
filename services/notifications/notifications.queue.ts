import type { EventMap } from "../contracts.ts";
import type { ReceivedEvent } from "../../mixins/sql-store.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { NotificationsActor } from "./notifications.actor.ts";
import { html, plainText } from "./notifications.blocks.ts";
import { lease, mails, type MailRow } from "./notifications.model.ts";
import { templates, type Draft, type Notified, type Shop } from "./notifications.templates.ts";

/** Mails held in memory; what comes on top waits in the database, and is due at once. */
const mostTaken = 256;

/** `taken`: for its first try, by this node. */
function rowOf(
  actor: NotificationsActor,
  template: string,
  draft: Draft,
  of: { id: string; taken: boolean },
): MailRow {
  return {
    id: of.id,
    to_address: draft.to,
    to_key: draft.to.toLowerCase(),
    template,
    subject: draft.subject,
    body_text: plainText(draft.blocks),
    body_html: html(draft.subject, draft.blocks),
    status: "pending",
    attempts: of.taken ? 1 : 0,
    error: null,
    created_at: actor.timestamp(),
    sent_at: null,
    due_at: actor.clock.now() + (of.taken ? lease : 0),
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
    const drafts = events.flatMap(({ id, payload }) =>
      draw(payload, actor.shop).map((draft, i) => ({ draft, id: i === 0 ? id : actor.newId() })),
    );
    if (drafts.length === 0) return;
    const taken = actor.taken.length + drafts.length <= mostTaken;
    const rows = drafts.map(({ draft, id }) => rowOf(actor, type, draft, { id, taken }));
    await tx.insert("mails", mails, rows);
    tx.committed(() => {
      if (taken) actor.taken.push(...rows);
      actor.wake();
    });
  },
});
