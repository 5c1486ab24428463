import type { MailRow } from "./notifications.model.ts";

/** Bytes of UTF-8 that fit into one encoded word (RFC 2047) of 75 characters. */
const WORD_BYTES = 45;

const oneLine = (text: string): string => text.replaceAll(/[\r\n]+/g, " ");

/** A header's text: as it is when ASCII, else in encoded words that never cut a character in two. */
function encoded(text: string): string {
  const line = oneLine(text);
  if (/^[\x20-\x7e]*$/.test(line)) return line;
  const words: string[] = [];
  let word = "";
  for (const character of line) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word].map((part) => `=?UTF-8?B?${Buffer.from(part).toString("base64")}?=`).join("\n ");
}

/** `Name <address>` with the name encoded where it must be. */
const sender = (from: string): string => {
  const [, name, address] = /^(.*?)\s*(<[^<>]+>)$/.exec(oneLine(from)) ?? [];
  return name === undefined || address === undefined ? oneLine(from) : `${encoded(name)} ${address}`.trim();
};

const part = (type: string, body: string): string =>
  `Content-Type: ${type}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${body}\n`;

/**
 * The mail as an entry of an mbox file, which mail programs open, readable as it is. Written in place of nodemailer, which takes a
 * fifth of an order's CPU for it.
 */
export function toMbox(mail: MailRow, from: string): string {
  const boundary = `----${mail.id}`;
  const at = new Date(mail.created_at).toUTCString();
  const head = [
    `From: ${sender(from)}`,
    `To: ${oneLine(mail.to_address)}`,
    `Subject: ${encoded(mail.subject)}`,
    `Message-ID: <${mail.id}@valence>`,
    `Date: ${at.replace("GMT", "+0000")}`,
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
  ].join("\n");
  const parts = [part("text/plain", mail.body_text), part("text/html", mail.body_html)];
  const body = `${parts.map((one) => `--${boundary}\n${one}`).join("")}--${boundary}--\n`;
  return `From valence ${at}\n${head}\n\n${body.replaceAll(/^(>*From )/gm, ">$1")}\n`;
}
