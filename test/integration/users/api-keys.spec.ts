import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Meta } from "../../../contract/meta.ts";
import type { Permission } from "../../../contract/permissions.ts";
import { eventually } from "../../helpers/eventually.ts";
import { goodPassword, refusal, startPeople, type People, type Person } from "./people.ts";

describe("users: API keys", () => {
  let store: People;
  let admin: Person;
  before(async () => {
    store = await startPeople();
    admin = await store.admin();
  });
  after(() => store.stop());

  const make = (scopes: Permission[], meta: Meta = admin.meta, more: object = {}) =>
    store.call("users.createApiKey", { name: "Warehouse", scopes, ...more }, { meta });
  const authenticate = (key: string) => store.call("users.authenticateKey", { key });
  const asKey = (id: string, scopes: Permission[]): Meta => ({
    caller: { kind: "key", id, scopes, owner: admin.user.id },
  });
  const listed = async (id: string) => {
    const found = (await store.call("users.apiKeys", {}, { meta: admin.meta })).data.find(
      (key) => key.id === id,
    );
    if (!found) throw new Error("the key is not in the list");
    return found;
  };

  it("shows a key once, keeps its hash alone and knows it again", async () => {
    const made = await make(["orders:read", "inventory:write"]);
    expect(made.key).to.match(/^vk_live_[\w-]{43}$/);
    expect(made.prefix).to.equal(made.key.slice(0, 12));
    expect(await authenticate(made.key)).to.deep.equal({
      id: made.id,
      scopes: ["orders:read", "inventory:write"],
      owner: admin.user.id,
    });
    const { key, ...rest } = made;
    const { lastUsedAt: _, ...seen } = await listed(made.id);
    expect(rest).to.deep.include(seen);
    for (const file of ["users.sqlite", "users.sqlite-wal"])
      expect(readFileSync(join(store.dataDir, file)).includes(key.slice(12)), file).to.equal(false);
  });

  it("knows no key that nobody made", async () => {
    for (const key of [`vk_live_${"x".repeat(43)}`, "vk_live_", admin.accessToken.slice(0, 200)])
      expect(await authenticate(key)).to.equal(null);
  });

  it("refuses scopes that its maker does not hold", async () => {
    const body = {
      email: "keystaff@shop.example",
      password: goodPassword,
      name: "S",
      role: "staff" as const,
    };
    await store.call("users.create", body, { meta: admin.meta });
    const staff = await store.login(body.email);
    expect(await refusal(make(["orders:read", "audit:read"], staff.meta))).to.include({
      code: 403,
      type: "SCOPE_NOT_HELD",
    });
    await make(["orders:read"], staff.meta);
  });

  it("lets a key hand on its own scopes alone, though its owner holds more", async () => {
    const meta = asKey(admin.user.id, ["api-keys:write", "orders:read"]);
    expect(await refusal(make(["orders:write"], meta))).to.include({ code: 403, type: "SCOPE_NOT_HELD" });
    const made = await make(["orders:read"], meta);
    expect(await authenticate(made.key)).to.deep.include({ scopes: ["orders:read"], owner: admin.user.id });
    const wide = await make(["orders:write", "orders:read"]);
    expect(await refusal(store.call("users.rotateApiKey", { id: wide.id }, { meta }))).to.include({
      type: "SCOPE_NOT_HELD",
    });
  });

  it("ends by its time", async () => {
    const expiresAt = new Date(store.clock.now() + 60_000).toISOString();
    const made = await make(["orders:read"], admin.meta, { expiresAt });
    expect(await authenticate(made.key)).not.to.equal(null);
    store.clock.advance(60_000);
    expect(await authenticate(made.key)).to.equal(null);
    const past = await refusal(make(["orders:read"], admin.meta, { expiresAt }));
    expect(past).to.include({ code: 422, type: "VALIDATION_ERROR" });
  });

  it("ends at once when it is revoked, and gateways are told", async () => {
    const made = await make(["orders:read"]);
    await store.call("users.revokeApiKey", { id: made.id }, { meta: admin.meta });
    expect(await authenticate(made.key)).to.equal(null);
    expect((await listed(made.id)).revokedAt).to.be.a("string");
    await eventually(() => store.revoked.includes(made.id));
    await store.call("users.revokeApiKey", { id: made.id }, { meta: admin.meta });
    expect(await refusal(store.call("users.rotateApiKey", { id: made.id }, { meta: admin.meta }))).to.include(
      {
        type: "API_KEY_NOT_FOUND",
      },
    );
  });

  it("rotates into a second live key with the same name, scopes and length of life", async () => {
    const expiresAt = new Date(store.clock.now() + 100_000).toISOString();
    const old = await make(["orders:read"], admin.meta, { expiresAt });
    store.clock.advance(30_000);
    const next = await store.call("users.rotateApiKey", { id: old.id }, { meta: admin.meta });
    expect(next).to.deep.include({ name: "Warehouse", scopes: ["orders:read"] });
    expect(next.key).not.to.equal(old.key);
    expect(Date.parse(next.expiresAt ?? "") - store.clock.now()).to.be.within(99_000, 101_000);
    for (const { key } of [old, next]) expect(await authenticate(key)).not.to.equal(null);
  });

  it("loses what its owner loses", async () => {
    const body = { email: "owner@shop.example", password: goodPassword, name: "O", role: "admin" as const };
    const owner = await store.call("users.create", body, { meta: admin.meta });
    const { meta } = await store.login(body.email);
    const made = await make(["orders:read", "audit:read"], meta);
    await store.call("users.update", { id: owner.id, role: "staff" }, { meta: admin.meta });
    expect(await authenticate(made.key)).to.deep.include({ scopes: ["orders:read"] });
    await eventually(() => store.revoked.includes(made.id));
    await store.call("users.update", { id: owner.id, disabled: true }, { meta: admin.meta });
    expect(await authenticate(made.key)).to.equal(null);
  });

  it("notes its last use at most once a minute", async () => {
    const made = await make(["orders:read"]);
    expect((await listed(made.id)).lastUsedAt).to.equal(null);
    await authenticate(made.key);
    await eventually(async () => (await listed(made.id)).lastUsedAt);
    const first = (await listed(made.id)).lastUsedAt;
    store.clock.advance(30_000);
    await Promise.all(Array.from({ length: 5 }, () => authenticate(made.key)));
    await store.call("users.apiKeys", {}, { meta: admin.meta });
    expect((await listed(made.id)).lastUsedAt).to.equal(first);
    store.clock.advance(31_000);
    await authenticate(made.key);
    await eventually(async () => (await listed(made.id)).lastUsedAt !== first);
  });
});
