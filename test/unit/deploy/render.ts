import { execFileSync } from "node:child_process";
import type { Manifest } from "./policy.ts";
import { documentsOf, root } from "./yaml.ts";

/** What renders kustomizations, the first that is there: kubectl, or kustomize by itself. */
const renderers = [
  ["kubectl", "kustomize"],
  ["kustomize", "build"],
] as const;

/** The manifests of an overlay; undefined: nothing here renders. */
export function renderOverlay(overlay: string): Manifest[] | undefined {
  for (const [program, command] of renderers) {
    try {
      const text = execFileSync(program, [command, `k8s/overlays/${overlay}`], {
        cwd: root,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
      return documentsOf<Manifest>(text);
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw error;
    }
  }
  return undefined;
}
