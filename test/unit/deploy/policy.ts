import { settings } from "../../../config/settings.ts";

/** A rendered manifest; what the rules read of it, everything else unknown. */
export interface Manifest {
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  spec?: Record<string, unknown>;
  data?: Record<string, string>;
}
interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: { name: string; key: string } };
}
export interface Container {
  name: string;
  image: string;
  env?: EnvVar[];
  envFrom?: { configMapRef?: { name: string } }[];
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> };
  lifecycle?: { preStop?: object };
  securityContext?: {
    privileged?: boolean;
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop?: string[]; add?: string[] };
  };
}
export interface PodSpec {
  containers: Container[];
  automountServiceAccountToken?: boolean;
  topologySpreadConstraints?: object[];
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  securityContext?: { runAsNonRoot?: boolean; runAsUser?: number; seccompProfile?: { type?: string } };
  volumes?: Record<string, unknown>[];
}
interface Workload {
  replicas?: number;
  selector: { matchLabels: Record<string, string> };
  template: { metadata: { labels: Record<string, string> }; spec: PodSpec };
}
interface Peer {
  podSelector?: object;
  namespaceSelector?: { matchLabels?: Record<string, string> };
  ipBlock?: { cidr: string };
}
interface Policy {
  podSelector: { matchLabels?: Record<string, string> };
  policyTypes: string[];
  ingress?: { from?: Peer[]; ports?: { port: number }[] }[];
  egress?: { to?: Peer[]; ports?: { port: number }[] }[];
}

const fields = {
  pod: [
    ...["serviceAccountName", "automountServiceAccountToken", "enableServiceLinks", "securityContext"],
    ...["terminationGracePeriodSeconds", "topologySpreadConstraints", "containers", "volumes"],
  ],
  container: [
    ...["name", "image", "args", "command", "env", "envFrom", "ports", "resources", "securityContext"],
    ...["startupProbe", "readinessProbe", "livenessProbe", "lifecycle", "volumeMounts"],
  ],
  workload: [
    ...["replicas", "selector", "template", "strategy", "revisionHistoryLimit"],
    ...["serviceName", "podManagementPolicy", "volumeClaimTemplates"],
  ],
};
const unknown = (kind: keyof typeof fields, found: object): string[] =>
  Object.keys(found)
    .filter((key) => !fields[kind].includes(key))
    .map((key) => `unknown field ${key}`);

const isSecretName = (name: string): boolean =>
  (settings as Record<string, { secret?: boolean } | undefined>)[name]?.secret === true ||
  /PASSWORD|SECRET|TOKEN|PRIVATE/.test(name);
const isPinned = (image: string): boolean => /@sha256:|:[\w.-]+$/.test(image) && !image.endsWith(":latest");
const says = (wrong: unknown, fault: string): string[] => (wrong ? [fault] : []);

function containerFaults(container: Container): string[] {
  const { securityContext: security = {}, resources = {}, env = [] } = container;
  const literal = env.filter(({ name, value }) => value !== undefined && isSecretName(name));
  return [
    ...unknown("container", container),
    ...says(security.privileged, "privileged"),
    ...says(security.readOnlyRootFilesystem !== true, "root file system is writable"),
    ...says(security.allowPrivilegeEscalation !== false, "may escalate privileges"),
    ...says(security.capabilities?.drop?.[0] !== "ALL", "keeps capabilities"),
    ...says(security.capabilities?.add, "adds capabilities"),
    ...says(!resources.limits?.["cpu"] || !resources.limits["memory"], "has no limits"),
    ...says(!resources.requests?.["cpu"] || !resources.requests["memory"], "has no requests"),
    ...says(!isPinned(container.image), `image ${container.image} is not pinned`),
    ...["startupProbe", "readinessProbe", "livenessProbe"].flatMap((probe) =>
      says(!(probe in container), `has no ${probe}`),
    ),
    ...literal.map(({ name }) => `secret ${name} stands in the manifest`),
  ];
}

function podFaults(pod: PodSpec): string[] {
  const security = pod.securityContext;
  const host = pod.hostNetwork ?? pod.hostPID ?? pod.hostIPC;
  return [
    ...unknown("pod", pod),
    ...says(host || pod.volumes?.some((volume) => "hostPath" in volume), "reaches into the host"),
    ...says(security?.runAsNonRoot !== true || !security.runAsUser, "may run as root"),
    ...says(security?.seccompProfile?.type !== "RuntimeDefault", "has no seccomp profile"),
    ...says(pod.automountServiceAccountToken !== false, "mounts a service account token"),
    ...pod.containers.flatMap(containerFaults),
  ];
}

