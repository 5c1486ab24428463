import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { isType } from "../../contract/errors.ts";
import type { Delivery } from "../../contract/actor-actions.ts";
import type { Ctx, Handler } from "../../contract/implement.ts";
import type { PictureDocument, ProductsActor } from "./products.actor.ts";
import type contract from "./products.contract.ts";
import { pictureNotFound, pictureRefused, pictureTooLarge, uploadTooLarge } from "./products.errors.ts";
import type * as files from "./products.picture-files.ts";
import { pictureOf } from "./products.view.ts";

/** sharp is loaded by the first upload: it would be a tenth of the time of every start. */
const imaging = (): Promise<typeof files> => import("./products.picture-files.ts");

/** Kept until the files are made of it. */
const originalOf = (hash: string): string => `${hash}.original`;

async function bytesOf(body: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw uploadTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Two uploads of the same bytes are one picture. */
async function keep(actor: ProductsActor, ctx: Ctx, hash: string, facts: files.Facts, bytes: number) {
  const id = actor.newId();
  const { urlOf } = await imaging();
  const draft = { id, hash, url: urlOf(hash), status: "waiting" as const, error: null, ...facts, bytes };
  return actor.documents.pictures.insert(draft, (log) => {
    log.publish("products.pictureUploaded", { id, hash });
    log.audit({
      action: "products.uploadPicture",
      entity: "picture",
      entityId: id,
      after: { url: draft.url, bytes, ...facts },
      meta: ctx.meta,
    });
  });
}

export const uploadPicture: Handler<typeof contract, "uploadPicture", ProductsActor> = async function (ctx) {
  const { factsOf, MAX_BYTES, MAX_PIXELS } = await imaging();
  const bytes = await bytesOf(ctx.stream as Readable, MAX_BYTES);
  const facts = await factsOf(bytes);
  if (!facts) throw pictureRefused();
  if (facts.width * facts.height > MAX_PIXELS) throw pictureTooLarge(MAX_PIXELS);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  const { pictures } = this.documents;
  const known = await pictures.getBy("hash", hash);
  if (known) return pictureOf(known);
  await this.blobs.put(originalOf(hash), bytes);
  try {
    return pictureOf(await keep(this, ctx, hash, facts, bytes.length));
  } catch (error) {
    const other = isType(error, "PICTURE_EXISTS") ? await pictures.getBy("hash", hash) : undefined;
    if (!other) throw error;
    return pictureOf(other);
  }
};

export const picture: Handler<typeof contract, "picture", ProductsActor> = async function ({ params }) {
  const document = await this.documents.pictures.get(params.id);
  if (!document) throw pictureNotFound();
  return pictureOf(document);
};

export const pictureFile: Handler<typeof contract, "pictureFile", ProductsActor> = async function ({
  params,
}) {
  const bytes = await this.blobs.get(params.file);
  if (!bytes) throw pictureNotFound();
  return Readable.from(Buffer.from(bytes), { objectMode: false });
};

async function makeFiles(actor: ProductsActor, { id, hash }: PictureDocument): Promise<void> {
  const original = await actor.blobs.get(originalOf(hash));
  if (!original) throw new Error("The uploaded file is gone.");
  const { fileOf, filesOf } = await imaging();
  for (const [width, bytes] of await filesOf(original)) await actor.blobs.put(fileOf(hash, width), bytes);
  await actor.documents.pictures.update(id, undefined, (now) => ({ ...now, status: "ready", error: null }));
}

async function fail(actor: ProductsActor, { id, error }: PictureDocument, message: string): Promise<void> {
  // A second write of the same words would keep the relay from counting its tries.
  if (error === message) return;
  await actor.documents.pictures.update(id, undefined, (now) => ({
    ...now,
    status: "failed",
    error: message,
  }));
}

/** The job of an upload. It is delivered again until it has gone well once, and parked after the last try. */
export function resizePicture(this: ProductsActor, { payload }: Delivery): Promise<void> {
  const { id } = payload as { id: string };
  // A delivery that comes again while the first still works waits for it.
  return this.resizing.take(id, async () => {
    const document = await this.documents.pictures.get(id);
    if (!document) return;
    try {
      if (document.status !== "ready") await makeFiles(this, document);
    } catch (error) {
      await fail(this, document, (error as Error).message.slice(0, 300));
      throw error;
    }
    await this.blobs.remove(originalOf(document.hash));
  });
}
