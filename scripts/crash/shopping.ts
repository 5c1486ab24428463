import { seedAt, seeded } from "../../bench/random.ts";
import { shopOnce, tally, type Shopping } from "./shopper.ts";

/** Milliseconds that the last orders have to be answered. */
const PATIENCE_MS = 60_000;

/** Shoppers at work until `stop`, which waits for every order that was begun. */
export function startShopping(
  shopping: Omit<Shopping, "deadline" | "random">,
  options: { shoppers: number; seed: number },
): { stop(): Promise<void> } {
  let open = true;
  let deadline = Infinity;
  const visit = async (n: number) => {
    const random = seeded(seedAt(options.seed, n));
    for (let visits = 0; open; visits++)
      await shopOnce({ ...shopping, random, deadline: () => deadline }, `shopper${n}`, visits);
  };
  const failed: unknown[] = [];
  const all = Array.from({ length: options.shoppers }, (_, n) =>
    visit(n + 1).catch((error: unknown) => {
      tally(shopping, "shoppers who gave up");
      failed.push(error);
    }),
  );
  return {
    async stop() {
      open = false;
      deadline = performance.now() + PATIENCE_MS;
      await Promise.all(all);
      if (failed.length > 0) throw failed[0];
    },
  };
}
