import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { goodPassword, refusal, startPeople, type People } from "./people.ts";

describe("users: accounts", () => {
  let store: People;
  before(async () => {
    store = await startPeople();
  });
  after(() => store.stop());

  const query = <R>(sql: string, ...values: string[]): R[] => {
    const database = new DatabaseSync(join(store.dataDir, "users.sqlite"), { readOnly: true });
    try {
      return database.prepare(sql).all(...values) as R[];
    } finally {
      database.close();
    }
  };

  it("makes an account that signs in with its address in any case", async () => {
    const user = await store.register("Ann@Shop.example");
    expect(user).to.include({
      email: "Ann@Shop.example",
      role: "customer",
      emailVerified: false,
      version: 1,
    });
    expect((await store.login("aNN@shop.EXAMPLE")).user.id).to.equal(user.id);
  });

  it("refuses a second account for the same address in another case", async () => {
    await store.register("twice@shop.example");
    const error = await refusal(store.register("Twice@shop.example"));
    expect(error).to.include({ code: 409, type: "EMAIL_TAKEN" });
  });

  it("lets one of many sign-ups at once have the address", async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => store.register("race@shop.example")),
    );
    expect(tries.filter(({ status }) => status === "fulfilled")).to.have.length(1);
    for (const one of tries)
      if (one.status === "rejected") expect(one.reason).to.include({ code: 409, type: "EMAIL_TAKEN" });
  });

  for (const length of [7, 129])
    it(`refuses a password of ${length} characters with 422`, async () => {
      const error = await refusal(store.register(`length${length}@shop.example`, "ü".repeat(length)));
      expect(error.code).to.equal(422);
    });

  for (const [name, password] of [
    ["64 characters", `${"x".repeat(60)}word`],
    ["128 characters of Unicode", `${"日本語".repeat(42)}ab`],
    ["spaces at its ends", "   just spaces around   "],
    ["a NUL", "before\u0000after"],
  ] as const)
    it(`takes a password with ${name} and never cuts it`, async () => {
      const email = `${name.replaceAll(/\W/g, "")}@shop.example`;
      await store.register(email, password);
      await store.login(email, password);
      const cut = await refusal(store.login(email, password.slice(0, -1)));
      expect(cut).to.include({ code: 401, type: "INVALID_CREDENTIALS" });
    });

  it("knows a password that another keyboard composes of other characters", async () => {
    await store.register("nfc@shop.example", "caf\u00e9 au lait");
    await store.login("nfc@shop.example", "cafe\u0301 au lait");
  });

  it("refuses each of the 3000 most common passwords with 422", () => {
    const file = new URL("../../../services/users/common-passwords.txt", import.meta.url);
    const words = readFileSync(file, "utf8")
      .split("\n")
      .filter((word) => word !== "" && !word.startsWith("#"));
    expect(words.length).to.be.greaterThan(3000);
    for (const word of [
      "password",
      "12345678",
      "qwertyuiop",
      "iloveyou",
      "password1",
      "1qaz2wsx",
      "sunshine",
      "trustno1",
    ])
      expect(words, word).to.contain(word);
  });

  for (const password of ["PassWord1", "12345678", "qwertyuiop", "common@shop.example"])
    it(`refuses "${password}" as too common`, async () => {
      const error = await refusal(store.register("common@shop.example", password));
      expect(error).to.include({ code: 422, type: "PASSWORD_TOO_COMMON" });
    });

  it("refuses fields that a body must not name", async () => {
    const body = { email: "role@shop.example", password: goodPassword, name: "R", role: "admin" };
    const error = await refusal(store.call("users.register", body));
    expect(error).to.include({ code: 422, type: "VALIDATION_ERROR" });
  });

  it("keeps argon2id hashes with salts of their own and never the password", async () => {
    await store.register("hash1@shop.example");
    await store.register("hash2@shop.example");
    const rows = query<{ password_hash: string }>(
      "select password_hash from users where email_key like 'hash%'",
    );
    expect(new Set(rows.map((row) => row.password_hash)).size).to.equal(2);
    for (const row of rows) expect(row.password_hash).to.match(/^\$argon2id\$v=19\$/);
    for (const file of ["users.sqlite", "users.sqlite-wal"])
      expect(readFileSync(join(store.dataDir, file)).includes(goodPassword), file).to.equal(false);
  });

  it("answers a wrong password, an unknown address and a disabled account alike", async () => {
    const user = await store.register("alike@shop.example");
    const admin = await store.admin();
    await store.call(
      "users.update",
      { id: user.id, disabled: true },
      { meta: { ...admin.meta, ifMatch: 1 } },
    );
    await store.register("there@shop.example");
    const errors = await Promise.all([
      refusal(store.login("there@shop.example", "not the password")),
      refusal(store.login("nobody@shop.example", "not the password")),
      refusal(store.login("alike@shop.example")),
    ]);
    const seen = errors.map(({ code, type, data, message }) => JSON.stringify({ code, type, data, message }));
    expect(new Set(seen).size).to.equal(1);
    expect(errors[0]).to.include({ code: 401, type: "INVALID_CREDENTIALS" });
  });

  it("has the first admin of the configuration, and no second one after a restart", async () => {
    const first = await startPeople();
    const { user } = await first.admin();
    expect(user).to.include({ role: "admin", emailVerified: true });
    await first.broker.stop();
    const env = { ADMIN_EMAIL: "other@shop.example" };
    const again = await startPeople({ dataDir: first.dataDir, env });
    const { data } = await again.call("users.list", { role: "admin" });
    expect(data.map(({ id }) => id)).to.deep.equal([user.id]);
    await again.stop();
    await first.stop();
  });

  it("tells notifications of a new account once, with a token that confirms its address once", async () => {
    const user = await store.register("verify@shop.example");
    const event = await store.told("users.registered", ({ userId }) => userId === user.id);
    expect(event).to.include({ userId: user.id, email: "verify@shop.example", name: "Ann Lee" });
    const token = store.token("verify", event.verificationId);
    const verified = await store.call("users.verify", { token });
    expect(verified.user).to.include({ id: user.id, emailVerified: true, version: 2 });
    expect(await refusal(store.call("users.verify", { token }))).to.include({
      code: 422,
      type: "INVALID_TOKEN",
    });
  });
});

describe("users: strong hashes", () => {
  it("takes the place of a weaker hash at the next login", async () => {
    const weak = await startPeople();
    await weak.register("grow@shop.example");
    const { dataDir } = weak;
    const hash = () => {
      const database = new DatabaseSync(join(dataDir, "users.sqlite"), { readOnly: true });
      const row = database
        .prepare("select password_hash from users where email_key = 'grow@shop.example'")
        .get();
      database.close();
      return row?.["password_hash"] as string;
    };
    expect(hash()).to.contain("m=64,t=1,p=1");
    await weak.broker.stop();
    const strong = await startPeople({ dataDir, env: { PASSWORD_COST: "strong" } });
    await strong.login("grow@shop.example");
    expect(hash()).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    await strong.login("grow@shop.example");
    await strong.stop();
    await weak.stop();
  });
});
