import { execFileSync } from "node:child_process";
import { expect } from "chai";
import { root, textOf, yamlOf } from "./yaml.ts";

interface Compose {
  services: Record<string, { profiles?: string[]; volumes?: string[] }>;
}
interface Datasources {
  datasources: { uid: string; type: string; url: string; jsonData?: Record<string, unknown> }[];
}

const { services } = yamlOf<Compose>("docker-compose.yml");
const ofProfile = (name: string): string[] =>
  Object.entries(services)
    .filter(([, { profiles }]) => profiles?.includes(name))
    .map(([service]) => service);

/** Runs a program that may be missing; undefined: it is. */
function said(program: string, ...args: string[]): string | undefined {
  try {
    return execFileSync(program, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: string; stdout?: string; stderr?: string };
    if (code === "ENOENT") return undefined;
    throw new Error(`${stdout}${stderr}`, { cause: error });
  }
}

describe("what watches the store", function () {
  this.timeout(20_000);
  const { datasources } = yamlOf<Datasources>("deploy/grafana/provisioning/datasources/datasources.yml");
  const hostOf = (url: string) => new URL(url).host;

  it("is in two profiles", () => {
    expect(ofProfile("observability")).to.have.members(["prometheus", "grafana", "tempo", "loki", "alloy"]);
    expect(ofProfile("elk")).to.have.members(["elasticsearch", "filebeat", "kibana"]);
  });

  it("gives Grafana the addresses on which its sources listen", () => {
    const tempo = yamlOf<{
      server: { http_listen_port: number };
      distributor: { receivers: { otlp: { protocols: { http: { endpoint: string } } } } };
    }>("deploy/tempo/tempo.yaml");
    const loki = yamlOf<{ server: { http_listen_port: number } }>("deploy/loki/loki.yaml");
    expect(datasources.map(({ url }) => hostOf(url))).to.have.members([
      "prometheus:9090",
      `tempo:${tempo.server.http_listen_port}`,
      `loki:${loki.server.http_listen_port}`,
    ]);
    expect(tempo.distributor.receivers.otlp.protocols.http.endpoint).to.match(/:4318$/);
  });

  it("leads from a trace to its lines and back", () => {
    const of = (uid: string) => datasources.find((source) => source.uid === uid)?.jsonData as unknown;
    const { tracesToLogsV2 } = of("tempo") as { tracesToLogsV2: { datasourceUid: string; query: string } };
    expect(tracesToLogsV2.datasourceUid).to.equal("loki");
    const { derivedFields } = of("loki") as {
      derivedFields: { matcherRegex: string; datasourceUid: string }[];
    };
    const [field] = derivedFields;
    expect(field?.datasourceUid).to.equal("tempo");
    expect(tracesToLogsV2.query).to.include(`| ${field?.matcherRegex}=`);
    expect(textOf("deploy/alloy/config.alloy")).to.match(
      new RegExp(`structured_metadata[^}]*${field?.matcherRegex}`),
    );
  });

  it("reads log files without talking to the engine", () => {
    for (const [name, { volumes = [] }] of Object.entries(services))
      expect(volumes.join(), name).not.to.include("docker.sock");
    const alloy = textOf("deploy/alloy/config.alloy");
    const filebeat = yamlOf<{ "filebeat.inputs": { paths: string[] }[] }>("deploy/filebeat/filebeat.yml");
    const [path] = filebeat["filebeat.inputs"].flatMap(({ paths }) => paths);
    expect(alloy).to.include(`"${path}"`);
    for (const name of ["alloy", "filebeat"])
      expect(services[name]?.volumes?.join()).to.match(/:\/containers:ro/);
  });

  it("is written so that every block of Alloy's pipeline is there and closed", () => {
    const alloy = textOf("deploy/alloy/config.alloy");
    const count = (sign: string) => alloy.split(sign).length;
    expect(count("{")).to.equal(count("}"));
    const blocks = [...alloy.matchAll(/^(loki|local)\.(\w+) "(\w+)"/gm)].map(
      ([, a, b, c]) => `${a}.${b}.${c}`,
    );
    for (const [, used] of alloy.matchAll(/((?:loki|local)\.\w+\.\w+)\.(?:receiver|targets)/g))
      expect(blocks).to.include(used);
  });

  it("is read by promtool and by HAProxy", function () {
    const prometheus = said("promtool", "check", "config", "deploy/prometheus/prometheus.yml");
    const haproxy = said("haproxy", "-c", "-f", "deploy/haproxy/haproxy.cfg");
    if (prometheus === undefined || haproxy === undefined) {
      console.log("      !!! NOT CHECKED in full: promtool or haproxy is not installed");
      this.skip();
    }
  });
});
