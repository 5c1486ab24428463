import { invalid, statusOf } from "../../contract/errors.ts";
import type { Expansion } from "../../contract/define.ts";
import type { Identity } from "../../contract/meta.ts";
import { admission, type Admit } from "./gateway.auth.ts";
import type { Published } from "./gateway.routes.ts";

type Ask = (action: string, params: object) => Promise<unknown>;
type Row = Record<string, unknown>;
/** Adds to an answer what its ids name. */
export type Expand = (value: unknown, caller: Identity | undefined, ask: Ask) => Promise<unknown>;

interface Part extends Expansion {
  readonly name: string;
  readonly admit: Admit;
}

/** Reads that run at once for one answer. */
const atOnce = 10;

/** Makes the reader of `?expand=` of one route: its caller must be let in to what is added as well. */
export function expandReader(route: Published, routes: readonly Published[]): (text: string) => Expand {
  const parts = new Map(
    Object.entries(route.action.expand ?? {}).map(([name, expansion]): [string, Part] => {
      const target = routes.find((one) => one.name === expansion.action);
      if (target === undefined)
        throw new Error(`${route.name} expands by ${expansion.action}, which has no route`);
      return [name, { ...expansion, name, admit: admission(target.action.auth) }];
    }),
  );
  return (text) => {
    const chosen = text.split(",").map((name) => {
      const part = parts.get(name);
      if (part === undefined) throw unknown(name, [...parts.keys()]);
      return part;
    });
    return (value, caller, ask) => expandAll(chosen, value, caller, ask);
  };
}

const unknown = (name: string, names: readonly string[]): Error =>
  invalid([
    { pointer: "/expand", message: `${name.slice(0, 60) || "an empty name"} is none of ${names.join(", ")}` },
  ]);

async function expandAll(
  parts: readonly Part[],
  value: unknown,
  caller: Identity | undefined,
  ask: Ask,
): Promise<unknown> {
  for (const { admit } of parts) admit(caller);
  const page = value as { data?: readonly Row[] };
  let rows: readonly Row[] = page.data ?? [value as Row];
  for (const part of parts) rows = await expandRows(part, rows, ask);
  return page.data ? { ...page, data: rows } : rows[0];
}

async function expandRows({ name, by, param, action }: Part, rows: readonly Row[], ask: Ask): Promise<Row[]> {
  const ids = [...new Set(rows.map((row) => row[by]).filter((id) => typeof id === "string"))];
  const found = new Map<unknown, unknown>();
  for (let start = 0; start < ids.length; start += atOnce)
    await Promise.all(
      ids.slice(start, start + atOnce).map(async (id) => {
        found.set(id, await ask(action, { [param]: id }).catch(orNothing));
      }),
    );
  return rows.map((row) => (found.get(row[by]) === undefined ? row : { ...row, [name]: found.get(row[by]) }));
}

/** What is gone, or not the caller's to see, is left out. */
function orNothing(error: unknown): undefined {
  if (statusOf(error) !== 404 || (error as { type?: string }).type === "SERVICE_NOT_FOUND") throw error;
  return undefined;
}
