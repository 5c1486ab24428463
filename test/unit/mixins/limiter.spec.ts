import { expect } from "chai";
import { addressKey, limiter } from "../../../mixins/limiter.ts";

const on = { rateLimits: true, redisUrl: undefined };
const options = { name: "test", points: 3, durationSeconds: 60 };

describe("limiter", () => {
  it("lets so many tries of one key pass, and says how long to wait for the next", async () => {
    const limit = limiter(on, options);
    const seen = await Promise.all(Array.from({ length: 5 }, () => limit.take("a")));
    expect(seen.map(({ allowed }) => allowed)).to.deep.equal([true, true, true, false, false]);
    expect(seen.map(({ remaining }) => remaining)).to.deep.equal([2, 1, 0, 0, 0]);
    expect(seen[4]?.resetSeconds).to.be.within(59, 60);
    expect(await limit.take("b")).to.include({ allowed: true, limit: 3 });
  });

  it("forgets a try that is given back", async () => {
    const limit = limiter(on, options);
    for (let i = 0; i < 10; i++) {
      expect(await limit.take("a")).to.include({ allowed: true });
      await limit.giveBack("a");
    }
  });

  it("lets everything pass when limits are off", async () => {
    const limit = limiter({ ...on, rateLimits: false }, options);
    for (let i = 0; i < 10; i++) expect(await limit.take("a")).to.include({ allowed: true });
  });

  it("knows one household by the first half of its IPv6 addresses, and IPv4 in either form", () => {
    expect(addressKey("2001:db8::1")).to.equal(addressKey("2001:0db8:0:0:ffff:ffff:1:2"));
    expect(addressKey("2001:db8:0:1::1")).not.to.equal(addressKey("2001:db8::1"));
    expect(addressKey("::1")).to.equal("0:0:0:0");
    expect(addressKey("::ffff:192.0.2.1")).to.equal(addressKey("192.0.2.1"));
    expect(addressKey("192.0.2.1")).not.to.equal(addressKey("192.0.2.2"));
    expect(addressKey(undefined)).to.equal("unknown");
  });
});
