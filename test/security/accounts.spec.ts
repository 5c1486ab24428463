import { expect } from "chai";
import { DatabaseSync } from "node:sqlite";
import { connect } from "node:net";
import { join } from "node:path";
import type { Answer } from "../helpers/http.ts";
import { startStore, type TestStore } from "../helpers/store.ts";

const password = "a phrase that nobody else has 417";

/** The refresh cookie that an answer sets, as a `Cookie` header. */
const cookieOf = (answer: Answer): string => (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";

describe("accounts over HTTP", function () {
  this.timeout(60_000);
  let store: TestStore;
  let last = 0;

  before(async () => {
    const env = { RATE_LIMITS: "on", TRUSTED_PROXIES: "127.0.0.1", PASSWORD_COST: "strong" };
    store = await startStore({ services: ["gateway", "users", "audit", "notifications"], env });
  });
  after(() => store.stop());

  const from = (address: string, agent = "tests") => ({
    headers: { "x-forwarded-for": address, "user-agent": agent },
  });
  const fresh = () => from(`198.51.100.${(last += 1) % 250}`);
  const register = (email: string, secret = password) =>
    store.http.post("auth/register", { email, password: secret, name: "P" }, fresh());
  const login = (email: string, secret = password, at = fresh()) =>
    store.http.post<{ accessToken: string }>("auth/login", { email, password: secret }, at);
  const refresh = (cookie: string) =>
    store.http.post<{ accessToken: string }>("auth/refresh", {}, { headers: { ...fresh().headers, cookie } });

  it("exchange a refresh token once, also for twenty at once; its reuse ends the family (check 10)", async () => {
    await register("ten@example.com");
    const cookie = cookieOf(await login("ten@example.com"));
    const all = await Promise.all(Array.from({ length: 20 }, () => refresh(cookie)));
    expect(all.filter((answer) => answer.status === 200)).to.have.length(1);
    expect(all.filter((answer) => answer.status === 401)).to.have.length(19);
    const winner = all.find((answer) => answer.status === 200) as Answer;
    expect((await refresh(cookieOf(winner))).status).to.equal(401);
  });

  it("keep argon2id hashes of at least 19 MiB and two passes, each with a salt of its own (check 11)", async () => {
    await register("eleven-a@example.com");
    await register("eleven-b@example.com");
    const database = new DatabaseSync(join(store.dataDir, "users.sqlite"), { readOnly: true });
    const hashes = database
      .prepare("select password_hash as hash from users")
      .all()
      .map((row) => String(row["hash"]));
    database.close();
    for (const hash of hashes) {
      const [, m, t, p] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(hash)?.map(Number) ?? [];
      expect([m, t, p].every(Number.isInteger), hash.slice(0, 20)).to.equal(true);
      expect(m).to.be.at.least(19_456);
      expect(t).to.be.at.least(2);
      expect(p).to.be.at.least(1);
    }
    expect(new Set(hashes.map((hash) => hash.split("$")[4])).size).to.equal(hashes.length);
  });

  it("take passwords of 8 to 128 characters of any script, and never cut one short (check 12)", async () => {
    expect((await register("short@example.com", "seven77")).status).to.equal(422);
    const long = `${"pässwörd 密码 ".repeat(12)}`.slice(0, 127);
    expect((await register("long@example.com", `${long}x`)).status).to.equal(201);
    expect((await login("long@example.com", `${long}x`)).status).to.equal(200);
    expect((await login("long@example.com", `${long}y`)).status).to.equal(401);
    expect((await register("longer@example.com", "x".repeat(129))).status).to.equal(422);
    expect((await register("zero@example.com", "with a \u0000 inside it")).status).to.be.oneOf([201, 422]);
  });

  it("refuse the passwords that everybody has (check 13)", async () => {
    for (const common of ["password", "12345678", "Password1", "qwertyuiop", "iloveyou"]) {
      const answer = await register("thirteen@example.com", common);
      expect(answer.status, common).to.equal(422);
      expect(answer.body, common).to.have.property("code", "PASSWORD_TOO_COMMON");
    }
  });

  it("slow wrong logins on one account down from ten addresses, and let its known device in (check 14)", async () => {
    await register("fourteen@example.com");
    const home = from("203.0.113.77", "the phone at home");
    expect((await login("fourteen@example.com", password, home)).status).to.equal(200);
    const wrong = [];
    for (let n = 0; n < 10; n++)
      wrong.push(await login("fourteen@example.com", `wrong ${n}`, from(`203.0.113.${n + 1}`)));
    expect(wrong.at(-1)?.status).to.equal(429);
    expect(Number(wrong.at(-1)?.headers.get("retry-after"))).to.be.above(0);
    expect((await login("fourteen@example.com", password, home)).status).to.equal(200);
  });

  it("stop one address that tries an account after another before its thirtieth (check 15)", async () => {
    const at = from("192.0.2.15");
    let tried = 0;
    while (tried < 30 && (await login(`nobody-${tried}@example.com`, "guess guess", at)).status === 401)
      tried += 1;
    expect(tried).to.be.below(30);
  });

  it("answer known and unknown addresses alike at login and reset (check 16)", async () => {
    await register("sixteen@example.com");
    const bodies = async (path: string, email: string, body: object) => {
      const { status, body: answer } = await store.http.post<Record<string, unknown>>(
        path,
        { email, ...body },
        fresh(),
      );
      return { status, answer: { ...answer, requestId: undefined } };
    };
    const wrong = { password: "not this one" };
    expect(await bodies("auth/login", "sixteen@example.com", wrong)).to.deep.equal(
      await bodies("auth/login", "no-sixteen@example.com", wrong),
    );
    expect(await bodies("auth/password/forgot", "sixteen@example.com", {})).to.deep.equal(
      await bodies("auth/password/forgot", "no-sixteen@example.com", {}),
    );
  });

  it("ask for the old password before a new one, and end the other sessions (check 17)", async () => {
    await register("seventeen@example.com");
    const other = await login("seventeen@example.com");
    const { body } = await login("seventeen@example.com");
    const change = (current: string) =>
      store.http.put(
        "me/password",
        { current, password: "another phrase of mine 99" },
        { token: body.accessToken, ...fresh() },
      );
    expect((await change("not the old one")).status).to.equal(401);
    expect((await change(password)).status).to.equal(204);
    expect((await refresh(cookieOf(other))).status).to.equal(401);
    expect((await login("seventeen@example.com")).status).to.equal(401);
    expect((await login("seventeen@example.com", "another phrase of mine 99")).status).to.equal(200);
  });

  it("cut off clients that send their request byte by byte, while others are served (check 32)", async () => {
    const { hostname, port } = new URL(store.url);
    const slow = Array.from({ length: 50 }, () => {
      const socket = connect(Number(port), hostname, () =>
        socket.write("POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\n"),
      );
      const drip = setInterval(() => socket.write("X-Slow: 1\r\n"), 500);
      const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.on("error", () => undefined).resume();
      return ended.finally(() => clearInterval(drip));
    });
    expect((await store.http.get("/health/live")).status).to.equal(200);
    await Promise.all(slow);
    expect((await store.http.get("/health/live")).status).to.equal(200);
  });
});
