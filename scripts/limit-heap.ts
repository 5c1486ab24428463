import { setFlagsFromString } from "node:v8";

/**
 * From now on old objects are collected when they have grown by two fifths. For a store that has started: on the command line this
 * flag makes Node refuse what it keeps compiled of its own modules, and a start takes an eighth longer.
 * https://nodejs.org/api/v8.html#v8setflagsfromstringflags
 */
export const limitHeap = (): void => setFlagsFromString("--heap-growing-percent=40");
