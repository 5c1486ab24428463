import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { crashRun } from "../../scripts/crash/run.ts";
import { violationsOf } from "../../scripts/crash/settle.ts";

describe("a store that is killed", function () {
  this.timeout(60_000);

  it("keeps every acknowledged order and every invariant over three SIGKILLs under load", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "valence-crash-"));
    const seed = Date.now() % 2 ** 31;
    const result = await crashRun({
      kills: 3,
      shoppers: 8,
      seed,
      dataDir,
      pause: [200, 800],
      env: { PASSWORD_COST: "cheap" },
    });
    expect(violationsOf(result.lines), `seed ${seed}`).to.deep.equal([]);
    expect(result.counts.get("orders"), `seed ${seed}`).to.be.greaterThan(20);
    expect(result.counts.get("sent again"), `seed ${seed}`).to.be.greaterThan(0);
    expect(result.exitCode).to.equal(0);
    rmSync(dataDir, { recursive: true, force: true });
  });
});
