import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { root } from "../unit/deploy/yaml.ts";

interface Locked {
  version: string;
  integrity?: string;
  resolved?: string;
  hasInstallScript?: boolean;
  inBundle?: boolean;
  dev?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}
interface Bom {
  bomFormat: string;
  components: { name: string; version: string; purl: string; hashes?: { alg: string }[] }[];
}

const jsonOf = <T>(file: string): T => JSON.parse(readFileSync(join(root, file), "utf8")) as T;
const lockOf = (file: string) => jsonOf<{ packages: Record<string, Locked> }>(file).packages;
/** Packages whose script runs or is known to say nothing but a message, and is not allowed to run. */
const withScripts = ["node_modules/es5-ext", "node_modules/node", "node_modules/@scarf/scarf"];

/** What is wrong with a lock file, each as `<package>: what`. */
function faultsOf(packages: Record<string, Locked>): string[] {
  return Object.entries(packages).flatMap(([name, entry]) => {
    if (name === "") return [];
    const faults: string[] = [];
    if (!entry.inBundle && !/^sha512-[\w+/]{86}==/.test(entry.integrity ?? ""))
      faults.push("no strong checksum");
    if (entry.resolved !== undefined) faults.push(`comes from ${entry.resolved}`);
    if (entry.hasInstallScript && !withScripts.includes(name)) faults.push("runs a script when installed");
    return faults.map((fault) => `${name}: ${fault}`);
  });
}

describe("the supply chain (check 47)", function () {
  this.timeout(60_000);

  for (const file of ["package-lock.json", "tools/package-lock.json"]) {
    it(`${file} names each package by a strong checksum, from no other source, without new install scripts`, () => {
      expect(faultsOf(lockOf(file))).to.deep.equal([]);
    });

    it(`${file} is the one of its package.json`, () => {
      const wanted = jsonOf<Locked>(file.replace("-lock", ""));
      const locked = lockOf(file)[""] as Locked;
      expect(locked.dependencies).to.deep.equal(wanted.dependencies);
      expect(locked.devDependencies).to.deep.equal(wanted.devDependencies);
    });
  }

  it("says so of a package that was changed, comes from elsewhere or runs a script", () => {
    const good = { version: "1.0.0", integrity: `sha512-${"a".repeat(86)}==` };
    const planted = {
      "node_modules/changed": { version: "1.0.0", integrity: "sha1-abc=" },
      "node_modules/elsewhere": { ...good, resolved: "git+ssh://git.example/elsewhere.git" },
      "node_modules/script": { ...good, hasInstallScript: true },
      "node_modules/good": good,
    };
    expect(faultsOf(planted).map((fault) => fault.split(":")[0])).to.deep.equal([
      "node_modules/changed",
      "node_modules/elsewhere",
      "node_modules/script",
    ]);
  });

  it("lets npm run the install script of one package alone", () => {
    expect(jsonOf<{ allowScripts: object }>("package.json").allowScripts).to.deep.equal({ node: true });
    for (const line of readFileSync(join(root, "Dockerfile"), "utf8").match(
      /npm (ci|install|prune)[^\n]*/g,
    ) ?? [])
      expect(line).to.include("--ignore-scripts");
  });

  it("lists every package of the image in a bill of materials, each with its checksum", () => {
    // Without `--omit dev`, which also leaves out what the image and a tool for developers both use.
    const options = ["--sbom-format", "cyclonedx", "--package-lock-only", "--offline"];
    const text = execFileSync("npm", ["sbom", ...options], {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    const bom = JSON.parse(text) as Bom;
    expect(bom.bomFormat).to.equal("CycloneDX");
    const listed = new Map(
      bom.components.map(({ name, version, hashes }) => [`${name}@${version}`, hashes?.[0]?.alg]),
    );
    const used = Object.entries(lockOf("package-lock.json")).filter(
      ([name, entry]) => name !== "" && !entry.dev && existsSync(join(root, name)),
    );
    expect(used.length).to.be.above(150);
    for (const [name, { version }] of used)
      expect(listed.get(`${name.split("node_modules/").pop()}@${version}`), name).to.equal("SHA-512");
  });
});
