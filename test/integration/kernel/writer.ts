import { ledger, node } from "./ledger.ts";

/** A process that writes until it is killed: `node writer.ts <data folder>`; each answered id is sent to the parent. */
const [dataDir = ""] = process.argv.slice(2);
try {
  const { broker } = await node({ dataDir, databaseUrls: {}, remove: () => Promise.resolve() }, [
    ledger("ledger"),
  ]);
  process.send?.("ready");
  const forever = async (worker: number): Promise<never> => {
    for (let i = 0; ; i++) {
      const id = `${worker}-${i}`;
      await broker.call("ledger.put", { id, account: "a", amount: 1 });
      process.send?.(id);
    }
  };
  await Promise.all([1, 2, 3, 4].map(forever));
} catch (error) {
  process.send?.(`refused: ${(error as Error).message}`);
  process.exit(1);
}
