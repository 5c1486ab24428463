import { expect } from "chai";
import { databaseSchemes, databaseVariable } from "../../../config/settings.ts";
import { actorRoles } from "../../../scripts/deploy/roles.ts";
import { faultsOf, type Container, type Manifest, type PodSpec } from "./policy.ts";
import { renderOverlay } from "./render.ts";

interface Draft {
  all: Manifest[];
  pod: PodSpec;
  container: Container;
  /** The first manifest of this kind and name. */
  one(kind: string, name?: string): Manifest & { spec: never };
}

const ingressOf = (manifest: Manifest) =>
  (manifest.spec as { ingress: { from?: unknown[]; ports?: unknown[] }[] }).ingress;

/** A fault each, and what the policy must say of it. */
const planted: [name: string, says: RegExp, plant: (draft: Draft) => void][] = [
  ["a pod that may be root", /may run as root/, ({ pod }) => delete pod.securityContext?.runAsNonRoot],
  [
    "a writable root",
    /writable/,
    ({ container }) => delete container.securityContext?.readOnlyRootFilesystem,
  ],
  [
    "escalation",
    /escalate/,
    ({ container }) =>
      (container.securityContext = { ...container.securityContext, allowPrivilegeEscalation: true }),
  ],
  ["capabilities", /capabilities/, ({ container }) => delete container.securityContext?.capabilities],
  ["no seccomp profile", /seccomp/, ({ pod }) => delete pod.securityContext?.seccompProfile],
  ["no limits", /limits/, ({ container }) => delete container.resources?.limits],
  ["a service account token", /token/, ({ pod }) => (pod.automountServiceAccountToken = true)],
  ["the host's network", /host/, ({ pod }) => (pod.hostNetwork = true)],
  ["a floating image", /not pinned/, ({ container }) => (container.image = "valence:latest")],
  [
    "a secret in the manifest",
    /APP_SECRET stands/,
    ({ container }) => container.env?.push({ name: "APP_SECRET", value: "hush" }),
  ],
  [
    "a secret in a config map",
    /config map/,
    ({ one }) => ((one("ConfigMap").data ??= {})["JWT_KEYS"] = "{}"),
  ],
  [
    "a Secret in the repository",
    /repository/,
    ({ all }) => all.push({ kind: "Secret", metadata: { name: "x" } }),
  ],
  [
    "no default deny",
    /denies by default/,
    ({ all, one }) => all.splice(all.indexOf(one("NetworkPolicy", "default-deny")), 1),
  ],
  ["an open NATS", /everybody in/, ({ one }) => delete ingressOf(one("NetworkPolicy", "nats"))[0]?.from],
  [
    "open metrics",
    /metrics/,
    ({ one }) => ingressOf(one("NetworkPolicy", "gateway"))[0]?.ports?.push({ port: 9100 }),
  ],
  [
    "a published database",
    /exposed/,
    ({ one }) => ((one("Service").spec as { type?: string }).type = "LoadBalancer"),
  ],
  [
    "no probe",
    /readinessProbe/,
    ({ container }) => delete (container as { readinessProbe?: object }).readinessProbe,
  ],
  [
    "no budget",
    /disruption/,
    ({ all, one }) => all.splice(all.indexOf(one("PodDisruptionBudget", "gateway")), 1),
  ],
  ["no spread", /spread/, ({ pod }) => delete pod.topologySpreadConstraints],
  ["a lax namespace", /restricted/, ({ one }) => delete one("Namespace").metadata.labels],
  [
    "a field with a typo",
    /unknown field/,
    ({ pod }) => ((pod as unknown as Record<string, unknown>)["hostnetwork"] = true),
  ],
  [
    "a variable with a typo",
    /unknown$/m,
    ({ container }) => container.env?.push({ name: "PUBLIC_URI", value: "x" }),
  ],
];

function draftOf(manifests: readonly Manifest[]): Draft {
  const all = structuredClone(manifests) as Manifest[];
  const one = (kind: string, name?: string) =>
    all.find((it) => it.kind === kind && (name ?? it.metadata.name) === it.metadata.name) as Manifest & {
      spec: never;
    };
  const { pod } = {
    pod: (one("Deployment", "gateway").spec as { template: { spec: PodSpec } }).template.spec,
  };
  return { all, pod, container: pod.containers[0] as Container, one };
}

for (const overlay of ["dev", "prod"]) {
  describe(`the manifests of ${overlay}`, () => {
    let manifests: Manifest[];

    before(function () {
      this.timeout(20_000);
      const rendered = renderOverlay(overlay);
      if (rendered === undefined) {
        console.log("      !!! NOT CHECKED: the manifests; neither kubectl nor kustomize is installed");
        return this.skip();
      }
      manifests = rendered;
    });

    it("have no fault", () => expect(faultsOf(manifests)).to.deep.equal([]));

    it("run every actor by itself with the databases of its actors", () => {
      for (const [role, { services }] of Object.entries(actorRoles)) {
        const { spec } = manifests.find(
          ({ kind, metadata }) => kind === "Deployment" && metadata.name === role,
        ) as {
          spec: unknown;
        };
        const { env = [] } = (spec as { template: { spec: PodSpec } }).template.spec
          .containers[0] as Container;
        const own = services.filter((name) => name in databaseSchemes).map(databaseVariable);
        expect(env.map(({ name }) => name).filter((name) => name.endsWith("_DB_URL"))).to.have.members(own);
        expect(env.find(({ name }) => name === "SERVICES")?.value).to.equal(services.join(","));
        expect(env.find(({ name }) => name === "NODEID")?.value).to.equal(`${role}.$(POD_NAME)`);
        for (const { valueFrom } of env)
          if (valueFrom?.secretKeyRef) expect(valueFrom.secretKeyRef.name).to.equal(`valence-${role}`);
      }
    });

    for (const [name, says, plant] of planted) {
      it(`are refused with ${name}`, () => {
        const draft = draftOf(manifests);
        plant(draft);
        const faults = faultsOf(draft.all);
        expect(faults.join("\n")).to.match(says);
      });
    }
  });
}
