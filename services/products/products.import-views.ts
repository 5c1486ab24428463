import { Readable } from "node:stream";
import { stringify } from "csv-stringify/sync";
import type { Ctx, Handler } from "../../contract/implement.ts";
import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import type { ImportDocument, ProductsActor } from "./products.actor.ts";
import type contract from "./products.contract.ts";
import { safeCell } from "../../contract/csv.ts";
import { importNotFound } from "./products.errors.ts";
import { importOf } from "./products.view.ts";

/** Between two looks at a running import; milliseconds. */
const LOOK_MS = 300;
/** Keeps proxies from closing a silent stream. */
const HEARTBEAT_MS = 15_000;

async function found({ documents }: ProductsActor, id: string): Promise<ImportDocument> {
  const document = await documents.imports.get(id);
  if (!document) throw importNotFound();
  return document;
}

export const imports: Handler<typeof contract, "imports", ProductsActor> = async function ({ params }) {
  const { limit = 20, cursor } = params;
  const before = cursor === undefined ? "~" : String(decodeCursor(cursor, ["string"])[0]);
  const all = await this.documents.imports.range("id", { before, limit: limit + 1, descending: true });
  const data = all.slice(0, limit);
  const next = all.length > limit ? encodeCursor([data.at(-1)?.id ?? ""]) : null;
  return { data: data.map(importOf), page: { next } };
};

export async function oneImport(this: ProductsActor, { params }: Ctx<{ id: string }>) {
  return importOf(await found(this, params.id));
}

async function* progress(actor: ProductsActor, first: ImportDocument): AsyncGenerator<string> {
  let job = first;
  let told = 0;
  let spoken = 0;
  for (;;) {
    if (job.version > told) {
      yield `event: import\nid: ${job.version}\ndata: ${JSON.stringify(importOf(job))}\n\n`;
      spoken = actor.clock.now();
    } else if (actor.clock.now() - spoken > HEARTBEAT_MS) {
      yield ": still here\n\n";
      spoken = actor.clock.now();
    }
    told = job.version;
    if (job.status !== "running") return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    job = await found(actor, job.id);
  }
}

/** The whole import now and after each step, until it ends or the reader leaves. */
export const importStream: Handler<typeof contract, "importStream", ProductsActor> = async function ({
  params,
}) {
  const first = await found(this, params.id);
  return Readable.from(progress(this, first), { objectMode: false });
};

async function* refusedRows(
  { documents }: ProductsActor,
  { id, columns }: ImportDocument,
): AsyncGenerator<string> {
  const own = columns.filter((column) => !column.startsWith("error:"));
  yield stringify([[...own, "error:row", "error:column", "error:message"]]);
  for (let after = `${id}|`; ;) {
    const parts = await documents.importErrors.range("part", { after, before: `${id}|~`, limit: 20 });
    for (const { rows } of parts)
      yield stringify(
        rows.map(({ row, column, message, record }) =>
          [...own.map((name) => record[name] ?? ""), String(row), column, message].map(safeCell),
        ),
      );
    const last = parts.at(-1);
    if (!last) return;
    after = last.part;
  }
}

/** The refused rows as they came, with what is wrong behind them: corrected, the file is an import again. */
export const importErrors: Handler<typeof contract, "importErrors", ProductsActor> = async function ({
  params,
}) {
  const job = await found(this, params.id);
  return Readable.from(refusedRows(this, job), { objectMode: false });
};
