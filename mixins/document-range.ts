import type { RangeQuery } from "./document-types.ts";

/** A node of the AVL trees that NeDB's indexes are. */
export interface Tree<T> {
  key?: unknown;
  data: T[];
  left: Tree<T> | null;
  right: Tree<T> | null;
}

/**
 * Walks an index in order from a bound on, as far as it is asked for. NeDB itself collects and copies everything behind a bound,
 * which makes a walk over n documents in pages cost n squared.
 */
export function* ordered<T>(tree: Tree<T> | undefined, query: Omit<RangeQuery, "limit">): Generator<T> {
  const { after, before, descending = false } = query;
  const path: Tree<T>[] = [];
  let node: Tree<T> | null | undefined = tree;
  const inside = (key: string): boolean =>
    (after === undefined || key > after) && (before === undefined || key < before);
  const skipped = (key: string): boolean =>
    descending ? before !== undefined && key >= before : after !== undefined && key <= after;
  while (node || path.length > 0) {
    while (node) {
      if (node.key === undefined || skipped(String(node.key))) node = descending ? node.left : node.right;
      else {
        path.push(node);
        node = descending ? node.right : node.left;
      }
    }
    const next = path.pop();
    if (!next) return;
    if (!inside(String(next.key))) return;
    yield* next.data;
    node = descending ? next.left : next.right;
  }
}
