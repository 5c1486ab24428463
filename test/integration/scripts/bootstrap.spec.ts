import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

const root = join(import.meta.dirname, "../../..");
const bootstrap = join(root, "scripts/bootstrap.mjs");

describe("scripts/bootstrap", () => {
  let folder = "";
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "valence-bootstrap-"));
  });

  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });

  function program(source: string): string {
    const file = join(folder, "program.ts");
    writeFileSync(file, source);
    return file;
  }

  /** Starts the program through the bootstrap and answers once it said `ready`. */
  async function launch(
    flags: string[],
    source: string,
  ): Promise<{ child: ChildProcess; output: () => string }> {
    const child = spawn(process.execPath, [bootstrap, ...flags, program(source)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    let output = "";
    for await (const chunk of child.stdout) {
      output += String(chunk);
      if (output.includes("ready")) break;
    }
    return { child, output: () => output };
  }

  const graceful = `
    process.on("SIGTERM", () => setTimeout(() => process.exit(0), 100));
    setInterval(() => {}, 1000);
    console.log("ready " + process.pid);`;
  const careless = `setInterval(() => {}, 1000); console.log("ready " + process.pid);`;

  it("runs the program under the pinned Node and answers its exit code", () => {
    const file = program("const major: string = process.versions.node; console.log(major); process.exit(3);");
    const { stdout, status } = spawnSync(process.execPath, [bootstrap, file], { encoding: "utf8" });
    expect(stdout).to.match(/^24\./);
    expect(status).to.equal(3);
  });

  it("hands a stop signal on, waits for the program and ends with 0", async () => {
    const { child, output } = await launch(["--serve"], graceful);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).to.deep.equal([0, null]);
    expect(isAlive(Number(/\d+/.exec(output())?.[0]))).to.equal(false);
  });

  it("counts a server that was told to stop before it could listen for signals as stopped well", async () => {
    const { child } = await launch(["--serve"], careless);
    child.kill("SIGINT");
    expect(await once(child, "exit")).to.deep.equal([0, null]);
  });

  it("counts anything else that was interrupted as failed", async () => {
    const { child } = await launch([], careless);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).to.deep.equal([143, null]);
  });

  it("says how to use it when it is given nothing to run", () => {
    const { stderr, status } = spawnSync(process.execPath, [bootstrap], { encoding: "utf8" });
    expect(stderr).to.match(/^Usage: /);
    expect(status).to.equal(1);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
