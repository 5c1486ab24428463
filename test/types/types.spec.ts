import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";

const root = join(import.meta.dirname, "../..");
const tsc = join(root, "node_modules/typescript/bin/tsc");

/** Each file beside this one states by `@ts-expect-error` which mistakes the compiler has to refuse. */
describe("types", () => {
  const files = globSync("test/types/**/*.ts", { cwd: root });
  let diagnostics = "";

  before(async function () {
    this.timeout(120_000);
    const answer = await promisify(execFile)(process.execPath, [tsc, "--pretty", "false"], {
      cwd: root,
    }).catch((error: { stdout: string }) => error);
    diagnostics = answer.stdout;
  });

  for (const file of files) {
    it(`${file} compiles, its mistakes refused`, () => {
      expect(diagnostics.split("\n").filter((line) => line.startsWith(file))).to.deep.equal([]);
    });
  }

  it("the whole project compiles", () => {
    expect(diagnostics).to.equal("");
  });
});
