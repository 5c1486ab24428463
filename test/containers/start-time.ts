import { eventually } from "../helpers/eventually.ts";
import type { Engine } from "./engine.ts";

const usage = `
for file in /sys/fs/cgroup/cpuacct/cpuacct.usage /sys/fs/cgroup/cpu.stat; do
  [ -r $file ] && cat $file && break
done`;

/** Seconds of CPU that the container's processes used: nanoseconds alone (version 1), or a line in microseconds. */
function secondsOf(text: string): number {
  const [, micro] = /usage_usec (\d+)/.exec(text) ?? [];
  return micro === undefined ? Number(text.trim()) / 1e9 : Number(micro) / 1e6;
}

/** Seconds of CPU that Node alone takes to start in this image: how fast the machine is. */
export async function measureBareStart(engine: Engine, image: string): Promise<number> {
  const print = "const { user, system } = process.cpuUsage(); console.log(user + system)";
  const runs: number[] = [];
  for (let i = 0; i < 3; i++)
    runs.push(Number(await engine.docker(["run", "--rm", "--entrypoint", "node", image, "-e", print])) / 1e6);
  return runs.sort((a, b) => a - b)[1] as number;
}

/** How long an embedded store of this image takes from nothing until it is ready: by the clock, and of CPU. */
export async function measureStart(engine: Engine, image: string): Promise<{ wall: number; cpu: number }> {
  const hardened = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
  const folders = ["--tmpfs", "/tmp", "--tmpfs", "/data:uid=10001,gid=10001"];
  const env = { PAYMENT_PROVIDERS: "test", PUBLIC_URL: "http://localhost:3000", SAMPLE_DATA: "off" };
  const given = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const started = performance.now();
  const id = (await engine.docker(["run", "-d", ...hardened, ...folders, ...given, image])).trim();
  try {
    await eventually(async () => (await engine.docker(["logs", id])).includes("Valence is ready"), 60_000);
    const wall = (performance.now() - started) / 1000;
    return { wall, cpu: secondsOf(await engine.docker(["exec", id, "sh", "-c", usage])) };
  } finally {
    await engine.docker(["rm", "-f", id]);
  }
}
