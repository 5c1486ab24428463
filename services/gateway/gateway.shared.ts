import { Recent } from "../../mixins/recent.ts";
import type { Published } from "./gateway.routes.ts";

/** Answers that are kept at once: some 40 kB each, with a page of products. */
const MOST = 256;

interface Surroundings {
  /** The actor runs in this process. */
  isHere(actor: string): boolean;
  now(): number;
}

/**
 * What many guests ask of another node at the same time is asked once: the calls and the answers' way through NATS cost more
 * than all else in a list. How old an answer may be is said by the contract (`sharedFor`).
 */
export class SharedReads {
  readonly #answers = new Recent<Promise<unknown>>(MOST);
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** The answer that is there or on its way already, else that of `call`. One that fails is shared with who waits, and not kept. */
  ask(
    { name, action: { sharedFor } }: Pick<Published, "name" | "action">,
    params: object,
    call: () => Promise<unknown>,
  ): Promise<unknown> {
    if (sharedFor === undefined || this.#around.isHere(actorOf(name))) return call();
    const key = `${name} ${JSON.stringify(params)}`;
    return this.#answers.remember(key, this.#around.now(), sharedFor, () => call().then(frozenRows));
  }
}

const actorOf = (action: string): string => action.slice(0, action.indexOf("."));

/** A frozen row's text is written once (`gateway.encode.ts`). */
function frozenRows(answer: unknown): unknown {
  const { data } = (answer ?? {}) as { data?: unknown };
  if (Array.isArray(data)) for (const row of data) Object.freeze(row);
  return answer;
}
