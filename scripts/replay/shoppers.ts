import { bearer, type Client } from "../lib/client.ts";

export interface Shopper {
  email: string;
  headers: Record<string, string>;
}

const password = "replay: a long phrase";

/** Registers every customer of the files and signs them in, a few at a time (a password hash costs memory on purpose). */
export async function registerShoppers(
  client: Client,
  customers: readonly string[],
  run: string,
  progress: () => void,
): Promise<Map<string, Shopper>> {
  const shoppers = new Map<string, Shopper>();
  const waiting = [...customers];
  const work = async () => {
    for (let customer = waiting.pop(); customer !== undefined; customer = waiting.pop()) {
      const email = `customer-${customer}-${run}@example.com`;
      await client.expect(201, {
        method: "POST",
        path: "/auth/register",
        body: { email, password, name: `Customer ${customer}` },
      });
      const { accessToken } = await client.expect<{ accessToken: string }>(200, {
        method: "POST",
        path: "/auth/login",
        body: { email, password },
      });
      shoppers.set(customer, { email, headers: bearer(accessToken) });
      progress();
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return shoppers;
}

/** An access token lives 15 minutes: a long replay signs in again. */
export async function signInAgain(client: Client, shopper: Shopper): Promise<void> {
  const body = { email: shopper.email, password };
  const { accessToken } = await client.expect<{ accessToken: string }>(200, {
    method: "POST",
    path: "/auth/login",
    body,
  });
  shopper.headers = bearer(accessToken);
}
