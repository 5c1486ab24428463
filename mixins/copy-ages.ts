/** How long a copy is taken for right where others write too: documents that a node keeps hot, and offers of another node. */

/** Milliseconds after it was read, and after a look at what was changed that did not find it. */
export const RIGHT_MS = 1000;
/**
 * Changes are looked for from so many milliseconds before the last look: they bear the time of the node that made them, which is
 * not this one's, and come a while after it.
 */
export const OVERLAP_MS = 10_000;
/** Milliseconds: then it is read anew in any case, for a look misses changes when clocks of nodes are far apart. */
export const LIFE_MS = 60_000;
