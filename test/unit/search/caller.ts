import type { Caller } from "../../../contract/implement.ts";
import type { Sources } from "../../integration/search/sources.ts";

type Answer = (request: { params: unknown }) => unknown;

/** Calls the stand-ins without a broker between; `told` hears each call's name and answer. */
export function callerOf(
  sources: Sources,
  told: (name: string, answer: unknown) => void,
): Pick<Caller, "call"> {
  const answers = new Map(
    sources.services.flatMap(({ name, actions }) =>
      Object.entries(actions ?? {}).map(([action, answer]) => [`${name}.${action}`, answer as Answer]),
    ),
  );
  const call = (name: string, params: unknown): Promise<unknown> => {
    const answer = (answers.get(name) as Answer)({ params });
    told(name, answer);
    return Promise.resolve(answer);
  };
  return { call } as Pick<Caller, "call">;
}
