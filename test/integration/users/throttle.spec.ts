import { expect } from "chai";
import type { Meta } from "../../../contract/meta.ts";
import { goodPassword, refusal, startPeople, type People, type Refusal } from "./people.ts";

const wrong = "not the password";

describe("users: limits", () => {
  let store: People;
  let number = 0;
  before(async () => {
    store = await startPeople({ env: { RATE_LIMITS: "on" } });
  });
  after(() => store.stop());

  /** An address that nothing else in these tests uses. */
  const fresh = (): Meta => ({ ip: `10.${++number >> 8}.${number & 255}.1`, userAgent: "Browser" });
  const account = async (): Promise<string> => {
    const email = `limit${++number}@shop.example`;
    const body = { email, password: goodPassword, name: "Ann" };
    await store.call("users.register", body, { meta: fresh() });
    return email;
  };
  const tryLogin = (email: string, meta: Meta, password = wrong): Promise<Refusal> =>
    refusal(store.login(email, password, meta));

  it("refuses the tenth wrong login on one account from ten addresses with 429 and a time to wait", async () => {
    const email = await account();
    const seen: Refusal[] = [];
    for (let i = 0; i < 10; i++) seen.push(await tryLogin(email, fresh()));
    expect(seen.slice(0, 9).map(({ code }) => code)).to.deep.equal(Array.from({ length: 9 }, () => 401));
    expect(seen[9]).to.include({ code: 429, type: "TOO_MANY_REQUESTS" });
    expect(seen[9]?.data["retryAfterSeconds"]).to.be.within(800, 900);
    expect(await tryLogin(email, fresh(), goodPassword)).to.include({ code: 429 });
  });

  it("lets the owner in from a device that signed in before, while strangers are refused", async () => {
    const email = await account();
    const home = fresh();
    await store.login(email, goodPassword, home);
    for (let i = 0; i < 12; i++) await tryLogin(email, fresh());
    expect(await tryLogin(email, fresh())).to.include({ code: 429 });
    await store.login(email, goodPassword, home);
    expect(await tryLogin(email, { ...home, userAgent: "Another browser" }, goodPassword)).to.include({
      code: 429,
    });
  });

  it("stops guessing on a known device too", async () => {
    const email = await account();
    const home = fresh();
    await store.login(email, goodPassword, home);
    for (let i = 0; i < 9; i++) expect(await tryLogin(email, home)).to.include({ code: 401 });
    expect(await tryLogin(email, home, goodPassword)).to.include({ code: 429 });
  });

  it("refuses one address before its 30th account, one after the other or all at once", async () => {
    const one = fresh();
    const codes: number[] = [];
    for (let i = 0; i < 30; i++) codes.push((await tryLogin(`spray${i}@shop.example`, one)).code);
    expect(codes.indexOf(429)).to.equal(20);
    const other = fresh();
    const burst = await Promise.all(
      Array.from({ length: 100 }, (_, i) => tryLogin(`burst${i}@shop.example`, other)),
    );
    expect(burst.filter(({ code }) => code === 401)).to.have.length(20);
  });

  it("takes addresses of one IPv6 household as one", async () => {
    const codes: number[] = [];
    for (let i = 0; i < 21; i++)
      codes.push((await tryLogin(`v6-${i}@shop.example`, { ip: `2001:db8:7:9::${i.toString(16)}` })).code);
    expect(codes.at(-1)).to.equal(429);
    expect(await tryLogin("v6@shop.example", { ip: "2001:db8:7:a::1" })).to.include({ code: 401 });
  });

  it("counts a login that succeeds against nobody", async () => {
    const email = await account();
    const one = fresh();
    for (let i = 0; i < 40; i++)
      await store.login(email, goodPassword, { ...one, userAgent: `Browser ${i}` });
  });

  it("answers unknown addresses with the same limits as known ones", async () => {
    const email = await account();
    const codes = async (address: string) => {
      const found: number[] = [];
      for (let i = 0; i < 11; i++) found.push((await tryLogin(address, fresh())).code);
      return found;
    };
    expect(await codes(email)).to.deep.equal(await codes("nobody-knows@shop.example"));
  });

  it("limits sign-ups of one address", async () => {
    const one = fresh();
    const register = (i: number) =>
      store.call(
        "users.register",
        { email: `many${i}@shop.example`, password: goodPassword, name: "N" },
        { meta: one },
      );
    for (let i = 0; i < 20; i++) await register(i);
    expect(await refusal(register(20))).to.include({ code: 429, type: "TOO_MANY_REQUESTS" });
  });

  it("limits reset mails for one account, known or not", async () => {
    for (const email of [await account(), "never@shop.example"]) {
      const ask = () => store.call("users.forgotPassword", { email }, { meta: fresh() });
      for (let i = 0; i < 5; i++) expect(await ask()).to.deep.equal({});
      expect(await refusal(ask())).to.include({ code: 429 });
    }
  });

  it("limits wrong passwords at the change of a password", async () => {
    const email = await account();
    const { meta } = await store.login(email, goodPassword, fresh());
    const change = (current: string) =>
      refusal(store.call("users.changePassword", { current, password: "nine purple tractors" }, { meta }));
    for (let i = 0; i < 9; i++) expect(await change(wrong)).to.include({ code: 401 });
    expect(await change(goodPassword)).to.include({ code: 429 });
  });
});
