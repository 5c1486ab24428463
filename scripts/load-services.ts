import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";

const folder = join(import.meta.dirname, "../services");
const fileOf = (name: string): string => join(folder, name, `${name}.service.ts`);

/** Names of all services: the folders under `services/` that have a service file. */
export const allServices = (): string[] => readdirSync(folder).filter((name) => existsSync(fileOf(name)));

/**
 * Creates the services of these names on the broker.
 * @throws for a name that no service has, before any is created
 */
export async function createServices(broker: ServiceBroker, names: readonly string[]): Promise<Service[]> {
  const known = allServices();
  const strangers = names.filter((name) => !known.includes(name));
  if (strangers.length > 0) {
    throw new Error(`SERVICES names ${strangers.join(", ")}; there are ${known.join(", ")}.`);
  }
  const modules = await Promise.all(
    names.map((name) => import(pathToFileURL(fileOf(name)).href) as Promise<{ default: ServiceSchema }>),
  );
  return modules.map((module) => broker.createService(module.default));
}
