import { aBook, startShelf } from "./catalogue.ts";

/** Writes until it is killed, and prints each id once its write is acknowledged. */
const { shelf } = await startShelf({ dataDir: process.argv[2] as string });
for (let round = 0; ; round += 1)
  await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const { id } = await shelf.documents.products.insert(aBook(shelf, `book-${round}-${i}`));
      process.stdout.write(`${id}\n`);
    }),
  );
