import type { Redis } from "ioredis";

export interface RedisLoan {
  readonly client: Promise<Redis>;
  /** The last one to close ends the connection. */
  close(): Promise<void>;
}

interface Shared {
  client: Promise<Redis>;
  users: number;
}
const shared = new Map<string, Shared>();

/** Loaded only where `REDIS_URL` is given. */
async function connect(url: string): Promise<Redis> {
  const { Redis } = await import("ioredis");
  const client = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  // The limiters fall back to memory by themselves; without a listener an outage would end the process.
  client.on("error", () => undefined);
  return client;
}

/** One connection per address, shared by all limiters of the process. */
export function borrowRedis(url: string): RedisLoan {
  const entry = shared.get(url) ?? { client: connect(url), users: 0 };
  entry.users += 1;
  shared.set(url, entry);
  let closed = false;
  return {
    client: entry.client,
    async close() {
      if (closed) return;
      closed = true;
      entry.users -= 1;
      if (entry.users > 0) return;
      shared.delete(url);
      (await entry.client).disconnect();
    },
  };
}
