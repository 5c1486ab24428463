import type { ServiceSchema } from "moleculer";
import { implement } from "../../contract/implement.ts";
import type { Ctx } from "../../contract/implement.ts";
import { actorActions } from "../../contract/actor-actions.ts";
import { contracts, type ActionMap } from "../../services/contracts.ts";
import { refuse } from "../../contract/errors.ts";

export type Answers = {
  [N in keyof ActionMap & string]?: (ctx: Ctx<ActionMap[N]["params"]>) => unknown;
};

/**
 * Services that stand in for actors: real contracts, checked params, answers of the test's own. An action that the test
 * says nothing about refuses with 404 `NOT_STOOD_IN`.
 */
export function standIns(answers: Answers): ServiceSchema[] {
  const names = new Set(Object.keys(answers).map((name) => name.split(".")[0] as string));
  return [...names].map((actor) => standIn(actor as keyof typeof contracts, answers));
}

function standIn(actor: keyof typeof contracts, answers: Answers): ServiceSchema {
  const contract = contracts[actor];
  const handlerOf = (name: string) =>
    (answers as Record<string, unknown>)[`${actor}.${name}`] ??
    (() => {
      throw refuse(404, "NOT_STOOD_IN", "The test has no answer for this action.");
    });
  const actions = Object.fromEntries(Object.keys(contract.actions).map((name) => [name, handlerOf(name)]));
  const schema = implement(contract, { actions });
  const jobs = { queued: 0, pending: 0, parked: 0, oldestSeconds: 0 };
  const own = {
    jobs: { ...actorActions.jobs, visibility: "public", handler: () => jobs },
    parked: { ...actorActions.parked, visibility: "public", handler: () => ({ data: [] }) },
  };
  return { ...schema, actions: { ...own, ...(schema.actions as object) } } as unknown as ServiceSchema;
}
