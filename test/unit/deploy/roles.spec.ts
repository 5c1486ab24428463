import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect } from "chai";
import { findProgram } from "../../../scripts/cluster/programs.ts";
import { actorRoles, groupRoles } from "../../../scripts/deploy/roles.ts";
import { root } from "./yaml.ts";

const actors = Object.keys(actorRoles);
const asked = new RegExp(`call\\w*(?:<[^>]*>)?\\(\\s*["\`](${actors.join("|")})\\.\\w+`, "g");

/** Actors that an actor's own code calls by name. */
function calledBy(actor: string): string[] {
  const folder = join(root, "services", actor);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const found = files.flatMap((name) => [...readFileSync(join(folder, name), "utf8").matchAll(asked)]);
  return [...new Set(found.map(([, to]) => to as string))];
}

describe("the roles of a deployment", () => {
  it("may call every actor that their code calls, and only the gateway and the cluster page may call all", () => {
    for (const actor of actors) expect(actorRoles[actor]?.calls, actor).to.include.members(calledBy(actor));
    const free = actors.filter((name) => (actorRoles[name]?.calls.length ?? 0) >= actors.length - 1);
    expect(free).to.have.members(["gateway", "metrics"]);
  });

  it("run each actor once, by itself or in a group", () => {
    for (const roles of [actorRoles, groupRoles])
      expect(Object.values(roles).flatMap(({ services }) => services)).to.have.members(actors);
  });
});

describe("npm run deploy:secrets -- --kubernetes", function () {
  this.timeout(20_000);
  const folder = mkdtempSync(join(tmpdir(), "valence-secrets-"));
  const make = () =>
    execFileSync(process.execPath, ["scripts/deploy-secrets.ts", "--kubernetes", folder], { cwd: root });
  before(function () {
    if (findProgram("openssl") !== undefined) return;
    console.log(
      "      !!! NOT CHECKED: the secrets of Kubernetes; openssl, which makes the certificates, is not installed",
    );
    this.skip();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("makes each secret that the manifests name, and nothing twice", () => {
    make();
    const text = execFileSync("bash", ["-c", "cat k8s/base/*/*.yaml k8s/components/*/*.yaml"], {
      cwd: root,
      encoding: "utf8",
    });
    const named = [...text.matchAll(/secretKeyRef: \{ name: (valence-\w+), key: (\w+) \}/g)];
    expect(named.length).to.be.above(30);
    for (const [, secret, key] of named)
      expect(readFileSync(join(folder, secret as string, key as string), "utf8")).to.match(/^\S[^]*\S$/);
    const before = readFileSync(join(folder, "valence-orders/TRANSPORTER"), "utf8");
    make();
    expect(readFileSync(join(folder, "valence-orders/TRANSPORTER"), "utf8")).to.equal(before);
  });

  it("gives each actor a login of its own, over TLS", () => {
    const urls = actors.map((name) => readFileSync(join(folder, `valence-${name}/TRANSPORTER`), "utf8"));
    expect(new Set(urls.map((url) => new URL(url).password)).size).to.equal(actors.length);
    for (const url of urls) expect(url).to.match(/^tls:/);
  });
});
