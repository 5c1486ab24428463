import { createWriteStream } from "node:fs";
import { mkdir, open, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";
import type { Handler } from "../../contract/implement.ts";
import type { ImportDocument, ProductsActor } from "./products.actor.ts";
import type contract from "./products.contract.ts";
import { headerInvalid } from "./products.errors.ts";
import { headerFault } from "./products.import-row.ts";
import { endImport, runImport, uploadOf } from "./products.import-run.ts";
import { importOf } from "./products.view.ts";

/** An import that made no progress for this long has lost its node. */
const LOST_MS = 120_000;
const HEADER_BYTES = 64 << 10;

async function headerOf(path: string): Promise<string[]> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const parser = parse(buffer.subarray(0, bytesRead).toString("utf8"), {
      bom: true,
      to_line: 1,
      relax_column_count: true,
    });
    for await (const header of parser as AsyncIterable<string[]>) return header.map((name) => name.trim());
    return [];
  } catch {
    throw headerInvalid("The header row cannot be read.");
  } finally {
    await file.close();
  }
}

async function upload(path: string, body: Readable): Promise<string[]> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await pipeline(body, createWriteStream(path, { mode: 0o600, flush: true }));
  const columns = await headerOf(path);
  const fault = headerFault(columns);
  if (fault !== undefined) throw headerInvalid(fault);
  return columns;
}

/** Works on the import in the background. */
function begin(actor: ProductsActor, job: ImportDocument): void {
  const work = { id: job.id, stop: false, ended: Promise.resolve() };
  actor.importing = work;
  work.ended = runImport(actor, job).finally(() => {
    if (actor.importing === work) actor.importing = undefined;
  });
}

async function endLost(actor: ProductsActor): Promise<void> {
  const running = await actor.documents.imports.find("running", ["yes"]);
  for (const { id, updatedAt } of running)
    if (actor.importing?.id !== id && actor.clock.now() - Date.parse(updatedAt) > LOST_MS)
      await endImport(actor, id, "failed", "The node that worked on it was lost.");
}

/** Goes on with the import that a stop or a crash of this node left, if its upload is here. */
export async function resumeImport(actor: ProductsActor): Promise<void> {
  for (const job of await actor.documents.imports.find("running", ["yes"]))
    if (await stat(uploadOf(actor, job.id)).catch(() => undefined)) begin(actor, job);
}

export const startImport: Handler<typeof contract, "startImport", ProductsActor> = async function (ctx) {
  const id = this.newId();
  const path = uploadOf(this, id);
  try {
    await endLost(this);
    const columns = await upload(path, ctx.stream as Readable);
    const job = await this.documents.imports.insert({
      id,
      status: "running",
      dryRun: ctx.params.dryRun ?? false,
      rows: 0,
      created: 0,
      updated: 0,
      failed: 0,
      errors: [],
      startedAt: this.timestamp(),
      finishedAt: null,
      running: "yes",
      columns,
      by: ctx.meta.caller?.id ?? this.name,
    });
    begin(this, job);
    return importOf(job);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
};
