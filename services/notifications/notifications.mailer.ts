import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Transporter } from "nodemailer";
import type { Config } from "../../config/config.ts";
import { toMbox } from "./notifications.mbox.ts";
import type { MailRow } from "./notifications.model.ts";

/** The one way out: an SMTP server, or the data folder when there is none. */
export interface Mailer {
  /** What a mail is called that went this way. */
  readonly outcome: "sent" | "written";
  deliver(mail: MailRow): Promise<void>;
  close(): void;
}

/** Milliseconds; together far below the lease of a mail. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

function message(mail: MailRow, from: string) {
  return {
    from,
    to: { name: "", address: mail.to_address },
    subject: mail.subject,
    text: mail.body_text,
    html: mail.body_html,
    date: new Date(mail.created_at),
    // The same for every try, so that a mailbox can tell a repeat.
    messageId: `<${mail.id}@valence>`,
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** Made with the first mail: most starts send none at once. */
function transporter(options: object): () => Promise<Transporter> {
  let made: Promise<Transporter> | undefined;
  return () => (made ??= import("nodemailer").then(({ default: mailer }) => mailer.createTransport(options)));
}

function smtp(url: string, from: string): Mailer {
  let used = false;
  const transport = transporter({ url, pool: true, maxConnections: 4, ...timeouts });
  return {
    outcome: "sent",
    async deliver(mail) {
      used = true;
      await (await transport()).sendMail(message(mail, from));
    },
    close: () => void (used && transport().then((made) => made.close())),
  };
}

interface Written {
  mail: MailRow;
  done: PromiseWithResolvers<undefined>;
}

/**
 * One mbox file a day: making a file for each mail waits for the journal of the disk, behind every commit of the store.
 * Mails that are delivered together are written together: to open the file takes longer than to write one.
 */
function folder(path: string, from: string): Mailer {
  let waiting: Written[] = [];
  const append = (day: string, mails: readonly Written[]) => {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const text = mails.map(({ mail }) => toMbox(mail, from)).join("");
      appendFileSync(join(path, `${day}.mbox`), text, { mode: 0o600 });
      for (const { done } of mails) done.resolve(undefined);
    } catch (error) {
      for (const { done } of mails) done.reject(error);
    }
  };
  const write = () => {
    const mails = waiting;
    waiting = [];
    const days = Map.groupBy(mails, ({ mail }) => new Date(mail.created_at).toISOString().slice(0, 10));
    for (const [day, ofDay] of days) append(day, ofDay);
  };
  return {
    outcome: "written",
    deliver(mail) {
      const done = Promise.withResolvers<undefined>();
      if (waiting.push({ mail, done }) === 1) queueMicrotask(write);
      return done.promise;
    },
    close: () => undefined,
  };
}

export const mailer = ({ smtpUrl, dataDir, mailFrom }: Config): Mailer =>
  smtpUrl === undefined ? folder(join(dataDir, "mails"), mailFrom) : smtp(smtpUrl, mailFrom);

/** The server refuses this very mail, so that trying again is useless. */
export function isFinal(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const aboutMail = code === "EENVELOPE" || code === "EMESSAGE";
  return aboutMail && typeof responseCode === "number" && responseCode >= 500 && responseCode < 600;
}