const isStore = (pod: PodSpec): boolean => pod.containers.some(({ name }) => name === "store");
const selects = (selector: Record<string, string> = {}, labels: Record<string, string>): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** What a node of the store needs on top: spread, drain, a budget, variables that it knows, a config that is there. */
function nodeFaults({ template, selector }: Workload, all: readonly Manifest[]): string[] {
  const { spec: pod } = template;
  const [container] = pod.containers as [Container];
  const budgets = all.filter(({ kind }) => kind === "PodDisruptionBudget");
  const budget = budgets.some(({ spec }) =>
    selects((spec as unknown as Workload).selector.matchLabels, template.metadata.labels),
  );
  const known = new Set([...Object.keys(settings), "POD_NAME", "NODE_EXTRA_CA_CERTS"]);
  const configs = container.envFrom?.map((from) => from.configMapRef?.name) ?? [];
  const missing = configs.filter(
    (name) => !all.some((one) => one.kind === "ConfigMap" && one.metadata.name === name),
  );
  return [
    ...says(!selects(selector.matchLabels, template.metadata.labels), "selects other pods"),
    ...says(!pod.topologySpreadConstraints?.length, "is not spread"),
    ...says(!container.lifecycle?.preStop, "has no preStop"),
    ...says(!budget, "has no disruption budget"),
    ...missing.map((name) => `config map ${name} is missing`),
    ...(container.env ?? []).flatMap(({ name }) => says(!known.has(name), `variable ${name} is unknown`)),
  ];
}

const isAnywhere = (peers: Peer[] | undefined): boolean =>
  !peers?.length || peers.some(({ ipBlock }) => ipBlock?.cidr === "0.0.0.0/0");

function policyFaults(all: readonly Manifest[]): string[] {
  const policies = all.filter(({ kind }) => kind === "NetworkPolicy");
  const specs = policies.map(({ spec }) => spec as unknown as Policy);
  const denies = specs.some(
    (spec) =>
      Object.keys(spec.podSelector).length === 0 &&
      spec.policyTypes.includes("Ingress") &&
      spec.policyTypes.includes("Egress") &&
      !spec.ingress?.length &&
      !spec.egress?.length,
  );
  const rules = specs.flatMap(({ ingress = [] }) => ingress);
  const metrics = rules.filter(({ ports }) => !ports || ports.some(({ port }) => port === 9100));
  const strangers = metrics.filter(
    ({ from }) =>
      !from?.every(
        ({ namespaceSelector }) =>
          namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"] === "monitoring",
      ),
  );
  return [
    ...says(!denies, "no policy denies by default"),
    ...says(
      rules.some(({ from }) => isAnywhere(from)),
      "a policy lets everybody in",
    ),
    ...says(
      specs.some(({ egress = [] }) => egress.some(({ to, ports }) => !to?.length || !ports?.length)),
      "a policy lets pods out to everywhere",
    ),
    ...says(strangers.length > 0, "others than the monitor may read the metrics"),
  ];
}

interface Ingress {
  rules: { http: { paths: { backend: { service: { name: string } } }[] } }[];
}

function exposureFaults({ kind, metadata, spec = {}, data = {} }: Manifest): string[] {
  if (kind === "Secret") return ["a secret stands in the repository"];
  if (kind === "ConfigMap")
    return Object.keys(data)
      .filter(isSecretName)
      .map((name) => `secret ${name} stands in a config map`);
  if (kind === "Namespace")
    return says(
      metadata.labels?.["pod-security.kubernetes.io/enforce"] !== "restricted",
      "pod security is not restricted",
    );
  if (kind === "Service")
    return says(spec["type"] !== undefined && spec["type"] !== "ClusterIP", "is exposed");
  if (kind !== "Ingress") return [];
  const paths = (spec as unknown as Ingress).rules.flatMap(({ http }) => http.paths);
  return says(
    paths.some(({ backend }) => backend.service.name !== "gateway"),
    "an ingress reaches past the gateway",
  );
}

/** Everything that is wrong with a set of rendered manifests, each as `Kind/name: what`. */
export function faultsOf(all: readonly Manifest[]): string[] {
  const found = all.flatMap((manifest) => {
    const faults = exposureFaults(manifest);
    if (manifest.kind === "Deployment" || manifest.kind === "StatefulSet") {
      const workload = manifest.spec as unknown as Workload;
      faults.push(...unknown("workload", workload), ...podFaults(workload.template.spec));
      if (isStore(workload.template.spec)) faults.push(...nodeFaults(workload, all));
    }
    return faults.map((fault) => `${manifest.kind}/${manifest.metadata.name}: ${fault}`);
  });
  return [...found, ...policyFaults(all)];
}
