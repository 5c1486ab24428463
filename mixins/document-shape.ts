import type { Kept, Stored } from "./document-types.ts";

export type Plain = Record<string, unknown>;

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}

/** What the actor sees of a kept document: its own fields and the four that every document has, frozen. */
export function domainOf<D extends Stored>(kept: Kept): D {
  const document: Plain = { id: kept._id };
  for (const [field, value] of Object.entries(kept)) if (!field.startsWith("_")) document[field] = value;
  return freeze(document) as unknown as D;
}

/** Where the values of a path inside lists are kept, so that their index is one over a plain list. */
export const keptField = (path: string): string =>
  path.includes(".") ? `_${path.replaceAll(".", "_")}` : path;

/** The kept form of a draft as the successor of `current`, or as a first version; a copy, and plain JSON. */
export function changeOf(
  draft: { id: string },
  current: Kept | undefined,
  at: string,
  indexed: readonly string[],
): Kept {
  const { id, ...fields } = JSON.parse(JSON.stringify(draft)) as Plain & { id: string };
  const next: Kept = {
    ...fields,
    _id: id,
    version: (current?.version ?? 0) + 1,
    createdAt: current?.createdAt ?? at,
    updatedAt: at,
    _at: `${at}|${id}`,
  };
  for (const path of indexed) {
    if (!path.includes(".")) continue;
    const values = [...new Set(valuesAt(fields, path))];
    if (values.length > 0) next[keptField(path)] = values;
  }
  return next;
}

/** All values at a dotted path; arrays on the way are walked through. */
export function valuesAt(value: unknown, path: string): unknown[] {
  const [first, ...rest] = path.split(".");
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  if (typeof value !== "object" || value === null) return [];
  const inner = (value as Plain)[first ?? ""];
  if (rest.length > 0) return valuesAt(inner, rest.join("."));
  return Array.isArray(inner) ? inner : [inner];
}
