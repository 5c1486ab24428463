import { expect } from "chai";
import { goodPassword, refusal, startPeople, type People, type Person } from "./people.ts";

describe("users: administration", () => {
  let store: People;
  let admin: Person;
  before(async () => {
    store = await startPeople();
    admin = await store.admin();
  });
  after(() => store.stop());

  const update = (id: string, change: object, ifMatch?: number) =>
    store.call("users.update", { id, ...change }, { meta: { ...admin.meta, ...(ifMatch && { ifMatch }) } });

  it("creates accounts with a role", async () => {
    const body = { email: "staff@shop.example", password: goodPassword, name: "Sam", role: "staff" as const };
    const user = await store.call("users.create", body, { meta: admin.meta });
    expect(user).to.include({ role: "staff", name: "Sam" });
    expect((await store.login("staff@shop.example")).user.role).to.equal("staff");
    expect(await refusal(store.call("users.create", body, { meta: admin.meta }))).to.include({
      type: "EMAIL_TAKEN",
    });
  });

  it("creates one account for a repeated key", async () => {
    const body = { email: "keyed@shop.example", password: goodPassword, name: "K", role: "staff" as const };
    const keyed = () => ({ meta: { ...admin.meta, idempotencyKey: "create-1" } });
    const user = await store.call("users.create", body, keyed());
    expect(await store.call("users.create", body, keyed())).to.deep.equal(user);
    const other = await refusal(
      store.call("users.create", { ...body, password: "another good one" }, keyed()),
    );
    expect(other).to.include({ type: "IDEMPOTENCY_KEY_REUSED" });
  });

  it("ends a disabled account's sessions at once and lets it back in when enabled", async () => {
    const user = await store.register("disabled@shop.example");
    const person = await store.login(user.email);
    expect(await update(user.id, { disabled: true }, 1)).to.include({ disabled: true, version: 2 });
    expect(await store.call("users.session", { session: person.session })).to.equal(null);
    expect(store.ended).to.contain(person.session);
    expect(await refusal(store.login(user.email))).to.include({ code: 401, type: "INVALID_CREDENTIALS" });
    const meta = { refreshToken: person.refreshToken };
    expect(await refusal(store.call("users.refresh", {}, { meta }))).to.include({ code: 401 });
    await update(user.id, { disabled: false }, 2);
    await store.login(user.email);
  });

  it("shows a new role to whoever asks for the session", async () => {
    const user = await store.register("promoted@shop.example");
    const { session } = await store.login(user.email);
    await update(user.id, { role: "staff" });
    expect(await store.call("users.session", { session })).to.include({ role: "staff" });
  });

  it("refuses a change of a version that has moved on, and an account that is not there", async () => {
    const user = await store.register("version@shop.example");
    await update(user.id, { name: "New" }, 1);
    expect(await refusal(update(user.id, { name: "Newer" }, 1))).to.include({
      code: 412,
      type: "VERSION_MISMATCH",
    });
    const missing = user.id.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    expect(await refusal(update(missing, { name: "X" }, 1))).to.include({
      code: 404,
      type: "USER_NOT_FOUND",
    });
    expect(await refusal(store.call("users.get", { id: missing }))).to.include({
      code: 404,
      type: "USER_NOT_FOUND",
    });
  });

  it("keeps the last admin", async () => {
    for (const change of [{ role: "staff" }, { disabled: true }])
      expect(await refusal(update(admin.user.id, change))).to.include({ code: 409, type: "LAST_ADMIN" });
    await update(admin.user.id, { name: "Chief" });
  });

  it("keeps one of two admins who dismiss one another at the same moment", async () => {
    const body = { email: "second@shop.example", password: goodPassword, name: "S", role: "admin" as const };
    const second = await store.call("users.create", body, { meta: admin.meta });
    const tries = await Promise.allSettled([
      update(admin.user.id, { role: "staff" }),
      update(second.id, { role: "staff" }),
    ]);
    expect(tries.filter(({ status }) => status === "fulfilled")).to.have.length(1);
    const { data } = await store.call("users.list", { role: "admin" });
    expect(data).to.have.length(1);
    await update(admin.user.id, { role: "admin" });
  });

  it("lists newest first by page, role and text, which means only itself", async () => {
    for (const name of ["Zoe One", "Zoe Two", "Zoe 100%"])
      await store.call("users.register", {
        email: `${name.replaceAll(/\W/g, "")}@list.example`,
        password: goodPassword,
        name,
      });
    const names = async (params: object) =>
      (await store.call("users.list", params)).data.map(({ name }) => name);
    expect(await names({ q: "zoe" })).to.deep.equal(["Zoe 100%", "Zoe Two", "Zoe One"]);
    expect(await names({ q: "ONE@list" })).to.deep.equal(["Zoe One"]);
    expect(await names({ q: "0%" })).to.deep.equal(["Zoe 100%"]);
    expect(await names({ q: "_oe" })).to.deep.equal([]);
    expect(await names({ q: "zoe", role: "staff" })).to.deep.equal([]);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const found = await store.call("users.list", { limit: 2, ...(cursor && { cursor }) });
      seen.push(...found.data.map(({ id }) => id));
      cursor = found.page.next ?? undefined;
    } while (cursor);
    expect(seen).to.deep.equal([...new Set(seen)].sort().reverse());
    expect(await refusal(store.call("users.list", { cursor: "AAAA" }))).to.include({
      type: "CURSOR_INVALID",
    });
  });
});
