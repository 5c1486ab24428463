import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import type { Delivery } from "../../../contract/actor-actions.ts";
import { uuidv7 } from "../../../mixins/uuid.ts";
import type { AuditEntry } from "../../../services/audit/audit.contract.ts";
import { eventually } from "../../helpers/eventually.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";

const newId = uuidv7({ now: () => Date.now() });

const anEntry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  id: newId(),
  at: "2026-05-01T10:00:00.000Z",
  by: newId(),
  ip: "203.0.113.7",
  action: "orders.cancel",
  entity: "order",
  entityId: newId(),
  before: { status: "confirmed" },
  after: { status: "cancelled" },
  ...changes,
});
const delivery = (entry: AuditEntry): Delivery => ({
  id: entry.id,
  type: "audit.entry",
  entity: `${entry.entity}/${entry.entityId}`,
  version: 1,
  at: entry.at,
  payload: entry,
});

describe("audit", () => {
  let store: TestStore;
  const receive = (...entries: AuditEntry[]) =>
    store.call("audit.receive", { from: "orders", events: entries.map(delivery) });

  before(async () => {
    store = await startStore({ services: ["audit", "users"] });
  });
  after(() => store.stop());

  it("shows an entry as it came, once, however often it is delivered", async () => {
    const entry = anEntry({ ip: null, before: null });
    await receive(entry);
    await receive(entry, entry);
    const { data } = await store.call("audit.list", { entityId: entry.entityId });
    expect(data).to.deep.equal([entry]);
  });

  it("pages newest first without gap or repeat, also within one millisecond", async () => {
    const by = newId();
    const entries = Array.from({ length: 7 }, (_, i) =>
      anEntry({ by, at: `2026-06-01T00:00:0${i >> 2}.000Z` }),
    );
    await receive(...entries);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const found = await store.call("audit.list", { by, limit: 3, ...(cursor && { cursor }) });
      seen.push(...found.data.map(({ id }) => id));
      cursor = found.page.next ?? undefined;
    } while (cursor);
    expect(seen).to.deep.equal(entries.map(({ id }) => id).reverse());
  });

  it("filters by entity, action, actor and time", async () => {
    const wanted = anEntry({ action: "products.update", entity: "product", at: "2026-07-01T12:00:00.000Z" });
    await receive(
      wanted,
      anEntry({ entity: "product", by: wanted.by }),
      anEntry({ action: "products.update" }),
    );
    const ids = async (filter: object) => (await store.call("audit.list", filter)).data.map(({ id }) => id);
    expect(await ids({ entity: "product", action: "products.update" })).to.deep.equal([wanted.id]);
    expect(await ids({ by: wanted.by, from: "2026-07-01T12:00:00Z" })).to.deep.equal([wanted.id]);
    expect(await ids({ by: wanted.by, to: "2026-07-01T12:00:00Z" })).not.to.contain(wanted.id);
  });

  it("refuses a cursor that it did not make", async () => {
    const cursor = Buffer.from('["2026"]').toString("base64url");
    const error = await store.call("audit.list", { cursor }).catch((refusal: unknown) => refusal);
    expect(error).to.include({ code: 422, type: "CURSOR_INVALID" });
  });

  it("keeps its entries from the database's own owner", () => {
    const database = new DatabaseSync(join(store.dataDir, "audit.sqlite"));
    try {
      const count = () => database.prepare("select count(*) as n from entries").get()?.["n"] as number;
      const before = count();
      expect(before).to.be.greaterThan(0);
      expect(() => database.exec("update entries set made_by = 'nobody'")).to.throw("append-only");
      expect(() => database.exec("delete from entries")).to.throw("append-only");
      expect(count()).to.equal(before);
    } finally {
      database.close();
    }
  });

  it("hears of a change from another actor: who, from where, before and after", async () => {
    const meta = { ip: "198.51.100.9" };
    const { user } = await store.call(
      "users.register",
      { email: "audited@shop.example", password: "a password nobody has", name: "Ann" },
      { meta },
    );
    const entries = () => store.call("audit.list", { entity: "user", entityId: user.id });
    await eventually(async () => (await entries()).data.length > 0);
    const { data } = await entries();
    expect(data[0]).to.deep.include({
      action: "users.register",
      by: "guest",
      ip: "198.51.100.9",
      before: null,
    });
    expect(data[0]?.after).to.include({ email: "audited@shop.example", role: "customer" });
    expect(JSON.stringify(data)).not.to.contain("argon2").and.not.to.contain("nobody has");
  });
});
