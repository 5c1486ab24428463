import type { Static, TSchema } from "typebox";
import type { Contracts } from "../../../services/contracts.ts";

type ActionsIn<C> = C extends { actions: infer A } ? A[keyof A] : never;
type Published<A> = A extends { rest: infer R extends string; params: infer P; returns: infer T }
  ? {
      route: R;
      params: P extends TSchema ? Static<P> : never;
      returns: T extends TSchema ? Static<T> : never;
    }
  : never;
type All = Published<ActionsIn<Contracts[keyof Contracts]>>;

/** Every route of the REST API with its params and its answer, read from the contracts; only types reach the browser. */
export type Routes = { [R in All as R["route"]]: R };
export type Route = keyof Routes;
export type Params<R extends Route> = Routes[R]["params"];
export type Answer<R extends Route> = Routes[R]["returns"];

/** The routes that answer with a page of a list. */
export type ListRoute = {
  [R in Route]: Answer<R> extends { data: unknown[]; page: { next: string | null } } ? R : never;
}[Route];
export type Item<R extends Route> = Answer<R> extends { data: (infer T)[] } ? T : never;
