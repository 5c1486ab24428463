import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { environmentTable } from "../../scripts/env-table.ts";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

/** npm runs these by itself, people do not. */
const HOOKS = /^(pre|post)|^prepare$/;

describe("README", () => {
  const listed = [...readme.matchAll(/^\| `npm (?:run )?([\w:-]+)`/gm)].map(([, name]) => name);

  it("lists every npm script that people run, and no other", () => {
    const scripts = Object.keys(manifest.scripts).filter((name) => !HOOKS.test(name));
    expect(listed).to.have.members(scripts);
  });

  it("lists each command once", () => {
    expect(listed).to.deep.equal([...new Set(listed)]);
  });

  it("says of each environment variable what the settings say", () => {
    const plain = (line: string) => line.replaceAll(/ +/g, " ").trim();
    const lines = new Set(readme.split("\n").map(plain));
    for (const line of environmentTable().slice(2)) expect([...lines]).to.include(plain(line));
  });
});
