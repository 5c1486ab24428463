import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { settings } from "../../../config/settings.ts";
import { serverFlags } from "../../../scripts/bootstrap/server-flags.mjs";
import { groupRoles } from "../../../scripts/deploy/roles.ts";
import { root, textOf, yamlOf } from "./yaml.ts";

type Secret = string | { source: string; target: string };
interface Service {
  image: string;
  user?: string;
  ports?: string[];
  profiles?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  healthcheck?: { test: string[] };
  environment?: Record<string, string>;
  secrets?: Secret[];
  cpus?: number;
  mem_limit?: string;
  pids_limit?: number;
  scale?: number;
}
interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
}

/** Log files belong to root; whoever reads them may read, and no more. */
const logReaders = ["alloy", "filebeat"];
/** Foreign programs that write beside themselves. */
const writers = ["elasticsearch", "kibana"];

const isStore = ({ image }: Service): boolean => image.includes("VALENCE_IMAGE");
const nameOf = (secret: Secret): string => (typeof secret === "string" ? secret : secret.source);

describe("docker-compose.yml", () => {
  const compose = yamlOf<Compose>("docker-compose.yml");
  const services = Object.entries(compose.services);
  const nodes = services.filter(([, service]) => isStore(service));

  it("hardens every container: a user of its own, a read-only root, no capabilities, limits, a health check", () => {
    for (const [name, service] of services) {
      if (logReaders.includes(name)) expect(service.cap_add, name).to.deep.equal(["DAC_READ_SEARCH"]);
      else {
        expect(service.user, name)
          .to.be.a("string")
          .and.not.match(/^(0|root)\b/);
        expect(service, name).not.to.have.property("cap_add");
      }
      expect(service.read_only, name).to.equal(!writers.includes(name));
      expect(service.cap_drop, name).to.deep.equal(["ALL"]);
      expect(service.security_opt, name).to.include("no-new-privileges:true");
      expect(service.healthcheck?.test[0], name).to.equal("CMD");
      expect(service, name).to.include.keys("cpus", "mem_limit", "pids_limit");
    }
  });

  it("publishes one port, and Grafana's to this machine alone when it is asked for", () => {
    const published = services.filter(([, { ports }]) => ports !== undefined);
    expect(published.filter(([, { profiles }]) => !profiles).map(([name]) => name)).to.deep.equal(["edge"]);
    for (const [name, { ports = [] }] of published) expect(ports.join(), name).to.match(/127\.0\.0\.1/);
  });

  it("takes every image from a variable", () => {
    for (const [name, { image }] of services)
      expect(image, name).to.match(/^\$\{[A-Z_]+_IMAGE:-[\w./:-]+\}$/);
  });

  it("runs two gateways and every service there is, as the roles say", () => {
    const run = nodes.map(([, { environment }]) => environment?.["SERVICES"]);
    expect(compose.services["gateway"]?.scale).to.equal(2);
    const names = new Set(run.flatMap((list) => list?.split(",") ?? []));
    const there = readdirSync(join(root, "services"), { withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    );
    expect([...names]).to.include.members(there.map(({ name }) => name));
    for (const [name, { environment = {} }] of nodes) {
      const role = environment["NODEID"]?.split(".")[0] ?? "";
      expect(environment["SERVICES"]?.split(","), name).to.deep.equal(groupRoles[role]?.services);
    }
  });

  it("sets only variables that the store reads", () => {
    const known = Object.keys(settings);
    for (const [name, { environment = {} }] of nodes)
      for (const variable of Object.keys(environment))
        expect(known, name).to.include(variable.replace(/_FILE$/, ""));
  });

  it("hands secrets over as files, to those alone who read them", () => {
    for (const [name, { environment = {}, secrets = [] }] of nodes) {
      const files = Object.entries(environment).filter(([variable]) => variable.endsWith("_FILE"));
      expect(
        files.map(([, file]) => file.replace("/run/secrets/", "")),
        name,
      ).to.have.members(secrets.map(nameOf));
      for (const [variable, setting] of Object.entries(settings))
        if (setting.secret) expect(environment, name).not.to.have.property(variable);
    }
    const used = new Set(services.flatMap(([, { secrets = [] }]) => secrets.map(nameOf)));
    expect([...used]).to.have.members(Object.keys(compose.secrets));
    for (const { file } of Object.values(compose.secrets))
      expect(file).to.match(/^\$\{SECRETS_DIR:-\.\/deploy\/secrets\}\//);
  });
});

/** What these scripts import, near or far, with every service and migration: those are loaded by name. */
function modulesOf(scripts: readonly string[]): string[] {
  const services = readdirSync(join(root, "services"), { recursive: true, encoding: "utf8" });
  const found = new Set<string>();
  const look = (file: string): void => {
    if (found.has(file) || !existsSync(join(root, file))) return;
    found.add(file);
    for (const [, to] of textOf(file).matchAll(/(?:from|import\(?)\s*"(\.[^"]+\.m?[jt]s)"/g))
      look(join(dirname(file), to as string));
  };
  for (const script of scripts) look(`scripts/${script}.ts`);
  for (const file of services) if (file.endsWith(".ts")) look(`services/${file}`);
  return [...found];
}

describe("Dockerfile", () => {
  const lines = textOf("Dockerfile").split("\n");
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")));

  it("takes its base from an argument", () => {
    for (const line of lines.filter((one) => one.startsWith("FROM ")))
      expect(line).to.match(/\$\{(NODE|BUILD)_IMAGE\}|^FROM front-end /);
  });

  it("runs as a user that is not root, without a shell and without npm", () => {
    expect(last.find((line) => line.startsWith("USER "))).to.equal("USER 10001:10001");
    // An image is mostly one node of many; alone it takes about 100 MB more than `npm start`.
    const nodeFlags = serverFlags({ TRANSPORTER: "nats://nats:4222" }).map((flag) =>
      flag.startsWith("file:") ? `./${relative(root, fileURLToPath(flag))}` : flag,
    );
    const command = ["node", ...nodeFlags, "scripts/start-store.ts"].map((word) => JSON.stringify(word));
    expect(last.find((line) => line.startsWith("CMD "))).to.equal(`CMD [${command.join(", ")}]`);
    expect(last).to.include(`RUN node ${nodeFlags.join(" ")} scripts/warm-up.ts`);
    expect(last.filter((line) => line.startsWith("RUN ")).join()).not.to.match(/npm (ci|install|run)/);
    expect(last.join("\n")).to.include("rm -rf /usr/local/lib/node_modules");
  });

  it("gives a node among others more room for young objects than a store alone", () => {
    const room = (env: Record<string, string>) =>
      Number(/--max-semi-space-size=(\d+)/.exec(serverFlags(env).join(" "))?.[1]);
    expect(room({ TRANSPORTER: "nats://nats:4222" })).to.equal(4 * room({}));
  });

  it("copies every module that its scripts load", () => {
    const copied = last.flatMap((line) => /^COPY (?!--from)(.+) \S+$/.exec(line)?.[1]?.split(" ") ?? []);
    const left = textOf(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("scripts/"));
    const missing = modulesOf(["start-store", "warm-up", "verify", "backup", "restore"])
      .filter((file) => !copied.some((one) => file === one || file.startsWith(`${one}/`)))
      .concat(modulesOf(["start-store"]).filter((file) => left.some((one) => file.startsWith(`${one}/`))));
    expect(missing).to.deep.equal([]);
  });

  it("copies no tests, secrets or data, and the context leaves them out", () => {
    const copied = lines.filter((line) => /^COPY (?!--from)/.test(line)).join(" ");
    expect(copied).not.to.match(/ (\.|test|data|deploy|\.env)( |$)/);
    const ignored = textOf(".dockerignore").split("\n");
    expect(ignored).to.include("*");
    for (const word of copied.match(/(?<= )[\w.-]+(?= )/g) ?? [])
      if (word !== "COPY") expect(ignored).to.include(`!${word}`);
  });
});
