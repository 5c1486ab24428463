import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../unit/deploy/yaml.ts";

export const toolsFolder = join(root, "tools");

/** The heavy tools that only the gate uses; installed when they are missing. */
export function installTools(): void {
  execFileSync("bash", [join(root, "scripts/ci/tools.sh")], { stdio: ["ignore", "ignore", "inherit"] });
}
