import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Transporter } from "nodemailer";
import type { Config } from "../../config/config.ts";
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

function folder(path: string, from: string): Mailer {
  const transport = transporter({ streamTransport: true, buffer: true, newline: "unix" });
  return {
    outcome: "written",
    async deliver(mail) {
      const sent = (await (await transport()).sendMail(message(mail, from))) as { message: Buffer };
      await mkdir(path, { recursive: true, mode: 0o700 });
      const file = join(path, `${mail.id}.eml`);
      await writeFile(`${file}.part`, sent.message, { mode: 0o600 });
      await rename(`${file}.part`, file);
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
