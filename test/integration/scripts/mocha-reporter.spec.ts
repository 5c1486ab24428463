import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

const root = join(import.meta.dirname, "../../..");

describe("scripts/mocha-reporter", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "valence-reporter-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function runSpec(source: string): { lines: string[]; status: number | null } {
    const file = join(folder, "a.spec.ts");
    writeFileSync(file, source);
    const mocha = join(root, "node_modules/mocha/bin/mocha.js");
    const { stdout, status } = spawnSync(process.execPath, [mocha, file], { cwd: root, encoding: "utf8" });
    return { lines: stdout.trimEnd().split("\n"), status };
  }

  it("ends with one line that counts passed and failed tests", () => {
    const { lines, status } = runSpec(
      `it("a", () => {}); it("b", () => {}); it("c", () => { throw new Error("no"); });`,
    );
    expect(lines.at(-1)).to.equal("2 passed, 1 failed");
    expect(status).to.equal(1);
  });

  it("counts skipped tests only when there are any", () => {
    const { lines, status } = runSpec(`it("a", () => {}); it("b");`);
    expect(lines.at(-1)).to.equal("1 passed, 0 failed, 1 skipped");
    expect(status).to.equal(0);
  });

  it("fails a run that holds an exclusive test", () => {
    expect(runSpec(`it.only("a", () => {});`).status).to.not.equal(0);
  });
});
