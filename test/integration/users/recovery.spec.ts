import { expect } from "chai";
import { goodPassword, refusal, startPeople, type People } from "./people.ts";

const hour = 60 * 60_000;
const newPassword = "nine purple tractors";

describe("users: forgotten passwords", () => {
  let store: People;
  let number = 0;
  before(async () => {
    store = await startPeople();
  });
  after(() => store.stop());

  const forgotten = async () => {
    const email = `forgot${++number}@shop.example`;
    const user = await store.register(email);
    await store.call("users.forgotPassword", { email: email.toUpperCase() });
    const { resetId } = await store.told("users.passwordForgotten", (event) => event.userId === user.id);
    return { email, user, token: store.token("reset", resetId) };
  };
  const reset = (token: string, password = newPassword) =>
    store.call("users.resetPassword", { token, password });

  it("sets a new password by the mail's token, once, and ends every session", async () => {
    const { email, token } = await forgotten();
    const { session } = await store.login(email);
    await reset(token);
    expect(await store.call("users.session", { session })).to.equal(null);
    expect(await refusal(store.login(email))).to.include({ code: 401 });
    expect((await store.login(email, newPassword)).user.emailVerified).to.equal(true);
    expect(await refusal(reset(token, "ten purple tractors"))).to.include({
      code: 422,
      type: "INVALID_TOKEN",
    });
    await store.login(email, newPassword);
  });

  it("lets one of many resets by the same token pass", async () => {
    const { token } = await forgotten();
    const tries = await Promise.allSettled(
      Array.from({ length: 6 }, (_, i) => reset(token, `purple tractor number ${i}`)),
    );
    expect(tries.filter(({ status }) => status === "fulfilled")).to.have.length(1);
  });

  it("answers the same for an address that nobody has, and mails nobody", async () => {
    expect(await store.call("users.forgotPassword", { email: "nobody@shop.example" })).to.deep.equal({});
    await forgotten();
    const mailed = store.outside.events.map(({ payload }) => (payload as { email: string }).email);
    expect(mailed).not.to.contain("nobody@shop.example");
  });

  it("refuses a token after an hour", async () => {
    const { token } = await forgotten();
    store.clock.advance(hour);
    expect(await refusal(reset(token))).to.include({ code: 422, type: "INVALID_TOKEN" });
  });

  it("refuses a changed token and one that was made for something else", async () => {
    const { token } = await forgotten();
    const event = await store.told("users.registered");
    const last = token.at(-5) === "A" ? "B" : "A";
    const changed = token.slice(0, -5) + last + token.slice(-4);
    for (const wrong of [
      changed,
      store.token("verify", event.verificationId),
      store.token("reset", event.verificationId),
    ])
      expect(await refusal(reset(wrong))).to.include({ code: 422, type: "INVALID_TOKEN" });
    await reset(token);
  });

  it("refuses a common password and keeps the token for a better one", async () => {
    const { token } = await forgotten();
    expect(await refusal(reset(token, "password123"))).to.include({ type: "PASSWORD_TOO_COMMON" });
    await reset(token);
  });

  it("closes mailed links when the password is changed meanwhile", async () => {
    const { email, token } = await forgotten();
    const { meta } = await store.login(email);
    await store.call("users.changePassword", { current: goodPassword, password: newPassword }, { meta });
    expect(await refusal(reset(token))).to.include({ type: "INVALID_TOKEN" });
  });

  it("confirms a new address after it was changed, and no longer the old one", async () => {
    const email = `moved${++number}@shop.example`;
    await store.register(email);
    const old = await store.told("users.registered", (event) => event.email === email);
    const { meta } = await store.login(email);
    const moved = await store.call("users.updateMe", { email: `New-${email}` }, { meta });
    expect(moved).to.include({ email: `New-${email}`, emailVerified: false, version: 2 });
    const event = await store.told("users.emailChanged", (event) => event.previousEmail === email);
    expect(event).to.include({ email: `New-${email}`, previousEmail: email });
    const verify = (id: string) => store.call("users.verify", { token: store.token("verify", id) });
    expect(await refusal(verify(old.verificationId))).to.include({ type: "INVALID_TOKEN" });
    expect((await verify(event.verificationId)).user.emailVerified).to.equal(true);
    expect(await refusal(store.login(email))).to.include({ code: 401 });
    await store.login(`new-${email}`);
  });

  it("no longer takes an account for confirmed when its address changes, but when only its case does", async () => {
    const email = `sure${++number}@shop.example`;
    await store.register(email);
    const { verificationId } = await store.told("users.registered", (event) => event.email === email);
    await store.call("users.verify", { token: store.token("verify", verificationId) });
    const { meta } = await store.login(email);
    const change = (to: string) => store.call("users.updateMe", { email: to }, { meta });
    expect(await change(email.toUpperCase())).to.include({ email: email.toUpperCase(), emailVerified: true });
    expect(await change(`x${email}`)).to.include({ emailVerified: false });
  });

  it("refuses a verification after 7 days", async () => {
    const email = `late${++number}@shop.example`;
    await store.register(email);
    const { verificationId } = await store.told("users.registered", (event) => event.email === email);
    store.clock.advance(7 * 24 * hour);
    const token = store.token("verify", verificationId);
    expect(await refusal(store.call("users.verify", { token }))).to.include({ type: "INVALID_TOKEN" });
  });
});
