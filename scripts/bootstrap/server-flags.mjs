/**
 * How a store's Node runs. Young objects get 8 MB of room (4 MB made old objects of many, 16 MB were no faster), and the
 * old ones are collected when they have grown by two fifths: 190 MB instead of 205 MB after a load of checkouts.
 */
export const SERVER_FLAGS = ["--max-semi-space-size=8", "--heap-growing-percent=40"];

/** glibc would keep a pool of freed memory for each thread; every actor's file syncs in a thread, beside hashes of passwords. */
export const SERVER_ENV = { MALLOC_ARENA_MAX: "1", UV_THREADPOOL_SIZE: "8" };
