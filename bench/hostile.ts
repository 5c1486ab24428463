/** How long the gateway takes to refuse what is sent to hurt it (checks 28, 29 and 31 of the security list), beside an ordinary answer. */
import { startGateway } from "../test/helpers/gateway.ts";
import { percentile } from "../scripts/lib/percentile.ts";
import { ms, printRow } from "./results.ts";

const ROUNDS = 20;
const MB = 1_000_000;

const keys = Array.from({ length: 100_000 }, (_, n) => `"k${n}":1`).join(",");
const bodies: Record<string, string> = {
  "5 MB": `{"email":"${"x".repeat(5 * MB)}"}`,
  "nested 20,000 deep": `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
  "100,000 keys": `{${keys}}`,
  "a number of 1 MB": `{"email":${"1".repeat(MB)}}`,
  "an e-mail address of 100 kB": JSON.stringify({ email: `${"a".repeat(100_000)}@b.example`, password: "x" }),
};

const store = await startGateway({ "products.categories": () => ({ data: [] }) });

async function timed(what: string, ask: () => Promise<{ status: number }>): Promise<void> {
  const times: number[] = [];
  let status = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    ({ status } = await ask());
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  printRow({
    what,
    figures: {
      status: String(status),
      "p50 ms": ms(percentile(times, 0.5)),
      "p99 ms": ms(percentile(times, 0.99)),
    },
  });
}

await timed("an ordinary answer", () => store.http.get("categories"));
for (const [what, body] of Object.entries(bodies))
  await timed(what, () => store.http.request("POST", "auth/login", { body }));
await store.stop();
