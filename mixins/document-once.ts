import type { Meta } from "../contract/meta.ts";
import { callerOf, fingerprintOf } from "./fingerprint.ts";
import { KEY_KEPT_MS, keyReused } from "./idempotency.ts";
import type { Kept, Once } from "./document-types.ts";

export interface OnceContext {
  meta: Meta;
  params: unknown;
  action?: unknown;
}

/** The request's key with its caller, and the fingerprint of action and params; undefined when it has no key. */
export function onceOf({ meta, params, action }: OnceContext): Once | undefined {
  if (meta.idempotencyKey === undefined) return undefined;
  const name = (action as { name?: string } | undefined)?.name ?? "";
  return { key: `${callerOf(meta)}:${meta.idempotencyKey}`, hash: fingerprintOf(name, params) };
}

/** The `_keys` of a document after its write: those still in force, and the one of this write with its answer. */
export function keysAfter(
  kept: Kept["_keys"],
  now: number,
  once: Once | undefined,
  answer: object,
): Kept["_keys"] {
  const live = (kept ?? []).filter(({ at }) => now - at < KEY_KEPT_MS);
  if (once) live.push({ ...once, at: now, answer: JSON.stringify(answer) });
  return live.length > 0 ? live : undefined;
}

/** Puts the keys into a document, and beside them as the plain list that is indexed. */
export function putKeys(document: Kept, keys: Kept["_keys"]): void {
  if (!keys) return;
  document._keys = keys;
  document._keyed = keys.map(({ key }) => key);
}

/**
 * The stored answer of a key in the document that its first use wrote; undefined when the key is new or too old.
 * @throws 422 `IDEMPOTENCY_KEY_REUSED` when the first use had other params.
 */
export function storedAnswer(document: Kept | null, once: Once, now: number): string | undefined {
  const found = document?._keys?.find(({ key, at }) => key === once.key && now - at < KEY_KEPT_MS);
  if (!found) return undefined;
  if (found.hash === once.hash) return found.answer;
  throw keyReused();
}
