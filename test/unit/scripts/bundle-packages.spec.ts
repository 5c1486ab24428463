import { expect } from "chai";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { bundled, fileOf, unbundled } from "../../../scripts/bundle-packages.ts";
import { serverFlags } from "../../../scripts/bootstrap/server-flags.mjs";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");
const folder = pathToFileURL(join(root, "node_modules/.cache/packages/")).href;

/** Packages that a source imports, at once or when it needs them; not those whose types alone it names. */
function packagesOf(source: string): string[] {
  const atOnce = source.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "([^".][^"]*)";/gm);
  const later = source.matchAll(/\bimport\("([^".][^"]*)"\)/g);
  return [...atOnce, ...later].map(([, name = ""]) => name).filter((name) => !isBuiltin(name));
}

describe("the bundle of packages", function () {
  this.timeout(30_000);

  it("is decided for every package that an actor imports, and holds no other", () => {
    const folders = ["config", "contract", "middlewares", "mixins", "services", "tracing"];
    const sources = folders.flatMap((name) =>
      readdirSync(join(root, name), { recursive: true }).map((file) => join(root, name, String(file))),
    );
    const found = sources
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => packagesOf(readFileSync(file, "utf8")));
    expect([...new Set(found)].sort()).to.deep.equal([...bundled, ...unbundled].sort());
  });

  for (const name of bundled)
    it(`exports what ${name} exports`, async () => {
      const namesOf = (whole: object) => Object.keys(whole).filter((one) => one !== "module.exports");
      const inBundle = (await import(folder + fileOf(name))) as object;
      expect(namesOf(inBundle)).to.deep.equal(namesOf((await import(name)) as object));
    });

  it("is what a store imports, and not what packages outside of it require", async () => {
    const program = `
      import { createRequire } from "node:module";
      const require = createRequire(${JSON.stringify(join(root, "package.json"))});
      console.log(import.meta.resolve("moleculer"), require.resolve("moleculer"), import.meta.resolve("pg"));`;
    const flags = [...serverFlags({}), "--input-type=module", "--eval", program];
    const { stdout } = await run(process.execPath, flags, { cwd: root });
    const [imported, required, other] = stdout.trim().split(" ");
    expect(imported).to.equal(`${folder}moleculer.mjs`);
    expect(required).to.equal(join(root, "node_modules/moleculer/index.js"));
    expect(other).to.match(/node_modules\/pg\//);
  });

  describe("before a command runs", () => {
    const place = mkdtempSync(join(tmpdir(), "valence-bundle-"));
    const lockfile = join(place, "package-lock.json");
    after(() => rmSync(place, { recursive: true }));

    it("is made when it is missing or of another lockfile, and where there is something to make it with", async () => {
      mkdirSync(join(place, "scripts/bootstrap"), { recursive: true });
      for (const file of ["bootstrap/packages.mjs", "bootstrap/report.mjs", "bundle-packages.ts"])
        cpSync(join(root, "scripts", file), join(place, "scripts", file));
      writeFileSync(lockfile, "{}");
      const { areBundled, bundlePackages } = (await import(
        pathToFileURL(join(place, "scripts/bootstrap/packages.mjs")).href
      )) as { areBundled(): boolean; bundlePackages(run: () => Promise<void>): Promise<void> };
      let made = 0;
      const ask = () =>
        bundlePackages(() => {
          made++;
          mkdirSync(join(place, "node_modules/.cache/packages"), { recursive: true });
          return Promise.resolve();
        });

      await ask();
      expect([made, areBundled()]).to.deep.equal([0, false]);
      mkdirSync(join(place, "node_modules/rolldown"), { recursive: true });
      await ask();
      await ask();
      expect([made, areBundled()]).to.deep.equal([1, true]);
      writeFileSync(lockfile, "{ }");
      expect(areBundled()).to.equal(false);
      await ask();
      expect([made, areBundled()]).to.deep.equal([2, true]);
    });
  });
});
