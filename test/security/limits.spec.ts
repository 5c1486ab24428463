import { expect } from "chai";
import type { Problem } from "../../contract/http-problem.ts";
import { startGateway, type TestGateway } from "../helpers/gateway.ts";
import { refuse } from "../../contract/errors.ts";

describe("rate limits", () => {
  let store: TestGateway;
  beforeEach(async () => {
    store = await startGateway(
      {
        "products.categories": () => ({ data: [] }),
        "users.login": () => {
          throw refuse(401, "INVALID_CREDENTIALS", "No.");
        },
      },
      { env: { RATE_LIMITS: "on", TRUSTED_PROXIES: "127.0.0.1,10.0.0.0/8" } },
    );
  });
  afterEach(() => store.stop());

  const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
  const times = async (count: number, ask: (n: number) => Promise<{ status: number }>) =>
    (await Promise.all(Array.from({ length: count }, (_, n) => ask(n)))).map(({ status }) => status);

  it("say on every answer what they are and what is left", async () => {
    const { headers } = await store.http.get("categories");
    expect(headers.get("ratelimit-policy")).to.equal('"address";q=250;w=10');
    expect(headers.get("ratelimit")).to.match(/^"address";r=249;t=\d+$/);
    const token = store.tokenOf("customer");
    const signedIn = await store.http.get("categories", { token });
    expect(signedIn.headers.get("ratelimit-policy")).to.equal('"address";q=250;w=10, "account";q=200;w=10');
  });

  it("stop an address that asks 300 times a second (check 34)", async () => {
    const statuses = await times(300, () => store.http.get("categories", from("203.0.113.1")));
    expect(statuses.filter((status) => status === 200)).to.have.lengthOf(250);
    const refused = await store.http.get<Problem>("categories", from("203.0.113.1"));
    expect(refused.status).to.equal(429);
    expect(refused.body.code).to.equal("TOO_MANY_REQUESTS");
    expect(Number(refused.headers.get("retry-after"))).to.be.within(1, 10);
    expect((await store.http.get("categories", from("203.0.113.2"))).status).to.equal(200);
  });

  it("stop one account behind many addresses (check 34)", async () => {
    const token = store.tokenOf("customer");
    const statuses = await times(300, (n) =>
      store.http.get("categories", { token, ...from(`203.0.113.${n % 200}`) }),
    );
    expect(statuses.filter((status) => status === 200)).to.have.lengthOf(200);
  });

  it("count probing for addresses, too", async () => {
    const statuses = await times(300, () => store.http.get("nope", from("203.0.113.3")));
    expect(statuses.filter((status) => status === 429)).to.have.lengthOf(50);
  });

  it("stop one address that tries many accounts before its thirtieth try (check 15)", async () => {
    const statuses = await times(100, (n) =>
      store.http.post("auth/login", { email: `a${n}@example.org`, password: "x" }, from("203.0.113.4")),
    );
    expect(statuses.filter((status) => status === 401)).to.have.lengthOf(20);
    expect(statuses.filter((status) => status === 429)).to.have.lengthOf(80);
    expect((await store.http.get("categories", from("203.0.113.4"))).status).to.equal(200);
  });

  it("count before the body is read", async () => {
    await times(20, () => store.http.post("auth/login", {}, from("203.0.113.5")));
    const headers = { "content-type": "text/plain", ...from("203.0.113.5").headers };
    expect((await store.http.post("auth/login", "nonsense", { headers })).status).to.equal(429);
  });

  it("believe X-Forwarded-For from a trusted proxy alone, and its last stranger", async () => {
    for (let n = 0; n < 250; n++)
      await store.http.get("categories", from(`198.51.100.${n}, 203.0.113.6, 10.1.2.3`));
    expect((await store.http.get("categories", from("203.0.113.6"))).status).to.equal(429);
    const untrusting = await startGateway(
      { "products.categories": () => ({ data: [] }) },
      { env: { RATE_LIMITS: "on" } },
    );
    const statuses = await times(300, (n) => untrusting.http.get("categories", from(`198.51.100.${n}`)));
    await untrusting.stop();
    expect(statuses.filter((status) => status === 429)).to.have.lengthOf(50);
  });
});
