import { count, found, rowsOf, type Check, type Sources } from "./check.ts";

interface PaymentRow {
  order_id: string;
  provider: string;
  status: string;
  amount: number;
  captured: number;
  refunded: number;
}

interface ChargeRow {
  order_id: string;
  status: string;
  amount: number;
  captured: number;
  refunded: number;
}

const payments = (sources: Sources): Promise<PaymentRow[]> =>
  rowsOf<PaymentRow>(
    sources,
    "payments",
    "select order_id, provider, status, amount, captured, refunded from payments",
  );

/** Orders whose process at the provider has not ended, or whose payment still waits for the provider's word. */
async function unsettled(sources: Sources): Promise<Set<string>> {
  const sagas = await rowsOf<{ order_id: string }>(sources, "orders", "select order_id from sagas");
  const waiting = await rowsOf<{ order_id: string }>(
    sources,
    "payments",
    "select order_id from payments where check_at is not null union select order_id from refunds where check_at is not null",
  );
  return new Set([...sagas, ...waiting].map((row) => row.order_id));
}

function compare(ours: PaymentRow, theirs: ChargeRow | undefined): string[] {
  const moved = ours.captured > 0 || ours.refunded > 0;
  if (!theirs)
    return moved || ours.status === "authorized"
      ? [`order ${ours.order_id}: we have a payment, the provider has none`]
      : [];
  const same = ours.captured === theirs.captured && ours.refunded === theirs.refunded;
  return same
    ? []
    : [
        `order ${ours.order_id}: captured ${ours.captured}, refunded ${ours.refunded}; the provider says ${theirs.captured} and ${theirs.refunded}`,
      ];
}

/** Each payment of a provider against its charge, and each charge that still holds money against its payment. */
function bothWays(
  provider: string,
  rows: readonly PaymentRow[],
  charges: readonly ChargeRow[],
  open: ReadonlySet<string>,
): string[] {
  const byOrder = new Map(charges.map((row) => [row.order_id, row]));
  const known = new Set(rows.map((row) => row.order_id));
  const strange = charges
    .filter((row) => !known.has(row.order_id) && !open.has(row.order_id))
    .filter((row) => row.captured > row.refunded || row.status === "authorized")
    .map((row) => `order ${row.order_id}: the provider has a charge, we have none`);
  const ours = rows.filter((row) => row.provider === provider && !open.has(row.order_id));
  return [...ours.flatMap((row) => compare(row, byOrder.get(row.order_id))), ...strange];
}

const i9: Check = {
  id: "I9",
  title: "captured <= authorized, one capture an order, the provider's ledger equals ours",
  async run(sources) {
    const rows = await payments(sources);
    const over = rows
      .filter((row) => row.captured > row.amount)
      .map((row) => `order ${row.order_id}: more was captured than authorized`);
    const doubled = await found<{ order_id: string; n: number }>(
      sources.databases.of("payments"),
      "select order_id, count(*) as n from ledger_entries where entry_of like 'capture:%' and amount > 0 group by order_id having count(*) > 1",
      (row) => `order ${row.order_id} was captured ${row.n} times`,
    );
    const open = await unsettled(sources);
    const test = await sources.databases.testCharges<ChargeRow>();
    const stripe = await sources.databases.stripeCharges();
    const differ = [
      ...bothWays("test", rows, test, open),
      ...(sources.databases.asksStripe ? bothWays("stripe", rows, stripe, open) : []),
    ];
    return {
      counted: `${rows.length} payments, ${test.length + stripe.length} charges at the providers`,
      violations: [...over, ...doubled, ...differ],
    };
  },
};

const i10: Check = {
  id: "I10",
  title: "refunded <= captured, per order and per line; a refund counts once",
  async run(sources) {
    const violations = [
      ...(await payments(sources))
        .filter((row) => row.refunded > row.captured)
        .map((row) => `order ${row.order_id}: more was refunded than captured`),
      ...(await found<{ order_id: string }>(
        sources.databases.of("orders"),
        "select l.order_id from order_lines l join orders o on o.id = l.order_id where l.refunded > l.total + o.tax or l.returned > l.quantity",
        (row) => `order ${row.order_id}: a line got back more than it cost`,
      )),
      ...(await disagreeing(sources)),
      ...(await unasked(sources)),
    ];
    return { counted: `${await count(sources, "orders", "refunds")} refunds`, violations };
  },
};

