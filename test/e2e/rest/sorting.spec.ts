import { expect } from "chai";
import { anAddress, freshKey } from "../../helpers/shop.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";
import { eventually } from "../../helpers/eventually.ts";

const admin = { email: "admin@valence.local", password: "correct horse battery" };
const shopper = { email: "sorter@example.com", password: "a long enough phrase", name: "Sort Er" };
type Row = Record<string, string>;
interface Page {
  data: Row[];
  page: { next: string | null };
}

/** Each list with one of its sorts, and what a row is known by. */
const lists = [
  ["admin/users", "createdAt", "id"],
  ["admin/users", "email", "id"],
  ["admin/inventory", "sku", "sku"],
  ["admin/orders", "placedAt", "id"],
  ["admin/orders", "total", "id"],
  ["admin/returns", "requestedAt", "id"],
  ["admin/coupons", "createdAt", "code"],
  ["admin/coupons", "code", "code"],
  ["admin/mails", "createdAt", "id"],
  ["admin/audit", "at", "id"],
  ["admin/reviews", "at", "id"],
] as const;

describe("sorted lists", function () {
  this.timeout(60_000);
  let store: TestStore;
  let token: string;
  before(async () => {
    store = await startStore();
    token = (await store.http.post<{ accessToken: string }>("auth/login", admin)).body.accessToken;
    await fill();
  });
  after(() => store.stop());

  const post = async <T>(path: string, body: object, as = token): Promise<T> => {
    const answer = await store.http.post<T>(path, body, { token: as, key: freshKey() });
    expect(answer.status, `${path} ${JSON.stringify(answer.body)}`).to.be.below(300);
    return answer.body;
  };
  const product = (n: number) =>
    post<{ id: string }>("admin/products", {
      name: `Thing ${n}`,
      variants: [{ sku: `T-${n}`, name: "", options: {}, prices: [{ amount: 100 * n, currency: "GBP" }] }],
    });

  /** Five of everything, where sums and names do not come in the order of their making. */
  async function fill(): Promise<void> {
    await store.http.post("auth/register", shopper);
    const { body } = await store.http.post<{ accessToken: string }>("auth/login", shopper);
    for (const n of [3, 1, 5, 2, 4]) {
      const { id } = await product(n);
      await eventually(() =>
        post(`admin/inventory/T-${n}/movements`, { kind: "receive", quantity: 9, reason: "New" }),
      );
      await post("admin/users", {
        email: `u${n}@example.com`,
        password: "a long enough phrase",
        name: "U",
        role: "customer",
      });
      await post("admin/coupons", { code: `C${n}`, kind: "percent", value: n });
      const order = await post<{ id: string }>(
        "orders",
        {
          lines: [{ sku: `T-${n}`, quantity: 1 }],
          currency: "GBP",
          email: shopper.email,
          shippingAddress: anAddress,
          shippingMethod: "standard",
          payment: { provider: "test", token: "tok_visa" },
        },
        body.accessToken,
      );
      for (const move of ["pack", "ship"]) await post(`admin/orders/${order.id}/${move}`, {});
      await post(
        `orders/${order.id}/returns`,
        { lines: [{ sku: `T-${n}`, quantity: 1 }], reason: "No" },
        body.accessToken,
      );
      await post(`products/${id}/reviews`, { rating: n, title: "T", text: "T" }, body.accessToken);
    }
    await eventually(async () => (await all("admin/audit", "at", 100)).length >= 30, 20_000);
  }

  /** The whole list, page by page. */
  async function all(path: string, sort: string, limit = 2): Promise<Row[]> {
    const rows: Row[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query: string = new URLSearchParams({
        sort,
        limit: String(limit),
        ...(cursor && { cursor }),
      }).toString();
      const { status, body }: { status: number; body: Page } = await store.http.get<Page>(
        `${path}?${query}`,
        { token },
      );
      expect(status, `${path} ${sort}`).to.equal(200);
      rows.push(...body.data);
      cursor = body.page.next;
    }
    return rows;
  }

  for (const [path, sort, key] of lists)
    it(`come page by page in both directions: ${path} by ${sort}`, async () => {
      const rising = (await all(path, sort)).map((row) => row[key]);
      const falling = (await all(path, `-${sort}`)).map((row) => row[key]);
      expect(rising).to.have.length.of.at.least(5);
      expect(new Set(rising).size, "no row twice").to.equal(rising.length);
      expect(falling.toReversed()).to.deep.equal(rising);
    });

  it("come in the order of what they are sorted by", async () => {
    const emails = (await all("admin/users", "email")).map(({ email }) => email);
    expect(emails).to.deep.equal(emails.toSorted());
    const codes = (await all("admin/coupons", "-code")).map(({ code }) => code);
    expect(codes).to.deep.equal(["C5", "C4", "C3", "C2", "C1"]);
    const totals = (await all("admin/orders", "total")).map(
      ({ total }) => (total as unknown as { amount: number }).amount,
    );
    expect(totals).to.deep.equal(totals.toSorted((a, b) => a - b));
  });
});
