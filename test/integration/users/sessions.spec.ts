import { expect } from "chai";
import type { Meta } from "../../../contract/meta.ts";
import { contextOf } from "../../../mixins/context.ts";
import { verifyAccessToken } from "../../../mixins/access-tokens.ts";
import { sql } from "../../../mixins/sql.ts";
import type { UsersActor } from "../../../services/users/users.actor.ts";
import { sweep } from "../../../services/users/users.sweep.ts";
import { eventually } from "../../helpers/eventually.ts";
import { goodPassword, refusal, startPeople, type People } from "./people.ts";

const day = 24 * 60 * 60_000;

describe("users: sessions", () => {
  let store: People;
  let number = 0;
  before(async () => {
    store = await startPeople();
  });
  after(() => store.stop());

  const person = async () => {
    const email = `p${++number}@shop.example`;
    await store.register(email);
    return store.login(email);
  };
  const refresh = async (refreshToken: string) => {
    const meta: Meta = { refreshToken };
    const answer = await store.call("users.refresh", {}, { meta });
    return {
      ...answer,
      token: meta.setRefreshToken?.token ?? "",
      maxAge: meta.setRefreshToken?.maxAgeSeconds,
    };
  };
  const session = (id: string) => store.call("users.session", { session: id });

  it("answers an access token of 15 minutes for account, session and role, without an address", async () => {
    const { accessToken, user, session: sid } = await person();
    const { config } = contextOf(store.broker);
    const now = store.clock.now();
    expect(verifyAccessToken(config.jwtKeys, accessToken, now)).to.deep.equal({
      sub: user.id,
      sid,
      role: "customer",
    });
    expect(verifyAccessToken(config.jwtKeys, accessToken, now + 16 * 60_000)).to.equal(undefined);
    const payload = Buffer.from(accessToken.split(".")[1] ?? "", "base64url").toString();
    expect(payload).not.to.contain("@");
  });

  it("exchanges a refresh token for the next one and a new access token", async () => {
    const { refreshToken, session: id } = await person();
    const first = await refresh(refreshToken);
    const second = await refresh(first.token);
    expect(new Set([refreshToken, first.token, second.token]).size).to.equal(3);
    expect(second.maxAge).to.be.within((30 * day) / 1000 - 5, (30 * day) / 1000);
    expect(await session(id)).to.include({ role: "customer" });
  });

  it("ends the whole family when a token comes a second time", async () => {
    const { refreshToken, session: id } = await person();
    const next = await refresh(refreshToken);
    expect(await refusal(refresh(refreshToken))).to.include({ code: 401, type: "INVALID_REFRESH_TOKEN" });
    expect(await session(id)).to.equal(null);
    expect(await refusal(refresh(next.token))).to.include({ code: 401, type: "INVALID_REFRESH_TOKEN" });
    expect(store.ended).to.contain(id);
  });

  it("exchanges a token once when it comes 20 times at one moment, and ends the family", async () => {
    const { refreshToken, session: id } = await person();
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => refresh(refreshToken)));
    const won = tries.filter((one) => one.status === "fulfilled");
    expect(won).to.have.length(1);
    expect(await session(id)).to.equal(null);
    expect(await refusal(refresh(won[0]?.value.token ?? ""))).to.include({ code: 401 });
  });

  it("leaves other sessions of the account alone when one family ends", async () => {
    const one = await person();
    const other = await store.login(one.user.email);
    await refresh(one.refreshToken);
    await refusal(refresh(one.refreshToken));
    expect(await session(other.session)).not.to.equal(null);
    await refresh(other.refreshToken);
  });

  it("refuses a token that nobody made, an access token, and none", async () => {
    const { accessToken } = await person();
    for (const token of ["x".repeat(43), accessToken, ""])
      expect(await refusal(refresh(token))).to.include({ code: 401, type: "INVALID_REFRESH_TOKEN" });
    expect(await refusal(store.call("users.refresh", {}))).to.include({ code: 401 });
  });

  it("ends at logout: its refresh token is refused, also without an access token", async () => {
    const { refreshToken, session: id } = await person();
    const meta: Meta = { refreshToken };
    await store.call("users.logout", {}, { meta });
    expect(meta.setRefreshToken).to.equal(null);
    expect(await session(id)).to.equal(null);
    expect(await refusal(refresh(refreshToken))).to.include({ code: 401 });
    await eventually(() => store.ended.includes(id));
    await store.call("users.logout", {}, { meta: { refreshToken } });
  });

  it("ends when it was not used for 30 days, and at the latest after 90", async function () {
    const later = await startPeople();
    await later.register("old@shop.example");
    const idle = await later.login("old@shop.example");
    const used = await later.login("old@shop.example");
    let token = used.refreshToken;
    const use = async () => {
      const meta: Meta = { refreshToken: token };
      await later.call("users.refresh", {}, { meta });
      token = meta.setRefreshToken?.token ?? "";
    };
    for (let i = 0; i < 3; i++) {
      later.clock.advance(29 * day);
      await use();
    }
    expect(await later.call("users.session", { session: idle.session })).to.equal(null);
    expect(await later.call("users.session", { session: used.session })).not.to.equal(null);
    later.clock.advance(4 * day);
    expect(await refusal(use())).to.include({ code: 401 });
    expect(await later.call("users.session", { session: used.session })).to.equal(null);
    await later.stop();
  });

  it("lists where the account is signed in, and nobody else's", async () => {
    const stranger = await person();
    const one = await person();
    const other = await store.login(one.user.email, goodPassword, { ip: "192.0.2.1", userAgent: "Phone" });
    const { data } = await store.call("users.sessions", {}, { meta: one.meta });
    expect(data.map(({ id }) => id)).to.have.members([one.session, other.session]);
    expect(data.find(({ current }) => current)?.id).to.equal(one.session);
    expect(data.find(({ id }) => id === other.session)).to.include({ ip: "192.0.2.1", userAgent: "Phone" });
    const error = await refusal(store.call("users.endSession", { id: stranger.session }, { meta: one.meta }));
    expect(error).to.include({ code: 404, type: "SESSION_NOT_FOUND" });
    expect(await session(stranger.session)).not.to.equal(null);
  });

  it("signs out one session, or all others", async () => {
    const one = await person();
    const other = await store.login(one.user.email);
    const third = await store.login(one.user.email);
    await store.call("users.endSession", { id: other.session }, { meta: one.meta });
    expect(await session(other.session)).to.equal(null);
    expect(await session(third.session)).not.to.equal(null);
    await store.call("users.endSessions", {}, { meta: one.meta });
    expect(await session(third.session)).to.equal(null);
    expect(await session(one.session)).not.to.equal(null);
  });

  it("changes the password only with the old one, and ends the other sessions", async () => {
    const one = await person();
    const other = await store.login(one.user.email);
    const change = (current: string) =>
      store.call("users.changePassword", { current, password: "nine purple tractors" }, { meta: one.meta });
    expect(await refusal(change("not the old one"))).to.include({ code: 401, type: "INVALID_CREDENTIALS" });
    expect(await session(other.session)).not.to.equal(null);
    await change(goodPassword);
    expect(await session(other.session)).to.equal(null);
    expect(await refusal(refresh(other.refreshToken))).to.include({ code: 401 });
    expect(await session(one.session)).not.to.equal(null);
    expect(await refusal(store.login(one.user.email))).to.include({ code: 401 });
    await store.login(one.user.email, "nine purple tractors");
    expect(await store.told("users.passwordChanged", ({ userId }) => userId === one.user.id)).to.include({
      userId: one.user.id,
    });
  });

  it("is forgotten with its tokens a week after its end, while live ones stay", async () => {
    const swept = await startPeople();
    await swept.register("sweep@shop.example");
    const ended = await swept.login("sweep@shop.example");
    await swept.call("users.logout", {}, { meta: { ...ended.meta, refreshToken: ended.refreshToken } });
    const live = await swept.login("sweep@shop.example");
    swept.clock.advance(8 * day);
    const actor = swept.broker.getLocalService("users") as unknown as UsersActor;
    await sweep(actor);
    const ids = await actor.store.read.all<{ id: string }>(sql`select id from sessions`);
    expect(ids).to.deep.equal([{ id: live.session }]);
    expect(await actor.store.read.all(sql`select hash from refresh_tokens`)).to.have.length(1);
    await swept.call("users.refresh", {}, { meta: { refreshToken: live.refreshToken } });
    await swept.stop();
  });

  it("is nobody's for an API key", async () => {
    const meta: Meta = { caller: { kind: "key", id: "k", scopes: ["catalog:read"], owner: "o" } };
    expect(await refusal(store.call("users.me", {}, { meta }))).to.include({ code: 401 });
  });
});
