import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { expect } from "chai";
import { limiter } from "../../../mixins/limiter.ts";
import { eventually } from "../../helpers/eventually.ts";
import { freePort } from "../../helpers/store.ts";

const installed = spawnSync("redis-server", ["--version"]).status === 0;
const options = { name: "shared", points: 4, durationSeconds: 60 };

/** Runs where a Redis is installed. */
(installed ? describe : describe.skip)("limiter on Redis", () => {
  let server: ChildProcess;
  let redisUrl: string;
  before(async () => {
    const port = await freePort();
    redisUrl = `redis://127.0.0.1:${port}`;
    server = spawn(
      "redis-server",
      ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
      {
        stdio: "ignore",
      },
    );
  });
  after(() => server.kill());

  it("counts for all nodes together once it is reached, and by itself when it is gone", async () => {
    const config = { rateLimits: true, redisUrl };
    const limit = limiter(config, options);
    const other = limiter(config, options);
    let key = 0;
    await eventually(async () => {
      key += 1;
      await limit.take(`warm${key}`);
      return (await other.take(`warm${key}`)).remaining === 2;
    });
    const seen = [];
    for (const one of [limit, other, limit, other, limit, other]) seen.push((await one.take("a")).allowed);
    expect(seen).to.deep.equal([true, true, true, true, false, false]);
    server.kill("SIGKILL");
    await eventually(async () => (await limit.take(`gone${++key}`)).allowed);
    const alone = [];
    for (let i = 0; i < 6; i++) alone.push((await limit.take("c")).allowed);
    expect(alone).to.deep.equal([true, true, true, true, false, false]);
    await Promise.all([limit, other].map((one) => one.close()));
  });
});
