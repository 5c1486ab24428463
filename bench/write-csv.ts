import { pipeline } from "node:stream/promises";
import { generateProducts, toCsv } from "./generator.ts";

/** node bench/write-csv.ts <products> [seed] > catalogue.csv */
const [count = "1000", seed = "1"] = process.argv.slice(2);
await pipeline(toCsv(generateProducts({ seed: Number(seed), count: Number(count) })), process.stdout);
