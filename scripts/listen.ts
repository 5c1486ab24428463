/** `npm run listen -- --forward URL`: sends the store's events to a program on this machine, as its webhooks would. */
import { randomBytes } from "node:crypto";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Webhook } from "standardwebhooks";

const help = `npm run listen -- --forward <url> [--url <store>] [--types <types>] [--key <API key>] [--after <sequence>]

Reads GET /api/v1/events/stream and posts each event to <url>, signed like a webhook; the first line says the secret.

  --forward <url>    where your program listens, such as http://127.0.0.1:9000/hook
  --url <store>      the store, http://127.0.0.1:3000 unless given
  --types <types>    such as orders.*,products.changed; all of them unless given
  --key <key>        an API key with the scope events:read; else the environment's VALENCE_API_KEY
  --after <n>        begin after this event of the feed, instead of with what comes next
  --secret <whsec>   sign with this secret instead of a fresh one`;

const { values } = parseArgs({
  options: {
    forward: { type: "string" },
    url: { type: "string", default: "http://127.0.0.1:3000" },
    types: { type: "string" },
    key: { type: "string" },
    after: { type: "string" },
    secret: { type: "string" },
    help: { type: "boolean" },
  },
});
const pause = 1000;

if (values.help || values.forward === undefined) {
  console.log(help);
  process.exit(values.help ? 0 : 2);
}
const { forward, types } = values;
const secret = values.secret ?? `whsec_${randomBytes(24).toString("base64")}`;
const signer = new Webhook(secret);
// The one program of ours that runs beside a store rather than in it.
const key = values.key ?? process.env["VALENCE_API_KEY"] ?? "";
let last = values.after;

async function post(body: string): Promise<void> {
  const { id, type, sequence } = JSON.parse(body) as { id: string; type: string; sequence: number };
  const at = new Date();
  const headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": signer.sign(id, at, body),
  };
  const answer = await fetch(forward, { method: "POST", headers, body, redirect: "manual" }).then(
    ({ status }) => String(status),
    (error: unknown) => `not reached (${(error as Error).message})`,
  );
  console.log(`${sequence} ${type} -> ${answer}`);
}

/** One message of the stream: its fields, and the line that is empty behind it. */
async function take(message: string): Promise<void> {
  const fields = Object.fromEntries(
    message.split("\n").map((line): [string, string] => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  if (fields["data"] === undefined) return;
  await post(fields["data"]);
  last = fields["id"];
}

async function listen(): Promise<void> {
  const url = new URL("/api/v1/events/stream", values.url);
  if (types !== undefined) url.searchParams.set("types", types);
  const headers = { authorization: `Bearer ${key}`, ...(last !== undefined && { "last-event-id": last }) };
  const response = await fetch(url, { headers });
  if (!response.ok || !response.body) {
    console.error(`The store answered ${response.status}: ${await response.text()}`);
    if (response.status < 500 && response.status !== 429) process.exit(1);
    return;
  }
  console.log(`Listening to ${url.origin}; events go to ${forward ?? ""}`);
  let rest = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const messages = (rest + chunk).split("\n\n");
    rest = messages.pop() ?? "";
    for (const message of messages) await take(message);
  }
}

console.log(`Signed with ${secret}`);
for (;;) {
  await listen().catch((error: unknown) =>
    console.error(`The store is not reached: ${(error as Error).message}`),
  );
  await sleep(pause);
}
