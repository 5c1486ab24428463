import { hash } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const zip = promisify(gzip);
const brotli = promisify(brotliCompress);

/** One written page in the encodings that were asked for. */
export class KeptPage {
  readonly etag: string;
  readonly #plain: Buffer;
  #br: Promise<Buffer> | undefined;
  #gzip: Promise<Buffer> | undefined;

  constructor(html: string) {
    this.#plain = Buffer.from(html);
    this.etag = hash("sha1", html, "base64url");
  }

  /** What it takes in memory, its encodings included. */
  get bytes(): number {
    return Math.ceil(this.#plain.length * 1.5);
  }

  body(encoding: "br" | "gzip" | undefined): Buffer | Promise<Buffer> {
    if (encoding === "br")
      return (this.#br ??= brotli(this.#plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }));
    return encoding === "gzip" ? (this.#gzip ??= zip(this.#plain)) : this.#plain;
  }
}

interface Kept {
  /** The answers that the page shows, as text: the page's version. */
  readonly version: string;
  readonly page: Promise<KeptPage>;
  bytes: number;
}

const MOST_BYTES = 8_388_608;

/** Written pages by address and preferences, the lately asked ones. A page stands as long as its answers are the same. */
export class KeptPages {
  readonly #pages = new Map<string, Kept>();
  #bytes = 0;

  /** The kept page, or the one that `write` makes: once, however many wait for it. */
  get(key: string, version: string, write: () => Promise<string>): Promise<KeptPage> {
    const kept = this.#pages.get(key);
    if (kept) this.#drop(key, kept);
    if (kept?.version === version) {
      this.#put(key, kept);
      return kept.page;
    }
    const page = write().then((html) => new KeptPage(html));
    const made: Kept = { version, page, bytes: version.length };
    this.#put(key, made);
    page.then(
      ({ bytes }) => this.#grow(key, made, bytes),
      () => this.#drop(key, made),
    );
    return page;
  }

  #put(key: string, kept: Kept): void {
    this.#pages.set(key, kept);
    this.#bytes += kept.bytes;
    for (const [oldest, other] of this.#pages) {
      if (this.#bytes <= MOST_BYTES || oldest === key) return;
      this.#drop(oldest, other);
    }
  }

  #grow(key: string, kept: Kept, bytes: number): void {
    if (this.#pages.get(key) !== kept) return;
    this.#drop(key, kept);
    kept.bytes += bytes;
    this.#put(key, kept);
  }

  #drop(key: string, kept: Kept): void {
    if (this.#pages.get(key) !== kept) return;
    this.#pages.delete(key);
    this.#bytes -= kept.bytes;
  }
}
