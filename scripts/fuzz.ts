/** `npm run fuzz -- --requests 20000 --seed 1`: asks every route with good and broken input made from its schemas. */
import process from "node:process";
import { parseArgs } from "node:util";
import { startStore } from "../test/helpers/store.ts";
import { callers } from "./fuzz/callers.ts";
import { walk, type Finding } from "./fuzz/walk.ts";

const { values } = parseArgs({
  options: { requests: { type: "string", default: "20000" }, seed: { type: "string", default: "1" } },
});

const store = await startStore({ seed: true });
const { requests, seed } = { requests: Number(values.requests), seed: Number(values.seed) };
const walked = await walk({ url: store.url, requests, seed, token: callers(store) });
await store.stop();

const kinds = Map.groupBy(
  walked.findings,
  ({ operation, status, fault }: Finding) => `${operation} ${status} ${fault}`,
);
for (const [kind, list] of kinds)
  console.log(`${list.length} x ${kind}\n  ${list[0]?.request ?? ""}\n  ${list[0]?.answer ?? ""}`);
const { statuses, succeeded, operations, seconds, findings } = walked;
console.log(
  `${walked.requests} requests in ${seconds.toFixed(0)} s, answers by status ${JSON.stringify(statuses)}`,
);
console.log(
  `${succeeded} of ${operations} operations succeeded at least once; ${findings.length} answers outside the document`,
);
process.exit(findings.length > 0 ? 1 : 0);
