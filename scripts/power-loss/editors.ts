import type { Client } from "../lib/client.ts";

interface Product {
  id: string;
  name: string;
  version: number;
}

export interface Editing {
  client: Client;
  staff(): Promise<Record<string, string>>;
  /** The last acknowledged state of each product. */
  acknowledged: Map<string, Product>;
  /** Acknowledged changes so far. */
  changes: number;
}

const read = (editing: Editing, id: string, headers: Record<string, string>): Promise<Product> =>
  editing.client.expect<Product>(200, { path: `/admin/products/${id}`, headers });

/** Changes one product again and again until `stop`, or until the store is gone. */
async function edit(editing: Editing, id: string, open: () => boolean): Promise<void> {
  const headers = await editing.staff();
  let product = await read(editing, id, headers);
  while (open()) {
    const name = `Article ${editing.changes} ${id.slice(-6)}`;
    const answer = await editing.client.send<Product>({
      method: "PATCH",
      path: `/admin/products/${id}`,
      body: { name },
      headers: { ...headers, "if-match": `"${product.version}"` },
      timeout: 5000,
    });
    if (answer.status !== 200) return;
    product = answer.body;
    editing.acknowledged.set(id, { id, name: product.name, version: product.version });
    editing.changes += 1;
  }
}

/** One editor for each product; the answer stops them. They end by themselves when the store does. */
export function startEditing(editing: Editing, ids: readonly string[]): () => Promise<void> {
  let open = true;
  const all = ids.map((id) => edit(editing, id, () => open).catch(() => undefined));
  return async () => {
    open = false;
    await Promise.all(all);
  };
}

/** Products that are behind what was acknowledged, in words. */
export async function lostChanges(editing: Editing): Promise<string[]> {
  const headers = await editing.staff();
  const lost: string[] = [];
  for (const told of editing.acknowledged.values()) {
    const kept = await read(editing, told.id, headers).catch((error: Error) => error);
    if (kept instanceof Error) lost.push(`product ${told.id}: ${kept.message}`);
    else if (kept.version < told.version)
      lost.push(`product ${told.id}: version ${told.version} was acknowledged, ${kept.version} is there`);
    else if (kept.version === told.version && kept.name !== told.name)
      lost.push(`product ${told.id}: version ${told.version} is not what was acknowledged`);
  }
  return lost;
}
