import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect } from "chai";
import { renderOverlay } from "../unit/deploy/render.ts";
import type { Manifest } from "../unit/deploy/policy.ts";
import { root } from "../unit/deploy/yaml.ts";
import { installTools, toolsFolder } from "./tools.ts";

interface Versioned extends Manifest {
  apiVersion: string;
}

/** `apps/v1` and `Deployment`: where the schema's type stands, and its name. */
function typeOf({ apiVersion, kind }: Versioned): { from: string; name: string } {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  if (group === "monitoring.coreos.com")
    return { from: `@kubernetes-models/prometheus-operator/${group}/${version}/${kind}`, name: `I${kind}` };
  const folder = group === "" ? version : `${group}/${version}`;
  return { from: `kubernetes-models/${folder}/${kind}`, name: `I${kind}` };
}

/** The compiler is the schema's reader: the manifests as literals of Kubernetes' types, where an unknown field is an error. */
function faultsOf(manifests: readonly Versioned[], folder: string): string {
  const lines = manifests.map((manifest, n) => {
    const { from, name } = typeOf(manifest);
    return `import type { ${name} as T${n} } from "${from}";\nexport const m${n}: T${n} = ${JSON.stringify(manifest)};`;
  });
  const file = join(folder, "manifests.ts");
  writeFileSync(file, lines.join("\n"));
  const config = {
    compilerOptions: {
      ...{ target: "es2024", module: "esnext", moduleResolution: "bundler", strict: true, noEmit: true },
      ...{ skipLibCheck: true, types: [], exactOptionalPropertyTypes: false },
      paths: {
        "kubernetes-models/*": [join(toolsFolder, "node_modules/kubernetes-models/*")],
        "@kubernetes-models/*": [join(toolsFolder, "node_modules/@kubernetes-models/*")],
      },
    },
    files: [file],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  return spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" }).stdout;
}

/** A field that no schema knows, or a value of the wrong type, somewhere deep in a manifest of each kind. */
const planted: [kind: string, name: string, plant: (spec: never, manifest: never) => void][] = [
  [
    "Deployment",
    "a misspelt field of a container",
    (spec: { template: { spec: { containers: object[] } } }) =>
      Object.assign(spec.template.spec.containers[0]!, { readinesProbe: {} }),
  ],
  [
    "Deployment",
    "a number where text belongs",
    (spec: { template: { spec: object } }) => Object.assign(spec.template.spec, { serviceAccountName: 7 }),
  ],
  ["Deployment", "a field in the wrong place", (spec: object) => Object.assign(spec, { containers: [] })],
  ["NetworkPolicy", "a misspelt field of a policy", (spec: object) => Object.assign(spec, { ingres: [] })],
  [
    "HorizontalPodAutoscaler",
    "a field of an older version",
    (spec: object) => Object.assign(spec, { targetCPUUtilizationPercentage: 50 }),
  ],
  [
    "PodMonitor",
    "a misspelt field of a custom resource",
    (spec: object) => Object.assign(spec, { podMetricsEndpoint: [] }),
  ],
  ["PodDisruptionBudget", "a field of another kind", (spec: object) => Object.assign(spec, { replicas: 1 })],
  [
    "Service",
    "a port without its number",
    (spec: { ports: { port?: number }[] }) => void delete spec.ports[0]!.port,
  ],
] as never;

describe("the manifests against Kubernetes' own schema (check 48)", function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), "valence-manifests-"));
  const rendered: Record<string, Versioned[]> = {};

  before(() => {
    installTools();
    for (const overlay of ["dev", "prod"]) rendered[overlay] = renderOverlay(overlay) as Versioned[];
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("have no unknown field and no value of a wrong type, in both overlays", () => {
    const all = Object.values(rendered).flat();
    expect(all.length).to.be.above(100);
    expect(faultsOf(all, folder)).to.equal("");
  });

  it("are refused with each planted fault", () => {
    const all = structuredClone(rendered["prod"]) as Versioned[];
    const broken = planted.map(([kind, , plant]) => {
      const manifest = structuredClone(all.find((one) => one.kind === kind)) as Versioned;
      plant(manifest.spec as never, manifest as never);
      return manifest;
    });
    const said = faultsOf(broken, folder);
    // One line of the file pair by pair: import, manifest.
    const wrong = new Set(
      [...said.matchAll(/manifests\.ts\((\d+),/g)].map(([, line]) => Number(line) / 2 - 1),
    );
    expect([...wrong].sort()).to.deep.equal(planted.map((_, n) => n));
  });
});
