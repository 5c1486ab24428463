import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse";
import { isType } from "../../contract/errors.ts";
import type { ImportDocument, ProductsActor } from "./products.actor.ts";
import { patiently } from "./products.import-patience.ts";
import { takeBatch, type NumberedRow, type RefusedRow } from "./products.import-batch.ts";
import { readRow, type CsvRow } from "./products.import-row.ts";

/** Rows that are taken in together. */
const BATCH = 500;
/** Errors that the import itself shows; the rest stand in the file of refused rows. */
const SHOWN = 1000;
/** A record may not be longer; bytes. */
const RECORD = 1 << 20;

/** Where the upload of an import lies until it is done. */
export const uploadOf = ({ config }: ProductsActor, id: string): string =>
  join(config.dataDir, "imports", `${id}.csv`);

interface Batch {
  rows: NumberedRow[];
  refused: RefusedRow[];
  /** Rows of the file up to the end of this batch. */
  end: number;
}

interface Parsed {
  info: { records: number; error?: { message: string } };
  record: CsvRow;
}

/** The parser's settings; a record that it cannot read is refused alone, but a quote that stays open hides what follows. */
export const parserOptions = {
  bom: true,
  columns: (header: string[]) => header.map((name) => name.trim()),
  info: true,
  max_record_size: RECORD,
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
  skip_records_with_error: true,
} as const;

async function* batches(actor: ProductsActor, { id, rows: done }: ImportDocument): AsyncGenerator<Batch> {
  let batch: Batch = { rows: [], refused: [], end: 0 };
  const parser = createReadStream(uploadOf(actor, id)).pipe(parse(parserOptions));
  let number = 0;
  const bad = (message: string, record: CsvRow) =>
    batch.refused.push({ row: number, column: "", message, record });
  parser.on("skip", () => {
    number += 1;
    bad("has a quote that is not closed, or is too long; nothing behind it was read", {});
  });
  for await (const { info, record } of parser as AsyncIterable<Parsed>) {
    number += 1;
    if (number <= done) continue;
    const read = readRow(record, actor.currency);
    if (info.error) bad("has more or fewer cells than the header", record);
    else if ("refused" in read) batch.refused.push({ row: number, record, ...read.refused });
    else batch.rows.push({ number, row: read.row, record });
    if (batch.rows.length + batch.refused.length < BATCH) continue;
    yield { ...batch, end: number };
    batch = { rows: [], refused: [], end: 0 };
  }
  if (number > done) yield { ...batch, end: number };
}

async function keepErrors(
  actor: ProductsActor,
  importId: string,
  end: number,
  refused: readonly RefusedRow[],
) {
  if (refused.length === 0) return;
  const rows = refused.map(({ row, column, message, record }) => ({
    row,
    column,
    message,
    record: { ...record },
  }));
  const part = `${importId}|${String(end).padStart(9, "0")}`;
  const kept = actor.documents.importErrors.insert({ id: actor.newId(), part, rows });
  await kept.catch((error: unknown) => {
    // The batch was taken in before a crash, and is taken in again.
    if (!isType(error, "ALREADY_EXISTS")) throw error;
  });
}

async function takeNext(actor: ProductsActor, job: ImportDocument, batch: Batch): Promise<ImportDocument> {
  const { id: importId, dryRun } = job;
  const result = await takeBatch(actor, batch.rows, { importId, number: batch.end, dryRun });
  const refused = [...batch.refused, ...result.refused].sort((a, b) => a.row - b.row);
  await patiently(actor, () => keepErrors(actor, importId, batch.end, refused));
  const shown = refused.map(({ row, column, message }) => ({ row, column, message }));
  const failed = new Set(refused.map(({ row }) => row)).size;
  const count = (now: ImportDocument): ImportDocument =>
    // A try whose answer was lost has counted this batch.
    now.rows >= batch.end
      ? now
      : {
          ...now,
          rows: batch.end,
          created: now.created + result.created,
          updated: now.updated + result.updated,
          failed: now.failed + failed,
          errors: [...now.errors, ...shown].slice(0, SHOWN),
        };
  return patiently(actor, () => actor.documents.imports.update(importId, undefined, count));
}

/** Ends an import: `running` goes, so that the next one may start. */
export async function endImport(
  actor: ProductsActor,
  id: string,
  status: "done" | "failed",
  message?: string,
) {
  await actor.documents.imports.update(id, undefined, ({ running: _, ...now }, log) => {
    const errors =
      message === undefined
        ? now.errors
        : [...now.errors, { row: now.rows, column: "", message }].slice(-SHOWN);
    const counts = { rows: now.rows, created: now.created, updated: now.updated, failed: now.failed };
    if (!now.dryRun)
      log.audit({
        action: "products.import",
        entity: "import",
        entityId: id,
        after: { status, by: now.by, ...counts },
        meta: {},
      });
    return { ...now, status, errors, finishedAt: actor.timestamp() };
  });
  await rm(uploadOf(actor, id), { force: true });
}

/** Takes the upload in, from the row on where an earlier run of this import stopped. Never rejects. */
export async function runImport(actor: ProductsActor, job: ImportDocument): Promise<void> {
  try {
    let now = job;
    for await (const batch of batches(actor, job)) {
      if (actor.importing?.stop) return;
      now = await takeNext(actor, now, batch);
    }
    await patiently(actor, () => endImport(actor, job.id, "done"));
  } catch (error) {
    if (actor.importing?.stop) return;
    actor.logger.warn(`Import ${job.id} failed: ${(error as Error).message}`);
    const known = endImport(actor, job.id, "failed", "The import ended early; what it took in stands.");
    await known.catch(() => undefined);
  }
}