/** Refunds that orders calls done are done at payments, with the same amount; none is done twice. */
async function disagreeing(sources: Sources): Promise<string[]> {
  type Refund = { id: string; amount: number };
  const told = await rowsOf<Refund>(
    sources,
    "orders",
    "select id, amount from refunds where status = 'done'",
  );
  const done = new Map(
    (await rowsOf<Refund>(sources, "payments", "select id, amount from refunds where state = 'done'")).map(
      (row) => [row.id, row.amount],
    ),
  );
  if (!sources.databases.of("payments")) return [];
  return told
    .filter((row) => done.get(row.id) !== row.amount)
    .map((row) => `refund ${row.id}: orders calls it done, payments does not`);
}

/** Money that went back although nobody asked for it: payments refunded an order that stands, orders knows no such refund. */
async function unasked(sources: Sources): Promise<string[]> {
  const known = new Set(
    (await rowsOf<{ id: string }>(sources, "orders", "select id from refunds")).map((row) => row.id),
  );
  const standing = new Set(
    (
      await rowsOf<{ id: string }>(
        sources,
        "orders",
        "select id from orders where status not in ('pending', 'cancelled', 'rejected', 'expired')",
      )
    ).map((row) => row.id),
  );
  const open = await unsettled(sources);
  const done = await rowsOf<{ id: string; order_id: string }>(
    sources,
    "payments",
    "select id, order_id from refunds where state = 'done'",
  );
  return done
    .filter((row) => !known.has(row.id) && standing.has(row.order_id) && !open.has(row.order_id))
    .map(
      (row) => `refund ${row.id}: payments made it for order ${row.order_id}, and orders knows nothing of it`,
    );
}

const i11: Check = {
  id: "I11",
  title: "a paid order that does not stand is refunded in full",
  async run(sources) {
    const undone = await rowsOf<{ id: string; status: string }>(
      sources,
      "orders",
      "select id, status from orders where status in ('cancelled', 'rejected', 'expired')",
    );
    const byOrder = new Map((await payments(sources)).map((row) => [row.order_id, row]));
    const open = await unsettled(sources);
    const violations = undone.flatMap(({ id, status }) => {
      const payment = byOrder.get(id);
      if (!payment || open.has(id)) return [];
      const kept = payment.captured > payment.refunded || payment.status === "authorized";
      return kept ? [`order ${id} is ${status} and its payment is ${payment.status}`] : [];
    });
    const ids = new Set(
      (await rowsOf<{ id: string }>(sources, "orders", "select id from orders")).map((row) => row.id),
    );
    const lost = [...byOrder.values()]
      .filter((row) => !ids.has(row.order_id))
      .map((row) => `payment of order ${row.order_id}, which does not exist`);
    return { counted: `${undone.length} orders that do not stand`, violations: [...violations, ...lost] };
  },
};

const i19: Check = {
  id: "I19",
  title: "the money ledger is double-entry and sums to 0",
  async run(sources) {
    const reader = sources.databases.of("payments");
    const violations = [
      ...(await found<{ entry_of: string }>(
        reader,
        "select entry_of from ledger_entries group by entry_of, currency having sum(amount) <> 0 or count(*) <> 2",
        (row) => `booking ${row.entry_of} does not balance`,
      )),
      ...(await found<{ order_id: string }>(
        reader,
        `select p.order_id from payments p left join (select order_id, sum(case when account = 'sales' then -amount else 0 end) as sold, sum(case when account = 'refunds' then amount else 0 end) as back from ledger_entries group by order_id) l on l.order_id = p.order_id
         where p.captured <> coalesce(l.sold, 0) or p.refunded <> coalesce(l.back, 0)`,
        (row) => `order ${row.order_id}: the ledger does not say what its payment says`,
      )),
    ];
    return { counted: `${await count(sources, "payments", "ledger_entries")} entries`, violations };
  },
};

/** Invariants of money. */
export const money = { i9, i10, i11, i19 };
