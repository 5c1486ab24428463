import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CORE_SCHEMA, load, loadAll, mergeTag } from "js-yaml";

/** The top folder of the repository. */
export const root = join(import.meta.dirname, "../../..");

/** With `<<`, which compose files use. */
const schema = CORE_SCHEMA.withTags(mergeTag);

export const textOf = (file: string): string => readFileSync(join(root, file), "utf8");
export const yamlOf = <T>(file: string): T => load(textOf(file), { schema }) as T;
export const documentsOf = <T>(text: string): T[] =>
  loadAll(text, { schema }).filter((one) => one !== null) as T[];
