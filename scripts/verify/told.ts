import type { HistoryEntry } from "../history.ts";
import { rowsOf, type Check, type Sources } from "./check.ts";

interface Stored {
  id: string;
  total: number;
  sku: string;
  quantity: number;
}

type Told = HistoryEntry & { order: NonNullable<HistoryEntry["order"]> };

const acknowledged = (history: readonly HistoryEntry[]): Told[] =>
  history.filter(
    (entry): entry is Told => entry.op === "place" && entry.status === 201 && entry.order !== undefined,
  );

const bySku = (lines: readonly { sku: string; quantity: number }[]): string =>
  [...lines]
    .sort((a, b) => (a.sku < b.sku ? -1 : 1))
    .map((line) => `${line.sku} x ${line.quantity}`)
    .join(", ");

async function storedOrders(sources: Sources): Promise<Map<string, { total: number; lines: Stored[] }>> {
  const rows = await rowsOf<Stored>(
    sources,
    "orders",
    "select o.id, o.total, l.sku, l.quantity from orders o join order_lines l on l.order_id = o.id",
  );
  const orders = new Map<string, { total: number; lines: Stored[] }>();
  for (const row of rows) {
    const order = orders.get(row.id) ?? { total: row.total, lines: [] };
    order.lines.push(row);
    orders.set(row.id, order);
  }
  return orders;
}

const i1: Check = {
  id: "I1",
  title: "every acknowledged order exists with its id, total and lines",
  async run(sources) {
    if (!sources.history) return undefined;
    const stored = await storedOrders(sources);
    const told = acknowledged(sources.history);
    const violations = told.flatMap(({ order }) => {
      const kept = stored.get(order.id);
      if (!kept) return [`order ${order.id} was acknowledged and is not there`];
      if (kept.total !== order.total)
        return [`order ${order.id}: ${order.total} was acknowledged, ${kept.total} is there`];
      if (bySku(kept.lines) !== bySku(order.lines))
        return [`order ${order.id}: its lines are not those that were acknowledged`];
      return [];
    });
    return { counted: `${told.length} acknowledged orders`, violations };
  },
};

function byKey(history: readonly HistoryEntry[]): Map<string, HistoryEntry[]> {
  const keys = new Map<string, HistoryEntry[]>();
  for (const entry of history)
    if (
      entry.op === "place" &&
      entry.key !== undefined &&
      entry.status !== undefined &&
      entry.status < 500 &&
      entry.status !== 429
    )
      keys.set(entry.key, [...(keys.get(entry.key) ?? []), entry]);
  return keys;
}

const isInFlight = (entry: HistoryEntry): boolean => entry.status === 409 && entry.answer === undefined;

const i2: Check = {
  id: "I2",
  title: "one order per caller and key, and one answer",
  run({ history }) {
    if (!history) return Promise.resolve(undefined);
    const keys = byKey(history);
    const violations = [...keys].flatMap(([key, entries]) => {
      const same = entries.filter(
        (entry) => entry.sent === entries[0]?.sent && !isInFlight(entry) && entry.status !== 422,
      );
      const ids = new Set(same.flatMap((entry) => entry.order?.id ?? []));
      const answers = new Set(same.map((entry) => `${entry.status} ${entry.answer ?? ""}`));
      return [
        ...(ids.size > 1 ? [`key ${key} made ${ids.size} orders`] : []),
        ...(answers.size > 1 ? [`key ${key} was answered in ${answers.size} ways`] : []),
      ];
    });
    return Promise.resolve({ counted: `${keys.size} keys`, violations });
  },
};

const i3: Check = {
  id: "I3",
  title: "the same key with another body is refused",
  run({ history }) {
    if (!history) return Promise.resolve(undefined);
    const keys = byKey(history);
    let others = 0;
    const violations = [...keys].flatMap(([key, entries]) => {
      const taken = entries.find((entry) => entry.status === 201)?.sent;
      if (taken === undefined) return [];
      const other = entries.filter((entry) => entry.sent !== taken);
      others += other.length;
      return other.some((entry) => entry.status !== 422 && entry.status !== 409)
        ? [`key ${key} took another body`]
        : [];
    });
    return Promise.resolve({ counted: `${others} requests with another body`, violations });
  },
};

const i18: Check = {
  id: "I18",
  title: "the writer reads its own write",
  run({ history }) {
    if (!history) return Promise.resolve(undefined);
    const reads = history.filter(
      (entry) =>
        entry.op === "read" && entry.status !== undefined && entry.status < 500 && entry.status !== 429,
    );
    const violations = reads
      .filter((entry) => entry.status !== 200)
      .map((entry) => `client ${entry.client} got ${entry.status} for its own order`);
    return Promise.resolve({ counted: `${reads.length} reads`, violations });
  },
};

const i22: Check = {
  id: "I22",
  title: "nobody receives another person's row",
  run({ history }) {
    if (!history) return Promise.resolve(undefined);
    const owned = history.filter((entry) => entry.gotOwner !== undefined);
    const violations = owned
      .filter((entry) => entry.gotOwner !== entry.owner)
      .map((entry) => `client ${entry.client} got a row of ${entry.gotOwner ?? ""}`);
    return Promise.resolve({ counted: `${owned.length} answers with an owner`, violations });
  },
};

/** Invariants about what clients were told. */
export const told = { i1, i2, i3, i18, i22 };
