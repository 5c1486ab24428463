import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../unit/deploy/yaml.ts";
import type { Engine } from "./engine.ts";
import { run } from "./run.ts";

/** Names of images by the variable that the Dockerfile or the compose file reads. */
export type Images = Readonly<Record<string, string>>;

/** Stand-ins where nothing can be pulled; nothing else: the public images are the defaults. */
export async function imagesFor(engine: Engine, folder: string): Promise<Images> {
  if (!engine.own) return {};
  const lines = await run("bash", [join(root, "scripts/ci/stand-ins.sh"), join(folder, "stand-ins")], {
    env: engine.env,
    most: 300_000,
  });
  return Object.fromEntries(
    lines
      .trim()
      .split("\n")
      .map((line) => line.split("=") as [string, string]),
  );
}

const npmConfig = async (name: string): Promise<string> =>
  (await run("npm", ["config", "get", name], { cwd: root })).trim();

/** This machine's way to the registry, handed to the build as secrets: nothing of it reaches the image. */
async function buildSecrets(folder: string): Promise<string[]> {
  const files = [await npmConfig("globalconfig"), await npmConfig("userconfig")];
  const texts = files.filter(existsSync).map((file) => readFileSync(file, "utf8"));
  const authority = "/etc/ssl/certs/ca-certificates.crt";
  const given = await npmConfig("cafile");
  const own = existsSync(given) ? given : authority;
  const npmrc = join(folder, "npmrc");
  const settings = [
    ...texts,
    `registry=${await npmConfig("registry")}`,
    ...(existsSync(own) ? [`cafile=${authority}`] : []),
  ];
  writeFileSync(npmrc, `${settings.join("\n")}\n`, { mode: 0o600 });
  return [
    ...["--secret", `id=npmrc,src=${npmrc}`],
    ...(existsSync(own) ? ["--secret", `id=ca,src=${own}`] : []),
  ];
}

/** Builds the Dockerfile of this repository under this name. */
export async function buildImage(
  engine: Engine,
  name: string,
  images: Images,
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const args = ["NODE_IMAGE", "BUILD_IMAGE"].flatMap((variable) =>
    images[variable] === undefined ? [] : ["--build-arg", `${variable}=${images[variable]}`],
  );
  const network = engine.own ? ["--network", "host"] : [];
  const secrets = await buildSecrets(folder);
  await engine.docker(["build", ...network, ...args, ...secrets, "-t", name, root], { most: 480_000 });
}

/** Bytes of all its layers. */
export async function sizeOf(engine: Engine, image: string): Promise<number> {
  return Number(await engine.docker(["image", "inspect", "--format", "{{.Size}}", image]));
}
