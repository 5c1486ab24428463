/** `npm run fuzz`: asks every route with good and broken input made from its schemas. */
import process from "node:process";
import { parseArgs } from "node:util";
import { startStore } from "../test/helpers/store.ts";
import { callers } from "./fuzz/callers.ts";
import { walk, type Finding } from "./fuzz/walk.ts";

const help = `npm run fuzz [-- --requests <n>] [--seed <n>]

Starts a store of its own with the sample catalogue and asks every operation of its OpenAPI document in turn, with good and
broken input made from the schemas. Prints each kind of answer that the document does not know, with its request.

  --requests <n>  how many (20000)
  --seed <n>      the same seed makes the same input (1)
Exit code 1: an answer outside the document, or a 5xx.`;

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean" },
  },
});

const { requests, seed } = { requests: Number(values.requests), seed: Number(values.seed) };
if (values.help) {
  console.log(help);
  process.exit(0);
}
if (!Number.isInteger(requests) || requests < 1 || !Number.isInteger(seed)) {
  console.error(help);
  process.exit(2);
}

const store = await startStore({ seed: true });
const walked = await walk({
  url: store.url,
  requests,
  seed,
  token: callers(store),
  progress: (done) => process.stderr.write(`${done} of ${requests} requests\n`),
});
await store.stop();

const kinds = Map.groupBy(
  walked.findings,
  ({ operation, status, fault }: Finding) => `${operation} ${status} ${fault}`,
);
for (const [kind, list] of kinds)
  console.log(`${list.length} x ${kind}\n  ${list[0]?.request ?? ""}\n  ${list[0]?.answer ?? ""}`);
const { statuses, succeeded, operations, unmet, seconds, findings } = walked;
console.log(
  `${walked.requests} requests in ${seconds.toFixed(0)} s, answers by status ${JSON.stringify(statuses)}`,
);
console.log(
  `${succeeded} of ${operations} operations succeeded at least once; ${findings.length} answers outside the document`,
);
if (unmet.length > 0) console.log(`never met with success: ${unmet.join(", ")}`);
process.exit(findings.length > 0 ? 1 : 0);
