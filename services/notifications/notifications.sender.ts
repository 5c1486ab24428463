import { reasonOf } from "../../mixins/store-errors.ts";
import type { NotificationsActor } from "./notifications.actor.ts";
import { isFinal } from "./notifications.mailer.ts";
import { giveBack, isAnyDue, lease, takeDue, type MailRow, type Try } from "./notifications.model.ts";

const atOnce = 32;
const tries = 12;
const firstPause = 5_000;
const longestPause = 2 * 60 * 60_000;

/** Milliseconds until the next try: 5 s, 20 s, 80 s ... at most two hours; about ten hours in all. */
const pauseAfter = (attempts: number): number => Math.min(firstPause * 4 ** (attempts - 1), longestPause);

function failure(actor: NotificationsActor, mail: MailRow, error: unknown): Try {
  const last = isFinal(error) || mail.attempts >= tries;
  return {
    status: last ? "failed" : "pending",
    error: reasonOf(error).slice(0, 500),
    sentAt: null,
    dueAt: actor.clock.now() + pauseAfter(mail.attempts),
  };
}

async function send(actor: NotificationsActor, mail: MailRow): Promise<void> {
  const outcome = await actor.mailer.deliver(mail).then(
    (): Try => ({ status: actor.mailer.outcome, error: null, sentAt: actor.timestamp(), dueAt: 0 }),
    (error: unknown) => failure(actor, mail, error),
  );
  if (outcome.error !== null) actor.logger.warn(`mail ${mail.id}, try ${mail.attempts}: ${outcome.error}`);
  await actor.settle({ mail, outcome });
}

/** A mail that waited for long, as behind a slow server, is left to whoever takes it when its lease has ended: another node may. */
async function sendTaken(actor: NotificationsActor): Promise<void> {
  while (actor.taken.length > 0) {
    const latest = actor.clock.now() + lease / 2;
    const mails = actor.taken.splice(0, atOnce).filter(({ due_at }) => due_at >= latest);
    await Promise.all(mails.map((mail) => send(actor, mail)));
  }
}

/** Sends what was taken as it was written, and takes and sends until nothing is due; a crash in between leaves the mail to the next lease. */
export async function sendDue(actor: NotificationsActor): Promise<void> {
  await sendTaken(actor);
  while (await isAnyDue(actor.store.read, actor.clock.now())) {
    const due = await actor.store.write((tx) => takeDue(tx, actor.clock.now(), lease, atOnce));
    if (due.length === 0) return;
    await Promise.all(due.map((mail) => send(actor, mail)));
  }
}

/** Leaves what was taken and not tried to whoever comes next. */
export async function giveBackTaken(actor: NotificationsActor): Promise<void> {
  const mails = actor.taken.splice(0);
  if (mails.length > 0) await actor.store.write((tx) => giveBack(tx, mails, actor.clock.now()));
}
