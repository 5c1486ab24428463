import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect } from "chai";
import { root } from "../unit/deploy/yaml.ts";
import { installTools, toolsFolder } from "./tools.ts";

/** Letters and digits that nobody else has. */
const noise = (length: number): string =>
  randomBytes(length * 2)
    .toString("base64")
    .replaceAll(/[^0-9A-Za-z]/g, "")
    .slice(0, length);
const digits = (length: number): string => Array.from({ length }, () => randomBytes(1)[0]! % 10).join("");

/** A secret of each kind, put together here so that this file holds none. */
const canaries: Record<string, () => string> = {
  "a key of AWS": () => `aws_secret_access_key = ${noise(40)}`,
  "a token of GitHub": () => `token: ${"gh"}p_${noise(36)}`,
  "a token of npm": () => `//registry.example/:_authToken=${"np"}m_${noise(36)}`,
  "a token of Slack": () => `${"xo"}xb-${digits(12)}-${digits(12)}-${noise(24)}`,
  "a live key of Stripe": () => `key=${"sk"}_live_${noise(40)}`,
  "a password in a database's address": () =>
    `${"postgres"}://orders:${noise(24)}@db.example.com:5432/orders`,
  "a password in an address": () => `${"https"}://ada:${noise(20)}@example.com/`,
  "a private key": () =>
    `-----BEGIN ${"PRIVATE"} KEY-----\n${noise(64)}\n${noise(64)}\n-----END PRIVATE KEY-----`,
  "a private JSON Web Key": () => `{ "kty": "EC", "crv": "P-256", ${'"d"'}: "${noise(43)}" }`,
};

describe("the scan for secrets (check 47)", function () {
  this.timeout(240_000);
  let folder: string;

  /** What the scanner says of these files; empty: nothing. */
  function scan(files: readonly string[], cwd: string): string {
    const program = join(toolsFolder, "node_modules/secretlint/bin/secretlint.js");
    const rules = join(toolsFolder, "secretlintrc.json");
    const options = ["--secretlintrc", rules, "--maskSecrets", "--no-glob"];
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...options, ...files], {
      cwd,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    if (status !== 0 && status !== 1) throw new Error(stderr);
    return status === 0 ? "" : stdout;
  }

  before(() => {
    installTools();
    folder = mkdtempSync(join(tmpdir(), "valence-canaries-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("finds none in the repository", () => {
    const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
    const texts = files.filter((name) => name !== "" && !/\.(png|jpg|webp|ico|woff2|svg|gz|br)$/.test(name));
    expect(texts.length).to.be.above(300);
    expect(scan(texts, root)).to.equal("");
  });

  for (const [name, make] of Object.entries(canaries))
    it(`finds ${name}`, () => {
      const file = join(folder, "canary.txt");
      writeFileSync(file, `${make()}\n`);
      expect(scan([file], folder)).to.match(/error/);
    });
});
